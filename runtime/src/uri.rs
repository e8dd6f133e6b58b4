//! URIs, kept as they were written.

use std::fmt;

/// A URI or relative reference. It is carried as text: a library must hand on an address it would not itself use.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Uri(String);

impl Uri {
    /// Takes the text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Uri {
        Uri(text.into())
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn text_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Uri {
    fn from(text: String) -> Uri {
        Uri(text)
    }
}

impl From<&str> for Uri {
    fn from(text: &str) -> Uri {
        Uri(text.to_owned())
    }
}
