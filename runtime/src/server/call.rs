//! One call between the router and an implementation: what generated dispatchers are made of.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;

use super::authorize::{Authorizer, Permission, needed};
use super::input::Parameters;
use super::{BoxError, Context, Failure};
use crate::codec::{EncodeError, EncodeOptions, Layout, json, xml};
use crate::data::{Data, Structure, View};
use crate::error::OperationError;
use crate::fault::{Fault, Message, StandardError};
use crate::operation::Operation;
use crate::representation::{Accepted, ReplyRepresentation};
use crate::table::{ServiceTable, Ty};

/// An implementation behind operation numbers; generated code implements it for `XxxServer<S>`.
pub trait Dispatch: Send + Sync + 'static {
    /// The service that is implemented.
    fn table(&self) -> &'static ServiceTable;
    /// Calls the operation with this number, an index of [`ServiceTable::operations`].
    fn dispatch<'a>(&'a self, operation_idx: usize, call: IncomingCall<'a>) -> Reply<'a>;
}

/// A call whose parameters are still bytes.
pub struct IncomingCall<'a> {
    pub(super) cx: &'a Context,
    pub(super) parameters: Parameters<'a>,
    pub(super) style: Style,
    pub(super) authorizer: Option<&'a dyn Authorizer>,
}

impl fmt::Debug for IncomingCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingCall").field("cx", self.cx).finish_non_exhaustive()
    }
}

/// How a reply is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) accepted: Accepted,
    pub(super) layout: Layout,
}

/// An answer on its way.
pub struct Reply<'a>(pub(super) Pin<Box<dyn Future<Output = Answer> + Send + 'a>>);

pub(super) type Answer = Result<http::Response<Full<Bytes>>, Fault>;

impl fmt::Debug for Reply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reply").finish_non_exhaustive()
    }
}

impl<'a> IncomingCall<'a> {
    /// Decodes the parameters, calls the implementation, encodes what it gives. The operation is given as a value so that
    /// no type has to be named.
    pub fn answer<O, S, F, R>(self, _operation: O, implementation: &'a S, method: F) -> Reply<'a>
    where
        O: Operation,
        S: Sync,
        F: FnOnce(&'a S, &'a Context, O::Input) -> R + Send + 'a,
        R: Future<Output = Result<O::Output, Failure<O::Error>>> + Send + 'a,
    {
        let mut input = O::Input::empty();
        let permission = match self.read(&mut input) {
            Ok(permission) => permission,
            Err(fault) => return Reply(Box::pin(std::future::ready(Err(fault)))),
        };
        let (cx, style) = (self.cx, self.style);
        Reply(Box::pin(async move {
            if let Some(permission) = permission {
                permission.await?;
            }
            match method(implementation, cx, input).await {
                Ok(output) => style.result(cx, output.view()),
                Err(Failure::Declared(error)) => style.declared(cx, error.error_idx(), error.payload()),
                Err(Failure::Fault(fault)) => Err(fault),
                Err(Failure::Undeclared(error)) => Err(undeclared(&error)),
            }
        }))
    }
}

impl<'a> IncomingCall<'a> {
    /// Decodes the parameters; what comes out is still to be waited for.
    fn read(&self, input: &mut dyn Structure) -> Result<Option<Permission<'a>>, Fault> {
        self.parameters.read(self.cx, input)?;
        let Some(authorizer) = self.authorizer else { return Ok(None) };
        let needed = needed(self.cx.operation(), input);
        Ok((!needed.is_empty()).then(|| authorizer.authorize(self.cx, needed)))
    }
}

impl Style {
    fn json(self) -> EncodeOptions {
        EncodeOptions { layout: self.layout, ..EncodeOptions::default() }
    }

    fn result(self, cx: &Context, output: View<'_>) -> Answer {
        let operation = cx.operation();
        if matches!(operation.output, Ty::Void) {
            return Ok(http::Response::new(Full::default()));
        }
        let body = match self.accepted.representation {
            ReplyRepresentation::Json => json::encode_result(&operation.output, output, &self.json()),
            ReplyRepresentation::Xml => xml::encode_result(operation, output, self.layout),
        };
        body.map(|body| self.response(StatusCode::OK, body)).map_err(|error| unwritable(&error))
    }

    fn declared(self, cx: &Context, error_idx: usize, payload: &dyn Structure) -> Answer {
        let declared = &cx.operation().errors[error_idx];
        let body = match self.accepted.representation {
            ReplyRepresentation::Json => json::encode_error(declared.id, payload, &self.json()),
            ReplyRepresentation::Xml => xml::encode_error(declared.id, payload, self.layout),
        };
        // A status that is none would be a table's mistake; it may not take the reply with it.
        let status = StatusCode::from_u16(declared.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        body.map(|body| self.response(status, body)).map_err(|error| unwritable(&error))
    }

    /// The reply for a request that came to nothing.
    pub(super) fn fault(self, fault: &Fault) -> http::Response<Full<Bytes>> {
        // Messages are made writable before, so there is always a body.
        let body = fault.encode(self.accepted.representation, self.layout).unwrap_or_default();
        let mut response = self.response(fault.status(), body);
        if let Some(allow) = fault.allow().and_then(|allow| allow.parse().ok()) {
            response.headers_mut().insert(http::header::ALLOW, allow);
        }
        response
    }

    fn response(self, status: StatusCode, body: Vec<u8>) -> http::Response<Full<Bytes>> {
        let mut response = http::Response::new(Full::from(body));
        *response.status_mut() = status;
        let content_type = http::HeaderValue::from_static(self.accepted.content_type);
        response.headers_mut().insert(http::header::CONTENT_TYPE, content_type);
        response
    }
}

/// The implementation failed in a way that is none of the caller's business.
fn undeclared(error: &BoxError) -> Fault {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    internal("vapi.method.invoke.exception", "The operation failed").log(text)
}

/// The implementation gave something that cannot be written.
fn unwritable(error: &EncodeError) -> Fault {
    internal("vapi.method.status.result.invalid", "The reply cannot be written")
        .log(format!("the reply cannot be written: {error}"))
}

/// The implementation panicked.
pub(super) fn panicked(panic: &(dyn std::any::Any + Send)) -> Fault {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no text");
    internal("vapi.method.invoke.exception", "The operation failed")
        .log(format!("the implementation panicked: {text}"))
}

fn internal(id: &str, text: &str) -> Fault {
    Fault::new(StandardError::InternalServerError, Message::new(id, text, <[String; 0]>::default()))
}
