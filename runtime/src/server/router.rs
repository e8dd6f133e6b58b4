//! The router: mounted services as one `tower_service::Service`.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE, EXPECT};
use http_body::Body;
use http_body_util::Full;

use super::call::{Answer, panicked};
use super::input::{Origin, Parameters, text_of};
use super::paths::{Line, Matched, Paths, Place};
use super::style::{Form, Style};
use super::{
    Authorizer, BoxError, Context, Dispatch, IncomingCall, Leniencies, Presented, Reply, Seen,
    SessionService, json_rpc, refusal,
};
use crate::body::{Unread, collect, drain};
use crate::codec::Layout;
use crate::codec::json_rpc::Id;
use crate::fault::Fault;
use crate::representation::{Accepted, Content, ReplyRepresentation, Representation};
use crate::surface::{Space, Surface};

/// Routes requests to the services mounted in it. Cheap to clone.
///
/// A service for any body type; it always gives a reply, never an error, and a panic of an implementation becomes
/// `internal_server_error`. A service mounted again replaces the one before.
#[derive(Clone, Default)]
pub struct Router {
    inner: Arc<Inner>,
}

#[derive(Clone, Default)]
pub(super) struct Inner {
    pub(super) services: Vec<Arc<dyn Dispatch>>,
    paths: Paths,
    options: Options,
    pub(super) sessions: Option<SessionService>,
    authorizer: Option<Arc<dyn Authorizer>>,
}

#[derive(Clone, Copy, Debug)]
struct Options {
    body_bytes_max: usize,
    body_timeout: Duration,
    depth_max: usize,
    layout: Layout,
    legacy_leniencies: Leniencies,
    page_leniencies: Leniencies,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            body_bytes_max: Router::BODY_BYTES_MAX_DEFAULT,
            body_timeout: Router::BODY_TIMEOUT_DEFAULT,
            depth_max: Router::DEPTH_MAX_DEFAULT,
            layout: Layout::default(),
            legacy_leniencies: Leniencies::ALL,
            page_leniencies: Leniencies::NONE,
        }
    }
}

impl Router {
    /// How large a request's body may be unless told otherwise: 1 MiB.
    pub const BODY_BYTES_MAX_DEFAULT: usize = 1 << 20;
    /// How long a request's body may take to arrive unless told otherwise.
    pub const BODY_TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
    /// How deep parameters may be nested unless told otherwise.
    pub const DEPTH_MAX_DEFAULT: usize = 64;

    /// Without services: every path is unknown.
    #[must_use]
    pub fn new() -> Router {
        Router::default()
    }

    /// Adds a service.
    ///
    /// # Panics
    /// When one of its paths cannot stand beside those of the services mounted before, such as `/a/{x}` beside
    /// `/a/{y}-z`: a mistake of the program, found at its start.
    #[must_use]
    pub fn mount(mut self, service: impl Dispatch) -> Router {
        let inner = self.inner_mut();
        let table = service.table();
        inner.services.push(Arc::new(service));
        inner.paths.add(inner.services.len() - 1, table);
        self
    }

    /// Adds the login service, and from then on answers nobody without a session but who logs in.
    ///
    /// # Panics
    /// As [`Router::mount`].
    #[must_use]
    pub fn sessions(mut self, service: SessionService) -> Router {
        self.inner_mut().sessions = Some(service.clone());
        self.mount(service)
    }

    /// Sets how large a request's body may be.
    #[must_use]
    pub fn body_bytes_max(mut self, body_bytes_max: usize) -> Router {
        self.inner_mut().options.body_bytes_max = body_bytes_max;
        self
    }

    /// Sets how long a request's body may take to arrive; without end for zero, and outside of a tokio runtime.
    #[must_use]
    pub fn body_timeout(mut self, body_timeout: Duration) -> Router {
        self.inner_mut().options.body_timeout = body_timeout;
        self
    }

    /// Sets how deep parameters may be nested.
    #[must_use]
    pub fn depth_max(mut self, depth_max: usize) -> Router {
        self.inner_mut().options.depth_max = depth_max;
        self
    }

    /// Sets blanks and line ends in replies.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Router {
        self.inner_mut().options.layout = layout;
        self
    }

    /// Sets what is overlooked in requests below `/rest`; unless told otherwise everything.
    #[must_use]
    pub fn legacy_leniencies(mut self, leniencies: Leniencies) -> Router {
        self.inner_mut().options.legacy_leniencies = leniencies;
        self
    }

    /// Sets what is overlooked in requests to the paths of the reference pages as they are; unless told otherwise nothing.
    #[must_use]
    pub fn page_leniencies(mut self, leniencies: Leniencies) -> Router {
        self.inner_mut().options.page_leniencies = leniencies;
        self
    }

    /// Asks before each call whether the caller has the privileges that the operation documents; without it nobody is asked.
    #[must_use]
    pub fn authorizer(mut self, authorizer: impl Authorizer) -> Router {
        self.inner_mut().authorizer = Some(Arc::new(authorizer));
        self
    }

    fn inner_mut(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.inner)
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let services = self.inner.services.iter().map(|service| service.table().id);
        f.debug_struct("Router")
            .field("services", &services.collect::<Vec<_>>())
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

/// A reply on its way.
pub type Answering = Pin<Box<dyn Future<Output = Result<http::Response<Full<Bytes>>, Infallible>> + Send>>;

impl<B> tower_service::Service<http::Request<B>> for Router
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Answering {
        let inner = Arc::clone(&self.inner);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            let mut body = pin!(body);
            let (style, route) = inner.route(&parts);
            let read = match route.and_then(|route| inner.admit(route, &mut parts)) {
                Ok(route) => inner.body(body.as_mut()).await.map(|bytes| (route, bytes)),
                Err(fault) => Err(Refused { fault, body_goes_on: true }),
            };
            let response = match read {
                Ok((Route::JsonRpc, bytes)) => json_rpc::answer(&inner, parts, &bytes).await,
                Ok((Route::Line(matched, surface, leniencies), bytes)) => {
                    let (dialect, body) = (surface.dialect(), &bytes);
                    let origin = Origin::Line { matched: &matched, body, leniencies, dialect };
                    let Line { service_idx, operation_idx, operation, .. } = matched.line;
                    let cx = Context::new(parts, operation, surface);
                    let answer = inner.dispatch(service_idx, operation_idx, &cx, origin, &style).await;
                    answer.unwrap_or_else(|fault| style.fault(&fault))
                }
                Err(refused) => {
                    let is_json_rpc = matches!(style.form, Form::JsonRpc(_));
                    let fault = refused.leave(body, &parts).await;
                    if is_json_rpc { json_rpc::not_received(&fault) } else { style.fault(&fault) }
                }
            };
            Ok(response)
        })
    }
}

/// What a request turned out to be before its body was read.
enum Route {
    /// A JSON-RPC call: the rest is in the body.
    JsonRpc,
    /// A request on a line, what it speaks, and what is overlooked in it.
    Line(Matched, Surface, Leniencies),
}

impl Inner {
    /// What can be said of a request before its body is read.
    fn route(&self, parts: &http::request::Parts) -> (Style, Result<Route, Fault>) {
        let (space, path) = Space::of(parts.uri.path());
        let layout = self.options.layout;
        let query = parts.uri.query().unwrap_or_default();
        let accept = accept(&parts.headers);
        let leniencies = match space {
            Space::Legacy => self.options.legacy_leniencies,
            Space::Page => self.options.page_leniencies,
            Space::JsonRpc | Space::Rest => Leniencies::NONE,
        };
        let matched = || self.paths.find(space, &parts.method, path, query, leniencies);
        match space {
            Space::JsonRpc if parts.method == http::Method::POST => {
                (Style { form: Form::JsonRpc(Id::null()), layout }, Ok(Route::JsonRpc))
            }
            Space::JsonRpc => {
                (Style { form: Form::Rest { status: 200 }, layout }, Err(refusal::only_post(&parts.method)))
            }
            Space::Rest => {
                let matched = matched().and_then(|matched| match Accepted::json(&accept) {
                    true => Ok(matched),
                    false => Err(refusal::not_acceptable(&accept, "application/json can")),
                });
                let status = match &matched {
                    Ok(Matched { line: Line { place: Place::Rest(rest), .. }, .. }) => rest.status,
                    _ => 200,
                };
                let route = matched.map(|matched| Route::Line(matched, Surface::Rest, leniencies));
                (Style { form: Form::Rest { status }, layout }, route)
            }
            Space::Legacy | Space::Page => {
                let parsed = Accepted::parse(&accept);
                let accepted = parsed.unwrap_or(Accepted::JSON);
                let surface = page_surface(space, accepted, parts);
                let route = matched().and_then(|matched| match parsed {
                    Some(_) => Ok(Route::Line(matched, surface, leniencies)),
                    None => {
                        let there_are = "application/json and application/xml can";
                        Err(refusal::not_acceptable(&accept, there_are))
                    }
                });
                (Style { form: Form::Page { accepted, dialect: surface.dialect() }, layout }, route)
            }
        }
    }

    /// Lets in whoever may make the call; of a JSON-RPC call that is still to be seen.
    fn admit(&self, route: Route, parts: &mut http::request::Parts) -> Result<Route, Fault> {
        if let (Some(sessions), Route::Line(matched, ..)) = (&self.sessions, &route) {
            let presented = Presented::from_headers(&parts.headers);
            parts.extensions.insert(sessions.admit(matched.line.operation, presented)?);
        }
        Ok(route)
    }

    async fn body<B>(&self, body: Pin<&mut B>) -> Result<Bytes, Refused>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let Options { body_bytes_max, body_timeout, .. } = self.options;
        let (fault, body_goes_on) = match within(body_timeout, collect(body, body_bytes_max)).await {
            Some(Ok(bytes)) => return Ok(bytes),
            Some(Err(Unread::TooLarge)) => (refusal::too_large(body_bytes_max), true),
            Some(Err(Unread::Broken(error))) => (refusal::broken_body(&error), false),
            None => (refusal::slow_body(body_timeout.as_millis()), false),
        };
        Err(Refused { fault, body_goes_on })
    }

    pub(super) fn layout(&self) -> Layout {
        self.options.layout
    }

    /// Has a call answered by the implementation.
    pub(super) async fn dispatch(
        &self,
        service_idx: usize,
        operation_idx: usize,
        cx: &Context,
        origin: Origin<'_>,
        style: &Style,
    ) -> Answer {
        Seen::fill(cx);
        let parameters = Parameters { origin, depth_max: self.options.depth_max };
        let call = IncomingCall { cx, parameters, style, authorizer: self.authorizer.as_deref() };
        let service = &self.services[service_idx];
        let answer = match catch_unwind(AssertUnwindSafe(|| service.dispatch(operation_idx, call))) {
            Ok(reply) => CatchPanic(reply).await,
            Err(panic) => Err(panicked(&*panic)),
        };
        answer.inspect_err(|fault| {
            if let Some(text) = fault.logged() {
                let (service, operation) = (cx.operation().service, cx.operation().name);
                tracing::error!(service, operation, op_id = cx.op_id(), "{text}");
            }
        })
    }
}

/// What a request accepts, from all its headers of that name.
fn accept(headers: &HeaderMap) -> Cow<'_, str> {
    let mut ranges = headers.get_all(ACCEPT).iter().map(text_of);
    let Some(first) = ranges.next() else { return Cow::Borrowed("") };
    ranges.fold(first, |accept, range| Cow::Owned(format!("{accept},{range}")))
}

/// What a request to a reference page's line speaks: JSON below `/rest` is a protocol of its own, of which the pages know nothing.
pub(super) fn page_surface(space: Space, accepted: Accepted, parts: &http::request::Parts) -> Surface {
    let media_type = parts.headers.get(CONTENT_TYPE).and_then(|media_type| media_type.to_str().ok());
    let content = media_type.and_then(|media_type| Content::parse(media_type).ok());
    let representation = match content {
        Some(Content::Xml) => Representation::Xml,
        Some(Content::Form) => Representation::FormBody,
        None if accepted.representation == ReplyRepresentation::Xml => Representation::Xml,
        Some(Content::Json) | None => Representation::Json,
    };
    let is_json =
        (representation, accepted.representation) == (Representation::Json, ReplyRepresentation::Json);
    if space == Space::Legacy && is_json { Surface::LegacyRest } else { Surface::Rest2014(representation) }
}

/// A request that is refused before its body was read to the end.
struct Refused {
    fault: Fault,
    body_goes_on: bool,
}

impl Refused {
    /// Logs, and lets the peer finish sending, within reason, since otherwise it may never see the reply.
    async fn leave<B: Body>(self, body: Pin<&mut B>, parts: &http::request::Parts) -> Fault {
        const DRAIN_BYTES_MAX: usize = 8 << 20;
        const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
        if let Some(text) = self.fault.logged() {
            tracing::debug!(path = parts.uri.path(), "{text}");
        }
        // A peer that asked first is not sending yet, and reading would tell it to begin.
        if self.body_goes_on && !parts.headers.contains_key(EXPECT) {
            let _done_or_not = within(DRAIN_TIMEOUT, drain(body, DRAIN_BYTES_MAX)).await;
        }
        self.fault
    }
}

/// A reply whose panic is an answer.
struct CatchPanic<'a>(Reply<'a>);

impl Future for CatchPanic<'_> {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Answer> {
        let reply = &mut self.0.0;
        // After a panic the reply is dropped and never polled again.
        catch_unwind(AssertUnwindSafe(|| reply.as_mut().poll(cx)))
            .unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
    }
}

/// `None` when time was up first.
#[cfg(feature = "server")]
async fn within<T>(timeout: Duration, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    // Most often there is nothing to wait for, and a look is cheaper than a timer.
    if let Poll::Ready(done) = std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await {
        return Some(done);
    }
    // A timer would panic outside of a runtime.
    if timeout.is_zero() || tokio::runtime::Handle::try_current().is_err() {
        return Some(future.await);
    }
    tokio::time::timeout(timeout, future).await.ok()
}

/// Without the feature there are no timers.
#[cfg(not(feature = "server"))]
async fn within<T>(_timeout: Duration, future: impl Future<Output = T>) -> Option<T> {
    Some(future.await)
}
