//! Manifests: what the files of a virtual machine hash to.
//!
//! In: lines such as `SHA256(disk.vmdk)= 9f86...`, as `openssl dgst` writes them. Out: an entry for each.
//! [`digest_line`] reads one; the first line of a certificate has the same shape.

use std::collections::HashMap;
use std::io::Read;

use super::source::{Bounds, Source};
use crate::domain::checksum::{Algorithm, Checksum};
use crate::domain::content::ManifestEntry;
use crate::domain::names::fault_of_file_name;

/// A line has a name of 255 bytes and a hash at most; spaces are free.
const BOUNDS: Bounds = Bounds { text_bytes_max: 8 << 20, piece_bytes_max: 4 << 10 };
const ENTRIES_MAX: usize = 20_000;

/// Reads what files must hash to.
pub(super) fn read(reader: &mut dyn Read) -> Result<Vec<ManifestEntry>, String> {
    let mut source = Source::new(reader, BOUNDS);
    let mut entries: Vec<ManifestEntry> = Vec::new();
    let mut known: HashMap<(Algorithm, String), usize> = HashMap::new();
    let mut line = Vec::new();
    loop {
        let number = source.line();
        let at_line = |what: String| format!("line {number}: {what}");
        if !source.read_line(&mut line).map_err(|error| at_line(error.to_string()))? {
            break;
        }
        let text = std::str::from_utf8(&line).map_err(|_| at_line("it is not in UTF-8".to_owned()))?;
        if text.trim().is_empty() {
            continue;
        }
        let entry = entry(text).map_err(at_line)?;
        let place = known.entry((entry.checksum.algorithm, entry.name.clone()));
        let entry_idx = *place.or_insert(entries.len());
        match entries.get(entry_idx) {
            Some(before) if before.checksum.hex != entry.checksum.hex => {
                return Err(at_line(format!("{} is there twice, with different checksums", entry.name)));
            }
            Some(_) => {}
            None if entries.len() == ENTRIES_MAX => {
                return Err(at_line(format!("it speaks of more than {ENTRIES_MAX} files")));
            }
            None => entries.push(entry),
        }
    }
    match entries.is_empty() {
        true => Err("there is no checksum in it".to_owned()),
        false => Ok(entries),
    }
}

fn entry(line: &str) -> Result<ManifestEntry, String> {
    let DigestLine { algorithm, name, hex } = digest_line(line)?;
    let n_digits = algorithm.n_digits();
    if hex.len() != n_digits {
        let n_found = hex.len();
        return Err(format!("a {} checksum has {n_digits} digits, this one has {n_found}", algorithm.name()));
    }
    Ok(ManifestEntry { name: name.to_owned(), checksum: Checksum { algorithm, hex } })
}

/// A line that says a number about a file.
pub(super) struct DigestLine<'l> {
    pub(super) algorithm: Algorithm,
    pub(super) name: &'l str,
    /// In small letters.
    pub(super) hex: String,
}

/// Reads `SHA256(name)= hex`. Names may have parentheses and equals signs in them.
pub(super) fn digest_line(line: &str) -> Result<DigestLine<'_>, String> {
    let shape = || "this is not of the form `SHA256(name)= checksum`".to_owned();
    let (algorithm, rest) = line.split_once('(').ok_or_else(shape)?;
    let (name, rest) = rest.rsplit_once(')').ok_or_else(shape)?;
    let hex = rest.trim_start().strip_prefix('=').ok_or_else(shape)?.trim().to_ascii_lowercase();
    let spelled: String = algorithm.trim().chars().filter(|&c| c != '-').take(16).collect();
    let known = Algorithm::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(&spelled));
    let algorithm = known
        .ok_or_else(|| format!("the algorithm {spelled:?} is not known; use SHA256, SHA512, SHA1 or MD5"))?;
    if let Some(fault) = fault_of_file_name(name) {
        let shown: String = name.chars().take(64).collect();
        return Err(format!("the name of the file {shown:?}: {fault}"));
    }
    if hex.is_empty() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("what follows the `=` is not hexadecimal".to_owned());
    }
    Ok(DigestLine { algorithm, name, hex })
}
