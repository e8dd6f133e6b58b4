//! Rules: a name stands for one thing.
//!
//! Among the declarations of all documents, and among the members of each service, operation, structure and enumeration.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Model, canonical};
use crate::source::Span;
use crate::syntax::{Document, NodeIdx};

pub(super) fn check_declarations(model: &Model<'_>, report: &mut Report) {
    let mut declared = Unique::new("the spec", report);
    for document in model.documents {
        declared.add(document.id(), "document", document.tree.span(document.body.at, document.id_key()));
    }
    let mut declared = Unique::new("the spec", report);
    for document in model.documents {
        let body = &document.body;
        let structures =
            body.structures.iter().chain(&body.errors).map(|structure| (&structure.name, structure.at));
        let enumerations = body.enumerations.iter().map(|enumeration| (&enumeration.name, enumeration.at));
        let named = structures.chain(enumerations).map(|(name, at)| (document.tree.span(at, "name"), name));
        let mut named: Vec<(Span, &String)> = named.collect();
        named.sort_unstable();
        for (span, name) in named {
            declared.add(&canonical(document, name), "declaration", span);
        }
    }
}

pub(super) fn check_members(model: &Model<'_>, report: &mut Report) {
    for document in model.documents {
        let body = &document.body;
        let operations = body.operations.iter().map(|operation| (operation.name.as_str(), operation.at));
        check_group(document, document.id(), "operation", operations, report);
        for operation in &body.operations {
            let parameters =
                operation.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.at));
            check_group(document, &operation.name, "parameter", parameters, report);
            check_errors(document, operation, report);
        }
        for structure in body.structures.iter().chain(&body.errors) {
            let fields = structure.fields.iter().map(|field| (field.name.as_str(), field.at));
            check_group(document, &structure.name, "field", fields, report);
            let constants = structure.constants.iter().map(|constant| (constant.name.as_str(), constant.at));
            check_group(document, &structure.name, "constant", constants, report);
        }
        for enumeration in &body.enumerations {
            let values = enumeration.values.iter().map(|value| (value.name.as_str(), value.at));
            check_group(document, &enumeration.name, "value", values, report);
        }
    }
}

fn check_group<'n>(
    document: &Document<'_>,
    owner: &str,
    what: &str,
    members: impl Iterator<Item = (&'n str, NodeIdx)>,
    report: &mut Report,
) {
    let mut unique = Unique::new(owner, report);
    for (name, at) in members {
        unique.add(name, what, document.tree.span(at, "name"));
    }
}

/// A page may list an error once for each of its conditions.
fn check_errors(document: &Document<'_>, operation: &crate::syntax::Operation, report: &mut Report) {
    let mut conditions: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for error in &operation.errors {
        let span = document.tree.span(error.at, "type");
        if let Some(first) = conditions.insert((&error.ty, error.condition.trim()), span) {
            report.push(
                Diagnostic::new(
                    Code::DuplicateName,
                    format!(
                        "the error `{}` is twice in `{}` with the same condition",
                        error.ty, operation.name
                    ),
                )
                .at(span, "again")
                .at(first, "first here"),
            );
        }
    }
}

struct Unique<'r> {
    owner: String,
    report: &'r mut Report,
    first: BTreeMap<String, Span>,
}

impl<'r> Unique<'r> {
    fn new(owner: &str, report: &'r mut Report) -> Unique<'r> {
        Unique { owner: owner.to_owned(), report, first: BTreeMap::new() }
    }

    fn add(&mut self, name: &str, what: &str, span: Span) {
        if let Some(first) = self.first.get(name) {
            let message = format!("the {what} `{name}` is twice in {}", quoted(&self.owner));
            let diagnostic = Diagnostic::new(Code::DuplicateName, message);
            self.report.push(diagnostic.at(span, "again").at(*first, "first here"));
        } else {
            self.first.insert(name.to_owned(), span);
        }
    }
}

fn quoted(owner: &str) -> String {
    if owner.contains(' ') { owner.to_owned() } else { format!("`{owner}`") }
}
