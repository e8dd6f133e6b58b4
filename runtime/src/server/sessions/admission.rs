//! Who is let in to an operation, and what those hear who are not.

use super::presented::{Presented, Unusable};
use super::{Caller, Credentials, SessionService, Sessions};
use crate::codec::json_rpc::{SESSION_SCHEME, USER_PASSWORD_SCHEME};
use crate::fault::{Fault, Message, StandardError};
use crate::table::OperationTable;

/// How a client may show who it is, as servers say it in errors and in `WWW-Authenticate`.
const CHALLENGE: &str = "Basic realm=\"VAPI endpoint\"";

/// Somebody who may make a call. A router puts it into the extensions of the call's context, where the login finds it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Admitted {
    /// Somebody with a session, which the call is a use of.
    Caller(Caller),
    /// Somebody who is about to log in; nobody has looked at the credentials yet.
    LoggingIn(Credentials),
}

impl Admitted {
    /// The caller, unless it is still to become one.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        match self {
            Admitted::Caller(caller) => Some(caller),
            Admitted::LoggingIn(_) => None,
        }
    }
}

impl SessionService {
    /// Whether somebody who shows this may make a call of this operation: a login needs credentials, everything else a
    /// session.
    ///
    /// # Errors
    /// `unauthenticated`, with what is missing or wrong and a challenge.
    pub fn admit(&self, operation: &OperationTable, presented: Presented) -> Result<Admitted, Fault> {
        if !self.is_login(operation) {
            return self.sessions().admit(presented).map(Admitted::Caller);
        }
        match presented.credentials {
            Some(Ok(credentials)) => Ok(Admitted::LoggingIn(credentials)),
            Some(Err(unusable)) => Err(refused(&unusable, USER_PASSWORD_SCHEME)),
            None => Err(required()),
        }
    }
}

impl Sessions {
    /// Whose session somebody shows, which is a use of it; for whatever is served beside the API too. No credentials stand for
    /// a session.
    ///
    /// # Errors
    /// `unauthenticated`, with what is missing or wrong and a challenge.
    pub fn admit(&self, presented: Presented) -> Result<Caller, Fault> {
        match (presented.session, presented.credentials) {
            (Some(Ok(id)), _) => self.resume(&id).ok_or_else(required),
            (Some(Err(unusable)), _) | (None, Some(Err(unusable))) => Err(refused(&unusable, SESSION_SCHEME)),
            (None, Some(Ok(Credentials::UserPassword { .. }))) => {
                Err(required().and(other_scheme(SESSION_SCHEME, USER_PASSWORD_SCHEME)))
            }
            (None, None) => Err(required()),
        }
    }
}

/// There is no session, or not any more; which of the two is nobody's business.
pub(super) fn required() -> Fault {
    let id = "com.vmware.vapi.endpoint.method.authentication.required";
    unauthenticated(Message::new(id, "Authentication required.", <[String; 0]>::default()))
}

/// What was shown is of no use.
fn refused(unusable: &Unusable, expected: &str) -> Fault {
    required().and(match unusable {
        Unusable::Scheme(got) => other_scheme(expected, got),
        Unusable::Malformed(what, reason) => {
            Message::new("vapi.security.authentication.malformed", unusable.to_string(), [*what, *reason])
        }
    })
}

fn other_scheme(expected: &str, got: &str) -> Message {
    let text = format!("This needs the scheme {expected}, not {got}");
    Message::new("vapi.security.authentication.scheme", text, [expected, got])
}

/// The credentials are wrong.
pub(super) fn wrong() -> Fault {
    let text = "The user cannot be authenticated";
    unauthenticated(Message::new("vapi.security.authentication.invalid", text, <[String; 0]>::default()))
}

fn unauthenticated(message: Message) -> Fault {
    Fault::new(StandardError::Unauthenticated, message).challenge(CHALLENGE)
}
