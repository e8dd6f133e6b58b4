//! An operation as a type, and its sans-IO half: parameters to HTTP request, HTTP reply to result.
//!
//! Whoever brings a transport of their own needs nothing but [`Operation::request`] and [`Operation::response`];
//! [`crate::Client`] puts a transport, a base URL and a deadline around them.
//! The work is done by functions over `dyn Structure`, so an operation costs a few lines of generic code.

use bytes::Bytes;

use crate::client::{reply, request};
use crate::codec::{EncodeError, Layout};
use crate::data::{Data, Structure};
use crate::error::Error;
use crate::execution::ExecutionContext;
use crate::operation_error::OperationError;
use crate::representation::{ReplyRepresentation, Representation, UrlForm};
use crate::surface::Surface;
use crate::table::{OperationTable, Written};

/// One operation of the API; implemented by generated code.
pub trait Operation: Send + Sync + 'static {
    /// Its parameters.
    type Input: Structure + Data;
    /// Its result.
    type Output: Data;
    /// Its declared errors.
    type Error: OperationError;
    /// Everything else there is to know of it.
    const TABLE: &'static Written<OperationTable>;

    /// The HTTP request for these parameters. Its URI is path and query only: the base URL is the client's.
    ///
    /// # Errors
    /// When the parameters cannot be written in the chosen representation, or the chosen request line needs a parameter
    /// that is not set.
    fn request(
        input: &Self::Input,
        options: &RequestOptions,
        cx: &ExecutionContext,
    ) -> Result<http::Request<Bytes>, EncodeError> {
        request::build(Self::TABLE, input, options, cx)
    }

    /// The result in an HTTP reply to a request on this surface.
    ///
    /// # Errors
    /// The error the reply carries, or what is wrong with the reply.
    fn response(
        response: http::Response<Bytes>,
        surface: Surface,
    ) -> Result<Self::Output, Error<Self::Error>> {
        let (parts, bytes) = response.into_parts();
        let mut output = Self::Output::empty();
        let mut error = None;
        match reply::read(Self::TABLE, surface, &parts, &bytes, output.slot(), &mut error) {
            reply::Outcome::Output => Ok(output),
            reply::Outcome::Declared => Err(Error::Documented {
                status: parts.status,
                error: error.expect("the outcome `Declared` comes with the error"),
            }),
            reply::Outcome::Undocumented(id, error) => {
                Err(Error::Undocumented { status: parts.status, id, error })
            }
            reply::Outcome::Bad(cause) => Err(Error::BadPayload { status: parts.status, bytes, cause }),
        }
    }
}

/// How a request is to be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestOptions {
    /// Which wire protocol it is written in.
    pub surface: Surface,
    /// Which of the reference page's request lines is used, on the surfaces that have them.
    pub url_form: UrlForm,
    /// The representation asked for in the reply; `None` for the one that goes with the request's. Only
    /// [`Surface::Rest2014`] has a choice.
    pub accept: Option<ReplyRepresentation>,
    /// Blanks and line ends in the body.
    pub layout: Layout,
}

impl RequestOptions {
    /// JSON as the reference pages show it, the first request line, no blanks.
    #[must_use]
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// Sets which wire protocol it is written in.
    #[must_use]
    pub fn surface(mut self, surface: Surface) -> RequestOptions {
        self.surface = surface;
        self
    }

    /// Has it written as the reference pages of 2014 show it, in this representation.
    #[must_use]
    pub fn representation(self, representation: Representation) -> RequestOptions {
        self.surface(Surface::Rest2014(representation))
    }

    /// Sets which request line is used.
    #[must_use]
    pub fn url_form(mut self, url_form: UrlForm) -> RequestOptions {
        self.url_form = url_form;
        self
    }

    /// Sets the representation asked for in the reply.
    #[must_use]
    pub fn accept(mut self, accept: ReplyRepresentation) -> RequestOptions {
        self.accept = Some(accept);
        self
    }

    /// Sets blanks and line ends in the body.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> RequestOptions {
        self.layout = layout;
        self
    }
}
