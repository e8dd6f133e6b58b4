//! The values of JSON-RPC bodies as they are tagged: what stands between JSON and slots.
//!
//! In: JSON. Out: a tree that borrows its texts from it. Not here: what a table says of them, which is [`super::read`]'s.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::codec::DEPTH_CEILING;

/// A tagged value.
#[derive(Clone, Debug)]
pub(super) enum Data<'t> {
    Void,
    Boolean(bool),
    /// An integer; `None` for one beyond 64 bits.
    Integer(Option<i64>),
    Double(f64),
    Text(Cow<'t, str>),
    Secret(Cow<'t, str>),
    Binary(Cow<'t, str>),
    Optional(Option<Box<Data<'t>>>),
    List(Vec<Data<'t>>),
    Structure(Named<'t>),
    Error(Named<'t>),
}

/// A structure or error under its name.
#[derive(Clone, Debug)]
pub(super) struct Named<'t> {
    pub(super) name: Cow<'t, str>,
    /// In the order they came.
    pub(super) fields: Vec<(Cow<'t, str>, Data<'t>)>,
}

impl Data<'_> {
    /// The protocol's word for it, for messages.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Data::Void => "Void",
            Data::Boolean(_) => "Boolean",
            Data::Integer(_) => "Integer",
            Data::Double(_) => "Double",
            Data::Text(_) => "String",
            Data::Secret(_) => "Secret",
            Data::Binary(_) => "Blob",
            Data::Optional(_) => "Optional",
            Data::List(_) => "List",
            Data::Structure(_) => "Structure",
            Data::Error(_) => "Error",
        }
    }
}

/// Reads a value; what stands in it is bounded in depth before memory is spent on it.
#[derive(Clone, Copy)]
pub(super) struct DataSeed {
    pub(super) depth_left: usize,
}

impl DataSeed {
    pub(super) fn within(depth_max: usize) -> DataSeed {
        // Every level of values has a tag around it, and an optional one more.
        DataSeed { depth_left: 4 * depth_max.min(DEPTH_CEILING) }
    }

    fn deeper<E: Error>(self) -> Result<DataSeed, E> {
        let depth_left = self.depth_left.checked_sub(1);
        depth_left.map(|depth_left| DataSeed { depth_left }).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for DataSeed {
    type Value = Data<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Data<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DataSeed {
    type Value = Data<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON-RPC")
    }

    fn visit_unit<E: Error>(self) -> Result<Data<'de>, E> {
        Ok(Data::Void)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Data<'de>, E> {
        Ok(Data::Boolean(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Data<'de>, E> {
        Ok(Data::Integer(Some(value)))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Data<'de>, E> {
        Ok(Data::Integer(i64::try_from(value).ok()))
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Data<'de>, E> {
        Ok(Data::Double(value))
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Data<'de>, E> {
        Ok(Data::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Data<'de>, E> {
        Ok(Data::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Data<'de>, A::Error> {
        let element = self.deeper()?;
        let mut list = Vec::new();
        while let Some(value) = elements.next_element_seed(element)? {
            list.push(value);
        }
        Ok(Data::List(list))
    }

    /// `{TAG: value}`, and nothing beside it.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Data<'de>, A::Error> {
        let inner = self.deeper()?;
        let Some(Key(tag)) = members.next_key()? else {
            return Err(Error::custom("an object without a tag"));
        };
        let data = match &*tag {
            "OPTIONAL" => match members.next_value_seed(inner)? {
                Data::Void => Data::Optional(None),
                value => Data::Optional(Some(Box::new(value))),
            },
            "SECRET" => Data::Secret(members.next_value::<Key<'de>>()?.0),
            "BINARY" => Data::Binary(members.next_value::<Key<'de>>()?.0),
            "STRUCTURE" => Data::Structure(members.next_value_seed(NamedSeed(inner))?),
            "ERROR" => Data::Error(members.next_value_seed(NamedSeed(inner))?),
            _ => return Err(Error::custom("an object with a tag that is not known")),
        };
        match members.next_key::<Key<'de>>()? {
            None => Ok(data),
            Some(_) => Err(Error::custom("an object with more than a tag")),
        }
    }
}

/// Reads `{name: {field: value, ...}}`.
struct NamedSeed(DataSeed);

impl<'de> DeserializeSeed<'de> for NamedSeed {
    type Value = Named<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Named<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NamedSeed {
    type Value = Named<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name with its fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Named<'de>, A::Error> {
        let Some(Key(name)) = members.next_key()? else {
            return Err(Error::custom("a structure without a name"));
        };
        let fields = members.next_value_seed(FieldsSeed(self.0.deeper()?))?;
        match members.next_key::<Key<'de>>()? {
            None => Ok(Named { name, fields }),
            Some(_) => Err(Error::custom("a structure with more than one name")),
        }
    }
}

struct FieldsSeed(DataSeed);

impl<'de> DeserializeSeed<'de> for FieldsSeed {
    type Value = Vec<(Cow<'de, str>, Data<'de>)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for FieldsSeed {
    type Value = Vec<(Cow<'de, str>, Data<'de>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(Key(name)) = members.next_key()? {
            fields.push((name, members.next_value_seed(self.0)?));
        }
        Ok(fields)
    }
}

/// A text that is borrowed where it can be; serde's own `Cow` never is.
struct Key<'t>(Cow<'t, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'de>, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Texts)
    }
}
