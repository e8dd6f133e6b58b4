//! Rules: where a type may stand, and what a name in it may be the name of.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Kind, Model, Type};
use crate::syntax::Builtin;

/// VOID is a whole result; Optional is for what has no `required` of its own.
pub(super) fn check_places(model: &Model<'_>, report: &mut Report) {
    super::each_type(model, &mut |typed| {
        let is_void = matches!(typed.ty.kind, Kind::Builtin(Builtin::Void));
        if is_void && typed.is_result {
            if !typed.required {
                let span = typed.document.tree.key_span(typed.at, "required");
                let message = "a result of type VOID is never there";
                report.push(
                    Diagnostic::new(Code::MisplacedType, message).at(span, "says that it may be unset"),
                );
            }
            return;
        }
        check_place(typed.ty, report);
        if !matches!(typed.ty.kind, Kind::Optional(_)) {
            return;
        }
        if !typed.is_result {
            report.push(
                Diagnostic::new(Code::MisplacedType, "a parameter or field is not of type `Optional`")
                    .at(typed.ty.span, "")
                    .help("write `required: false` and the type alone"),
            );
        } else if !typed.required {
            let span = typed.document.tree.key_span(typed.at, "required");
            report.push(
                Diagnostic::new(Code::MisplacedType, "the result is said to be optional twice")
                    .at(typed.ty.span, "here")
                    .at(span, "and here"),
            );
        }
    });
}

fn check_place(ty: &Type, report: &mut Report) {
    ty.each(&mut |part| {
        if matches!(part.kind, Kind::Builtin(Builtin::Void)) {
            report.push(
                Diagnostic::new(Code::MisplacedType, "only a whole result is of type `VOID`")
                    .at(part.span, "not here"),
            );
        }
        if let Kind::Optional(inner) = &part.kind
            && matches!(inner.kind, Kind::Optional(_))
        {
            report.push(
                Diagnostic::new(Code::MisplacedType, "an `Optional` in an `Optional`")
                    .at(inner.span, "again"),
            );
        }
    });
}

/// A value is never an error, and a dynamic structure has the fields of a structure.
pub(super) fn check_kinds(model: &Model<'_>, report: &mut Report) {
    super::each_type(model, &mut |typed| {
        typed.ty.each(&mut |part| {
            if let Kind::Structure(structure_idx) = part.kind {
                let structure = &model.structures[structure_idx];
                if structure.is_error() {
                    let document = &model.documents[structure.document_idx];
                    report.push(
                        Diagnostic::new(
                            Code::WrongKind,
                            format!("`{}` is an error, not a structure", structure.id),
                        )
                        .at(part.span, "a type is meant")
                        .at(document.tree.span(structure.syntax.at, "name"), "declared as an error")
                        .help("a value that may be any error is of type `any_error`"),
                    );
                }
            }
            if let Kind::DynamicStructure(Some(inner)) = &part.kind
                && !matches!(inner.kind, Kind::Structure(_) | Kind::Unknown)
            {
                report.push(
                    Diagnostic::new(Code::WrongKind, "a dynamic structure has the fields of a structure")
                        .at(inner.span, "not a structure"),
                );
            }
        });
    });
}
