//! The generator: spec texts in, files and diagnostics out.
//!
//! A pure function: no disk, clock, environment or hash order in it (`pure-generator`). Stages, each with a type of its own:
//! `syntax` (documents as written) -> `resolve` (names to declarations) -> `check` (the rules) -> `lower` -> [`ir`];
//! `verify` compares what the pages state twice with what [`derive`](mod@derive) makes of the declarations;
//! `lint` warns of what is probably not meant;
//! [`plan`](mod@plan) computes what only Rust needs, [`emit`] writes files, [`print`](mod@print) lays out Rust.
//! Mistakes come out as [`Diagnostic`]s, all of them in one run.

pub mod derive;
pub mod emit;
pub mod ir;
pub mod plan;
pub mod print;

mod check;
mod diag;
mod lint;
mod lower;
mod resolve;
mod schema;
mod source;
mod syntax;
mod verify;

pub use diag::{At, Code, Diagnostic, Label, Style, nearest, render, render_all};
pub use source::{Source, SourceIdx, Span};
pub use syntax::{language_tables, syntax_dump};

/// A file the generator wants to exist, with its whole text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Path under the output root, with `/`: `generated/src/lib.rs`.
    pub path: String,
    /// Its text; ends with a newline. Of [`emit::features::PATH`] it is a part, which other text stands around.
    pub text: String,
}

/// What a run of the generator comes to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Every file there is to be, sorted by path; none if there is any mistake (`all-or-nothing`).
    pub files: Vec<File>,
    /// Every mistake there is, sorted by path and place.
    pub diagnostics: Vec<Diagnostic>,
    /// What the spec may say but probably does not mean, sorted likewise; where there is a mistake, nobody looked.
    pub warnings: Vec<Diagnostic>,
}

/// The whole generator: from the texts of a spec to the texts of all files; the order of the sources does not matter.
#[must_use]
pub fn generate(sources: &[Source]) -> Outcome {
    let planned = read(sources).and_then(|(api, warnings)| Ok((plan(&api, sources)?, api, warnings)));
    let (plan, api, warnings) = match planned {
        Ok(planned) => planned,
        Err(diagnostics) => return Outcome { diagnostics, ..Outcome::default() },
    };
    // Text from templates beside Rust from tokens: on two cores the first comes for nothing.
    let mut files = std::thread::scope(|scope| {
        let texts = scope.spawn(|| {
            let mut files = emit::wire_tests::emit_wire_tests(&api, &plan);
            files.extend(emit::pages::emit_pages(&api));
            files.push(emit::coverage::emit_coverage(&api));
            files
        });
        let mut files = emit::rust::emit_rust(&api, &plan);
        files.extend(texts.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        files
    });
    files.push(emit::features::emit_features(&plan));
    files.push(File { path: schema::PATH.to_owned(), text: schema::schema_text() });
    files.sort();
    Outcome { files, diagnostics: Vec::new(), warnings }
}

/// Plans the Rust of an API that was loaded from these sources.
///
/// # Errors
///
/// Every name that Rust cannot have, sorted by path and place.
pub fn plan(api: &ir::Api, sources: &[Source]) -> Result<plan::Plan, Vec<Diagnostic>> {
    plan::plan(api).map_err(|diagnostics| {
        let mut report = diag::Report::default();
        diagnostics.into_iter().for_each(|diagnostic| report.push(diagnostic));
        report.finish(sources)
    })
}

/// The release that a text names, such as `6.8`; none where it names none.
#[must_use]
pub fn release(text: &str) -> Option<ir::Release> {
    syntax::ReleaseText::from(text.to_owned()).numerals.map(ir::Release)
}

/// Reads, resolves, checks and verifies a spec; the order of the sources does not matter.
///
/// # Errors
///
/// Every mistake there is, sorted by path and place.
pub fn load(sources: &[Source]) -> Result<ir::Api, Vec<Diagnostic>> {
    read(sources).map(|(api, _)| api)
}

/// The API and what to warn of, or every mistake.
fn read(sources: &[Source]) -> Result<(ir::Api, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut report = diag::Report::default();
    let parsed = syntax::parse_sources(sources, &mut report);
    let model = resolve::resolve_documents(&parsed, &mut report);
    check::check_model(&model, &mut report);
    let api = lower::lower_model(&model, derive::request_lines);
    verify::verify_pages(&model, &api, &mut report);
    if !report.is_empty() {
        return Err(report.finish(sources));
    }
    lint::lint_model(&model, &mut report);
    Ok((api, report.finish(sources)))
}
