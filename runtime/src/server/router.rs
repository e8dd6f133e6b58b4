//! The router: mounted services as one `tower_service::Service`.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, EXPECT};
use http_body::Body;
use http_body_util::Full;

use super::call::{Answer, Style, panicked};
use super::input::Parameters;
use super::paths::{Matched, Paths};
use super::{Authorizer, BoxError, Context, Dispatch, IncomingCall, Reply, refusal};
use crate::body::{Unread, collect, drain};
use crate::codec::Layout;
use crate::fault::Fault;
use crate::representation::Accepted;

/// Routes requests to the services mounted in it. Cheap to clone.
///
/// A service for any body type; it always gives a reply, never an error, and a panic of an implementation becomes
/// `internal_server_error`. A service mounted again replaces the one before.
#[derive(Clone, Default)]
pub struct Router {
    inner: Arc<Inner>,
}

#[derive(Clone, Default)]
struct Inner {
    services: Vec<Arc<dyn Dispatch>>,
    paths: Paths,
    options: Options,
    authorizer: Option<Arc<dyn Authorizer>>,
}

#[derive(Clone, Copy, Debug)]
struct Options {
    body_bytes_max: usize,
    body_timeout: Duration,
    depth_max: usize,
    layout: Layout,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            body_bytes_max: Router::BODY_BYTES_MAX_DEFAULT,
            body_timeout: Router::BODY_TIMEOUT_DEFAULT,
            depth_max: Router::DEPTH_MAX_DEFAULT,
            layout: Layout::default(),
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
            let (parts, body) = request.into_parts();
            let mut body = pin!(body);
            let (style, matched) = inner.route(&parts);
            let read = match matched {
                Ok(matched) => inner.body(body.as_mut()).await.map(|bytes| (matched, bytes)),
                Err(fault) => Err(Refused { fault, body_goes_on: true }),
            };
            let answer = match read {
                Ok((matched, bytes)) => inner.answer(parts, bytes, &matched, style).await,
                Err(refused) => Err(refused.leave(body, &parts).await),
            };
            Ok(answer.unwrap_or_else(|fault| style.fault(&fault)))
        })
    }
}

impl Inner {
    /// What can be said of a request before its body is read.
    fn route(&self, parts: &http::request::Parts) -> (Style, Result<Matched, Fault>) {
        let ranges =
            parts.headers.get_all(ACCEPT).iter().map(|range| String::from_utf8_lossy(range.as_bytes()));
        let accept = ranges.collect::<Vec<_>>().join(",");
        let accepted = Accepted::parse(&accept);
        let style = Style { accepted: accepted.unwrap_or(Accepted::JSON), layout: self.options.layout };
        let matched = self.paths.find(&parts.method, &parts.uri);
        let matched = matched.and_then(|matched| match accepted {
            Some(_) => Ok(matched),
            None => Err(refusal::not_acceptable(&accept)),
        });
        (style, matched)
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

    async fn answer(
        &self,
        parts: http::request::Parts,
        body: Bytes,
        matched: &Matched,
        style: Style,
    ) -> Answer {
        let line = matched.line;
        let cx = Context::new(parts, line.operation, style.accepted.representation);
        let parameters = Parameters { matched, body: &body, depth_max: self.options.depth_max };
        let call = IncomingCall { cx: &cx, parameters, style, authorizer: self.authorizer.as_deref() };
        let service = &self.services[line.service_idx];
        let answer = match catch_unwind(AssertUnwindSafe(|| service.dispatch(line.operation_idx, call))) {
            Ok(reply) => CatchPanic(reply).await,
            Err(panic) => Err(panicked(&*panic)),
        };
        answer.inspect_err(|fault| {
            if let Some(text) = fault.logged() {
                let (service, operation) = (line.operation.service, line.operation.name);
                tracing::error!(service, operation, "{text}");
            }
        })
    }
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
