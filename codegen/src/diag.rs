//! Diagnostics: what is wrong with a spec, where, and what to do about it.
//!
//! A stage pushes [`Diagnostic`]s into a [`Report`]; what comes out is sorted by place, so it does not depend on the order
//! of rules or inputs. `code` is the closed set of codes with their explanations, `render` the one place that lays out text.
//! Not here: anything about the spec language.

mod code;
mod nearest;
mod render;

use std::collections::BTreeMap;

pub use code::Code;
pub(crate) use nearest::is_slip;
pub use nearest::nearest;
pub use render::{Style, render, render_all};

use crate::source::{Source, SourceIdx, Span};

/// More mistakes than this in one file are not listed: the file is something else than a spec.
const N_DIAGNOSTICS_MAX: usize = 500;

/// A mistake in the spec, or something that is probably one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of mistake; it says too whether it is only a warning.
    pub code: Code,
    /// What is wrong, in one line.
    pub message: String,
    /// Where; the first is the place of the mistake, the others are places it has to do with.
    pub labels: Vec<Label>,
    /// What to do about it, one entry a line or block of lines.
    pub help: Vec<String>,
}

/// A place that a [`Diagnostic`] points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub at: At,
    /// What is there; may be empty.
    pub text: String,
}

/// Place of a [`Label`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// A byte range.
    Span(Span),
    /// A line; the value of its `name:` is pointed at if it has one.
    Line {
        /// Path of the source.
        path: String,
        /// Line, from 1.
        line: u32,
    },
}

impl Diagnostic {
    /// A mistake that has no place yet.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// Points at a byte range; the first one is where the mistake is.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { at: At::Span(span), text: text.into() });
        self
    }

    /// Points at a line, for stages that only know lines.
    #[must_use]
    pub fn at_line(mut self, path: &str, line: u32, text: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { at: At::Line { path: path.to_owned(), line }, text: text.into() });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help.push(text.into());
        self
    }
}

/// Diagnostics as they are found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    diagnostics: Vec<Diagnostic>,
    n_by_source: BTreeMap<SourceIdx, usize>,
}

impl Report {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        if let Some(Label { at: At::Span(span), .. }) = diagnostic.labels.first() {
            let n_diagnostics = self.n_by_source.entry(span.source).or_default();
            *n_diagnostics += 1;
            if *n_diagnostics > N_DIAGNOSTICS_MAX {
                return;
            }
        }
        self.diagnostics.push(diagnostic);
    }

    /// Takes over what was found in other sources.
    pub(crate) fn append(&mut self, mut other: Report) {
        self.diagnostics.append(&mut other.diagnostics);
        self.n_by_source.append(&mut other.n_by_source);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Whether any mistake found so far is in `span`.
    pub(crate) fn has_one_in(&self, span: Span) -> bool {
        self.diagnostics
            .iter()
            .any(|found| matches!(found.labels.first(), Some(Label { at: At::Span(at), .. }) if span.contains(*at)))
    }

    /// Mistakes found in a source.
    pub(crate) fn n_in(&self, source: SourceIdx) -> usize {
        self.n_by_source.get(&source).copied().unwrap_or(0)
    }

    /// All that was found, by path and place.
    pub(crate) fn finish(mut self, sources: &[Source]) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_cached_key(|found| {
            let (path, start) = found.labels.first().map_or(("", 0), |label| match &label.at {
                At::Span(span) => (path_of(sources, span.source), span.start),
                At::Line { path, line } => (path.as_str(), line_start(sources, path, *line)),
            });
            (path.to_owned(), start, found.code, found.message.clone())
        });
        self.diagnostics
    }
}

fn path_of(sources: &[Source], source: SourceIdx) -> &str {
    sources.get(source.get()).map_or("", |source| source.path.as_str())
}

fn line_start(sources: &[Source], path: &str, line: u32) -> u32 {
    let text = sources.iter().find(|source| source.path == path).map_or("", |source| source.text.as_str());
    let before = text.split_inclusive('\n').take(line.saturating_sub(1) as usize);
    u32::try_from(before.map(str::len).sum::<usize>()).unwrap_or(u32::MAX)
}
