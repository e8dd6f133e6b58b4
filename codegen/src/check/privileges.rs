//! Rule: what privileges are needed on is an ID that a parameter is or has.

use crate::diag::{Code, Diagnostic, Report, nearest};
use crate::resolve::{Kind, Lost, Model, Operation, Type, follow};
use crate::source::Span;
use crate::syntax::Document;

pub(super) fn check_privileges(model: &Model<'_>, report: &mut Report) {
    for service in &model.services {
        let document = &model.documents[service.document_idx];
        for operation in &service.operations {
            check_operation(model, document, operation, report);
        }
    }
}

fn check_operation(
    model: &Model<'_>,
    document: &Document<'_>,
    operation: &Operation<'_>,
    report: &mut Report,
) {
    for needed in &operation.syntax.privileges_on {
        let span = document.tree.span(needed.at, "of");
        let diagnostic = match follow(model, operation, &needed.of) {
            Ok(followed) if matches!(followed.ty.kind, Kind::Id(_) | Kind::Unknown) => continue,
            Err(Lost::Unknown) => continue,
            Ok(followed) => no_id(&needed.of, span, followed.ty),
            Err(Lost::NoFields(ty)) => no_id(&needed.of, span, ty),
            Err(Lost::Parameter) => {
                let name = needed.of.split('.').next().unwrap_or_default();
                let message = format!("`{}` has no parameter `{name}`", operation.syntax.name);
                let names = operation.parameters.iter().map(|parameter| parameter.syntax.name.as_str());
                not_found(Code::UnknownParameter, message, span, nearest(name, names))
            }
            Err(Lost::Field(structure_idx, name)) => {
                let structure = &model.structures[structure_idx];
                let message = format!("`{}` has no field `{name}`", structure.syntax.name);
                let names = structure.fields.iter().map(|field| field.syntax.name.as_str());
                not_found(Code::UnknownField, message, span, nearest(&name, names))
            }
        };
        report.push(diagnostic);
    }
}

fn no_id(path: &str, span: Span, ty: &Type) -> Diagnostic {
    Diagnostic::new(Code::BadPrivilege, format!("`{path}` is not an ID"))
        .at(span, "a resource is meant")
        .at(ty.span, "of this type")
}

fn not_found(code: Code, message: String, span: Span, meant: Option<&str>) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, message).at(span, "not found");
    match meant {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")),
        None => diagnostic,
    }
}
