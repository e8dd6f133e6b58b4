//! Samples as a form in the layout of the pages: the request line, then one `name=value` a line; no final newline.
//!
//! In: a request line and a sample tree. Out: text. The lines put together are the target of one request.
//! Not here: forms in a body.

use super::Sample;
use crate::derive::{page_order, request_line_text};
use crate::ir::RequestLine;

/// The request line with the parameters' pairs below it; without parameters, the line alone.
#[must_use]
pub fn request(line: &RequestLine, parameters: Option<&Sample>) -> String {
    let mut out = request_line_text(line);
    let mut separator = if out.contains('?') { '&' } else { '?' };
    for (name, value) in parameters.map(pairs).unwrap_or_default() {
        out.push_str(&format!("\n{separator}{}={}", encoded(&name), encoded(&value)));
        separator = '&';
    }
    out
}

/// Dotted names with their values, not yet percent-encoded.
#[must_use]
pub fn pairs(parameters: &Sample) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    if let Sample::Structure(members) = parameters {
        for member in members {
            add_pairs(&mut pairs, member.name.clone(), &member.value);
        }
    }
    pairs
}

fn add_pairs(pairs: &mut Vec<(String, String)>, name: String, sample: &Sample) {
    match sample {
        Sample::Bare(text) => pairs.push((name, (*text).to_owned())),
        Sample::Text(text) => pairs.push((name, text.clone())),
        Sample::Structure(members) if !members.is_empty() => {
            for member in members {
                add_pairs(pairs, format!("{name}.{}", member.name), &member.value);
            }
        }
        Sample::Dynamic(class) => pairs.push((format!("{name}.@class"), (*class).to_owned())),
        Sample::List(elements) if !elements.is_empty() => {
            for (idx, element) in elements.iter().enumerate() {
                add_pairs(pairs, format!("{name}.{}", idx + 1), element);
            }
        }
        Sample::Map(entries) if !entries.is_empty() => {
            for (idx, (key, value)) in entries.iter().enumerate() {
                let members = [("key", key), ("value", value)];
                for position in page_order(&members.map(|(name, _)| name)) {
                    let (member, value) = members[position];
                    add_pairs(pairs, format!("{name}.{}.{member}", idx + 1), value);
                }
            }
        }
        Sample::Structure(_) | Sample::List(_) | Sample::Map(_) => pairs.push((name, String::new())),
    }
}

/// Percent-encoded as the pages' `2013-06-06T22%3A13%3A05` shows. A blank, which no page shows, becomes `%20`: these pairs
/// stand in a query, and a plus sign means a blank in a form only.
pub(super) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
