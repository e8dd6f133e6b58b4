//! One call between the router and an implementation: what generated dispatchers are made of.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use http_body_util::Full;

use super::authorize::{Authorizer, Permission, needed};
use super::input::Parameters;
use super::style::Style;
use super::{BoxError, Context, Failure};
use crate::data::{Data, Structure};
use crate::fault::{Fault, Message, StandardError};
use crate::operation::Operation;
use crate::operation_error::OperationError;
use crate::table::ServiceTable;

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
    pub(super) style: &'a Style,
    pub(super) authorizer: Option<&'a dyn Authorizer>,
}

impl fmt::Debug for IncomingCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingCall").field("cx", self.cx).finish_non_exhaustive()
    }
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
    /// Decodes the parameters, calls the implementation, encodes what it gives.
    pub fn answer<O, S, F, R>(self, implementation: &'a S, method: F) -> Reply<'a>
    where
        O: Operation,
        S: Sync,
        F: FnOnce(&'a S, &'a Context, O::Input) -> R + Send + 'a,
        R: Future<Output = Result<O::Output, Failure<O::Error>>> + Send + 'a,
    {
        let mut input = O::Input::empty();
        let (cx, style) = (self.cx, self.style);
        let permission = match self.read(&mut input) {
            Ok(permission) => permission,
            Err(fault) => return Reply(Box::pin(std::future::ready(Err(fault)))),
        };
        Reply(Box::pin(async move {
            if let Some(permission) = permission {
                permission.await?;
            }
            match method(implementation, cx, input).await {
                Ok(output) => style.result(cx, output.view()),
                Err(Failure::Declared(error)) => {
                    style.declared(&cx.operation().errors[error.error_idx()], error.payload())
                }
                Err(Failure::Fault(fault)) => Err(style.as_declared(cx.operation(), fault)),
                Err(Failure::Undeclared(error)) => Err(undeclared(&error)),
            }
        }))
    }
}

impl<'a> IncomingCall<'a> {
    /// Decodes the parameters; what comes out is still to be waited for.
    fn read(self, input: &mut dyn Structure) -> Result<Option<Permission<'a>>, Fault> {
        self.parameters.read(self.cx, input)?;
        let Some(authorizer) = self.authorizer else { return Ok(None) };
        let needed = needed(self.cx.operation(), input);
        Ok((!needed.is_empty()).then(|| authorizer.authorize(self.cx, needed)))
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

/// What a call is to be answered with, whatever its operation.
#[cfg(feature = "testing")]
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Output(crate::AnyValue),
    Declared(crate::AnyError),
    Fault(Fault),
}

#[cfg(feature = "testing")]
impl Told {
    /// A typed answer of this operation.
    pub(crate) fn of<O: Operation>(answer: Result<O::Output, Failure<O::Error>>) -> Told {
        match answer {
            Ok(output) => {
                let mut copy = crate::AnyValue::new(&O::TABLE.output);
                crate::by_table::copy_value(output.view(), copy.slot());
                Told::Output(copy)
            }
            Err(Failure::Declared(error)) => {
                let mut copy = crate::AnyError::new(O::TABLE, error.error_idx());
                crate::by_table::copy_structure(error.payload(), copy.payload_mut());
                Told::Declared(copy)
            }
            Err(Failure::Fault(fault)) => Told::Fault(fault),
            Err(Failure::Undeclared(error)) => Told::Fault(undeclared(&error)),
        }
    }
}

#[cfg(feature = "testing")]
impl<'a> IncomingCall<'a> {
    /// The circumstances of the call.
    pub(crate) fn context(&self) -> &'a Context {
        self.cx
    }

    /// Answers without an implementation: with what it is told.
    pub(crate) fn play(self, told: Told) -> Reply<'a> {
        let (cx, style) = (self.cx, self.style);
        let mut input = crate::AnyStructure::new(cx.operation().input);
        let answer = self.read(&mut input).and_then(|_| match told {
            Told::Output(output) => style.result(cx, output.view()),
            Told::Declared(error) => {
                style.declared(&cx.operation().errors[error.error_idx()], error.payload())
            }
            Told::Fault(fault) => Err(style.as_declared(cx.operation(), fault)),
        });
        Reply(Box::pin(std::future::ready(answer)))
    }
}
