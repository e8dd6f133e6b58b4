//! The requests of govmomi, which govc, Terraform and Packer stand on, byte for byte as it sent them below `/rest`, to
//! contentlibd over a socket, its login first: replies are what it accepts.
//!
//! It takes a status of 200 to 204, decodes `{"value": ...}` where a result is due, and needs nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use vapi::content::LibraryId;

use super::served::Served;
use super::{Message, fixtures, json};

/// The captures have one name for everything; ours get their own.
const CAPTURED_ID: &str = "id:obj-103";
/// What the captures have for a checksum, which is none; SHA-1 of nothing.
const CAPTURED_CHECKSUM: &str = r#""checksum":"string""#;
const CHECKSUM: &str = r#""checksum":"da39a3ee5e6b4b0d3255bfef95601890afd80709""#;
const SESSIONS: &str = "/rest/com/vmware/content/library/item/update-session";
const FILES: &str = "/rest/com/vmware/content/library/item/updatesession/file";

/// Requests that are sent here; the others are of the services that `server/tests` sends govc's commands to.
const OURS: [&str; 4] = [
    "/rest/com/vmware/cis/session",
    "/rest/com/vmware/content/library/item/update-session",
    "/rest/com/vmware/content/library/item/updatesession/file/id:",
    "/rest/com/vmware/content/library/item/updatesession/file?update_session_id",
];

/// A server, and what its client knows of it.
struct Server {
    served: Served,
    library: LibraryId,
    /// The login session.
    session: String,
}

impl Server {
    fn start() -> Server {
        let served = Served::start();
        let library = served.library();
        Server { served, library, session: String::new() }
    }

    /// Sends a request as it was captured, chunked bodies included; status, head and body of the reply.
    fn send(&self, request: &Message) -> (u16, String, String) {
        let mut text = format!("{}\r\nConnection: close\r\n", request.line);
        let mut is_chunked = false;
        for (name, value) in &request.headers {
            // The body's end of line that JSON encoders of Go write is not in its captured length.
            let value = match name.to_ascii_lowercase().as_str() {
                "content-length" => (request.body.len() + 1).to_string(),
                "authorization" => {
                    let Served { user, password, .. } = &self.served;
                    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
                }
                "vmware-api-session-id" => self.session.clone(),
                "cookie" => format!("vmware-api-session-id={}", self.session),
                _ => value.clone(),
            };
            is_chunked |= name.eq_ignore_ascii_case("transfer-encoding");
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        match (is_chunked, request.body.is_empty()) {
            (true, _) => text.push_str("0\r\n\r\n"),
            (false, false) => text.push_str(&format!("{}\n", request.body)),
            (false, true) => {}
        }
        let mut stream = TcpStream::connect(self.served.url.trim_start_matches("http://")).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), body.to_owned())
    }

    fn post(&self, target: &str, body: &str) -> String {
        let content = ("Content-Type".to_owned(), "application/json".to_owned());
        let length = ("Content-Length".to_owned(), String::new());
        let headers = vec![content, length, ("vmware-api-session-id".to_owned(), String::new())];
        let line = format!("POST {target} HTTP/1.1\r\nHost: x");
        let (status, _, text) = self.send(&Message { line, headers, body: body.to_owned() });
        assert_eq!(status, 200, "{target}: {text}");
        text
    }

    /// A session of its own for each request, in the state that the request is about: the captures use one again and again.
    fn prepare(&self, number: usize, line: &str) -> String {
        let item = self.served.item(&self.library, &format!("item {number}"));
        let item = format!(r#"{{"create_spec":{{"library_item_id":"{item}"}}}}"#);
        let session = json(&self.post(SESSIONS, &item))["value"].as_str().unwrap().to_owned();
        if line.starts_with("DELETE") {
            self.post(&format!("{SESSIONS}/id:{session}?~action=cancel"), "{}");
        } else if line.contains("file") && !line.contains("=add") && !line.contains("=validate") {
            let file = r#"{"file_spec":{"name":"a.ovf","source_type":"PUSH","size":0}}"#;
            self.post(&format!("{FILES}/id:{session}?~action=add"), file);
        }
        session
    }
}

#[test]
fn requests_of_govmomi_are_answered_as_it_needs() {
    let mut server = Server::start();
    let item = format!("\"{}\"", server.served.item(&server.library, "item"));
    let (_, capture) = fixtures("legacy_rest").pop().unwrap();
    let mut n_answered = 0;
    let mut logout = None;
    for exchange in capture.split(">>> REQUEST ").skip(1) {
        let capture = format!(">>> REQUEST {exchange}");
        let mut request = Message::after(&capture, ">>> REQUEST").unwrap();
        if !OURS.iter().any(|ours| request.line.split(' ').nth(1).unwrap().starts_with(ours)) {
            continue;
        }
        let wanted = Message::after(&capture, "<<< RESPONSE").unwrap();
        if request.line.starts_with("DELETE /rest/com/vmware/cis/session") {
            logout = Some(request);
            continue;
        }
        if request.line.contains("/content/") && !request.line.contains("update-session HTTP") {
            let session = server.prepare(n_answered, &request.line);
            request.line = request.line.replace(CAPTURED_ID, &format!("id:{session}"));
            request.line =
                request.line.replace("update_session_id=obj-103", &format!("update_session_id={session}"));
        }
        request.body = request.body.replace("\"obj-103\"", &item).replace(CAPTURED_CHECKSUM, CHECKSUM);
        let (status, head, body) = server.send(&request);
        assert_eq!(status, 200, "{}: {body}", request.line);
        if server.session.is_empty() {
            server.session = json(&body)["value"].as_str().unwrap().to_owned();
            assert!(!head.to_ascii_lowercase().contains("set-cookie"), "it asked for none: {head}");
        }
        match wanted.body.is_empty() {
            true => assert_eq!(body, "", "{}", request.line),
            false => check_shape(&request.line, &json(&body), &json(&wanted.body)),
        }
        n_answered += 1;
    }
    assert_eq!(n_answered, 15);
    let (status, _, body) = server.send(&logout.unwrap());
    assert_eq!((status, body.as_str()), (200, ""));
}

/// Whether a reply has the members of the captured one, each of its kind.
fn check_shape(line: &str, got: &Value, wanted: &Value) {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => {
            for (name, wanted) in wanted {
                let got = got.get(name).unwrap_or_else(|| panic!("{line}: `{name}` is missing in {got:?}"));
                check_shape(line, got, wanted);
            }
        }
        (Value::Array(got), Value::Array(wanted)) => {
            for (got, wanted) in got.iter().zip(wanted) {
                check_shape(line, got, wanted);
            }
        }
        (got, wanted) => assert_eq!(
            std::mem::discriminant(got),
            std::mem::discriminant(wanted),
            "{line}: {got} where {wanted} was"
        ),
    }
}
