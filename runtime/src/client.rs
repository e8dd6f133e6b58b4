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
#[cfg(feature = "client")]
mod observer;
mod probe;
#[cfg(feature = "client")]
mod proxy;
pub(crate) mod reply;
pub(crate) mod request;
#[cfg(feature = "client")]
mod resolver;
mod retry;
mod thumbprint;
#[cfg(feature = "tls")]
mod tls;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use self::base::BadBaseUrl;
pub use self::call::{Call, CallFuture};
#[cfg(feature = "client")]
pub use self::http::{Http, HttpOptions, Streams};
pub use self::local::Local;
#[cfg(feature = "client")]
pub use self::observer::Observer;
#[cfg(feature = "client")]
pub use self::proxy::Proxy;
pub use self::reply::explain_reply;
#[cfg(feature = "client")]
pub use self::resolver::Resolver;
pub use self::retry::{Outcome, Retry};
pub use self::thumbprint::{BadThumbprint, Thumbprint, Untrusted};
#[cfg(feature = "tls")]
pub use self::tls::{BadTrust, Trust};
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

/// Why `https` does not work.
#[cfg(all(feature = "client", not(feature = "tls")))]
const NO_TLS: &str =
    "`https` needs the feature `tls` of vapi-runtime, or a transport of yours (`with_transport`)";

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
    pub(crate) retry: Retry,
}

impl CallOptions {
    pub(crate) fn on(&mut self, surface: Surface) {
        self.request.surface = surface;
        self.is_surface_automatic = false;
    }
}

impl Client {
    /// A client of the server at `base_url`, its root: `https://vcenter.example.com`.
    ///
    /// It finds out which surface the server has, with the first call; [`Client::surface`] chooses one. It trusts the servers
    /// that the system trusts, and uses the proxies that the environment names; to have it otherwise:
    /// `Client::with_transport(base_url, Http::with_options(options))`.
    ///
    /// # Errors
    /// When it is no such URL; also for `https` without the feature `tls`.
    #[cfg(feature = "client")]
    pub fn new(base_url: &str) -> Result<Client, BadBaseUrl> {
        let base = Base::parse(base_url)?;
        #[cfg(not(feature = "tls"))]
        if base.is_https() {
            return Err(BadBaseUrl::new(base_url, NO_TLS));
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
            retry: Retry::new(),
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

    /// Sets how long calls may take that do not choose, from connecting to the last byte of the reply, logging in and further
    /// tries included;
    /// [`TIMEOUT_DEFAULT`] unless set, without end for zero.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Client {
        self.options.timeout = limit(timeout);
        self
    }

    /// Sets how calls are tried again that failed in a way that may pass; [`Retry::never`] sends each once.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Client {
        self.options.retry = retry;
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
