//! Takes connections, in TLS or plain, and serves HTTP/1.1 on them until told to stop.
//!
//! What a client can hold without doing anything is bounded: connections, the time of a handshake and a head, the time in
//! which it takes nothing. A connection too many is answered 503 by one of a few places kept for that; beyond those it is
//! closed. How slowly a body may come is not known here.

mod stalling;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::config::{Config, Listen};
use stalling::Stalling;

/// How many connections too many are answered at once.
const REFUSED_MAX: usize = 64;
/// How long such an answer may take.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait when there are no file descriptors for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Who is at the other end; in the extensions of every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Refuses to listen where strangers could do harm, unless that was asked for.
pub fn check_exposure(config: &Config, has_users: bool) -> Result<(), String> {
    let Listen { address, .. } = config.listen;
    if address.ip().is_loopback() {
        return Ok(());
    }
    if !config.has_tls() && !config.listen.insecure_plain_http_beyond_loopback {
        return Err(format!(
            "{address} can be reached from outside, and there is no TLS: passwords could be read on the way. Give a \
             certificate (tls.certificate_file, tls.key_file), have one made (--tls-self-signed), or listen on 127.0.0.1. \
             Behind a proxy that does TLS: --insecure-plain-http-beyond-loopback"
        ));
    }
    if !has_users && !config.listen.insecure_no_users_beyond_loopback {
        return Err(format!(
            "{address} can be reached from outside, and there are no users in {}: add one with `contentlibd user add`",
            config.users_file().display()
        ));
    }
    Ok(())
}

/// What serves connections.
#[derive(Clone)]
struct Server {
    router: TowerToHyperService<axum::Router>,
    tls: Option<TlsAcceptor>,
    head_timeout: Duration,
    stall_timeout: Duration,
}

/// Serves until `stop` ends, and then for as long as what is under way takes, within the time for that. How many connections
/// were cut off.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: axum::Router,
    listen: &Listen,
    stop: impl Future<Output = ()>,
) -> usize {
    let mut stop = pin!(stop);
    let server = Server {
        router: TowerToHyperService::new(router),
        tls,
        head_timeout: Duration::from_millis(listen.head_timeout_ms),
        stall_timeout: Duration::from_millis(listen.stall_timeout_ms),
    };
    let places = Arc::new(Semaphore::new(listen.connections_max.min(Semaphore::MAX_PERMITS)));
    let refusals = Arc::new(Semaphore::new(REFUSED_MAX));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!("no connection accepted: {error}");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Replies are small and written at once; waiting for more of them would only cost time.
        let _best_effort = stream.set_nodelay(true);
        if let Ok(place) = Arc::clone(&places).try_acquire_owned() {
            connections.spawn(server.clone().connection(stream, Peer(peer), place, graceful.watcher()));
        } else if let Ok(place) = Arc::clone(&refusals).try_acquire_owned() {
            tracing::debug!(%peer, "a connection too many");
            connections.spawn(server.clone().refusal(stream, place));
        }
    }
    drop(listener);
    let grace = Duration::from_millis(listen.shutdown_grace_ms);
    let is_done = tokio::time::timeout(grace, graceful.shutdown()).await.is_ok();
    let n_cut_off = if is_done { 0 } else { connections.len() };
    connections.shutdown().await;
    n_cut_off
}

impl Server {
    async fn connection(self, stream: TcpStream, peer: Peer, _place: OwnedSemaphorePermit, watcher: Watcher) {
        let Some(tls) = &self.tls else {
            return self.requests(Stalling::new(stream, self.stall_timeout), peer, watcher).await;
        };
        let handshake = async {
            if is_plain_http(&stream).await? {
                // Whoever does not take it in time does without.
                let _in_time = tokio::time::timeout(REFUSAL_TIMEOUT, self.refuse(stream, speaks_https)).await;
                return Ok(None);
            }
            tls.accept(Stalling::new(stream, self.stall_timeout)).await.map(Some)
        };
        match tokio::time::timeout(self.head_timeout, handshake).await {
            Ok(Ok(Some(stream))) => self.requests(stream, peer, watcher).await,
            Ok(Ok(None)) => tracing::debug!(peer = %peer.0, "plain HTTP where TLS is spoken"),
            Ok(Err(error)) => tracing::debug!(peer = %peer.0, "no TLS: {error}"),
            Err(_) => tracing::debug!(peer = %peer.0, "no TLS in time"),
        }
    }

    async fn requests<S>(&self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let connection = self.http().serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(peer = %peer.0, "connection ended: {error}");
        }
    }

    fn http(&self) -> http1::Builder {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.head_timeout);
        http
    }

    /// Answers one request, whatever it is, that the server has no place for it.
    async fn refusal(self, stream: TcpStream, _place: OwnedSemaphorePermit) {
        let answer = async {
            match &self.tls {
                None => self.refuse(stream, too_many).await,
                Some(tls) => match tls.accept(stream).await {
                    Ok(stream) => self.refuse(stream, too_many).await,
                    Err(error) => tracing::debug!("no TLS: {error}"),
                },
            }
        };
        // Whoever does not take it in time does without.
        let _in_time = tokio::time::timeout(REFUSAL_TIMEOUT, answer).await;
    }

    /// Answers one request, whatever it is, like this.
    async fn refuse<S>(&self, stream: S, answer: fn() -> Response<Body>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|_: Request<Incoming>| async move { Ok::<_, Infallible>(answer()) });
        let connection = self.http().keep_alive(false).serve_connection(TokioIo::new(stream), service);
        if let Err(error) = connection.await {
            tracing::debug!("a refusal did not arrive: {error}");
        }
    }
}

/// Whether what comes first on a connection is the head of a request rather than a TLS handshake, which no method begins like.
async fn is_plain_http(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase())
}

fn speaks_https() -> Response<Body> {
    let mut response = Response::new(Body::from("This port speaks https. Begin the address with https://\n"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
}

fn too_many() -> Response<Body> {
    let mut response =
        Response::new(Body::from("The server has too many connections. Try again in a moment.\n"));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::RETRY_AFTER, http::HeaderValue::from_static("1"));
    response
}

/// Errors of `accept` that concern the connection, not the listener.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
