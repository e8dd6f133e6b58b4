//! The values of JSON-RPC bodies as they are tagged: what stands between JSON and slots.
//!
//! In: JSON. Out: a tree that borrows its texts from it. Not here: what a table says of them, which is [`super::read`]'s.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A tagged value.
#[derive(Clone, Debug)]
pub(super) enum Data<'t> {
    Void,
    Boolean(bool),
    Integer(i64),
    /// An integer that no long holds.
    BigInteger(u64),
    Double(f64),
    Text(Cow<'t, str>),
    Secret(Cow<'t, str>),
    Binary(Cow<'t, str>),
    Optional(Option<Box<Data<'t>>>),
    List(Vec<Data<'t>>),
    /// Boxed, because most values are not: a list of scalars would have room for a structure in each place.
    Structure(Box<Named<'t>>),
    Error(Box<Named<'t>>),
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
            Data::Integer(_) | Data::BigInteger(_) => "Integer",
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

/// Bounded in depth by `serde_json`, which gives up at 128 levels of JSON.
impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Data<'de>, D::Error> {
        deserializer.deserialize_any(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
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
        Ok(Data::Integer(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Data<'de>, E> {
        Ok(i64::try_from(value).map_or(Data::BigInteger(value), Data::Integer))
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
        let mut list = Vec::new();
        while let Some(value) = elements.next_element()? {
            list.push(value);
        }
        Ok(Data::List(list))
    }

    /// `{TAG: value}`, and nothing beside it.
    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Data<'de>, A::Error> {
        let Some(Key(tag)) = members.next_key()? else {
            return Err(Error::custom("an object without a tag"));
        };
        let data = match &*tag {
            "OPTIONAL" => match members.next_value()? {
                Data::Void => Data::Optional(None),
                value => Data::Optional(Some(Box::new(value))),
            },
            "SECRET" => Data::Secret(members.next_value::<Key<'de>>()?.0),
            "BINARY" => Data::Binary(members.next_value::<Key<'de>>()?.0),
            "STRUCTURE" => Data::Structure(members.next_value()?),
            "ERROR" => Data::Error(members.next_value()?),
            _ => return Err(Error::custom("an object with a tag that is not known")),
        };
        match members.next_key::<Key<'de>>()? {
            None => Ok(data),
            Some(_) => Err(Error::custom("an object with more than a tag")),
        }
    }
}

/// `{name: {field: value, ...}}`.
impl<'de> Deserialize<'de> for Named<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Named<'de>, D::Error> {
        deserializer.deserialize_map(NamedVisitor)
    }
}

struct NamedVisitor;

impl<'de> Visitor<'de> for NamedVisitor {
    type Value = Named<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name with its fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Named<'de>, A::Error> {
        let Some(Key(name)) = members.next_key()? else {
            return Err(Error::custom("a structure without a name"));
        };
        let Fields(fields) = members.next_value()?;
        match members.next_key::<Key<'de>>()? {
            None => Ok(Named { name, fields }),
            Some(_) => Err(Error::custom("a structure with more than one name")),
        }
    }
}

struct Fields<'t>(Vec<(Cow<'t, str>, Data<'t>)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields<'de>, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::new();
        while let Some(Key(name)) = members.next_key()? {
            fields.push((name, members.next_value()?));
        }
        Ok(Fields(fields))
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
