//! One call from its parameters to its reply: which surface, who calls, the request, and what goes out once more.
//!
//! Written once for all operations: parameters come as `dyn Structure`, the reply goes out as it came.
//! Not here: how requests are written and replies read, which are [`super::request`]'s and [`super::reply`]'s.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;

#[cfg(feature = "client")]
use super::TransportErrorKind;
use super::reply::error_id;
use super::{BoxFuture, CallOptions, Client, Outcome, TransportError, request};
use crate::codec::EncodeError;
use crate::data::Structure;
use crate::error::{Error, STANDARD_ERRORS, is_passing, is_passing_status};
use crate::execution::{ExecutionContext, SecurityContext};
use crate::operation_error::NoDeclaredError;
use crate::release::Release;
use crate::surface::Surface;
use crate::table::OperationTable;

/// A call on its way.
pub(crate) type Exchange = BoxFuture<'static, Result<Answered, NoReply>>;

/// A reply, and the surface it is to be read by.
pub(crate) struct Answered {
    pub(crate) surface: Surface,
    pub(crate) response: http::Response<Bytes>,
}

/// Why there is no reply.
pub(crate) enum NoReply {
    NotInRelease(&'static OperationTable, Release),
    Encode(EncodeError),
    Transport(TransportError),
    /// The login before it failed.
    Login(Box<Error<NoDeclaredError>>),
}

/// Sends a call, and what has to go before it; all of it within the call's time.
pub(super) async fn exchange(
    client: Client,
    operation: &'static OperationTable,
    input: Box<dyn Structure>,
    options: CallOptions,
) -> Result<Answered, NoReply> {
    if let Some(has) = options.release
        && !operation.releases.contain(has)
    {
        return Err(NoReply::NotInRelease(operation, has));
    }
    within(options.timeout, answered(&client, operation, &*input, &options)).await
}

async fn answered(
    client: &Client,
    operation: &'static OperationTable,
    input: &dyn Structure,
    options: &CallOptions,
) -> Result<Answered, NoReply> {
    let surface = client.surface_of(options).await?;
    let mut may_log_in_again = true;
    let mut n_tries = 0;
    loop {
        let session = client.session(surface, options).await?;
        let security = session.clone().map(SecurityContext::Session);
        let sent = send(client, operation, input, surface, options, security).await;
        n_tries += 1;
        let error_id = sent.as_ref().ok().and_then(|answered| error_id(surface, &answered.response));
        // The server did nothing for a caller that it does not know, so the call may go out once more, whatever it does.
        if may_log_in_again
            && error_id.as_deref().and_then(standard) == Some("unauthenticated")
            && let Some(session) = session
            && client.login.forget(&session)
        {
            may_log_in_again = false;
            continue;
        }
        let Some(outcome) = outcome(operation, &sent, error_id.as_deref()) else { return sent };
        match options.retry.decide(n_tries, &outcome) {
            Some(pause) if can_pause() => {
                tracing::debug!(n_tries, pause_ms = pause.as_millis(), "the call is tried again");
                self::pause(pause).await;
            }
            _ => return sent,
        }
    }
}

/// What another try depends on; `None` where nothing failed, or failed before it was sent.
fn outcome(
    operation: &OperationTable,
    sent: &Result<Answered, NoReply>,
    error_id: Option<&str>,
) -> Option<Outcome> {
    // On JSON-RPC everything is a POST; what counts is what the operation is.
    let method = operation.routes.first().map_or(http::Method::POST, |route| request::method(route.method));
    match sent {
        Err(NoReply::Transport(error)) => Some(Outcome::of_error(&method, error)),
        Err(_) => None,
        Ok(Answered { response, .. }) => {
            let may_pass =
                is_passing_status(response.status()) || error_id.and_then(standard).is_some_and(is_passing);
            Some(Outcome::of_reply(&method, may_pass, response.headers()))
        }
    }
}

fn standard(error_id: &str) -> Option<&str> {
    error_id.strip_prefix(STANDARD_ERRORS)
}

/// Sends one request of an operation.
pub(super) async fn send(
    client: &Client,
    operation: &'static OperationTable,
    input: &dyn Structure,
    surface: Surface,
    options: &CallOptions,
    security: Option<SecurityContext>,
) -> Result<Answered, NoReply> {
    let op_id = uuid::Uuid::new_v4().to_string();
    tracing::debug!(service = operation.service, operation = operation.name, op_id, ?surface, "call");
    let cx = ExecutionContext { op_id: Some(op_id), security };
    let request = request::build(operation, input, &options.request.surface(surface), &cx);
    let request = request.and_then(|request| client.base.complete(request)).map_err(NoReply::Encode)?;
    let sent = client.transport.send(request).await;
    sent.map(|response| Answered { surface, response }).map_err(NoReply::Transport)
}

#[cfg(feature = "client")]
pub(super) async fn within<T>(
    timeout: Option<Duration>,
    answer: impl Future<Output = Result<T, NoReply>>,
) -> Result<T, NoReply> {
    let Some(timeout) = timeout else { return answer.await };
    if tokio::runtime::Handle::try_current().is_err() {
        // A timer would panic here.
        let text = "calls are awaited within a tokio runtime; outside of one use `.wait()`";
        return Err(NoReply::Transport(TransportError::new(TransportErrorKind::Misuse, text)));
    }
    tokio::time::timeout(timeout, answer).await.unwrap_or_else(|_| {
        let text = format!("no reply within {} ms", timeout.as_millis());
        Err(NoReply::Transport(TransportError::new(TransportErrorKind::Timeout, text)))
    })
}

/// Without the feature there are no timers: the transport's own limits hold.
#[cfg(not(feature = "client"))]
pub(super) async fn within<T>(
    _timeout: Option<Duration>,
    answer: impl Future<Output = Result<T, NoReply>>,
) -> Result<T, NoReply> {
    answer.await
}

/// Whether there are timers here, without which no call is tried again.
#[cfg(feature = "client")]
fn can_pause() -> bool {
    tokio::runtime::Handle::try_current().is_ok()
}
#[cfg(not(feature = "client"))]
fn can_pause() -> bool {
    false
}

#[cfg(feature = "client")]
async fn pause(pause: Duration) {
    tokio::time::sleep(pause).await;
}
#[cfg(not(feature = "client"))]
async fn pause(_pause: Duration) {}
