//! A router behind a real socket.

use std::fmt::Debug;
use std::net::{Ipv4Addr, TcpListener};

use super::Script;
use super::filling::Filling;
use super::loopback::{Way, check_way};
use crate::client::Retry;
use crate::{Client, Operation, ReplyRepresentation, Router, Surface, server};

/// A server on a free loopback port, until the test's process ends.
#[derive(Debug)]
pub struct Socket {
    client: Client,
    script: Script,
}

impl Socket {
    /// Starts the server.
    ///
    /// # Panics
    /// When this machine gives no port or no thread.
    #[must_use]
    pub fn bind(router: fn(Script) -> Router) -> Socket {
        let script = Script::default();
        let router = router(script.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("a socket need not block");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime without threads starts").block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).expect("a listener");
                server::serve(listener, router, std::future::pending()).await
            })
        });
        let client = Client::new(&format!("http://{address}")).expect("an address makes a base URL");
        let client = client.retry(Retry::never());
        Socket { client, script }
    }

    /// Calls an operation on every surface, for its result and its errors.
    ///
    /// # Panics
    /// As [`super::check_loopback`].
    pub fn check<O>(&self)
    where
        O: Operation,
        O::Input: PartialEq,
        O::Output: PartialEq + Debug,
        O::Error: PartialEq,
    {
        for surface in Surface::ALL {
            if surface == Surface::Rest && O::TABLE.rest.is_none() {
                continue;
            }
            let reply = match surface {
                Surface::Rest2014(representation) => representation.reply(),
                Surface::JsonRpc | Surface::Rest | Surface::LegacyRest => ReplyRepresentation::Json,
            };
            let way = Way { surface, line: 0, reply, filling: Filling::Most(0) };
            check_way::<O>(&self.client, &self.script, way);
        }
    }
}
