//! Tagged values into slots, as a table describes them: strictly for a server, tolerantly for a client.
//!
//! In: [`Data`]. Out: a filled structure, result or error payload. The order of checks is the reference server's: whatever is
//! of the wrong type or missing is told before what is there too much.

use std::borrow::Cow;
use std::collections::btree_map::Entry;

use super::data::{Data, Named};
use crate::codec::failure::{At as _, DecodeFailure};
use crate::codec::fields::Which;
use crate::codec::{DecodeError, DecodeKind, DecodeOptions, Dialect, Seen, Unknown, class, fields, text};
use crate::data::{Added, Slot, Structure};
use crate::table::{StructureTable, Ty};
use crate::{DynamicStructure, Value};

/// Names of structures that a peer may call what it likes.
pub(super) const OPERATION_INPUT: &str = "operation-input";
const MAP_ENTRY: &str = "map-entry";

type Read<T = ()> = Result<T, DecodeFailure>;

/// Fills a structure from the fields under its name.
pub(super) fn read_structure(
    named: Named<'_>,
    structure: &mut dyn Structure,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    let mut reader = Reader { options, unexpected: None };
    reader.structure(named, structure, 1)?;
    reader.finish()
}

/// Fills a slot.
pub(super) fn read_value(
    ty: &Ty,
    data: Data<'_>,
    slot: Slot<'_>,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    let mut reader = Reader { options, unexpected: None };
    reader.value(ty, data, slot, 1)?;
    reader.finish()
}

struct Reader<'o> {
    options: &'o DecodeOptions,
    /// The first set field that no table knows; told only when nothing else is wrong.
    unexpected: Option<(&'static str, String)>,
}

impl Reader<'_> {
    fn finish(self) -> Result<(), DecodeError> {
        match self.unexpected {
            None => Ok(()),
            Some((structure, field)) => {
                let kind = DecodeKind::UnknownField { structure, field };
                Err(DecodeError { path: String::new(), kind })
            }
        }
    }

    fn is_strict(&self) -> bool {
        self.options.unknown == Unknown::Refuse
    }

    fn structure(&mut self, named: Named<'_>, structure: &mut dyn Structure, depth: usize) -> Read {
        self.options.check_depth(depth)?;
        let table = structure.table();
        if self.is_strict() && named.name != table.name && table.name != OPERATION_INPUT {
            let got = named.name.into_owned();
            return Err(DecodeKind::WrongName { expected: table.name, got }.into());
        }
        let mut seen = Seen::default();
        let mut next = 0;
        for (name, data) in named.fields {
            let Some(field_idx) = find(table, &name, &mut next) else {
                self.unknown(table, name, &data);
                continue;
            };
            if !seen.insert(field_idx) {
                return Err(fields::duplicate(table, field_idx).into());
            }
            let field = &table.fields[field_idx];
            self.value(&field.ty, data, structure.field_mut(field_idx), depth + 1).at_field(field.name)?;
        }
        fields::check_complete(structure, table, &seen, Which::ALL)?;
        Ok(())
    }

    /// Newer peers send fields that are not known here; those that are unset change nothing.
    fn unknown(&mut self, table: &'static StructureTable, name: Cow<'_, str>, data: &Data<'_>) {
        let is_set = !matches!(data, Data::Optional(None));
        if self.is_strict() && is_set && self.unexpected.is_none() {
            self.unexpected = Some((table.name, name.into_owned()));
        }
    }

    fn value(&mut self, ty: &Ty, data: Data<'_>, slot: Slot<'_>, depth: usize) -> Read {
        match (ty, slot, data) {
            (Ty::Optional(_), Slot::Optional(optional), Data::Optional(None)) => {
                optional.clear();
                Ok(())
            }
            (Ty::Optional(inner), Slot::Optional(optional), Data::Optional(Some(data))) => {
                self.value(inner, *data, optional.insert(), depth)
            }
            (Ty::String | Ty::Uri | Ty::Id, Slot::Text(target), Data::Text(text)) => {
                *target = text.into_owned();
                Ok(())
            }
            (Ty::Secret, Slot::Text(target), Data::Secret(text)) => {
                *target = text.into_owned();
                Ok(())
            }
            (Ty::Secret, Slot::Text(target), Data::Text(text)) if !self.is_strict() => {
                *target = text.into_owned();
                Ok(())
            }
            (Ty::Enumeration(_), Slot::Enumeration(target), Data::Text(text)) => {
                target.set(&text);
                Ok(())
            }
            (Ty::Boolean, Slot::Boolean(target), Data::Boolean(value)) => {
                *target = value;
                Ok(())
            }
            (Ty::Long, Slot::Long(target), Data::Integer(value)) => {
                *target = value;
                Ok(())
            }
            (Ty::Double, Slot::Double(target), Data::Double(value)) => {
                *target = value;
                Ok(())
            }
            // Whole doubles come without a fraction from some; beyond 2^53 that is all the precision there is.
            (Ty::Double, Slot::Double(target), Data::Integer(value)) => {
                *target = value as f64;
                Ok(())
            }
            (Ty::Double, Slot::Double(target), Data::BigInteger(value)) => {
                *target = value as f64;
                Ok(())
            }
            (Ty::Long, Slot::Long(_), Data::BigInteger(value)) => {
                Err(DecodeKind::BadText { expected: "64-bit integer", text: value.to_string() }.into())
            }
            (Ty::DateTime, slot, Data::Text(text)) => {
                text::read_text(&Ty::DateTime, &text, slot, Dialect::Rest)?;
                Ok(())
            }
            (Ty::Binary, Slot::Binary(target), Data::Binary(text)) => {
                *target = text::read_binary(&text)?;
                Ok(())
            }
            (Ty::Structure(_), Slot::Structure(structure), Data::Structure(named)) => {
                self.structure(*named, structure, depth)
            }
            (Ty::List(element) | Ty::Set(element), Slot::List(list), Data::List(elements)) => {
                self.options.check_depth(depth)?;
                for (idx, data) in elements.into_iter().enumerate() {
                    let mut read = Ok(());
                    let mut data = Some(data);
                    let added = list.add(&mut |slot| {
                        if let Some(data) = data.take() {
                            read = self.value(element, data, slot, depth + 1);
                        }
                        read.is_ok()
                    });
                    read.at_index(idx)?;
                    if added == Added::Duplicate {
                        return Err(DecodeFailure::from(DecodeKind::DuplicateElement)).at_index(idx);
                    }
                }
                Ok(())
            }
            (Ty::Map(key, value), slot @ Slot::Map(_), data @ (Data::List(_) | Data::Structure(_))) => {
                self.map((key, value), data, slot, depth)
            }
            (Ty::DynamicStructure, Slot::Dynamic(dynamic), Data::Structure(named)) => {
                *dynamic = self.dynamic(*named, depth)?;
                Ok(())
            }
            (Ty::AnyError, Slot::Dynamic(dynamic), Data::Error(named)) => {
                *dynamic = self.dynamic(*named, depth)?;
                Ok(())
            }
            (Ty::AnyError, Slot::Dynamic(dynamic), Data::Structure(named)) if !self.is_strict() => {
                *dynamic = self.dynamic(*named, depth)?;
                Ok(())
            }
            (Ty::Opaque, Slot::Opaque(target), data) => {
                *target = self.any(data, depth)?;
                Ok(())
            }
            (Ty::Void, Slot::Void, data) if !self.is_strict() || matches!(data, Data::Void) => Ok(()),
            (ty, slot, data) if fits(ty, &slot) => {
                Err(DecodeKind::Mismatch { expected: word(ty), got: data.word().to_owned() }.into())
            }
            (ty, slot, _) => Err(DecodeKind::Misfit { expected: word(ty), got: slot.kind() }.into()),
        }
    }

    /// A list of entries, or a structure whose fields are the entries.
    fn map(&mut self, (key_ty, value_ty): (&Ty, &Ty), data: Data<'_>, slot: Slot<'_>, depth: usize) -> Read {
        let Slot::Map(map) = slot else { return Ok(()) };
        self.options.check_depth(depth)?;
        let entries: Vec<(Data<'_>, Data<'_>)> = match data {
            Data::List(entries) => {
                let entries = entries.into_iter().enumerate();
                let entries = entries.map(|(idx, entry)| self.entry(entry).at_index(idx));
                entries.collect::<Read<Vec<_>>>()?
            }
            Data::Structure(named) => {
                named.fields.into_iter().map(|(name, value)| (Data::Text(name), value)).collect()
            }
            _ => Vec::new(),
        };
        for (idx, (key, value)) in entries.into_iter().enumerate() {
            let mut read = Ok(());
            let mut entry = Some((key, value));
            let added = map.add(&mut |key_data, value_data| {
                if let Some((key, value)) = entry.take() {
                    read = self.value(key_ty, key, key_data.slot(), depth + 1);
                    if read.is_ok() {
                        read = self.value(value_ty, value, value_data.slot(), depth + 1);
                    }
                }
                read.is_ok()
            });
            read.at_index(idx)?;
            if added == Added::Duplicate {
                return Err(DecodeFailure::from(DecodeKind::DuplicateKey)).at_index(idx);
            }
        }
        Ok(())
    }

    /// Key and value of an entry, whatever it is called.
    fn entry<'t>(&self, entry: Data<'t>) -> Read<(Data<'t>, Data<'t>)> {
        let named = match entry {
            Data::Structure(named) => named,
            data => {
                let got = data.word().to_owned();
                return Err(DecodeKind::Mismatch { expected: "Structure", got }.into());
            }
        };
        let (mut key, mut value) = (None, None);
        for (name, data) in named.fields {
            let member = match &*name {
                "key" => &mut key,
                "value" => &mut value,
                _ => continue,
            };
            if member.replace(data).is_some() {
                let field = name.into_owned();
                return Err(DecodeKind::DuplicateField { structure: MAP_ENTRY, field }.into());
            }
        }
        let missing = |field| DecodeFailure::from(DecodeKind::MissingField { structure: MAP_ENTRY, field });
        Ok((key.ok_or_else(|| missing("key"))?, value.ok_or_else(|| missing("value"))?))
    }

    fn dynamic(&self, named: Named<'_>, depth: usize) -> Read<DynamicStructure> {
        self.options.check_depth(depth)?;
        let mut dynamic =
            DynamicStructure { name: class::name_of(named.name.into_owned()), ..DynamicStructure::default() };
        for (name, data) in named.fields {
            let value = self.any(data, depth + 1).at_name(&name)?;
            match dynamic.fields.entry(name.into_owned()) {
                Entry::Vacant(vacant) => _ = vacant.insert(value),
                Entry::Occupied(occupied) => {
                    let field = occupied.key().clone();
                    return Err(
                        DecodeKind::DuplicateField { structure: "the dynamic structure", field }.into()
                    );
                }
            }
        }
        Ok(dynamic)
    }

    fn any(&self, data: Data<'_>, depth: usize) -> Read<Value> {
        self.options.check_depth(depth)?;
        Ok(match data {
            Data::Void | Data::Optional(None) => Value::Null,
            Data::Boolean(value) => Value::Boolean(value),
            Data::Integer(value) => Value::Long(value),
            // As near as can be had, as the parser gives what is beyond 64 bits.
            Data::BigInteger(value) => Value::Double(value as f64),
            Data::Double(value) => Value::Double(value),
            Data::Text(text) => Value::Text(text.into_owned()),
            Data::Secret(text) => Value::Secret(text.into_owned().into()),
            Data::Binary(text) => Value::Binary(text::read_binary(&text)?),
            Data::Optional(Some(data)) => Value::Optional(Box::new(self.any(*data, depth + 1)?)),
            Data::List(elements) => {
                let elements = elements.into_iter().enumerate();
                let elements = elements.map(|(idx, data)| self.any(data, depth + 1).at_index(idx));
                Value::List(elements.collect::<Read<_>>()?)
            }
            Data::Structure(named) => Value::Structure(self.dynamic(*named, depth)?),
            Data::Error(named) => Value::Error(self.dynamic(*named, depth)?),
        })
    }
}

/// The field's number; quickest where fields come as they are declared.
fn find(table: &StructureTable, name: &str, next: &mut usize) -> Option<usize> {
    let expected = *next;
    *next += 1;
    if table.fields.get(expected).is_some_and(|field| field.name == name) {
        return Some(expected);
    }
    table.field_idx(name)
}

/// Whether the slot is the type's, so that what does not fit is the data.
fn fits(ty: &Ty, slot: &Slot<'_>) -> bool {
    match ty {
        Ty::Void => matches!(slot, Slot::Void),
        Ty::Boolean => matches!(slot, Slot::Boolean(_)),
        Ty::Long => matches!(slot, Slot::Long(_)),
        Ty::Double => matches!(slot, Slot::Double(_)),
        Ty::String | Ty::Secret | Ty::Uri | Ty::Id => matches!(slot, Slot::Text(_)),
        Ty::Binary => matches!(slot, Slot::Binary(_)),
        Ty::DateTime => matches!(slot, Slot::DateTime(_)),
        Ty::Enumeration(_) => matches!(slot, Slot::Enumeration(_)),
        Ty::Structure(_) => matches!(slot, Slot::Structure(_)),
        Ty::DynamicStructure | Ty::AnyError => matches!(slot, Slot::Dynamic(_)),
        Ty::Opaque => matches!(slot, Slot::Opaque(_)),
        Ty::Optional(_) => matches!(slot, Slot::Optional(_)),
        Ty::List(_) | Ty::Set(_) => matches!(slot, Slot::List(_)),
        Ty::Map(..) => matches!(slot, Slot::Map(_)),
    }
}

/// The protocol's word for a type, for messages.
pub(super) fn word(ty: &Ty) -> &'static str {
    match ty {
        Ty::Void => "Void",
        Ty::Boolean => "Boolean",
        Ty::Long => "Integer",
        Ty::Double => "Double",
        Ty::String | Ty::Uri | Ty::Id | Ty::DateTime | Ty::Enumeration(_) => "String",
        Ty::Secret => "Secret",
        Ty::Binary => "Blob",
        Ty::Structure(_) | Ty::DynamicStructure => "Structure",
        Ty::AnyError => "Error",
        Ty::Opaque => "Opaque",
        Ty::Optional(_) => "Optional",
        Ty::List(_) | Ty::Set(_) | Ty::Map(..) => "List",
    }
}
