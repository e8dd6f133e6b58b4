//! Checksums: which kinds there are, and whether a text is one.
//!
//! Not here: computing them. The bytes are hashed where they pass.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;

/// How a checksum is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// SHA-1; what a checksum without an algorithm is.
    Sha1,
    /// MD5.
    Md5,
    /// SHA-256; what the server computes when nobody asked for another one.
    Sha256,
    /// SHA-512.
    Sha512,
}

impl Algorithm {
    /// All there are.
    pub const ALL: [Algorithm; 4] = [Algorithm::Sha1, Algorithm::Md5, Algorithm::Sha256, Algorithm::Sha512];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::Sha1 => "SHA1",
            Algorithm::Md5 => "MD5",
            Algorithm::Sha256 => "SHA256",
            Algorithm::Sha512 => "SHA512",
        }
    }

    /// How many hexadecimal digits its checksums have.
    pub fn n_digits(self) -> usize {
        match self {
            Algorithm::Sha1 => 40,
            Algorithm::Md5 => 32,
            Algorithm::Sha256 => 64,
            Algorithm::Sha512 => 128,
        }
    }
}

/// Checksums of the same bytes, in small letters.
pub type Digests = BTreeMap<Algorithm, String>;

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// How it is computed.
    pub algorithm: Algorithm,
    /// Hexadecimal digits, in small letters.
    pub hex: String,
}

/// A checksum as a client announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncedChecksum {
    /// The name of the algorithm; unset means SHA1.
    pub algorithm: Option<String>,
    /// The digits, in any letters.
    pub text: String,
}

impl AnnouncedChecksum {
    pub(super) fn check(&self) -> Result<Checksum, Refusal> {
        let name = self.algorithm.as_deref().unwrap_or("SHA1");
        let Some(algorithm) = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name) else {
            return Err(Refusal::unknown_algorithm(name));
        };
        let hex = self.text.trim().to_ascii_lowercase();
        if hex.len() != algorithm.n_digits() || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
            let other = Algorithm::ALL.into_iter().find(|other| other.n_digits() == hex.len());
            return Err(Refusal::no_checksum(algorithm, hex.len(), other));
        }
        Ok(Checksum { algorithm, hex })
    }
}

/// The checksum to show: of the kind that was asked for, else the strongest there is.
pub(super) fn shown(digests: &Digests, wanted: Option<Algorithm>) -> Option<Checksum> {
    let strongest = [Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha1, Algorithm::Md5];
    wanted
        .into_iter()
        .chain(strongest)
        .find_map(|algorithm| digests.get(&algorithm).map(|hex| Checksum { algorithm, hex: hex.clone() }))
}
