//! Whoever sees what goes over the wire, for logs and for people: heads, as they are sent and as they come.
//!
//! Not here: bodies, which are not held in memory, and calls, whose transport can be wrapped in another.

use std::fmt;

use http::{request, response};

use super::TransportError;

/// Sees what [`Streams`](super::Streams) exchanges. Heads hold secrets, addresses among them: who shows them leaves these out.
pub trait Observer: fmt::Debug + Send + Sync {
    /// A request is about to be sent.
    fn request(&self, head: &request::Parts);
    /// A reply's head has come.
    fn reply(&self, head: &response::Parts);
    /// No reply comes.
    fn no_reply(&self, error: &TransportError);
}
