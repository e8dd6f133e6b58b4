//! Views to JSON: one serializer over [`View`], for `serde_json` and every other serde format.

use std::cell::RefCell;

use serde::ser::{Error, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::ser::{PrettyFormatter, Serializer as JsonSerializer};

use super::ERROR_TYPE;
use super::compact::Compact;
use super::dynamic::{DynamicOut, ValueOut};
use crate::codec::failure::{EncodeFailure, Step, kind_name};
use crate::codec::fields::Which;
use crate::codec::{
    DEPTH_CEILING, Dialect, EncodeError, EncodeOptions, EncodeReason, Layout, class, text, unions,
};
use crate::data::{ListView, MapView, Structure, View};
use crate::table::{Field, Ty};

/// A whole document to write.
#[derive(Clone, Copy)]
pub(super) enum Outgoing<'v> {
    /// The parameters of an operation, or any structure.
    Input { input: &'v dyn Structure, which: Which<'v> },
    /// A result in its envelope.
    Result { ty: &'v Ty, value: View<'v> },
    /// A value without an envelope.
    Bare { ty: &'v Ty, value: View<'v> },
    /// An error in its envelope.
    Error { id: &'v str, payload: &'v dyn Structure },
}

pub(super) fn to_bytes(outgoing: Outgoing<'_>, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    const CAPACITY_AT_FIRST: usize = 512;
    let mut body = Vec::with_capacity(CAPACITY_AT_FIRST);
    let context = WriteContext::new(options.dialect);
    let is_written = match options.layout {
        Layout::Compact => outgoing.serialize(Compact(&mut body), &context).is_ok(),
        Layout::Page => {
            let formatter = PrettyFormatter::with_indent(b"    ");
            outgoing.serialize(&mut JsonSerializer::with_formatter(&mut body, formatter), &context).is_ok()
        }
    };
    if is_written { Ok(body) } else { Err(context.into_encode_error()) }
}

impl Outgoing<'_> {
    pub(super) fn serialize<S: Serializer>(
        self,
        serializer: S,
        context: &WriteContext,
    ) -> Result<S::Ok, S::Error> {
        match self {
            Outgoing::Input { input, which } => write_structure(serializer, input, which, 1, context),
            Outgoing::Bare { ty, value } => {
                Node { ty, view: &value, depth: 1, context }.serialize(serializer)
            }
            Outgoing::Result { ty, value } => {
                let mut envelope = serializer.serialize_map(None)?;
                if !matches!(value, View::Unset) {
                    let value = Node { ty, view: &value, depth: 2, context };
                    envelope.serialize_entry("value", &value).map_err(context.at(|| Step::Field("value")))?;
                }
                envelope.end()
            }
            Outgoing::Error { id, payload } if context.dialect == Dialect::Rest => {
                write_rest_error(serializer, id, payload, context)
            }
            Outgoing::Error { id, payload } => {
                let mut envelope = serializer.serialize_map(None)?;
                envelope.serialize_entry("type", id)?;
                let value = Payload { payload, context };
                envelope.serialize_entry("value", &value).map_err(context.at(|| Step::Field("value")))?;
                envelope.end()
            }
        }
    }
}

/// The fields of an error's payload as they are declared, after what says which error it is.
fn write_rest_error<S: Serializer>(
    serializer: S,
    id: &str,
    payload: &dyn Structure,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    let table = payload.table();
    if let Some(broken) = unions::check(payload, table, Which::ALL) {
        return Err(context.fail(EncodeReason::BrokenUnion(broken)));
    }
    let type_idx = table.field_idx(ERROR_TYPE);
    let mut members = serializer.serialize_map(None)?;
    // Nothing else says which error it is, so a payload that claims to be another is not asked.
    let last_segment = id.rsplit('.').next().unwrap_or(id);
    members.serialize_entry(ERROR_TYPE, &last_segment.to_ascii_uppercase())?;
    for field_idx in (0..table.fields.len()).filter(|&field_idx| Some(field_idx) != type_idx) {
        let (field, view) = (&table.fields[field_idx], payload.field(field_idx));
        write_field(&mut members, field, &view, 1, context)?;
    }
    members.end()
}

/// What serde's error types have no room for.
pub(super) struct WriteContext {
    pub(super) dialect: Dialect,
    failure: RefCell<Option<EncodeFailure>>,
}

impl WriteContext {
    pub(super) fn new(dialect: Dialect) -> WriteContext {
        WriteContext { dialect, failure: RefCell::new(None) }
    }

    /// Notes why writing stops.
    #[cold]
    pub(super) fn fail<E: Error>(&self, reason: EncodeReason) -> E {
        self.failure.borrow_mut().get_or_insert_with(|| reason.into());
        E::custom("the value cannot be written")
    }

    /// Adds a step to the failure that passes through.
    pub(super) fn at<E>(&self, step: impl FnOnce() -> Step) -> impl FnOnce(E) -> E {
        move |error| {
            if let Some(failure) = self.failure.borrow_mut().as_mut() {
                failure.push(step());
            }
            error
        }
    }

    pub(super) fn check_depth<E: Error>(&self, depth: usize) -> Result<(), E> {
        if depth > DEPTH_CEILING {
            Err(self.fail(EncodeReason::TooDeep { max: DEPTH_CEILING }))
        } else {
            Ok(())
        }
    }

    fn into_encode_error(self) -> EncodeError {
        // Bytes always find room and names are text, so only what was noted can have stopped the writing.
        let unknown = EncodeReason::Misfit { expected: "a value of JSON", got: "another" };
        self.failure.into_inner().unwrap_or_else(|| unknown.into()).into()
    }

    /// The error with path and reason, for a format of the caller's.
    pub(super) fn into_serde_error<E: Error>(self, error: E) -> E {
        match self.failure.into_inner() {
            Some(failure) => E::custom(EncodeError::from(failure)),
            None => error,
        }
    }
}

/// A value to write where serde wants something that implements `Serialize`.
struct Node<'v, 'c> {
    ty: &'v Ty,
    /// Behind a reference, because a copy right after a view is made waits until it is in memory.
    view: &'v View<'v>,
    /// Nesting depth this value has if it is a structure, list or map.
    depth: usize,
    context: &'c WriteContext,
}

impl Serialize for Node<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Node { ty, view, depth, context } = *self;
        match (ty, view) {
            (Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_), View::Text(text)) => {
                serializer.serialize_str(text)
            }
            (Ty::Optional(_), View::Unset) => serializer.serialize_unit(),
            (Ty::Optional(inner), view) => Node { ty: inner, view, depth, context }.serialize(serializer),
            (Ty::Boolean, View::Boolean(value)) => serializer.serialize_bool(*value),
            (Ty::Long, View::Long(value)) => serializer.serialize_i64(*value),
            (Ty::Double, View::Double(value)) => write_double(serializer, *value, context),
            (Ty::Binary, View::Binary(_)) | (Ty::DateTime, View::DateTime(_)) => {
                let text =
                    text::scalar_text(*view, context.dialect).map_err(|reason| context.fail(reason))?;
                serializer.serialize_str(&text)
            }
            (Ty::Structure(_), View::Structure(structure)) => {
                write_structure(serializer, *structure, Which::ALL, depth, context)
            }
            (Ty::List(element) | Ty::Set(element), View::List(list)) => {
                write_list(serializer, element, *list, depth, context)
            }
            (Ty::Map(key, value), View::Map(map))
                if context.dialect == Dialect::Rest && text::is_text(key) =>
            {
                write_object(serializer, value, *map, depth, context)
            }
            (Ty::Map(key, value), View::Map(map)) => {
                write_map(serializer, (key, value), *map, depth, context)
            }
            (Ty::DynamicStructure, View::Dynamic(dynamic)) => {
                let unnamed = Some(class::STRUCTURE);
                DynamicOut { dynamic, unnamed, depth, context }.serialize(serializer)
            }
            (Ty::AnyError, View::Dynamic(dynamic)) => {
                let unnamed = Some(class::ERROR);
                DynamicOut { dynamic, unnamed, depth, context }.serialize(serializer)
            }
            (Ty::Opaque, View::Opaque(value)) => ValueOut { value, depth, context }.serialize(serializer),
            (ty, view) => {
                Err(context.fail(EncodeReason::Misfit { expected: kind_name(ty), got: view.kind() }))
            }
        }
    }
}

pub(super) fn write_double<S: Serializer>(
    serializer: S,
    value: f64,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(value)
    } else {
        Err(context.fail(EncodeReason::NotFinite(value)))
    }
}

fn write_structure<S: Serializer>(
    serializer: S,
    structure: &dyn Structure,
    which: Which<'_>,
    depth: usize,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    context.check_depth(depth)?;
    let table = structure.table();
    if let Some(broken) = unions::check(structure, table, Which::ALL) {
        return Err(context.fail(EncodeReason::BrokenUnion(broken)));
    }
    let mut members = serializer.serialize_map(None)?;
    for &field_idx in table.by_name {
        if which.has(field_idx) {
            let field_idx = usize::from(field_idx);
            let (field, view) = (&table.fields[field_idx], structure.field(field_idx));
            write_field(&mut members, field, &view, depth, context)?;
        }
    }
    members.end()
}

/// The member of one field, unless it is unset.
#[inline(always)]
fn write_field<M: SerializeMap>(
    members: &mut M,
    field: &'static Field,
    view: &View<'_>,
    depth: usize,
    context: &WriteContext,
) -> Result<(), M::Error> {
    if matches!(view, View::Unset) && field.ty.is_optional() {
        return Ok(());
    }
    let value = Node { ty: field.ty.required(), view, depth: depth + 1, context };
    members.serialize_entry(field.name, &value).map_err(context.at(|| Step::Field(field.name)))
}

fn write_list<S: Serializer>(
    serializer: S,
    ty: &Ty,
    list: &dyn ListView,
    depth: usize,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    context.check_depth(depth)?;
    let mut elements = serializer.serialize_seq(Some(list.len()))?;
    let mut written = Ok(());
    let mut idx = 0;
    list.each(&mut |view| {
        let element = Node { ty, view: &view, depth: depth + 1, context };
        written = elements.serialize_element(&element).map_err(context.at(|| Step::Index(idx)));
        idx += 1;
        written.is_ok()
    });
    written?;
    elements.end()
}

fn write_map<S: Serializer>(
    serializer: S,
    (key_ty, value_ty): (&Ty, &Ty),
    map: &dyn MapView,
    depth: usize,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    context.check_depth(depth + 1)?;
    let mut entries = serializer.serialize_seq(Some(map.len()))?;
    let mut written = Ok(());
    let mut idx = 0;
    map.each(&mut |key, value| {
        let key = Node { ty: key_ty, view: &key, depth: depth + 2, context };
        let value = Node { ty: value_ty, view: &value, depth: depth + 2, context };
        written = entries.serialize_element(&Entry { key, value }).map_err(context.at(|| Step::Index(idx)));
        idx += 1;
        written.is_ok()
    });
    written?;
    entries.end()
}

/// A map with keys of text as an object.
fn write_object<S: Serializer>(
    serializer: S,
    ty: &Ty,
    map: &dyn MapView,
    depth: usize,
    context: &WriteContext,
) -> Result<S::Ok, S::Error> {
    context.check_depth(depth)?;
    let mut members = serializer.serialize_map(Some(map.len()))?;
    let mut written = Ok(());
    map.each(&mut |key, value| {
        let View::Text(name) = key else {
            written = Err(context.fail(EncodeReason::Misfit { expected: "text", got: key.kind() }));
            return false;
        };
        let value = Node { ty, view: &value, depth: depth + 1, context };
        let entry = members.serialize_entry(name, &value);
        written = entry.map_err(context.at(|| Step::Name(name.to_owned())));
        written.is_ok()
    });
    written?;
    members.end()
}

/// One entry of a map.
struct Entry<'v, 'c> {
    key: Node<'v, 'c>,
    value: Node<'v, 'c>,
}

impl Serialize for Entry<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let context = self.key.context;
        let mut members = serializer.serialize_map(Some(2))?;
        members.serialize_entry("key", &self.key).map_err(context.at(|| Step::Field("key")))?;
        members.serialize_entry("value", &self.value).map_err(context.at(|| Step::Field("value")))?;
        members.end()
    }
}

/// The payload of an error in its envelope.
struct Payload<'v, 'c> {
    payload: &'v dyn Structure,
    context: &'c WriteContext,
}

impl Serialize for Payload<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_structure(serializer, self.payload, Which::ALL, 2, self.context)
    }
}
