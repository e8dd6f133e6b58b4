//! One call from its parameters to its reply: which surface, who calls, the request, and what goes out once more.
//!
//! Written once for all operations: parameters come as `dyn Structure`, the reply goes out as it came.
//! Not here: how requests are written and replies read, which are [`super::request`]'s and [`super::reply`]'s.

use bytes::Bytes;
use http::StatusCode;

use super::{BoxFuture, CallOptions, Client, TransportError, request};
use crate::codec::EncodeError;
use crate::data::Structure;
use crate::error::{Error, NoDeclaredError, STANDARD_ERRORS};
use crate::execution::{ExecutionContext, SecurityContext};
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

/// Sends a call, and what has to go before it.
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
    let surface = client.surface_of(&options).await?;
    let mut may_log_in_again = true;
    loop {
        let session = client.session(surface, &options).await?;
        let security = session.clone().map(SecurityContext::Session);
        let answered = send(&client, operation, &*input, surface, &options, security).await?;
        // The server did nothing for a caller that it does not know, so the call may go out once more, whatever it does.
        if may_log_in_again
            && is_unauthenticated(&answered)
            && let Some(session) = session
            && client.login.forget(&session)
        {
            may_log_in_again = false;
            continue;
        }
        return Ok(answered);
    }
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
    let sent = super::within(options.timeout, client.transport.send(request)).await;
    sent.map(|response| Answered { surface, response }).map_err(NoReply::Transport)
}

/// Whether the server does not know the caller, or no longer.
fn is_unauthenticated(answered: &Answered) -> bool {
    let response = &answered.response;
    if answered.surface != Surface::JsonRpc {
        return response.status() == StatusCode::UNAUTHORIZED;
    }
    // Old servers do not name the error in a header; in the body it stands near the beginning.
    const NEAR: usize = 256;
    let id = format!("{STANDARD_ERRORS}unauthenticated");
    match response.headers().get("vapi-error") {
        Some(error) => error.as_bytes() == id.as_bytes(),
        None => {
            let begin = &response.body()[..response.body().len().min(NEAR)];
            let begun = format!("\"ERROR\":{{\"{id}\"");
            begin.windows(begun.len()).any(|window| window == begun.as_bytes())
        }
    }
}
