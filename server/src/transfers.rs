//! The bytes of files over HTTP: what is sent to update sessions, and what is fetched from download sessions.
//!
//! Whoever knows an address may use it; no login is asked for (`capabilities`). Errors are JSON with the standard error's
//! name and messages, as below `/api`.
//! In here: [`upload`], [`download`], [`pull`] (what the server fetches itself) and `fetching` (what that has in common with
//! following a library), [`writer`] (bytes to disk), `sink` (files and archives), [`running`] (who writes where), [`effects`]
//! (what the domain wants done).

pub mod download;
pub mod effects;
pub(crate) mod fetching;
pub mod pull;
pub mod running;
mod sink;
pub mod upload;
pub mod writer;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use vapi::runtime::server::{Fault, Message};

use crate::addresses::{DOWNLOADS, STATIC, UPLOADS};
use crate::app::App;
use crate::domain::Kind;
use crate::ledger::Error;
use crate::store::FaultKind;

/// How transfers are limited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TransferSettings {
    /// How many uploads there may be at once.
    pub uploads_max: usize,
    /// How long a sender may send nothing.
    pub idle_ms: u64,
    /// How often is noted how far a transfer is.
    pub report_ms: u64,
    /// After how many bytes those that came are made to survive a power loss.
    pub sync_bytes: u64,
}

impl Default for TransferSettings {
    fn default() -> TransferSettings {
        TransferSettings { uploads_max: 2_000, idle_ms: 60_000, report_ms: 1_000, sync_bytes: 64 << 20 }
    }
}

/// Where transfers go.
pub fn routes(app: &Arc<App>) -> Router {
    let (up, down, plain) = (Arc::clone(app), Arc::clone(app), Arc::clone(app));
    let upload = move |request| upload::answer(Arc::clone(&up), request);
    let download = move |request| download::answer(Arc::clone(&down), request);
    let of_item = move |request| download::answer_static(Arc::clone(&plain), request);
    Router::new()
        .route(&format!("{STATIC}/{{*rest}}"), axum::routing::any(of_item))
        .route(&format!("{UPLOADS}/{{*rest}}"), axum::routing::any(upload))
        .route(&format!("{DOWNLOADS}/{{*rest}}"), axum::routing::any(download))
}

/// What a client sends or wants.
pub(crate) type Incoming = Request<Body>;

/// An error as JSON: the standard error that it is on the API, with the status that says most to a client of HTTP.
pub(crate) fn refused(error: Error) -> Response {
    let status = match &error {
        Error::Refused(refusal) => status_of(refusal.kind),
        Error::Fault(fault) => match fault.kind {
            FaultKind::Full => StatusCode::INSUFFICIENT_STORAGE,
            FaultKind::Conflict | FaultKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            FaultKind::Corrupt => StatusCode::INTERNAL_SERVER_ERROR,
        },
    };
    let fault = Fault::from(error);
    if let Some(detail) = fault.logged() {
        tracing::error!("a transfer was refused by the store: {detail}");
    }
    let said = |message: &Message| said(&message.id, &message.default_message, &message.args);
    let messages: Vec<_> = fault.messages().iter().map(said).collect();
    answer(status, &json!({"error_type": fault.error().error_type(), "messages": messages}))
}

fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::InvalidArgument
        | Kind::InvalidElementType
        | Kind::InvalidElementConfiguration
        | Kind::Unsupported => StatusCode::BAD_REQUEST,
        Kind::AlreadyExists
        | Kind::NotAllowedInCurrentState
        | Kind::ResourceBusy
        | Kind::ConcurrentChange => StatusCode::CONFLICT,
        Kind::ResourceInaccessible => StatusCode::SERVICE_UNAVAILABLE,
        Kind::UnableToAllocateResource => StatusCode::INSUFFICIENT_STORAGE,
        Kind::Unauthorized => StatusCode::FORBIDDEN,
    }
}

/// A message as error bodies have it.
fn said(id: &str, text: &str, args: &[String]) -> serde_json::Value {
    json!({"id": id, "default_message": text, "args": args})
}

/// An error that is HTTP's own.
pub(crate) fn wrong(status: StatusCode, id: &str, text: &str) -> Response {
    let message = said(&format!("contentlibd.{id}"), text, &[]);
    answer(status, &json!({"error_type": "INVALID_REQUEST", "messages": [message]}))
}

pub(crate) fn wrong_method(method: &Method, allowed: &'static str) -> Response {
    let text = format!("{method} does nothing here; use one of {allowed}.");
    let mut response = wrong(StatusCode::METHOD_NOT_ALLOWED, "method", &text);
    response.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static(allowed));
    response
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
