//! Request lines of different operations that one request would meet.
//!
//! Derived lines cannot meet, they end in the operation's name; transcribed ones can.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::diag::{Code, Diagnostic, Report};
use crate::ir::{Api, RequestLine};
use crate::resolve::{Model, Operation};
use crate::source::Span;
use crate::syntax::Document;

pub(super) fn verify_routes(model: &Model<'_>, api: &Api, report: &mut Report) {
    let mut routes: BTreeMap<(&str, String, Option<&str>), Stated> = BTreeMap::new();
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
                    Entry::Occupied(first) => report.push(
                        Diagnostic::new(Code::AmbiguousRequest, "one request meets two request lines")
                            .at(stated.span, "this one")
                            .at(first.get().span, "and this one"),
                    ),
                }
            }
        }
    }
}

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
