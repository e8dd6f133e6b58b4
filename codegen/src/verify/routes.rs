//! Request lines of different operations that one request would meet.
//!
//! Derived lines cannot meet, they end in the operation's name; transcribed ones can.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::derive;
use crate::diag::{Code, Diagnostic, Report};
use crate::ir::{self, Api, RequestLine, Type};
use crate::resolve::{Model, Operation};
use crate::source::Span;
use crate::syntax::Document;

pub(super) fn verify_routes(model: &Model<'_>, api: &Api, report: &mut Report) {
    let mut routes: BTreeMap<(&str, String, Option<&str>), Stated> = BTreeMap::new();
    let mut rest_routes: BTreeMap<RestRoute<'_>, Span> = BTreeMap::new();
    for (resolved, service) in model.services.iter().zip(&api.services) {
        let document = &model.documents[resolved.document_idx];
        for (resolved, operation) in resolved.operations.iter().zip(&service.operations) {
            for (line_idx, line) in operation.requests.iter().enumerate() {
                let span = line_span(document, resolved, line_idx, operation.requests.len());
                let stated = Stated { span, is_derived: resolved.syntax.requests.is_none() };
                let route = (line.method.as_str(), shape(line), line.action.as_deref());
                match routes.entry(route) {
                    Entry::Vacant(entry) => drop(entry.insert(stated)),
                    // Derived lines only meet where two operations have one name, which is reported as such.
                    Entry::Occupied(first) if first.get().is_derived && stated.is_derived => {}
                    Entry::Occupied(first) => report.push(ambiguous(stated.span, first.get().span)),
                }
            }
            if let Some(rest) = derive::rest(operation) {
                let line = rest.line;
                let query = required_names(operation, &rest.query);
                let route = (line.method.as_str(), shape(line), line.action.as_deref(), query);
                let span = document.tree.span(resolved.syntax.at, "rest");
                match rest_routes.entry(route) {
                    Entry::Vacant(entry) => drop(entry.insert(span)),
                    Entry::Occupied(first) => report.push(ambiguous(span, *first.get())),
                }
            }
        }
    }
}

fn ambiguous(this: Span, other: Span) -> Diagnostic {
    Diagnostic::new(Code::AmbiguousRequest, "one request meets two request lines")
        .at(this, "this one")
        .at(other, "and this one")
}

/// Keys that every request's query has, which tell operations apart where method and path do not.
fn required_names<'a>(operation: &'a ir::Operation, query: &[usize]) -> Vec<&'a str> {
    let parameters = query.iter().map(|&idx| &operation.parameters[idx]);
    let required = parameters.filter(|parameter| !matches!(parameter.ty, Type::Optional(_)));
    let mut names: Vec<&str> = required.map(|parameter| parameter.name.as_str()).collect();
    names.sort_unstable();
    names
}

/// What tells requests below `/api` apart: method, path, action, and keys of the query that have to be there.
type RestRoute<'a> = (&'a str, String, Option<&'a str>, Vec<&'a str>);

/// A request line that was seen before.
struct Stated {
    span: Span,
    is_derived: bool,
}

/// The path without the names of its parameters, which no request shows.
fn shape(line: &RequestLine) -> String {
    let segments = line.path.split('/').map(|segment| match segment.find('{') {
        Some(brace) => format!("{}{{}}", &segment[..brace]),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}

/// A transcribed line's place; the operation's name where the line is derived or others were left out.
fn line_span(document: &Document<'_>, operation: &Operation<'_>, line_idx: usize, n_lines: usize) -> Span {
    let at = operation.syntax.at;
    if operation.syntax.requests.as_ref().is_some_and(|lines| lines.len() == n_lines) {
        document.tree.element_span(at, "requests", line_idx)
    } else {
        document.tree.span(at, "name")
    }
}
