//! The bytes of a reference page against client and server.

use std::fmt::Debug;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response};

use super::Script;
use crate::client::{Local, Transport};
use crate::{
    ExecutionContext, Layout, Operation, ReplyRepresentation, Representation, RequestOptions, Router,
    Surface, UrlForm,
};

/// An operation's page: values and the bytes that stand for them.
#[derive(Debug)]
pub struct Page<O: Operation> {
    /// The parameters.
    pub input: fn() -> O::Input,
    /// The result.
    pub output: fn() -> O::Output,
    /// The request line that leaves every parameter to the body, if there is one.
    pub body_line: Option<usize>,
    /// The request line of the form sample, if it leaves every parameter to the query.
    pub form_line: Option<usize>,
    /// Request body; none for an operation without parameters.
    pub request_json: Option<&'static str>,
    /// Request body.
    pub request_xml: Option<&'static str>,
    /// Request line with the parameters in the query, over several lines.
    pub request_form: Option<&'static str>,
    /// Reply body; none for a void result.
    pub response_json: Option<&'static str>,
    /// Reply body.
    pub response_xml: Option<&'static str>,
    /// The same values on the surfaces that have no pages.
    pub surfaces: &'static [SurfaceSample],
}

/// An exchange as it follows from the spec.
#[derive(Debug)]
pub struct SurfaceSample {
    /// The surface.
    pub surface: Surface,
    /// Method and target.
    pub line: &'static str,
    /// Headers of the request that are not the same for all.
    pub headers: &'static [(&'static str, &'static str)],
    /// Body of the request; empty for none.
    pub body: &'static str,
    /// Status of the reply.
    pub status: u16,
    /// Body of the reply; empty for none.
    pub reply: &'static str,
}

/// The client writes the page's requests and reads its replies, the server reads and writes the same.
///
/// # Panics
/// When one of them does not, to the byte.
pub fn check_page<O>(router: fn(Script) -> Router, page: &Page<O>)
where
    O: Operation,
    O::Input: PartialEq,
    O::Output: PartialEq + Debug,
{
    let samples = [
        (Representation::Json, page.request_json, ReplyRepresentation::Json, page.response_json),
        (Representation::Xml, page.request_xml, ReplyRepresentation::Xml, page.response_xml),
    ];
    for (representation, body, reply, reply_body) in samples {
        let reply_body = reply_body.unwrap_or_default();
        if let Some(line) = page.body_line {
            let mut request = written(page, line, representation);
            assert_eq!(
                text(request.body()),
                body.unwrap_or_default(),
                "the client's {representation:?} request"
            );
            *request.body_mut() = Bytes::from_static(body.unwrap_or_default().as_bytes());
            check_server(router, page, request, reply_body);
        }
        check_reply(page, reply, reply_body);
    }
    for sample in page.surfaces {
        check_surface(router, page, sample);
    }
    if let (Some(line), Some(form)) = (page.form_line, page.request_form) {
        let request = written(page, line, Representation::Form);
        let expected = form.replace('\n', "");
        assert_eq!(format!("{} {}", request.method(), request.uri()), expected, "the client's form request");
        assert!(request.body().is_empty(), "a form in the query has no body");
        check_server(router, page, request, page.response_json.unwrap_or_default());
    }
}

/// The client writes the request and reads the reply, the server reads and writes the same.
fn check_surface<O>(router: fn(Script) -> Router, page: &Page<O>, sample: &SurfaceSample)
where
    O: Operation,
    O::Input: PartialEq,
    O::Output: PartialEq + Debug,
{
    let SurfaceSample { surface, line, headers, body, status, reply } = *sample;
    let cx = ExecutionContext::new().op_id("1");
    let request = O::request(&(page.input)(), &RequestOptions::new().surface(surface), &cx);
    let request = request.unwrap_or_else(|error| panic!("the client's request on {surface:?}: {error}"));
    assert_eq!(
        format!("{} {}", request.method(), request.uri()),
        line,
        "the client's request on {surface:?}"
    );
    assert_eq!(text(request.body()), body, "the client's request on {surface:?}");
    for (name, value) in headers {
        let header = request.headers().get(*name).and_then(|value| value.to_str().ok());
        assert_eq!(header, Some(*value), "{name} of the client's request on {surface:?}");
    }

    let script = Script::default();
    script.tell::<O>(Ok((page.output)()));
    let response = answer(&Local(router(script.clone())), request);
    assert_eq!(script.received::<O>(), Some((page.input)()), "{line}: the input");
    assert_eq!(response.status(), status, "{line}: {}", text(response.body()));
    assert_eq!(text(response.body()), reply, "{line}: the reply");
    match O::response(response, surface) {
        Ok(result) => assert_eq!(result, (page.output)(), "the reply on {surface:?}"),
        Err(error) => panic!("the reply on {surface:?}: {error:?}"),
    }
}

fn written<O: Operation>(page: &Page<O>, line: usize, representation: Representation) -> Request<Bytes> {
    let options = RequestOptions::new()
        .representation(representation)
        .url_form(UrlForm::Line(line))
        .layout(Layout::Page);
    match O::request(&(page.input)(), &options, &ExecutionContext::new()) {
        Ok(request) => request,
        Err(error) => panic!("the client's {representation:?} request: {error}"),
    }
}

/// The server reads the request as the page's value and answers with the page's bytes.
fn check_server<O>(router: fn(Script) -> Router, page: &Page<O>, request: Request<Bytes>, reply_body: &str)
where
    O: Operation,
    O::Input: PartialEq,
{
    let script = Script::default();
    script.tell::<O>(Ok((page.output)()));
    let what =
        format!("{} {} accepting {:?}", request.method(), request.uri(), request.headers().get(ACCEPT));
    let response = answer(&Local(router(script.clone()).layout(Layout::Page)), request);
    assert_eq!(response.status(), 200, "{what}: {}", text(response.body()));
    assert_eq!(script.received::<O>(), Some((page.input)()), "{what}: the input");
    assert_eq!(text(response.body()), reply_body, "{what}: the reply");
}

/// The client reads the reply as the page's value.
fn check_reply<O>(page: &Page<O>, reply: ReplyRepresentation, body: &'static str)
where
    O: Operation,
    O::Output: PartialEq + Debug,
{
    let mut response = Response::new(Bytes::from_static(body.as_bytes()));
    if !body.is_empty() {
        let media_type = http::HeaderValue::from_static(reply.media_type());
        response.headers_mut().insert(CONTENT_TYPE, media_type);
    }
    match O::response(response, Surface::default()) {
        Ok(result) => assert_eq!(result, (page.output)(), "the {reply:?} reply"),
        Err(error) => panic!("the {reply:?} reply: {error:?}"),
    }
}

fn answer(local: &Local, request: Request<Bytes>) -> Response<Bytes> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime without threads starts");
    runtime.block_on(local.send(request)).expect("a router always answers")
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
