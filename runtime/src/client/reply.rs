//! HTTP reply to result or error: which of the cases of [`crate::Error`] it is, and the decoding.

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::DynamicStructure;
use crate::any::{AnyError, AnyValue};
use crate::client::request::RPC_ID;
use crate::codec::{DecodeError, DecodeOptions, Dialect, Unknown, json, json_rpc, xml};
use crate::data::{Data as _, Slot, Structure};
use crate::error::{BadPayload, Error};
use crate::operation_error::{self, OperationError};
use crate::representation::{Content, ReplyRepresentation};
use crate::surface::Surface;
use crate::table::{OperationTable, Ty};

/// What a reply turned out to be.
pub(crate) enum Outcome {
    /// A result; it is in the slot.
    Output,
    /// A declared error; it is in the error slot.
    Declared,
    /// A vAPI error of this name that is not declared, or not with this status.
    Undocumented(String, DynamicStructure),
    /// No vAPI reply.
    Bad(BadPayload),
}

/// Reads an error's payload.
pub(crate) type Decode<'a> = dyn FnMut(&mut dyn Structure) -> Result<(), DecodeError> + 'a;

/// Where a declared error goes, whatever its type.
pub(crate) trait ErrorSlot {
    /// Makes the error with this number, of the payload that `decode` reads.
    fn decode(&mut self, error_idx: usize, decode: &mut Decode<'_>) -> Result<(), DecodeError>;
}

impl<E: OperationError> ErrorSlot for Option<E> {
    fn decode(&mut self, error_idx: usize, decode: &mut Decode<'_>) -> Result<(), DecodeError> {
        let mut decoded = Ok(());
        *self = Some(operation_error::filled(error_idx, |payload| decoded = decode(payload)));
        decoded
    }
}

/// Reads a reply of an operation that is only known by its table; for tools that read captures, and for calls by name.
///
/// # Errors
/// The error that the reply carries, or what is wrong with it.
pub fn explain_reply(
    table: &'static OperationTable,
    surface: Surface,
    response: http::Response<Bytes>,
) -> Result<AnyValue, Error<AnyError>> {
    let (parts, bytes) = response.into_parts();
    let (mut output, mut error) = (AnyValue::new(&table.output), AnySlot { table, error: None });
    match read(table, surface, &parts, &bytes, output.slot(), &mut error) {
        Outcome::Output => Ok(output),
        Outcome::Declared => Err(Error::Documented {
            status: parts.status,
            error: error.error.expect("the outcome `Declared` comes with the error"),
        }),
        Outcome::Undocumented(id, error) => Err(Error::Undocumented { status: parts.status, id, error }),
        Outcome::Bad(cause) => Err(Error::BadPayload { status: parts.status, bytes, cause }),
    }
}

struct AnySlot {
    table: &'static OperationTable,
    error: Option<AnyError>,
}

impl ErrorSlot for AnySlot {
    fn decode(&mut self, error_idx: usize, decode: &mut Decode<'_>) -> Result<(), DecodeError> {
        decode(self.error.insert(AnyError::new(self.table, error_idx)).payload_mut())
    }
}

/// Reads a reply into the slot of its result or of its error.
pub(crate) fn read(
    table: &'static OperationTable,
    surface: Surface,
    parts: &http::response::Parts,
    body: &[u8],
    output: Slot<'_>,
    error: &mut dyn ErrorSlot,
) -> Outcome {
    // A newer server may say more than this table knows.
    let dialect = surface.dialect();
    let options = DecodeOptions { unknown: Unknown::Ignore, dialect, ..DecodeOptions::default() };
    if surface == Surface::JsonRpc {
        return read_json_rpc(table, parts, body, output, error, &options);
    }
    let success = parts.status.is_success();
    let read = match representation(&parts.headers, body) {
        // No result is needed, so what kind of JSON or XML says so does not matter; a proxy's page does.
        Ok(_) | Err(BadPayload::Empty) if success && matches!(table.output, Ty::Void) => Ok(Outcome::Output),
        // An optional result that is unset.
        Err(BadPayload::Empty) if success && table.output.is_optional() => Ok(Outcome::Output),
        Ok(representation) if success => read_result(table, representation, body, output, &options),
        Ok(representation) => read_error(table, parts.status.as_u16(), representation, body, error, &options),
        Err(cause) => return Outcome::Bad(cause),
    };
    read.unwrap_or_else(|error| Outcome::Bad(error.into()))
}

/// The canonical name of the error that a reply carries, if it carries one.
pub(crate) fn error_id(surface: Surface, response: &http::Response<Bytes>) -> Option<String> {
    let body = response.body();
    if surface == Surface::JsonRpc {
        let in_header = response.headers().get(json_rpc::ERROR_HEADER).and_then(|id| id.to_str().ok());
        // Old servers say it in the body alone.
        return in_header.map(str::to_owned).or_else(|| json_rpc::decode_error_id(body));
    }
    if response.status().is_success() {
        return None;
    }
    let options = DecodeOptions { dialect: surface.dialect(), ..DecodeOptions::default() };
    let id = match representation(response.headers(), body).ok()? {
        ReplyRepresentation::Json => json::decode_error_id(body, &options),
        ReplyRepresentation::Xml => xml::decode_error_id(body, &options),
    };
    id.ok()
}

/// A JSON-RPC reply says everything in its body; the status is the network's.
fn read_json_rpc(
    table: &'static OperationTable,
    parts: &http::response::Parts,
    body: &[u8],
    output: Slot<'_>,
    error: &mut dyn ErrorSlot,
    options: &DecodeOptions,
) -> Outcome {
    if !parts.status.is_success() {
        let cause = match representation(&parts.headers, body) {
            Ok(_) => BadPayload::Status,
            Err(cause) => cause,
        };
        return Outcome::Bad(cause);
    }
    let read = json_rpc::decode_reply(body, RPC_ID, table, output, error, options);
    read.unwrap_or_else(|error| Outcome::Bad(error.into()))
}

fn read_result(
    table: &'static OperationTable,
    representation: ReplyRepresentation,
    body: &[u8],
    output: Slot<'_>,
    options: &DecodeOptions,
) -> Result<Outcome, DecodeError> {
    match representation {
        ReplyRepresentation::Json => json::decode_result(body, &table.output, output, options)?,
        ReplyRepresentation::Xml => xml::decode_result(table, body, output, options)?,
    }
    Ok(Outcome::Output)
}

fn read_error(
    table: &'static OperationTable,
    status: u16,
    representation: ReplyRepresentation,
    body: &[u8],
    error: &mut dyn ErrorSlot,
    options: &DecodeOptions,
) -> Result<Outcome, DecodeError> {
    let id = match representation {
        ReplyRepresentation::Json => json::decode_error_id(body, options)?,
        ReplyRepresentation::Xml => xml::decode_error_id(body, options)?,
    };
    let declared = table.errors.iter().position(|declared| {
        let documented =
            if options.dialect == Dialect::Rest { declared.rest_status } else { declared.status };
        declared.id == id && documented == status
    });
    match (declared, representation) {
        (Some(idx), ReplyRepresentation::Json) => {
            error.decode(idx, &mut |payload| json::decode_error(body, payload, options))?;
        }
        (Some(idx), ReplyRepresentation::Xml) => {
            error.decode(idx, &mut |payload| xml::decode_error(body, payload, options))?;
        }
        (None, ReplyRepresentation::Json) => {
            return json::decode_unknown_error(body, options).map(|error| Outcome::Undocumented(id, error));
        }
        (None, ReplyRepresentation::Xml) => {
            return xml::decode_unknown_error(body, options).map(|error| Outcome::Undocumented(id, error));
        }
    }
    Ok(Outcome::Declared)
}

/// What the body is in: as its `Content-Type` says; without one, as its first character looks.
fn representation(headers: &http::HeaderMap, body: &[u8]) -> Result<ReplyRepresentation, BadPayload> {
    let Some(first) = body.iter().find(|byte| !byte.is_ascii_whitespace()) else {
        return Err(BadPayload::Empty);
    };
    let Some(media_type) = headers.get(CONTENT_TYPE) else {
        let looks_like_xml = *first == b'<';
        return Ok(if looks_like_xml { ReplyRepresentation::Xml } else { ReplyRepresentation::Json });
    };
    let media_type = String::from_utf8_lossy(media_type.as_bytes());
    match Content::parse(&media_type) {
        Ok(Content::Json) => Ok(ReplyRepresentation::Json),
        Ok(Content::Xml) => Ok(ReplyRepresentation::Xml),
        Ok(Content::Form) | Err(_) => Err(BadPayload::MediaType(media_type.into_owned())),
    }
}
