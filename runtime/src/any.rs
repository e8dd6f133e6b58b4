//! Values of whatever table: for tools that know an API only by its descriptions.
//!
//! In: a table. Out: a [`Structure`] that every codec reads and writes like a generated one.
//! Not here: values without a description, which are [`crate::Value`].

use std::fmt;

use crate::by_table::{Shown, eq_views};
use crate::data::{
    Added, Data, EnumerationSlot, ListSlot, MapSlot, MapView, OptionalSlot, Slot, Structure, View,
};
use crate::operation_error::{NewPayload, OperationError};
use crate::table::{OperationTable, StructureTable, Ty};
use crate::{DateTime, DynamicStructure, Value};

/// A structure of any table.
#[derive(Clone)]
pub struct AnyStructure {
    table: &'static StructureTable,
    fields: Vec<AnyValue>,
}

/// A value of any type.
#[derive(Clone)]
pub struct AnyValue {
    ty: &'static Ty,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Void,
    Boolean(bool),
    Long(i64),
    Double(f64),
    /// String, secret, URI or ID.
    Text(String),
    Enumeration(Word),
    Binary(Vec<u8>),
    DateTime(DateTime),
    Structure(AnyStructure),
    Optional(Option<Box<AnyValue>>),
    List(Vec<AnyValue>),
    Map(Vec<(AnyValue, AnyValue)>),
    Dynamic(DynamicStructure),
    Opaque(Value),
}

/// A value of an enumeration, declared or not.
#[derive(Clone)]
struct Word(String);

impl EnumerationSlot for Word {
    fn set(&mut self, wire: &str) {
        wire.clone_into(&mut self.0);
    }
}

/// A declared error of any operation.
#[derive(Clone, Debug)]
pub struct AnyError {
    error_idx: usize,
    payload: AnyStructure,
}

impl AnyError {
    /// The error with this number, its payload still to be decoded.
    pub(crate) fn new(table: &'static OperationTable, error_idx: usize) -> AnyError {
        AnyError { error_idx, payload: AnyStructure::new(table.errors[error_idx].payload) }
    }

    /// Where its payload goes.
    pub(crate) fn payload_mut(&mut self) -> &mut dyn Structure {
        &mut self.payload
    }
}

impl OperationError for AnyError {
    /// Which payload goes with a number cannot be known without the operation's table.
    fn build(error_idx: usize, payload: NewPayload<'_>) -> AnyError {
        AnyError { error_idx, payload: payload.make() }
    }
    fn parts(&self) -> (usize, &dyn Structure) {
        (self.error_idx, &self.payload)
    }
}

impl AnyStructure {
    /// Every field at its simplest: unset, empty, zero.
    #[must_use]
    pub fn new(table: &'static StructureTable) -> AnyStructure {
        AnyStructure { table, fields: table.fields.iter().map(|field| AnyValue::new(&field.ty)).collect() }
    }
}

impl AnyValue {
    /// A value at its simplest: unset, empty, zero.
    #[must_use]
    pub fn new(ty: &'static Ty) -> AnyValue {
        let kind = match ty {
            Ty::Void => Kind::Void,
            Ty::Boolean => Kind::Boolean(false),
            Ty::Long => Kind::Long(0),
            Ty::Double => Kind::Double(0.0),
            Ty::String | Ty::Secret | Ty::Uri | Ty::Id => Kind::Text(String::new()),
            Ty::Enumeration(_) => Kind::Enumeration(Word(String::new())),
            Ty::Binary => Kind::Binary(Vec::new()),
            Ty::DateTime => Kind::DateTime(DateTime::UNIX_EPOCH),
            Ty::Structure(table) => Kind::Structure(AnyStructure::new(table)),
            Ty::DynamicStructure | Ty::AnyError => Kind::Dynamic(DynamicStructure::default()),
            Ty::Opaque => Kind::Opaque(Value::default()),
            Ty::Optional(_) => Kind::Optional(None),
            Ty::List(_) | Ty::Set(_) => Kind::List(Vec::new()),
            Ty::Map(..) => Kind::Map(Vec::new()),
        };
        AnyValue { ty, kind }
    }
}

impl Structure for AnyStructure {
    fn table(&self) -> &'static StructureTable {
        self.table
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        self.fields[field_idx].view()
    }
    fn field_mut(&mut self, field_idx: usize) -> Slot<'_> {
        self.fields[field_idx].slot()
    }
    /// A structure without fields: which it should have cannot be known here. [`AnyStructure::new`] is told.
    fn blank() -> AnyStructure {
        static NOTHING: StructureTable = StructureTable {
            name: "",
            fields: &[],
            by_name: &[],
            page_order: &[],
            unions: &[],
            source: file!(),
        };
        AnyStructure::new(&NOTHING)
    }
}

impl fmt::Debug for AnyStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::by_table::debug(self, self.table.name, f)
    }
}

impl Data for AnyValue {
    fn view(&self) -> View<'_> {
        match &self.kind {
            Kind::Void | Kind::Optional(None) => View::Unset,
            Kind::Boolean(value) => View::Boolean(*value),
            Kind::Long(value) => View::Long(*value),
            Kind::Double(value) => View::Double(*value),
            Kind::Text(text) | Kind::Enumeration(Word(text)) => View::Text(text),
            Kind::Binary(bytes) => View::Binary(bytes),
            Kind::DateTime(instant) => View::DateTime(*instant),
            Kind::Structure(structure) => View::Structure(structure),
            Kind::Optional(Some(value)) => value.view(),
            Kind::List(elements) => View::List(elements),
            Kind::Map(_) => View::Map(self),
            Kind::Dynamic(dynamic) => View::Dynamic(dynamic),
            Kind::Opaque(value) => View::Opaque(value),
        }
    }
    fn slot(&mut self) -> Slot<'_> {
        match self.kind {
            Kind::Optional(_) => return Slot::Optional(self),
            Kind::List(_) => return Slot::List(self),
            Kind::Map(_) => return Slot::Map(self),
            _ => {}
        }
        match &mut self.kind {
            Kind::Void | Kind::Optional(_) | Kind::List(_) | Kind::Map(_) => Slot::Void,
            Kind::Boolean(value) => Slot::Boolean(value),
            Kind::Long(value) => Slot::Long(value),
            Kind::Double(value) => Slot::Double(value),
            Kind::Text(text) => Slot::Text(text),
            Kind::Enumeration(word) => Slot::Enumeration(word),
            Kind::Binary(bytes) => Slot::Binary(bytes),
            Kind::DateTime(instant) => Slot::DateTime(instant),
            Kind::Structure(structure) => Slot::Structure(structure),
            Kind::Dynamic(dynamic) => Slot::Dynamic(dynamic),
            Kind::Opaque(value) => Slot::Opaque(value),
        }
    }
    /// A value of no type; see [`AnyStructure::blank`].
    fn empty() -> AnyValue {
        AnyValue::new(&Ty::Void)
    }
}

impl OptionalSlot for AnyValue {
    fn insert(&mut self) -> Slot<'_> {
        let value = Box::new(AnyValue::new(self.ty.required()));
        match &mut self.kind {
            Kind::Optional(optional) => optional.insert(value).slot(),
            _ => Slot::Void,
        }
    }
    fn clear(&mut self) {
        self.kind = Kind::Optional(None);
    }
}

impl ListSlot for AnyValue {
    fn add(&mut self, fill: &mut dyn FnMut(Slot<'_>) -> bool) -> Added {
        let (Ty::List(ty) | Ty::Set(ty), Kind::List(elements)) = (self.ty, &mut self.kind) else {
            return Added::Stopped;
        };
        let mut element = AnyValue::new(ty);
        if !fill(element.slot()) {
            return Added::Stopped;
        }
        let is_there = || elements.iter().any(|other| eq_views(other.view(), element.view()));
        if matches!(self.ty, Ty::Set(_)) && is_there() {
            return Added::Duplicate;
        }
        elements.push(element);
        Added::Yes
    }
}

impl MapSlot for AnyValue {
    fn add(&mut self, fill: &mut dyn FnMut(&mut dyn Data, &mut dyn Data) -> bool) -> Added {
        let (Ty::Map(key_ty, value_ty), Kind::Map(entries)) = (self.ty, &mut self.kind) else {
            return Added::Stopped;
        };
        let (mut key, mut value) = (AnyValue::new(key_ty), AnyValue::new(value_ty));
        if !fill(&mut key, &mut value) {
            return Added::Stopped;
        }
        if entries.iter().any(|(other, _)| eq_views(other.view(), key.view())) {
            return Added::Duplicate;
        }
        entries.push((key, value));
        Added::Yes
    }
}

impl MapView for AnyValue {
    fn len(&self) -> usize {
        match &self.kind {
            Kind::Map(entries) => entries.len(),
            _ => 0,
        }
    }
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>, View<'a>) -> bool) {
        if let Kind::Map(entries) = &self.kind {
            let _all = entries.iter().all(|(key, value)| show(key.view(), value.view()));
        }
    }
}

impl fmt::Debug for AnyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown { ty: self.ty, view: self.view() }.fmt(f)
    }
}
