//! The login itself: the operations that make, show and end sessions, answered from the store on every surface.
//!
//! They are the protocol's rather than an API's, so no application writes them; where they are on the wire is still the
//! table's to say, which comes from outside and has to fit.
//! Not here: who is let in, which is [`super::admission`]'s and was decided before.

use std::fmt;
use std::sync::Arc;

use http::header::SET_COOKIE;

use super::admission::{Admitted, required, wrong};
use super::{Authenticator, Caller, Credentials, Denied, Login, Sessions};
use crate::DateTime;
use crate::data::{Data as _, Slot, Structure, View};
use crate::fault::{Fault, Message, StandardError};
use crate::login::NoParameters;
use crate::server::call::Answer;
use crate::server::{Context, Dispatch, IncomingCall, Reply};
use crate::surface::Space;
use crate::table::{OperationTable, ServiceTable, StructureTable, Ty};

/// Answers logins from a session store; a router that has it lets nobody in without a session. Cheap to clone.
#[derive(Clone)]
pub struct SessionService {
    table: &'static ServiceTable,
    sessions: Sessions,
    authenticator: Arc<dyn Authenticator>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug)]
enum Step {
    LogIn,
    Show(&'static StructureTable),
    LogOut,
}

impl SessionService {
    /// Answers the operations of this table, which is the one generated for the login service.
    ///
    /// # Panics
    /// When it is the table of another service: a mistake of the program, found at its start.
    #[must_use]
    pub fn new(
        table: &'static ServiceTable,
        sessions: Sessions,
        authenticator: impl Authenticator,
    ) -> SessionService {
        let steps: Vec<Step> = table.operations.iter().map(|operation| step(operation)).collect();
        assert!(
            steps.iter().any(|step| matches!(step, Step::LogIn)),
            "{} has no operation `create`, so nobody could log in",
            table.id
        );
        SessionService { table, sessions, authenticator: Arc::new(authenticator) }
    }

    /// The store behind it.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Whether the operation makes a session, so that its callers cannot have one yet.
    pub(super) fn is_login(&self, operation: &OperationTable) -> bool {
        let is_ours = self.table.operations.iter().any(|ours| std::ptr::eq(ours.table(), operation));
        is_ours && matches!(step(operation), Step::LogIn)
    }

    async fn answer(&self, step: Step, call: IncomingCall<'_>) -> Answer {
        let cx = call.cx;
        call.parameters.read(cx, &mut NoParameters)?;
        match step {
            Step::LogIn => {
                let login = self.log_in(cx).await?;
                let mut response = call.style.result(cx, login.id().view())?;
                if is_legacy(cx)
                    && let Some(cookie) = login.set_cookie(cx.headers())
                {
                    response.headers_mut().insert(SET_COOKIE, cookie);
                }
                Ok(response)
            }
            Step::Show(table) => call.style.result(cx, Info::of(caller(cx)?, table).view()),
            Step::LogOut => {
                let caller = caller(cx)?;
                caller.log_out();
                tracing::info!(user = ?caller.user(), session = caller.fingerprint(), "logged out");
                call.style.result(cx, View::Unset)
            }
        }
    }

    async fn log_in(&self, cx: &Context) -> Result<Login, Fault> {
        let Some(Admitted::LoggingIn(credentials)) = cx.extensions().get() else { return Err(required()) };
        let Credentials::UserPassword { user, .. } = credentials;
        match self.authenticator.authenticate(cx, credentials).await {
            Ok(principal) => {
                let login = self.sessions.open(principal)?;
                let (user, session) = (login.caller().user(), login.caller().fingerprint());
                tracing::info!(?user, session, "logged in");
                Ok(login)
            }
            Err(Denied::Wrong) => {
                tracing::warn!(?user, "a login was refused");
                Err(wrong())
            }
            Err(Denied::Unavailable(error)) => {
                let text = "Credentials cannot be checked at the moment";
                let id = "vapi.security.authentication.unavailable";
                let message = Message::new(id, text, <[String; 0]>::default());
                Err(Fault::new(StandardError::ServiceUnavailable, message).log(error.to_string()))
            }
        }
    }
}

impl Dispatch for SessionService {
    fn table(&self) -> &'static ServiceTable {
        self.table
    }

    fn dispatch<'a>(&'a self, operation_idx: usize, call: IncomingCall<'a>) -> Reply<'a> {
        let step = step(self.table.operations[operation_idx]);
        Reply(Box::pin(self.answer(step, call)))
    }
}

impl fmt::Debug for SessionService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService")
            .field("service", &self.table.id)
            .field("sessions", &self.sessions)
            .finish_non_exhaustive()
    }
}

/// What an operation is, by its name and shape.
fn step(operation: &OperationTable) -> Step {
    let OperationTable { service, name, .. } = operation;
    assert!(
        operation.input.fields.is_empty() && operation.privileges.is_empty(),
        "{service}.{name} has parameters or privileges, which no operation of a login has"
    );
    match (operation.name, &operation.output) {
        ("create", Ty::Secret) => Step::LogIn,
        ("get", Ty::Structure(info)) => {
            let has = |name, is_ty: fn(&Ty) -> bool| {
                info.field_idx(name).is_some_and(|field_idx| is_ty(&info.fields[field_idx].ty))
            };
            let fits = has(USER, |ty| matches!(ty, Ty::String))
                && has(CREATED_TIME, |ty| matches!(ty, Ty::DateTime))
                && has(LAST_ACCESSED_TIME, |ty| matches!(ty, Ty::DateTime))
                && info.fields.iter().filter(|field| !field.ty.is_optional()).count() == 3;
            assert!(
                fits,
                "{} does not consist of {USER}, {CREATED_TIME} and {LAST_ACCESSED_TIME}",
                info.name
            );
            Step::Show(info)
        }
        ("delete", Ty::Void) => Step::LogOut,
        _ => panic!("{service}.{name} is no operation of a login"),
    }
}

/// Cookies are for the paths below `/rest`.
fn is_legacy(cx: &Context) -> bool {
    Space::of(cx.path()).0 == Space::Legacy
}

fn caller(cx: &Context) -> Result<&Caller, Fault> {
    cx.extensions().get().and_then(Admitted::caller).ok_or_else(required)
}

const USER: &str = "user";
const CREATED_TIME: &str = "created_time";
const LAST_ACCESSED_TIME: &str = "last_accessed_time";

/// What is told of a session.
#[derive(Debug)]
struct Info {
    table: &'static StructureTable,
    user: String,
    created: DateTime,
    last_accessed: DateTime,
}

impl Info {
    fn of(caller: &Caller, table: &'static StructureTable) -> Info {
        Info {
            table,
            user: caller.user().to_owned(),
            created: caller.created(),
            last_accessed: caller.last_accessed(),
        }
    }
}

/// As with faults, what is told is only written.
const NEVER_READ: &str = "what is told of a session is written and never read into";

impl Structure for Info {
    fn table(&self) -> &'static StructureTable {
        self.table
    }
    fn field(&self, field_idx: usize) -> View<'_> {
        match self.table.fields[field_idx].name {
            USER => self.user.view(),
            CREATED_TIME => self.created.view(),
            LAST_ACCESSED_TIME => self.last_accessed.view(),
            _ => View::Unset,
        }
    }
    fn field_mut(&mut self, _field_idx: usize) -> Slot<'_> {
        unreachable!("{NEVER_READ}")
    }
    fn blank() -> Self {
        unreachable!("{NEVER_READ}")
    }
}
