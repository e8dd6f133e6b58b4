//! The query below `/api`: a scalar is `name=v`, a list or set repeats its name, a structure stands as its fields without
//! a prefix.
//!
//! Built on the pairs and values of forms: what has no spelling of its own (lists of structures, maps, structures inside
//! structures) is written and read as forms have it, dotted below its name.
//! Empty text for an optional text means unset. A list that is empty is left out, and one that is not there is empty, or
//! unset where it may be.

use super::pairs::{Group, Pairs};
use super::read;
use super::write::Writer;
use crate::codec::failure::{At as _, DecodeFailure, EncodeFailure, kind_name};
use crate::codec::fields::{self, Which};
use crate::codec::text::{is_scalar, is_text};
use crate::codec::{
    DecodeError, DecodeKind, DecodeOptions, Dialect, EncodeError, EncodeReason, Seen, Unknown, unions,
};
use crate::data::{Slot, Structure, View};
use crate::table::{Field, Ty};

/// Writes the parameters with these numbers as `a=b&c=d`, percent-encoded, blanks as `%20`.
///
/// # Errors
/// As [`super::encode_input`].
pub fn encode_rest_query(input: &dyn Structure, fields: &[u16]) -> Result<String, EncodeError> {
    let mut writer = Writer::new(Dialect::Rest);
    for &field_idx in fields {
        let field_idx = usize::from(field_idx);
        let field = &input.table().fields[field_idx];
        match input.field(field_idx) {
            View::Structure(structure) => write_flat(&mut writer, structure),
            view => write_field(&mut writer, field, view, 2),
        }
        .at_field(field.name)?;
    }
    Ok(writer.finish())
}

/// The fields of a parameter, without its name.
fn write_flat(writer: &mut Writer, structure: &dyn Structure) -> Result<(), EncodeFailure> {
    let table = structure.table();
    if let Some(broken) = unions::check(structure, table, Which::ALL) {
        return Err(EncodeReason::BrokenUnion(broken).into());
    }
    for (field_idx, field) in table.fields.iter().enumerate() {
        write_field(writer, field, structure.field(field_idx), 3).at_field(field.name)?;
    }
    Ok(())
}

fn write_field(
    writer: &mut Writer,
    field: &'static Field,
    view: View<'_>,
    depth: usize,
) -> Result<(), EncodeFailure> {
    match (field.ty.required(), view) {
        (_, View::Unset) if field.ty.is_optional() => Ok(()),
        (Ty::List(element) | Ty::Set(element), View::List(list)) if is_scalar(element) => {
            let mut written = Ok(());
            let mut idx = 0;
            list.each(&mut |view| {
                written = writer.below(field.name, |writer| writer.value(element, view, depth)).at_index(idx);
                idx += 1;
                written.is_ok()
            });
            written
        }
        (Ty::List(_) | Ty::Set(_), View::List(list)) if list.is_empty() => Ok(()),
        (ty, view) => writer.below(field.name, |writer| writer.value(ty, view, depth)),
    }
}

/// Reads the parameters with these numbers from `a=b&c=d`, percent-encoded. Returns which were set.
/// Keys that begin with `~`, `action` and `vmw-task` are not parameters and are passed over.
///
/// # Errors
/// What the text has wrong; `input` is then half filled and of no use.
pub fn decode_rest_query(
    query: &str,
    input: &mut dyn Structure,
    fields: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let pairs = Pairs::parse(query)?;
    let table = input.table();
    let mut given = Given::new(Group::all(&pairs), options);
    let mut seen = Seen::default();
    for &field_idx in fields {
        let field_idx = usize::from(field_idx);
        let field = &table.fields[field_idx];
        let is_there = match (field.ty.required(), input.field_mut(field_idx)) {
            (Ty::Structure(_), slot) => given.read_flat(&field.ty, slot),
            (_, slot) => given.read_field(field, slot, 2),
        };
        if is_there.at_field(field.name)? {
            seen.insert(field_idx);
        }
    }
    given.refuse_rest(table.name)?;
    fields::forget_unset(input, table, &mut seen);
    Ok(fields::check_complete(input, table, &seen, Which::Only(fields)).map(|()| seen)?)
}

/// The pairs by the names that their keys begin with, each with whether a field took them.
struct Given<'g> {
    groups: Vec<(&'g str, Group<'g>, bool)>,
    options: &'g DecodeOptions,
}

impl<'g> Given<'g> {
    fn new(all: Group<'g>, options: &'g DecodeOptions) -> Given<'g> {
        let groups = all.children().filter(|(name, _)| *name != "action");
        Given { groups: groups.map(|(name, group)| (name, group, false)).collect(), options }
    }

    fn take(&mut self, name: &str) -> Option<Group<'g>> {
        let (_, group, is_taken) =
            self.groups.iter_mut().find(|(given, _, is_taken)| *given == name && !is_taken)?;
        *is_taken = true;
        Some(*group)
    }

    fn has_any(&self, fields: &[Field]) -> bool {
        self.groups.iter().any(|(name, ..)| fields.iter().any(|field| field.name == *name))
    }

    /// Reads a structure whose fields stand without its name; an optional one is there if any of them is.
    fn read_flat(&mut self, ty: &Ty, slot: Slot<'_>) -> Result<bool, DecodeFailure> {
        let structure = match (ty, slot) {
            (Ty::Optional(inner), Slot::Optional(optional)) => {
                let is_there = matches!(inner, Ty::Structure(table) if self.has_any(table.fields));
                return if is_there { self.read_flat(inner, optional.insert()) } else { Ok(false) };
            }
            (_, Slot::Structure(structure)) => structure,
            (ty, slot) => return Err(misfit(ty, &slot)),
        };
        let table = structure.table();
        let mut seen = Seen::default();
        for (field_idx, field) in table.fields.iter().enumerate() {
            if self.read_field(field, structure.field_mut(field_idx), 3).at_field(field.name)? {
                seen.insert(field_idx);
            }
        }
        fields::check_complete(structure, table, &seen, Which::ALL)?;
        Ok(true)
    }

    /// Reads a parameter or field under its own name; whether it is there.
    fn read_field(&mut self, field: &Field, slot: Slot<'_>, depth: usize) -> Result<bool, DecodeFailure> {
        let Some(group) = self.take(field.name) else {
            // As good as empty.
            return Ok(matches!(field.ty, Ty::List(_) | Ty::Set(_)));
        };
        match (&field.ty, slot) {
            (Ty::Optional(inner), _) if is_text(inner) && is_empty_text(group) => Ok(()),
            (Ty::Optional(inner), Slot::Optional(optional)) if is_repeated(inner, group) => {
                read_repeated(group, inner, optional.insert(), depth, self.options)
            }
            (ty, slot) if is_repeated(ty, group) => read_repeated(group, ty, slot, depth, self.options),
            (ty, slot) => read::value(group, ty, slot, depth, self.options),
        }?;
        Ok(true)
    }

    /// Says which key no parameter has.
    fn refuse_rest(&self, structure: &'static str) -> Result<(), DecodeFailure> {
        match self.groups.iter().find(|(_, _, is_taken)| !is_taken) {
            Some((name, ..)) if self.options.unknown == Unknown::Refuse => {
                Err(DecodeKind::UnknownField { structure, field: (*name).to_owned() }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Whether this is a list or set that repeats its name.
fn is_repeated(ty: &Ty, group: Group<'_>) -> bool {
    matches!(ty, Ty::List(element) | Ty::Set(element) if is_scalar(element)) && !group.has_children()
}

fn read_repeated(
    group: Group<'_>,
    ty: &Ty,
    slot: Slot<'_>,
    depth: usize,
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    match (ty, slot) {
        (Ty::List(element) | Ty::Set(element), Slot::List(list)) => {
            let elements: Vec<_> = group.each_value().collect();
            read::list(&elements, element, list, depth, options)
        }
        (ty, slot) => Err(misfit(ty, &slot)),
    }
}

fn is_empty_text(group: Group<'_>) -> bool {
    !group.has_children() && matches!(group.values(), [(_, text)] if text.is_empty())
}

fn misfit(ty: &Ty, slot: &Slot<'_>) -> DecodeFailure {
    DecodeKind::Misfit { expected: kind_name(ty), got: slot.kind() }.into()
}
