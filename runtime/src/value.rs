//! Values whose type is only known at run time: opaque parameters, dynamic structures, undeclared errors.

use std::collections::BTreeMap;

use crate::Secret;

/// Any value.
///
/// XML and form carry no types for these, so every scalar comes back from them as [`Value::Text`].
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// No value.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// Integer.
    Long(i64),
    /// Finite number that is not an integer.
    Double(f64),
    /// Text of any kind.
    Text(String),
    /// Text that is never logged. Only JSON-RPC tells it from other text.
    Secret(Secret),
    /// Bytes. Only JSON-RPC tells them from their base64 text.
    Binary(Vec<u8>),
    /// A value that could have been unset, which is [`Value::Null`]. Only JSON-RPC tells it from one that could not.
    Optional(Box<Value>),
    /// List or set.
    List(Vec<Value>),
    /// Structure.
    Structure(DynamicStructure),
    /// Error. Only JSON-RPC tells it from a structure.
    Error(DynamicStructure),
}

/// A structure or error with whatever fields it came with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DynamicStructure {
    /// Canonical name, where the peer said it; `dynamic_structure` and `exception` on the wire stand for "not said".
    pub name: Option<String>,
    /// Fields by wire name.
    pub fields: BTreeMap<String, Value>,
}
