//! Showing, comparing and copying values by their tables, written once for all structures.
//!
//! In go structures, out come `Debug` text, a verdict or a copy. Derived per type the same costs a fifth of the compile time
//! of a generated crate: a structure's `Debug` and `PartialEq` are one call each this way.

use std::fmt;

use crate::data::{ListView, MapView, Slot, Structure, View};
use crate::operation_error::{self, OperationError};
use crate::table::Ty;

/// Shows a structure under its Rust name, as a derived `Debug` would.
///
/// # Errors
/// As the formatter's.
pub fn debug(structure: &dyn Structure, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut shown = f.debug_struct(name);
    for (field_idx, field) in structure.table().fields.iter().enumerate() {
        shown.field(field.name, &Shown { ty: &field.ty, view: structure.field(field_idx) });
    }
    shown.finish()
}

/// Whether two structures of one type are equal, field by field.
#[must_use]
pub fn eq(left: &dyn Structure, right: &dyn Structure) -> bool {
    let n_fields = left.table().fields.len();
    (0..n_fields).all(|field_idx| eq_views(left.field(field_idx), right.field(field_idx)))
}

/// A copy of a structure.
#[must_use]
pub fn clone<S: Structure>(structure: &S) -> S {
    let mut copy = S::blank();
    copy_structure(structure, &mut copy);
    copy
}

/// A copy of an operation's error.
#[must_use]
pub fn clone_error<E: OperationError>(error: &E) -> E {
    operation_error::filled(error.error_idx(), |copy| copy_structure(error.payload(), copy))
}

/// Shows an operation's error as its payload.
///
/// # Errors
/// As the formatter's.
pub fn debug_error<E: OperationError>(error: &E, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    error.payload().fmt(f)
}

/// Whether two errors of an operation are the same with equal payloads.
#[must_use]
pub fn eq_errors<E: OperationError>(left: &E, right: &E) -> bool {
    left.error_idx() == right.error_idx() && eq(left.payload(), right.payload())
}

/// A value with its type, which says what its view leaves open.
pub(crate) struct Shown<'a> {
    pub(crate) ty: &'a Ty,
    pub(crate) view: View<'a>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.ty, self.view) {
            (Ty::Optional(_), View::Unset) => f.write_str("None"),
            (Ty::Optional(inner), view) => f.debug_tuple("Some").field(&Shown { ty: inner, view }).finish(),
            (Ty::Secret, _) => f.write_str("Secret(…)"),
            (Ty::List(element) | Ty::Set(element), View::List(elements)) => {
                let mut shown = f.debug_list();
                elements.each(&mut |view| {
                    shown.entry(&Shown { ty: element, view });
                    true
                });
                shown.finish()
            }
            (Ty::Map(key, value), View::Map(entries)) => {
                let mut shown = f.debug_map();
                entries.each(&mut |key_view, view| {
                    shown.entry(&Shown { ty: key, view: key_view }, &Shown { ty: value, view });
                    true
                });
                shown.finish()
            }
            (_, View::Unset) => f.write_str("()"),
            (_, View::Boolean(value)) => value.fmt(f),
            (_, View::Long(value)) => value.fmt(f),
            (_, View::Double(value)) => value.fmt(f),
            (_, View::Text(text)) => text.fmt(f),
            (_, View::Binary(bytes)) => bytes.fmt(f),
            (_, View::DateTime(instant)) => instant.fmt(f),
            (_, View::Structure(structure)) => structure.fmt(f),
            (_, View::List(elements)) => elements.fmt(f),
            (_, View::Map(entries)) => entries.fmt(f),
            (_, View::Dynamic(structure)) => structure.fmt(f),
            (_, View::Opaque(value)) => value.fmt(f),
        }
    }
}

pub(crate) fn eq_views(left: View<'_>, right: View<'_>) -> bool {
    match (left, right) {
        (View::Unset, View::Unset) => true,
        (View::Boolean(left), View::Boolean(right)) => left == right,
        (View::Long(left), View::Long(right)) => left == right,
        (View::Double(left), View::Double(right)) => left == right,
        (View::Text(left), View::Text(right)) => left == right,
        (View::Binary(left), View::Binary(right)) => left == right,
        (View::DateTime(left), View::DateTime(right)) => left == right,
        (View::Structure(left), View::Structure(right)) => eq(left, right),
        (View::Dynamic(left), View::Dynamic(right)) => left == right,
        (View::Opaque(left), View::Opaque(right)) => left == right,
        (View::List(left), View::List(right)) => {
            left.len() == right.len() && {
                let (left, right) = (elements(left), elements(right));
                left.iter().zip(&right).all(|(left, right)| eq_views(*left, *right))
            }
        }
        (View::Map(left), View::Map(right)) => {
            left.len() == right.len() && {
                let (left, right) = (entries(left), entries(right));
                let eq = |(left, right): (&(View<'_>, View<'_>), &(View<'_>, View<'_>))| {
                    eq_views(left.0, right.0) && eq_views(left.1, right.1)
                };
                left.iter().zip(&right).all(eq)
            }
        }
        _ => false,
    }
}

fn elements(list: &dyn ListView) -> Vec<View<'_>> {
    let mut elements = Vec::with_capacity(list.len());
    list.each(&mut |view| {
        elements.push(view);
        true
    });
    elements
}

fn entries(map: &dyn MapView) -> Vec<(View<'_>, View<'_>)> {
    let mut entries = Vec::with_capacity(map.len());
    map.each(&mut |key, value| {
        entries.push((key, value));
        true
    });
    entries
}

/// Copies every field; the tables have the same fields, the copy is empty.
pub(crate) fn copy_structure(from: &dyn Structure, to: &mut dyn Structure) {
    for field_idx in 0..from.table().fields.len() {
        copy_value(from.field(field_idx), to.field_mut(field_idx));
    }
}

/// The slot is empty and of the view's own type: both come from one type's table.
pub(crate) fn copy_value(from: View<'_>, to: Slot<'_>) {
    match (from, to) {
        (View::Unset, _) => {}
        (from, Slot::Optional(to)) => copy_value(from, to.insert()),
        (View::Boolean(from), Slot::Boolean(to)) => *to = from,
        (View::Long(from), Slot::Long(to)) => *to = from,
        (View::Double(from), Slot::Double(to)) => *to = from,
        (View::Text(from), Slot::Text(to)) => *to = from.to_owned(),
        (View::Text(from), Slot::Enumeration(to)) => to.set(from),
        (View::Binary(from), Slot::Binary(to)) => *to = from.to_owned(),
        (View::DateTime(from), Slot::DateTime(to)) => *to = from,
        (View::Structure(from), Slot::Structure(to)) => copy_structure(from, to),
        (View::Dynamic(from), Slot::Dynamic(to)) => from.clone_into(to),
        (View::Opaque(from), Slot::Opaque(to)) => from.clone_into(to),
        (View::List(from), Slot::List(to)) => from.each(&mut |from| {
            to.add(&mut |to| {
                copy_value(from, to);
                true
            });
            true
        }),
        (View::Map(from), Slot::Map(to)) => from.each(&mut |from_key, from_value| {
            to.add(&mut |to_key, to_value| {
                copy_value(from_key, to_key.slot());
                copy_value(from_value, to_value.slot());
                true
            });
            true
        }),
        (from, to) => unreachable!("{from:?} does not go into a slot for {}", to.kind()),
    }
}
