//! The client: a base URL, a transport, who calls, defaults, and calls that are awaited or waited for.
//!
//! A generated client's method makes a [`Call`]; nothing is sent until it is awaited.
//! The network is behind [`Transport`]; the one over hyper is [`Http`], the one without a network is [`Local`].

mod base;
#[cfg(feature = "client")]
mod blocking;
mod call;
mod exchange;
#[cfg(feature = "client")]
mod http;
mod local;
mod login;
mod probe;
pub(crate) mod reply;
pub(crate) mod request;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::base::BadBaseUrl;
pub use self::call::{Call, CallFuture};
#[cfg(feature = "client")]
pub use self::http::Http;
pub use self::local::Local;
pub use self::reply::explain_reply;
pub use self::transport::{BoxFuture, Transport, TransportError, TransportErrorKind};

use self::base::Base;
use self::exchange::{Answered, Exchange, NoReply};
use self::login::Login;
use crate::Secret;
use crate::data::Structure;
use crate::execution::SecurityContext;
use crate::operation::RequestOptions;
use crate::release::Release;
use crate::representation::{ReplyRepresentation, Representation, UrlForm};
use crate::surface::Surface;
use crate::table::OperationTable;

/// How long a call may take unless told otherwise.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// Sends calls to one server. Cheap to clone; clones share connections, login session and what was learnt of the server.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    base: Arc<Base>,
    login: Arc<Login>,
    /// The surface that the server was found to have.
    surface: Arc<tokio::sync::OnceCell<Surface>>,
    options: CallOptions,
}

/// What a call can be told; the client's are the defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallOptions {
    pub(crate) release: Option<Release>,
    pub(crate) request: RequestOptions,
    /// Whether the request's surface is only that of requests that are not sent.
    pub(crate) is_surface_automatic: bool,
    pub(crate) timeout: Option<Duration>,
}

impl CallOptions {
    pub(crate) fn on(&mut self, surface: Surface) {
        self.request.surface = surface;
        self.is_surface_automatic = false;
    }
}

impl Client {
    /// A client over plain HTTP; `base_url` is the server's root, `http://127.0.0.1:8080`.
    ///
    /// It finds out which surface the server has, with the first call; [`Client::surface`] chooses one.
    ///
    /// # Errors
    /// When it is no such URL; also for `https`, which needs a transport that has TLS ([`Client::with_transport`]).
    #[cfg(feature = "client")]
    pub fn new(base_url: &str) -> Result<Client, BadBaseUrl> {
        let base = Base::parse(base_url)?;
        if base.is_https() {
            return Err(BadBaseUrl::new(
                base_url,
                "the built-in transport has no TLS; give one with `with_transport`",
            ));
        }
        Ok(Client::from_parts(base, Http::new()))
    }

    /// A client over a transport of yours.
    ///
    /// # Errors
    /// When `base_url` is not an `http` or `https` URL without query, fragment and user.
    pub fn with_transport(base_url: &str, transport: impl Transport) -> Result<Client, BadBaseUrl> {
        Ok(Client::from_parts(Base::parse(base_url)?, transport))
    }

    fn from_parts(base: Base, transport: impl Transport) -> Client {
        let options = CallOptions {
            release: None,
            request: RequestOptions::new(),
            is_surface_automatic: true,
            timeout: Some(TIMEOUT_DEFAULT),
        };
        Client {
            transport: Arc::new(transport),
            base: Arc::new(base),
            login: Arc::new(Login::new(None)),
            surface: Arc::new(tokio::sync::OnceCell::new()),
            options,
        }
    }

    /// Logs in as this user before the first call, and again where the server no longer knows the session.
    #[must_use]
    pub fn credentials(mut self, user: impl Into<String>, password: impl Into<Secret>) -> Client {
        let caller = SecurityContext::UserPassword { user: user.into(), password: password.into() };
        self.login = Arc::new(Login::new(Some(caller)));
        self
    }

    /// Calls with a login session made elsewhere; this client neither renews nor ends it by itself.
    #[must_use]
    pub fn session_id(mut self, session_id: impl Into<Secret>) -> Client {
        self.login = Arc::new(Login::new(Some(SecurityContext::Session(session_id.into()))));
        self
    }

    /// Sets the surface of calls that do not choose, instead of finding out which the server has.
    #[must_use]
    pub fn surface(mut self, surface: Surface) -> Client {
        self.options.on(surface);
        self
    }

    /// Tells which release the server has. Calls of operations that it has not are then refused with
    /// [`Error::NotInRelease`](crate::Error::NotInRelease) instead of being sent; without it everything is sent.
    #[must_use]
    pub fn release(mut self, release: Release) -> Client {
        self.options.release = Some(release);
        self
    }

    /// Has calls that do not choose sent as the reference pages of 2014 show them, in this representation.
    ///
    /// The paths of the pages follow the base URL as they are; where a server has them below `/rest`, that belongs to it.
    #[must_use]
    pub fn representation(self, representation: Representation) -> Client {
        self.surface(Surface::Rest2014(representation))
    }

    /// Sets the request line of calls that do not choose.
    #[must_use]
    pub fn url_form(mut self, url_form: UrlForm) -> Client {
        self.options.request.url_form = url_form;
        self
    }

    /// Sets the reply's representation of calls that do not choose.
    #[must_use]
    pub fn accept(mut self, accept: ReplyRepresentation) -> Client {
        self.options.request.accept = Some(accept);
        self
    }

    /// Sets how long calls may take that do not choose, from connecting to the last byte of the reply;
    /// [`TIMEOUT_DEFAULT`] unless set, without end for zero.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Client {
        self.options.timeout = limit(timeout);
        self
    }

    pub(crate) fn options(&self) -> CallOptions {
        self.options
    }

    /// Sends a call of an operation.
    pub(crate) fn exchange(
        &self,
        operation: &'static OperationTable,
        input: Box<dyn Structure>,
        options: CallOptions,
    ) -> Exchange {
        Box::pin(exchange::exchange(self.clone(), operation, input, options))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
            .field("login", &self.login)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

pub(crate) fn limit(timeout: Duration) -> Option<Duration> {
    (!timeout.is_zero()).then_some(timeout)
}

type Reply = Result<::http::Response<Bytes>, TransportError>;

#[cfg(feature = "client")]
async fn within(timeout: Option<Duration>, reply: BoxFuture<'_, Reply>) -> Reply {
    let Some(timeout) = timeout else { return reply.await };
    if tokio::runtime::Handle::try_current().is_err() {
        // A timer would panic here.
        return Err(TransportError::new(
            TransportErrorKind::Misuse,
            "calls are awaited within a tokio runtime; outside of one use `.wait()`",
        ));
    }
    tokio::time::timeout(timeout, reply).await.unwrap_or_else(|_| {
        let text = format!("no reply within {} ms", timeout.as_millis());
        Err(TransportError::new(TransportErrorKind::Timeout, text))
    })
}

/// Without the feature there are no timers: the transport's own limits hold.
#[cfg(not(feature = "client"))]
async fn within(_timeout: Option<Duration>, reply: BoxFuture<'_, Reply>) -> Reply {
    reply.await
}
