//! The client: a base URL, a transport, defaults, and calls that are awaited or waited for.
//!
//! A generated client's method makes a [`Call`]; nothing is sent until it is awaited.
//! The network is behind [`Transport`]; the one over hyper is [`Http`], the one without a network is [`Local`].
//! Not here: sessions and retries.

mod base;
#[cfg(feature = "client")]
mod blocking;
mod call;
#[cfg(feature = "client")]
mod http;
mod local;
#[cfg(feature = "client")]
mod proxy;
pub(crate) mod reply;
pub(crate) mod request;
mod retry;
mod thumbprint;
#[cfg(feature = "tls")]
mod tls;
mod transport;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::base::BadBaseUrl;
pub use self::call::{Call, CallFuture};
#[cfg(feature = "client")]
pub use self::http::{Http, HttpOptions};
pub use self::local::Local;
#[cfg(feature = "client")]
pub use self::proxy::Proxy;
pub use self::retry::{Outcome, Retry};
pub use self::thumbprint::{BadThumbprint, Thumbprint, Untrusted};
#[cfg(feature = "tls")]
pub use self::tls::{BadTrust, Trust};
pub use self::transport::{BoxFuture, Transport, TransportError, TransportErrorKind};

use self::base::Base;
use crate::codec::EncodeError;
use crate::operation::RequestOptions;
use crate::release::Release;
use crate::representation::{ReplyRepresentation, Representation, UrlForm};
use crate::table::OperationTable;

/// How long a call may take unless told otherwise.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);

/// Why `https` does not work.
#[cfg(all(feature = "client", not(feature = "tls")))]
const NO_TLS: &str =
    "`https` needs the feature `tls` of vapi-runtime, or a transport of yours (`with_transport`)";

/// Sends calls to one server. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    transport: Arc<dyn Transport>,
    base: Arc<Base>,
    options: CallOptions,
}

/// What a call can be told; the client's are the defaults.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallOptions {
    pub(crate) release: Option<Release>,
    pub(crate) request: RequestOptions,
    pub(crate) timeout: Option<Duration>,
}

/// A call on its way: the reply, or why there is none.
pub(crate) type Exchange = BoxFuture<'static, Result<::http::Response<Bytes>, NoReply>>;

pub(crate) enum NoReply {
    NotInRelease(&'static OperationTable, Release),
    Encode(EncodeError),
    Transport(TransportError),
}

impl Client {
    /// A client over HTTP; `base_url` is what stands before the paths of the reference pages, `https://vcenter/rest`.
    ///
    /// It trusts the servers that the system trusts, and uses the proxies that the environment names; to have it
    /// otherwise: `Client::with_transport(base_url, Http::with_options(options))`.
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
        let options =
            CallOptions { release: None, request: RequestOptions::new(), timeout: Some(TIMEOUT_DEFAULT) };
        Client { transport: Arc::new(transport), base: Arc::new(base), options }
    }

    /// Tells which release the server has. Calls of operations that it has not are then refused with
    /// [`Error::NotInRelease`](crate::Error::NotInRelease) instead of being sent; without it everything is sent.
    #[must_use]
    pub fn release(mut self, release: Release) -> Client {
        self.options.release = Some(release);
        self
    }

    /// Sets the representation of calls that do not choose.
    #[must_use]
    pub fn representation(mut self, representation: Representation) -> Client {
        self.options.request.representation = representation;
        self
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

    /// Sends a request of an operation, whose URI is path and query only.
    pub(crate) fn exchange(
        &self,
        operation: &'static OperationTable,
        request: Result<::http::Request<Bytes>, EncodeError>,
        options: &CallOptions,
    ) -> Exchange {
        let request = match options.release {
            Some(has) if !operation.releases.contain(has) => Err(NoReply::NotInRelease(operation, has)),
            _ => request.and_then(|request| self.base.complete(request)).map_err(NoReply::Encode),
        };
        let transport = Arc::clone(&self.transport);
        let timeout = options.timeout;
        Box::pin(async move {
            let request = request?;
            within(timeout, transport.send(request)).await.map_err(NoReply::Transport)
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.base)
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
