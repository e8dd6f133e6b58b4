//! A server, and requests to it as clients of its older REST write them: a line, a JSON body, over a socket.
//!
//! What the generated client would not send can be sent with it, and what it would not show can be seen.

use http::{Method, Request};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::served::Listening;

/// `ann:a`, `bob:b` and `root:r`.
pub(crate) const ANN: &str = "YW5uOmE=";
pub(crate) const BOB: &str = "Ym9iOmI=";
pub(crate) const ROOT: &str = "cm9vdDpy";

const SESSIONS: &str = "library/item/update-session";
const FILES: &str = "library/item/updatesession/file";

/// A server, and who is logged in to it.
pub(crate) struct Wire {
    pub(crate) listening: Listening,
    login: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    /// Text that is no JSON is a JSON text here; nothing is null.
    pub(crate) body: Value,
}

impl Reply {
    /// What a call gives.
    #[track_caller]
    pub(crate) fn value(mut self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["value"].take()
    }

    #[track_caller]
    pub(crate) fn text(self) -> String {
        self.value().as_str().expect("a text").to_owned()
    }

    /// A call that gives nothing.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert_eq!((self.status, &self.body), (200, &Value::Null));
    }

    /// A refusal that names its error and says these words.
    #[track_caller]
    pub(crate) fn is_refused(&self, error: &str, words: &[&str]) {
        let status = match error {
            "not_found" => 404,
            "unauthenticated" => 401,
            "unauthorized" => 403,
            "concurrent_change" => 409,
            _ => 400,
        };
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.body["type"], format!("com.vmware.vapi.std.errors.{error}"), "{}", self.body);
        let messages = self.body["value"]["messages"].as_array().expect("messages");
        for message in messages {
            assert!(message["id"].is_string() && message["args"].is_array(), "{}", self.body);
            assert!(
                message["default_message"].as_str().is_some_and(|text| !text.is_empty()),
                "{}",
                self.body
            );
        }
        let texts: Vec<_> =
            messages.iter().filter_map(|message| message["default_message"].as_str()).collect();
        assert!(!texts.is_empty(), "it says nothing");
        for word in words {
            assert!(texts.iter().any(|text| text.contains(word)), "{texts:?} do not say {word:?}");
        }
    }
}

/// Calls of any kind.
impl Wire {
    pub(crate) async fn new() -> Wire {
        Wire::to(Listening::new().await).await
    }

    /// To this server, as Ann.
    pub(crate) async fn to(listening: Listening) -> Wire {
        Wire { listening, login: String::new() }.of(ANN).await
    }

    /// The same server for another user.
    pub(crate) async fn of(self, basic: &str) -> Wire {
        let login = self.login_of(basic).await;
        Wire { login, ..self }
    }

    pub(crate) async fn login_of(&self, basic: &str) -> String {
        let url = format!("{}/rest/com/vmware/cis/session", self.listening.url);
        let request = Request::post(url).header("authorization", format!("Basic {basic}"));
        self.send(request.body(Vec::new()).unwrap()).await.text()
    }

    pub(crate) async fn send(&self, request: Request<Vec<u8>>) -> Reply {
        let (head, body) = self.listening.send(request).await.into_parts();
        let json = serde_json::from_str(&body).ok();
        let body = json.unwrap_or(if body.is_empty() { Value::Null } else { Value::String(body) });
        Reply { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// A call below `/rest/com/vmware/content`, such as `GET library`.
    pub(crate) async fn rest(&self, line: &str, body: Value) -> Reply {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        self.at(method, &format!("/rest/com/vmware/content/{path}"), &self.login, body).await
    }

    /// A call below `/api/content`.
    pub(crate) async fn api(&self, line: &str, body: Value) -> Reply {
        let (method, path) = line.split_once(' ').expect("a method and a path");
        self.at(method, &format!("/api/content/{path}"), &self.login, body).await
    }

    /// A call with this login, anywhere.
    pub(crate) async fn at(&self, method: &str, path: &str, login: &str, body: Value) -> Reply {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.listening.url));
        let request = request.header("vmware-api-session-id", login).header("accept", "application/json");
        let request = match body {
            Value::Null => request.body(Vec::new()),
            body => request.header("content-type", "application/json").body(body.to_string().into_bytes()),
        };
        self.send(request.unwrap()).await
    }

    /// A call of JSON-RPC, in the envelope that the Python SDK sends.
    pub(crate) async fn json_rpc(
        &self,
        service: &str,
        operation: &str,
        security: Value,
        input: Value,
    ) -> Value {
        let mut params = json!({
            "serviceId": service, "operationId": operation,
            "input": {"STRUCTURE": {"operation-input": input}},
            "ctx": {"appCtx": {"opId": "op-1"}},
        });
        if !security.is_null() {
            params["ctx"]["securityCtx"] = security;
        }
        let body = json!({"jsonrpc": "2.0", "method": "invoke", "id": "1", "params": params});
        let request = Request::post(format!("{}/api", self.listening.url));
        let request = request.header("content-type", "application/json");
        let mut reply = self.send(request.body(body.to_string().into_bytes()).unwrap()).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.body["result"].take()
    }

    pub(crate) fn login(&self) -> &str {
        &self.login
    }
}

/// What most tests need.
impl Wire {
    pub(crate) async fn library(&self, name: &str) -> String {
        let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
        let spec = json!({"name": name, "type": "LOCAL", "storage_backings": backings});
        self.rest("POST local-library", json!({"create_spec": spec})).await.text()
    }

    pub(crate) async fn item(&self, library: &str, name: &str, type_name: &str) -> String {
        let spec = json!({"name": name, "library_id": library, "type": type_name});
        self.rest("POST library/item", json!({"create_spec": spec})).await.text()
    }

    /// An item with one file of five bytes, `a.iso`.
    pub(crate) async fn filled(&self) -> String {
        let library = self.library("images").await;
        let item = self.item(&library, "image", "").await;
        let session = self.open(&item).await;
        self.push(&session, "a.iso", b"bytes").await;
        self.complete(&session).await.is_done();
        item
    }

    pub(crate) async fn open(&self, item: &str) -> String {
        self.opening(item).await.text()
    }

    pub(crate) async fn opening(&self, item: &str) -> Reply {
        self.rest(&format!("POST {SESSIONS}"), json!({"create_spec": {"library_item_id": item}})).await
    }

    /// Something that is done with a session, such as `cancel`.
    pub(crate) async fn act(&self, session: &str, action: &str, body: Value) -> Reply {
        self.rest(&format!("POST {SESSIONS}/id:{session}?~action={action}"), body).await
    }

    pub(crate) async fn complete(&self, session: &str) -> Reply {
        self.act(session, "complete", Value::Null).await
    }

    pub(crate) async fn session(&self, session: &str) -> Reply {
        self.rest(&format!("GET {SESSIONS}/id:{session}"), Value::Null).await
    }

    pub(crate) async fn state(&self, session: &str) -> Value {
        self.session(session).await.value()["state"].take()
    }

    /// Announces a file.
    pub(crate) async fn adding(&self, session: &str, spec: Value) -> Reply {
        let line = format!("POST {FILES}/id:{session}?~action=add");
        self.rest(&line, json!({"file_spec": spec})).await
    }

    /// Announces a file that is sent; its address.
    pub(crate) async fn add(&self, session: &str, name: &str) -> String {
        let added = self.adding(session, json!({"name": name, "source_type": "PUSH"})).await.value();
        added["upload_endpoint"]["uri"].as_str().expect("an address").to_owned()
    }

    pub(crate) async fn put(&self, uri: &str, bytes: &[u8]) -> Reply {
        self.send(Request::builder().method(Method::PUT).uri(uri).body(bytes.to_vec()).unwrap()).await
    }

    /// Announces a file and sends it.
    pub(crate) async fn push(&self, session: &str, name: &str, bytes: &[u8]) {
        let uri = self.add(session, name).await;
        let reply = self.put(&uri, bytes).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }

    pub(crate) async fn file(&self, session: &str, name: &str) -> Reply {
        self.rest(&format!("POST {FILES}/id:{session}?~action=get"), json!({"file_name": name})).await
    }

    /// A file of a session, once nobody writes or reads it.
    pub(crate) async fn settled(&self, session: &str, name: &str) -> Value {
        loop {
            let file = self.file(session, name).await.value();
            if file["status"] != "TRANSFERRING" && file["status"] != "VALIDATING" {
                return file;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Files of a session: name, source and status of each.
    pub(crate) async fn files(&self, session: &str) -> Vec<[String; 3]> {
        let line = format!("GET {FILES}?update_session_id={session}");
        let listed = self.rest(&line, Value::Null).await.value();
        let text = |file: &Value, field: &str| file[field].as_str().expect(field).to_owned();
        let listed = listed.as_array().expect("a list");
        listed.iter().map(|file| ["name", "source_type", "status"].map(|field| text(file, field))).collect()
    }

    /// Files of an item: name, version and size of each.
    pub(crate) async fn contents(&self, item: &str) -> Value {
        let line = format!("GET library/item/file?library_item_id={item}");
        let listed = self.rest(&line, Value::Null).await.value();
        let listed = listed.as_array().expect("a list").iter();
        let mut listed: Vec<_> =
            listed.map(|file| json!([file["name"], file["version"], file["size"]])).collect();
        listed.sort_by_key(ToString::to_string);
        listed.into()
    }

    /// Begins to send a file and stops in the middle; the rest may come over what is returned.
    pub(crate) async fn begin_upload(&self, uri: &str, n_all: usize, first: &[u8]) -> TcpStream {
        let (address, path) = uri.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut socket = TcpStream::connect(address).await.unwrap();
        let head = format!("PUT /{path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {n_all}\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(first).await.unwrap();
        socket
    }

    /// Waits until only so many blobs are there.
    pub(crate) async fn n_blobs_become(&self, n_blobs: usize) {
        while self.listening.served.app.blobs.list().unwrap().len() != n_blobs {
            tokio::task::yield_now().await;
        }
    }
}
