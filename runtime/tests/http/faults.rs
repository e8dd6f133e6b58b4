//! Every bad request gets its standard error, in JSON and in XML; what goes wrong inside is logged and not sent.

use std::fmt::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tower_service::Service as _;
use vapi_runtime::codec::{DecodeOptions, json, xml};
use vapi_runtime::{DynamicStructure, Router, Value};

use crate::log::Log;
use crate::store::{Served, Store};

const PARCEL: &str = "/com/example/store/parcel";

/// A request as it goes over the wire, but for the headers that are always the same.
struct Bad<'a> {
    line: &'a str,
    headers: &'a str,
    content_type: &'a str,
    body: &'a [u8],
}

/// Sends a bad request twice, asking for JSON and for XML; both replies must have this status and say
/// `error | message id [arguments] text | ...`.
async fn check_fault(router: Router, bad: Bad<'_>, status: &str, expected: &str) {
    let served = Served::start(router).await;
    for accept in ["application/json", "application/xml"] {
        let mut request = format!("{} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n", bad.line);
        write!(request, "accept: {accept}\r\n{}", bad.headers).unwrap();
        if !bad.content_type.is_empty() {
            write!(request, "content-type: {}\r\n", bad.content_type).unwrap();
        }
        write!(request, "content-length: {}\r\n\r\n", bad.body.len()).unwrap();
        let reply = served.exchange(&[request.as_bytes(), bad.body].concat()).await;
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{} {reply}", bad.line);
        assert!(head.contains(&format!("content-type: {accept}\r\n")), "{} {reply}", bad.line);
        assert_eq!(error_text(accept, body.as_bytes()), expected, "{}", bad.line);
    }
    served.stop().await;
}

fn error_text(content_type: &str, body: &[u8]) -> String {
    let options = DecodeOptions::default();
    let error = match content_type {
        "application/json" => json::decode_unknown_error(body, &options),
        _ => xml::decode_unknown_error(body, &options),
    };
    let error = error.unwrap();
    let mut text = error.name.unwrap().replace("com.vmware.vapi.std.errors.", "");
    let Value::List(messages) = &error.fields["messages"] else { panic!("{:?}", error.fields) };
    for message in messages {
        let Value::Structure(DynamicStructure { fields, .. }) = message else { panic!("{message:?}") };
        let args = match &fields["args"] {
            Value::List(args) => args.iter().map(scalar).collect::<Vec<_>>().join(", "),
            // XML does not tell an empty list from empty text.
            _ => String::new(),
        };
        write!(text, " | {} [{args}] {}", scalar(&fields["id"]), scalar(&fields["default_message"])).unwrap();
    }
    text
}

fn scalar(value: &Value) -> String {
    let Value::Text(text) = value else { panic!("{value:?}") };
    text.clone()
}

async fn check_line(line: &str, status: &str, expected: &str) {
    check_fault(
        Store::default().router(),
        Bad { line, headers: "", content_type: "", body: b"" },
        status,
        expected,
    )
    .await;
}

async fn check_body(content_type: &str, body: &str, status: &str, expected: &str) {
    let bad = Bad {
        line: &format!("POST {PARCEL}?~action=hand-back"),
        headers: "",
        content_type,
        body: body.as_bytes(),
    };
    check_fault(Store::default().router(), bad, status, expected).await;
}

#[tokio::test]
async fn the_bytes_of_a_fault() {
    let served = Served::start(Store::default().router()).await;
    let request = |accept: &str| {
        format!("PUT {PARCEL} HTTP/1.1\r\nhost: h\r\nconnection: close\r\naccept: {accept}\r\n\r\n")
            .into_bytes()
    };
    let without_date = |reply: String| {
        reply.split("\r\n").filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\r\n")
    };
    let reply = without_date(served.exchange(&request("*/*")).await);
    let body = r#"{"type":"com.vmware.vapi.std.errors.invalid_request","value":{"messages":[{"args":["PUT","GET, POST"],"default_message":"PUT does not go with this path; GET, POST does","id":"vapi.http.method.unsupported"}]}}"#;
    let head = |content_type: &str, body: &str| {
        format!(
            "HTTP/1.1 405 Method Not Allowed\r\ncontent-type: {content_type}\r\nallow: GET, POST\r\n\
             connection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    assert_eq!(reply, head("application/json", body));
    let reply = without_date(served.exchange(&request("text/xml")).await);
    let body = concat!(
        r#"<?xml version="1.0" ?><ns0:Error xmlns:ns0="http://vmware.com/vapi/rest/base" "#,
        r#"xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><value><messages-array><array-item>"#,
        "<default_message>PUT does not go with this path; GET, POST does</default_message>",
        "<id>vapi.http.method.unsupported</id>",
        "<args-array><array-item>PUT</array-item><array-item>GET, POST</array-item></args-array>",
        "</array-item></messages-array></value>",
        "<type>com.vmware.vapi.std.errors.invalid_request</type></ns0:Error>",
    );
    assert_eq!(reply, head("text/xml; charset=utf-8", body));
    served.stop().await;
}

#[tokio::test]
async fn paths_methods_and_actions() {
    let unknown = |path: &str| {
        format!(
            "operation_not_found | vapi.method.input.invalid.interface [{path}] There is no service at {path}"
        )
    };
    for path in ["/", "/com/example/store", "/com/example/store/parcel/", "/com/example/store/parcel/id:a/b"]
    {
        check_line(&format!("GET {path}"), "404 Not Found", &unknown(path)).await;
    }
    check_line(&format!("GET {PARCEL}/p-1"), "404 Not Found", &unknown(&format!("{PARCEL}/p-1"))).await;
    check_line("OPTIONS *", "404 Not Found", &unknown("*")).await;

    let method = |method: &str| {
        let text = format!("{method} does not go with this path; GET, POST does");
        format!("invalid_request | vapi.http.method.unsupported [{method}, GET, POST] {text}")
    };
    for unsupported in ["PUT", "PATCH", "OPTIONS", "BREW"] {
        let line = format!("{unsupported} {PARCEL}/id:p-1?~action=get");
        check_line(&line, "405 Method Not Allowed", &method(unsupported)).await;
    }

    let service = "com.example.store.parcel";
    let there_are = "GET without ~action, POST ~action=get, POST ~action=hand-back, POST ~action=list";
    let id = "operation_not_found | vapi.method.input.invalid.method";
    let missing =
        format!("{id} [{service}, ] A ~action is missing in the query; {service} has here: {there_are}");
    check_line(&format!("POST {PARCEL}/id:p-1"), "404 Not Found", &missing).await;
    let wrong = |action: &str| {
        format!("{id} [{service}, {action}] {service} has no ~action={action} here; there are: {there_are}")
    };
    check_line(&format!("POST {PARCEL}/id:p-1?%7eaction=g%65x"), "404 Not Found", &wrong("gex")).await;
    check_line(&format!("GET {PARCEL}/id:p-1?~action=get"), "404 Not Found", &wrong("get")).await;
    check_line(
        &format!("POST {PARCEL}/id:p-1?~action=get&~action=list"),
        "400 Bad Request",
        "invalid_request | vapi.http.action.repeated [list] The query has more than one ~action",
    )
    .await;
    let path = format!("{PARCEL}/id:%zz");
    check_line(
        &format!("GET {path}"),
        "400 Bad Request",
        &format!(
            "invalid_request | vapi.http.path.invalid [{path}] \
             The path {path} has a % without two hexadecimal digits"
        ),
    )
    .await;
    check_line(
        &format!("GET {PARCEL}/id:%ff"),
        "400 Bad Request",
        "invalid_request | vapi.http.path.invalid [%ff] The path variable %ff is not UTF-8",
    )
    .await;
}

#[tokio::test]
async fn methods_without_a_reply_body() {
    let served = Served::start(Store::default().router()).await;
    let request = format!("HEAD {PARCEL} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
    let reply = served.exchange(request.as_bytes()).await;
    assert!(reply.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{reply}");
    assert!(reply.contains("\r\nallow: GET, POST\r\n") && reply.ends_with("\r\n\r\n"), "{reply}");
    served.stop().await;
}

#[tokio::test]
async fn spellings_of_paths_that_are_fine() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    for line in [
        "GET /com/example/store/parcel/id%3Ap%2D1",
        "GET /com/ex%61mple/store/parcel/%69d:p-1",
        "POST /com/example/store/parcel/id:p-1?%7Eaction=get",
        "POST /com/example/store/parcel?vmw-task=false&parcel_id=p-1&~action=get",
        "GET http://h/com/example/store/parcel/id:p-1?",
    ] {
        let request = format!("{line} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n");
        let reply = served.exchange(request.as_bytes()).await;
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{line}: {reply}");
        assert_eq!(store.calls(), ["get p-1"], "{line}");
    }
    served.stop().await;
}

#[tokio::test]
async fn media_types() {
    let unsupported = |reason: &str| {
        let text = format!("The body cannot be read: {reason}");
        format!("invalid_request | vapi.http.content_type.unsupported [{reason}] {text}")
    };
    let known = "none of application/json, application/xml, text/xml and application/x-www-form-urlencoded";
    let status = "415 Unsupported Media Type";
    check_body("text/plain", "x", status, &unsupported(&format!("`text/plain` is {known}"))).await;
    check_body("json", "x", status, &unsupported("`json` is not a media type")).await;
    let charset = unsupported("the charset `latin1` is not utf-8");
    check_body("application/json; charset=latin1", "{}", status, &charset).await;
    let missing = "invalid_request | vapi.http.content_type.missing [] There is a body but no Content-Type";
    check_body("", "{}", status, missing).await;
    let line = &format!("POST {PARCEL}?~action=list");
    let headers = "content-encoding: gzip\r\n";
    let gzip = Bad { line, headers, content_type: "application/json", body: b"{}" };
    let coding = unsupported("the content coding `gzip` is not known");
    check_fault(Store::default().router(), gzip, status, &coding).await;
}

#[tokio::test]
async fn nothing_acceptable() {
    let served = Served::start(Store::default().router()).await;
    let line = format!("GET {PARCEL} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n");
    let reply =
        served.exchange(format!("{line}accept: text/html\r\naccept: image/*\r\n\r\n").as_bytes()).await;
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 406 Not Acceptable\r\ncontent-type: application/json\r\n"), "{reply}");
    let expected = "invalid_request | vapi.http.accept.unsupported [text/html,image/*] \
                    None of text/html,image/* can be written; application/json and application/xml can";
    assert_eq!(error_text("application/json", body.as_bytes()), expected);
    served.stop().await;
}

#[tokio::test]
async fn parameters() {
    let bad = "400 Bad Request";
    let missing = "invalid_argument | vapi.data.structure.field.missing [operation-input, reason] \
                   operation-input lacks the field \"reason\"";
    let unexpected = "unexpected_input | vapi.data.structure.field.unexpected [x, operation-input] \
                      operation-input has no field \"x\"";
    let namespace = "http://vmware.com/com/example/store/parcel";
    let in_xml =
        |content: &str| format!("<i:HandBack-Input xmlns:i=\"{namespace}\">{content}</i:HandBack-Input>");
    let (json, xml, form) = ("application/json", "text/xml", "application/x-www-form-urlencoded");
    check_body(json, r#"{"parcel_id":"p"}"#, bad, missing).await;
    check_body(xml, &in_xml("<parcel_id>p</parcel_id>"), bad, missing).await;
    check_body(form, "parcel_id=p", bad, missing).await;
    check_body(json, r#"{"parcel_id":"p","reason":"","x":1}"#, bad, unexpected).await;
    check_body(xml, &in_xml("<parcel_id>p</parcel_id><reason/><x/>"), bad, unexpected).await;
    check_body(form, "parcel_id=p&reason=&x=1", bad, unexpected).await;
    let nothing = "invalid_argument | vapi.data.structure.field.missing [operation-input, parcel_id] \
                   operation-input lacks the field \"parcel_id\"";
    check_line(&format!("POST {PARCEL}?~action=hand-back"), bad, nothing).await;
    check_line(&format!("POST {PARCEL}?~action=hand-back&parcel_id=p"), bad, missing).await;

    let of_days = "invalid_argument | vapi.data.structure.field.invalid [days, operation-input] \
                   The field \"days\" of operation-input is not valid";
    let mismatch =
        format!("{of_days} | vapi.data.validate.mismatch [long, a string] long was expected, not a string");
    check_body(json, r#"{"parcel_id":"p","reason":"","days":"x"}"#, bad, &mismatch).await;
    let text = "`days`: `x` is not a long";
    let unreadable = format!("{of_days} | vapi.data.validate.invalid [{text}] {text}");
    check_body(form, "parcel_id=p&reason=&days=x", bad, &unreadable).await;
    check_body(xml, &in_xml("<parcel_id>p</parcel_id><reason/><days>x</days>"), bad, &unreadable).await;
}

#[tokio::test]
async fn an_id_in_two_places() {
    let line = format!("POST {PARCEL}/id:p-1?~action=hand-back");
    let differs = "invalid_argument | vapi.http.path.mismatch [parcel_id, p-1, p-2] \
                   The parameter \"parcel_id\" is \"p-1\" in the path and \"p-2\" elsewhere";
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    let check = |line: String, content_type: &'static str, body: &'static str, expected: &'static str| async move {
        let bad = Bad { line: &line, headers: "", content_type, body: body.as_bytes() };
        check_fault(Store::default().router(), bad, "400 Bad Request", expected).await;
    };
    check(line.clone(), json, r#"{"parcel_id":"p-2","reason":"r"}"#, differs).await;
    check(line.clone(), form, "parcel_id=p-2&reason=r", differs).await;
    check(line.clone() + "&parcel_id=p-2&reason=r", "", "", differs).await;
    let beside = "invalid_request | vapi.http.query.unexpected [reason] \
                  The parameter \"reason\" stands in the query although there is a JSON or XML body";
    check(line.clone() + "&reason=r", json, r#"{"days":1}"#, beside).await;

    let store = Store::default();
    let served = Served::start(store.router()).await;
    for (query, content_type, body) in [
        ("", json, r#"{"parcel_id":"p-1","reason":"r"}"#),
        ("", json, r#"{"reason":"r"}"#),
        ("&reason=r", form, "parcel_id=p-1"),
        ("&reason=r", json, ""),
    ] {
        let n_bytes = body.len();
        let head =
            format!("content-type: {content_type}\r\ncontent-length: {n_bytes}\r\nconnection: close\r\n\r\n");
        let request = format!("{line}{query} HTTP/1.1\r\nhost: h\r\n{head}{body}");
        let reply = served.exchange(request.as_bytes()).await;
        assert!(
            reply.starts_with("HTTP/1.1 200 OK\r\n") && reply.contains("\r\ncontent-length: 0\r\n"),
            "{query} {body}: {reply}"
        );
        assert_eq!(store.calls(), ["hand_back p-1 \"r\" None"], "{query} {body}");
    }
    served.stop().await;
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let bad = "400 Bad Request";
    let syntax = |text: &str| format!("invalid_request | vapi.http.body.syntax [{text}] {text}");
    let (json, form) = ("application/json", "application/x-www-form-urlencoded");
    check_body(json, "{", bad, &syntax("line 1, column 1: EOF while parsing an object")).await;
    let not_text =
        Bad { line: &format!("POST {PARCEL}?~action=list"), headers: "", content_type: form, body: b"\xff" };
    let not_utf8 = "invalid_request | vapi.http.body.syntax [] The form body is not UTF-8";
    check_fault(Store::default().router(), not_text, bad, not_utf8).await;

    let too_deep = |depth_max: usize| {
        let text = format!("The parameters are nested deeper than {depth_max} levels");
        format!("invalid_request | vapi.http.body.too_deep [{depth_max}] {text}")
    };
    let line = format!("POST {PARCEL}?~action=create");
    let nested = |depth: usize| {
        format!(
            "{{\"create_spec\":{}{}}}",
            "{\"weight\":1,\"inner\":".repeat(depth) + "null",
            "}".repeat(depth)
        )
    };
    let deep = nested(64);
    let deep = Bad { line: &line, headers: "", content_type: json, body: deep.as_bytes() };
    check_fault(Store::default().router(), deep, bad, &too_deep(64)).await;
    let flat = nested(3);
    let flat = Bad { line: &line, headers: "", content_type: json, body: flat.as_bytes() };
    check_fault(Store::default().router().depth_max(3), flat, bad, &too_deep(3)).await;

    let too_large = "413 Payload Too Large";
    let text = "invalid_request | vapi.http.body.too_large [8] The body is over the limit of 8 bytes";
    let announced = Bad { line: &line, headers: "", content_type: json, body: b"123456789" };
    check_fault(Store::default().router().body_bytes_max(8), announced, too_large, text).await;
}

/// A body that comes in these pieces and then ends, breaks off or stays silent.
#[derive(Debug)]
struct Pieces(Vec<&'static [u8]>, End);

#[derive(Clone, Copy, Debug)]
enum End {
    Clean,
    Broken,
    Silent,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        if !self.0.is_empty() {
            let piece = Bytes::from_static(self.0.remove(0));
            return Poll::Ready(Some(Ok(http_body::Frame::data(piece))));
        }
        match self.1 {
            End::Clean => Poll::Ready(None),
            End::Broken => Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into()))),
            End::Silent => Poll::Pending,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn bodies_that_do_not_arrive() {
    async fn check(router: Router, pieces: Vec<&'static [u8]>, end: End, expected: &str) {
        let request =
            http::Request::post("/com/example/store/parcel").header("content-type", "application/json");
        let Ok(response) = router.clone().call(request.body(Pieces(pieces, end)).unwrap()).await;
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await;
        let text = match parts.status.is_success() {
            true => String::from_utf8(body.to_bytes().to_vec()).unwrap(),
            false => error_text("application/json", &body.to_bytes()),
        };
        assert_eq!(format!("{} {text}", parts.status.as_u16()), expected);
    }
    let router = Store::default().router();
    let pieces: Vec<&[u8]> = vec![b"{\"create_spec\"", b"", b":{\"weight\":1", b"}}"];
    check(router.clone(), pieces.clone(), End::Clean, r#"200 {"value":"p-2"}"#).await;
    let broken = "400 invalid_request | vapi.http.body.incomplete [] The body broke off";
    check(router.clone(), pieces.clone(), End::Broken, broken).await;
    let slow = |ms: u32| {
        format!("408 timed_out | vapi.http.body.timeout [{ms}] The body did not arrive within {ms} ms")
    };
    check(router.clone(), pieces.clone(), End::Silent, &slow(30_000)).await;
    let hasty = router.clone().body_timeout(Duration::from_millis(5));
    check(hasty, pieces.clone(), End::Silent, &slow(5)).await;
    let large = "413 invalid_request | vapi.http.body.too_large [20] The body is over the limit of 20 bytes";
    check(router.body_bytes_max(20), pieces, End::Silent, large).await;
}

#[tokio::test]
async fn what_goes_wrong_inside_is_logged_and_not_sent() {
    async fn check(id: &str, accept: &str, expected: &str, logged: &str) {
        let log = Log::up_to(tracing::Level::ERROR);
        let guard = tracing::subscriber::set_default(log.clone());
        let request = http::Request::get(format!("{PARCEL}/id:{id}")).header("accept", accept);
        let Ok(response) =
            Store::default().router().call(request.body(Full::<Bytes>::default()).unwrap()).await;
        drop(guard);
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await;
        assert_eq!(parts.status.as_u16(), 500);
        assert_eq!(error_text(accept, &body.to_bytes()), format!("internal_server_error | {expected}"));
        let logged = format!("message={logged} service=\"com.example.store.parcel\" operation=\"get\" ");
        assert_eq!(log.lines(), [logged]);
    }
    let failed = "vapi.method.invoke.exception [] The operation failed";
    let panicked = "the implementation panicked: the password is sesame";
    for accept in ["application/json", "application/xml"] {
        check("broken", accept, failed, "the password is sesame").await;
        check("panic", accept, failed, panicked).await;
        check("panic%20later", accept, failed, panicked).await;
    }
    let unwritable = "vapi.method.status.result.invalid [] The reply cannot be written";
    let why = "the reply cannot be written: `value.label`: XML cannot carry the character U+0001";
    check("control", "application/xml", unwritable, why).await;
}

#[tokio::test]
async fn a_fault_can_quote_anything() {
    let request = http::Request::post(format!("{PARCEL}?~action=%01%00{}", "x".repeat(500)));
    let request = request.header("accept", "application/xml").body(Full::<Bytes>::default()).unwrap();
    let Ok(response) = Store::default().router().call(request).await;
    let Ok(body) = response.into_body().collect().await;
    let text = error_text("application/xml", &body.to_bytes());
    assert!(text.contains(&format!("~action=\u{fffd}\u{fffd}{}…", "x".repeat(198))), "{text}");
}
