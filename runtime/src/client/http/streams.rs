//! The built-in transport for bodies that are not held in memory: files that are sent and fetched.
//!
//! In: requests with absolute URIs and any body. Out: replies whose bodies are read by the caller. Connections come about as
//! those of [`Http`](super::Http), with the same options. Not here: limits of replies, which the reader has.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use super::connect::Connector;
use super::{HttpOptions, no_reply};
use crate::client::{Observer, Proxy, TransportError};

type AnyBody = UnsyncBoxBody<Bytes, Box<dyn StdError + Send + Sync>>;

/// HTTP/1.1 over TCP and TLS, with bodies that come and go in pieces. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Streams {
    client: legacy::Client<Connector, AnyBody>,
    proxy: Proxy,
    observer: Option<Arc<dyn Observer>>,
    head_bytes_max: usize,
}

impl Streams {
    /// With these options, and without connections yet. The limit of a reply's size is the reader's.
    #[must_use]
    pub fn with_options(options: HttpOptions) -> Streams {
        let head_bytes_max = options.head_bytes_max.max(HttpOptions::HEAD_BYTES_LEAST);
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(options.idle_timeout)
            .http1_max_buf_size(head_bytes_max);
        let client = builder.build(Connector::new(&options));
        Streams { client, proxy: options.proxy, observer: options.observer, head_bytes_max }
    }

    /// Sends a request; it is back as soon as the reply's head is there.
    ///
    /// # Errors
    /// When there is no connection, or it broke before the reply.
    pub async fn send<B>(
        &self,
        mut request: http::Request<B>,
    ) -> Result<http::Response<Incoming>, TransportError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn StdError + Send + Sync>>,
    {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        // Over TLS a proxy sees neither request nor reply.
        let is_plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let proxy = if is_plain { self.proxy.of(request.uri()) } else { None };
        if let Some(credentials) = proxy.as_ref().and_then(|proxy| proxy.basic_auth()) {
            request.headers_mut().insert(PROXY_AUTHORIZATION, credentials.clone());
        }
        let (head, body) = request.into_parts();
        if let Some(observer) = &self.observer {
            observer.request(&head);
        }
        let request = http::Request::from_parts(head, body.map_err(Into::into).boxed_unsync());
        let sent = self.client.request(request).await;
        let sent = sent.map_err(|error| no_reply(error, &authority, self.head_bytes_max));
        let Some(observer) = &self.observer else { return sent };
        match sent {
            Ok(response) => {
                let (head, body) = response.into_parts();
                observer.reply(&head);
                Ok(http::Response::from_parts(head, body))
            }
            Err(error) => {
                observer.no_reply(&error);
                Err(error)
            }
        }
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streams").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}
