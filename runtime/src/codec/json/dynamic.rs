//! Opaque values and dynamic structures: JSON's own types both ways, `@class` for the name of a structure.

use std::collections::btree_map::Entry;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserializer, Serialize, Serializer};

use super::read::Context;
use super::write::{WriteContext, write_double};
use crate::codec::failure::Step;
use crate::codec::{DecodeKind, Dialect, EncodeReason, class};
use crate::{DynamicStructure, Value};

/// The member that names a dynamic structure's type.
const CLASS: &str = "@class";

/// An opaque value to write.
pub(super) struct ValueOut<'v, 'c> {
    pub(super) value: &'v Value,
    pub(super) depth: usize,
    pub(super) context: &'c WriteContext,
}

impl Serialize for ValueOut<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ValueOut { value, depth, context } = *self;
        match value {
            Value::Null => serializer.serialize_unit(),
            Value::Boolean(value) => serializer.serialize_bool(*value),
            Value::Long(value) => serializer.serialize_i64(*value),
            Value::Double(value) => write_double(serializer, *value, context),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Structure(dynamic) => {
                DynamicOut { dynamic, unnamed: None, depth, context }.serialize(serializer)
            }
            Value::List(list) => {
                context.check_depth(depth)?;
                let mut elements = serializer.serialize_seq(Some(list.len()))?;
                for (idx, value) in list.iter().enumerate() {
                    let element = ValueOut { value, depth: depth + 1, context };
                    elements.serialize_element(&element).map_err(context.at(|| Step::Index(idx)))?;
                }
                elements.end()
            }
        }
    }
}

/// A dynamic structure to write.
pub(super) struct DynamicOut<'v, 'c> {
    pub(super) dynamic: &'v DynamicStructure,
    /// What `@class` says when the structure has no name, in the dialects that always say it.
    pub(super) unnamed: Option<&'static str>,
    pub(super) depth: usize,
    pub(super) context: &'c WriteContext,
}

impl Serialize for DynamicOut<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let DynamicOut { dynamic, unnamed, depth, context } = *self;
        context.check_depth(depth)?;
        if dynamic.fields.contains_key(CLASS) {
            return Err(context.fail(EncodeReason::Name(CLASS.to_owned())));
        }
        let mut members = serializer.serialize_map(None)?;
        let unnamed = unnamed.filter(|_| context.dialect != Dialect::Rest);
        if let Some(class) = dynamic.name.as_deref().or(unnamed) {
            members.serialize_entry(CLASS, class)?;
        }
        for (name, value) in &dynamic.fields {
            let value = ValueOut { value, depth: depth + 1, context };
            members.serialize_entry(name, &value).map_err(context.at(|| Step::Name(name.clone())))?;
        }
        members.end()
    }
}

/// An opaque value to read.
pub(super) struct ValueIn<'c> {
    pub(super) depth: usize,
    pub(super) context: &'c Context<'c>,
}

impl<'de> DeserializeSeed<'de> for ValueIn<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueIn<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Boolean(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Long(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        // What is beyond a long is kept as near as a double gets, as `serde_json` does beyond 64 bits.
        #[allow(clippy::cast_precision_loss, reason = "nothing nearer is to be had")]
        Ok(i64::try_from(value).map_or(Value::Double(value as f64), Value::Long))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Double(value))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let ValueIn { depth, context } = self;
        context.check_depth(depth)?;
        let mut list = Vec::new();
        loop {
            let element = ValueIn { depth: depth + 1, context };
            match elements.next_element_seed(element).map_err(context.at(|| Step::Index(list.len())))? {
                Some(value) => list.push(value),
                None => return Ok(Value::List(list)),
            }
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        let mut dynamic = DynamicStructure::default();
        read_dynamic(members, &mut dynamic, self.depth, self.context)?;
        Ok(Value::Structure(dynamic))
    }
}

/// Reads the members of a dynamic structure, whose depth is `depth`.
pub(super) fn read_dynamic<'de, A: MapAccess<'de>>(
    mut members: A,
    dynamic: &mut DynamicStructure,
    depth: usize,
    context: &Context<'_>,
) -> Result<(), A::Error> {
    context.check_depth(depth)?;
    let duplicate = |field: String| DecodeKind::DuplicateField { structure: "the dynamic structure", field };
    let mut said = None;
    while let Some(name) = members.next_key::<String>()? {
        let value = members.next_value_seed(ValueIn { depth: depth + 1, context });
        let value = value.map_err(context.at(|| Step::Name(name.clone())))?;
        if name == CLASS {
            let Value::Text(text) = value else {
                let kind =
                    DecodeKind::Mismatch { expected: "the name of a structure", got: "another value".into() };
                return Err(context.fail(kind)).map_err(context.at(|| Step::Field(CLASS)));
            };
            if said.replace(text).is_some() {
                return Err(context.fail(duplicate(name)));
            }
            continue;
        }
        match dynamic.fields.entry(name) {
            Entry::Vacant(vacant) => {
                vacant.insert(value);
            }
            Entry::Occupied(occupied) => return Err(context.fail(duplicate(occupied.key().clone()))),
        }
    }
    dynamic.name = said.and_then(class::name_of);
    Ok(())
}
