//! Request lines of different operations that one request would meet.
//!
//! Derived lines cannot meet, they end in the operation's name; transcribed ones can.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Report};
use crate::ir::{Api, RequestLine};
use crate::resolve::{Model, Operation};
use crate::source::Span;
use crate::syntax::Document;

pub(super) fn verify_routes(model: &Model<'_>, api: &Api, report: &mut Report) {
    let mut routes: BTreeMap<(&str, String, Option<&str>), (&str, Span)> = BTreeMap::new();
    for (resolved, service) in model.services.iter().zip(&api.services) {
        let document = &model.documents[resolved.document_idx];
        for (resolved, operation) in resolved.operations.iter().zip(&service.operations) {
            for (line_idx, line) in operation.requests.iter().enumerate() {
                let span = line_span(document, resolved, line_idx, operation.requests.len());
                let route = (line.method.as_str(), shape(line), line.action.as_deref());
                let Some((first_name, first)) = routes.get(&route) else {
                    routes.insert(route, (&operation.name, span));
                    continue;
                };
                // Two operations of one name are reported as such.
                if *first_name != operation.name
                    || document.tree.span(resolved.syntax.at, "name").source != first.source
                {
                    report.push(
                        Diagnostic::new(Code::AmbiguousRequest, "one request meets two request lines")
                            .at(span, "this one")
                            .at(*first, "and this one"),
                    );
                }
            }
        }
    }
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
