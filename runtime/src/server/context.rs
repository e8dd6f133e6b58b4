//! What an implementation may know of a call besides its parameters.

use http::{Extensions, HeaderMap, Uri};

use super::{Admitted, Caller};
use crate::codec::json_rpc::Application;
use crate::execution::{OP_ID, OP_ID_HEADER};
use crate::surface::Surface;
use crate::table::OperationTable;

/// The circumstances of one call.
#[derive(Debug)]
pub struct Context {
    parts: http::request::Parts,
    operation: &'static OperationTable,
    surface: Surface,
    /// Of JSON-RPC calls, which alone have one.
    application: Option<Application>,
}

impl Context {
    /// For tests of implementations, and for other ways in than HTTP.
    #[must_use]
    pub fn new(parts: http::request::Parts, operation: &'static OperationTable, surface: Surface) -> Context {
        Context { parts, operation, surface, application: None }
    }

    /// With the application context that a JSON-RPC call brings in its body.
    pub(super) fn with_application(mut self, application: Application) -> Context {
        self.application = Some(application);
        self
    }

    /// HTTP method of the request.
    #[must_use]
    pub fn method(&self) -> &http::Method {
        &self.parts.method
    }

    /// URI of the request, as the router saw it.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// Path of the request.
    #[must_use]
    pub fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Headers of the request.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// What layers above the router put in, such as connection information.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// The operation that is called.
    #[must_use]
    pub fn operation(&self) -> &'static OperationTable {
        self.operation
    }

    /// The wire protocol that the call came in.
    #[must_use]
    pub fn surface(&self) -> Surface {
        self.surface
    }

    /// Who calls; `None` where the router has no login, and for a login.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.parts.extensions.get::<Admitted>().and_then(Admitted::caller)
    }

    /// What the caller calls this call: `opId` of a JSON-RPC call, `X-Request-Id` of any other. For logs.
    #[must_use]
    pub fn op_id(&self) -> Option<&str> {
        let in_header = || self.parts.headers.get(OP_ID_HEADER)?.to_str().ok();
        self.application(OP_ID).or_else(in_header)
    }

    /// A value of vAPI's application context, `locale` for instance; only JSON-RPC calls have one.
    #[must_use]
    pub fn application(&self, key: &str) -> Option<&str> {
        self.application.as_ref()?.get(&self.parts.headers, key)
    }
}
