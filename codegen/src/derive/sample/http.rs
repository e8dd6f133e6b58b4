//! Samples as complete HTTP/1.1 messages, to be looked at or piped to a server.
//!
//! In: the API and an operation. Out: text with the line ends of HTTP in the head.

use super::{Shape, form, of_parameters, of_result};
use crate::derive::sample::{json, xml};
use crate::derive::{form_line, request_line_text, xml_names};
use crate::ir::{Api, Method, Operation, RequestLine, Service};

/// The representations a message can be shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// `application/json`.
    Json,
    /// `application/xml`.
    Xml,
    /// Parameters in the query; replies are JSON.
    Form,
}

/// The body an operation's page shows for its request; none where it has no parameters, or for a form.
#[must_use]
pub fn request_body(
    api: &Api,
    service: &Service,
    operation: &Operation,
    representation: Representation,
) -> Option<String> {
    let parameters = of_parameters(api, operation, &Shape::page(api, operation))?;
    match representation {
        Representation::Json => Some(json::document(&parameters)),
        Representation::Xml => {
            let root = xml_names::input_root(&operation.name);
            Some(xml::input(&xml_names::namespace(&service.id), &root, &parameters))
        }
        Representation::Form => None,
    }
}

/// The form sample of an operation's page; none for an operation without request lines.
#[must_use]
pub fn request_form(api: &Api, operation: &Operation) -> Option<String> {
    let parameters = of_parameters(api, operation, &Shape::page(api, operation));
    form_line(&operation.requests).map(|line| form::request(line, parameters.as_ref()))
}

/// The body an operation's page shows for its reply; none for void.
#[must_use]
pub fn response_body(
    api: &Api,
    service: &Service,
    operation: &Operation,
    representation: Representation,
) -> Option<String> {
    let result = of_result(api, operation, &Shape::page(api, operation))?;
    Some(match representation {
        Representation::Json | Representation::Form => json::result(&result),
        Representation::Xml => {
            let root = xml_names::result_root(&operation.name);
            xml::result(&xml_names::namespace(&service.id), &root, &result)
        }
    })
}

/// A request with every parameter in the body, or for a form in the query.
#[must_use]
pub fn request(
    api: &Api,
    service: &Service,
    operation: &Operation,
    representation: Representation,
) -> String {
    let accept = match representation {
        Representation::Json | Representation::Form => "application/json",
        Representation::Xml => "application/xml",
    };
    if representation == Representation::Form {
        let line = request_form(api, operation).unwrap_or_default().replace('\n', "");
        return format!("{line} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n");
    }
    let line = body_line(&operation.requests).map(request_line_text).unwrap_or_default();
    let head = format!("{line} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n");
    with_body(&head, accept, request_body(api, service, operation, representation))
}

/// The reply to [`request`].
#[must_use]
pub fn response(
    api: &Api,
    service: &Service,
    operation: &Operation,
    representation: Representation,
) -> String {
    let media_type =
        if representation == Representation::Xml { "application/xml" } else { "application/json" };
    let body = response_body(api, service, operation, representation);
    with_body("HTTP/1.1 200 OK\r\n", media_type, body)
}

pub(super) fn with_body(head: &str, media_type: &str, body: Option<String>) -> String {
    match body {
        Some(body) => {
            format!("{head}Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        }
        None => format!("{head}Content-Length: 0\r\n\r\n"),
    }
}

/// The first line without a parameter in the path whose method is at home with a body.
fn body_line(lines: &[RequestLine]) -> Option<&RequestLine> {
    let takes_body = |line: &&RequestLine| !matches!(line.method, Method::Get | Method::Delete);
    lines.iter().find(|line| line.path_params.is_empty() && takes_body(line)).or_else(|| form_line(lines))
}
