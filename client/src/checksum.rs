//! Checksums of files: how they are written, and the one pass over bytes that finds them.

use std::io::{self, Read};

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
    pub(crate) fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The SHA-256 of all that comes; `seen` is told how much that is so far.
pub(crate) fn sha256_of(reader: &mut impl Read, mut seen: impl FnMut(u64)) -> io::Result<Checksum> {
    let (mut digest, mut n_bytes) = (Hasher(Box::new(Sha256::default())), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n_read = reader.read(&mut chunk)?;
        if n_read == 0 {
            return Ok(Checksum::new(ChecksumAlgorithm::Sha256, digest.finish()));
        }
        digest.update(&chunk[..n_read]);
        n_bytes += n_read as u64;
        seen(n_bytes);
    }
}
