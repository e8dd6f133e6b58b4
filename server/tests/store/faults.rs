//! Stores and blobs that fail when they are told to.

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};

use contentlibd::domain::ids::BlobId;
use contentlibd::domain::{Key, Records};
use contentlibd::store::blobs::{BlobReader, BlobWriter, Blobs, FileBlobs};
use contentlibd::store::{Fault, FaultKind, Found, Guard, Snapshot, Store};

/// What goes wrong next, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StoreFault {
    LookUp(FaultKind),
    /// Nothing is kept.
    Commit(FaultKind),
    /// All is kept, and it is said that it was not.
    AfterCommit(FaultKind),
    Snapshot(FaultKind),
}

/// A store that fails when it is told to.
pub(crate) struct FaultyStore {
    inner: Arc<dyn Store>,
    next: Mutex<Vec<StoreFault>>,
    pub(crate) n_commits: Mutex<usize>,
}

impl FaultyStore {
    pub(crate) fn new(inner: Arc<dyn Store>) -> FaultyStore {
        FaultyStore { inner, next: Mutex::default(), n_commits: Mutex::default() }
    }

    pub(crate) fn fail_next(&self, fault: StoreFault) {
        self.next.lock().expect("no panic").push(fault);
    }

    /// Fails if this is what was to fail next.
    fn meet(&self, which: impl Fn(StoreFault) -> Option<FaultKind>) -> Result<(), Fault> {
        let mut next = self.next.lock().expect("no panic");
        let Some(place) = next.iter().position(|fault| which(*fault).is_some()) else { return Ok(()) };
        let fault = next.remove(place);
        which(fault).map_or(Ok(()), |kind| Err(Fault::new(kind, format!("told to fail: {fault:?}"))))
    }
}

impl Store for FaultyStore {
    fn is_sole_writer(&self) -> bool {
        self.inner.is_sole_writer()
    }

    fn look_up(&self, key: &Key) -> Result<Found, Fault> {
        self.meet(|fault| if let StoreFault::LookUp(kind) = fault { Some(kind) } else { None })?;
        self.inner.look_up(key)
    }

    fn commit(&self, seen: &[Guard], changes: &Records) -> Result<(), Fault> {
        self.meet(|fault| if let StoreFault::Commit(kind) = fault { Some(kind) } else { None })?;
        *self.n_commits.lock().expect("no panic") += 1;
        self.inner.commit(seen, changes)?;
        self.meet(|fault| if let StoreFault::AfterCommit(kind) = fault { Some(kind) } else { None })
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Fault> {
        self.meet(|fault| if let StoreFault::Snapshot(kind) = fault { Some(kind) } else { None })?;
        self.inner.snapshot()
    }
}

/// What goes wrong with the next write, once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WriteFault {
    /// Nothing is written.
    Full,
    /// Half is written.
    Short,
    /// Bytes are written and do not become durable.
    Sync,
}

/// Blobs that fail when they are told to.
pub(crate) struct FaultyBlobs {
    inner: FileBlobs,
    next: Arc<Mutex<Option<WriteFault>>>,
}

impl FaultyBlobs {
    pub(crate) fn new(inner: FileBlobs) -> FaultyBlobs {
        FaultyBlobs { inner, next: Arc::default() }
    }

    pub(crate) fn fail_next(&self, fault: WriteFault) {
        *self.next.lock().expect("no panic") = Some(fault);
    }
}

struct FaultyWriter {
    inner: Box<dyn BlobWriter>,
    next: Arc<Mutex<Option<WriteFault>>>,
}

impl FaultyWriter {
    fn meet(&self, faults: &[WriteFault]) -> Option<WriteFault> {
        let mut next = self.next.lock().expect("no panic");
        let fault = next.filter(|fault| faults.contains(fault));
        if fault.is_some() {
            *next = None;
        }
        fault
    }
}

impl BlobWriter for FaultyWriter {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.meet(&[WriteFault::Full, WriteFault::Short]) {
            None => self.inner.append(bytes),
            Some(fault) => {
                if fault == WriteFault::Short {
                    self.inner.append(&bytes[..bytes.len() / 2])?;
                }
                Err(io::Error::new(ErrorKind::StorageFull, "told to fail"))
            }
        }
    }

    fn sync(&mut self) -> io::Result<u64> {
        match self.meet(&[WriteFault::Sync]) {
            None => self.inner.sync(),
            Some(_) => Err(io::Error::other("told to fail")),
        }
    }
}

impl Blobs for FaultyBlobs {
    fn write(&self, blob: &BlobId, offset: u64) -> io::Result<Box<dyn BlobWriter>> {
        let inner = self.inner.write(blob, offset)?;
        Ok(Box::new(FaultyWriter { inner, next: Arc::clone(&self.next) }))
    }

    fn read(&self, blob: &BlobId, offset: u64) -> io::Result<BlobReader> {
        self.inner.read(blob, offset)
    }

    fn copy(&self, from: &BlobId, to: &BlobId) -> io::Result<u64> {
        self.inner.copy(from, to)
    }

    fn erase(&self, blobs: &[BlobId]) -> io::Result<()> {
        self.inner.erase(blobs)
    }

    fn list(&self) -> io::Result<Vec<BlobId>> {
        self.inner.list()
    }
}
