//! The exchanges of a run as lines, without secrets.
//!
//! A body is left out where an operation's parameters or result have a secret in them, and so are headers that say who calls
//! and what follows the host in addresses that stand in bodies.

use std::fmt;

use bytes::Bytes;
use serde_json::Value;
use vapi::runtime::client::{BoxFuture, Observer, Transport, TransportError};
use vapi::runtime::server::explain_request;
use vapi::runtime::table::{StructureTable, Ty};

use crate::console::Console;

/// A transport that shows what it carries.
pub(crate) struct Shown<T> {
    transport: T,
    console: Console,
}

impl<T> Shown<T> {
    /// Over a transport.
    pub(crate) fn new(transport: T, console: Console) -> Shown<T> {
        Shown { transport, console }
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
            let line = format!("> {} {target}", request.method());
            self.console.say(&line);
            self.show('>', request.headers(), request.body(), hides_input);
            let sent = self.transport.send(request).await;
            match &sent {
                Ok(response) => {
                    self.console.say(&format!("< {}", response.status()));
                    self.show('<', response.headers(), response.body(), hides_output);
                }
                Err(error) => self.console.say(&format!("< no reply: {error}")),
            }
            sent
        })
    }
}

/// Headers whose values say who calls.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "set-cookie", "vmware-api-session-id", "proxy-authorization"];

/// Transfers, whose bodies are files.
#[derive(Clone)]
pub(crate) struct ShownTransfers(pub(crate) Console);

impl Observer for ShownTransfers {
    fn request(&self, head: &http::request::Parts) {
        self.0.say(&format!("> {} {}", head.method, without_addresses(&head.uri.to_string())));
        show_headers(&self.0, '>', &head.headers);
    }

    fn reply(&self, head: &http::response::Parts) {
        self.0.say(&format!("< {}", head.status));
        show_headers(&self.0, '<', &head.headers);
    }

    fn no_reply(&self, error: &TransportError) {
        self.0.say(&format!("< no reply: {error}"));
    }
}

impl fmt::Debug for ShownTransfers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShownTransfers")
    }
}

fn show_headers(console: &Console, mark: char, headers: &http::HeaderMap) {
    for (name, value) in headers {
        let is_secret = value.is_sensitive() || SECRET_HEADERS.contains(&name.as_str());
        let value = if is_secret { "(secret)".into() } else { String::from_utf8_lossy(value.as_bytes()) };
        console.say(&format!("{mark} {name}: {}", without_addresses(&value)));
    }
}

impl<T> Shown<T> {
    fn show(&self, mark: char, headers: &http::HeaderMap, body: &Bytes, is_hidden: bool) {
        show_headers(&self.console, mark, headers);
        let shown = match (body.is_empty(), is_hidden) {
            (true, _) => return,
            (_, true) => "(has secrets)".to_owned(),
            _ => without_addresses(&without_caller(body)),
        };
        for line in shown.lines() {
            self.console.say(&format!("{mark} {line}"));
        }
    }
}

/// What an address of a file begins with, as it is and as forms have it.
const SCHEMES: [&str; 4] = ["http://", "https://", "http%3A%2F%2F", "https%3A%2F%2F"];

/// Whoever knows the address of a transfer may use it, so of addresses only the host is shown.
fn without_addresses(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, scheme)) =
        SCHEMES.iter().filter_map(|scheme| Some((rest.find(scheme)?, scheme))).min()
    {
        let (before, address) = rest.split_at(at + scheme.len());
        shown.push_str(before);
        let end = address.find(['"', '<', '&', ' ', '\n', '\\']).unwrap_or(address.len());
        let path = address[..end].find(['/', '?']).or_else(|| address[..end].find("%2F"));
        match path {
            Some(path) if path + 1 < end => {
                shown.push_str(&address[..=path]);
                shown.push_str("(secret)");
            }
            _ => shown.push_str(&address[..end]),
        }
        rest = &address[end..];
    }
    shown.push_str(rest);
    shown
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

#[cfg(test)]
mod tests {
    use super::without_addresses;

    #[test]
    fn of_addresses_the_host_is_shown() {
        let check = |text: &str, shown: &str| assert_eq!(without_addresses(text), shown);
        check("nothing of the kind", "nothing of the kind");
        check(r#"{"uri":"https://h:1/a/b?c=d","n":1}"#, r#"{"uri":"https://h:1/(secret)","n":1}"#);
        check("<uri>http://h/a</uri><uri>http://h</uri>", "<uri>http://h/(secret)</uri><uri>http://h</uri>");
        check("uri=https%3A%2F%2Fh%3A1%2Fa%2Fb&n=1", "uri=https%3A%2F%2Fh%3A1%(secret)&n=1");
        check("http://h/?token=t and http://i/", "http://h/(secret) and http://i/");
    }
}
