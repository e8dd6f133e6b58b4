//! What the built-in transport can be told: limits in time and size, proxies, whom to trust.

use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "tls")]
use crate::client::Trust;
use crate::client::{Observer, Proxy, Resolver};

/// How [`Http`](super::Http) connects and what it puts up with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// How long it may take until a request can be sent: name, connection, proxy and TLS together. Without end for zero.
    pub connect_timeout: Duration,
    /// How long a connection waits for its next request before it is closed; zero keeps none.
    pub idle_timeout: Duration,
    /// How large a reply may be, without its head.
    pub response_bytes_max: usize,
    /// How large a reply's head may be; [`HttpOptions::HEAD_BYTES_LEAST`] at least.
    pub head_bytes_max: usize,
    /// Which requests go through a proxy; what the environment says unless set.
    pub proxy: Proxy,
    /// Where hosts are reached that no proxy is asked for; the system says, unless set.
    pub resolver: Option<Arc<dyn Resolver>>,
    /// Who sees what is exchanged in pieces ([`Streams`](super::Streams)); nobody unless set.
    pub observer: Option<Arc<dyn Observer>>,
    /// Which servers `https` is spoken with; those that the system trusts unless set.
    #[cfg(feature = "tls")]
    pub trust: Trust,
}

impl HttpOptions {
    /// How long connecting may take unless told otherwise.
    pub const CONNECT_TIMEOUT_DEFAULT: Duration = Duration::from_secs(10);
    /// How long a connection waits for its next request unless told otherwise: less than common servers wait, so that it is
    /// rarely they who close it.
    pub const IDLE_TIMEOUT_DEFAULT: Duration = Duration::from_secs(20);
    /// How large a reply may be unless told otherwise.
    pub const RESPONSE_BYTES_MAX_DEFAULT: usize = 64 << 20;
    /// How large a reply's head may be unless told otherwise: several times what any server sends.
    pub const HEAD_BYTES_MAX_DEFAULT: usize = 64 << 10;
    /// The least limit of a reply's head; it is also the size of the buffer that bodies are read through.
    pub const HEAD_BYTES_LEAST: usize = 8 << 10;

    /// The defaults, and the environment's proxies as they are now.
    #[must_use]
    pub fn new() -> HttpOptions {
        HttpOptions {
            connect_timeout: HttpOptions::CONNECT_TIMEOUT_DEFAULT,
            idle_timeout: HttpOptions::IDLE_TIMEOUT_DEFAULT,
            response_bytes_max: HttpOptions::RESPONSE_BYTES_MAX_DEFAULT,
            head_bytes_max: HttpOptions::HEAD_BYTES_MAX_DEFAULT,
            proxy: Proxy::from_env(),
            resolver: None,
            observer: None,
            #[cfg(feature = "tls")]
            trust: Trust::system(),
        }
    }

    /// Sets how long it may take until a request can be sent; without end for zero.
    #[must_use]
    pub fn connect_timeout(mut self, connect_timeout: Duration) -> HttpOptions {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Sets how long a connection waits for its next request; zero keeps none.
    #[must_use]
    pub fn idle_timeout(mut self, idle_timeout: Duration) -> HttpOptions {
        self.idle_timeout = idle_timeout;
        self
    }

    /// Sets how large a reply may be, without its head.
    #[must_use]
    pub fn response_bytes_max(mut self, response_bytes_max: usize) -> HttpOptions {
        self.response_bytes_max = response_bytes_max;
        self
    }

    /// Sets how large a reply's head may be; [`HttpOptions::HEAD_BYTES_LEAST`] at least.
    #[must_use]
    pub fn head_bytes_max(mut self, head_bytes_max: usize) -> HttpOptions {
        self.head_bytes_max = head_bytes_max;
        self
    }

    /// Sets which requests go through a proxy.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> HttpOptions {
        self.proxy = proxy;
        self
    }

    /// Sets who says where hosts are reached.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolver>) -> HttpOptions {
        self.resolver = Some(resolver);
        self
    }

    /// Sets who sees what is exchanged in pieces.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> HttpOptions {
        self.observer = Some(observer);
        self
    }

    /// Sets which servers `https` is spoken with.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> HttpOptions {
        self.trust = trust;
        self
    }
}

impl Default for HttpOptions {
    fn default() -> HttpOptions {
        HttpOptions::new()
    }
}
