//! Diagnostics as text, in the look of rustc.
//!
//! In: a diagnostic and the sources its places are in. Out: text, plain or with terminal colours.
//! Only the lines around a diagnostic's labels are handed to the renderer, so its cost does not grow with the file.

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Renderer, Snippet, normalize_untrusted_str,
};

use super::{At, Diagnostic, Label};
use crate::source::{Source, line_at, line_range};

/// How diagnostics are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Text alone, for files and pipes.
    #[default]
    Plain,
    /// With terminal colours.
    Coloured,
}

/// All diagnostics one after the other, an empty line between two.
#[must_use]
pub fn render_all(diagnostics: &[Diagnostic], sources: &[Source], style: Style) -> String {
    let texts: Vec<String> =
        diagnostics.iter().map(|diagnostic| render(diagnostic, sources, style)).collect();
    texts.join("\n")
}

/// One diagnostic, with a newline at its end.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &[Source], style: Style) -> String {
    let places: Vec<Place<'_>> =
        diagnostic.labels.iter().filter_map(|label| Place::of(label, sources)).collect();
    let level = if diagnostic.code.is_warning() { Level::WARNING } else { Level::ERROR };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    for (source, labels) in by_source(&places) {
        group = group.element(snippet(source, &labels));
    }
    let mut groups = vec![group];
    for help in &diagnostic.help {
        groups.push(Group::with_title(Level::HELP.secondary_title(normalize_untrusted_str(help))));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    // Nothing stands after what an empty line is indented with.
    renderer.render(&groups).lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A label with its place worked out.
#[derive(Clone, Copy)]
struct Place<'a> {
    source: &'a Source,
    start: usize,
    end: usize,
    text: &'a str,
    is_primary: bool,
}

impl<'a> Place<'a> {
    fn of(label: &'a Label, sources: &'a [Source]) -> Option<Place<'a>> {
        let (source, start, end) = match &label.at {
            At::Span(span) => (sources.get(span.source.get())?, span.start as usize, span.end as usize),
            At::Line { path, line } => {
                let source = sources.iter().find(|source| source.path == *path)?;
                let (start, end) = named_on(&source.text, *line);
                (source, start, end)
            }
        };
        let end = floor(&source.text, end);
        let start = floor(&source.text, start).min(end);
        Some(Place {
            source,
            start,
            end: one_line(&source.text, start, end),
            text: &label.text,
            is_primary: false,
        })
    }
}

/// The labels of each source, sources in the order they are first pointed at.
fn by_source<'a>(places: &[Place<'a>]) -> Vec<(&'a Source, Vec<Place<'a>>)> {
    let mut groups: Vec<(&Source, Vec<Place<'_>>)> = Vec::new();
    for (place_idx, place) in places.iter().enumerate() {
        let place = Place { is_primary: place_idx == 0, ..*place };
        match groups.iter_mut().find(|(source, _)| std::ptr::eq(*source, place.source)) {
            Some((_, labels)) => labels.push(place),
            None => groups.push((place.source, vec![place])),
        }
    }
    groups
}

fn snippet<'a>(source: &'a Source, labels: &[Place<'a>]) -> Snippet<'a, Annotation<'a>> {
    let first = labels.iter().map(|label| label.start).min().unwrap_or(0);
    let last = labels.iter().map(|label| label.end).max().unwrap_or(0);
    let window_start = line_range(&source.text, first).0;
    let window_end = line_range(&source.text, last).1;
    let annotations = labels.iter().map(|label| {
        let kind = if label.is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let text = (!label.text.is_empty()).then_some(label.text);
        kind.span(label.start - window_start..label.end - window_start).label(text)
    });
    Snippet::source(&source.text[window_start..window_end])
        .path(source.path.as_str())
        .line_start(line_at(&source.text, first) as usize)
        .annotations(annotations)
}

/// A label that runs over several lines only covers the first: spec mistakes are in words, not in blocks.
fn one_line(text: &str, start: usize, end: usize) -> usize {
    let line_end = line_range(text, start).1;
    let cut = end.min(line_end);
    start + text[start..cut].trim_end().len()
}

/// What a line names: the value of its `name:`, else all of it.
fn named_on(text: &str, line: u32) -> (usize, usize) {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1) as usize).map(str::len).sum();
    let (start, end) = line_range(text, start);
    let content = text[start..end].find("name: ").map_or_else(
        || text[start..end].find(|c: char| c != ' ' && c != '-').unwrap_or(0),
        |position| position + "name: ".len(),
    );
    let rest = &text[start + content..end];
    let length = rest.find([',', '}']).unwrap_or(rest.len());
    (start + content, start + content + rest[..length].trim_end().len())
}

fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}
