//! The built-in transport: HTTP/1.1 with pooled connections, by hyper.
//!
//! In: requests with absolute URIs. Out: whole replies within limits. Not here: how a connection comes about, which is
//! `connect`.

mod connect;
mod options;
mod streams;

use std::error::Error as _;
use std::fmt;
use std::pin::pin;

use bytes::Bytes;
use http::StatusCode;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

pub use self::options::HttpOptions;
pub use self::streams::Streams;

use self::connect::Connector;
use super::{BoxFuture, Proxy, Transport, TransportError, TransportErrorKind};
use crate::body::{Unread, collect};

/// HTTP/1.1 over TCP and TLS. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Http {
    client: legacy::Client<Connector, Full<Bytes>>,
    proxy: Proxy,
    response_bytes_max: usize,
    head_bytes_max: usize,
}

impl Http {
    /// With the default options, and without connections yet.
    #[must_use]
    pub fn new() -> Http {
        Http::with_options(HttpOptions::new())
    }

    /// With these options, and without connections yet.
    #[must_use]
    pub fn with_options(options: HttpOptions) -> Http {
        let head_bytes_max = options.head_bytes_max.max(HttpOptions::HEAD_BYTES_LEAST);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.idle_timeout)
            .http1_max_buf_size(head_bytes_max);
        if options.idle_timeout.is_zero() {
            builder.pool_max_idle_per_host(0);
        }
        let client = builder.build(Connector::new(&options));
        let HttpOptions { proxy, response_bytes_max, .. } = options;
        Http { client, proxy, response_bytes_max, head_bytes_max }
    }

    async fn exchange(
        &self,
        mut request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if tokio::runtime::Handle::try_current().is_err() {
            // Connecting would panic here.
            return Err(TransportError::new(
                TransportErrorKind::Misuse,
                "calls are awaited within a tokio runtime; outside of one use `.wait()`",
            ));
        }
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        // Over TLS a proxy sees neither request nor reply.
        let is_plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let proxy = if is_plain { self.proxy.of(request.uri()) } else { None };
        if let Some(credentials) = proxy.as_ref().and_then(|proxy| proxy.basic_auth()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, credentials.clone());
        }

        let sent = self.client.request(request.map(Full::new)).await;
        let response = sent.map_err(|error| no_reply(error, &authority, self.head_bytes_max))?;
        if let Some(proxy) = proxy
            && response.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED
        {
            let text = format!("no reply from {authority} through the proxy {}", proxy.uri());
            return Err(connect::refused(response.status(), text));
        }
        let (parts, body) = response.into_parts();
        let bytes = collect(pin!(body), self.response_bytes_max).await.map_err(|unread| match unread {
            Unread::TooLarge => {
                let text = format!("the reply is over the limit of {} bytes", self.response_bytes_max);
                TransportError::new(TransportErrorKind::TooLarge, text)
            }
            Unread::Broken(error) => {
                TransportError::new(TransportErrorKind::Interrupted, "the reply broke off").caused_by(error)
            }
        })?;
        Ok(http::Response::from_parts(parts, bytes))
    }
}

/// Why there is no reply.
fn no_reply(error: legacy::Error, authority: &str, head_bytes_max: usize) -> TransportError {
    // What the connector said is an error of ours already.
    if let Some(error) = error.source().and_then(|source| source.downcast_ref::<TransportError>()) {
        return error.clone();
    }
    let (kind, text) = if error.is_connect() {
        (TransportErrorKind::Connect, format!("no connection to {authority}"))
    } else if is_of_a_large_head(&error) {
        let text = format!("the reply's head is over the limit of {head_bytes_max} bytes");
        return TransportError::new(TransportErrorKind::TooLarge, text);
    } else {
        (TransportErrorKind::Interrupted, format!("no reply from {authority}"))
    };
    TransportError::new(kind, text).caused_by(error)
}

/// hyper has a method for this, but only together with its server.
fn is_of_a_large_head(error: &legacy::Error) -> bool {
    let hyper_error = error.source().and_then(|source| source.downcast_ref::<hyper::Error>());
    hyper_error.is_some_and(|error| error.is_parse() && error.to_string().contains("head is too large"))
}

impl Default for Http {
    fn default() -> Http {
        Http::new()
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("proxy", &self.proxy)
            .field("response_bytes_max", &self.response_bytes_max)
            .field("head_bytes_max", &self.head_bytes_max)
            .finish_non_exhaustive()
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(self.exchange(request))
    }
}
