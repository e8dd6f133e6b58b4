//! The requests of govmomi, which govc, Terraform and Packer stand on, as it sent them below `/rest`: replies are what it accepts.
//!
//! It takes a status of 200 to 204, decodes `{"value": ...}` where a result is due, and needs nothing else.

use serde_json::Value;
use vapi::content::library::item::update_session::UpdateSessionServer;
use vapi::content::library::item::updatesession::file::FileServer;
use vapi::runtime::Router;

use super::{Message, answer, fixtures, json};
use crate::files::Files;
use crate::sessions::Sessions;

/// The captures have one name for everything; ours get their own.
const CAPTURED_SESSION: &str = "id:obj-103";

#[test]
fn requests_of_govmomi_are_answered_as_it_needs() {
    let sessions =
        Sessions::new((0..100).map(|number| format!("item-{number}")).chain(["obj-103".to_owned()]));
    let files = Files::new(sessions.clone());
    let router = Router::new().mount(UpdateSessionServer(sessions)).mount(FileServer(files));
    let (_, capture) = fixtures("legacy_rest").pop().unwrap();
    let mut n_answered = 0;
    for exchange in capture.split(">>> REQUEST ").skip(1) {
        let capture = format!(">>> REQUEST {exchange}");
        let mut request = Message::after(&capture, ">>> REQUEST").unwrap();
        let is_ours = [
            "item/update-session",
            "item/updatesession/file/id:",
            "item/updatesession/file?update_session_id",
        ];
        if !request.line.contains(" /rest/") || !is_ours.iter().any(|ours| request.line.contains(ours)) {
            // Of services that are not here; logins are tried with the sessions of the runtime.
            continue;
        }
        let wanted = Message::after(&capture, "<<< RESPONSE").unwrap();
        let session = prepared(&router, n_answered, &request.line);
        request.line = request.line.replace(CAPTURED_SESSION, &format!("id:{session}"));
        request.line =
            request.line.replace("update_session_id=obj-103", &format!("update_session_id={session}"));
        let reply = answer(&router, request.request());
        let text = std::str::from_utf8(reply.body()).unwrap();
        assert_eq!(reply.status(), 200, "{}: {text}", request.line);
        match wanted.body.is_empty() {
            true => assert_eq!(text, "", "{}", request.line),
            false => check_shape(&request.line, &json(text), &json(&wanted.body)),
        }
        n_answered += 1;
    }
    assert_eq!(n_answered, 13);
}

/// A session of its own for each request, in the state that the request is about: the captures use one again and again.
fn prepared(router: &Router, number: usize, line: &str) -> String {
    let post = |target: String, body: String| {
        let request = http::Request::post(target).header("content-type", "application/json");
        let reply = answer(router, request.body(body.into()).unwrap());
        assert_eq!(reply.status(), 200);
        String::from_utf8(reply.body().to_vec()).unwrap()
    };
    const SESSIONS: &str = "/rest/com/vmware/content/library/item/update-session";
    const FILES: &str = "/rest/com/vmware/content/library/item/updatesession/file";
    let item = format!(r#"{{"create_spec":{{"library_item_id":"item-{number}"}}}}"#);
    let session = json(&post(SESSIONS.to_owned(), item))["value"].as_str().unwrap().to_owned();
    if line.starts_with("DELETE") {
        post(format!("{SESSIONS}/id:{session}?~action=cancel"), String::new());
    } else if line.contains("file") && !line.contains("=add") {
        let file = r#"{"file_spec":{"name":"a.ovf","source_type":"PUSH","size":0}}"#;
        post(format!("{FILES}/id:{session}?~action=add"), file.to_owned());
    }
    session
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
