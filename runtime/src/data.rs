//! Access to values by field number, without serde and without generic code per type.
//!
//! A codec walks a [`crate::table::Ty`] and asks the value for a [`View`] when it writes and for a [`Slot`] when it reads.
//! Generated structures implement [`Structure`] and are [`Data`] by it; everything else in a field (numbers, text, options, lists,
//! maps) is implemented here.
//! The table and the value of one type are made by the same generator run, so a codec that follows the table never meets
//! a slot of another kind; [`Slot::kind`] names it should a hand-written implementation get it wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::table::{EnumerationTable, StructureTable};
use crate::{DateTime, DynamicStructure, Secret, Uri, Value};

/// A value a codec can read and write.
pub trait Data: Send + Sync + 'static {
    /// The value, for a codec that writes.
    fn view(&self) -> View<'_>;
    /// Where a codec that reads puts the value.
    fn slot(&mut self) -> Slot<'_>;
    /// A value to decode into. Not a default: required fields have no meaning until their slots were filled.
    fn empty() -> Self
    where
        Self: Sized;
}

/// A structure whose fields are reached by number, in the order of its table.
pub trait Structure: fmt::Debug + Send + Sync {
    /// Its description.
    fn table(&self) -> &'static StructureTable;
    /// The field's value; `field_idx` is less than the number of fields in the table.
    fn field(&self, field_idx: usize) -> View<'_>;
    /// Where the field's value goes; `field_idx` as in [`Structure::field`].
    fn field_mut(&mut self, field_idx: usize) -> Slot<'_>;
    /// A structure to decode into: every field [`Data::empty`].
    fn blank() -> Self
    where
        Self: Sized;
}

/// An open enumeration: the declared values, and whatever else a newer peer sends (`open-enumerations`).
///
/// It is made from a spelling on the wire; unknown ones are kept as they are, and [`Data::empty`] is such a one.
pub trait Enumeration: Data + for<'a> From<&'a str> {
    /// Its description.
    const TABLE: &'static EnumerationTable;
    /// The value as on the wire.
    fn as_str(&self) -> &str;
}

/// A value seen by a codec that writes.
#[allow(missing_docs, reason = "the names are those of `Ty`")]
#[derive(Clone, Copy, Debug)]
pub enum View<'a> {
    /// An optional that is not set, or the result of a void operation.
    Unset,
    Boolean(bool),
    Long(i64),
    Double(f64),
    /// String, secret, URI, ID or enumeration; the table says which.
    Text(&'a str),
    Binary(&'a [u8]),
    DateTime(DateTime),
    Structure(&'a dyn Structure),
    /// List or set.
    List(&'a dyn ListView),
    Map(&'a dyn MapView),
    /// Dynamic structure or any-error.
    Dynamic(&'a DynamicStructure),
    Opaque(&'a Value),
}

impl View<'_> {
    /// The kind's name, for messages about a table that does not fit its type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            View::Unset => "unset",
            View::Boolean(_) => "boolean",
            View::Long(_) => "long",
            View::Double(_) => "double",
            View::Text(_) => "text",
            View::Binary(_) => "binary",
            View::DateTime(_) => "date_time",
            View::Structure(_) => "structure",
            View::List(_) => "list",
            View::Map(_) => "map",
            View::Dynamic(_) => "dynamic structure",
            View::Opaque(_) => "opaque",
        }
    }
}

/// Where a codec that reads puts a value.
#[allow(missing_docs, reason = "the names are those of `Ty`")]
pub enum Slot<'a> {
    /// The result of a void operation: nothing to fill.
    Void,
    Boolean(&'a mut bool),
    Long(&'a mut i64),
    Double(&'a mut f64),
    /// String, secret, URI or ID.
    Text(&'a mut String),
    Enumeration(&'a mut dyn EnumerationSlot),
    Binary(&'a mut Vec<u8>),
    DateTime(&'a mut DateTime),
    Structure(&'a mut dyn Structure),
    Optional(&'a mut dyn OptionalSlot),
    /// List or set.
    List(&'a mut dyn ListSlot),
    Map(&'a mut dyn MapSlot),
    /// Dynamic structure or any-error.
    Dynamic(&'a mut DynamicStructure),
    Opaque(&'a mut Value),
}

impl Slot<'_> {
    /// The kind's name, for messages about a table that does not fit its type.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Slot::Void => "void",
            Slot::Boolean(_) => "boolean",
            Slot::Long(_) => "long",
            Slot::Double(_) => "double",
            Slot::Text(_) => "text",
            Slot::Enumeration(_) => "enumeration",
            Slot::Binary(_) => "binary",
            Slot::DateTime(_) => "date_time",
            Slot::Structure(_) => "structure",
            Slot::Optional(_) => "optional",
            Slot::List(_) => "list",
            Slot::Map(_) => "map",
            Slot::Dynamic(_) => "dynamic structure",
            Slot::Opaque(_) => "opaque",
        }
    }
}

/// An enumeration to fill.
pub trait EnumerationSlot {
    /// Takes the spelling on the wire.
    fn set(&mut self, wire: &str);
}

impl<E: Enumeration> EnumerationSlot for E {
    fn set(&mut self, wire: &str) {
        *self = E::from(wire);
    }
}

/// An optional to fill.
pub trait OptionalSlot {
    /// Sets it to an empty value and gives that value's slot.
    fn insert(&mut self) -> Slot<'_>;
    /// Unsets it.
    fn clear(&mut self);
}

/// What became of an element or entry given to a [`ListSlot`] or [`MapSlot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is in.
    Yes,
    /// The filler gave up; nothing was added.
    Stopped,
    /// A set has the element, or a map has the key, already; nothing was added.
    Duplicate,
}

/// A list or set to fill.
pub trait ListSlot {
    /// Adds the element that `fill` decodes into the slot it gets; `fill` returns false to give up.
    fn add(&mut self, fill: &mut dyn FnMut(Slot<'_>) -> bool) -> Added;
}

/// A map to fill.
pub trait MapSlot {
    /// Adds the entry whose key and value `fill` decodes; `fill` returns false to give up.
    fn add(&mut self, fill: &mut dyn FnMut(&mut dyn Data, &mut dyn Data) -> bool) -> Added;
}

/// A list or set to write.
pub trait ListView: fmt::Debug + Send + Sync {
    /// Number of elements.
    fn len(&self) -> usize;
    /// Whether there are no elements.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Shows each element, in order, until `show` returns false.
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>) -> bool);
}

/// A map to write.
pub trait MapView: fmt::Debug + Send + Sync {
    /// Number of entries.
    fn len(&self) -> usize;
    /// Whether there are no entries.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Shows each key with its value, in key order, until `show` returns false.
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>, View<'a>) -> bool);
}

macro_rules! scalar {
    ($($ty:ty, $view:expr, $slot:expr, $empty:expr;)*) => {$(
        impl Data for $ty {
            fn view(&self) -> View<'_> {
                let view: fn(&$ty) -> View<'_> = $view;
                view(self)
            }
            fn slot(&mut self) -> Slot<'_> {
                let slot: fn(&mut $ty) -> Slot<'_> = $slot;
                slot(self)
            }
            fn empty() -> Self {
                $empty
            }
        }
    )*};
}

scalar! {
    (), |_| View::Unset, |_| Slot::Void, ();
    bool, |v| View::Boolean(*v), |v| Slot::Boolean(v), false;
    i64, |v| View::Long(*v), |v| Slot::Long(v), 0;
    f64, |v| View::Double(*v), |v| Slot::Double(v), 0.0;
    String, |v| View::Text(v), |v| Slot::Text(v), String::new();
    Secret, |v| View::Text(v.expose()), |v| Slot::Text(v.text_mut()), Secret::new("");
    Uri, |v| View::Text(v.as_str()), |v| Slot::Text(v.text_mut()), Uri::new("");
    Vec<u8>, |v| View::Binary(v), |v| Slot::Binary(v), Vec::new();
    DateTime, |v| View::DateTime(*v), |v| Slot::DateTime(v), DateTime::UNIX_EPOCH;
    DynamicStructure, |v| View::Dynamic(v), |v| Slot::Dynamic(v), DynamicStructure::default();
    Value, |v| View::Opaque(v), |v| Slot::Opaque(v), Value::default();
}

impl<T: Data> Data for Option<T> {
    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Unset, Data::view)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Optional(self)
    }
    fn empty() -> Self {
        None
    }
}

impl<T: Data> OptionalSlot for Option<T> {
    fn insert(&mut self) -> Slot<'_> {
        self.insert(T::empty()).slot()
    }
    fn clear(&mut self) {
        *self = None;
    }
}

/// One implementation for all structures, so that each has two functions less to compile.
impl<T: Structure + 'static> Data for T {
    fn view(&self) -> View<'_> {
        View::Structure(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Structure(self)
    }
    fn empty() -> Self {
        T::blank()
    }
}

/// Boxes stand where a structure contains itself.
impl<T: Structure> Structure for Box<T> {
    fn table(&self) -> &'static StructureTable {
        (**self).table()
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        (**self).field(field_idx)
    }
    fn field_mut(&mut self, field_idx: usize) -> Slot<'_> {
        (**self).field_mut(field_idx)
    }
    fn blank() -> Self {
        Box::new(T::blank())
    }
}

impl<T: Data + fmt::Debug> Data for Vec<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }
    fn empty() -> Self {
        Vec::new()
    }
}

impl<T: Data + fmt::Debug> ListView for Vec<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>) -> bool) {
        let _all = self.iter().all(|element| show(element.view()));
    }
}

impl<T: Data> ListSlot for Vec<T> {
    fn add(&mut self, fill: &mut dyn FnMut(Slot<'_>) -> bool) -> Added {
        // Filled where it stays: elements may be large, and moving them costs as much as reading them.
        self.push(T::empty());
        let is_filled = self.last_mut().is_some_and(|element| fill(element.slot()));
        if !is_filled {
            self.pop();
            return Added::Stopped;
        }
        Added::Yes
    }
}

impl<T: Data + fmt::Debug + Ord> Data for BTreeSet<T> {
    fn view(&self) -> View<'_> {
        View::List(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }
    fn empty() -> Self {
        BTreeSet::new()
    }
}

impl<T: Data + fmt::Debug + Ord> ListView for BTreeSet<T> {
    fn len(&self) -> usize {
        self.len()
    }
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>) -> bool) {
        let _all = self.iter().all(|element| show(element.view()));
    }
}

impl<T: Data + Ord> ListSlot for BTreeSet<T> {
    fn add(&mut self, fill: &mut dyn FnMut(Slot<'_>) -> bool) -> Added {
        let mut element = T::empty();
        if !fill(element.slot()) {
            return Added::Stopped;
        }
        if self.insert(element) { Added::Yes } else { Added::Duplicate }
    }
}

impl<K: Data + fmt::Debug + Ord, V: Data + fmt::Debug> Data for BTreeMap<K, V> {
    fn view(&self) -> View<'_> {
        View::Map(self)
    }
    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }
    fn empty() -> Self {
        BTreeMap::new()
    }
}

impl<K: Data + fmt::Debug + Ord, V: Data + fmt::Debug> MapView for BTreeMap<K, V> {
    fn len(&self) -> usize {
        self.len()
    }
    fn each<'a>(&'a self, show: &mut dyn FnMut(View<'a>, View<'a>) -> bool) {
        let _all = self.iter().all(|(key, value)| show(key.view(), value.view()));
    }
}

impl<K: Data + Ord, V: Data> MapSlot for BTreeMap<K, V> {
    fn add(&mut self, fill: &mut dyn FnMut(&mut dyn Data, &mut dyn Data) -> bool) -> Added {
        let (mut key, mut value) = (K::empty(), V::empty());
        if !fill(&mut key, &mut value) {
            return Added::Stopped;
        }
        if self.contains_key(&key) {
            return Added::Duplicate;
        }
        self.insert(key, value);
        Added::Yes
    }
}
