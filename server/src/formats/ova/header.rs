//! One header of a tar: what the next member is called, what it is, how long it is.
//!
//! Read are the old format, ustar and GNU's; they differ where a long path goes.

use super::extension::Extension;

/// Tar is made of such blocks.
pub(super) const BLOCK_BYTES: usize = 512;

/// What a header says.
pub(super) struct Header {
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) kind: Kind,
}

/// What a header stands before.
pub(super) enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// Something about the next member.
    Extension(Extension),
    /// What an archive may not have.
    Other(&'static str),
}

impl Header {
    /// Reads a block that is not empty.
    pub(super) fn read(block: &[u8]) -> Result<Header, String> {
        check_sum(block)?;
        let kind = match block[156] {
            // A contiguous file is a file to whoever knows no other.
            0 | b'0' | b'7' => Kind::File,
            b'1' => Kind::Other("a link"),
            b'2' => Kind::Other("a symbolic link"),
            b'3' | b'4' => Kind::Other("a device"),
            b'5' => Kind::Folder,
            b'6' => Kind::Other("a pipe"),
            b'L' => Kind::Extension(Extension::LongName),
            b'x' => Kind::Extension(Extension::Pax),
            // Of a link's target and of comments on the whole archive nothing follows for a file.
            b'K' | b'g' => Kind::Extension(Extension::PassedOver),
            b'S' => Kind::Other("a sparse file"),
            _ => Kind::Other("of an unknown kind"),
        };
        let name = text(&block[..100])?;
        let is_ustar = &block[257..263] == b"ustar\0";
        let prefix = if is_ustar { text(&block[345..500])? } else { "" };
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}/{name}") };
        Ok(Header { path, size: size(&block[124..136])?, kind })
    }
}

/// The sum of all bytes, its own field counted as blanks; old programs summed signed ones.
fn check_sum(block: &[u8]) -> Result<(), String> {
    let field = &block[148..156];
    let expected = octal(field).ok_or("there is no header where one is due")?;
    let counted =
        block.iter().enumerate().map(|(idx, &byte)| if (148..156).contains(&idx) { b' ' } else { byte });
    let (unsigned, signed) =
        counted.fold((0_i64, 0_i64), |(u, s), byte| (u + i64::from(byte), s + i64::from(byte.cast_signed())));
    match i64::try_from(expected).is_ok_and(|sum| sum == unsigned || sum == signed) {
        true => Ok(()),
        false => Err("the checksum of a header is wrong".to_owned()),
    }
}

/// A text that ends with the field or before a zero.
fn text(field: &[u8]) -> Result<&str, String> {
    let end = field.iter().position(|&byte| byte == 0).unwrap_or(field.len());
    std::str::from_utf8(&field[..end]).map_err(|_| "the name of a file is not in UTF-8".to_owned())
}

fn size(field: &[u8]) -> Result<u64, String> {
    let size = match field[0] {
        // A number in bytes, where digits would not do; its second highest bit is a sign.
        0x80 => field[1..]
            .iter()
            .try_fold(0_u64, |size, &byte| size.checked_mul(256).map(|shifted| shifted | u64::from(byte))),
        0x81..=0xFF => None,
        _ => octal(field),
    };
    size.filter(|&size| i64::try_from(size).is_ok())
        .ok_or_else(|| "the size of a file is no number".to_owned())
}

/// Octal digits with blanks around them, ended by a blank, a zero or the field; a field without digits is no number.
fn octal(field: &[u8]) -> Option<u64> {
    let start = field.iter().position(|&byte| byte != b' ')?;
    let n_digits = field[start..].iter().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    let (digits, rest) = field[start..].split_at(n_digits);
    if digits.is_empty() || !rest.iter().all(|byte| matches!(byte, 0 | b' ')) {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| {
        number.checked_mul(8).map(|shifted| shifted | u64::from(digit - b'0'))
    })
}
