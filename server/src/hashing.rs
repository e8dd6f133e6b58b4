//! Hashing bytes as they pass, with several algorithms at once.

use std::collections::BTreeSet;
use std::io::{self, Read};

use sha2::Digest as _;

use crate::domain::checksum::{Algorithm, Digests};

/// Bytes between two looks at a file that is hashed again.
const CHUNK_BYTES: usize = 1 << 20;

/// The state of hashing some bytes.
pub struct Hasher(Vec<One>);

enum One {
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
    Sha256(sha2::Sha256),
    Sha512(sha2::Sha512),
}

impl Hasher {
    /// Hashes with these algorithms.
    pub fn new(algorithms: &BTreeSet<Algorithm>) -> Hasher {
        let begin = |algorithm: &Algorithm| match algorithm {
            Algorithm::Sha1 => One::Sha1(sha1::Sha1::new()),
            Algorithm::Md5 => One::Md5(md5::Md5::new()),
            Algorithm::Sha256 => One::Sha256(sha2::Sha256::new()),
            Algorithm::Sha512 => One::Sha512(sha2::Sha512::new()),
        };
        Hasher(algorithms.iter().map(begin).collect())
    }

    /// More bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for one in &mut self.0 {
            match one {
                One::Sha1(hash) => hash.update(bytes),
                One::Md5(hash) => hash.update(bytes),
                One::Sha256(hash) => hash.update(bytes),
                One::Sha512(hash) => hash.update(bytes),
            }
        }
    }

    /// So many bytes of a reader, as when a transfer goes on where an earlier one broke off. An error if there are fewer.
    pub fn update_from(&mut self, bytes: &mut dyn Read, n_bytes: u64) -> io::Result<()> {
        let mut chunk = vec![0; CHUNK_BYTES];
        let mut n_left = n_bytes;
        while n_left > 0 {
            let n_wanted = usize::try_from(n_left).unwrap_or(usize::MAX).min(CHUNK_BYTES);
            bytes.read_exact(&mut chunk[..n_wanted])?;
            self.update(&chunk[..n_wanted]);
            n_left -= n_wanted as u64;
        }
        Ok(())
    }

    /// What all of it hashes to.
    pub fn finish(self) -> Digests {
        let end = |one| match one {
            One::Sha1(hash) => (Algorithm::Sha1, hex(&hash.finalize())),
            One::Md5(hash) => (Algorithm::Md5, hex(&hash.finalize())),
            One::Sha256(hash) => (Algorithm::Sha256, hex(&hash.finalize())),
            One::Sha512(hash) => (Algorithm::Sha512, hex(&hash.finalize())),
        };
        self.0.into_iter().map(end).collect()
    }
}

/// Bytes as hexadecimal digits, in small letters.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits =
        bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of RFC 1321 and FIPS 180.
    const OF_ABC: [(Algorithm, &str); 4] = [
        (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
        (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Algorithm::Sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ];

    #[test]
    fn known_hashes() {
        let mut hasher = Hasher::new(&Algorithm::ALL.into_iter().collect());
        hasher.update(b"a");
        hasher.update_from(&mut &b"bcd"[..], 2).unwrap();
        let expected: Digests =
            OF_ABC.into_iter().map(|(algorithm, hex)| (algorithm, hex.to_owned())).collect();
        assert_eq!(hasher.finish(), expected);
    }

    #[test]
    fn long_readers_are_read_to_the_end() {
        let bytes: Vec<u8> = (0..2 * CHUNK_BYTES + 7).map(|n| (n % 251) as u8).collect();
        let algorithms = [Algorithm::Sha256].into();
        let (mut at_once, mut in_chunks) = (Hasher::new(&algorithms), Hasher::new(&algorithms));
        at_once.update(&bytes);
        in_chunks.update_from(&mut bytes.as_slice(), bytes.len() as u64).unwrap();
        assert_eq!(at_once.finish(), in_chunks.finish());
    }

    #[test]
    fn too_few_bytes_are_an_error() {
        let mut hasher = Hasher::new(&BTreeSet::new());
        assert!(hasher.update_from(&mut &b"ab"[..], 3).is_err());
    }
}
