//! The generator: spec texts in, files and diagnostics out.

pub mod derive;
pub mod emit;
pub mod ir;
pub mod plan;
pub mod print;

/// A file the generator wants to exist, with its whole text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Path under the output root, with `/`: `generated/src/lib.rs`.
    pub path: String,
    /// Its text; ends with a newline.
    pub text: String,
}
