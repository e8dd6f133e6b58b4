//! Rules: names have the shape of names.
//!
//! The wire keeps capitals (`memory_size_MiB`, `VMX_10`), so a name is letters and digits with single underscores between them.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Kind, Model};
use crate::source::Span;
use crate::syntax::{Constant, Document, Field, NodeIdx};

const PREFIX: &str = "com.vmware.";

pub(super) fn check_names(model: &Model<'_>, report: &mut Report) {
    for document in model.documents {
        let mut names = Names { document, report };
        names.document();
        let body = &document.body;
        for operation in &body.operations {
            names.simple(operation.at, "name", &operation.name);
            names.fields(&operation.parameters);
        }
        for structure in body.structures.iter().chain(&body.errors) {
            names.dotted(structure.at, &structure.name);
            structure.constants.iter().for_each(|constant| names.constant(constant));
            names.fields(&structure.fields);
        }
        for enumeration in &body.enumerations {
            names.dotted(enumeration.at, &enumeration.name);
            for value in &enumeration.values {
                names.simple(value.at, "name", &value.name);
            }
        }
    }
}

pub(super) fn check_resources(model: &Model<'_>, report: &mut Report) {
    super::each_type(model, &mut |typed| {
        typed.ty.each(&mut |ty| {
            if let Kind::Id(resource) = &ty.kind
                && !is_resource(resource)
            {
                report.push(
                    Diagnostic::new(
                        Code::BadName,
                        format!("`{resource}` is not the name of a resource type"),
                    )
                    .at(ty.span, "")
                    .help("a resource type is written in full: com.vmware.cis.tagging.Tag"),
                );
            }
        });
    });
}

struct Names<'a, 'r> {
    document: &'a Document<'a>,
    report: &'r mut Report,
}

impl Names<'_, '_> {
    fn document(&mut self) {
        let body = &self.document.body;
        let id = self.document.id();
        let is_canonical = id.strip_prefix(PREFIX).is_some_and(|local| local.split('.').all(is_name));
        if !is_canonical {
            let span = self.document.tree.span(body.at, self.document.id_key());
            let message = format!("`{id}` is not a canonical name");
            self.refuse(span, message, "a canonical name is `com.vmware.` and names with dots between them");
        }
        if let Some(client_name) = &body.client_name {
            self.simple(body.at, "client_name", client_name);
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        for field in fields {
            self.simple(field.at, "name", &field.name);
        }
    }

    /// The name in Rust is the same, so it has to be one there.
    fn constant(&mut self, constant: &Constant) {
        let name = &constant.name;
        let is_capital = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if !is_name(name)
            || !name.starts_with(|c: char| c.is_ascii_uppercase())
            || !name.chars().all(is_capital)
        {
            let span = self.document.tree.span(constant.at, "name");
            let help = "a constant is written in capitals: PLAIN_TEXT";
            self.refuse(span, format!("`{name}` is not the name of a constant"), help);
        }
    }

    fn simple(&mut self, at: NodeIdx, key: &str, name: &str) {
        if !is_name(name) {
            let span = self.document.tree.span(at, key);
            let help = "a name is letters and digits, with single underscores between them";
            self.refuse(span, format!("`{name}` is not a name"), help);
        }
    }

    /// A name relative to the document, maybe in something else: `tag_model.kind`.
    fn dotted(&mut self, at: NodeIdx, name: &str) {
        if !name.split('.').all(is_name) {
            let span = self.document.tree.span(at, "name");
            let help = "a name is letters and digits, with single underscores between them, \
                        and a dot after the name of what it is nested in";
            self.refuse(span, format!("`{name}` is not a name"), help);
        }
    }

    fn refuse(&mut self, span: Span, message: String, help: &str) {
        self.report.push(Diagnostic::new(Code::BadName, message).at(span, "").help(help));
    }
}

fn is_name(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    name.split('_').all(is_part)
}

/// Some live in no package (`Datastore`), and some are in small letters: nothing but the shape is sure.
fn is_resource(name: &str) -> bool {
    name.split('.').all(is_name)
}

#[cfg(test)]
mod tests {
    use super::{is_name, is_resource};

    #[test]
    fn names() {
        for name in ["a", "keep_alive", "memory_size_MiB", "VMX_10_1", "2d", "SH_a1"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "_a", "a_", "a__b", "a-b", "a.b", "a b", "ä"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn resources() {
        for name in ["com.vmware.cis.tagging.Tag", "com.vmware.vapi.package", "Datastore"] {
            assert!(is_resource(name), "{name}");
        }
        for name in [".Tag", "com.vmware.cis..Tag", "com.vmware.Tag."] {
            assert!(!is_resource(name), "{name}");
        }
    }
}
