//! An operation as a type, and its sans-IO half: parameters to HTTP request, HTTP reply to result.
//!
//! Whoever brings a transport of their own needs nothing but [`Operation::request`] and [`Operation::response`];
//! [`crate::Client`] puts a transport, a base URL and a deadline around them.
//! The work is done by functions over `dyn Structure`, so an operation costs a few lines of generic code.

use bytes::Bytes;

use crate::client::{reply, request};
use crate::codec::{EncodeError, Layout};
use crate::data::{Data, Structure};
use crate::error::{Error, OperationError};
use crate::representation::{ReplyRepresentation, Representation, UrlForm};
use crate::table::OperationTable;

/// One operation of the API; implemented by generated code.
pub trait Operation: Send + Sync + 'static {
    /// Its parameters.
    type Input: Structure + Data;
    /// Its result.
    type Output: Data;
    /// Its declared errors.
    type Error: OperationError;
    /// Everything else there is to know of it.
    const TABLE: &'static OperationTable;

    /// The HTTP request for these parameters. Its URI is path and query only: the base URL is the client's.
    ///
    /// # Errors
    /// When the parameters cannot be written in the chosen representation, or the chosen request line needs a parameter
    /// that is not set.
    fn request(input: &Self::Input, options: &RequestOptions) -> Result<http::Request<Bytes>, EncodeError> {
        request::build(Self::TABLE, input, options)
    }

    /// The result in an HTTP reply.
    ///
    /// # Errors
    /// The error the reply carries, or what is wrong with the reply.
    fn response(response: http::Response<Bytes>) -> Result<Self::Output, Error<Self::Error>> {
        let (parts, bytes) = response.into_parts();
        let mut output = Self::Output::empty();
        let mut error = None;
        match reply::read(Self::TABLE, &parts, &bytes, output.slot(), &mut error) {
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
    /// Where the parameters stand and in which form.
    pub representation: Representation,
    /// Which request line is used.
    pub url_form: UrlForm,
    /// The representation asked for in the reply; `None` for the one that goes with the request's.
    pub accept: Option<ReplyRepresentation>,
    /// Blanks and line ends in the body.
    pub layout: Layout,
}

impl RequestOptions {
    /// JSON, the first request line, no blanks.
    #[must_use]
    pub fn new() -> RequestOptions {
        RequestOptions::default()
    }

    /// Sets where the parameters stand and in which form.
    #[must_use]
    pub fn representation(mut self, representation: Representation) -> RequestOptions {
        self.representation = representation;
        self
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
