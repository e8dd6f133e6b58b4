//! Login sessions: who calls, on every surface, from one store.
//!
//! In: what a request shows of its caller ([`Presented`]) and, for a login, what an [`Authenticator`] of the application says
//! of it. Out: a [`Caller`], or `unauthenticated`. [`SessionService`] answers the operations of the login itself.
//! Everything is in memory and nothing runs in the background: what has expired is cleared away by the next login.
//! Not here: who may do what, which is [`Authorizer`](super::Authorizer)'s; and what to do about guessing, which only the
//! application can know (its [`Authenticator`] sees each try with its circumstances, and may be slow or refuse).

mod admission;
mod authenticator;
mod caller;
mod presented;
mod service;
mod store;

pub use self::admission::Admitted;
pub use self::authenticator::{Authenticating, Authenticator, Credentials, Denied, KnownUsers, Principal};
pub use self::caller::{Caller, Login};
pub use self::presented::Presented;
pub use self::service::SessionService;
pub use self::store::{SessionLimits, Sessions};
