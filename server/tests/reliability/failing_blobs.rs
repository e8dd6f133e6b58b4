//! Blobs on a disk that fails when it is told to: full at some byte, a write that stops in the middle, a sync, an open.

use std::io;
use std::sync::{Arc, Mutex};

use contentlibd::domain::ids::BlobId;
use contentlibd::store::blobs::{BlobReader, BlobWriter, Blobs};

/// What befalls the disk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fault {
    /// A blob is not opened for writing.
    Open,
    /// A blob gets no byte from this one on.
    FullAt(u64),
    /// Half of what is to be written is, and then nothing.
    Short,
    /// What is written is not made durable.
    Sync,
    /// A blob is not read.
    Read,
    /// A blob is not copied, for lack of room.
    Copy,
}

/// What befalls the disk now, and how often something did.
#[derive(Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<(Option<Fault>, usize)>>);

impl Faults {
    pub(crate) fn begin(&self, fault: Fault) {
        *self.0.lock().unwrap() = (Some(fault), 0);
    }

    /// The disk is well again. Nothing was shown if it never failed.
    #[track_caller]
    pub(crate) fn end(&self) {
        let (fault, n_met) = std::mem::take(&mut *self.0.lock().unwrap());
        assert!(n_met > 0, "nobody met {fault:?}");
    }

    pub(crate) fn over(&self, blobs: Arc<dyn Blobs>) -> Arc<dyn Blobs> {
        Arc::new(FailingBlobs { blobs, faults: self.clone() })
    }

    fn fault(&self) -> Option<Fault> {
        self.0.lock().unwrap().0
    }

    fn met(&self, kind: io::ErrorKind) -> io::Error {
        self.0.lock().unwrap().1 += 1;
        io::Error::new(kind, "the disk of a test")
    }

    fn check(&self, fault: Fault, kind: io::ErrorKind) -> io::Result<()> {
        if self.fault() == Some(fault) { Err(self.met(kind)) } else { Ok(()) }
    }
}

struct FailingBlobs {
    blobs: Arc<dyn Blobs>,
    faults: Faults,
}

impl Blobs for FailingBlobs {
    fn write(&self, blob: &BlobId, offset: u64) -> io::Result<Box<dyn BlobWriter>> {
        self.faults.check(Fault::Open, io::ErrorKind::PermissionDenied)?;
        let writer = self.blobs.write(blob, offset)?;
        Ok(Box::new(FailingWriter { writer, size: offset, faults: self.faults.clone() }))
    }

    fn read(&self, blob: &BlobId, offset: u64) -> io::Result<BlobReader> {
        self.faults.check(Fault::Read, io::ErrorKind::Other)?;
        self.blobs.read(blob, offset)
    }

    fn copy(&self, from: &BlobId, to: &BlobId) -> io::Result<u64> {
        self.faults.check(Fault::Copy, io::ErrorKind::StorageFull)?;
        self.blobs.copy(from, to)
    }

    fn erase(&self, blobs: &[BlobId]) -> io::Result<()> {
        self.blobs.erase(blobs)
    }

    fn list(&self) -> io::Result<Vec<BlobId>> {
        self.blobs.list()
    }
}

struct FailingWriter {
    writer: Box<dyn BlobWriter>,
    size: u64,
    faults: Faults,
}

impl BlobWriter for FailingWriter {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let n_taken = match self.faults.fault() {
            Some(Fault::FullAt(n_bytes)) => (n_bytes.saturating_sub(self.size) as usize).min(bytes.len()),
            Some(Fault::Short) => bytes.len() / 2,
            _ => bytes.len(),
        };
        self.writer.append(&bytes[..n_taken])?;
        self.size += n_taken as u64;
        match self.faults.fault() {
            _ if n_taken == bytes.len() => Ok(()),
            Some(Fault::Short) => Err(self.faults.met(io::ErrorKind::WriteZero)),
            _ => Err(self.faults.met(io::ErrorKind::StorageFull)),
        }
    }

    fn sync(&mut self) -> io::Result<u64> {
        self.faults.check(Fault::Sync, io::ErrorKind::Other)?;
        self.writer.sync()
    }
}
