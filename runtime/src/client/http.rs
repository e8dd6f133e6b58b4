//! The built-in transport: HTTP/1.1 over TCP with pooled connections, by hyper. No TLS yet.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::{BoxFuture, Transport, TransportError, TransportErrorKind};
use crate::body::{Unread, collect};

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection waits for its next request: less than common servers wait, so that it is rarely they who close it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// HTTP/1.1 over TCP. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Http {
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    response_bytes_max: usize,
}

impl Http {
    /// How large a reply may be unless told otherwise.
    pub const RESPONSE_BYTES_MAX_DEFAULT: usize = 64 << 20;

    /// Without connections yet.
    #[must_use]
    pub fn new() -> Http {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(connector);
        Http { client, response_bytes_max: Http::RESPONSE_BYTES_MAX_DEFAULT }
    }

    /// Sets how large a reply may be.
    #[must_use]
    pub fn response_bytes_max(mut self, response_bytes_max: usize) -> Http {
        self.response_bytes_max = response_bytes_max;
        self
    }
}

impl Default for Http {
    fn default() -> Http {
        Http::new()
    }
}

impl Transport for Http {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            if tokio::runtime::Handle::try_current().is_err() {
                // Connecting would panic here.
                return Err(TransportError::new(
                    TransportErrorKind::Misuse,
                    "calls are awaited within a tokio runtime; outside of one use `.wait()`",
                ));
            }
            let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
            let sent = self.client.request(request.map(Full::new)).await;
            let response = sent.map_err(|error| not_sent(error, &authority))?;
            let (parts, body) = response.into_parts();
            let bytes =
                collect(pin!(body), self.response_bytes_max).await.map_err(|unread| match unread {
                    Unread::TooLarge => {
                        let text =
                            format!("the reply is over the limit of {} bytes", self.response_bytes_max);
                        TransportError::new(TransportErrorKind::TooLarge, text)
                    }
                    Unread::Broken(error) => {
                        TransportError::new(TransportErrorKind::Interrupted, "the reply broke off")
                            .caused_by(error)
                    }
                })?;
            Ok(http::Response::from_parts(parts, bytes))
        })
    }
}

fn not_sent(error: legacy::Error, authority: &str) -> TransportError {
    let (kind, text) = if error.is_connect() {
        (TransportErrorKind::Connect, format!("no connection to {authority}"))
    } else {
        (TransportErrorKind::Interrupted, format!("no reply from {authority}"))
    };
    TransportError::new(kind, text).caused_by(error)
}
