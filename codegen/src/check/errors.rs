//! Rules on errors: a status is that of an error, and what an operation reports is an error.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;
use crate::source::Span;

pub(super) fn check_statuses(model: &Model<'_>, report: &mut Report) {
    for document in model.documents {
        let body = &document.body;
        let own = body.errors.iter().filter_map(|error| Some((error.at, error.status?)));
        let reported = body.operations.iter().flat_map(|operation| &operation.errors);
        for (at, status) in own.chain(reported.map(|error| (error.at, error.status))) {
            check_status(document.tree.span(at, "status"), status, report);
        }
    }
}

fn check_status(span: Span, status: u16, report: &mut Report) {
    if !(400..600).contains(&status) {
        report.push(
            Diagnostic::new(Code::BadStatus, format!("{status} is not the status of an error"))
                .at(span, "")
                .help("errors have a status from 400 to 599"),
        );
    }
}

pub(super) fn check_kinds(model: &Model<'_>, report: &mut Report) {
    for service in &model.services {
        let document = &model.documents[service.document_idx];
        for error in service.operations.iter().flat_map(|operation| &operation.errors) {
            let Some(structure) = error.structure_idx.map(|structure_idx| &model.structures[structure_idx])
            else {
                continue;
            };
            if !structure.is_error() {
                let declared = &model.documents[structure.document_idx];
                report.push(
                    Diagnostic::new(
                        Code::WrongKind,
                        format!("`{}` is a structure, not an error", structure.id),
                    )
                    .at(document.tree.span(error.syntax.at, "type"), "an error is meant")
                    .at(declared.tree.span(structure.syntax.at, "name"), "declared as a structure")
                    .help("an error is declared under `errors`, with a status"),
                );
            }
        }
    }
}
