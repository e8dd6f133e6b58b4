//! The login session of a client: made when it is first needed, kept for all calls, given up when the server no longer knows it.
//!
//! Not here: the requests themselves, which are those of the operations in [`crate::login`].

use std::fmt;
use std::sync::{Mutex, PoisonError};

use super::exchange::{NoReply, send, within};
use super::{CallOptions, Client, call};
use crate::Secret;
use crate::error::Error;
use crate::execution::SecurityContext;
use crate::login::{Create, Delete, NoParameters};
use crate::operation::Operation;
use crate::operation_error::NoDeclaredError;
use crate::surface::Surface;

/// Who a client is, shared by its clones.
pub(super) struct Login {
    credentials: Option<SecurityContext>,
    session: Mutex<Option<Secret>>,
    /// Held while logging in, so that calls that come at the same time make one session.
    gate: tokio::sync::Mutex<()>,
}

impl Login {
    /// Logs in by these credentials when needed; a session is used as it is.
    pub(super) fn new(caller: Option<SecurityContext>) -> Login {
        let (credentials, session) = match caller {
            Some(SecurityContext::Session(id)) => (None, Some(id)),
            credentials => (credentials, None),
        };
        Login { credentials, session: Mutex::new(session), gate: tokio::sync::Mutex::new(()) }
    }

    fn session(&self) -> Option<Secret> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_session(&self, session: Option<Secret>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// Gives a session up that the server does not know; whether there is a way to another one.
    pub(super) fn forget(&self, session: &Secret) -> bool {
        if self.credentials.is_none() {
            return false;
        }
        let mut current = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref() == Some(session) {
            *current = None;
        }
        true
    }
}

/// Credentials and session are secrets; whether they are there is not.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("has_credentials", &self.credentials.is_some())
            .field("has_session", &self.session().is_some())
            .finish_non_exhaustive()
    }
}

impl Client {
    /// The session to call with, made if there is none and there are credentials.
    pub(super) async fn session(
        &self,
        surface: Surface,
        options: &CallOptions,
    ) -> Result<Option<Secret>, NoReply> {
        if let Some(session) = self.login.session() {
            return Ok(Some(session));
        }
        let Some(credentials) = &self.login.credentials else { return Ok(None) };
        let _held = self.login.gate.lock().await;
        if let Some(session) = self.login.session() {
            return Ok(Some(session));
        }
        let credentials = Some(credentials.clone());
        let answered = send(self, Create::TABLE, &NoParameters, surface, options, credentials).await?;
        let id =
            Create::response(answered.response, surface).map_err(|error| NoReply::Login(Box::new(error)))?;
        self.login.set_session(Some(id.clone()));
        Ok(Some(id))
    }

    /// Logs in now rather than with the first call, and gives the session's identifier, which other clients may call with;
    /// `None` for a client without credentials and session.
    ///
    /// # Errors
    /// As any call's.
    pub async fn login(&self) -> Result<Option<Secret>, Error<NoDeclaredError>> {
        let options = self.options;
        let session = within(options.timeout, async {
            let surface = self.surface_of(&options).await?;
            self.session(surface, &options).await
        });
        session.await.map_err(NoReply::into_error)
    }

    /// Ends the login session, if there is one; a later call of a client with credentials makes a new one.
    ///
    /// # Errors
    /// As any call's. The session is forgotten all the same.
    pub async fn logout(&self) -> Result<(), Error<NoDeclaredError>> {
        let Some(session) = self.login.session() else { return Ok(()) };
        self.login.set_session(None);
        let options = self.options;
        let answered = within(options.timeout, async {
            let surface = self.surface_of(&options).await?;
            let security = Some(SecurityContext::Session(session));
            send(self, Delete::TABLE, &NoParameters, surface, &options, security).await
        });
        call::finish::<Delete>(answered.await)
    }
}
