//! Text as JSON has it: in quotes, escaped where it has to be.
//!
//! In: any text. Out: the same bytes that `serde_json` writes. It looks at each byte alone; replies are mostly texts in which
//! nothing is to be escaped, so here eight are looked at in one go.

const WORD: usize = size_of::<u64>();

/// Writes text with its quotes.
pub(super) fn push_quoted(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    while let Some(at) = first_escaped(rest) {
        out.extend_from_slice(&rest[..at]);
        push_escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Where the first byte stands that cannot be written as it is.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<WORD>();
    for (word_idx, word) in words.iter().enumerate() {
        let marks = marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return Some(word_idx * WORD + marks.trailing_zeros() as usize / 8);
        }
    }
    // The last bytes once more as a word, since most texts end here.
    if bytes.last_chunk().is_some_and(|last| marks(u64::from_le_bytes(*last)) == 0) {
        return None;
    }
    let in_tail = tail.iter().position(|&byte| byte < b' ' || byte == b'"' || byte == b'\\');
    in_tail.map(|at| words.len() * WORD + at)
}

/// The high bit of each byte that is to be escaped. Bytes above the first one may be marked without a reason: a borrow passes
/// on to the next byte from those alone that are marked themselves.
fn marks(word: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; WORD]);
    const HIGH_BITS: u64 = ONES << 7;
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
    (below(word, b' ') | equal(b'"') | equal(b'\\')) & HIGH_BITS
}

#[cold]
fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let letter = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        _ => {
            let digits = [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0xF)]];
            out.extend_from_slice(b"\\u00");
            return out.extend_from_slice(&digits);
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

#[cfg(test)]
mod tests {
    use super::push_quoted;

    fn check(text: &str) {
        let mut out = Vec::new();
        push_quoted(&mut out, text);
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(text).unwrap());
    }

    #[test]
    fn every_character_of_ascii_at_every_place_is_as_serde_json_writes_it() {
        for character in '\0'..='\u{80}' {
            for n_before in 0..18 {
                for after in ["", "a", "\"", "\u{1F}bcdefghi", "!!!!!!!!!"] {
                    check(&format!("{}{character}{after}", "x".repeat(n_before)));
                }
            }
        }
    }

    #[test]
    fn characters_beyond_ascii_are_not_escaped() {
        for text in ["äöü\"ÄÖÜ", "\u{2028}\u{FFFD}", "日本語\\日本語\n", "\u{7F}\u{10FFFF}\u{1}"]
        {
            check(text);
        }
    }
}
