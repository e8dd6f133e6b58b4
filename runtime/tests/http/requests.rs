//! Sans-IO: what an operation's request looks like in every representation and URL form, and what its replies become.

use bytes::Bytes;
use vapi_runtime::{
    Error, ExecutionContext, Layout, Operation, ReplyRepresentation, Representation, RequestOptions, Surface,
    UrlForm,
};

use crate::parcel::{
    Create, CreateInput, Get, GetInput, HandBack, HandBackError, HandBackInput, List, ListInput, ParcelModel,
};

/// `METHOD uri`, headers and body of a request, or its error.
fn check_request<O: Operation>(input: &O::Input, options: RequestOptions, expected: &str) {
    let got = match O::request(input, &options, &ExecutionContext::new()) {
        Err(error) => error.to_string(),
        Ok(request) => {
            let (parts, body) = request.into_parts();
            let mut text = format!("{} {}", parts.method, parts.uri);
            for (name, value) in &parts.headers {
                text += &format!("\n{name}: {}", value.to_str().unwrap());
            }
            format!("{text}\n\n{}", std::str::from_utf8(&body).unwrap())
        }
    };
    assert_eq!(got.trim_end(), expected.trim_end());
}

fn options(representation: Representation, url_form: UrlForm) -> RequestOptions {
    RequestOptions::new().representation(representation).url_form(url_form)
}

#[test]
fn parameters_stand_where_representation_and_line_say() {
    use Representation::{Form, FormBody, Json, Xml};
    let input = HandBackInput::new("p/1 ~ü", "no room").days(3);
    let check = |representation, url_form, expected: &str| {
        check_request::<HandBack>(&input, options(representation, url_form), expected);
    };
    let in_path = "POST /com/example/store/parcel/id:p%2F1%20~%C3%BC?~action=hand-back";
    let in_body = "POST /com/example/store/parcel?~action=hand-back";
    let json = "\naccept: application/json\ncontent-type: application/json\n\n";
    check(Json, UrlForm::First, &format!("{in_path}{json}{{\"days\":3,\"reason\":\"no room\"}}"));
    check(Json, UrlForm::IdInPath, &format!("{in_path}{json}{{\"days\":3,\"reason\":\"no room\"}}"));
    let everything = r#"{"days":3,"parcel_id":"p/1 ~ü","reason":"no room"}"#;
    check(Json, UrlForm::IdInBody, &format!("{in_body}{json}{everything}"));
    check(Json, UrlForm::Line(1), &format!("{in_body}{json}{everything}"));
    check(Json, UrlForm::Line(2), "Line(2) is not among the 2 request lines of `hand_back`");
    check(
        Xml,
        UrlForm::First,
        &format!(
            "{in_path}\naccept: application/xml\ncontent-type: application/xml\n\n<?xml version=\"1.0\" ?>\
             <ns0:HandBack-Input xmlns:ns0=\"http://vmware.com/com/example/store/parcel\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <reason>no room</reason><days>3</days></ns0:HandBack-Input>"
        ),
    );
    check(Form, UrlForm::First, &format!("{in_path}&reason=no%20room&days=3\naccept: application/json"));
    let form = "reason=no%20room&parcel_id=p%2F1%20%7E%C3%BC&days=3";
    check(Form, UrlForm::IdInBody, &format!("{in_body}&{form}\naccept: application/json"));
    let form_body = "\naccept: application/json\ncontent-type: application/x-www-form-urlencoded\n\n";
    check(FormBody, UrlForm::IdInBody, &format!("{in_body}{form_body}{form}"));
    check_request::<HandBack>(
        &HandBackInput::new("p", "r"),
        RequestOptions::new().layout(Layout::Page).accept(ReplyRepresentation::Xml),
        "POST /com/example/store/parcel/id:p?~action=hand-back\naccept: application/xml\n\
         content-type: application/json\n\n{\n    \"reason\": \"r\"\n}",
    );
}

#[test]
fn lines_without_action_body_or_path() {
    use Representation::{FormBody, Json, Xml};
    let get = "GET /com/example/store/parcel/id:p\naccept: application/json";
    check_request::<Get>(&GetInput::new("p"), options(Json, UrlForm::First), get);
    check_request::<Get>(&GetInput::new("p"), options(FormBody, UrlForm::First), get);
    let post = "POST /com/example/store/parcel/id:p?~action=get\naccept: application/xml";
    check_request::<Get>(&GetInput::new("p"), options(Xml, UrlForm::Line(1)), post);

    let list = "GET /com/example/store/parcel?shelf_id=s\naccept: application/json";
    check_request::<List>(&ListInput::new().shelf_id("s"), options(Json, UrlForm::First), list);
    let list = "GET /com/example/store/parcel\naccept: application/json";
    check_request::<List>(&ListInput::new(), options(FormBody, UrlForm::First), list);

    let create = CreateInput::new(ParcelModel::new(1));
    let expected = "POST /com/example/store/parcel\naccept: application/json\ncontent-type: application/json\n\n\
                    {\"create_spec\":{\"weight\":1}}";
    check_request::<Create>(&create, options(Json, UrlForm::IdInPath), expected);
}

#[test]
fn requests_that_cannot_be_written() {
    use Representation::{Form, Json, Xml};
    let needs = "POST /com/example/store/parcel/id:{shelf_id} has it in its path";
    let unset = format!("`shelf_id`: it is not set, but {needs}");
    check_request::<List>(&ListInput::new(), options(Json, UrlForm::IdInPath), &unset);
    let empty = format!("`shelf_id`: it is empty, but {needs}");
    check_request::<List>(&ListInput::new().shelf_id(""), options(Json, UrlForm::IdInPath), &empty);
    let input = HandBackInput::new("p", "\u{1}");
    check_request::<HandBack>(
        &input,
        options(Xml, UrlForm::First),
        "`reason`: XML cannot carry the character U+0001",
    );
    let input = HandBackInput::new("p", "r".repeat(70_000));
    let error =
        HandBack::request(&input, &options(Form, UrlForm::First), &ExecutionContext::new()).unwrap_err();
    assert!(error.to_string().contains("the request line cannot be written"), "{error}");
}

/// What a reply becomes: `Debug` of the result, or the error's text and whether it is retryable.
fn check_reply<O: Operation>(status: u16, content_type: &str, body: &str, expected: &str)
where
    O::Output: std::fmt::Debug,
{
    let mut response = http::Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    if !content_type.is_empty() {
        response.headers_mut().insert("content-type", content_type.parse().unwrap());
    }
    let got = match O::response(response, Surface::default()) {
        Ok(output) => format!("{output:?}"),
        Err(error) => {
            assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
            if let Error::BadPayload { bytes, .. } = &error {
                assert_eq!(bytes, body, "bytes are kept");
            }
            format!("{error}{}", if error.is_retryable() { " (retryable)" } else { "" })
        }
    };
    assert_eq!(got, expected, "{status} {content_type} {body}");
}

#[test]
fn replies_become_results() {
    check_reply::<HandBack>(200, "", "", "()");
    check_reply::<HandBack>(204, "application/json", "null", "()");
    check_reply::<Create>(200, "application/json", r#"{"value":"p-1"}"#, r#"ParcelId("p-1")"#);
    check_reply::<Create>(201, "application/json;charset=utf-8", r#"{"value":"p-1"}"#, r#"ParcelId("p-1")"#);
    check_reply::<Create>(200, "", r#" {"value":"p-1"}"#, r#"ParcelId("p-1")"#);
    let xml = r#"<Create-Result xmlns="http://vmware.com/com/example/store/parcel"><value xmlns="">p-1</value></Create-Result>"#;
    check_reply::<Create>(200, "text/xml", xml, r#"ParcelId("p-1")"#);
    check_reply::<Create>(200, "", xml, r#"ParcelId("p-1")"#);
    let newer = r#"{"value":{"weight":1,"colour":"red"}}"#;
    let model = "ParcelModel { weight: 1, label: None, lines: None, inner: None }";
    check_reply::<Get>(200, "application/json", newer, model);
}

#[test]
fn replies_become_errors() {
    let json = |id: &str| {
        let messages = r#"[{"args":[],"default_message":"so it is","id":"x"}]"#;
        format!(r#"{{"type":"com.vmware.vapi.std.errors.{id}","value":{{"messages":{messages},"new":1}}}}"#)
    };
    let check = |status, id: &str, expected: &str| {
        check_reply::<HandBack>(status, "application/json", &json(id), expected);
    };
    check(404, "not_found", "com.vmware.vapi.std.errors.not_found: so it is");
    check(400, "resource_busy", "com.vmware.vapi.std.errors.resource_busy: so it is (retryable)");
    let undocumented = |status: &str, id: &str| {
        format!("undocumented error com.vmware.vapi.std.errors.{id} (status {status})")
    };
    check(400, "not_found", &undocumented("400 Bad Request", "not_found"));
    check(401, "unauthenticated", &undocumented("401 Unauthorized", "unauthenticated"));
    let unavailable = undocumented("503 Service Unavailable", "service_unavailable") + " (retryable)";
    check(503, "service_unavailable", &unavailable);
    check(500, "timed_out", &(undocumented("500 Internal Server Error", "timed_out") + " (retryable)"));

    let response = http::Response::builder().status(404).header("content-type", "application/json");
    let response = response.body(Bytes::from(json("not_found"))).unwrap();
    let error = HandBack::response(response, Surface::default()).unwrap_err();
    assert_eq!(error.id(), Some("com.vmware.vapi.std.errors.not_found"));
    assert!(matches!(error, Error::Documented { error: HandBackError::NotFound(_), .. }), "{error:?}");
}

#[test]
fn replies_that_are_not_the_apis() {
    let bad = |status: &str, n_bytes: usize, cause: &str| {
        format!("the reply (status {status}, {n_bytes} bytes) is not the API's: {cause}")
    };
    let ok = "200 OK";
    check_reply::<Create>(200, "application/json", "", &bad(ok, 0, "it is empty"));
    let html = "<html>sign in</html>";
    check_reply::<HandBack>(200, "text/html", html, &bad(ok, 20, "its media type is text/html"));
    check_reply::<Create>(200, "text/html", html, &bad(ok, 20, "its media type is text/html"));
    let gateway = bad("502 Bad Gateway", 20, "its media type is text/html") + " (retryable)";
    check_reply::<Create>(502, "text/html", html, &gateway);
    let unavailable = bad("503 Service Unavailable", 0, "it is empty") + " (retryable)";
    check_reply::<HandBack>(503, "", "", &unavailable);
    check_reply::<HandBack>(500, "", "", &bad("500 Internal Server Error", 0, "it is empty"));
    let wrong_type = bad(ok, 14, "`value.weight`: expected structure, got number");
    let got = Get::response(http::Response::new(Bytes::from(r#"{"value":true}"#)), Surface::default())
        .unwrap_err()
        .to_string();
    assert_eq!(got.split(": `").next(), wrong_type.split(": `").next());
    let half = r#"{"type":"com.vmware.vapi.std.errors.not_found","value":{}}"#;
    check_reply::<HandBack>(
        404,
        "application/json",
        half,
        &bad(
            "404 Not Found",
            58,
            "`value`: required field `messages` of com.vmware.vapi.std.errors.not_found is missing",
        ),
    );
}
