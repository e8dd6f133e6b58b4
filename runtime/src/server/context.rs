//! What an implementation may know of a call besides its parameters.

use http::{Extensions, HeaderMap, Uri};

use crate::representation::ReplyRepresentation;
use crate::table::OperationTable;

/// The circumstances of one call.
#[derive(Debug)]
pub struct Context {
    parts: http::request::Parts,
    operation: &'static OperationTable,
    reply: ReplyRepresentation,
}

impl Context {
    /// For tests of implementations, and for other surfaces than HTTP's.
    #[must_use]
    pub fn new(
        parts: http::request::Parts,
        operation: &'static OperationTable,
        reply: ReplyRepresentation,
    ) -> Context {
        Context { parts, operation, reply }
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

    /// What layers above the router put in: connection information, a session.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.parts.extensions
    }

    /// The operation that is called.
    #[must_use]
    pub fn operation(&self) -> &'static OperationTable {
        self.operation
    }

    /// How the reply will be written.
    #[must_use]
    pub fn reply_representation(&self) -> ReplyRepresentation {
        self.reply
    }
}
