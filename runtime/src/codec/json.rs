//! JSON: members in code-point order; results, errors, maps, dates and class markers as [`Dialect`] says.
//!
//! Built on `serde_json` with one seed that writes into slots and one wrapper that serializes views, so no generated type
//! has serde code of its own. Both are offered as [`Seed`] and [`AsSerialize`] for every other self-describing format
//! that serde has.

mod compact;
mod dynamic;
mod read;
mod write;

use serde::de::DeserializeSeed;
use serde::{Deserializer, Serialize, Serializer};

use self::read::{Context, Root, Task};
use self::write::{Outgoing, WriteContext};
use super::fields::Which;
use super::{DecodeError, DecodeKind, DecodeOptions, Dialect, EncodeError, EncodeOptions, Seen, Unknown};
use crate::DynamicStructure;
use crate::data::{Slot, Structure, View};
use crate::error::STANDARD_ERRORS;
use crate::table::{RestBody, Ty};

/// Writes the parameters of an operation, without those in `leave_out` (field numbers).
///
/// # Errors
/// Doubles that are not finite, broken union rules, nesting beyond [`super::DEPTH_CEILING`].
pub fn encode_input(
    input: &dyn Structure,
    leave_out: &[u16],
    options: &EncodeOptions,
) -> Result<Vec<u8>, EncodeError> {
    write::to_bytes(Outgoing::Input { input, which: Which::But(leave_out) }, options)
}

/// Writes the parameters of an operation that stand in the body of a request below `/api`; nothing when none do, or when
/// the one that is the whole body is unset.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_rest_body(
    input: &dyn Structure,
    body: RestBody,
    options: &EncodeOptions,
) -> Result<Vec<u8>, EncodeError> {
    match body {
        RestBody::None => Ok(Vec::new()),
        RestBody::Fields(fields) => {
            write::to_bytes(Outgoing::Input { input, which: Which::Only(fields) }, options)
        }
        RestBody::Whole(parameter) => {
            let field_idx = usize::from(parameter);
            let field = &input.table().fields[field_idx];
            match input.field(field_idx) {
                View::Unset if field.ty.is_optional() => Ok(Vec::new()),
                value => write::to_bytes(Outgoing::Bare { ty: &field.ty, value }, options)
                    .map_err(|error| EncodeError { path: below(field.name, &error.path), ..error }),
            }
        }
    }
}

/// Writes an operation's result: as `{"value": ...}`, and `{}` for an optional that is unset; in [`Dialect::Rest`] bare,
/// and `null`. Nothing for void.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_result(ty: &Ty, value: View<'_>, options: &EncodeOptions) -> Result<Vec<u8>, EncodeError> {
    match (ty, options.dialect) {
        (Ty::Void, _) => Ok(Vec::new()),
        (_, Dialect::Rest) => write::to_bytes(Outgoing::Bare { ty, value }, options),
        (_, Dialect::Page2014 | Dialect::Legacy) => write::to_bytes(Outgoing::Result { ty, value }, options),
    }
}

/// Writes an error as `{"type": id, "value": {...}}`; in [`Dialect::Rest`] as `{"error_type": "NOT_FOUND", ...}`, where the
/// type follows from the id.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_error(
    id: &str,
    payload: &dyn Structure,
    options: &EncodeOptions,
) -> Result<Vec<u8>, EncodeError> {
    write::to_bytes(Outgoing::Error { id, payload }, options)
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
    read::from_bytes(body, Task::Input { structure: input, which: Which::But(may_lack) }, options)
}

/// Reads the parameters of an operation that stand in the body of a request below `/api`, and no others.
/// Returns which were set. A body of nothing but white space has none.
///
/// # Errors
/// What the bytes have wrong, be it only that there are some; `input` is then half filled and of no use.
pub fn decode_rest_body(
    bytes: &[u8],
    input: &mut dyn Structure,
    body: RestBody,
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let is_blank = super::is_blank(bytes);
    match body {
        RestBody::None if is_blank => Ok(Seen::default()),
        // Clients that always send an object mean no parameters by an empty one.
        RestBody::None => decode_only(bytes, input, &[], options),
        RestBody::Fields(fields) => decode_only(if is_blank { b"{}" } else { bytes }, input, fields, options),
        RestBody::Whole(parameter) => {
            let field_idx = usize::from(parameter);
            let table = input.table();
            let field = &table.fields[field_idx];
            let mut seen = Seen::default();
            if is_blank && field.ty.is_optional() {
                return Ok(seen);
            }
            if is_blank {
                let kind = DecodeKind::MissingField { structure: table.name, field: field.name };
                return Err(DecodeError { path: String::new(), kind });
            }
            read::bare(bytes, &field.ty, input.field_mut(field_idx), options)
                .map_err(|error| DecodeError { path: below(field.name, &error.path), ..error })?;
            if !matches!(input.field(field_idx), View::Unset) {
                seen.insert(field_idx);
            }
            Ok(seen)
        }
    }
}

fn decode_only(
    body: &[u8],
    input: &mut dyn Structure,
    fields: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    read::from_bytes(body, Task::Input { structure: input, which: Which::Only(fields) }, options)
}

/// A path inside a field.
fn below(field: &str, path: &str) -> String {
    let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
    format!("{field}{separator}{path}")
}

/// Reads an operation's result; for void, whatever stands there is passed over. An optional is unset if nothing stands
/// there.
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
    if ty.is_optional() && super::is_blank(body) {
        return Ok(());
    }
    match options.dialect {
        Dialect::Rest => read::bare(body, ty, slot, options),
        Dialect::Page2014 | Dialect::Legacy => {
            read::from_bytes(body, Task::Result { ty, slot }, options).map(drop)
        }
    }
}

/// Reads an error's id and passes over its payload. In [`Dialect::Rest`] the id is that of the standard error of this type,
/// whether there is one or not.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_error_id(body: &[u8], options: &DecodeOptions) -> Result<String, DecodeError> {
    let mut id = String::new();
    read::from_bytes(body, Task::ErrorId { id: &mut id }, options)?;
    Ok(match options.dialect {
        Dialect::Rest => id_of_error_type(&id),
        Dialect::Page2014 | Dialect::Legacy => id,
    })
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
    // A payload without a field for its type passes over it, and so over whatever else it does not know.
    let is_told = options.dialect != Dialect::Rest || payload.table().field_idx(ERROR_TYPE).is_some();
    let unknown = if is_told { options.unknown } else { Unknown::Ignore };
    read::from_bytes(body, Task::Error { payload }, &DecodeOptions { unknown, ..*options }).map(drop)
}

/// Reads an error of whatever type: its id becomes the structure's name.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_unknown_error(body: &[u8], options: &DecodeOptions) -> Result<DynamicStructure, DecodeError> {
    let (mut id, mut payload) = (String::new(), DynamicStructure::default());
    read::from_bytes(body, Task::UnknownError { id: &mut id, payload: &mut payload }, options)?;
    payload.name = Some(match options.dialect {
        Dialect::Rest => id_of_error_type(&id),
        Dialect::Page2014 | Dialect::Legacy => id,
    });
    Ok(payload)
}

/// The member that says which error it is in [`Dialect::Rest`].
const ERROR_TYPE: &str = "error_type";

/// The canonical name that goes with `NOT_FOUND` or the like.
fn id_of_error_type(error_type: &str) -> String {
    format!("{STANDARD_ERRORS}{}", error_type.to_ascii_lowercase())
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
        let root =
            Root { task: Task::Input { structure: self.structure, which: Which::ALL }, context: &context };
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
        let context = WriteContext::new(Dialect::Page2014);
        let outgoing = Outgoing::Input { input: self.0, which: Which::ALL };
        outgoing.serialize(serializer, &context).map_err(|error| context.into_serde_error(error))
    }
}
