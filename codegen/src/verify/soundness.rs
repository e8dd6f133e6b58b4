//! Which declarations had no mistake in them before pages were compared.

use std::collections::BTreeSet;

use crate::diag::Report;
use crate::ir::{Api, Operation, Type};
use crate::resolve::Model;

/// By index of the declaration.
pub(super) struct Soundness {
    structures: Vec<bool>,
    enumerations: Vec<bool>,
}

impl Soundness {
    pub(super) fn of(model: &Model<'_>, report: &Report) -> Soundness {
        let is_sound = |document_idx: usize, at| {
            report.is_empty() || !report.has_one_in(model.documents[document_idx].tree.node(at).span)
        };
        let structures = model.structures.iter();
        let enumerations = model.enumerations.iter();
        Soundness {
            structures: structures
                .map(|structure| is_sound(structure.document_idx, structure.syntax.at))
                .collect(),
            enumerations: enumerations
                .map(|enumeration| is_sound(enumeration.document_idx, enumeration.syntax.at))
                .collect(),
        }
    }

    /// Whether no parameter and no result has a declaration with a mistake in it, however deep.
    pub(super) fn reaches_only_sound(&self, api: &Api, operation: &Operation) -> bool {
        if self.structures.iter().chain(&self.enumerations).all(|is_sound| *is_sound) {
            return true;
        }
        let mut seen = BTreeSet::new();
        let mut open: Vec<&Type> = operation.parameters.iter().map(|parameter| &parameter.ty).collect();
        open.push(&operation.result);
        while let Some(ty) = open.pop() {
            match ty {
                Type::Structure(idx) => {
                    if !self.structures[idx.get()] {
                        return false;
                    }
                    if seen.insert(*idx) {
                        open.extend(api.structures[idx.get()].fields.iter().map(|field| &field.ty));
                    }
                }
                Type::Enumeration(idx) if !self.enumerations[idx.get()] => return false,
                Type::Optional(inner) | Type::List(inner) | Type::Set(inner) => open.push(inner),
                Type::Map(key, value) => open.extend([&**key, &**value]),
                _ => {}
            }
        }
        true
    }
}
