//! Structures that contain themselves: which fields need a box.
//!
//! Lists, sets and maps hold their elements elsewhere and so end a circle; only fields whose value lies in the structure
//! itself count: a required structure or an optional one. A circle of required ones alone was refused by `check`.

use std::collections::BTreeSet;

use crate::ir::{Api, StructureIdx, Type};

/// For each structure, for each field, whether it is optional and leads back to its own structure.
pub(super) fn plan_boxes(api: &Api) -> Vec<Vec<bool>> {
    let contained: Vec<Vec<usize>> = api
        .structures
        .iter()
        .map(|structure| {
            structure.fields.iter().filter_map(|field| contained(&field.ty)).map(StructureIdx::get).collect()
        })
        .collect();
    let leads_back = |ty: &Type, own_idx: usize| match ty {
        Type::Optional(inner) => {
            matches!(**inner, Type::Structure(target) if reaches(&contained, target.get(), own_idx))
        }
        _ => false,
    };
    let boxes = api.structures.iter().enumerate().map(|(own_idx, structure)| {
        structure.fields.iter().map(|field| leads_back(&field.ty, own_idx)).collect()
    });
    boxes.collect()
}

fn contained(ty: &Type) -> Option<StructureIdx> {
    match ty {
        Type::Structure(idx) => Some(*idx),
        Type::Optional(inner) => match **inner {
            Type::Structure(idx) => Some(idx),
            _ => None,
        },
        _ => None,
    }
}

fn reaches(contained: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut todo = vec![from];
    while let Some(idx) = todo.pop() {
        if idx == to {
            return true;
        }
        todo.extend(contained[idx].iter().filter(|&&next| seen.insert(next)));
    }
    false
}
