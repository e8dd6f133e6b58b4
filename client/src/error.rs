//! Why a transfer failed: which file, which session, and in whose words.

use std::fmt;
use std::io;
use std::time::Duration;

use http::StatusCode;
use vapi::runtime::client::TransportError;
use vapi::runtime::{Error, OperationError};

/// A transfer that did not come to its end.
#[derive(Debug)]
pub struct TransferError {
    /// The file that was on its way, by its name in the item.
    pub file: Option<String>,
    /// The session, where there was one.
    pub session: Option<String>,
    /// Why.
    pub cause: Cause,
}

/// Why a transfer failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Cause {
    /// A file of this machine cannot be read or written.
    #[error("{0}")]
    Local(#[source] io::Error),
    /// The server refused a call.
    #[error("{text}")]
    Call {
        /// Canonical name of the error, where the server named one.
        id: Option<String>,
        /// The server's words.
        text: String,
    },
    /// There is no connection, or it broke too often.
    #[error("{0}")]
    Transport(#[source] TransportError),
    /// The server does not take or give the bytes.
    #[error("the server answered {status}: {text}")]
    Refused {
        /// The status of its reply.
        status: StatusCode,
        /// Its words.
        text: String,
    },
    /// What was sent or came is not what it should be.
    #[error("{0}")]
    Wrong(String),
    /// It took too long.
    #[error("waited {} s for {what}", limit.as_secs())]
    TookTooLong {
        /// What was waited for.
        what: String,
        /// How long.
        limit: Duration,
    },
}

impl Cause {
    pub(crate) fn with(self, file: &str) -> TransferError {
        TransferError { file: Some(file.to_owned()), session: None, cause: self }
    }
}

impl<E: OperationError> From<Error<E>> for Cause {
    fn from(error: Error<E>) -> Cause {
        match error {
            Error::Transport(error) => Cause::Transport(error),
            error => Cause::Call { id: error.id().map(str::to_owned), text: error.to_string() },
        }
    }
}

impl<E: OperationError> From<Error<E>> for TransferError {
    fn from(error: Error<E>) -> TransferError {
        Cause::from(error).into()
    }
}

impl From<Cause> for TransferError {
    fn from(cause: Cause) -> TransferError {
        TransferError { file: None, session: None, cause }
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{file:?}: ")?;
        }
        write!(f, "{}", self.cause)?;
        match &self.session {
            Some(session) => write!(f, " (session {session})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for TransferError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}
