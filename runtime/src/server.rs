//! The server: implementations of services, mounted in a router that is a `tower_service::Service`.
//!
//! In go HTTP requests over any body type, out come replies; every bad request gets a standard error in the representation
//! it asked for. Generated code implements [`Dispatch`] for `XxxServer(my_implementation)`.
//! Not here: TLS, which credentials are right, and who has which privilege.

mod authorize;
mod call;
mod context;
mod explain;
mod failure;
mod input;
mod json_rpc;
mod leniency;
mod paths;
mod presence;
mod refusal;
mod router;
mod seen;
#[cfg(feature = "server")]
mod serve;
mod sessions;
mod style;

pub use self::authorize::{Authorizer, Needed, Permission, Resources};
#[cfg(feature = "testing")]
pub(crate) use self::call::Told;
pub use self::call::{Dispatch, IncomingCall, Reply};
pub use self::context::Context;
pub use self::explain::{ExplainedLine, ExplainedRequest, explain_request};
pub use self::failure::{BoxError, Failure};
pub use self::leniency::Leniencies;
pub use self::router::{Answering, Router};
pub use self::seen::{Seen, SeenCall};
#[cfg(feature = "server")]
pub use self::serve::serve;
pub use self::sessions::{
    Admitted, Authenticating, Authenticator, Caller, Credentials, Denied, KnownUsers, Login, Presented,
    Principal, SessionLimits, SessionService, Sessions,
};
pub use crate::fault::{Fault, Message, StandardError};
