//! The spec language as tables: which constructs there are, which keys each has, and what their values are.
//!
//! One definition feeds all: `shape` checks documents with it, `schema` makes the JSON Schema from it, and
//! [`language_tables`] the tables of spec/README.md. Text only describes; what a value means is said in `document`.

mod constructs;
mod tables;

pub(crate) use constructs::{CONSTRUCTS, DOCUMENT};
pub use tables::language_tables;

/// A mapping of the language.
#[derive(Debug)]
pub(crate) struct Construct {
    /// `operation`.
    pub(crate) name: &'static str,
    /// With its article, for diagnostics: `an operation`.
    pub(crate) indefinite: &'static str,
    /// What it is for, in a sentence or two.
    pub(crate) doc: &'static str,
    /// Its keys in the order they are usually written.
    pub(crate) keys: &'static [Key],
    /// A short one of its kind, in YAML.
    pub(crate) example: &'static str,
}

/// A key of a construct.
#[derive(Debug)]
pub(crate) struct Key {
    /// As written.
    pub(crate) name: &'static str,
    /// Whether it has to be there.
    pub(crate) required: bool,
    /// What its value is.
    pub(crate) value: Value,
    /// What it says, in a sentence or two.
    pub(crate) doc: &'static str,
}

/// What the value of a [`Key`] is.
#[derive(Debug)]
pub(crate) enum Value {
    /// A scalar that is text.
    Text(Text),
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An HTTP status.
    Status,
    /// A mapping.
    One(&'static Construct),
    /// A list of mappings; `some` if it may not be empty.
    Many {
        /// What each element is.
        element: &'static Construct,
        /// Whether there has to be one.
        some: bool,
    },
    /// A list of scalars that are text; `some` if it may not be empty.
    Texts {
        /// What each element is.
        element: Text,
        /// Whether there has to be one.
        some: bool,
    },
}

/// What a text is, for descriptions and for the patterns of the JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// For people.
    Prose,
    /// A representation, literally.
    Sample,
    /// A name of its own document: `tag_model.kind`.
    Name,
    /// A name of a declaration somewhere: short or canonical.
    Reference,
    /// `com.vmware.cis.tagging`.
    CanonicalName,
    /// A type by the type grammar.
    Type,
    /// `6.8`.
    Release,
    /// `POST /com/vmware/cis/tagging/tag?~action=list`.
    RequestLine,
}

impl Text {
    /// What stands in the tables.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Text::Prose => "text",
            Text::Sample => "block of text",
            Text::Name => "name",
            Text::Reference => "reference",
            Text::CanonicalName => "canonical name",
            Text::Type => "type",
            Text::Release => "release",
            Text::RequestLine => "request line",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CONSTRUCTS, Value};
    use crate::diag::{Report, Style, render_all};
    use crate::source::{Source, SourceIdx};
    use crate::syntax::{read, shape};

    #[test]
    fn every_example_is_what_it_says() {
        for construct in CONSTRUCTS {
            let source = Source { path: construct.name.to_owned(), text: construct.example.to_owned() };
            let mut report = Report::default();
            let tree = read::read(SourceIdx(0), &source, &mut report).unwrap();
            shape::check_construct(&tree, construct, &mut report);
            let sources = [source];
            let diagnostics = report.finish(&sources);
            assert!(diagnostics.is_empty(), "{}", render_all(&diagnostics, &sources, Style::Plain));
        }
    }

    #[test]
    fn every_construct_is_listed() {
        for construct in CONSTRUCTS {
            for key in construct.keys {
                if let Value::One(part) | Value::Many { element: part, .. } = &key.value {
                    assert!(CONSTRUCTS.iter().any(|listed| listed.name == part.name), "{}", part.name);
                }
            }
        }
    }
}
