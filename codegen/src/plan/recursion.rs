//! Structures that contain themselves: which fields need a box, and which circles cannot end.
//!
//! Lists, sets and maps hold their elements elsewhere and so end a circle; only fields whose value lies in the structure
//! itself count: a required structure or an optional one.

use super::{Declared, Problem};
use crate::ir::{Api, StructureIdx, Type};

/// For each structure, for each field, whether it is optional and leads back to its own structure.
pub(super) fn plan_boxes(api: &Api) -> Vec<Vec<bool>> {
    let mut boxes = Vec::with_capacity(api.structures.len());
    for (own_idx, structure) in api.structures.iter().enumerate() {
        let leads_back = |ty: &Type| match ty {
            Type::Optional(inner) => contained(inner)
                .is_some_and(|target| path_between(api, target, own_idx, &contained_maybe).is_some()),
            _ => false,
        };
        boxes.push(structure.fields.iter().map(|field| leads_back(&field.ty)).collect());
    }
    boxes
}

/// Every field that a structure requires and that requires the structure again.
/// A circle is reported once, at its structure that is declared first.
pub(super) fn find_endless(api: &Api) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (own_idx, structure) in api.structures.iter().enumerate() {
        for field in &structure.fields {
            let Some(target) = contained(&field.ty) else { continue };
            let Some(path) = path_between(api, target, own_idx, &contained) else { continue };
            if path.iter().any(|&idx| idx < own_idx) {
                continue;
            }
            let circle = std::iter::once(own_idx).chain(path.iter().copied());
            problems.push(Problem::Endless {
                declared: Declared {
                    what: format!("field `{}` of structure `{}`", field.name, structure.id),
                    place: field.place.clone(),
                },
                circle: circle.map(|idx| api.structures[idx].id.clone()).collect(),
            });
        }
    }
    problems
}

fn contained(ty: &Type) -> Option<StructureIdx> {
    match ty {
        Type::Structure(idx) => Some(*idx),
        _ => None,
    }
}

fn contained_maybe(ty: &Type) -> Option<StructureIdx> {
    match ty {
        Type::Optional(inner) => contained(inner),
        other => contained(other),
    }
}

/// The structures on a shortest way from one to the other, both included, along the fields that `contained` follows.
fn path_between(
    api: &Api,
    from: StructureIdx,
    to: usize,
    contained: &dyn Fn(&Type) -> Option<StructureIdx>,
) -> Option<Vec<usize>> {
    let mut came_from = vec![usize::MAX; api.structures.len()];
    let mut queue = vec![from.get()];
    came_from[from.get()] = from.get();
    let mut next = 0;
    while let Some(&idx) = queue.get(next) {
        next += 1;
        if idx == to {
            let mut path = vec![idx];
            let mut at = idx;
            while came_from[at] != at {
                at = came_from[at];
                path.push(at);
            }
            path.reverse();
            return Some(path);
        }
        for target in api.structures[idx].fields.iter().filter_map(|field| contained(&field.ty)) {
            if came_from[target.get()] == usize::MAX {
                came_from[target.get()] = idx;
                queue.push(target.get());
            }
        }
    }
    None
}
