//! The rules of XML itself that both directions need: which characters and names there are, and how text is escaped.

use crate::codec::EncodeReason;

/// Namespace of `nil`.
pub(super) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Ends the name of an element that holds items.
pub(super) const ARRAY_SUFFIX: &str = "-array";

/// Name of an item.
pub(super) const ITEM: &str = "array-item";

/// The first character that XML 1.0 cannot carry, however it is escaped.
pub(super) fn uncarriable_char(text: &str) -> Option<char> {
    // U+FFFE and U+FFFF begin with this byte, and so do few others: the exact look is rarely needed.
    let is_suspect = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0xEF;
    if !text.bytes().any(is_suspect) {
        return None;
    }
    text.chars().find(
        |&c| matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}'),
    )
}

/// Whether it is nothing but XML's white space.
pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Without XML's white space at both ends.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// Whether an element can have this name, which has no prefix.
pub(super) fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_name_start) && chars.all(is_name_char)
}

fn is_name_start(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Writes element text. White space stays as it is but for carriage returns, which a reader would turn into line feeds.
pub(super) fn write_text(out: &mut String, text: &str) -> Result<(), EncodeReason> {
    write_escaped(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

/// Writes an attribute's value, without the quotes.
pub(super) fn write_attribute_value(out: &mut String, value: &str) -> Result<(), EncodeReason> {
    write_escaped(out, value, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        b'\r' => Some("&#13;"),
        _ => None,
    })
}

#[inline]
fn write_escaped(
    out: &mut String,
    text: &str,
    escape: impl Fn(u8) -> Option<&'static str>,
) -> Result<(), EncodeReason> {
    if let Some(c) = uncarriable_char(text) {
        return Err(EncodeReason::Character(c));
    }
    let mut rest = text;
    while let Some((at, escaped)) =
        rest.bytes().enumerate().find_map(|(at, byte)| escape(byte).map(|escaped| (at, escaped)))
    {
        out.push_str(&rest[..at]);
        out.push_str(escaped);
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    Ok(())
}
