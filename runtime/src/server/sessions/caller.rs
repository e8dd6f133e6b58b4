//! What the rest of a server gets to see of a login session: the caller of a call, and the result of a login.
//!
//! Both are handles to one session of the store; neither shows the session's identifier but [`Login::id`].

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue};

use super::presented::session_cookie;
use super::store::{Session, Sessions};
use crate::login::USE_HEADER_AUTHN;
use crate::{DateTime, Secret};

/// Who calls: a handle to a login session. Cheap to clone, and to be kept by whatever goes on after the call, such as a
/// transfer.
#[derive(Clone)]
pub struct Caller {
    sessions: Sessions,
    session: Arc<Session>,
}

impl Caller {
    pub(super) fn new(sessions: Sessions, session: Arc<Session>) -> Caller {
        Caller { sessions, session }
    }

    /// Name of the user, as the server's directory spells it.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.session.user
    }

    /// When the session was made.
    #[must_use]
    pub fn created(&self) -> DateTime {
        self.session.created()
    }

    /// When the session was last used: by a call, this one included, or by [`Caller::touch`].
    #[must_use]
    pub fn last_accessed(&self) -> DateTime {
        self.session.last_accessed()
    }

    /// Tells the session from others in a log: the first eight hexadecimal digits of the SHA-256 of its identifier, which
    /// are of no use to whoever reads the log.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.session.fingerprint()
    }

    /// Counts as use of the session, as a call does: for bytes that arrive between calls. Takes no lock.
    ///
    /// Gives whether the session was still there; one that has ended or expired does not come back.
    pub fn touch(&self) -> bool {
        self.sessions.touch(&self.session)
    }

    /// Whether the session is still there; asking is no use of it.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.sessions.is_live(&self.session)
    }

    /// Ends the session for everybody who uses it; whether it was still there.
    pub fn log_out(&self) -> bool {
        self.sessions.end(&self.session)
    }
}

/// Shows nothing that would let anybody in (`secrets-stay`).
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("user", &self.user())
            .field("session", &format_args!("{}", self.fingerprint()))
            .field("created", &format_args!("{}", self.created()))
            .field("last_accessed", &format_args!("{}", self.last_accessed()))
            .finish()
    }
}

/// A session just made. Its identifier is known to nobody else, not even to the store.
#[derive(Clone, Debug)]
pub struct Login {
    id: Secret,
    caller: Caller,
}

impl Login {
    pub(super) fn new(id: Secret, caller: Caller) -> Login {
        Login { id, caller }
    }

    /// What the caller shows from now on: 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &Secret {
        &self.id
    }

    /// Who logged in.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The `Set-Cookie` of the reply to a login below `/rest`: clients that use headers ask for none, with
    /// `vmware-use-header-authn`, whatever its value.
    #[must_use]
    pub fn set_cookie(&self, request_headers: &HeaderMap) -> Option<HeaderValue> {
        (!request_headers.contains_key(USE_HEADER_AUTHN)).then(|| session_cookie(&self.id))
    }
}
