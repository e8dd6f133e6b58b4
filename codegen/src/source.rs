//! Spec texts and places in them.
//!
//! In: paths and texts, read by someone else. Out: spans, which are byte ranges of one text, and their lines and columns.
//! Not here: reading files, and what the texts mean.

/// A spec file as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Path as it is to stand in diagnostics and marks: `spec/cis/tagging.yaml`; `/` between its parts.
    pub path: String,
    /// Contents.
    pub text: String,
}

/// Index of a [`Source`] in the slice given to the generator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceIdx(pub u32);

impl SourceIdx {
    /// As an index of the slice.
    #[must_use]
    pub fn get(self) -> usize {
        self.0 as usize
    }
}

/// A byte range of a source's text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Which text.
    pub source: SourceIdx,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of a source.
    #[must_use]
    pub fn new(source: SourceIdx, start: usize, end: usize) -> Span {
        Span { source, start: narrow(start), end: narrow(end.max(start)) }
    }

    /// A part of this span by offsets from its start.
    #[must_use]
    pub fn part(self, start: usize, end: usize) -> Span {
        let start = self.start.saturating_add(narrow(start)).min(self.end);
        let end = self.start.saturating_add(narrow(end)).clamp(start, self.end.max(start));
        Span { start, end, ..self }
    }

    /// Whether `other` lies in this span.
    #[must_use]
    pub fn contains(self, other: Span) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// Line of a byte of `text`, from 1.
#[must_use]
pub(crate) fn line_at(text: &str, offset: usize) -> u32 {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + narrow(before.iter().filter(|byte| **byte == b'\n').count())
}

/// Byte range of the line that `offset` is in, without its end.
#[must_use]
pub(crate) fn line_range(text: &str, offset: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let offset = offset.min(bytes.len());
    let start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let end =
        bytes[offset..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| offset + length);
    (start, end)
}

/// Texts over 4 GiB are refused before anything in them gets a place.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_count_from_one() {
        let text = "a\nbc\n";
        assert_eq!([0, 1, 2, 4, 5, 99].map(|offset| line_at(text, offset)), [1, 1, 2, 2, 3, 3]);
        assert_eq!([0, 1, 3, 5].map(|offset| line_range(text, offset)), [(0, 1), (0, 1), (2, 4), (5, 5)]);
    }

    #[test]
    fn a_part_stays_inside() {
        let span = Span::new(SourceIdx(0), 10, 20);
        assert_eq!(span.part(2, 4), Span::new(SourceIdx(0), 12, 14));
        assert_eq!(span.part(8, 40), Span::new(SourceIdx(0), 18, 20));
        assert_eq!(span.part(40, 50), Span::new(SourceIdx(0), 20, 20));
    }
}
