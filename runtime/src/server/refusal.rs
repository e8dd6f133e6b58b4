//! What is told to a caller whose request cannot be read: one function per kind of mistake.
//!
//! Message ids that begin with `vapi.data` and `vapi.method` are those of the vAPI protocol, the same on every surface; those with
//! `vapi.http` are this server's own.

use http::StatusCode;

use crate::codec::json_rpc::ProtocolFailure;
use crate::codec::{DecodeError, DecodeKind};
use crate::fault::{Fault, Message, StandardError, quoted};
use crate::table::OperationTable;

/// `Accept` names nothing the server writes; `there_are` says what it does.
pub(super) fn not_acceptable(accept: &str, there_are: &str) -> Fault {
    let accept = quoted(accept);
    let text = format!("None of {accept} can be written; {there_are}");
    invalid_request("vapi.http.accept.unsupported", text, [accept]).with_status(StatusCode::NOT_ACCEPTABLE)
}

/// `Content-Type` is none the server reads; `reason` says why.
pub(super) fn unsupported_media_type(reason: &str) -> Fault {
    let reason = quoted(reason);
    let text = format!("The body cannot be read: {reason}");
    invalid_request("vapi.http.content_type.unsupported", text, [reason])
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

/// There is a body and nothing says what it is in.
pub(super) fn content_type_missing() -> Fault {
    let text = "There is a body but no Content-Type";
    invalid_request("vapi.http.content_type.missing", text, [])
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE)
}

/// Anything but a `POST` to where JSON-RPC is.
pub(super) fn only_post(method: &http::Method) -> Fault {
    let method = quoted(method.as_str());
    let text = format!("{method} does not go with this path: it takes the POST of JSON-RPC calls");
    invalid_request("vapi.http.method.unsupported", text, [method])
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .allowing("POST".to_owned())
}

/// A body that is no JSON-RPC call; what such a caller gets is an error of JSON-RPC, this says it in the API's own words.
pub(super) fn no_json_rpc(failure: &ProtocolFailure) -> Fault {
    let text = failure.to_string();
    invalid_request("vapi.http.body.syntax", text.clone(), [text])
}

/// There is no such service; for calls that name one.
pub(super) fn no_such_service(service: &str) -> Fault {
    let service = quoted(service);
    let text = format!("Invalid interface {service}");
    Fault::new(
        StandardError::OperationNotFound,
        Message::new("vapi.method.input.invalid.interface", text, [service]),
    )
}

/// The service has no such operation; for calls that name one.
pub(super) fn no_such_operation(operation: &str) -> Fault {
    let operation = quoted(operation);
    let text = format!("Invalid method {operation}");
    Fault::new(
        StandardError::OperationNotFound,
        Message::new("vapi.method.input.invalid.method", text, [operation]),
    )
}

/// A body is said to be there, and is not.
pub(super) fn empty_body() -> Fault {
    let text = "The body is empty although a Content-Type is given; an empty object or element stands for no parameters";
    invalid_request("vapi.http.body.syntax", text, [])
}

/// The body is over the limit.
pub(super) fn too_large(bytes_max: usize) -> Fault {
    let text = format!("The body is over the limit of {bytes_max} bytes");
    invalid_request("vapi.http.body.too_large", text, [bytes_max.to_string()])
        .with_status(StatusCode::PAYLOAD_TOO_LARGE)
}

/// The body broke off.
pub(super) fn broken_body(cause: &dyn std::fmt::Display) -> Fault {
    invalid_request("vapi.http.body.incomplete", "The body broke off", [])
        .log(format!("body broke off: {cause}"))
}

/// The body did not come in time.
pub(super) fn slow_body(timeout_ms: u128) -> Fault {
    let text = format!("The body did not arrive within {timeout_ms} ms");
    let message = Message::new("vapi.http.body.timeout", text, [timeout_ms.to_string()]);
    Fault::new(StandardError::TimedOut, message).with_status(StatusCode::REQUEST_TIMEOUT)
}

/// A form body holds bytes that are no text.
pub(super) fn form_not_utf8() -> Fault {
    invalid_request("vapi.http.body.syntax", "The form body is not UTF-8", [])
}

/// There are parameters in the query and a JSON or XML body.
pub(super) fn query_and_body(name: &str) -> Fault {
    let name = quoted(name);
    let text = format!("The parameter \"{name}\" stands in the query although there is a JSON or XML body");
    invalid_request("vapi.http.query.unexpected", text, [name])
}

/// The path says one thing of a parameter and the rest of the request another.
pub(super) fn path_and_body_differ(name: &str, in_path: &str, in_body: &str) -> Fault {
    let (in_path, in_body) = (quoted(in_path), quoted(in_body));
    let text = format!("The parameter \"{name}\" is \"{in_path}\" in the path and \"{in_body}\" elsewhere");
    invalid_argument("vapi.http.path.mismatch", text, [name.to_owned(), in_path, in_body])
}

/// Parameters that cannot be decoded.
pub(super) fn undecodable(operation: &OperationTable, error: &DecodeError) -> Fault {
    let text = quoted(&error.to_string());
    match &error.kind {
        DecodeKind::MissingField { structure, field } => invalid_argument(
            "vapi.data.structure.field.missing",
            format!("{structure} lacks the field \"{field}\""),
            [structure.to_string(), field.to_string()],
        ),
        DecodeKind::UnknownField { structure, field } => {
            let field = quoted(field);
            Fault::new(
                StandardError::UnexpectedInput,
                Message::new(
                    "vapi.data.structure.field.unexpected",
                    format!("{structure} has no field \"{field}\""),
                    [field, structure.to_string()],
                ),
            )
        }
        DecodeKind::Mismatch { expected, got } => {
            let got = quoted(got);
            let mismatch = Message::new(
                "vapi.data.validate.mismatch",
                format!("{expected} was expected, not {got}"),
                [(*expected).to_owned(), got],
            );
            invalid_field(operation, error).and(mismatch)
        }
        DecodeKind::Syntax { .. } => invalid_request("vapi.http.body.syntax", text.clone(), [text]),
        DecodeKind::TooDeep { max } => {
            let text = format!("The parameters are nested deeper than {max} levels");
            invalid_request("vapi.http.body.too_deep", text, [max.to_string()])
        }
        _ => invalid_field(operation, error).and(Message::new(
            "vapi.data.validate.invalid",
            text.clone(),
            [text],
        )),
    }
}

/// Says which field is wrong; another message says how.
fn invalid_field(operation: &OperationTable, error: &DecodeError) -> Fault {
    let (structure, path) = (operation.input.name, quoted(&error.path));
    let text = format!("The field \"{path}\" of {structure} is not valid");
    invalid_argument("vapi.data.structure.field.invalid", text, [path, structure.to_owned()])
}

fn invalid_request<const N: usize>(id: &str, text: impl Into<String>, args: [String; N]) -> Fault {
    Fault::new(StandardError::InvalidRequest, Message::new(id, text, args))
}

fn invalid_argument<const N: usize>(id: &str, text: impl Into<String>, args: [String; N]) -> Fault {
    Fault::new(StandardError::InvalidArgument, Message::new(id, text, args))
}
