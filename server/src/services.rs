//! The generated service traits over the domain: read the input, have it decided, shape the answer.
//!
//! One file for each service. What the domain refuses comes out as the error of that name, with the status that the
//! operation declares for it. Not here: rules of any kind; those are the domain's.

pub mod changes;
pub mod configuration;
pub mod download_file;
pub mod download_session;
pub mod item;
pub mod item_file;
pub mod library;
pub mod local_library;
pub mod security_policies;
pub mod session_file;
pub mod storage;
pub mod subscribed_item;
pub mod subscribed_library;
pub mod subscriptions;
pub mod trusted_certificates;
pub mod type_;
pub mod update_session;
pub mod usages;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use vapi::runtime::server::{self, Context, Failure, Fault, StandardError};
use vapi::runtime::{DateTime, OperationError};
use vapi::vapi::std::LocalizableMessage;

use crate::app::App;
use crate::domain::client_token::ClientToken;
use crate::domain::ids::{Time, Version};
use crate::domain::{Caller, Command, Kind, Message, Question, Refusal};
use crate::ledger::Error;
use crate::store::{FaultKind, Snapshot};

/// Where every service starts: the server, and who calls.
#[derive(Clone)]
pub struct Desk(pub Arc<App>);

impl Desk {
    /// Who calls, as the domain knows it. Operations that need no login are none of this server's.
    pub fn caller(&self, cx: &Context) -> Result<Caller, Error> {
        let login = cx.caller().ok_or_else(Refusal::nobody)?;
        Ok(self.0.user(login))
    }

    /// Has a command decided.
    pub async fn run<C>(&self, cx: &Context, command: C) -> Result<C::Reply, Error>
    where
        C: Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        self.0.ledger.run(self.caller(cx)?, self.0.now(), command).await
    }

    /// Has a question answered.
    pub fn ask<Q: Question>(&self, cx: &Context, question: &Q) -> Result<Q::Answer, Error> {
        self.0.ledger.ask(self.caller(cx)?, self.0.now(), question)
    }

    /// What is kept now, for lists.
    pub fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Error> {
        Ok(self.0.ledger.snapshot()?)
    }
}

/// A client's token with a digest of what the call asks for. Passwords do not count: nothing writes them down.
pub fn token(token: Option<String>, asks_for: &dyn std::fmt::Debug) -> Option<ClientToken> {
    let fingerprint = || BASE64.encode(Sha256::digest(format!("{asks_for:?}")));
    token.map(|text| ClientToken { text, fingerprint: fingerprint() })
}

/// The version that a caller takes something to have.
pub fn version(text: Option<&str>) -> Result<Option<Version>, Refusal> {
    let read = |text: &str| {
        let number = text.parse().map_err(|_| Refusal::no_version(text))?;
        Ok(Version(number))
    };
    text.map(read).transpose()
}

/// A size as the API has it.
pub fn size(n_bytes: u64) -> i64 {
    i64::try_from(n_bytes).unwrap_or(i64::MAX)
}

/// An instant as the API has it.
pub fn date_time(time: Time) -> DateTime {
    // What is never over is over at the end of the calendar.
    const LAST_MS: i64 = 253_402_200_000_000;
    DateTime::from_unix_ms(time.0.min(LAST_MS)).unwrap_or(DateTime::UNIX_EPOCH)
}

/// A message as the API has it.
pub fn localizable(message: &Message) -> LocalizableMessage {
    LocalizableMessage::new(message.id.as_str(), message.text.as_str(), message.args.clone())
}

impl<E: OperationError> From<Error> for Failure<E> {
    fn from(error: Error) -> Failure<E> {
        Fault::from(error).into()
    }
}

impl<E: OperationError> From<Refusal> for Failure<E> {
    fn from(refusal: Refusal) -> Failure<E> {
        Error::from(refusal).into()
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        match error {
            Error::Refused(Refusal { kind, message }) => {
                Fault::new(standard(kind), server::Message::new(message.id, message.text, message.args))
            }
            Error::Fault(fault) => {
                let standard = match fault.kind {
                    FaultKind::Conflict | FaultKind::Unavailable => StandardError::ServiceUnavailable,
                    FaultKind::Full => StandardError::UnableToAllocateResource,
                    FaultKind::Corrupt => StandardError::InternalServerError,
                };
                let message = server::Message::new("contentlibd.store", fault.public(), [""; 0]);
                Fault::new(standard, message).log(fault.detail.to_string())
            }
        }
    }
}

fn standard(kind: Kind) -> StandardError {
    match kind {
        Kind::NotFound => StandardError::NotFound,
        Kind::AlreadyExists => StandardError::AlreadyExists,
        Kind::InvalidArgument => StandardError::InvalidArgument,
        Kind::InvalidElementType => StandardError::InvalidElementType,
        Kind::InvalidElementConfiguration => StandardError::InvalidElementConfiguration,
        Kind::NotAllowedInCurrentState => StandardError::NotAllowedInCurrentState,
        Kind::ResourceBusy => StandardError::ResourceBusy,
        Kind::ConcurrentChange => StandardError::ConcurrentChange,
        Kind::ResourceInaccessible => StandardError::ResourceInaccessible,
        Kind::UnableToAllocateResource => StandardError::UnableToAllocateResource,
        Kind::Unauthorized => StandardError::Unauthorized,
        Kind::Unsupported => StandardError::Unsupported,
    }
}
