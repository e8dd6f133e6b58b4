//! The rules, each a function of a few lines from a thing to what is to be said of it.

use std::collections::BTreeSet;

use super::Finding;
use super::things::{Kind, Thing, since};
use crate::diag::{Code, is_slip};
use crate::ir::{Release, Releases};
use crate::resolve::{self, Model, STANDARD_ERRORS, Type};
use crate::syntax::Builtin;

/// Names this short differ in one letter without being slips of each other: `name` and `same`, `start` and `state`.
const SHORT_CHARS_MAX: usize = 5;

/// What is to be said of a thing as such; `reported` are the errors that operations report.
pub(super) fn of_one(model: &Model<'_>, reported: &BTreeSet<usize>, thing: &Thing<'_>) -> Vec<Finding> {
    let found = [
        poor_doc(thing),
        no_errors(thing),
        untyped_id(thing),
        singular_list(thing),
        unreported(reported, thing),
        older_than_type(model, thing),
    ];
    found.into_iter().flatten().collect()
}

/// What is to be said of a thing as one of several; a pair is found once, at its second.
pub(super) fn beside_others(before: &[Thing<'_>], thing: &Thing<'_>) -> Option<Finding> {
    let name = thing.name;
    if name.chars().count() <= SHORT_CHARS_MAX {
        return None;
    }
    let twin = before.iter().find(|other| is_slip(name, other.name))?;
    Some(Finding {
        code: Code::NearDuplicate,
        message: format!("`{name}` is nearly `{}`", twin.name),
        label: "hardly told apart",
        help: "look at the page again: one of them may be a slip",
    })
}

/// Indexes of the errors that some operation reports.
pub(super) fn reported_errors(model: &Model<'_>) -> BTreeSet<usize> {
    let operations = model.services.iter().flat_map(|service| &service.operations);
    operations.flat_map(|operation| &operation.errors).filter_map(|error| error.structure_idx).collect()
}

fn poor_doc(thing: &Thing<'_>) -> Option<Finding> {
    let amount = match thing.doc.unwrap_or_default().split_whitespace().count() {
        0 => "nothing",
        1 => "one word",
        _ => return None,
    };
    Some(Finding {
        code: Code::PoorDoc,
        message: format!("{amount} is said of {} `{}`", thing.kind.describe(), thing.name),
        label: "nobody can work from that",
        help: "say what it is or does, in which unit and within which limits",
    })
}

fn no_errors(thing: &Thing<'_>) -> Option<Finding> {
    let Kind::Operation(operation) = thing.kind else { return None };
    operation.errors.is_empty().then(|| Finding {
        code: Code::NoErrors,
        message: format!("`{}` reports no error", thing.name),
        label: "can it not go wrong?",
        help: "look at the page again: nearly every operation has a list of errors",
    })
}

fn untyped_id(thing: &Thing<'_>) -> Option<Finding> {
    let last_word = thing.name.rsplit('_').next()?.to_lowercase();
    if matches!(thing.kind, Kind::Result(_)) || !["id", "ids"].contains(&last_word.as_str()) {
        return None;
    }
    is_text(thing.kind.ty()?).then(|| Finding {
        code: Code::UntypedId,
        message: format!("`{}` reads like an identifier, but its type is text", thing.name),
        label: "of which resource?",
        help: "write `ID<resource type>`, so that it is not taken for the identifier of something else",
    })
}

fn is_text(ty: &Type) -> bool {
    match &ty.kind {
        resolve::Kind::Builtin(builtin) => matches!(builtin, Builtin::String),
        resolve::Kind::Optional(inner) | resolve::Kind::List(inner) | resolve::Kind::Set(inner) => {
            is_text(inner)
        }
        _ => false,
    }
}

fn singular_list(thing: &Thing<'_>) -> Option<Finding> {
    let is_many = |ty: &Type| {
        matches!(ty.kind, resolve::Kind::List(_) | resolve::Kind::Set(_) | resolve::Kind::Map(..))
    };
    if matches!(thing.kind, Kind::Result(_)) || !is_many(thing.kind.ty()?) || thing.name.ends_with('s') {
        return None;
    }
    Some(Finding {
        code: Code::SingularList,
        message: format!("`{}` holds several, but its name is of one", thing.name),
        label: "no plural",
        help: "look at the page again: the type may be that of one",
    })
}

/// The standard errors may end any operation, whether it lists them or not.
fn unreported(reported: &BTreeSet<usize>, thing: &Thing<'_>) -> Option<Finding> {
    let Kind::Error(structure_idx) = thing.kind else { return None };
    let is_standard = thing.document.id() == STANDARD_ERRORS;
    (!is_standard && !reported.contains(&structure_idx)).then(|| Finding {
        code: Code::UnreportedError,
        message: format!("no operation reports `{}`", thing.name),
        label: "documented nowhere",
        help: "add it to the errors of the operations that end in it, or leave it out",
    })
}

fn older_than_type(model: &Model<'_>, thing: &Thing<'_>) -> Option<Finding> {
    let mut newer: Option<(&str, Release)> = None;
    thing.kind.ty()?.each(&mut |ty| {
        let (name, type_since) = match ty.kind {
            resolve::Kind::Structure(idx) => {
                let structure = &model.structures[idx];
                let document = &model.documents[structure.document_idx].body;
                (&structure.syntax.name, since(&[&document.since, &structure.syntax.since]))
            }
            resolve::Kind::Enumeration(idx) => {
                let enumeration = &model.enumerations[idx];
                let document = &model.documents[enumeration.document_idx].body;
                (&enumeration.syntax.name, since(&[&document.since, &enumeration.syntax.since]))
            }
            _ => return,
        };
        if !thing.since.has(&Releases { since: type_since.clone(), until: None }) {
            newer = Some((name, type_since));
        }
    });
    let (name, type_since) = newer?;
    Some(Finding {
        code: Code::OlderThanType,
        message: format!("this is there from {} on, its type `{name}` from {type_since}", thing.since),
        label: "older than its type",
        help: "give it the `since` of its type, or the type an earlier one",
    })
}
