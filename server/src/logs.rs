//! The log: lines on standard error, as text or JSON, at levels by part of the program; and a line for each request.
//!
//! No line has a request's path or query in it: addresses of transfers let whoever knows them in (`secrets-stay`). What is
//! logged of a path is the route that it matched.

use std::io::IsTerminal as _;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use vapi::runtime::Surface;
use vapi::runtime::server::Seen;

use crate::config::{Log, LogFormat};
use crate::metrics::{Metrics, Request as Labels};

/// What a client calls a request.
const OP_ID: &str = "x-request-id";

/// Has everything logged from now on.
pub fn begin(log: &Log) -> Result<(), String> {
    let levels: Targets = log.level.parse().map_err(|error| format!("log.level: {error}"))?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(levels);
    let begun = match log.format {
        LogFormat::Text => registry.with(lines.with_ansi(std::io::stderr().is_terminal())).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
    begun.map_err(|error| error.to_string())
}

/// Logs and counts a request after its head was answered.
pub async fn observe(State(metrics): State<Metrics>, mut request: Request, next: Next) -> Response {
    name(&mut request);
    let (began, seen) = (Instant::now(), Seen::default());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    request.extensions_mut().insert(seen.clone());
    let response = next.run(request).await;
    let (status, seconds) = (response.status().as_u16(), began.elapsed().as_secs_f64());
    match (seen.call(), route) {
        (Some(call), _) => {
            let surface = word(call.surface).to_owned();
            let operation = format!("{}.{}", call.operation.service, call.operation.name);
            tracing::info!(
                op_id = call.op_id.as_deref(),
                user = call.user.as_deref(),
                surface,
                operation,
                status,
                seconds,
                "call"
            );
            metrics.request(Labels { surface, operation, status }, seconds);
        }
        (None, route) => {
            let operation = route.unwrap_or_else(|| "unknown".to_owned());
            tracing::info!(method = method.as_str(), route = operation, status, seconds, "request");
            metrics.request(Labels { surface: "http".to_owned(), operation, status }, seconds);
        }
    }
    response
}

/// Gives a request that has no name one, so that what the log says of it can be told from the rest.
fn name(request: &mut Request) {
    if !request.headers().contains_key(OP_ID)
        && let Ok(name) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string())
    {
        request.headers_mut().insert(OP_ID, name);
    }
}

/// What a surface is called where it is counted.
fn word(surface: Surface) -> &'static str {
    match surface {
        Surface::JsonRpc => "json-rpc",
        Surface::Rest => "api",
        Surface::LegacyRest => "rest",
        Surface::Rest2014(_) => "2014",
    }
}
