//! What is particular to each surface: where requests are told apart, statuses, shapes of errors, and what is overlooked.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tower_service::Service as _;
use vapi_runtime::Router;
use vapi_runtime::server::Leniencies;

use crate::store::Store;

const LINES: &str = "/com/example/store/parcel";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A reply, its body as JSON; `null` for none.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Value,
}

async fn send(mut router: Router, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let (method, target) = line.split_once(' ').unwrap();
    let mut request = http::Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let Ok(response) = router.call(request).await;
    let (parts, body) = response.into_parts();
    let Ok(collected) = body.collect().await;
    let bytes = collected.to_bytes();
    let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
    Answer { status: parts.status, headers: parts.headers, body }
}

/// Sends a request to a store; what it was asked for, and the reply.
async fn ask(line: &str, headers: &[(&str, &str)], body: &str) -> (Vec<String>, Answer) {
    let store = Store::default();
    let answer = send(store.router(), line, headers, body).await;
    (store.calls(), answer)
}

fn call(operation: &str, input: &Value) -> String {
    json!({
        "jsonrpc": "2.0",
        "method": "invoke",
        "params": {
            "serviceId": "com.example.store.parcel",
            "operationId": operation,
            "input": {"STRUCTURE": {"operation-input": input}},
            "ctx": {"appCtx": {"opId": "o"}},
        },
        "id": "7",
    })
    .to_string()
}

#[tokio::test]
async fn below_api_statuses_say_what_happened() {
    let check =
        async |line: &str, headers: &[(&str, &str)], body: &str, status: u16, wanted: Value, asked: &str| {
            let (calls, answer) = ask(line, headers, body).await;
            assert_eq!((answer.status.as_u16(), answer.body), (status, wanted), "{line}");
            assert_eq!(calls, [asked], "{line}");
        };
    let created = r#"create Some("t") ParcelModel { weight: 1, label: None, lines: None, inner: None }"#;
    let headers = [JSON, ("Parcel-Token", "t")];
    check("POST /api/store/parcel", &headers, r#"{"weight":1}"#, 201, json!("p-2"), created).await;
    check("GET /api/store/parcel?shelf_id=s%201", &[], "", 200, json!(["p-1", "p-2"]), "list Some(\"s 1\")")
        .await;
    check(
        "GET /api/store/parcel/p-1",
        &[],
        "",
        200,
        json!({"weight": 10, "label": "höher & <weiter>"}),
        "get p-1",
    )
    .await;
    let handed_back = r#"hand_back p-1 "r" Some(3)"#;
    let hand_back = "POST /api/store/parcel/p-1?action=hand-back";
    check(hand_back, &[JSON], r#"{"reason":"r","days":3}"#, 204, Value::Null, handed_back).await;
}

#[tokio::test]
async fn each_surface_has_its_shape_of_errors() {
    let message = json!({"args": ["a"], "default_message": "try later", "id": "com.example.store"});
    let body = r#"{"reason":"r"}"#;
    let (_, rest) = ask("POST /api/store/parcel/busy?action=hand-back", &[JSON], body).await;
    assert_eq!(rest.status, 500);
    assert_eq!(rest.body, json!({"error_type": "RESOURCE_BUSY", "messages": [message]}));

    let id = "com.vmware.vapi.std.errors.resource_busy";
    let line = format!("{LINES}/id:busy?%7Eaction=hand-back");
    for prefix in ["", "/rest"] {
        let (_, legacy) = ask(&format!("POST {prefix}{line}"), &[JSON], body).await;
        assert_eq!(legacy.status, 400, "{prefix}");
        assert_eq!(legacy.body, json!({"type": id, "value": {"messages": [message]}}), "{prefix}");
    }

    let (_, rpc) =
        ask("POST /api", &[JSON], &call("hand_back", &json!({"parcel_id": "busy", "reason": "r"}))).await;
    assert_eq!((rpc.status.as_u16(), &rpc.headers["vapi-error"]), (200, &http::HeaderValue::from_static(id)));
    assert_eq!(rpc.headers["content-type"], "application/json");
    assert_eq!(rpc.body["id"], "7");
    let named = &rpc.body["result"]["error"]["ERROR"][id];
    assert_eq!(
        named["messages"][0]["STRUCTURE"]["com.vmware.vapi.std.localizable_message"]["default_message"],
        "try later"
    );
}

#[tokio::test]
async fn where_nothing_is_each_surface_says_so_in_its_way() {
    let (_, legacy) = ask("GET /rest/com/example/nothing", &[], "").await;
    assert_eq!(legacy.status, 404);
    assert_eq!(legacy.body["name"], "com.vmware.vapi.rest.httpNotFound");
    assert_eq!(legacy.body["majorErrorCode"], 404);
    assert!(legacy.body["localizableMessages"][0]["defaultMessage"].is_string(), "{}", legacy.body);

    let (_, rest) = ask("GET /api/nothing", &[], "").await;
    assert_eq!((rest.status.as_u16(), &rest.body["error_type"]), (404, &json!("OPERATION_NOT_FOUND")));
    let (_, page) = ask("GET /com/example/nothing", &[], "").await;
    assert_eq!(
        (page.status.as_u16(), &page.body["type"]),
        (404, &json!("com.vmware.vapi.std.errors.operation_not_found"))
    );
    let (_, get) = ask("GET /api", &[], "").await;
    assert_eq!((get.status.as_u16(), &get.headers["allow"]), (405, &http::HeaderValue::from_static("POST")));
    // The same behind a slash, as some clients are configured.
    let (calls, rpc) = ask("POST /api/", &[JSON], &call("list", &json!({}))).await;
    assert_eq!((rpc.status.as_u16(), &rpc.body["result"]), (200, &json!({"output": ["p-1", "p-2"]})));
    assert_eq!(calls, ["list None"]);
}

#[tokio::test]
async fn what_legacy_clients_leave_out_is_overlooked_there() {
    let line = format!("{LINES}/id:p-1?~action=hand-back");
    let hand_back =
        async |router: fn(Router) -> Router, prefix: &str, headers: &[(&str, &str)], body: &str| {
            let store = Store::default();
            let answer = send(router(store.router()), &format!("POST {prefix}{line}"), headers, body).await;
            (answer.status.as_u16(), store.calls().pop())
        };
    let done = (200, Some("hand_back p-1 \"\" None".to_owned()));
    let refused = (400, None);
    let as_it_is: fn(Router) -> Router = |router| router;
    assert_eq!(hand_back(as_it_is, "/rest", &[JSON], "").await, done);
    assert_eq!(hand_back(as_it_is, "/rest", &[JSON], "{}\n").await, done);
    assert_eq!(hand_back(as_it_is, "", &[JSON], "").await, refused);
    assert_eq!(hand_back(as_it_is, "", &[JSON], "{}").await, refused);

    let strict: fn(Router) -> Router = |router| router.legacy_leniencies(Leniencies::NONE);
    assert_eq!(hand_back(strict, "/rest", &[JSON], "").await, refused);
    assert_eq!(hand_back(strict, "/rest", &[JSON], "{}").await, refused);
    let half: fn(Router) -> Router = |router| router.legacy_leniencies(Leniencies::ALL.empty_body(false));
    assert_eq!(hand_back(half, "/rest", &[JSON], "").await, refused);
    assert_eq!(hand_back(half, "/rest", &[JSON], "{}").await, done);
    let lenient: fn(Router) -> Router = |router| router.page_leniencies(Leniencies::ALL);
    assert_eq!(hand_back(lenient, "", &[JSON], "").await, done);
}

#[tokio::test]
async fn an_action_may_be_asked_for_by_delete_below_rest() {
    let ask = async |router: fn(Router) -> Router, request: &str| {
        let store = Store::default();
        let answer = send(router(store.router()), request, &[JSON], "").await;
        (answer.status.as_u16(), store.calls().pop())
    };
    let as_it_is: fn(Router) -> Router = |router| router;
    let legacy = format!("DELETE /rest{LINES}/id:p-1?~action=hand-back");
    assert_eq!(ask(as_it_is, &legacy).await, (200, Some("hand_back p-1 \"\" None".to_owned())));
    let strict: fn(Router) -> Router = |router| router.legacy_leniencies(Leniencies::NONE);
    for (router, request) in [
        (strict, legacy.as_str()),
        (as_it_is, &format!("DELETE {LINES}/id:p-1?~action=hand-back")),
        (as_it_is, &format!("DELETE /rest{LINES}/id:p-1?~action=no-such")),
        (as_it_is, &format!("DELETE /rest{LINES}/id:p-1")),
    ] {
        assert_eq!(ask(router, request).await, (405, None), "{request}");
    }
}

#[tokio::test]
async fn requests_below_api_are_read_strictly() {
    // Below /api a body is the parameter itself, and nothing else may be in it.
    let (calls, answer) = ask("POST /api/store/parcel", &[JSON], r#"{"create_spec":{"weight":1}}"#).await;
    assert_eq!((answer.status.as_u16(), &answer.body["error_type"]), (400, &json!("UNEXPECTED_INPUT")));
    assert_eq!(calls, [""; 0]);
    let (_, answer) = ask("GET /api/store/parcel?shelf=s", &[], "").await;
    assert_eq!((answer.status.as_u16(), &answer.body["error_type"]), (400, &json!("UNEXPECTED_INPUT")));
    let (_, answer) = ask("POST /api/store/parcel", &[("content-type", "application/xml")], "<a/>").await;
    assert_eq!(answer.status, 415);
    let (_, answer) = ask("GET /api/store/parcel", &[("accept", "application/xml")], "").await;
    assert_eq!(answer.status, 406);
    let (_, answer) = ask("GET /api/store/parcel", &[("accept", "*/*"), ("cookie", "a=b; c")], "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_json_rpc_call_that_does_not_come_is_told_so_in_its_envelope() {
    let router = Store::default().router().body_bytes_max(10);
    let answer = send(router, "POST /api", &[JSON], &call("list", &json!({}))).await;
    assert_eq!((answer.status.as_u16(), &answer.body["id"]), (200, &Value::Null));
    assert_eq!(answer.body["error"]["code"], -32600);
    let text = answer.body["error"]["data"].as_str().unwrap();
    assert!(text.contains("over the limit of 10 bytes"), "{text}");
}
