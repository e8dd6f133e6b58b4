//! The exchanges of a run as text, without secrets.
//!
//! A body is left out where an operation's parameters or result have a secret in them, and so are headers that say who calls.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use serde_json::Value;
use vapi::runtime::client::{BoxFuture, Transport, TransportError};
use vapi::runtime::server::explain_request;
use vapi::runtime::table::{StructureTable, Ty};

/// Collects what was exchanged.
#[derive(Clone, Debug, Default)]
pub struct Transcript(Arc<Mutex<String>>);

impl Transcript {
    fn add(&self, text: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    /// What was collected since the last time.
    pub fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A transport that writes down what it carries.
pub(crate) struct Shown<T> {
    transport: T,
    transcript: Transcript,
}

impl<T> Shown<T> {
    /// Over a transport.
    pub(crate) fn new(transport: T, transcript: Transcript) -> Shown<T> {
        Shown { transport, transcript }
    }
}

impl<T: Transport> Transport for Shown<T> {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let operation = explain_request(vapi::services(), request.clone()).operation;
            let hides_input = operation.is_some_and(|operation| has_secret(operation.input, &mut Vec::new()));
            let hides_output =
                operation.is_some_and(|operation| is_secret(&operation.output, &mut Vec::new()));
            // A query may hold parameters.
            let uri = request.uri();
            let target = if hides_input { uri.path().to_owned() } else { uri.to_string() };
            let line = format!("> {} {target}\n", request.method());
            self.transcript.add(&line);
            self.transcript.add(&part('>', request.headers(), request.body(), hides_input));
            let sent = self.transport.send(request).await;
            match &sent {
                Ok(response) => {
                    self.transcript.add(&format!("< {}\n", response.status()));
                    self.transcript.add(&part('<', response.headers(), response.body(), hides_output));
                }
                Err(error) => self.transcript.add(&format!("< no reply: {error}\n")),
            }
            sent
        })
    }
}

/// Headers whose values say who calls.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "set-cookie", "vmware-api-session-id", "proxy-authorization"];

fn part(mark: char, headers: &http::HeaderMap, body: &Bytes, is_hidden: bool) -> String {
    let mut text = String::new();
    for (name, value) in headers {
        let is_secret = value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str());
        let value = if is_secret { "(secret)".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        let _infallible = writeln!(text, "{mark} {name}: {value}");
    }
    let shown = match (body.is_empty(), is_hidden) {
        (true, _) => return text,
        (_, true) => "(has secrets)".to_owned(),
        _ => without_caller(body),
    };
    for line in shown.lines() {
        let _infallible = writeln!(text, "{mark} {line}");
    }
    text
}

/// The body; a JSON-RPC call says who calls in its own.
fn without_caller(body: &Bytes) -> String {
    if let Ok(mut value) = serde_json::from_slice::<Value>(body) {
        if let Some(Value::Object(context)) = value.pointer_mut("/params/ctx") {
            // Whatever stands beside what the application says is about who calls.
            for (_, member) in context.iter_mut().filter(|(name, _)| *name != "appCtx") {
                *member = Value::String("(secret)".to_owned());
            }
        }
        return value.to_string();
    }
    String::from_utf8_lossy(body).into_owned()
}

fn has_secret(table: &'static StructureTable, seen: &mut Vec<&'static StructureTable>) -> bool {
    if seen.iter().any(|other| std::ptr::eq(*other, table)) {
        return false;
    }
    seen.push(table);
    table.fields.iter().any(|field| is_secret(&field.ty, seen))
}

fn is_secret(ty: &Ty, seen: &mut Vec<&'static StructureTable>) -> bool {
    match ty {
        Ty::Secret => true,
        Ty::Structure(table) => has_secret(table, seen),
        Ty::Optional(inner) | Ty::List(inner) | Ty::Set(inner) => is_secret(inner, seen),
        Ty::Map(key, value) => is_secret(key, seen) || is_secret(value, seen),
        _ => false,
    }
}
