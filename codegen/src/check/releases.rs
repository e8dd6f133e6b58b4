//! Rule: nothing is older than what it belongs to.
//!
//! A member without a release is as old as its owner; only one that states an earlier release is wrong.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;
use crate::source::Span;
use crate::syntax::{Document, NodeIdx, ReleaseText};

pub(super) fn check_releases(model: &Model<'_>, report: &mut Report) {
    for document in model.documents {
        let body = &document.body;
        let mut releases = Releases { document, report };
        let own = releases.owned(None, body.at, body.since.as_ref());
        for operation in &body.operations {
            let operation_own = releases.owned(own, operation.at, operation.since.as_ref());
            for parameter in &operation.parameters {
                releases.owned(operation_own, parameter.at, parameter.since.as_ref());
            }
            for error in &operation.errors {
                releases.owned(operation_own, error.at, error.since.as_ref());
            }
        }
        for structure in body.structures.iter().chain(&body.errors) {
            let structure_own = releases.owned(own, structure.at, structure.since.as_ref());
            for field in &structure.fields {
                releases.owned(structure_own, field.at, field.since.as_ref());
            }
        }
        for enumeration in &body.enumerations {
            let enumeration_own = releases.owned(own, enumeration.at, enumeration.since.as_ref());
            for value in &enumeration.values {
                releases.owned(enumeration_own, value.at, value.since.as_ref());
            }
        }
    }
}

/// A stated release: its numerals and where it is stated.
type Stated<'a> = Option<(&'a [u32], Span)>;

struct Releases<'a, 'r> {
    document: &'a Document<'a>,
    report: &'r mut Report,
}

impl<'a> Releases<'a, '_> {
    /// The release of something whose owner has the release `owner`.
    fn owned(&mut self, owner: Stated<'a>, at: NodeIdx, since: Option<&'a ReleaseText>) -> Stated<'a> {
        let Some((since, numerals)) = since.and_then(|since| Some((since, since.numerals.as_deref()?)))
        else {
            return owner;
        };
        let span = self.document.tree.span(at, "since");
        match owner {
            Some((owner_numerals, owner_span)) if numerals < owner_numerals => {
                let message = format!("this came with {}, before what it belongs to", since.text);
                self.report.push(
                    Diagnostic::new(Code::ReleaseOrder, message)
                        .at(span, "earlier")
                        .at(owner_span, "came with this one"),
                );
                owner
            }
            _ => Some((numerals, span)),
        }
    }
}
