//! What the manifest of a package says that its files hash to, as far as it can be used here.
//!
//! In: lines such as `SHA256(disk.vmdk)= 9f86...`. Out: a checksum for each file, the strongest there is. A line that says
//! something else is passed over: whether a manifest is right is for the server, which reads it too.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use vapi::content::library::item::file::ChecksumAlgorithm;

use crate::checksum::Checksum;

/// More than this is no manifest.
const BYTES_MAX: u64 = 8 << 20;

/// The checksums in this file, by the names of the files they are of.
pub(crate) fn read(path: &Path) -> io::Result<BTreeMap<String, Checksum>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BYTES_MAX).read_to_end(&mut bytes)?;
    Ok(checksums_in(&String::from_utf8_lossy(&bytes)))
}

fn checksums_in(text: &str) -> BTreeMap<String, Checksum> {
    let mut found: BTreeMap<String, Checksum> = BTreeMap::new();
    for (name, checksum) in text.lines().filter_map(entry) {
        match found.get(&name) {
            Some(other) if strength(&other.algorithm) >= strength(&checksum.algorithm) => {}
            _ => drop(found.insert(name, checksum)),
        }
    }
    found
}

fn entry(line: &str) -> Option<(String, Checksum)> {
    let (algorithm, rest) = line.trim().split_once('(')?;
    // A name may have brackets too.
    let (name, hex) = rest.rsplit_once(')')?;
    let hex = hex.trim_start().strip_prefix('=')?.trim();
    let algorithm = match algorithm.trim().to_ascii_uppercase().replace('-', "").as_str() {
        "SHA1" => ChecksumAlgorithm::Sha1,
        "SHA256" => ChecksumAlgorithm::Sha256,
        "SHA512" => ChecksumAlgorithm::Sha512,
        "MD5" => ChecksumAlgorithm::Md5,
        _ => return None,
    };
    let is_digest = hex.len() == n_digits(&algorithm) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| (name.to_owned(), Checksum::new(algorithm, hex.to_ascii_lowercase())))
}

fn n_digits(algorithm: &ChecksumAlgorithm) -> usize {
    match algorithm {
        ChecksumAlgorithm::Md5 => 32,
        ChecksumAlgorithm::Sha1 => 40,
        ChecksumAlgorithm::Sha512 => 128,
        _ => 64,
    }
}

/// Stronger ones have longer digests.
fn strength(algorithm: &ChecksumAlgorithm) -> usize {
    n_digits(algorithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_of_what_can_be_read_counts() {
        let (weak, strong) = ("A".repeat(40), "b".repeat(64));
        let text = format!(
            "SHA1(a disk (1).vmdk)= {weak}\nsha-256 (a disk (1).vmdk) ={strong}\r\nMD5(a disk (1).vmdk)= {}\n\
             SHA1(other.vmdk)= {weak}\nSHA256(short.vmdk)= {weak}\nSHA3(new.vmdk)= {strong}\nwords\n",
            "c".repeat(32)
        );
        let found = checksums_in(&text);
        let expected = [
            ("a disk (1).vmdk".to_owned(), Checksum::new(ChecksumAlgorithm::Sha256, strong)),
            ("other.vmdk".to_owned(), Checksum::new(ChecksumAlgorithm::Sha1, weak.to_lowercase())),
        ];
        assert_eq!(found, BTreeMap::from(expected));
    }
}
