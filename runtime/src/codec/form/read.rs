//! Pairs to slots.

use super::pairs::Group;
use super::{CLASS, NIL};
use crate::codec::failure::{At as _, DecodeFailure, kind_name};
use crate::codec::fields::Which;
use crate::codec::{DecodeKind, DecodeOptions, Seen, Unknown, class, fields, text};
use crate::data::{Added, ListSlot, MapSlot, Slot, Structure};
use crate::table::Ty;
use crate::{DynamicStructure, Value};

/// Reads a group's children into the fields of a structure.
pub(super) fn structure(
    group: Group<'_>,
    structure: &mut dyn Structure,
    may_lack: &[u16],
    depth: usize,
    options: &DecodeOptions,
) -> Result<Seen, DecodeFailure> {
    options.check_depth(depth)?;
    let table = structure.table();
    let mut seen = Seen::default();
    let mut cursor = fields::Cursor::by_name(table);
    for (name, child) in group.children() {
        let Some(field_idx) = cursor.find(name) else {
            unknown_name(name, table.name, options)?;
            continue;
        };
        // Sorting put all that has this name into one group.
        seen.insert(field_idx);
        let field = &table.fields[field_idx];
        value(child, &field.ty, structure.field_mut(field_idx), depth + 1, options).at_field(field.name)?;
    }
    fields::check_complete(structure, table, &seen, Which::But(may_lack))?;
    Ok(seen)
}

fn unknown_name(name: &str, structure: &'static str, options: &DecodeOptions) -> Result<(), DecodeFailure> {
    match options.unknown {
        Unknown::Ignore => Ok(()),
        Unknown::Refuse => Err(DecodeKind::UnknownField { structure, field: name.to_owned() }.into()),
    }
}

pub(super) fn value(
    group: Group<'_>,
    ty: &Ty,
    slot: Slot<'_>,
    depth: usize,
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    match (ty, slot) {
        (Ty::Optional(_), Slot::Optional(optional)) if is_nil(group) => {
            optional.clear();
            Ok(())
        }
        (Ty::Optional(inner), Slot::Optional(optional)) => {
            value(group, inner, optional.insert(), depth, options)
        }
        (Ty::Structure(_), Slot::Structure(target)) => {
            check_only_children(group, ty)?;
            structure(group, target, &[], depth, options).map(drop)
        }
        (Ty::List(element) | Ty::Set(element), Slot::List(target)) => {
            let items = items(group)?;
            list(&items, element, target, depth, options)
        }
        (Ty::Map(key, value), Slot::Map(map)) => {
            check_only_children(group, ty)?;
            let items = items(group)?;
            read_map(&items, (key, value), map, depth, options)
        }
        (Ty::DynamicStructure | Ty::AnyError, Slot::Dynamic(target)) => {
            check_only_children(group, ty)?;
            *target = dynamic(group, depth, options)?;
            Ok(())
        }
        (Ty::Opaque, Slot::Opaque(target)) => {
            *target = opaque(group, depth, options)?;
            Ok(())
        }
        (
            Ty::Optional(_)
            | Ty::Structure(_)
            | Ty::List(_)
            | Ty::Set(_)
            | Ty::Map(..)
            | Ty::DynamicStructure
            | Ty::AnyError
            | Ty::Opaque
            | Ty::Void,
            slot,
        ) => Err(DecodeKind::Misfit { expected: kind_name(ty), got: slot.kind() }.into()),
        (ty, slot) => {
            let content = only_value(group, ty)?;
            text::read_text(ty, content, slot, options.dialect).map_err(DecodeFailure::from)
        }
    }
}

/// The value of a scalar: one, and nothing below it.
fn only_value<'g>(group: Group<'g>, ty: &Ty) -> Result<&'g str, DecodeFailure> {
    let mismatch = |got: &str| DecodeKind::Mismatch { expected: kind_name(ty), got: got.to_owned() };
    match group.values() {
        [_, ..] if group.has_children() => Err(DecodeKind::Conflict.into()),
        [(_, value)] => Ok(value),
        [] => Err(mismatch("names below it").into()),
        [_, _, ..] => Err(mismatch("more than one value").into()),
    }
}

/// What has names below it has no value of its own, but for the one that says it is empty.
fn check_only_children(group: Group<'_>, ty: &Ty) -> Result<(), DecodeFailure> {
    match group.values() {
        [] => Ok(()),
        _ if group.has_children() => Err(DecodeKind::Conflict.into()),
        [(_, value)] if value.is_empty() => Ok(()),
        _ => Err(DecodeKind::Mismatch { expected: kind_name(ty), got: "a single value".to_owned() }.into()),
    }
}

fn is_nil(group: Group<'_>) -> bool {
    let mut children = group.children();
    let (first, second) = (children.next(), children.next());
    let says_so = |child: Group<'_>| matches!(child.values(), [(_, value)] if value == "true");
    group.values().is_empty()
        && second.is_none()
        && first.is_some_and(|(name, child)| name == NIL && !child.has_children() && says_so(child))
}

/// The elements or entries, in order.
fn items(group: Group<'_>) -> Result<Vec<Group<'_>>, DecodeFailure> {
    match group.values() {
        [] => indexed(group),
        _ if group.has_children() => Err(DecodeKind::Conflict.into()),
        [(_, value)] if value.is_empty() => Ok(Vec::new()),
        _ => Ok(group.each_value().collect()),
    }
}

/// The children, whose segments are 1, 2, 3 and so on.
fn indexed(group: Group<'_>) -> Result<Vec<Group<'_>>, DecodeFailure> {
    let mut items = Vec::new();
    for (name, child) in group.children() {
        let Some(index) = index_of(name) else {
            return Err(DecodeKind::Index { expected: items.len() + 1, got: name.to_owned() }.into());
        };
        items.push((index, child));
    }
    items.sort_by_key(|&(index, _)| index);
    match items.iter().zip(1_usize..).find(|((index, _), expected)| index != expected) {
        Some(((index, _), expected)) => Err(DecodeKind::Index { expected, got: index.to_string() }.into()),
        None => Ok(items.into_iter().map(|(_, child)| child).collect()),
    }
}

/// An index as it is written: no sign, no leading zero.
fn index_of(name: &str) -> Option<usize> {
    let is_index = name.bytes().all(|byte| byte.is_ascii_digit()) && !name.starts_with('0');
    if is_index { name.parse().ok() } else { None }
}

pub(super) fn list(
    items: &[Group<'_>],
    ty: &Ty,
    target: &mut dyn ListSlot,
    depth: usize,
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    options.check_depth(depth)?;
    for (idx, item) in items.iter().enumerate() {
        let mut read = Ok(());
        let added = target.add(&mut |slot| {
            read = value(*item, ty, slot, depth + 1, options);
            read.is_ok()
        });
        read.at_index(idx)?;
        if added == Added::Duplicate {
            return Err(DecodeKind::DuplicateElement.into()).at_index(idx);
        }
    }
    Ok(())
}

fn read_map(
    items: &[Group<'_>],
    tys: (&Ty, &Ty),
    map: &mut dyn MapSlot,
    depth: usize,
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    options.check_depth(depth)?;
    for (idx, item) in items.iter().enumerate() {
        let mut read = Ok(());
        let added = map.add(&mut |key, value| {
            read = entry(*item, (tys.0, key.slot()), (tys.1, value.slot()), depth + 1, options);
            read.is_ok()
        });
        read.at_index(idx)?;
        if added == Added::Duplicate {
            return Err(DecodeKind::DuplicateKey.into()).at_index(idx);
        }
    }
    Ok(())
}

fn entry(
    group: Group<'_>,
    (key_ty, key_slot): (&Ty, Slot<'_>),
    (value_ty, value_slot): (&Ty, Slot<'_>),
    depth: usize,
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    const ENTRY: &str = "the map entry";
    options.check_depth(depth)?;
    if !group.values().is_empty() {
        return Err(DecodeKind::Mismatch { expected: "map entry", got: "a single value".to_owned() }.into());
    }
    let (mut key, mut entry_value) = (None, None);
    for (name, child) in group.children() {
        match name {
            "key" => key = Some(child),
            "value" => entry_value = Some(child),
            name => unknown_name(name, ENTRY, options)?,
        }
    }
    let missing = |field| DecodeKind::MissingField { structure: ENTRY, field };
    value(key.ok_or_else(|| missing("key"))?, key_ty, key_slot, depth + 1, options).at_field("key")?;
    match entry_value {
        Some(child) => value(child, value_ty, value_slot, depth + 1, options).at_field("value"),
        None if value_ty.is_optional() => Ok(()),
        None => Err(missing("value").into()),
    }
}

/// Reads a group as a dynamic structure.
fn dynamic(
    group: Group<'_>,
    depth: usize,
    options: &DecodeOptions,
) -> Result<DynamicStructure, DecodeFailure> {
    options.check_depth(depth)?;
    let mut dynamic = DynamicStructure::default();
    for (name, child) in group.children() {
        if name == CLASS {
            let said = only_value(child, &Ty::String).at_field(CLASS)?;
            dynamic.name = class::name_of(said.to_owned());
        } else {
            let value = opaque(child, depth + 1, options).at_name(name)?;
            dynamic.fields.insert(name.to_owned(), value);
        }
    }
    Ok(dynamic)
}

/// Reads a group as whatever it looks like.
fn opaque(group: Group<'_>, depth: usize, options: &DecodeOptions) -> Result<Value, DecodeFailure> {
    if is_nil(group) {
        return Ok(Value::Null);
    }
    let values = group.values();
    match values {
        [_, ..] if group.has_children() => return Err(DecodeKind::Conflict.into()),
        [(_, text)] => return Ok(Value::Text(text.clone().into_owned())),
        [_, _, ..] => {
            options.check_depth(depth)?;
            return Ok(Value::List(
                values.iter().map(|(_, text)| Value::Text(text.clone().into_owned())).collect(),
            ));
        }
        [] => {}
    }
    // A structure whose fields are called like indexes says its class.
    if group.children().any(|(name, _)| index_of(name).is_none()) {
        return dynamic(group, depth, options).map(Value::Structure);
    }
    options.check_depth(depth)?;
    let mut list = Vec::new();
    for item in indexed(group)? {
        let value = opaque(item, depth + 1, options).at_index(list.len())?;
        list.push(value);
    }
    Ok(Value::List(list))
}
