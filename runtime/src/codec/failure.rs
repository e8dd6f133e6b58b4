//! What can go wrong, and where in the value: the error types of all codecs.
//!
//! A codec reports a failure where it happens and every level above adds its own step of the path while the failure passes
//! through, so that nothing is spent on paths while all goes well.

use std::fmt::{self, Write as _};

use super::unions::BrokenUnion;
use crate::DateTime;
use crate::table::Ty;

/// A value that cannot be written.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodeError {
    /// Where, `tag.names.args[2]`, elements counted from 0; empty for the outermost value.
    pub path: String,
    /// Why.
    pub reason: EncodeReason,
}

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeReason {
    /// A double that is infinite or not a number.
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    /// An instant before the year 0, which four digits cannot say.
    #[error("{0} has no year of four digits")]
    Year(DateTime),
    /// A character XML 1.0 has no way to carry.
    #[error("XML cannot carry the character U+{:04X}", u32::from(*.0))]
    Character(char),
    /// A field of a dynamic structure whose name this representation cannot carry.
    #[error("`{0}` cannot be the name of a field of a dynamic structure in this representation")]
    Name(String),
    /// Fields are set that do not go together.
    #[error(transparent)]
    BrokenUnion(BrokenUnion),
    /// Nesting beyond [`super::DEPTH_CEILING`].
    #[error("the value is nested deeper than {max} levels")]
    TooDeep {
        /// The bound.
        max: usize,
    },
    /// The parameters do not go with the request line that was chosen, or there is no such line; the text says which.
    #[error("{0}")]
    RequestLine(String),
    /// The value is not of the type its table states: a fault of the program.
    #[error("the table states {expected}, the value is {got}")]
    Misfit {
        /// The type in the table.
        expected: &'static str,
        /// What the value is.
        got: &'static str,
    },
}

/// Bytes that are not the value that was expected.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodeError {
    /// Where, `tag.names.args[2]`, elements counted from 0; empty for the outermost value.
    pub path: String,
    /// What is wrong there.
    pub kind: DecodeKind,
}

/// What is wrong with what was read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeKind {
    /// Not well-formed.
    #[error("line {line}, column {column}: {text}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1; 0 where the line had not begun.
        column: usize,
        /// What the parser says.
        text: String,
    },
    /// Well-formed, but with something that is never accepted, such as a document type declaration.
    #[error("{what} not allowed here")]
    Forbidden {
        /// What it is, with its verb: `a document type declaration is`.
        what: &'static str,
    },
    /// Nesting beyond [`super::DecodeOptions::depth_max`].
    #[error("nested deeper than {max} levels")]
    TooDeep {
        /// The bound.
        max: usize,
    },
    /// A required field is missing.
    #[error("required field `{field}` of {structure} is missing")]
    MissingField {
        /// Name of the structure.
        structure: &'static str,
        /// Name of the field.
        field: &'static str,
    },
    /// A structure of another name.
    #[error("expected a structure named {expected}, got {got}")]
    WrongName {
        /// Name of the structure.
        expected: &'static str,
        /// The name found.
        got: String,
    },
    /// No field has this name.
    #[error("{structure} has no field `{field}`")]
    UnknownField {
        /// Name of the structure.
        structure: &'static str,
        /// The name found.
        field: String,
    },
    /// A field is there twice.
    #[error("field `{field}` of {structure} is there more than once")]
    DuplicateField {
        /// Name of the structure.
        structure: &'static str,
        /// Name of the field.
        field: String,
    },
    /// A value of another type.
    #[error("expected {expected}, got {got}")]
    Mismatch {
        /// The type in the table.
        expected: &'static str,
        /// What was found.
        got: String,
    },
    /// Text that does not spell a value of its type.
    #[error("`{text}` is not a {expected}")]
    BadText {
        /// The type in the table.
        expected: &'static str,
        /// The text found.
        text: String,
    },
    /// A set has an element twice.
    #[error("the set has this element already")]
    DuplicateElement,
    /// A map has a key twice.
    #[error("the map has this key already")]
    DuplicateKey,
    /// Fields are set that do not go together.
    #[error(transparent)]
    BrokenUnion(BrokenUnion),
    /// Another document than the one expected.
    #[error("expected the document element {expected}, got {got}")]
    WrongRoot {
        /// The element expected, `{namespace}Local-Name`.
        expected: String,
        /// The element found.
        got: String,
    },
    /// A form has both a value for a name and names below it, or spells a list in two ways.
    #[error("both a value of its own and names below it are given")]
    Conflict,
    /// The indexes in a form are not 1, 2, 3 and so on.
    #[error("expected the index {expected}, got `{got}`: indexes are 1, 2, 3 and so on")]
    Index {
        /// The index that is missing.
        expected: usize,
        /// What is there instead.
        got: String,
    },
    /// The value to fill is not of the type its table states: a fault of the program.
    #[error("the table states {expected}, the value to fill is {got}")]
    Misfit {
        /// The type in the table.
        expected: &'static str,
        /// What the value is.
        got: &'static str,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_located(f, &self.path, &self.reason)
    }
}

impl std::error::Error for EncodeError {}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_located(f, &self.path, &self.kind)
    }
}

impl std::error::Error for DecodeError {}

fn write_located(f: &mut fmt::Formatter<'_>, path: &str, what: &dyn fmt::Display) -> fmt::Result {
    if path.is_empty() { write!(f, "{what}") } else { write!(f, "`{path}`: {what}") }
}

/// One level of a path.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A field of a table, or a member with a fixed name.
    Field(&'static str),
    /// A field of a dynamic structure.
    Name(String),
    /// An element or entry, from 0.
    Index(usize),
}

/// A failure on its way out: what happened, and the path so far, innermost step first.
#[derive(Debug)]
pub(super) struct Failure<K> {
    pub(super) what: K,
    steps: Vec<Step>,
}

/// The failure of a codec that reads; boxed, so that results stay small where all goes well.
pub(super) type DecodeFailure = Box<Failure<DecodeKind>>;

/// The failure of a codec that writes.
pub(super) type EncodeFailure = Box<Failure<EncodeReason>>;

impl<K> Failure<K> {
    pub(super) fn new(what: K) -> Failure<K> {
        Failure { what, steps: Vec::new() }
    }

    /// Adds the step of a level that the failure passes through.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// The same failure, told otherwise.
    pub(super) fn map<L>(self, tell: impl FnOnce(K) -> L) -> Failure<L> {
        Failure { what: tell(self.what), steps: self.steps }
    }

    fn into_parts(self) -> (String, K) {
        let mut path = String::new();
        for step in self.steps.iter().rev() {
            let dot = if path.is_empty() { "" } else { "." };
            let written = match step {
                Step::Field(name) => write!(path, "{dot}{name}"),
                Step::Name(name) => write!(path, "{dot}{name}"),
                Step::Index(idx) => write!(path, "[{idx}]"),
            };
            debug_assert!(written.is_ok(), "a String takes everything");
        }
        (path, self.what)
    }
}

impl<K> From<K> for Box<Failure<K>> {
    #[cold]
    fn from(what: K) -> Box<Failure<K>> {
        Box::new(Failure::new(what))
    }
}

/// Adds steps to a result's failure.
pub(super) trait At<T> {
    /// A field of a table, or a member with a fixed name.
    fn at_field(self, name: &'static str) -> Self;
    /// A field of a dynamic structure.
    fn at_name(self, name: &str) -> Self;
    /// An element or entry, from 0.
    fn at_index(self, idx: usize) -> Self;
}

impl<T, K> At<T> for Result<T, Box<Failure<K>>> {
    #[inline]
    fn at_field(self, name: &'static str) -> Self {
        self.map_err(|failure| with_step(failure, Step::Field(name)))
    }
    #[inline]
    fn at_name(self, name: &str) -> Self {
        self.map_err(|failure| with_step(failure, Step::Name(name.to_owned())))
    }
    #[inline]
    fn at_index(self, idx: usize) -> Self {
        self.map_err(|failure| with_step(failure, Step::Index(idx)))
    }
}

#[cold]
fn with_step<K>(mut failure: Box<Failure<K>>, step: Step) -> Box<Failure<K>> {
    failure.push(step);
    failure
}

impl From<DecodeFailure> for DecodeError {
    fn from(failure: DecodeFailure) -> DecodeError {
        let (path, kind) = failure.into_parts();
        DecodeError { path, kind }
    }
}

impl From<EncodeFailure> for EncodeError {
    fn from(failure: EncodeFailure) -> EncodeError {
        let (path, reason) = failure.into_parts();
        EncodeError { path, reason }
    }
}

/// The type's name in messages.
pub(super) fn kind_name(ty: &Ty) -> &'static str {
    match ty {
        Ty::Void => "nothing",
        Ty::Boolean => "boolean",
        Ty::Long => "long",
        Ty::Double => "double",
        Ty::String => "string",
        Ty::Secret => "secret",
        Ty::Binary => "base64 text",
        Ty::DateTime => "date_time",
        Ty::Uri => "URI",
        Ty::Id => "ID",
        Ty::Enumeration(_) => "enumeration value",
        Ty::Structure(_) => "structure",
        Ty::DynamicStructure => "dynamic structure",
        Ty::AnyError => "error",
        Ty::Opaque => "value",
        Ty::Optional(inner) => kind_name(inner),
        Ty::List(_) => "list",
        Ty::Set(_) => "set",
        Ty::Map(..) => "map",
    }
}
