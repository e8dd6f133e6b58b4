//! How replies are written: one form for each URL space, one function for each thing that a call can end in.
//!
//! In go results, declared errors and faults, out come responses. Not here: what a request asks for, which is the router's to find out.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use http_body_util::Full;

use super::Context;
use super::call::Answer;
use crate::codec::{Dialect, EncodeError, EncodeOptions, Layout, json, json_rpc, xml};
use crate::data::{Structure, View};
use crate::fault::{Fault, Message, StandardError};
use crate::representation::{Accepted, JSON, ReplyRepresentation};
use crate::table::{ErrorTable, OperationTable, Ty};

/// How a reply is written.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub(super) form: Form,
    pub(super) layout: Layout,
}

/// What a reply looks like.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// An envelope with the request's id, status 200 whatever happened.
    JsonRpc(json_rpc::Id),
    /// Bare values; the status of success is the operation's.
    Rest { status: u16 },
    /// `value`, or `type` and `value`, in JSON or XML.
    Page { accepted: Accepted, dialect: Dialect },
}

impl Style {
    /// The result of an operation.
    pub(super) fn result(&self, cx: &Context, output: View<'_>) -> Answer {
        let operation = cx.operation();
        let is_void = matches!(operation.output, Ty::Void);
        match &self.form {
            Form::JsonRpc(id) => {
                self.written(StatusCode::OK, JSON, json_rpc::encode_result(id, &operation.output, output))
            }
            Form::Rest { status } if is_void => Ok(empty(status_code(*status))),
            Form::Rest { status } => {
                let body = json::encode_result(&operation.output, output, &self.options(Dialect::Rest));
                self.written(status_code(*status), JSON, body)
            }
            Form::Page { .. } if is_void => Ok(empty(StatusCode::OK)),
            Form::Page { accepted, dialect } => {
                let body = match accepted.representation {
                    ReplyRepresentation::Json => {
                        json::encode_result(&operation.output, output, &self.options(*dialect))
                    }
                    ReplyRepresentation::Xml => xml::encode_result(operation, output, self.layout),
                };
                self.written(StatusCode::OK, accepted.content_type, body)
            }
        }
    }

    /// An error that the operation declares.
    pub(super) fn declared(&self, declared: &ErrorTable, payload: &dyn Structure) -> Answer {
        self.error(self.status(declared), declared.id, payload)
    }

    fn status(&self, declared: &ErrorTable) -> StatusCode {
        match self.form {
            Form::JsonRpc(_) => StatusCode::OK,
            Form::Rest { .. } => status_code(declared.rest_status),
            Form::Page { .. } => status_code(declared.status),
        }
    }

    /// The fault with the status that the operation declares for its error, if it does.
    pub(super) fn as_declared(&self, operation: &OperationTable, fault: Fault) -> Fault {
        match operation.errors.iter().find(|declared| declared.id == fault.error().id()) {
            Some(declared) => fault.with_status(self.status(declared)),
            None => fault,
        }
    }

    /// The reply for a request that came to nothing.
    pub(super) fn fault(&self, fault: &Fault) -> http::Response<Full<Bytes>> {
        let answer = match &self.form {
            Form::Page { accepted, dialect: Dialect::Legacy }
                if fault.is_unrouted() && accepted.representation == ReplyRepresentation::Json =>
            {
                Ok(unrouted(fault))
            }
            Form::JsonRpc(_) => self.error(StatusCode::OK, fault.error().id(), &fault.typed_payload()),
            Form::Rest { .. } | Form::Page { .. } => {
                self.error(fault.status(), fault.error().id(), &fault.payload())
            }
        };
        // Messages are made writable before, so there is always a body.
        let mut response = answer.unwrap_or_else(|_| empty(fault.status()));
        if let (Form::Rest { .. } | Form::Page { .. }, Some(challenge)) = (&self.form, fault.challenged())
            && let Ok(challenge) = HeaderValue::from_str(challenge)
        {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(allow) = fault.allow().and_then(|allow| allow.parse().ok()) {
            response.headers_mut().insert(ALLOW, allow);
        }
        response
    }

    fn error(&self, status: StatusCode, id: &str, payload: &dyn Structure) -> Answer {
        match &self.form {
            Form::JsonRpc(rpc_id) => {
                let body = json_rpc::encode_error(rpc_id, id, payload);
                let mut response = self.written(status, JSON, body)?;
                if let Ok(id) = HeaderValue::from_str(id) {
                    response.headers_mut().insert(json_rpc::ERROR_HEADER, id);
                }
                Ok(response)
            }
            Form::Rest { .. } => {
                self.written(status, JSON, json::encode_error(id, payload, &self.options(Dialect::Rest)))
            }
            Form::Page { accepted, dialect } => {
                let body = match accepted.representation {
                    ReplyRepresentation::Json => json::encode_error(id, payload, &self.options(*dialect)),
                    ReplyRepresentation::Xml => xml::encode_error(id, payload, self.layout),
                };
                self.written(status, accepted.content_type, body)
            }
        }
    }

    fn options(&self, dialect: Dialect) -> EncodeOptions {
        EncodeOptions { layout: self.layout, dialect }
    }

    fn written(
        &self,
        status: StatusCode,
        content_type: &'static str,
        body: Result<Vec<u8>, EncodeError>,
    ) -> Answer {
        body.map(|body| response(status, content_type, body)).map_err(|error| unwritable(&error))
    }
}

/// A response with a body.
pub(super) fn response(
    status: StatusCode,
    content_type: &'static str,
    body: Vec<u8>,
) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::from(body));
    *response.status_mut() = status;
    // Made once, because making one looks at every byte.
    const JSON_VALUE: HeaderValue = HeaderValue::from_static(JSON);
    let value = if content_type == JSON { JSON_VALUE } else { HeaderValue::from_static(content_type) };
    response.headers_mut().insert(CONTENT_TYPE, value);
    response
}

fn empty(status: StatusCode) -> http::Response<Full<Bytes>> {
    let mut response = http::Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// A status that is none would be a table's mistake; it may not take the reply with it.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// What servers say below `/rest` where nothing is: a shape of its own.
fn unrouted(fault: &Fault) -> http::Response<Full<Bytes>> {
    const ID: &str = "com.vmware.vapi.rest.httpNotFound";
    let text = fault.messages().first().map_or("Not found.", |message| message.default_message.as_str());
    let body = serde_json::json!({
        "name": ID,
        "localizableMessages": [{"defaultMessage": text, "id": ID}],
        "majorErrorCode": fault.status().as_u16(),
    });
    response(fault.status(), JSON, body.to_string().into_bytes())
}

/// The implementation gave something that cannot be written.
fn unwritable(error: &EncodeError) -> Fault {
    let message = Message::new(
        "vapi.method.status.result.invalid",
        "The reply cannot be written",
        <[String; 0]>::default(),
    );
    Fault::new(StandardError::InternalServerError, message)
        .log(format!("the reply cannot be written: {error}"))
}
