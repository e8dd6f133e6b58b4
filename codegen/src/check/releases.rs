//! Rule: nothing is older than what it belongs to, or outlives it, or ends before it begins.
//!
//! A member without a release is as old as its owner and lives as long; only one that states another is wrong.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;
use crate::source::Span;
use crate::syntax::{Document, NodeIdx, ReleaseText};

pub(super) fn check_releases(model: &Model<'_>, report: &mut Report) {
    for document in model.documents {
        let body = &document.body;
        let mut releases = Releases { document, report };
        let own = releases.owned(Life::default(), body.at, &body.since, &body.until);
        for operation in &body.operations {
            let operation_own = releases.owned(own, operation.at, &operation.since, &operation.until);
            for parameter in &operation.parameters {
                releases.owned(operation_own, parameter.at, &parameter.since, &parameter.until);
            }
            for error in &operation.errors {
                releases.owned(operation_own, error.at, &error.since, &error.until);
            }
        }
        for structure in body.structures.iter().chain(&body.errors) {
            let structure_own = releases.owned(own, structure.at, &structure.since, &structure.until);
            for field in &structure.fields {
                releases.owned(structure_own, field.at, &field.since, &field.until);
            }
        }
        for enumeration in &body.enumerations {
            let enumeration_own = releases.owned(own, enumeration.at, &enumeration.since, &enumeration.until);
            for value in &enumeration.values {
                releases.owned(enumeration_own, value.at, &value.since, &value.until);
            }
        }
    }
}

/// A stated release: its numerals and where it is stated.
#[derive(Clone, Copy)]
struct Stated<'a> {
    numerals: &'a [u32],
    text: &'a str,
    span: Span,
}

/// The first and the last release of something, as far as they are stated.
#[derive(Clone, Copy, Default)]
struct Life<'a> {
    since: Option<Stated<'a>>,
    until: Option<Stated<'a>>,
}

struct Releases<'a, 'r> {
    document: &'a Document<'a>,
    report: &'r mut Report,
}

impl<'a> Releases<'a, '_> {
    /// The life of something whose owner has the life `owner`.
    fn owned(
        &mut self,
        owner: Life<'a>,
        at: NodeIdx,
        since: &'a Option<ReleaseText>,
        until: &'a Option<ReleaseText>,
    ) -> Life<'a> {
        let own = Life { since: self.stated(at, "since", since), until: self.stated(at, "until", until) };
        let too_early = self.wrong(
            own.since,
            owner.since,
            |own, owner| own < owner,
            |text| {
                (format!("this came with {text}, before what it belongs to"), "earlier", "came with this one")
            },
        );
        let too_late = self.wrong(
            own.until,
            owner.until,
            |own, owner| own > owner,
            |text| {
                (
                    format!("this was there until {text}, longer than what it belongs to"),
                    "later",
                    "ended with this one",
                )
            },
        );
        let life = Life {
            since: own.since.filter(|_| !too_early).or(owner.since),
            until: own.until.filter(|_| !too_late).or(owner.until),
        };
        if own.since.or(own.until).is_some() && !too_early && !too_late {
            self.wrong(
                life.until,
                life.since,
                |until, since| until < since,
                |text| {
                    (format!("this was there until {text}, but came later"), "earlier", "came with this one")
                },
            );
        }
        life
    }

    fn stated(&self, at: NodeIdx, key: &str, release: &'a Option<ReleaseText>) -> Option<Stated<'a>> {
        let release = release.as_ref()?;
        // 9.1 is as good as 9.1.0.
        let numerals = release.numerals.as_deref()?;
        let n_zeros = numerals.iter().rev().take_while(|numeral| **numeral == 0).count();
        let numerals = &numerals[..numerals.len() - n_zeros];
        Some(Stated { numerals, text: &release.text, span: self.document.tree.span(at, key) })
    }

    /// Reports `this` where it is wrong beside `other`.
    fn wrong(
        &mut self,
        this: Option<Stated<'a>>,
        other: Option<Stated<'a>>,
        is_wrong: impl Fn(&[u32], &[u32]) -> bool,
        describe: impl Fn(&str) -> (String, &'static str, &'static str),
    ) -> bool {
        let (Some(this), Some(other)) = (this, other) else { return false };
        let is_wrong = is_wrong(this.numerals, other.numerals);
        if is_wrong {
            let (message, here, there) = describe(this.text);
            self.report
                .push(Diagnostic::new(Code::ReleaseOrder, message).at(this.span, here).at(other.span, there));
        }
        is_wrong
    }
}
