//! Documents as written: text -> marked tree -> typed document.
//!
//! In: sources. Out: [`Document`]s, each with its places, and diagnostics on everything that can be seen in one file alone:
//! YAML, keys, shapes, and the grammars of types, request lines and releases.
//! Names of other documents are not looked up here. serde_yaml only gets text that the strict pass has accepted.

mod document;
mod language;
mod read;
mod release_text;
mod request_line;
mod scalar;
mod shape;
mod tree;
mod type_text;

pub(crate) use document::{
    Accepted, Body, Constant, Enumeration, EnumerationValue, Field, Operation, OperationError, Presence,
    PrivilegesOn, RestHeader, Samples, Structure, Union, UnionCase,
};
pub use language::language_tables;
pub(crate) use language::{CONSTRUCTS, Construct, DOCUMENT, Key, Text, Value};
pub(crate) use release_text::ReleaseText;
pub(crate) use request_line::RequestExpr;
pub(crate) use tree::{NodeIdx, Tree};
pub(crate) use type_text::{Builtin, TypeExpr, TypeKind, TypeText};
pub(crate) use type_text::{GENERICS, WORDS};

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use crate::diag::{Code, Diagnostic, Report};
use crate::source::{Source, SourceIdx, Span};

/// Fewer files than this are read sooner than a thread is started.
const N_FILES_OF_THREAD_MIN: usize = 8;

/// A document and its places.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// Places of everything in it.
    pub(crate) tree: Tree,
    /// What it says.
    pub(crate) body: Body,
}

/// What could be read of all sources.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    /// Documents without a mistake in their shape, sorted by path.
    pub(crate) documents: Vec<Document<'a>>,
    /// Files that were left out, so that what they may declare is not reported as missing.
    pub(crate) unread: Vec<Unread<'a>>,
}

/// A file with mistakes in its shape.
#[derive(Debug)]
pub(crate) struct Unread<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// Its tree, if there is one.
    pub(crate) tree: Option<Tree>,
}

impl Document<'_> {
    /// Canonical name of the service or package.
    #[must_use]
    pub(crate) fn id(&self) -> &str {
        self.body.service.as_deref().or(self.body.package.as_deref()).unwrap_or_default()
    }

    /// The key that says [`Document::id`].
    #[must_use]
    pub(crate) fn id_key(&self) -> &'static str {
        if self.body.service.is_some() { "service" } else { "package" }
    }

    /// A part of the scalar that is the value of `key`.
    #[must_use]
    pub(crate) fn part(&self, map: NodeIdx, key: &str, start: usize, end: usize) -> Span {
        match self.tree.value(map, key) {
            Some(value) => self.tree.part_of_scalar(&self.source.text, value, start, end),
            None => self.tree.head(map),
        }
    }

    /// A part of an element of a list of scalars.
    #[must_use]
    pub(crate) fn element_part(
        &self,
        map: NodeIdx,
        key: &str,
        element_idx: usize,
        start: usize,
        end: usize,
    ) -> Span {
        match self.tree.list(map, key).get(element_idx) {
            Some(element) => self.tree.part_of_scalar(&self.source.text, *element, start, end),
            None => self.tree.span(map, key),
        }
    }
}

/// The documents as they were read, for people who look for a fault in the reader.
#[must_use]
pub fn syntax_dump(sources: &[Source]) -> String {
    let parsed = parse_sources(sources, &mut Report::default());
    let texts =
        parsed.documents.iter().map(|document| format!("{}\n{:#?}\n", document.source.path, document.body));
    texts.collect()
}

/// Reads every source, several at a time.
pub(crate) fn parse_sources<'a>(sources: &'a [Source], report: &mut Report) -> Parsed<'a> {
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by(|left, right| sources[*left].path.cmp(&sources[*right].path));
    let mut parsed = Parsed { documents: Vec::new(), unread: Vec::new() };
    for (read, found) in in_parts(&order, |positions| parse_part(sources, positions)) {
        report.append(found);
        for read in read {
            match read {
                Ok(document) => parsed.documents.push(document),
                Err(unread) => parsed.unread.push(unread),
            }
        }
    }
    parsed
}

/// What came of the sources at some positions.
type Part<'a> = (Vec<Result<Document<'a>, Unread<'a>>>, Report);

fn parse_part<'a>(sources: &'a [Source], positions: &[usize]) -> Part<'a> {
    let mut report = Report::default();
    let parse = |&position: &usize| {
        let source_idx = SourceIdx(u32::try_from(position).unwrap_or(u32::MAX));
        parse_source(source_idx, &sources[position], &mut report)
    };
    let read = positions.iter().map(parse).collect();
    (read, report)
}

/// `run` over parts of `elements`, each in a thread of its own; the parts come back in order.
fn in_parts<T: Sync, R: Send>(elements: &[T], run: impl Fn(&[T]) -> R + Sync) -> Vec<R> {
    let n_threads = thread::available_parallelism().map_or(1, NonZero::get);
    let n_elements = elements.len().div_ceil(n_threads).max(N_FILES_OF_THREAD_MIN);
    let run = &run;
    thread::scope(|scope| {
        let mut parts = elements.chunks(n_elements);
        let first = parts.next();
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || run(part))).collect();
        let first = first.map(run);
        // A panic in a thread is a defect, and is one here too.
        let others =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        first.into_iter().chain(others).collect()
    })
}

fn parse_source<'a>(
    source_idx: SourceIdx,
    source: &'a Source,
    report: &mut Report,
) -> Result<Document<'a>, Unread<'a>> {
    let Some(tree) = read::read(source_idx, source, report) else {
        return Err(Unread { source, tree: None });
    };
    shape::check_document(&tree, report);
    if report.n_in(source_idx) > 0 {
        return Err(Unread { source, tree: Some(tree) });
    }
    match serde_yaml::from_str::<Body>(&source.text) {
        Ok(mut body) => {
            document::locate(&mut body, &tree);
            let document = Document { source, tree, body };
            check_texts(&document, report);
            Ok(document)
        }
        Err(error) => {
            let offset = error.location().map_or(0, |location| location.index());
            report.push(
                Diagnostic::new(Code::YamlSyntax, format!("this is not YAML to every reader: {error}"))
                    .at(Span::new(source_idx, offset, offset + 1), ""),
            );
            Err(Unread { source, tree: Some(tree) })
        }
    }
}

/// Reports the mistakes in texts that have a grammar of their own.
fn check_texts(document: &Document<'_>, report: &mut Report) {
    let body = &document.body;
    check_releases(document, body.at, &body.since, &body.until, report);
    for operation in &body.operations {
        check_releases(document, operation.at, &operation.since, &operation.until, report);
        check_requests(document, operation, report);
        check_fields(document, &operation.parameters, report);
        if let Some(result) = &operation.result {
            check_type(document, result.at, &result.ty, report);
        }
        for error in &operation.errors {
            check_releases(document, error.at, &error.since, &error.until, report);
        }
    }
    for structure in body.structures.iter().chain(&body.errors) {
        check_releases(document, structure.at, &structure.since, &structure.until, report);
        check_fields(document, &structure.fields, report);
    }
    for enumeration in &body.enumerations {
        check_releases(document, enumeration.at, &enumeration.since, &enumeration.until, report);
        for value in &enumeration.values {
            check_releases(document, value.at, &value.since, &value.until, report);
        }
    }
}

fn check_fields(document: &Document<'_>, fields: &[Field], report: &mut Report) {
    for field in fields {
        check_releases(document, field.at, &field.since, &field.until, report);
        check_type(document, field.at, &field.ty, report);
    }
}

fn check_type(document: &Document<'_>, at: NodeIdx, ty: &TypeText, report: &mut Report) {
    if let Err(error) = &ty.parsed {
        let span = document.part(at, "type", error.start, error.end);
        report.push(Diagnostic::new(Code::BadType, error.message.as_str()).at(span, error.label.as_str()));
    }
}

fn check_releases(
    document: &Document<'_>,
    at: NodeIdx,
    since: &Option<ReleaseText>,
    until: &Option<ReleaseText>,
    report: &mut Report,
) {
    let stated = [("since", since), ("until", until)].into_iter();
    let stated = stated.filter_map(|(key, release)| Some((key, release.as_ref()?)));
    for (key, release) in stated.filter(|(_, release)| release.numerals.is_none()) {
        report.push(
            Diagnostic::new(Code::BadRelease, format!("`{}` is not a release", release.text))
                .at(document.tree.span(at, key), "")
                .help("a release is two to four numbers with dots, in quotes: \"6.8\""),
        );
    }
}

fn check_requests(document: &Document<'_>, operation: &Operation, report: &mut Report) {
    for (line_idx, line) in operation.requests.iter().flatten().enumerate() {
        if let Err(error) = &line.parsed {
            let span = document.element_part(operation.at, "requests", line_idx, error.start, error.end);
            report.push(
                Diagnostic::new(Code::BadRequestLine, error.message.as_str())
                    .at(span, "")
                    .help("for example: POST /com/vmware/cis/tagging/tag/id:{tag_id}?~action=revoke"),
            );
        }
    }
    if let Some(Err(error)) = operation.rest.as_ref().map(|rest| &rest.parsed) {
        let span = document.part(operation.at, "rest", error.start, error.end);
        report.push(
            Diagnostic::new(Code::BadRequestLine, error.message.as_str())
                .at(span, "")
                .help("for example: POST /cis/tagging/tag/{tag_id}?action=revoke"),
        );
    }
}
