//! Captured exchanges of real clients and servers against ours: what they send is read, what they accept is written, and what
//! they were answered is read as they read it.
//!
//! The captures under `tests/fixtures` are evidence and never rewritten. A deviation stands in a table here, with its reason.

#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value;
use vapi::runtime::client::{Local, Transport as _, explain_reply};
use vapi::runtime::codec::json_rpc;
use vapi::runtime::server::explain_request;
use vapi::runtime::table::OperationTable;
use vapi::runtime::{Error, ExecutionContext, OperationError as _, Router, Surface};

mod govmomi;
mod program;
mod reference_server;
mod served;

fn fixtures(folder: &str) -> Vec<(String, String)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(&path).unwrap().replace('\r', ""))
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// One message of a capture.
struct Message {
    /// The request or status line.
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Message {
    /// What follows a heading, up to the next.
    fn after(capture: &str, heading: &str) -> Option<Message> {
        let (_, after) = capture.split_once(heading)?;
        let end = ["\n>>> ", "\n<<< ", "\n=== "].iter().filter_map(|next| after.find(next)).min();
        let text = after[..end.unwrap_or(after.len())].trim_start_matches(|c: char| c != '\n').trim_start();
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let line = lines.next()?.to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Some(Message { line, headers: headers.collect(), body: body.trim().to_owned() })
    }

    fn request(&self) -> http::Request<Bytes> {
        let mut words = self.line.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in &self.headers {
            let is_of_connection =
                ["content-length", "transfer-encoding"].contains(&name.to_ascii_lowercase().as_str());
            if !is_of_connection {
                request = request.header(name, value);
            }
        }
        request.body(Bytes::from(self.body.clone())).unwrap()
    }

    fn status(&self) -> u16 {
        self.line.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// Sends a request to a router in process; status, headers and body of the reply.
fn answer(router: &Router, request: http::Request<Bytes>) -> http::Response<Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Local(router.clone()).send(request)).unwrap()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn operation_of(request: &Value) -> &'static OperationTable {
    let service = vapi::services().iter().find(|service| service.id == request["params"]["serviceId"]);
    let mut operations = service.unwrap().operations.iter();
    operations.find(|operation| operation.name == request["params"]["operationId"]).unwrap()
}

/// What is read from a call of the official SDK is what it says: written again, it is the same.
#[test]
fn calls_of_the_official_sdk_are_read_whole() {
    let mut n_calls = 0;
    for (name, capture) in fixtures("json_rpc") {
        let request = Message::after(&capture, ">>> REQUEST").unwrap();
        let sent = json(&request.body);
        let explained = explain_request(vapi::services(), request.request());
        assert_eq!(explained.surface, Surface::JsonRpc, "{name}");
        let parameters = explained.parameters.unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let operation = explained.operation.unwrap();
        let again = json_rpc::encode_request(operation, &parameters, &ExecutionContext::new(), "0").unwrap();
        let again = json(std::str::from_utf8(&again).unwrap());
        assert_eq!(again["params"]["input"], sent["params"]["input"], "{name}");
        n_calls += 1;
    }
    assert_eq!(n_calls, 20);
}

/// What the SDK was answered is read, and written again as it was.
#[test]
fn replies_to_the_official_sdk_are_read_whole() {
    for (name, capture) in fixtures("json_rpc") {
        let request = json(&Message::after(&capture, ">>> REQUEST").unwrap().body);
        let reply = Message::after(&capture, "<<< RESPONSE").unwrap();
        let operation = operation_of(&request);
        let result =
            read_reply(operation, &request, &reply).unwrap_or_else(|error| panic!("{name}: {error}"));
        let id = json_rpc::Id::null();
        let view = vapi::runtime::data::Data::view(&result);
        let again = json_rpc::encode_result(&id, &operation.output, view).unwrap();
        let again = json(std::str::from_utf8(&again).unwrap());
        assert_eq!(again["result"], json(&reply.body)["result"], "{name}");
    }
}

/// Reads a captured reply as the reply to a call of ours, whose identifier is another.
fn read_reply(
    operation: &'static OperationTable,
    request: &Value,
    reply: &Message,
) -> Result<vapi::runtime::AnyValue, Error<vapi::runtime::AnyError>> {
    let body = reply.body.replacen(&format!("\"id\":{}", request["id"]), "\"id\":\"0\"", 1);
    let mut response = http::Response::builder().status(reply.status());
    for (name, value) in reply.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
        response = response.header(name, value);
    }
    explain_reply(operation, Surface::JsonRpc, response.body(Bytes::from(body)).unwrap())
}

/// Where our client takes a reply otherwise than the official one, and why that is better.
const TOLERANCES: &[(&str, &str)] = &[
    ("http_302", "redirects are not followed: a login would go to another host"),
    ("dec_map_dupkey", "the capture is of an operation whose result is no map; see the codec's own tests"),
    ("dec_map_as_object_struct", "as above"),
    ("dec_map_empty", "as above"),
];

/// Every listed tolerance of the official client holds, and what it refuses is refused.
#[test]
fn replies_are_accepted_as_the_official_client_does() {
    let mut n_replies = 0;
    for (name, capture) in fixtures("json_rpc_tolerance") {
        if TOLERANCES.iter().any(|(deviating, _)| *deviating == name) {
            continue;
        }
        let (Some(request), Some(reply)) =
            (Message::after(&capture, ">>> REQUEST"), Message::after(&capture, "<<< RESPONSE"))
        else {
            // The client did not send anything.
            continue;
        };
        let request = json(&request.body);
        if !vapi::services().iter().any(|service| service.id == request["params"]["serviceId"]) {
            continue;
        }
        let Some((_, decoded)) = capture.split_once("=== SDK DECODED\n") else { panic!("{name}") };
        let ours = match read_reply(operation_of(&request), &request, &reply) {
            Ok(_) => "result".to_owned(),
            Err(Error::Documented { error, .. }) => error.payload().table().name.to_owned(),
            Err(Error::Undocumented { id, .. }) => id,
            Err(_) => "refused".to_owned(),
        };
        assert_eq!(ours, official(decoded, &reply), "{name}: {decoded}");
        n_replies += 1;
    }
    assert!(n_replies >= 45, "{n_replies} replies");
}

/// What the official client made of a reply.
fn official(decoded: &str, reply: &Message) -> String {
    if decoded.starts_with("RETURN") {
        return "result".to_owned();
    }
    let is_typed = decoded.contains("std.errors_client.") || decoded.contains("UnresolvedError");
    if !is_typed {
        return "refused".to_owned();
    }
    let body = json(&reply.body);
    let error = &body["result"]["error"];
    let named = error.get("ERROR").or_else(|| error.get("STRUCTURE")).unwrap();
    named.as_object().unwrap().keys().next().unwrap().clone()
}

/// Headers of a Python dictionary as the captures print it.
fn dictionary(text: &str) -> BTreeMap<String, String> {
    let json = text.trim().replace('\'', "\"");
    if json.is_empty() { BTreeMap::new() } else { serde_json::from_str(&json).unwrap() }
}
