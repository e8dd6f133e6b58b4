//! Disks that tests need: one that is full soon, and one that takes any number of zeros.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::sync::{Arc, Mutex};

use contentlibd::domain::ids::BlobId;
use contentlibd::store::blobs::{BlobReader, BlobWriter, Blobs};

/// Keeps how many bytes each blob has, and no bytes: whatever is written has to be zeros.
#[derive(Clone)]
pub(crate) struct Zeros {
    sizes: Arc<Mutex<BTreeMap<BlobId, u64>>>,
    /// How many bytes all of them may have.
    n_bytes_max: u64,
}

impl Zeros {
    pub(crate) fn without_end() -> Zeros {
        Zeros::up_to(u64::MAX)
    }

    /// A disk that has no room for more.
    pub(crate) fn up_to(n_bytes_max: u64) -> Zeros {
        Zeros { sizes: Arc::default(), n_bytes_max }
    }

    pub(crate) fn n_bytes(&self) -> u64 {
        self.sizes.lock().unwrap().values().sum()
    }
}

impl Blobs for Zeros {
    fn write(&self, blob: &BlobId, offset: u64) -> io::Result<Box<dyn BlobWriter>> {
        self.sizes.lock().unwrap().insert(blob.clone(), offset);
        Ok(Box::new(Writer { blobs: self.clone(), blob: blob.clone() }))
    }

    fn read(&self, blob: &BlobId, offset: u64) -> io::Result<BlobReader> {
        let size = self.sizes.lock().unwrap().get(blob).copied().ok_or(io::ErrorKind::NotFound)?;
        Ok(BlobReader { bytes: Box::new(io::repeat(0).take(size - offset)), size })
    }

    fn copy(&self, from: &BlobId, to: &BlobId) -> io::Result<u64> {
        let size = self.read(from, 0)?.size;
        self.sizes.lock().unwrap().insert(to.clone(), size);
        Ok(size)
    }

    fn erase(&self, blobs: &[BlobId]) -> io::Result<()> {
        self.sizes.lock().unwrap().retain(|blob, _| !blobs.contains(blob));
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<BlobId>> {
        Ok(self.sizes.lock().unwrap().keys().cloned().collect())
    }
}

struct Writer {
    blobs: Zeros,
    blob: BlobId,
}

impl BlobWriter for Writer {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let n_bytes = bytes.len() as u64;
        if self.blobs.n_bytes() + n_bytes > self.blobs.n_bytes_max {
            return Err(io::ErrorKind::StorageFull.into());
        }
        *self.blobs.sizes.lock().unwrap().entry(self.blob.clone()).or_default() += n_bytes;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<u64> {
        Ok(self.blobs.sizes.lock().unwrap()[&self.blob])
    }
}
