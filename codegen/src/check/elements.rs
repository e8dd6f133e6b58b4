//! Rule: elements of a set and keys of a map are scalars that can be told apart.
//!
//! Not doubles, which may be equal without being the same; not secrets, which nobody should compare; not binary.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Kind, Model, Type};
use crate::syntax::Builtin;

const HELP: &str = "these can: boolean, long, string, date_time, URI, ID and enumerations";

pub(super) fn check_elements(model: &Model<'_>, report: &mut Report) {
    super::each_type(model, &mut |typed| {
        typed.ty.each(&mut |part| match &part.kind {
            Kind::Set(element) if !is_told_apart(element) => {
                let message = "a set has elements that cannot be told apart";
                report.push(
                    Diagnostic::new(Code::BadElement, message).at(element.span, "the element").help(HELP),
                );
            }
            Kind::Map(key, _) if !is_told_apart(key) => {
                let message = "a map has keys that cannot be told apart";
                report.push(Diagnostic::new(Code::BadElement, message).at(key.span, "the key").help(HELP));
            }
            _ => {}
        });
    });
}

fn is_told_apart(ty: &Type) -> bool {
    match &ty.kind {
        Kind::Builtin(builtin) => matches!(
            builtin,
            // VOID has no place here at all, which is reported as such.
            Builtin::Boolean
                | Builtin::Long
                | Builtin::String
                | Builtin::DateTime
                | Builtin::Uri
                | Builtin::Void
        ),
        Kind::Id(_) | Kind::Enumeration(_) | Kind::Unknown => true,
        Kind::Structure(_)
        | Kind::DynamicStructure(_)
        | Kind::Optional(_)
        | Kind::List(_)
        | Kind::Set(_)
        | Kind::Map(..) => false,
    }
}
