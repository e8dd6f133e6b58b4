//! What a call can end in besides its result.
//!
//! [`Error`] separates the network, the encoding, the *documented* errors of the operation (typed), an undocumented one
//! (dynamic) and a reply that is no vAPI at all (bytes kept).
//! Not here: what the error types of operations are, which is [`crate::operation_error`]; errors a server gives, which are
//! [`crate::fault`] and [`crate::server::Failure`].

use std::fmt;

use bytes::Bytes;
use http::StatusCode;

use crate::DynamicStructure;
use crate::client::TransportError;
use crate::codec::{DecodeError, EncodeError};
use crate::data::{Structure, View};
use crate::operation_error::{NoDeclaredError, OperationError};
use crate::release::{Release, Releases};
use crate::table::OperationTable;

/// Why a call gave no result; `E` is the operation's own error type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E> {
    /// The server's release has no such operation; nothing was sent. Only where the client was told the release.
    NotInRelease {
        /// The operation.
        operation: &'static OperationTable,
        /// The releases that have it.
        needs: Releases,
        /// The release that the client was told the server has.
        has: Release,
    },
    /// The request did not get there, or no reply came back.
    Transport(TransportError),
    /// The parameters cannot be written in the chosen representation or URL form; nothing was sent.
    Encode(EncodeError),
    /// An error that the operation documents, with the status it documents.
    Documented {
        /// Status of the reply.
        status: StatusCode,
        /// The error.
        error: E,
    },
    /// A vAPI error that the operation does not document, or not with this status.
    Undocumented {
        /// Status of the reply.
        status: StatusCode,
        /// Canonical name, `com.vmware.vapi.std.errors.unauthenticated`.
        id: String,
        /// Its payload, as far as the representation tells.
        error: DynamicStructure,
    },
    /// A reply that is not what the API promises: an HTML page of a proxy, a result of the wrong type.
    BadPayload {
        /// Status of the reply.
        status: StatusCode,
        /// The body as it came.
        bytes: Bytes,
        /// What is wrong with it.
        cause: BadPayload,
    },
}

impl Error<NoDeclaredError> {
    /// The same error where another operation's is wanted, of which it is a part.
    pub(crate) fn of_another_operation<E>(self) -> Error<E> {
        match self {
            Error::NotInRelease { operation, needs, has } => Error::NotInRelease { operation, needs, has },
            Error::Transport(error) => Error::Transport(error),
            Error::Encode(error) => Error::Encode(error),
            Error::Documented { error, .. } => match error {},
            Error::Undocumented { status, id, error } => Error::Undocumented { status, id, error },
            Error::BadPayload { status, bytes, cause } => Error::BadPayload { status, bytes, cause },
        }
    }
}

/// What is wrong with the body of a reply.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum BadPayload {
    /// Its status is none that the surface knows: JSON-RPC replies are successes to HTTP, whatever they say.
    Status,
    /// An error of JSON-RPC itself: the server could not read the call.
    JsonRpc {
        /// JSON-RPC's code, negative.
        code: i64,
        /// What the server says.
        message: String,
    },
    /// Its media type is neither JSON nor XML.
    MediaType(String),
    /// It has no bytes where some must be.
    Empty,
    /// It cannot be decoded. Boxed to keep every call's result small.
    Decode(Box<DecodeError>),
}

impl fmt::Display for BadPayload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BadPayload::MediaType(media_type) => write!(f, "its media type is {media_type}"),
            BadPayload::Status => f.write_str("a JSON-RPC reply never has this status"),
            BadPayload::JsonRpc { code, message } => {
                write!(f, "the call was not understood: {message} ({code})")
            }
            BadPayload::Empty => f.write_str("it is empty"),
            BadPayload::Decode(error) => error.fmt(f),
        }
    }
}

impl From<DecodeError> for BadPayload {
    fn from(error: DecodeError) -> BadPayload {
        BadPayload::Decode(Box::new(error))
    }
}

impl<E> Error<E> {
    /// Status of the reply, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Error::NotInRelease { .. } | Error::Transport(_) | Error::Encode(_) => None,
            Error::Documented { status, .. }
            | Error::Undocumented { status, .. }
            | Error::BadPayload { status, .. } => Some(*status),
        }
    }
}

impl<E: OperationError> Error<E> {
    /// Canonical name of the vAPI error, documented or not.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Error::Documented { error, .. } => Some(error.payload().table().name),
            Error::Undocumented { id, .. } => Some(id),
            _ => None,
        }
    }

    /// Whether the same call may well succeed later.
    ///
    /// True when there was no connection, it broke, or no reply came in time; for the errors `service_unavailable`,
    /// `timed_out` and `resource_busy`; and for the statuses 408, 429, 502, 503 and 504 of whatever stands in between.
    /// It does not say that repeating is harmless: where no reply came the operation may have been carried out.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let by_id = self.id().and_then(|id| id.strip_prefix(STANDARD_ERRORS)).is_some_and(is_passing);
        match self {
            Error::Transport(error) => error.is_retryable(),
            Error::NotInRelease { .. } | Error::Encode(_) => false,
            Error::Documented { .. } => by_id,
            Error::Undocumented { status, .. } | Error::BadPayload { status, .. } => {
                by_id || is_passing_status(*status)
            }
        }
    }
}

/// Package of the errors every operation may end in.
pub(crate) const STANDARD_ERRORS: &str = "com.vmware.vapi.std.errors.";

/// Whether whatever answered, be it something in between, may answer otherwise later.
pub(crate) fn is_passing_status(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 429 | 502 | 503 | 504)
}

pub(crate) fn is_passing(standard_error: &str) -> bool {
    matches!(standard_error, "service_unavailable" | "timed_out" | "resource_busy")
}

impl<E: OperationError> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Transport(error) => error.fmt(f),
            Error::NotInRelease { operation: OperationTable { service, name, .. }, needs, has } => {
                write!(f, "{service}.{name} is in {needs}, and the server has {has}")
            }
            Error::Encode(error) => write!(f, "the request cannot be written: {error}"),
            Error::Documented { error, .. } => fmt_payload(error.payload(), f),
            Error::Undocumented { status, id, .. } => write!(f, "undocumented error {id} (status {status})"),
            Error::BadPayload { status, bytes, cause } => {
                write!(f, "the reply (status {status}, {} bytes) is not the API's: {cause}", bytes.len())
            }
        }
    }
}

/// `Display` shows causes too, so there is no `source` to show them again.
impl<E: OperationError> std::error::Error for Error<E> {}

/// Shows an error's payload as `com.vmware.vapi.std.errors.not_found: first message`.
pub(crate) fn fmt_payload(payload: &dyn Structure, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(payload.table().name)?;
    let mut text = None;
    if let Some(View::List(messages)) = field(payload, "messages") {
        messages.each(&mut |message| {
            if let View::Structure(message) = message
                && let Some(View::Text(default_message)) = field(message, "default_message")
            {
                text = Some(default_message.to_owned());
            }
            false
        });
    }
    match text {
        Some(text) => write!(f, ": {text}"),
        None => Ok(()),
    }
}

fn field<'s>(structure: &'s dyn Structure, name: &str) -> Option<View<'s>> {
    structure.table().field_idx(name).map(|field_idx| structure.field(field_idx))
}
