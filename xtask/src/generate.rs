//! `cargo xtask gen`: the generator between the spec's folder and the folders it owns.
//!
//! In: the places. Out: files made equal to what is generated, or, for a check, the difference; and whether all is well.
//! Mistakes in the spec go to stderr as the generator renders them, and then nothing is written; warnings go there too and
//! hold nothing back, but a check fails with them.

use std::collections::BTreeMap;

use anyhow::Result;
use vapi_codegen::ir::Api;
use vapi_codegen::{Diagnostic, Source, Style, render_all};

use crate::console::{Paint, note, say, say_exactly};
use crate::owned::{self, Drift};
use crate::stamp;
use crate::workspace::{Places, spec_texts};

/// Generates and writes; false if the spec has mistakes.
pub(crate) fn write(places: &Places) -> Result<bool> {
    let sources = sources(places)?;
    if stamp::is_current(places, &sources) {
        say(format_args!("gen: nothing to do: {} files of the spec as they were", sources.len()));
        return Ok(true);
    }
    let Some(Generated { mut files, n_warnings }) = generate(&sources) else { return Ok(false) };
    owned::complete(&places.out, &mut files)?;
    let drift = Drift::between(&places.out, &files)?;
    drift.remove(&places.out)?;
    // A run with nothing to do would keep the warnings to itself.
    if n_warnings == 0 {
        stamp::remember(places, &sources)?;
    }
    say(format_args!("gen: {} files from {} of the spec: {}", files.len(), sources.len(), drift.summary()));
    Ok(true)
}

/// Generates and compares; false if the spec has mistakes or warnings, or something would be written.
pub(crate) fn check(places: &Places) -> Result<bool> {
    let Some(Generated { mut files, n_warnings }) = generate(&sources(places)?) else { return Ok(false) };
    owned::complete(&places.out, &mut files)?;
    let drift = Drift::between(&places.out, &files)?;
    if drift.is_empty() {
        say(format_args!("gen --check: {} files are as generated", files.len()));
        return Ok(n_warnings == 0);
    }
    say_exactly(&drift.report(Paint::stdout()));
    say(
        "\ngen --check: what is on disk is not what the spec gives; run `cargo xtask gen` and commit what it writes",
    );
    Ok(false)
}

/// The spec as the generator takes it.
pub(crate) fn sources(places: &Places) -> Result<Vec<Source>> {
    Ok(spec_texts(&places.spec)?.into_iter().map(|(path, text)| Source { path, text }).collect())
}

/// The resolved API; none if the spec has mistakes, which were printed.
pub(crate) fn api(sources: &[Source]) -> Option<Api> {
    vapi_codegen::load(sources).map_err(|diagnostics| complain(&diagnostics, sources)).ok()
}

/// What a spec without mistakes gives.
struct Generated {
    /// Texts by path.
    files: BTreeMap<String, String>,
    /// Number of warnings, which were printed.
    n_warnings: usize,
}

/// What is generated; none if the spec has mistakes, which were printed.
fn generate(sources: &[Source]) -> Option<Generated> {
    let outcome = vapi_codegen::generate(sources);
    if !outcome.diagnostics.is_empty() {
        complain(&outcome.diagnostics, sources);
        return None;
    }
    let n_warnings = outcome.warnings.len();
    if n_warnings > 0 {
        warn(&outcome.warnings, sources);
    }
    let files = outcome.files.into_iter().map(|file| (file.path, file.text)).collect();
    Some(Generated { files, n_warnings })
}

/// Prints mistakes, and how many they are.
pub(crate) fn complain(mistakes: &[Diagnostic], sources: &[Source]) {
    let paint = Paint::stderr();
    print_all(mistakes, sources, paint);
    let n = mistakes.len();
    let mistakes = if n == 1 { "1 mistake".to_owned() } else { format!("{n} mistakes") };
    note(format_args!(
        "{}: {mistakes} in the spec; nothing was written. `cargo xtask explain CODE` says more about the word in brackets",
        paint.red("error")
    ));
}

fn warn(warnings: &[Diagnostic], sources: &[Source]) {
    let paint = Paint::stderr();
    print_all(warnings, sources, paint);
    let n = warnings.len();
    let warnings = if n == 1 { "1 warning".to_owned() } else { format!("{n} warnings") };
    note(format_args!(
        "{}: {warnings} about the spec; mend it, or say under `accepts` why it is meant. `cargo xtask explain CODE` says more",
        paint.bold("warning")
    ));
}

fn print_all(diagnostics: &[Diagnostic], sources: &[Source], paint: Paint) {
    let style = if paint.coloured { Style::Coloured } else { Style::Plain };
    note(render_all(diagnostics, sources, style));
}
