//! A tap on the loopback connection: what a client writes goes to the server and back, and every byte is kept.
//!
//! In: the server's address. Out: an address to call instead, and what went over it since the last look.
//! A byte is kept before it is passed on, so once the client has its reply, the record of it is whole.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What went over the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) request: Vec<u8>,
    pub(crate) reply: Vec<u8>,
}

/// The tap.
pub(crate) struct Tap {
    address: SocketAddr,
    recorded: Mutex<Recorded>,
}

#[derive(Clone, Copy)]
enum Direction {
    ToServer,
    ToClient,
}

impl Tap {
    /// Listens on a free port and passes on to `server`.
    pub(crate) async fn before(server: SocketAddr) -> io::Result<Arc<Tap>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let tap = Arc::new(Tap { address: listener.local_addr()?, recorded: Mutex::default() });
        let accepting = Arc::clone(&tap);
        tokio::spawn(async move {
            // Ends with the runtime; a client that cannot connect says so itself.
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(server).await else { return };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(Arc::clone(&accepting).pass(from_client, to_server, Direction::ToServer));
                tokio::spawn(Arc::clone(&accepting).pass(from_server, to_client, Direction::ToClient));
            }
        });
        Ok(tap)
    }

    /// Where to call.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// What went over since the last time.
    pub(crate) fn take(&self) -> Recorded {
        std::mem::take(&mut self.recorded())
    }

    /// Passes bytes on until one side is done.
    async fn pass(self: Arc<Tap>, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, direction: Direction) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n_bytes @ 1..) = from.read(&mut buffer).await {
            let bytes = &buffer[..n_bytes];
            match direction {
                Direction::ToServer => self.recorded().request.extend_from_slice(bytes),
                Direction::ToClient => self.recorded().reply.extend_from_slice(bytes),
            }
            if to.write_all(bytes).await.is_err() {
                return;
            }
        }
    }

    fn recorded(&self) -> MutexGuard<'_, Recorded> {
        // Whole after every statement, so a panic elsewhere leaves nothing half done.
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
