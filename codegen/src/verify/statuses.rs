//! The status of an operation's error against the error's own.

use super::Page;
use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;

pub(super) fn verify_statuses(model: &Model<'_>, page: &Page<'_>, report: &mut Report) {
    let tree = &page.document.tree;
    for error in &page.resolved.errors {
        let Some(structure) = error.structure_idx.map(|structure_idx| &model.structures[structure_idx])
        else {
            continue;
        };
        let Some(own) = structure.syntax.status else { continue };
        let stated = error.syntax.status;
        match (&error.syntax.status_deviates, stated == own) {
            (None, false) => {
                let declared = &model.documents[structure.document_idx].tree;
                report.push(
                    Diagnostic::new(
                        Code::StatusDiffers,
                        format!("`{}` has the status {own}, not {stated}", structure.syntax.name),
                    )
                    .at(tree.span(error.syntax.at, "status"), "on this page")
                    .at(declared.span(structure.syntax.at, "status"), "the error's own")
                    .help("if the page really states this, say why it deviates under `status_deviates`"),
                );
            }
            (Some(_), true) => report.push(
                Diagnostic::new(Code::NeedlessOverride, format!("{stated} is the error's own status"))
                    .at(tree.key_span(error.syntax.at, "status_deviates"), "nothing deviates")
                    .help("leave `status_deviates` out"),
            ),
            _ => {}
        }
    }
}
