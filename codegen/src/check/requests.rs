//! Rules: a request line's path names parameters that there are and that can stand in a path.

use crate::diag::{Code, Diagnostic, Report, nearest};
use crate::resolve::{Kind, Model, Operation};
use crate::syntax::{Builtin, Document, RequestExpr};

pub(super) fn check_requests(model: &Model<'_>, report: &mut Report) {
    for service in &model.services {
        let document = &model.documents[service.document_idx];
        for operation in &service.operations {
            for (line_idx, line) in operation.syntax.requests.iter().flatten().enumerate() {
                if let Ok(line) = &line.parsed {
                    check_line(document, operation, line_idx, line, report);
                }
            }
        }
    }
}

fn check_line(
    document: &Document<'_>,
    operation: &Operation<'_>,
    line_idx: usize,
    line: &RequestExpr,
    report: &mut Report,
) {
    for (position, (name, start, end)) in line.path_params.iter().enumerate() {
        let span = document.element_part(operation.syntax.at, "requests", line_idx, *start, *end);
        if line.path_params[..position].iter().any(|(earlier, ..)| earlier == name) {
            let message = format!("the parameter `{name}` is twice in the path");
            report.push(Diagnostic::new(Code::BadPathParameter, message).at(span, "again"));
            continue;
        }
        let Some(parameter) = operation.parameters.iter().find(|parameter| parameter.syntax.name == *name)
        else {
            let names = operation.parameters.iter().map(|parameter| parameter.syntax.name.as_str());
            let message = format!("`{}` has no parameter `{name}`", operation.syntax.name);
            let diagnostic = Diagnostic::new(Code::UnknownParameter, message).at(span, "not found");
            report.push(match nearest(name, names) {
                Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
                None => diagnostic,
            });
            continue;
        };
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
