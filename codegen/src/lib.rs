//! The generator: spec texts in, files and diagnostics out.

pub mod derive;
pub mod ir;
