//! The representations: one codec each, written once, driven by the tables.
//!
//! In and out: bytes on one side, values seen through [`crate::data`] and described by [`crate::table`] on the other.
//! [`json`], [`xml`] and [`form`] offer the same functions: the parameters of an operation, its result and an error's
//! envelope, each written and read (a form has parameters only). [`text`] does single scalars, for path variables.
//! What is read into is expected to be empty, as [`crate::data::Data::empty`] makes it: what is absent stays as it was.
//! No function here panics whatever bytes it is given; depth is bounded by [`DecodeOptions::depth_max`], size by the caller.
//! Not here: HTTP, media types and the choice of a representation.
//!
//! # What does not survive a round trip
//! Scalars inside opaque and dynamic values come back from XML and forms as [`crate::Value::Text`], and an empty list
//! inside one comes back from a form as empty text, because neither carries types.
//! An optional opaque that is set to [`crate::Value::Null`] comes back unset.

mod class;
mod failure;
mod fields;
pub mod form;
pub mod json;
pub mod json_rpc;
mod quoted;
pub mod text;
mod unions;
pub mod xml;

pub use failure::{DecodeError, DecodeKind, EncodeError, EncodeReason};
pub use unions::{BrokenUnion, UnionFault};

/// The deepest nesting any codec reads or writes, whatever [`DecodeOptions::depth_max`] says: what fits the stack of any
/// thread and the recursion limit of `serde_json`.
pub const DEPTH_CEILING: usize = 120;

/// How the bytes are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Nothing that a reader does not need.
    #[default]
    Compact,
    /// As the reference pages print it: one member or element a line, JSON indented by four blanks and XML by two.
    Page,
}

/// How values and envelopes are spelt where the surfaces differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// As the pages of 2014 print it: dates as `2013-06-06T22:13:05`, results in `value`, errors as `type` and `value`, maps
    /// as arrays of keys and values, the name of a dynamic structure in `@class`. Dates without a zone are read.
    #[default]
    Page2014,
    /// As [`Dialect::Page2014`], but dates as `2013-06-06T22:13:05.000Z`; those without a zone are refused.
    Legacy,
    /// As below `/api`: dates as [`Dialect::Legacy`], results bare, maps with keys of text as objects, errors flat with an
    /// `error_type`, and no `@class` for a dynamic structure that has no name.
    Rest,
}

impl Dialect {
    /// Whether a date may be without a zone.
    fn reads_zoneless(self) -> bool {
        self == Dialect::Page2014
    }
}

/// How to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct EncodeOptions {
    /// Blanks and line ends.
    pub layout: Layout,
    /// How values and envelopes are spelt.
    pub dialect: Dialect,
}

/// What to do with a member, element or key that no field is named after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unknown {
    /// It is an error: what a server does, so that a misspelt optional does not go unnoticed.
    #[default]
    Refuse,
    /// It is skipped: what a client does, so that a newer server can say more.
    Ignore,
}

/// How strictly to read; bounds come before memory is spent (`no-panic-on-input`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeOptions {
    /// How many structures, lists and maps may stand inside each other, the outermost counted; at most
    /// [`DEPTH_CEILING`]. Default 64.
    pub depth_max: usize,
    /// What to do with what no field is named after.
    pub unknown: Unknown,
    /// How values and envelopes are spelt.
    pub dialect: Dialect,
}

impl Default for DecodeOptions {
    fn default() -> DecodeOptions {
        DecodeOptions { depth_max: 64, unknown: Unknown::Refuse, dialect: Dialect::Page2014 }
    }
}

impl DecodeOptions {
    /// Refuses a value at this nesting depth (the outermost has depth 1) when it is too deep.
    fn check_depth(&self, depth: usize) -> Result<(), DecodeKind> {
        let max = self.depth_max.min(DEPTH_CEILING);
        if depth > max { Err(DecodeKind::TooDeep { max }) } else { Ok(()) }
    }
}

/// Which fields of a structure were set by what was read: a set of field numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Fields 0 to 63, which is nearly always all.
    low: u64,
    /// Fields from 64 on, 64 to a word.
    high: Vec<u64>,
}

impl Seen {
    /// Whether the field with this number was set.
    #[inline]
    #[must_use]
    pub fn contains(&self, field_idx: usize) -> bool {
        let word = match field_idx / 64 {
            0 => self.low,
            word_idx => self.high.get(word_idx - 1).copied().unwrap_or(0),
        };
        word & (1 << (field_idx % 64)) != 0
    }

    /// Adds a field number; false when it was there already.
    #[inline]
    fn insert(&mut self, field_idx: usize) -> bool {
        let word = match field_idx / 64 {
            0 => &mut self.low,
            word_idx => self.high_word(word_idx),
        };
        let bit = 1 << (field_idx % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    #[cold]
    fn high_word(&mut self, word_idx: usize) -> &mut u64 {
        if self.high.len() < word_idx {
            self.high.resize(word_idx, 0);
        }
        &mut self.high[word_idx - 1]
    }

    /// Takes a field number out: it was named, but as unset.
    fn remove(&mut self, field_idx: usize) {
        let word = match field_idx / 64 {
            0 => Some(&mut self.low),
            word_idx => self.high.get_mut(word_idx - 1),
        };
        if let Some(word) = word {
            *word &= !(1 << (field_idx % 64));
        }
    }
}

/// A body of nothing but white space, which some clients send for no parameters.
fn is_blank(body: &[u8]) -> bool {
    body.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// The bytes as text, which all representations are.
fn utf_8(body: &[u8]) -> Result<&str, DecodeKind> {
    std::str::from_utf8(body).map_err(|error| {
        let (line, column) = place_of(body, error.valid_up_to());
        DecodeKind::Syntax { line, column, text: "the bytes are not UTF-8".to_owned() }
    })
}

/// Line and column, both from 1, of an offset.
fn place_of(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
    let column = 1 + before.iter().rev().take_while(|&&byte| byte != b'\n').count();
    (line, column)
}
