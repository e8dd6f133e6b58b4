//! Pairs, sorted so that what belongs together stands together: a tree without building one.
//!
//! A key's segments are sorted by their text; the numbers among them are put in order by whoever expects numbers.
//! No allocation here depends on what a key says, only on how many pairs there are.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::codec::DecodeKind;
use crate::codec::failure::DecodeFailure;

/// Name and value, decoded.
type Pair<'p> = (Cow<'p, str>, Cow<'p, str>);

/// All pairs of a form but the reserved ones.
pub(super) struct Pairs<'p>(Vec<Pair<'p>>);

impl<'p> Pairs<'p> {
    pub(super) fn parse(text: &'p str) -> Result<Pairs<'p>, DecodeFailure> {
        const CAPACITY_AT_FIRST: usize = 16;
        if text.is_empty() {
            return Ok(Pairs(Vec::new()));
        }
        let mut pairs = Vec::with_capacity(CAPACITY_AT_FIRST);
        for raw in text.split('&').filter(|raw| !raw.is_empty()) {
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            let (Some(name), Some(value)) = (decode(name), decode(value)) else { return Err(not_utf_8(raw)) };
            if !is_reserved(&name) {
                pairs.push((name, value));
            }
        }
        pairs.sort_by(|(a, _), (b, _)| compare_keys(a, b));
        Ok(Pairs(pairs))
    }
}

/// Undoes `+` and `%41`, in one go where the parser that everyone takes has three; `None` for bytes that are not UTF-8.
/// A `%` before anything but two hexadecimal digits is a `%`.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    let encoded_at = |rest: &[u8]| rest.iter().position(|byte| matches!(byte, b'%' | b'+'));
    let mut rest = text.as_bytes();
    let Some(mut at) = encoded_at(rest) else { return Some(Cow::Borrowed(text)) };
    let mut decoded = Vec::with_capacity(rest.len());
    loop {
        decoded.extend_from_slice(&rest[..at]);
        let after = &rest[at + 1..];
        let (byte, n_digits) = match rest[at] {
            b'+' => (b' ', 0),
            percent => byte_of(after).map_or((percent, 0), |byte| (byte, 2)),
        };
        decoded.push(byte);
        rest = &after[n_digits..];
        let Some(next_at) = encoded_at(rest) else { break };
        at = next_at;
    }
    decoded.extend_from_slice(rest);
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

/// The byte that two hexadecimal digits spell.
fn byte_of(digits: &[u8]) -> Option<u8> {
    let [high, low, ..] = digits else { return None };
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

#[cold]
fn not_utf_8(raw: &str) -> DecodeFailure {
    DecodeKind::BadText { expected: "percent-encoded UTF-8 text", text: raw.to_owned() }.into()
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

    /// Every text of up to five of these characters.
    #[test]
    fn pairs_are_those_of_the_parser_that_everyone_takes() {
        let alphabet = ["%", "+", "4", "f", "=", "&", "ü"];
        let mut texts = vec![String::new()];
        for _ in 0..5 {
            let longer = texts.iter().flat_map(|text| alphabet.map(|character| format!("{text}{character}")));
            texts = longer.chain([String::new()]).collect();
            for text in &texts {
                let mut expected: Vec<_> = form_urlencoded::parse(text.as_bytes()).collect();
                let is_utf_8 = !expected
                    .iter()
                    .any(|(name, value)| name.contains('\u{FFFD}') || value.contains('\u{FFFD}'));
                expected.sort_by(|(a, _), (b, _)| compare_keys(a, b));
                let pairs = Pairs::parse(text).ok().map(|pairs| pairs.0);
                assert_eq!(pairs, is_utf_8.then_some(expected), "{text}");
            }
        }
    }

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
