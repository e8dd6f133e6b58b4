//! Connections: TCP, a tunnel through a proxy where one is to be used, TLS on top for `https`, all within one time limit.
//!
//! In: a URL. Out: a stream to send the request on, or a [`TransportError`] that says how far it came.
//! Not here: when a new connection is needed, which is the pool's business.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, Scheme};
use http::{Request, StatusCode, Uri};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::upgrade::Upgraded;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::HttpOptions;
#[cfg(feature = "tls")]
use crate::client::tls::Tls;
use crate::client::{BoxFuture, Proxy, Resolver, TransportError, TransportErrorKind, limit};

/// Makes connections as options say.
#[derive(Clone, Debug)]
pub(super) struct Connector(Arc<Route>);

#[derive(Debug)]
struct Route {
    tcp: HttpConnector,
    proxy: Proxy,
    resolver: Option<Arc<dyn Resolver>>,
    timeout: Option<Duration>,
    #[cfg(feature = "tls")]
    tls: Tls,
}

impl Connector {
    pub(super) fn new(options: &HttpOptions) -> Connector {
        let timeout = limit(options.connect_timeout);
        Connector(Arc::new(Route {
            tcp: with_limits(HttpConnector::new(), timeout),
            proxy: options.proxy.clone(),
            resolver: options.resolver.clone(),
            timeout,
            #[cfg(feature = "tls")]
            tls: Tls::new(options.trust.clone()),
        }))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = TransportError;
    type Future = BoxFuture<'static, Result<Stream, TransportError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move {
            let Some(timeout) = route.timeout else { return route.open(&uri).await };
            tokio::time::timeout(timeout, route.open(&uri)).await.unwrap_or_else(|_| {
                let text = format!("no connection to {} within {} ms", place(&uri), timeout.as_millis());
                Err(TransportError::new(TransportErrorKind::Connect, text))
            })
        })
    }
}

impl Route {
    async fn open(&self, uri: &Uri) -> Result<Stream, TransportError> {
        let is_https = uri.scheme() == Some(&Scheme::HTTPS);
        let Some(proxy) = self.proxy.of(uri) else {
            let stream = Stream::new(TokioIo::new(self.connect_directly(uri).await?));
            return if is_https { self.encrypt(uri, stream).await } else { Ok(stream) };
        };
        if proxy.uri().scheme() != Some(&Scheme::HTTP) {
            let text = format!("the proxy {} is not spoken with: only http:// proxies are", proxy.uri());
            return Err(TransportError::new(TransportErrorKind::Proxy, text));
        }
        let to_proxy = self.connect(proxy.uri(), &format!("the proxy {}", place(proxy.uri()))).await?;
        let to_proxy = Stream::new(TokioIo::new(to_proxy));
        if !is_https {
            return Ok(Stream { names_host_in_request: true, ..to_proxy });
        }
        let tunnel = tunnel(to_proxy, uri, &proxy).await?;
        self.encrypt(uri, Stream::new(tunnel)).await
    }

    async fn connect_directly(&self, uri: &Uri) -> Result<TcpStream, TransportError> {
        let Some(resolver) = &self.resolver else { return self.connect(uri, place(uri)).await };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 });
        let addresses = Resolved(resolver.resolve(host, port).await?);
        let mut tcp = with_limits(HttpConnector::new_with_resolver(addresses), self.timeout);
        // The host itself could be an address, and would be connected to as it is.
        let connected = tcp.call(Uri::from_static("http://resolved")).await;
        connected.map(TokioIo::into_inner).map_err(|error| no_connection(place(uri), error))
    }

    async fn connect(&self, uri: &Uri, to: &str) -> Result<TcpStream, TransportError> {
        let connected = self.tcp.clone().call(uri.clone()).await;
        connected.map(TokioIo::into_inner).map_err(|error| no_connection(to, error))
    }

    #[cfg(feature = "tls")]
    async fn encrypt(&self, uri: &Uri, stream: Stream) -> Result<Stream, TransportError> {
        let host = uri.host().unwrap_or_default();
        self.tls
            .connect(host, place(uri), TokioIo::new(stream))
            .await
            .map(|tls| Stream::new(TokioIo::new(tls)))
    }

    #[cfg(not(feature = "tls"))]
    async fn encrypt(&self, uri: &Uri, _: Stream) -> Result<Stream, TransportError> {
        let text = format!("no TLS with {}: {}", place(uri), crate::client::NO_TLS);
        Err(TransportError::new(TransportErrorKind::Tls, text))
    }
}

fn with_limits<R>(mut tcp: HttpConnector<R>, timeout: Option<Duration>) -> HttpConnector<R> {
    // It connects for `https` too.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    // It shares this out among the addresses of a host, so one that is dead leaves time for the next.
    tcp.set_connect_timeout(timeout);
    tcp
}

fn no_connection(to: &str, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> TransportError {
    TransportError::new(TransportErrorKind::Connect, format!("no connection to {to}")).caused_by(error)
}

/// Addresses that are known, whatever is asked.
#[derive(Clone)]
struct Resolved(Vec<SocketAddr>);

impl Service<Name> for Resolved {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(std::mem::take(&mut self.0).into_iter()))
    }
}

/// Host and port of a URL, for messages.
fn place(uri: &Uri) -> &str {
    uri.authority().map(Authority::as_str).unwrap_or_default()
}

/// Has a proxy connect to the host of a URL, which from then on is at the other end.
///
/// hyper-util's `Tunnel` does this too, but keeps to itself what the proxy answered, and it matters: credentials that a
/// proxy refused must not be tried again and again.
async fn tunnel(to_proxy: Stream, uri: &Uri, proxy: &Intercept) -> Result<Upgraded, TransportError> {
    let target = format!("{}:{}", uri.host().unwrap_or_default(), uri.port_u16().unwrap_or(443));
    let text = || format!("no tunnel to {target} through the proxy {}", place(proxy.uri()));
    let broken = |error| TransportError::new(TransportErrorKind::Connect, text()).caused_by(error);
    let mut request = Request::connect(&target).header(HOST, &target);
    if let Some(credentials) = proxy.basic_auth() {
        request = request.header(PROXY_AUTHORIZATION, credentials);
    }
    let request = request
        .body(Full::<Bytes>::default())
        .map_err(|error| TransportError::new(TransportErrorKind::Other, text()).caused_by(error))?;

    let (mut sender, connection) = http1::handshake(to_proxy).await.map_err(broken)?;
    // It ends with the tunnel's beginning, or with the proxy's refusal when `sender` is dropped.
    tokio::spawn(connection.with_upgrades());
    let reply = sender.send_request(request).await.map_err(broken)?;
    match reply.status() {
        status if status.is_success() => hyper::upgrade::on(reply).await.map_err(broken),
        status => Err(refused(status, text())),
    }
}

/// What a proxy's refusal means: its own trouble passes, its rules stay.
pub(super) fn refused(status: StatusCode, mut text: String) -> TransportError {
    let kind = if status.is_server_error() { TransportErrorKind::Connect } else { TransportErrorKind::Proxy };
    text.push_str(": it answered ");
    text.push_str(&status.to_string());
    TransportError::new(kind, text)
}

/// A connection, whatever it is made of.
pub(super) struct Stream {
    io: Box<dyn Io>,
    /// Whether a proxy is at the other end, which has to be told the host with each request.
    names_host_in_request: bool,
}

trait Io: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Io for T {}

impl Stream {
    fn new(io: impl Io + 'static) -> Stream {
        Stream { io: Box::new(io), names_host_in_request: false }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.names_host_in_request)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[std::io::IoSlice<'_>],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, pieces)
    }
}
