//! JSON-RPC calls: the operation is named in the body, and so is who calls.
//!
//! In: a request's head and the bytes of its body. Out: a reply, always with status 200.
//! Not here: envelopes and values, which are [`crate::codec::json_rpc`]'s.

use bytes::Bytes;
use http::StatusCode;
use http_body_util::Full;

use super::input::Origin;
use super::router::Inner;
use super::style::{Form, Style, response};
use super::{Context, Presented, refusal};
use crate::codec::json_rpc::{self, ProtocolFailure, Request};
use crate::fault::Fault;
use crate::representation::JSON;
use crate::surface::Surface;

/// Answers one call.
pub(super) async fn answer(
    inner: &Inner,
    mut parts: http::request::Parts,
    body: &Bytes,
) -> http::Response<Full<Bytes>> {
    let request = json_rpc::decode_request(body).and_then(|request| {
        json_rpc::check_headers(&parts.headers, &request)?;
        Ok(request)
    });
    let request = match request {
        Ok(request) => request,
        Err(failure) => return protocol_failure(&failure),
    };
    let style = Style { form: Form::JsonRpc(request.id.clone()), layout: inner.layout() };
    let (service_idx, operation_idx) = match find(inner, &request) {
        Ok(found) => found,
        Err(fault) => return style.fault(&fault),
    };
    let operation = inner.services[service_idx].table().operations[operation_idx];
    if let Some(sessions) = &inner.sessions {
        let presented = Presented::from_security_context(&parts.headers, request.security.as_ref());
        match sessions.admit(operation, presented) {
            Ok(admitted) => _ = parts.extensions.insert(admitted),
            Err(fault) => return style.fault(&fault),
        }
    }
    let cx = Context::new(parts, operation, Surface::JsonRpc).with_application(request.application);
    let origin = Origin::JsonRpc(request.input);
    let answer = inner.dispatch(service_idx, operation_idx, &cx, origin, &style).await;
    answer.unwrap_or_else(|fault| style.fault(&fault))
}

/// The mounted service and its operation; of two services with one name the last mounted.
fn find(inner: &Inner, request: &Request<'_>) -> Result<(usize, usize), Fault> {
    let service_idx = inner.services.iter().rposition(|service| service.table().id == request.service);
    let service_idx = service_idx.ok_or_else(|| refusal::no_such_service(&request.service))?;
    let mut operations = inner.services[service_idx].table().operations.iter();
    let operation_idx = operations.position(|operation| operation.name == request.operation);
    let operation_idx = operation_idx.ok_or_else(|| refusal::no_such_operation(&request.operation))?;
    Ok((service_idx, operation_idx))
}

/// The reply to a call whose body did not come.
pub(super) fn not_received(fault: &Fault) -> http::Response<Full<Bytes>> {
    protocol_failure(&ProtocolFailure::not_received(&fault.to_string()))
}

/// Clients read what JSON-RPC says, not the status.
fn protocol_failure(failure: &ProtocolFailure) -> http::Response<Full<Bytes>> {
    response(StatusCode::OK, JSON, json_rpc::encode_protocol_failure(failure))
}
