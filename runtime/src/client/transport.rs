//! What carries requests: the trait, and what can go wrong on the way.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;

use super::{Thumbprint, Untrusted};

/// A future on the heap, as object-safe traits need it.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Carries a request to the server and brings back its reply, whatever its status.
///
/// The request has an absolute URI. Redirects are not followed, nothing is retried.
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>>;
}

/// The request did not get there, or no reply came back.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    text: String,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Where on the way it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// There is no connection; the server did not see the request.
    Connect,
    /// The server does not speak TLS as it should or is not trusted, and did not see the request; see
    /// [`TransportError::thumbprint`].
    Tls,
    /// The proxy refuses, wants credentials, or is of a kind that is not spoken with; the server did not see the request.
    Proxy,
    /// No reply in time.
    Timeout,
    /// The connection broke before the reply was complete.
    Interrupted,
    /// The reply is over the limit.
    TooLarge,
    /// The client was called in a way it cannot work: `.wait()` inside an async runtime, `.await` outside of one.
    Misuse,
    /// Anything else.
    Other,
}

impl TransportError {
    /// An error of this kind; `text` says what happened, without the source's own text.
    pub fn new(kind: TransportErrorKind, text: impl Into<String>) -> TransportError {
        TransportError { kind, text: text.into(), source: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> TransportError {
        self.source = Some(Arc::from(source.into()));
        self
    }

    /// Where on the way it went wrong.
    #[must_use]
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }

    /// What the transport itself said.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }

    /// The SHA-256 thumbprint of the certificate that the server showed, when that is why it is not trusted: to be compared
    /// with what the server's owner says, and then pinned.
    #[must_use]
    pub fn thumbprint(&self) -> Option<Thumbprint> {
        self.cause()?.downcast_ref::<Untrusted>().map(Untrusted::thumbprint)
    }

    /// Whether the same request may well get there later; see [`crate::Error::is_retryable`].
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        use TransportErrorKind::{Connect, Interrupted, Timeout};
        matches!(self.kind, Connect | Timeout | Interrupted)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        // The useful words ("connection refused") are often those of a cause's cause.
        let mut cause = self.cause();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// `Display` shows causes too, so there is no `source` to show them again; see [`TransportError::cause`].
impl std::error::Error for TransportError {}
