//! Which settings there are: asked of the structs that hold them, by deserializing nothing.
//!
//! In: a type. Out: the key of each value in it, `listen.address`, and what kind of value it takes.
//! So there is no second list of settings that could miss one.

use std::cell::RefCell;
use std::fmt;

use serde::de::value::Error;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess, Visitor,
};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// With its section: `listen.address`.
    pub key: String,
    /// What it takes.
    pub kind: Kind,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number,
    /// Texts.
    List,
    /// A text, or one of several words.
    Text,
}

impl Setting {
    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("CONTENTLIBD_{}", self.key.replace('.', "_").to_uppercase())
    }
}

/// The settings in a type, in its order.
pub fn settings<T: DeserializeOwned>() -> Vec<Setting> {
    let mut settings = Vec::new();
    add::<T>(&[], &mut settings);
    settings
}

fn add<T: DeserializeOwned>(path: &[&'static str], settings: &mut Vec<Setting>) {
    match look::<T>(path) {
        Some(Seen::Section(fields)) => {
            for field in fields {
                add::<T>(&[path, &[field]].concat(), settings);
            }
        }
        Some(Seen::Value(kind)) => settings.push(Setting { key: path.join("."), kind }),
        None => {}
    }
}

/// What stands at a path. Looking ends in an error there, so no value has to be made up.
fn look<T: DeserializeOwned>(path: &[&'static str]) -> Option<Seen> {
    let seen = RefCell::new(None);
    // The error is how a look ends.
    let _ended = T::deserialize(Look { path, seen: &seen });
    seen.into_inner()
}

enum Seen {
    Section(&'static [&'static str]),
    Value(Kind),
}

#[derive(Clone, Copy)]
struct Look<'a> {
    path: &'a [&'static str],
    seen: &'a RefCell<Option<Seen>>,
}

impl Look<'_> {
    fn end<T>(self, seen: Seen) -> Result<T, Error> {
        // Deeper than the structs go there is nothing.
        if self.path.is_empty() {
            self.seen.replace(Some(seen));
        }
        Err(Error::custom("seen"))
    }
}

macro_rules! values {
    ($($kind:ident: $($method:ident)*;)*) => {$($(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            self.end(Seen::Value(Kind::$kind))
        }
    )*)*};
}

impl<'de> Deserializer<'de> for Look<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.path.split_first() {
            None => self.end(Seen::Section(fields)),
            Some((field, path)) => {
                visitor.visit_map(OneField { field: Some(field), rest: Look { path, ..self } })
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.end(Seen::Value(Kind::Text))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Error> {
        self.end(Seen::Value(Kind::Text))
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        self.end(Seen::Value(Kind::List))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, Error> {
        self.end(Seen::Value(Kind::List))
    }

    values! {
        Flag: deserialize_bool;
        Number: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
            deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64;
        List: deserialize_seq;
        Text: deserialize_any deserialize_char deserialize_str deserialize_string deserialize_bytes
            deserialize_byte_buf deserialize_unit deserialize_map deserialize_identifier deserialize_ignored_any;
    }
}

struct OneField<'a> {
    field: Option<&'static str>,
    rest: Look<'a>,
}

impl<'de> MapAccess<'de> for OneField<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.field.take().map(|field| seed.deserialize(field.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(self.rest)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Flag => "true or false",
            Kind::Number => "a whole number",
            Kind::List => "texts with commas between them",
            Kind::Text => "a text",
        })
    }
}
