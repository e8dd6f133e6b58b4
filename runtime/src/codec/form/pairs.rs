//! Pairs, sorted so that what belongs together stands together: a tree without building one.
//!
//! A key's segments are sorted by their text; the numbers among them are put in order by whoever expects numbers.
//! No allocation here depends on what a key says, only on how many pairs there are.

use std::borrow::Cow;
use std::cmp::Ordering;

use percent_encoding::percent_decode_str;

use crate::codec::DecodeKind;
use crate::codec::failure::DecodeFailure;

/// Name and value, decoded.
type Pair<'p> = (Cow<'p, str>, Cow<'p, str>);

/// All pairs of a form but the reserved ones.
pub(super) struct Pairs<'p>(Vec<Pair<'p>>);

impl<'p> Pairs<'p> {
    pub(super) fn parse(text: &'p str) -> Result<Pairs<'p>, DecodeFailure> {
        const CAPACITY_AT_FIRST: usize = 16;
        let mut pairs = Vec::with_capacity(CAPACITY_AT_FIRST);
        let mut has_replacements = false;
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            has_replacements |= may_have_replacements([&name, &value]);
            if !is_reserved(&name) {
                pairs.push((name, value));
            }
        }
        if has_replacements {
            check_utf_8(text)?;
        }
        pairs.sort_by(|(a, _), (b, _)| compare_keys(a, b));
        Ok(Pairs(pairs))
    }
}

/// The first byte of U+FFFD in UTF-8, and of little else.
const REPLACEMENT_FIRST_BYTE: u8 = 0xEF;

/// Whether the parser may have put a replacement character where percent-encoded bytes are not UTF-8.
///
/// A text that is borrowed was not decoded, so nothing in it was replaced.
fn may_have_replacements<'p>(texts: [&Cow<'p, str>; 2]) -> bool {
    let decoded = |text: &&Cow<'p, str>| matches!(text, Cow::Owned(_));
    texts.iter().filter(|text| decoded(text)).any(|text| text.as_bytes().contains(&REPLACEMENT_FIRST_BYTE))
}

/// Refuses percent-encoded bytes that are not UTF-8.
#[cold]
fn check_utf_8(text: &str) -> Result<(), DecodeFailure> {
    match text.split('&').find(|raw| percent_decode_str(raw).decode_utf8().is_err()) {
        None => Ok(()),
        Some(raw) => {
            Err(DecodeKind::BadText { expected: "percent-encoded UTF-8 text", text: raw.to_owned() }.into())
        }
    }
}

fn is_reserved(name: &str) -> bool {
    name.starts_with('~') || name == "vmw-task"
}

/// Segment by segment, so that everything below `a` stands together and next to `a` itself.
fn compare_keys(a: &str, b: &str) -> Ordering {
    let rank = |&byte: &u8| if byte == b'.' { 0 } else { u16::from(byte) + 1 };
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let n_same = n_same(a, b);
    match (a.get(n_same), b.get(n_same)) {
        (Some(a), Some(b)) => rank(a).cmp(&rank(b)),
        _ => a.len().cmp(&b.len()),
    }
}

/// How many bytes both begin with; in words, because the keys of one form have long beginnings in common.
fn n_same(a: &[u8], b: &[u8]) -> usize {
    const WORD: usize = size_of::<u64>();
    let same_words = a
        .as_chunks::<WORD>()
        .0
        .iter()
        .zip(b.as_chunks::<WORD>().0)
        .take_while(|(a, b)| u64::from_ne_bytes(**a) == u64::from_ne_bytes(**b))
        .count();
    let at = same_words * WORD;
    at + a[at..].iter().zip(&b[at..]).take_while(|(a, b)| a == b).count()
}

/// The pairs whose keys begin with the same segments.
#[derive(Clone, Copy)]
pub(super) struct Group<'g> {
    pairs: &'g [Pair<'g>],
    /// Bytes of the keys that were looked at, the dot after them included where there is one.
    at: usize,
}

impl<'g> Group<'g> {
    /// The group of all pairs.
    pub(super) fn all(pairs: &'g Pairs<'_>) -> Group<'g> {
        Group { pairs: &pairs.0, at: 0 }
    }

    /// How many pairs end here; they come first.
    fn n_own(&self) -> usize {
        self.pairs.iter().take_while(|(key, _)| self.at > key.len()).count()
    }

    /// The values of the pairs that end here, in the order they came in.
    pub(super) fn values(&self) -> &'g [Pair<'g>] {
        &self.pairs[..self.n_own()]
    }

    /// The groups below this one with their segments, in the order of the text.
    pub(super) fn children(&self) -> Children<'g> {
        Children { pairs: &self.pairs[self.n_own()..], at: self.at }
    }

    pub(super) fn has_children(&self) -> bool {
        self.n_own() < self.pairs.len()
    }

    /// Each value that ends here as a group of its own.
    pub(super) fn each_value(&self) -> impl Iterator<Item = Group<'g>> {
        let at = self.at;
        self.values().chunks(1).map(move |pairs| Group { pairs, at })
    }
}

/// The groups below a group.
pub(super) struct Children<'g> {
    pairs: &'g [Pair<'g>],
    at: usize,
}

impl<'g> Iterator for Children<'g> {
    type Item = (&'g str, Group<'g>);

    fn next(&mut self) -> Option<(&'g str, Group<'g>)> {
        let rest = &self.pairs.first()?.0[self.at..];
        let segment = rest.bytes().position(|byte| byte == b'.').map_or(rest, |dot| &rest[..dot]);
        let belongs = |(key, _): &Pair<'_>| {
            let rest = &key.as_bytes()[self.at..];
            rest.starts_with(segment.as_bytes()) && matches!(rest.get(segment.len()), None | Some(b'.'))
        };
        // The first pair belongs to its own segment.
        let n_pairs = 1 + self.pairs[1..].iter().take_while(|pair| belongs(pair)).count();
        let (pairs, rest) = self.pairs.split_at(n_pairs);
        self.pairs = rest;
        Some((segment, Group { pairs, at: self.at + segment.len() + 1 }))
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Pairs, compare_keys};

    #[test]
    fn keys_differ_before_at_and_after_the_end_of_a_word() {
        for n_same in 0..20 {
            let same = "k".repeat(n_same);
            let key = |end: &str| format!("{same}{end}");
            assert_eq!(compare_keys(&key("a.b"), &key("a.b")), Ordering::Equal, "{n_same}");
            assert_eq!(compare_keys(&key("a"), &key("a.b")), Ordering::Less, "{n_same}");
            // What is below `a` stands next to `a`, before names that only begin like it.
            assert_eq!(compare_keys(&key("a.b"), &key("a-b")), Ordering::Less, "{n_same}");
            assert_eq!(compare_keys(&key("a-b"), &key("ab")), Ordering::Less, "{n_same}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused_and_a_replacement_character_is_not() {
        for refused in ["a=%FF", "%FF=a", "a=x%C3y", "a=+%80"] {
            assert!(Pairs::parse(refused).is_err(), "{refused}");
        }
        for taken in ["a=%EF%BF%BD", "a=\u{FFFD}", "a=\u{FFFD}+b", "%EF%BC%81=a"] {
            assert!(Pairs::parse(taken).is_ok(), "{taken}");
        }
    }
}
