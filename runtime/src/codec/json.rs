//! JSON: members in code-point order, results as `{"value": ...}`, errors as `{"type": ..., "value": {...}}`, maps as
//! arrays of `{"key": ..., "value": ...}`.
//!
//! Built on `serde_json` with one seed that writes into slots and one wrapper that serializes views, so no generated type
//! has serde code of its own. Both are offered as [`Seed`] and [`AsSerialize`] for every other self-describing format
//! that serde has.

mod dynamic;
mod read;
mod write;

use serde::de::DeserializeSeed;
use serde::{Deserializer, Serialize, Serializer};

use self::read::{Context, Root, Task};
use self::write::{Outgoing, WriteContext};
use super::{DecodeError, DecodeOptions, EncodeError, Layout, Seen};
use crate::DynamicStructure;
use crate::data::{Slot, Structure, View};
use crate::table::Ty;

/// Writes the parameters of an operation, without those in `leave_out` (field numbers).
///
/// # Errors
/// Doubles that are not finite, broken union rules, nesting beyond [`super::DEPTH_CEILING`].
pub fn encode_input(
    input: &dyn Structure,
    leave_out: &[u16],
    layout: Layout,
) -> Result<Vec<u8>, EncodeError> {
    write::to_bytes(Outgoing::Input { input, leave_out }, layout)
}

/// Writes an operation's result as `{"value": ...}`; `{}` for an optional that is unset, nothing for void.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_result(ty: &Ty, value: View<'_>, layout: Layout) -> Result<Vec<u8>, EncodeError> {
    match ty {
        Ty::Void => Ok(Vec::new()),
        _ => write::to_bytes(Outgoing::Result { ty, value }, layout),
    }
}

/// Writes an error as `{"type": id, "value": {...}}`.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_error(id: &str, payload: &dyn Structure, layout: Layout) -> Result<Vec<u8>, EncodeError> {
    write::to_bytes(Outgoing::Error { id, payload }, layout)
}

/// Reads the parameters of an operation; a body of nothing but white space has none.
/// Returns which were set. The required ones must be there but those in `may_lack` (field numbers).
///
/// # Errors
/// What the bytes have wrong; `input` is then half filled and of no use.
pub fn decode_input(
    body: &[u8],
    input: &mut dyn Structure,
    may_lack: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let body = if super::is_blank(body) { b"{}" } else { body };
    read::from_bytes(body, Task::Input { structure: input, may_lack }, options)
}

/// Reads an operation's result; for void, whatever stands there is passed over.
///
/// # Errors
/// What the bytes have wrong; the value is then half filled and of no use.
pub fn decode_result(
    body: &[u8],
    ty: &Ty,
    slot: Slot<'_>,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    if matches!(ty, Ty::Void) {
        return Ok(());
    }
    let body = if ty.is_optional() && super::is_blank(body) { b"{}" } else { body };
    read::from_bytes(body, Task::Result { ty, slot }, options).map(drop)
}

/// Reads an error's id and passes over its payload.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_error_id(body: &[u8], options: &DecodeOptions) -> Result<String, DecodeError> {
    let mut id = String::new();
    read::from_bytes(body, Task::ErrorId { id: &mut id }, options)?;
    Ok(id)
}

/// Reads an error's payload and passes over its id.
///
/// # Errors
/// What the bytes have wrong; `payload` is then half filled and of no use.
pub fn decode_error(
    body: &[u8],
    payload: &mut dyn Structure,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    read::from_bytes(body, Task::Error { payload }, options).map(drop)
}

/// Reads an error of whatever type: its id becomes the structure's name.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_unknown_error(body: &[u8], options: &DecodeOptions) -> Result<DynamicStructure, DecodeError> {
    let (mut id, mut payload) = (String::new(), DynamicStructure::default());
    read::from_bytes(body, Task::UnknownError { id: &mut id, payload: &mut payload }, options)?;
    payload.name = Some(id);
    Ok(payload)
}

/// Fills a structure from any self-describing serde format.
///
/// The whole structure is checked as in [`decode_input`]; what is wrong is told with its path through the format's own
/// error.
///
/// ```
/// use serde::de::DeserializeSeed;
/// use vapi_runtime::codec::{DecodeOptions, json::Seed};
/// use vapi_runtime::data::Structure;
///
/// fn fill(structure: &mut dyn Structure, text: &str) -> Result<(), serde_json::Error> {
///     let options = DecodeOptions::default();
///     let mut deserializer = serde_json::Deserializer::from_str(text);
///     Seed::new(structure, &options).deserialize(&mut deserializer)?;
///     deserializer.end()
/// }
/// ```
#[derive(Debug)]
pub struct Seed<'s> {
    structure: &'s mut dyn Structure,
    options: &'s DecodeOptions,
}

impl<'s> Seed<'s> {
    /// A seed that fills `structure`.
    pub fn new(structure: &'s mut dyn Structure, options: &'s DecodeOptions) -> Seed<'s> {
        Seed { structure, options }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    /// Which fields were set.
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        let context = Context::new(self.options);
        let root = Root { task: Task::Input { structure: self.structure, may_lack: &[] }, context: &context };
        deserializer.deserialize_any(root).map_err(|error| context.into_serde_error(error))
    }
}

/// Serializes a structure with any serde format: unset optionals are left out, dates and bytes are text.
///
/// ```
/// use vapi_runtime::codec::json::AsSerialize;
/// use vapi_runtime::data::Structure;
///
/// fn to_value(structure: &dyn Structure) -> Result<serde_json::Value, serde_json::Error> {
///     serde_json::to_value(AsSerialize(structure))
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct AsSerialize<'v>(pub &'v dyn Structure);

impl Serialize for AsSerialize<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let context = WriteContext::default();
        let outgoing = Outgoing::Input { input: self.0, leave_out: &[] };
        outgoing.serialize(serializer, &context).map_err(|error| context.into_serde_error(error))
    }
}
