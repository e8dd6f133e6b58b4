//! Checksums of files: how they are written, and the one pass over bytes that finds them.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Sha256, Sha512};
use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};

/// Bytes that are read at once.
pub(crate) const CHUNK_BYTES: usize = 256 << 10;

/// What the bytes of a file hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// By which algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// The digest, in hexadecimal digits.
    pub hex: String,
}

impl Checksum {
    /// A digest by this algorithm, in hexadecimal digits.
    #[must_use]
    pub fn new(algorithm: ChecksumAlgorithm, hex: impl Into<String>) -> Checksum {
        Checksum { algorithm, hex: hex.into() }
    }
}

/// When an upload finds out what a file hashes to that nobody has said it of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checksums {
    /// Before it is sent: the file is read twice, and the server is told what has to come. Wrong bytes are never ready,
    /// whatever the server does by itself.
    #[default]
    Before,
    /// While it is sent: the file is read once, and compared with what the server found before the session is completed. For
    /// servers that say by themselves what files hash to, as contentlibd does.
    Meanwhile,
}

impl From<&ChecksumInfo> for Checksum {
    /// Unset, the algorithm is SHA-1.
    fn from(info: &ChecksumInfo) -> Checksum {
        Checksum::new(info.algorithm.clone().unwrap_or(ChecksumAlgorithm::Sha1), info.checksum.as_str())
    }
}

impl From<&Checksum> for ChecksumInfo {
    fn from(checksum: &Checksum) -> ChecksumInfo {
        ChecksumInfo::new(checksum.hex.as_str()).algorithm(checksum.algorithm.clone())
    }
}

/// Takes bytes and gives their digest.
pub(crate) struct Hasher(Box<dyn DynDigest + Send>);

impl Hasher {
    /// `None` for an algorithm that is not known here.
    pub(crate) fn new(algorithm: &ChecksumAlgorithm) -> Option<Hasher> {
        Some(Hasher(match algorithm {
            ChecksumAlgorithm::Sha1 => Box::new(Sha1::default()),
            ChecksumAlgorithm::Md5 => Box::new(Md5::default()),
            ChecksumAlgorithm::Sha256 => Box::new(Sha256::default()),
            ChecksumAlgorithm::Sha512 => Box::new(Sha512::default()),
            _ => return None,
        }))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// What came before does not count any more.
    pub(crate) fn restart(&mut self) {
        self.0.reset();
    }

    /// The digest, in hexadecimal digits.
    pub(crate) fn finish(mut self) -> String {
        self.take()
    }

    /// The same, and begins anew.
    fn take(&mut self) -> String {
        self.0.finalize_reset().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The SHA-256 of a file that is read from its beginning, now and then once more from before where it broke off.
#[derive(Clone)]
pub(crate) struct Meanwhile(Arc<Mutex<(Hasher, u64)>>);

impl Meanwhile {
    pub(crate) fn new() -> Meanwhile {
        Meanwhile(Arc::new(Mutex::new((Hasher(Box::new(Sha256::default())), 0))))
    }

    /// These bytes of it were read, which begin there.
    pub(crate) fn read(&self, offset: u64, bytes: &[u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hasher, n_hashed) = &mut *state;
        // What was hashed before is not hashed again.
        let n_known = usize::try_from(n_hashed.saturating_sub(offset)).unwrap_or(usize::MAX);
        if let Some(fresh) = bytes.get(n_known..) {
            hasher.update(fresh);
            *n_hashed += fresh.len() as u64;
        }
    }

    /// The checksum, if all of so many bytes were read.
    pub(crate) fn of(&self, n_bytes: u64) -> Option<Checksum> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (hasher, n_hashed) = &mut *state;
        (*n_hashed == n_bytes).then(|| Checksum::new(ChecksumAlgorithm::Sha256, hasher.take()))
    }
}

/// What all that comes hashes to; `seen` is told how much that is so far. `None` for an algorithm that is not known here.
pub(crate) fn checksum_of(
    reader: &mut impl Read,
    algorithm: &ChecksumAlgorithm,
    mut seen: impl FnMut(u64),
) -> io::Result<Option<Checksum>> {
    let Some(mut digest) = Hasher::new(algorithm) else { return Ok(None) };
    let mut n_bytes = 0;
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n_read = reader.read(&mut chunk)?;
        if n_read == 0 {
            return Ok(Some(Checksum::new(algorithm.clone(), digest.finish())));
        }
        digest.update(&chunk[..n_read]);
        n_bytes += n_read as u64;
        seen(n_bytes);
    }
}
