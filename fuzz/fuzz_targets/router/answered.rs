//! Any request to a router that has everything: what comes back is a result or an error that clients can read.
//!
//! Shared with `runtime/tests/http/router_properties.rs`. In: a request's bytes, roughly as they go over the wire. Not here: where these come from.

use std::future::Future;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;
use tower_service::Service as _;
use vapi_runtime::client::explain_reply;
use vapi_runtime::codegen::{NoDeclaredError, ServiceTable};
use vapi_runtime::server::{KnownUsers, Principal, SessionService, Sessions};
use vapi_runtime::{Context, Error, Failure, Operation as _, Representation, Router, Surface};

use crate::parcel::{
    CreateInput, Get, GetError, GetInput, HandBackError, HandBackInput, ListInput, Parcel, ParcelId,
    ParcelModel, ParcelServer,
};
use crate::std_errors::{LocalizableMessage, NotFound};

const USER: &str = "user";
/// What stands for the identifier of a login session in a request.
const SESSION: &str = "SESSION";

/// A request from a line, lines of headers, an empty line and a body; `None` where HTTP has no such request.
pub(crate) fn request(bytes: &[u8]) -> Option<Request<Bytes>> {
    let (head, body) = match bytes.windows(2).position(|bytes| bytes == b"\n\n") {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (bytes, &[][..]),
    };
    let mut lines = head.split(|&byte| byte == b'\n');
    let line = std::str::from_utf8(lines.next()?).ok()?;
    let (method, target) = line.split_once(' ')?;
    let mut request = Request::new(Bytes::copy_from_slice(body));
    *request.method_mut() = method.parse().ok()?;
    *request.uri_mut() = target.parse().ok()?;
    for header in lines {
        let colon = header.iter().position(|&byte| byte == b':')?;
        let name = HeaderName::from_bytes(&header[..colon]).ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(header[colon + 1..].trim_ascii()).ok()?);
    }
    Some(request)
}

/// Routers without and with login sessions, and the sessions.
pub(crate) struct Routers {
    open: Router,
    closed: Router,
    sessions: Sessions,
}

impl Routers {
    pub(crate) fn new(login: &'static ServiceTable) -> Routers {
        let sessions = Sessions::default();
        let users = KnownUsers::new().user(USER, "password");
        let open = Router::new().mount(ParcelServer(Shelf));
        let closed = open.clone().sessions(SessionService::new(login, sessions.clone(), users));
        Routers { open, closed, sessions }
    }

    /// Sends the request; panics unless the reply is one that clients can read.
    pub(crate) fn check(&self, is_closed: bool, mut request: Request<Bytes>) {
        let router = if is_closed { &self.closed } else { &self.open };
        let login = self.sessions.open(Principal::new(USER)).expect("there is room for a user's session");
        for value in request.headers_mut().values_mut() {
            if value.as_bytes() == SESSION.as_bytes() {
                *value = HeaderValue::from_str(login.id().expose()).expect("identifiers are plain");
            }
        }
        let shown = format!("{request:?}");
        let surface = surface(&request);
        let answering = router.clone().call(request.map(Full::new));
        let Ok(response) = at_once(answering);
        let (parts, body) = response.into_parts();
        let Ok(body) = at_once(body.collect());
        let response = Response::from_parts(parts, body.to_bytes());
        check_reply(surface, response, &shown);
        login.caller().log_out();
    }
}

/// The surface that a client would read the reply by.
fn surface(request: &Request<Bytes>) -> Surface {
    let path = request.uri().path();
    match path.strip_prefix("/api") {
        Some("" | "/") if request.method() == Method::POST => Surface::JsonRpc,
        Some(below) if below.is_empty() || below.starts_with('/') => Surface::Rest,
        _ => Surface::Rest2014(Representation::Json),
    }
}

/// What waits for nothing but itself.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    match future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits although everything is there"),
    }
}

fn check_reply(surface: Surface, response: Response<Bytes>, shown: &str) {
    let status = response.status();
    let is_json =
        response.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == "application/json");
    let json: Value = match is_json {
        true => serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{shown}: {error}")),
        false => Value::Null,
    };
    if surface == Surface::JsonRpc {
        let is_envelope =
            json["jsonrpc"] == "2.0" && (json["result"].is_object() != json["error"].is_object());
        assert!(status == StatusCode::OK && is_envelope, "{shown}: {response:?}");
        return;
    }
    if status.is_success() {
        // A type without a body would promise too much.
        let has_type = response.headers().contains_key(CONTENT_TYPE);
        assert_eq!(has_type, !response.body().is_empty(), "{shown}: {response:?}");
        return;
    }
    assert!(status.is_client_error() || status.is_server_error(), "{shown}: {response:?}");
    // The one reply with a shape of its own: nothing is at this path.
    if json["name"] == "com.vmware.vapi.rest.httpNotFound" {
        assert_eq!(status, StatusCode::NOT_FOUND, "{shown}");
        return;
    }
    let of_api = |id: &str| id.starts_with("com.vmware.vapi.std.errors.");
    match explain_reply(Get::TABLE, surface, response) {
        Err(Error::Documented { .. }) => {}
        Err(Error::Undocumented { id, .. }) if of_api(&id) => {}
        other => panic!("{shown}: {other:?}"),
    }
}

/// An implementation that remembers nothing.
struct Shelf;

fn not_found(id: &ParcelId) -> NotFound {
    NotFound::new(vec![LocalizableMessage::new("com.example.none", "no such parcel", vec![id.to_string()])])
}

impl Parcel for Shelf {
    async fn create(&self, _: &Context, input: CreateInput) -> Result<ParcelId, Failure<NoDeclaredError>> {
        Ok(ParcelId::new(input.client_token.unwrap_or_default()))
    }

    async fn get(&self, _: &Context, input: GetInput) -> Result<ParcelModel, Failure<GetError>> {
        match input.parcel_id.as_str() {
            "p-1" => Ok(ParcelModel::new(10).label("höher & <weiter>")),
            "broken" => Err(Failure::undeclared("the password is sesame")),
            _ => Err(not_found(&input.parcel_id).into()),
        }
    }

    async fn list(&self, _: &Context, input: ListInput) -> Result<Vec<ParcelId>, Failure<NoDeclaredError>> {
        Ok(input.shelf_id.iter().map(|id| ParcelId::new(id.as_str())).collect())
    }

    async fn hand_back(&self, _: &Context, input: HandBackInput) -> Result<(), Failure<HandBackError>> {
        match input.days {
            Some(..0) => Err(not_found(&input.parcel_id).into()),
            _ => Ok(()),
        }
    }
}
