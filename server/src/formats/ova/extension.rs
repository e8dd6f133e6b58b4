//! What stands before a member's own header: names and sizes that do not fit into it.
//!
//! Read are GNU's long names and the records of pax. A sparse file of pax is refused: its bytes are not the file's.

use super::Fault;

/// Which kind of extension.
#[derive(Clone, Copy)]
pub(super) enum Extension {
    /// GNU: the name, ended by a zero.
    LongName,
    /// Records such as `23 path=a-long-name.ovf`.
    Pax,
    /// Nothing that would matter.
    PassedOver,
}

/// What an extension says of the next member.
#[derive(Default)]
pub(super) struct Said {
    pub(super) path: Option<String>,
    pub(super) size: Option<u64>,
}

pub(super) fn read(kind: Extension, text: &[u8]) -> Result<Said, Fault> {
    match kind {
        Extension::PassedOver => Ok(Said::default()),
        Extension::LongName => {
            let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
            Ok(Said { path: Some(utf_8(&text[..end])?), size: None })
        }
        Extension::Pax => pax(text),
    }
}

fn pax(mut text: &[u8]) -> Result<Said, Fault> {
    let mut said = Said::default();
    while !text.is_empty() {
        let (key, value, rest) =
            record(text).ok_or_else(|| Fault::new("a record of a pax header is broken"))?;
        match key {
            b"path" => said.path = Some(utf_8(value)?),
            b"size" => said.size = Some(size(value)?),
            key if key.starts_with(b"GNU.sparse.") => {
                return Err(Fault::new("there is a sparse file in the archive; pack it without `--sparse`"));
            }
            _ => {}
        }
        text = rest;
    }
    Ok(said)
}

/// The first record: its length in bytes with all of itself, a blank, the key, `=`, the value, a line end.
fn record(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let blank = text.iter().take(10).position(|&byte| byte == b' ')?;
    let length: usize = std::str::from_utf8(&text[..blank]).ok()?.parse().ok()?;
    let body = text.get(blank + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|&byte| byte == b'=')?;
    Some((&body[..equals], &body[equals + 1..], &text[length..]))
}

fn size(value: &[u8]) -> Result<u64, Fault> {
    let digits =
        std::str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let size = digits.and_then(|digits| digits.parse::<i64>().ok());
    size.and_then(|size| u64::try_from(size).ok())
        .ok_or_else(|| Fault::new("the size of a file is no number"))
}

fn utf_8(bytes: &[u8]) -> Result<String, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|_| Fault::new("the name of a file is not in UTF-8"))?;
    Ok(text.to_owned())
}
