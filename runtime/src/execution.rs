//! What travels with a call besides its parameters: vAPI's execution context.
//!
//! On JSON-RPC it is `ctx` in the body; everywhere else it is headers.
//! Not here: how a client comes by a login session, which is [`crate::client`]'s.

use crate::Secret;

/// Who calls, and what the call is called.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ExecutionContext {
    /// Identifier of the call in the logs of both sides.
    pub op_id: Option<String>,
    /// Who calls; `None` for nobody in particular.
    pub security: Option<SecurityContext>,
}

/// How a caller proves who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityContext {
    /// By name and password, which a login takes.
    UserPassword {
        /// Name of the user.
        user: String,
        /// Password.
        password: Secret,
    },
    /// By the identifier that a login gave.
    Session(Secret),
}

impl ExecutionContext {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> ExecutionContext {
        ExecutionContext::default()
    }

    /// Sets the identifier of the call.
    #[must_use]
    pub fn op_id(mut self, op_id: impl Into<String>) -> ExecutionContext {
        self.op_id = Some(op_id.into());
        self
    }

    /// Sets who calls.
    #[must_use]
    pub fn security(mut self, security: SecurityContext) -> ExecutionContext {
        self.security = Some(security);
        self
    }
}

/// Key of JSON-RPC's application context under which a call's identifier travels.
pub(crate) const OP_ID: &str = "opId";
/// Header in which it travels elsewhere.
pub(crate) const OP_ID_HEADER: &str = "x-request-id";
