//! `cargo xtask gen`: the generator between the spec's folder and the folders it owns.
//!
//! In: the places. Out: files made equal to what is generated, or, for a check, the difference; and whether all is well.
//! Mistakes in the spec go to stderr as the generator renders them, and then nothing is written.

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
    let Some(mut files) = files(&sources) else { return Ok(false) };
    owned::complete(&places.out, &mut files)?;
    let drift = Drift::between(&places.out, &files)?;
    drift.remove(&places.out)?;
    stamp::remember(places, &sources)?;
    say(format_args!("gen: {} files from {} of the spec: {}", files.len(), sources.len(), drift.summary()));
    Ok(true)
}

/// Generates and compares; false if the spec has mistakes or something would be written.
pub(crate) fn check(places: &Places) -> Result<bool> {
    let Some(mut files) = files(&sources(places)?) else { return Ok(false) };
    owned::complete(&places.out, &mut files)?;
    let drift = Drift::between(&places.out, &files)?;
    if drift.is_empty() {
        say(format_args!("gen --check: {} files are as generated", files.len()));
        return Ok(true);
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

/// What is generated, by path; none if the spec has mistakes, which were printed.
fn files(sources: &[Source]) -> Option<BTreeMap<String, String>> {
    let outcome = vapi_codegen::generate(sources);
    if outcome.diagnostics.is_empty() {
        return Some(outcome.files.into_iter().map(|file| (file.path, file.text)).collect());
    }
    complain(&outcome.diagnostics, sources);
    None
}

/// Prints mistakes, and how many they are.
pub(crate) fn complain(diagnostics: &[Diagnostic], sources: &[Source]) {
    let paint = Paint::stderr();
    let style = if paint.coloured { Style::Coloured } else { Style::Plain };
    note(render_all(diagnostics, sources, style));
    let n = diagnostics.len();
    let mistakes = if n == 1 { "1 mistake".to_owned() } else { format!("{n} mistakes") };
    note(format_args!(
        "{}: {mistakes} in the spec; nothing was written. `cargo xtask explain CODE` says more about the word in brackets",
        paint.red("error")
    ));
}
