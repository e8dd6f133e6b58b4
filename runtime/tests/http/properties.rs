//! Whatever a request says, the router answers: with a result or with a standard error, and never by panicking.
//! Whatever a reply says, the client makes a result or an error of it.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use proptest::prelude::*;
use proptest::sample::select;
use tower_service::Service as _;
use vapi_runtime::codec::{DecodeOptions, json, xml};
use vapi_runtime::{Error, Operation as _, Surface};

use crate::parcel::Get;
use crate::store::Store;

/// Sends one request to a router in process; anything but a result must be an error the client can read.
fn check_answered(request: http::Request<Bytes>) {
    let shown = format!("{request:?}");
    let mut router = Store::default().router();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Ok(response) = runtime.block_on(router.call(request.map(Full::new)));
    let (parts, body) = response.into_parts();
    let Ok(body) = runtime.block_on(body.collect());
    let body = body.to_bytes();
    if parts.status.is_success() {
        return;
    }
    let is_json = parts.headers["content-type"] == "application/json";
    let options = DecodeOptions::default();
    let id =
        if is_json { json::decode_error_id(&body, &options) } else { xml::decode_error_id(&body, &options) };
    let id = id.unwrap_or_else(|error| panic!("{shown}: {error} in {body:?}"));
    assert!(id.starts_with("com.vmware.vapi.std.errors."), "{shown}: {id}");
}

fn piece(known: &'static [&'static str], other: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![4 => select(known).prop_map(str::to_owned), 1 => other]
}

fn uri() -> impl Strategy<Value = http::Uri> {
    let path = prop::collection::vec(
        piece(
            &[
                "/com/example/store/parcel",
                "/id:",
                "/id%3A",
                "p-1",
                "%2F",
                "%",
                "%zz",
                "%ff",
                "%00",
                "..",
                "/",
            ],
            "[!-~]{0,4}",
        ),
        0..4,
    );
    let query = prop::collection::vec(
        piece(
            &[
                "~action=hand-back",
                "%7Eaction=get",
                "~action=",
                "~action",
                "parcel_id=p-1",
                "reason=r",
                "days=x",
                "shelf_id.1=s",
                "create_spec.weight=1",
                "create_spec.inner.weight=",
                "create_spec.lines.1=a",
                "create_spec.lines.3=a",
                "create_spec=1",
                "%ff=%ff",
                "=",
                "vmw-task=true",
            ],
            "[!-~]{0,6}",
        ),
        0..4,
    );
    (path, query).prop_filter_map("not a URI", |(path, query)| {
        format!("{}?{}", path.concat(), query.join("&")).parse().ok()
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..20),
        prop::collection::vec(
            piece(
                &[
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    ",",
                    "\"parcel_id\"",
                    "\"p-1\"",
                    "\"reason\"",
                    "null",
                    "1e999",
                    "\"create_spec\"",
                    "\"weight\"",
                    "<HandBack-Input xmlns=\"http://vmware.com/com/example/store/parcel\">",
                    "<reason xmlns=\"\">",
                    "</reason>",
                    "</HandBack-Input>",
                    "<!DOCTYPE x>",
                    "&#0;",
                    "&lt;",
                    "parcel_id=p-1",
                    "&reason=%",
                    "create_spec.weight=1",
                ],
                "\\PC{0,3}",
            ),
            0..8
        )
        .prop_map(|pieces| pieces.concat().into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_request_is_answered(
        method in piece(&["GET", "POST", "DELETE", "HEAD", "OPTIONS"], "[A-Z!#]{1,5}"),
        uri in uri(),
        content_type in piece(
            &["", "application/json", "application/xml", "text/xml;charset=utf-8", "application/x-www-form-urlencoded"],
            "[ -~]{0,10}",
        ),
        accept in piece(&["", "application/json", "application/xml", "*/*;q=0"], "[ -~]{0,10}"),
        body in body(),
    ) {
        let mut request = http::Request::builder().method(method.as_str()).uri(uri);
        for (name, value) in [("content-type", content_type), ("accept", accept)] {
            if !value.is_empty() {
                request = request.header(name, value);
            }
        }
        check_answered(request.body(Bytes::from(body)).unwrap());
    }

    #[test]
    fn any_reply_is_understood(
        status in 200u16..600,
        content_type in piece(&["", "application/json", "text/xml", "text/html"], "[ -~]{0,10}"),
        body in prop_oneof![
            body(),
            prop::collection::vec(
                piece(
                    &[
                        "{\"value\":", "{\"type\":", "\"com.vmware.vapi.std.errors.not_found\"", ",\"value\":", "{\"weight\":1}",
                        "{\"messages\":[]}", "}", "]", "<Get-Result xmlns=\"http://vmware.com/com/example/store/parcel\">",
                        "<value xmlns=\"\">", "<weight>1</weight>", "</value>", "</Get-Result>",
                    ],
                    "\\PC{0,3}",
                ),
                0..6
            )
            .prop_map(|pieces| pieces.concat().into_bytes()),
        ],
    ) {
        let mut response = http::Response::new(Bytes::from(body.clone()));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        if let Ok(content_type) = content_type.parse::<http::HeaderValue>()
            && !content_type.is_empty()
        {
            response.headers_mut().insert("content-type", content_type);
        }
        match Get::response(response, Surface::default()) {
            Ok(_) => assert!(status < 300),
            Err(Error::BadPayload { bytes, .. }) => assert_eq!(bytes, body),
            Err(Error::Documented { status, .. }) => assert_eq!(status.as_u16(), 404),
            Err(Error::Undocumented { status, .. }) => assert!(status.as_u16() >= 300),
            Err(other) => panic!("{other}"),
        }
    }
}
