//! XML: one element a parameter or field, lists, sets and maps in `...-array` with `array-item`s, results in `value` under
//! the operation's own document element, errors in `Error` of a namespace for all.
//!
//! Document elements are compared by namespace and local name, never by prefix; all other elements have no namespace.
//! Built on `quick-xml`'s namespace reader; document type declarations are refused, references resolved, white space kept
//! where it is text.

mod dynamic;
mod markup;
mod read;
mod source;
mod write;

use self::read::{Child, Reader};
use self::write::Writer;
use super::failure::{At as _, DecodeFailure, EncodeFailure};
use super::{DecodeError, DecodeOptions, EncodeError, Layout, Seen, fields};
use crate::DynamicStructure;
use crate::data::{Slot, Structure, View};
use crate::table::{OperationTable, STRUCTURE, Ty};

/// Namespace and local name of the document element of errors.
const ERROR: (&str, &str) = ("http://vmware.com/vapi/rest/base", "Error");

/// Writes the parameters of an operation, without those in `leave_out` (field numbers).
///
/// # Errors
/// As [`super::json::encode_input`]; also text with characters that XML cannot carry.
pub fn encode_input(
    operation: &OperationTable,
    input: &dyn Structure,
    leave_out: &[u16],
    layout: Layout,
) -> Result<Vec<u8>, EncodeError> {
    let mut writer = Writer::begin(layout, operation.xml_namespace, operation.xml_input);
    writer.fields(input, leave_out, 1)?;
    Ok(writer.finish(operation.xml_input))
}

/// Writes an operation's result in `value` or `value-array`, which is missing for an optional that is unset; nothing for
/// void.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_result(
    operation: &OperationTable,
    value: View<'_>,
    layout: Layout,
) -> Result<Vec<u8>, EncodeError> {
    let ty = &operation.output;
    if matches!(ty, Ty::Void) {
        return Ok(Vec::new());
    }
    let mut writer = Writer::begin(layout, operation.xml_namespace, operation.xml_result);
    if !(ty.is_optional() && matches!(value, View::Unset)) {
        writer.value("value", ty, value, 2).at_field("value")?;
    }
    Ok(writer.finish(operation.xml_result))
}

/// Writes an error: its payload in `value`, its id in `type`.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_error(id: &str, payload: &dyn Structure, layout: Layout) -> Result<Vec<u8>, EncodeError> {
    let (namespace, local) = ERROR;
    let mut writer = Writer::begin(layout, namespace, local);
    let written: Result<(), EncodeFailure> = writer.value("value", &STRUCTURE, View::Structure(payload), 2);
    written.at_field("value")?;
    writer.value("type", &Ty::String, View::Text(id), 2).at_field("type")?;
    Ok(writer.finish(local))
}

/// Reads the parameters of an operation; a body of nothing but white space has none.
/// Returns which were set. The required ones must be there but those in `may_lack` (field numbers).
///
/// # Errors
/// What the bytes have wrong; `input` is then half filled and of no use.
pub fn decode_input(
    operation: &OperationTable,
    body: &[u8],
    input: &mut dyn Structure,
    may_lack: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    if super::is_blank(body) {
        let seen = Seen::default();
        fields::check_complete(input, input.table(), &seen, fields::Which::But(may_lack))?;
        return Ok(seen);
    }
    let mut reader = Reader::open(body, (operation.xml_namespace, operation.xml_input), options)?;
    let mut seen = reader.structure(input, may_lack, 1)?;
    reader.source.end()?;
    fields::forget_unset(input, input.table(), &mut seen);
    Ok(seen)
}

/// Reads an operation's result; for void, whatever stands there is passed over.
///
/// # Errors
/// What the bytes have wrong; the value is then half filled and of no use.
pub fn decode_result(
    operation: &OperationTable,
    body: &[u8],
    slot: Slot<'_>,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    let ty = &operation.output;
    if matches!(ty, Ty::Void) || (ty.is_optional() && super::is_blank(body)) {
        return Ok(());
    }
    let root = (operation.xml_namespace, operation.xml_result);
    read_envelope(body, root, "the result", &mut [Child::wanted("value", ty, slot)], options)
        .map_err(DecodeError::from)
}

/// Reads an error's id and passes over its payload.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_error_id(body: &[u8], options: &DecodeOptions) -> Result<String, DecodeError> {
    let mut id = String::new();
    let children =
        &mut [Child::passed_over("value"), Child::wanted("type", &Ty::String, Slot::Text(&mut id))];
    read_envelope(body, ERROR, "the error", children, options)?;
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
    let children =
        &mut [Child::wanted("value", &STRUCTURE, Slot::Structure(payload)), Child::passed_over("type")];
    read_envelope(body, ERROR, "the error", children, options).map_err(DecodeError::from)
}

/// Reads an error of whatever type: its id becomes the structure's name.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_unknown_error(body: &[u8], options: &DecodeOptions) -> Result<DynamicStructure, DecodeError> {
    let (mut id, mut payload) = (String::new(), DynamicStructure::default());
    let children = &mut [
        Child::wanted("value", &Ty::AnyError, Slot::Dynamic(&mut payload)),
        Child::wanted("type", &Ty::String, Slot::Text(&mut id)),
    ];
    read_envelope(body, ERROR, "the error", children, options)?;
    payload.name = Some(id);
    Ok(payload)
}

fn read_envelope(
    body: &[u8],
    root: (&str, &str),
    structure: &'static str,
    children: &mut [Child<'_, '_>],
    options: &DecodeOptions,
) -> Result<(), DecodeFailure> {
    let mut reader = Reader::open(body, root, options)?;
    reader.children(structure, children, 1)?;
    reader.source.end()
}
