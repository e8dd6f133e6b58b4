//! What a router would make of a request, for tools that read captures: no service has to be implemented.
//!
//! In: descriptions of services, a request. Out: the surface, the operation and its line, and its parameters or the refusal.
//! Not here: replies, which are [`crate::client::explain_reply`]'s.

use bytes::Bytes;

use super::input::{Origin, Parameters};
use super::paths::{Paths, Place};
use super::router::page_surface;
use super::{Context, Fault, Leniencies, Router, refusal};
use crate::any::AnyStructure;
use crate::codec::json_rpc;
use crate::representation::Accepted;
use crate::surface::{Space, Surface};
use crate::table::{OperationTable, RestRoute, Route, ServiceTable};

/// What a request turned out to be.
#[derive(Debug)]
pub struct ExplainedRequest {
    /// The wire protocol it speaks.
    pub surface: Surface,
    /// The operation it is for; `None` where it could not be told, and then [`ExplainedRequest::parameters`] says why.
    pub operation: Option<&'static OperationTable>,
    /// The line it is on.
    pub line: Option<ExplainedLine>,
    /// What was read from it, or the reply that it would get.
    pub parameters: Result<AnyStructure, Fault>,
}

/// A request line.
#[derive(Clone, Copy, Debug)]
pub enum ExplainedLine {
    /// One of the reference page's, with its number from 0.
    Page(usize, &'static Route),
    /// The one below `/api`.
    Rest(&'static RestRoute),
}

/// Explains a request. The body of a capture may be missing; then what it should hold is missing.
#[must_use]
pub fn explain_request(
    services: &[&'static ServiceTable],
    request: http::Request<Bytes>,
) -> ExplainedRequest {
    let (parts, body) = request.into_parts();
    let (space, path) = Space::of(parts.uri.path());
    if space == Space::JsonRpc {
        return explain_json_rpc(services, parts, &body);
    }
    let surface = match space {
        Space::Rest | Space::JsonRpc => Surface::Rest,
        Space::Legacy | Space::Page => page_surface(space, Accepted::JSON, &parts),
    };
    let mut paths = Paths::default();
    for (service_idx, service) in services.iter().enumerate() {
        paths.add(service_idx, service);
    }
    let leniencies = if space == Space::Legacy { Leniencies::ALL } else { Leniencies::NONE };
    let query = parts.uri.query().unwrap_or_default();
    let matched = match paths.find(space, &parts.method, path, query, leniencies) {
        Ok(matched) => matched,
        Err(fault) => {
            return ExplainedRequest { surface, operation: None, line: None, parameters: Err(fault) };
        }
    };
    let operation = matched.line.operation;
    let line = match matched.line.place {
        Place::Rest(rest) => ExplainedLine::Rest(rest),
        Place::Page(route) => {
            let number = operation.routes.iter().position(|other| std::ptr::eq(other, route));
            ExplainedLine::Page(number.unwrap_or_default(), route)
        }
    };
    let cx = Context::new(parts, operation, surface);
    let origin = Origin::Line { matched: &matched, body: &body, leniencies, dialect: surface.dialect() };
    let parameters = read(&cx, origin);
    ExplainedRequest { surface, operation: Some(operation), line: Some(line), parameters }
}

fn explain_json_rpc(
    services: &[&'static ServiceTable],
    parts: http::request::Parts,
    body: &Bytes,
) -> ExplainedRequest {
    let surface = Surface::JsonRpc;
    let unknown = |fault| ExplainedRequest { surface, operation: None, line: None, parameters: Err(fault) };
    let request = match json_rpc::decode_request(body) {
        Ok(request) => request,
        Err(failure) => return unknown(refusal::no_json_rpc(&failure)),
    };
    let Some(service) = services.iter().find(|service| service.id == request.service) else {
        return unknown(refusal::no_such_service(&request.service));
    };
    let Some(&operation) = service.operations.iter().find(|operation| operation.name == request.operation)
    else {
        return unknown(refusal::no_such_operation(&request.operation));
    };
    let cx = Context::new(parts, operation, surface);
    let parameters = read(&cx, Origin::JsonRpc(request.input));
    ExplainedRequest { surface, operation: Some(operation), line: None, parameters }
}

fn read(cx: &Context, origin: Origin<'_>) -> Result<AnyStructure, Fault> {
    let mut input = AnyStructure::new(cx.operation().input);
    Parameters { origin, depth_max: Router::DEPTH_MAX_DEFAULT }.read(cx, &mut input)?;
    Ok(input)
}
