//! JSON-RPC 2.0: every call and reply in a typed envelope, every value under a tag that says what it is.
//!
//! Built on `serde_json`: bodies become a tree of tagged values, which is read into slots as a table describes it; writing goes
//! straight to bytes. A server reads strictly and says what is wrong in the reference server's words ([`fault_of`]), a
//! client tolerates what the official one does.
//! Not here: HTTP, but for the headers that repeat what is in the envelope.

mod application;
mod data;
mod envelope;
mod messages;
mod read;
mod write;

use self::data::Data;
use self::read::{read_structure, read_value};
use super::{DecodeError, DecodeKind, DecodeOptions, EncodeError};
use crate::client::reply::{ErrorSlot, Outcome};
use crate::data::{Slot, Structure, View};
use crate::error::BadPayload;
use crate::table::{OperationTable, Ty};
use http::HeaderName;

pub use self::application::Application;
pub use self::envelope::{
    Id, ProtocolFailure, Request, Security, check_headers, decode_request, encode_protocol_failure,
    encode_request,
};
pub(crate) use self::envelope::{SESSION_SCHEME, USER_PASSWORD_SCHEME};
pub use self::messages::fault_of;

/// Header of replies that names their error, because their status says nothing.
pub(crate) const ERROR_HEADER: HeaderName = HeaderName::from_static("vapi-error");

/// The parameters of a call as they came: in the protocol's notation, not yet those of an operation.
#[derive(Clone, Debug)]
pub struct Input<'b>(Data<'b>);

/// Why they are not those of an operation.
#[derive(Clone, Debug, PartialEq)]
pub enum BadInput {
    /// There are none, or they are no structure.
    Invalid,
    /// They are not what the operation takes.
    Decode(DecodeError),
}

/// Reads the parameters of an operation.
///
/// # Errors
/// What is wrong with them; `input` is then half filled and of no use.
pub fn decode_input(
    sent: Option<Input<'_>>,
    input: &mut dyn Structure,
    options: &DecodeOptions,
) -> Result<(), BadInput> {
    let Some(Input(Data::Structure(named))) = sent else { return Err(BadInput::Invalid) };
    read_structure(*named, input, options).map_err(BadInput::Decode)
}

/// Writes a structure under its tag and name.
///
/// # Errors
/// As [`super::json::encode_input`].
pub fn encode_structure(structure: &dyn Structure) -> Result<Vec<u8>, EncodeError> {
    let mut out = Vec::new();
    write::write_structure(&mut out, structure, 0)?;
    Ok(out)
}

/// Reads a structure from under its tag and name.
///
/// # Errors
/// What the bytes have wrong; `structure` is then half filled and of no use.
pub fn decode_structure(
    bytes: &[u8],
    structure: &mut dyn Structure,
    options: &DecodeOptions,
) -> Result<(), DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let kind = DecodeKind::Syntax { line: 1, column: 1, text: error.to_string() };
        DecodeError { path: String::new(), kind }
    })?;
    match serde_json::from_str(text).map_err(|error| syntax(&error))? {
        Data::Structure(named) => read_structure(*named, structure, options),
        data => {
            let kind = DecodeKind::Mismatch { expected: "Structure", got: data.word().to_owned() };
            Err(DecodeError { path: String::new(), kind })
        }
    }
}

/// Writes an operation's result in its envelope.
///
/// # Errors
/// As [`super::json::encode_input`].
pub fn encode_result(id: &Id, ty: &Ty, value: View<'_>) -> Result<Vec<u8>, EncodeError> {
    let mut out = envelope::begin_reply(id);
    out.extend_from_slice(b"\"result\":{\"output\":");
    write::write_value(&mut out, ty, value, 2)?;
    out.extend_from_slice(b"}}");
    Ok(out)
}

/// Writes an error in its envelope.
///
/// # Errors
/// As [`super::json::encode_input`].
pub fn encode_error(id: &Id, error_id: &str, payload: &dyn Structure) -> Result<Vec<u8>, EncodeError> {
    let mut out = envelope::begin_reply(id);
    out.extend_from_slice(b"\"result\":{\"error\":");
    write::write_error(&mut out, error_id, payload, 2)?;
    out.extend_from_slice(b"}}");
    Ok(out)
}

/// Reads a reply to the request with this id into the slot of its result or of its error.
pub(crate) fn decode_reply(
    body: &[u8],
    id: &str,
    table: &'static OperationTable,
    output: Slot<'_>,
    error: &mut dyn ErrorSlot,
    options: &DecodeOptions,
) -> Result<Outcome, DecodeError> {
    let result = match envelope::decode_reply(body, id)? {
        envelope::Reply::Result(result) => result,
        envelope::Reply::Failure { code, message } => {
            return Ok(Outcome::Bad(BadPayload::JsonRpc { code, message }));
        }
    };
    if let Some(data) = result.error {
        return decode_error(data, table, error, options);
    }
    match result.output {
        Some(data) => read_value(&table.output, data, output, options)?,
        // Neither a result nor an error: nothing can be said of such a reply.
        None => return Ok(Outcome::Bad(BadPayload::Empty)),
    }
    Ok(Outcome::Output)
}

/// The canonical name of a reply's error, if it has one; cheap where it has none.
pub(crate) fn decode_error_id(body: &[u8]) -> Option<String> {
    // The error stands near the beginning, behind the envelope's few members.
    const NEAR: usize = 256;
    let near = String::from_utf8_lossy(&body[..body.len().min(NEAR)]);
    let (_, name) = near.split_once("\"ERROR\":{\"")?;
    name.split_once('"').map(|(name, _)| name.to_owned())
}

fn decode_error(
    data: Data<'_>,
    table: &'static OperationTable,
    error: &mut dyn ErrorSlot,
    options: &DecodeOptions,
) -> Result<Outcome, DecodeError> {
    let (Data::Error(named) | Data::Structure(named)) = data else {
        let kind = DecodeKind::Mismatch { expected: "Error", got: data.word().to_owned() };
        return Err(DecodeError { path: String::new(), kind });
    };
    if let Some(error_idx) = table.errors.iter().position(|declared| declared.id == named.name) {
        // Taken out, since a closure that may be called again cannot give it away.
        let mut named = Some(*named);
        error.decode(error_idx, &mut |payload| {
            named.take().map_or(Ok(()), |named| read_structure(named, payload, options))
        })?;
        return Ok(Outcome::Declared);
    }
    let mut dynamic = crate::DynamicStructure::default();
    let id = named.name.clone().into_owned();
    read_value(&Ty::AnyError, Data::Error(named), Slot::Dynamic(&mut dynamic), options)?;
    Ok(Outcome::Undocumented(id, dynamic))
}

fn syntax(error: &serde_json::Error) -> DecodeError {
    let kind = DecodeKind::Syntax { line: error.line(), column: error.column(), text: error.to_string() };
    DecodeError { path: String::new(), kind }
}
