//! JSON to slots: one visitor over [`Slot`], for `serde_json` and every other self-describing serde format.

use std::cell::RefCell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::dynamic::{ValueIn, read_dynamic};
use super::{ERROR_TYPE, id_of_error_type};
use crate::codec::failure::{Failure, Step, kind_name};
use crate::codec::fields::Which;
use crate::codec::{DecodeError, DecodeKind, DecodeOptions, Dialect, Seen, Unknown, fields, text, utf_8};
use crate::data::{Added, Data, ListSlot, MapSlot, Slot, Structure};
use crate::table::{StructureTable, Ty};
use crate::{DynamicStructure, Value};

mod roots;

pub(super) use roots::{Root, Task};

pub(super) fn from_bytes(
    body: &[u8],
    task: Task<'_, '_>,
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let context = Context::new(options);
    let read = run(utf_8(body)?, Root { task, context: &context });
    read.map_err(|error| context.into_decode_error(&error))
}

/// Reads a value that has no envelope.
pub(super) fn bare(body: &[u8], ty: &Ty, slot: Slot<'_>, options: &DecodeOptions) -> Result<(), DecodeError> {
    let context = Context::new(options);
    let read = run(utf_8(body)?, Node { ty, slot, depth: 1, context: &context });
    read.map_err(|error| context.into_decode_error(&error))
}

/// The text was looked at as a whole once, which is cheaper than string by string.
fn run<'t, S: DeserializeSeed<'t>>(text: &'t str, seed: S) -> Result<S::Value, serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = seed.deserialize(&mut json)?;
    json.end()?;
    Ok(read)
}

/// What serde's error types have no room for.
pub(super) struct Context<'o> {
    options: &'o DecodeOptions,
    /// The path, and what is wrong there where it is not the parser that says so.
    failure: RefCell<Failure<Option<DecodeKind>>>,
}

impl<'o> Context<'o> {
    pub(super) fn new(options: &'o DecodeOptions) -> Context<'o> {
        Context { options, failure: RefCell::new(Failure::new(None)) }
    }

    /// Notes what is wrong.
    #[cold]
    pub(super) fn fail<E: Error>(&self, kind: DecodeKind) -> E {
        self.failure.borrow_mut().what.get_or_insert(kind);
        E::custom("not the value that was expected")
    }

    /// Adds a step to the failure that passes through.
    #[inline]
    pub(super) fn at<E>(&self, step: impl FnOnce() -> Step) -> impl FnOnce(E) -> E {
        move |error| {
            self.failure.borrow_mut().push(step());
            error
        }
    }

    #[inline]
    pub(super) fn check_depth<E: Error>(&self, depth: usize) -> Result<(), E> {
        self.options.check_depth(depth).map_err(|kind| self.fail(kind))
    }

    fn into_decode_error(self, error: &serde_json::Error) -> DecodeError {
        let failure = self.failure.into_inner().map(|kind| {
            kind.unwrap_or_else(|| {
                let (line, column) = (error.line(), error.column());
                let text = error.to_string();
                // The parser says the place in its text too.
                let place = format!(" at line {line} column {column}");
                let text = text.strip_suffix(&place).unwrap_or(&text).to_owned();
                DecodeKind::Syntax { line, column, text }
            })
        });
        Box::new(failure).into()
    }

    /// The error with path and kind, for a format of the caller's.
    pub(super) fn into_serde_error<E: Error>(self, error: E) -> E {
        let failure = self.failure.into_inner();
        if failure.what.is_none() {
            return error;
        }
        let failure = failure.map(|kind| kind.unwrap_or(DecodeKind::Conflict));
        E::custom(DecodeError::from(Box::new(failure)))
    }
}

/// A value to read: its type, where it goes, and its nesting depth if it is a structure, list or map.
pub(super) struct Node<'s, 'c> {
    ty: &'c Ty,
    slot: Slot<'s>,
    depth: usize,
    context: &'c Context<'c>,
}

impl<'s> Node<'s, '_> {
    /// The value under an optional, which becomes set.
    #[inline]
    fn set(self) -> Self {
        match (self.ty, self.slot) {
            (Ty::Optional(inner), Slot::Optional(optional)) => {
                Node { ty: inner, slot: optional.insert(), ..self }.set()
            }
            (ty, slot) => Node { ty, slot, ..self },
        }
    }

    /// The failure of a value of another type. A number is shown, but for a secret.
    #[cold]
    fn mismatch<E: Error>(&self, got: impl fmt::Display) -> E {
        self.context.fail(DecodeKind::Mismatch { expected: kind_name(self.ty), got: got.to_string() })
    }

    #[cold]
    fn number_mismatch<E: Error>(&self, number: impl fmt::Display) -> E {
        match self.ty {
            Ty::Secret => self.mismatch("a number"),
            _ => self.mismatch(format_args!("the number {number}")),
        }
    }

    #[cold]
    fn misfit<E: Error>(&self) -> E {
        self.context.fail(DecodeKind::Misfit { expected: kind_name(self.ty), got: self.slot.kind() })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_, '_> {
    type Value = ();
    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(kind_name(self.ty))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        match (self.ty, self.slot) {
            (Ty::Optional(_), Slot::Optional(optional)) => optional.clear(),
            (Ty::Opaque, Slot::Opaque(target)) => *target = Value::Null,
            (ty, slot) => return Err(Node { ty, slot, ..self }.mismatch("null")),
        }
        Ok(())
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        let mut node = self.set();
        match (node.ty, &mut node.slot) {
            (Ty::Boolean, Slot::Boolean(target)) => **target = value,
            (Ty::Opaque, Slot::Opaque(target)) => **target = Value::Boolean(value),
            (Ty::Boolean | Ty::Opaque, _) => return Err(node.misfit()),
            _ => return Err(node.mismatch(value)),
        }
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        let mut node = self.set();
        match (node.ty, &mut node.slot) {
            (Ty::Long, Slot::Long(target)) => **target = value,
            #[allow(clippy::cast_precision_loss, reason = "a double is what the table asks for")]
            (Ty::Double, Slot::Double(target)) => **target = value as f64,
            (Ty::Opaque, Slot::Opaque(target)) => **target = Value::Long(value),
            (Ty::Long | Ty::Double | Ty::Opaque, _) => return Err(node.misfit()),
            _ => return Err(node.number_mismatch(value)),
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            #[allow(clippy::cast_precision_loss, reason = "a double is what the table asks for")]
            Err(_) => match self.ty.required() {
                Ty::Double | Ty::Opaque => self.visit_f64(value as f64),
                _ => Err(self.number_mismatch(value)),
            },
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let mut node = self.set();
        match (node.ty, &mut node.slot) {
            (Ty::Double | Ty::Opaque, _) if !value.is_finite() => return Err(node.number_mismatch(value)),
            (Ty::Double, Slot::Double(target)) => **target = value,
            (Ty::Opaque, Slot::Opaque(target)) => **target = Value::Double(value),
            (Ty::Double | Ty::Opaque, _) => return Err(node.misfit()),
            _ => return Err(node.number_mismatch(format_args!("{value:?}"))),
        }
        Ok(())
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match self.ty.required() {
            // An optional becomes set there.
            Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_) | Ty::Binary | Ty::DateTime => {
                text::read_text(self.ty, text, self.slot, self.context.options.dialect)
                    .map_err(|kind| self.context.fail(kind))
            }
            Ty::Opaque => {
                let mut node = self.set();
                let Slot::Opaque(target) = &mut node.slot else { return Err(node.misfit()) };
                **target = Value::Text(text.to_owned());
                Ok(())
            }
            _ => Err(self.set().mismatch("a string")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        let Node { ty, slot, depth, context } = self.set();
        match (ty, slot) {
            (Ty::List(element) | Ty::Set(element), Slot::List(list)) => {
                read_list(elements, element, list, depth, context)
            }
            (Ty::Map(key, value), Slot::Map(map)) => {
                read_entries(elements, (key, value), map, depth, context)
            }
            (Ty::Opaque, Slot::Opaque(target)) => {
                *target = ValueIn { depth, context }.visit_seq(elements)?;
                Ok(())
            }
            (Ty::List(_) | Ty::Set(_) | Ty::Map(..) | Ty::Opaque, slot) => {
                Err(Node { ty, slot, depth, context }.misfit())
            }
            (_, slot) => Err(Node { ty, slot, depth, context }.mismatch("an array")),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let Node { ty, slot, depth, context } = self.set();
        match (ty, slot) {
            (Ty::Structure(_), Slot::Structure(structure)) => {
                read_structure(members, structure, Which::ALL, depth, context).map(drop)
            }
            (Ty::Map(key, value), Slot::Map(map)) => read_members(members, (key, value), map, depth, context),
            (Ty::DynamicStructure | Ty::AnyError, Slot::Dynamic(dynamic)) => {
                *dynamic = DynamicStructure::default();
                read_dynamic(members, dynamic, depth, context)?;
                if dynamic.name.is_none()
                    && matches!(ty, Ty::AnyError)
                    && context.options.dialect == Dialect::Rest
                    && let Some(Value::Text(error_type)) = dynamic.fields.get(ERROR_TYPE)
                {
                    dynamic.name = Some(id_of_error_type(error_type));
                }
                Ok(())
            }
            (Ty::Opaque, Slot::Opaque(target)) => {
                *target = ValueIn { depth, context }.visit_map(members)?;
                Ok(())
            }
            (Ty::Structure(_) | Ty::Map(..) | Ty::DynamicStructure | Ty::AnyError | Ty::Opaque, slot) => {
                Err(Node { ty, slot, depth, context }.misfit())
            }
            (_, slot) => Err(Node { ty, slot, depth, context }.mismatch("an object")),
        }
    }
}

/// Reads the members of a structure, whose depth is `depth`.
fn read_structure<'de, A: MapAccess<'de>>(
    mut members: A,
    structure: &mut dyn Structure,
    which: Which<'_>,
    depth: usize,
    context: &Context<'_>,
) -> Result<Seen, A::Error> {
    context.check_depth(depth)?;
    let table = structure.table();
    let mut seen = Seen::default();
    let mut cursor = fields::Cursor::by_name(table);
    while let Some(found) = members.next_key_seed(FieldName { cursor: &mut cursor, table, which, context })? {
        let Some(field_idx) = found else {
            members.next_value::<IgnoredAny>()?;
            continue;
        };
        if !seen.insert(field_idx) {
            return Err(context.fail(fields::duplicate(table, field_idx)));
        }
        let field = &table.fields[field_idx];
        let value = Node { ty: &field.ty, slot: structure.field_mut(field_idx), depth: depth + 1, context };
        members.next_value_seed(value).map_err(context.at(|| Step::Field(field.name)))?;
    }
    match fields::check_complete(structure, table, &seen, which) {
        Ok(()) => Ok(seen),
        Err(kind) => Err(context.fail(kind)),
    }
}

/// A member's name, as the number of its field; `None` for one that is to be passed over.
struct FieldName<'c> {
    cursor: &'c mut fields::Cursor,
    table: &'static StructureTable,
    which: Which<'c>,
    context: &'c Context<'c>,
}

impl<'de> DeserializeSeed<'de> for FieldName<'_> {
    type Value = Option<usize>;
    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    #[inline]
    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        let found = self.cursor.find(name).filter(|&field_idx| !self.which.excludes(field_idx));
        if found.is_none() && self.context.options.unknown == Unknown::Refuse {
            let field = name.to_owned();
            return Err(self.context.fail(DecodeKind::UnknownField { structure: self.table.name, field }));
        }
        Ok(found)
    }
}

fn read_list<'de, A: SeqAccess<'de>>(
    mut elements: A,
    ty: &Ty,
    list: &mut dyn ListSlot,
    depth: usize,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    context.check_depth(depth)?;
    for idx in 0.. {
        let mut read = Ok(None);
        let added = list.add(&mut |slot| {
            read = elements.next_element_seed(Node { ty, slot, depth: depth + 1, context });
            matches!(read, Ok(Some(())))
        });
        if read.map_err(context.at(|| Step::Index(idx)))?.is_none() {
            break;
        }
        if added == Added::Duplicate {
            return Err(context.fail(DecodeKind::DuplicateElement)).map_err(context.at(|| Step::Index(idx)));
        }
    }
    Ok(())
}

/// A map as an array of entries.
fn read_entries<'de, A: SeqAccess<'de>>(
    mut entries: A,
    tys: (&Ty, &Ty),
    map: &mut dyn MapSlot,
    depth: usize,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    context.check_depth(depth)?;
    for idx in 0.. {
        let mut read = Ok(None);
        let added = map.add(&mut |key, value| {
            let entry = Task::Entry { tys, key, value, depth: depth + 1 };
            read = entries.next_element_seed(Root { task: entry, context });
            matches!(read, Ok(Some(_)))
        });
        if read.map_err(context.at(|| Step::Index(idx)))?.is_none() {
            break;
        }
        if added == Added::Duplicate {
            return Err(context.fail(DecodeKind::DuplicateKey)).map_err(context.at(|| Step::Index(idx)));
        }
    }
    Ok(())
}

/// A map as an object, as newer servers send it.
fn read_members<'de, A: MapAccess<'de>>(
    mut members: A,
    (key_ty, value_ty): (&Ty, &Ty),
    map: &mut dyn MapSlot,
    depth: usize,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    context.check_depth(depth)?;
    while let Some(name) = members.next_key::<String>()? {
        let mut read = Ok(());
        let added = map.add(&mut |key: &mut dyn Data, value: &mut dyn Data| {
            read = match text::read_text(key_ty, &name, key.slot(), context.options.dialect) {
                Ok(()) => members.next_value_seed(Node {
                    ty: value_ty,
                    slot: value.slot(),
                    depth: depth + 1,
                    context,
                }),
                Err(kind) => Err(context.fail(kind)),
            };
            read.is_ok()
        });
        read.map_err(context.at(|| Step::Name(name.clone())))?;
        if added == Added::Duplicate {
            return Err(context.fail(DecodeKind::DuplicateKey)).map_err(context.at(|| Step::Name(name)));
        }
    }
    Ok(())
}
