//! A call: one operation with its parameters and choices, sent when awaited.

use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;

use super::{Answered, CallOptions, Client, Exchange, NoReply, Retry, explain_reply, limit};
use crate::any::{AnyError, AnyStructure, AnyValue};
use crate::codec::EncodeError;
use crate::error::Error;
use crate::execution::ExecutionContext;
use crate::operation::Operation;
use crate::representation::{ReplyRepresentation, Representation, UrlForm};
use crate::surface::Surface;
use crate::table::OperationTable;

/// One operation with its parameters, ready to be sent: `.await` it, or `.wait()` where nothing can be awaited.
#[must_use = "nothing is sent until the call is awaited"]
#[derive(Debug)]
pub struct Call<O: Operation> {
    client: Client,
    input: O::Input,
    options: CallOptions,
}

impl<O: Operation> Call<O> {
    /// The operation with these parameters and the client's defaults.
    pub fn new(client: &Client, input: O::Input) -> Call<O> {
        Call { client: client.clone(), input, options: client.options() }
    }

    /// Changes the parameters: `.with(|input| input.days(3))` for the optional ones.
    pub fn with(mut self, change: impl FnOnce(O::Input) -> O::Input) -> Call<O> {
        self.input = change(self.input);
        self
    }

    /// Sets the surface that the call travels on.
    pub fn surface(mut self, surface: Surface) -> Call<O> {
        self.options.on(surface);
        self
    }

    /// Has it sent as the reference pages of 2014 show it, in this representation.
    pub fn representation(self, representation: Representation) -> Call<O> {
        self.surface(Surface::Rest2014(representation))
    }

    /// Sets which request line is used.
    pub fn url_form(mut self, url_form: UrlForm) -> Call<O> {
        self.options.request.url_form = url_form;
        self
    }

    /// Sets the representation asked for in the reply.
    pub fn accept(mut self, accept: ReplyRepresentation) -> Call<O> {
        self.options.request.accept = Some(accept);
        self
    }

    /// Sets how long the call may take; zero for without end.
    pub fn timeout(mut self, timeout: Duration) -> Call<O> {
        self.options.timeout = limit(timeout);
        self
    }

    /// Sets how it is tried again.
    pub fn retry(mut self, retry: Retry) -> Call<O> {
        self.options.retry = retry;
        self
    }

    /// The parameters.
    pub fn input(&self) -> &O::Input {
        &self.input
    }

    /// The request as it would be sent, its URI path and query only, without who calls; on the surface that was chosen, or
    /// as the reference pages show it.
    ///
    /// # Errors
    /// As [`Operation::request`].
    pub fn request(&self) -> Result<http::Request<Bytes>, EncodeError> {
        O::request(&self.input, &self.options.request, &ExecutionContext::new())
    }

    /// Sends the call and blocks this thread until it is over; connections live on a background runtime that all blocking
    /// calls share.
    ///
    /// # Errors
    /// As awaiting does; and [`Error::Transport`] when this thread runs async code, which must not block. (In
    /// `spawn_blocking`, give the call to the runtime instead: `Handle::current().block_on(call.into_future())`.)
    #[cfg(feature = "client")]
    pub fn wait(self) -> Result<O::Output, Error<O::Error>> {
        finish::<O>(super::blocking::wait(self.exchange()))
    }

    fn exchange(self) -> Exchange {
        self.client.exchange(O::TABLE, Box::new(self.input), self.options)
    }
}

impl<O: Operation> IntoFuture for Call<O> {
    type Output = Result<O::Output, Error<O::Error>>;
    type IntoFuture = CallFuture<O>;

    fn into_future(self) -> CallFuture<O> {
        CallFuture { exchange: self.exchange(), operation: PhantomData }
    }
}

/// A call on its way.
#[must_use = "nothing is sent until the call is awaited"]
pub struct CallFuture<O> {
    exchange: Exchange,
    operation: PhantomData<fn() -> O>,
}

impl<O: Operation> Future for CallFuture<O> {
    type Output = Result<O::Output, Error<O::Error>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(finish::<O>(ready!(self.exchange.as_mut().poll(cx))))
    }
}

impl<O> std::fmt::Debug for CallFuture<O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallFuture").finish_non_exhaustive()
    }
}

impl Client {
    /// Calls an operation that is known only by its table; for tools that reach every operation.
    ///
    /// # Errors
    /// As any call's.
    pub async fn call_by_table(
        &self,
        table: &'static OperationTable,
        input: AnyStructure,
    ) -> Result<AnyValue, Error<AnyError>> {
        match self.exchange(table, Box::new(input), self.options()).await {
            Ok(Answered { surface, response }) => explain_reply(table, surface, response),
            Err(no_reply) => Err(no_reply.into_error()),
        }
    }
}

/// A call's result from what its exchange came to.
pub(super) fn finish<O: Operation>(
    answered: Result<Answered, NoReply>,
) -> Result<O::Output, Error<O::Error>> {
    match answered {
        Ok(Answered { surface, response }) => O::response(response, surface),
        Err(no_reply) => Err(no_reply.into_error()),
    }
}

impl NoReply {
    pub(super) fn into_error<E>(self) -> Error<E> {
        match self {
            NoReply::NotInRelease(operation, has) => {
                Error::NotInRelease { operation, needs: operation.releases, has }
            }
            NoReply::Encode(error) => Error::Encode(error),
            NoReply::Transport(error) => Error::Transport(error),
            NoReply::Login(error) => error.of_another_operation(),
        }
    }
}
