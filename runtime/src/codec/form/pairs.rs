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
        let mut pairs = Vec::new();
        for raw in text.split('&') {
            // The parser would put replacement characters where percent-encoded bytes are not UTF-8.
            if raw.contains('%') && percent_decode_str(raw).decode_utf8().is_err() {
                return Err(DecodeKind::BadText {
                    expected: "percent-encoded UTF-8 text",
                    text: raw.to_owned(),
                }
                .into());
            }
            pairs.extend(form_urlencoded::parse(raw.as_bytes()).filter(|(name, _)| !is_reserved(name)));
        }
        pairs.sort_by(|(a, _), (b, _)| compare_keys(a, b));
        Ok(Pairs(pairs))
    }
}

fn is_reserved(name: &str) -> bool {
    name.starts_with('~') || name == "vmw-task"
}

/// Segment by segment, so that everything below `a` stands together and next to `a` itself.
fn compare_keys(a: &str, b: &str) -> Ordering {
    let rank = |byte: u8| if byte == b'.' { 0 } else { u16::from(byte) + 1 };
    a.bytes().map(rank).cmp(b.bytes().map(rank))
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
        let segment = |pair: &'g Pair<'g>| {
            let rest = &pair.0[self.at..];
            rest.split_once('.').map_or(rest, |(segment, _)| segment)
        };
        let first = segment(self.pairs.first()?);
        let n_pairs = self.pairs.iter().take_while(|pair| segment(pair) == first).count();
        let (pairs, rest) = self.pairs.split_at(n_pairs);
        self.pairs = rest;
        Some((first, Group { pairs, at: self.at + first.len() + 1 }))
    }
}
