//! The generator: spec texts in, files and diagnostics out.
//!
//! A pure function: no disk, clock, environment or hash order in it. Stages, each with a type of its own:
//! `syntax` (documents as written) -> `resolve` (names to declarations) -> `check` (the rules) -> `lower` -> [`ir`];
//! `verify` compares what the pages state twice with what [`derive`] makes of the declarations; [`emit`] writes files.
//! Mistakes come out as [`Diagnostic`]s, all of them in one run.

#![allow(dead_code, reason = "the rules that need the rest are being written")]

pub mod derive;
pub mod emit;
pub mod ir;
pub mod plan;
pub mod print;

mod check;
mod diag;
mod lower;
mod resolve;
mod source;
mod syntax;
mod verify;

pub use diag::{At, Code, Diagnostic, Label, Style, render, render_all};
pub use source::{Source, SourceIdx, Span};
pub use syntax::{language_tables, syntax_dump};

/// A file the generator wants to exist, with its whole text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Path under the output root, with `/`: `generated/src/lib.rs`.
    pub path: String,
    /// Its text; ends with a newline.
    pub text: String,
}

/// Reads, resolves, checks and verifies a spec; the order of the sources does not matter.
///
/// # Errors
///
/// Every mistake there is, sorted by path and place.
pub fn load(sources: &[Source]) -> Result<ir::Api, Vec<Diagnostic>> {
    let mut report = diag::Report::default();
    let parsed = syntax::parse_sources(sources, &mut report);
    let model = resolve::resolve_documents(&parsed, &mut report);
    check::check_model(&model, &mut report);
    let api = lower::lower_model(&model, derive::request_lines);
    verify::verify_pages(&model, &api, &mut report);
    if report.is_empty() { Ok(api) } else { Err(report.finish(sources)) }
}
