//! Which addresses a host has, for callers who do not leave that to the system: they also say which may be connected to.
//!
//! In: the host of a URL. Out: the addresses that are connected to, and no others; a name is looked up once for that, so an
//! answer that changes between the look and the connection changes nothing.

use std::fmt;
use std::net::SocketAddr;

use super::{BoxFuture, TransportError};

/// Tells where a host may be reached.
///
/// Asked for each new connection to the host of a URL, be it a name or an address. Not asked for proxies, which whoever
/// runs the program has chosen, nor for hosts that a proxy looks up.
pub trait Resolver: fmt::Debug + Send + Sync + 'static {
    /// The addresses to try for a host, a name or an address without brackets; an error where there are none.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, Result<Vec<SocketAddr>, TransportError>>;
}
