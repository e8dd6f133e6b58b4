//! Rules: a request line's path names parameters that there are and that can stand in a path.

use crate::diag::{Code, Diagnostic, Report, nearest};
use crate::resolve::{Field, Kind, Model, Operation};
use crate::source::Span;
use crate::syntax::{Builtin, Document, RequestExpr, RestHeader};

pub(super) fn check_requests(model: &Model<'_>, report: &mut Report) {
    for service in &model.services {
        let document = &model.documents[service.document_idx];
        for operation in &service.operations {
            let at = operation.syntax.at;
            for (line_idx, line) in operation.syntax.requests.iter().flatten().enumerate() {
                if let Ok(line) = &line.parsed {
                    let place = |start, end| document.element_part(at, "requests", line_idx, start, end);
                    check_line(operation, line, &place, report);
                }
            }
            if let Some(Ok(line)) = operation.syntax.rest.as_ref().map(|rest| &rest.parsed) {
                let place = |start, end| document.part(at, "rest", start, end);
                check_line(operation, line, &place, report);
                check_all_required(document, operation, line, &place, report);
                for header in &operation.syntax.rest_headers {
                    check_header(document, operation, line, header, report);
                }
            }
        }
    }
}

/// Where a part of a line stands, from its first byte and the byte after its last.
type PlaceOf<'a> = dyn Fn(usize, usize) -> Span + 'a;

fn check_line(operation: &Operation<'_>, line: &RequestExpr, place: &PlaceOf<'_>, report: &mut Report) {
    for (position, (name, start, end)) in line.path_params.iter().enumerate() {
        let span = place(*start, *end);
        if line.path_params[..position].iter().any(|(earlier, ..)| earlier == name) {
            let message = format!("the parameter `{name}` is twice in the path");
            report.push(Diagnostic::new(Code::BadPathParameter, message).at(span, "again"));
            continue;
        }
        let Some(parameter) = find_parameter(operation, name, span, report) else { continue };
        if !is_path_text(&parameter.ty.kind) {
            report.push(
                Diagnostic::new(
                    Code::BadPathParameter,
                    format!("the parameter `{name}` cannot stand in a path"),
                )
                .at(span, "a part of the path")
                .at(parameter.ty.span, "of this type")
                .help("these can: ID, string, URI, long, boolean and enumerations"),
            );
        }
    }
}

/// Reports it if there is none.
fn find_parameter<'o, 'a>(
    operation: &'o Operation<'a>,
    name: &str,
    span: Span,
    report: &mut Report,
) -> Option<&'o Field<'a>> {
    let found = operation.parameters.iter().find(|parameter| parameter.syntax.name == name);
    if found.is_none() {
        let names = operation.parameters.iter().map(|parameter| parameter.syntax.name.as_str());
        let message = format!("`{}` has no parameter `{name}`", operation.syntax.name);
        let diagnostic = Diagnostic::new(Code::UnknownParameter, message).at(span, "not found");
        report.push(match nearest(name, names) {
            Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
            None => diagnostic,
        });
    }
    found
}

/// A header has one value, and what it says stands nowhere else.
fn check_header(
    document: &Document<'_>,
    operation: &Operation<'_>,
    line: &RequestExpr,
    header: &RestHeader,
    report: &mut Report,
) {
    let name = &header.parameter;
    let span = document.tree.span(header.at, "parameter");
    let Some(parameter) = find_parameter(operation, name, span, report) else { return };
    let is_twice = |other: &RestHeader| other.at != header.at && other.parameter == *name;
    let in_path = line.path_params.iter().any(|(in_path, ..)| in_path == name);
    if in_path || operation.syntax.rest_headers.iter().any(is_twice) {
        report.push(
            Diagnostic::new(Code::BadRest, format!("the parameter `{name}` stands in two places"))
                .at(span, "a header")
                .at(document.tree.span(operation.syntax.at, "rest"), "of this request"),
        );
    } else if !is_path_text(&parameter.ty.kind) {
        report.push(
            Diagnostic::new(Code::BadRest, format!("the parameter `{name}` cannot be a header"))
                .at(span, "a header")
                .at(parameter.ty.span, "of this type")
                .help("these can: ID, string, URI, long, boolean and enumerations"),
        );
    }
}

/// Below `/api` there is one line, so a parameter in its path cannot be left out.
fn check_all_required(
    document: &Document<'_>,
    operation: &Operation<'_>,
    line: &RequestExpr,
    place: &PlaceOf<'_>,
    report: &mut Report,
) {
    for (name, start, end) in &line.path_params {
        let parameter = operation.parameters.iter().find(|parameter| parameter.syntax.name == *name);
        if let Some(parameter) = parameter.filter(|parameter| !parameter.syntax.required) {
            report.push(
                Diagnostic::new(
                    Code::BadPathParameter,
                    format!("the parameter `{name}` may be left out, but this path cannot do without it"),
                )
                .at(place(*start, *end), "a part of the path")
                .at(document.tree.span(parameter.syntax.at, "required"), "not required"),
            );
        }
    }
}

fn is_path_text(kind: &Kind) -> bool {
    match kind {
        Kind::Builtin(builtin) => {
            matches!(builtin, Builtin::String | Builtin::Uri | Builtin::Long | Builtin::Boolean)
        }
        // An `Optional` has no place here at all, which is reported as such.
        Kind::Id(_) | Kind::Enumeration(_) | Kind::Unknown | Kind::Optional(_) => true,
        Kind::Structure(_) | Kind::DynamicStructure(_) | Kind::List(_) | Kind::Set(_) | Kind::Map(..) => {
            false
        }
    }
}
