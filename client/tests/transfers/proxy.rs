//! A TCP proxy on loopback that cuts connections where a test wants it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// It breaks after so many bytes from the client.
    Up(u64),
    /// It breaks after so many bytes from the server.
    Down(u64),
    /// It stays, but after so many bytes from the client no more are passed on until [`Proxy::release`].
    Stall(u64),
}

#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    /// Where it leads; connections wait until there is something.
    server: Arc<watch::Sender<Option<SocketAddr>>>,
    /// A permit for each connection that stalls.
    stalled: Arc<Semaphore>,
    /// A permit for each connection that may go on.
    released: Arc<Semaphore>,
    /// Whether what comes from the server is held, too.
    holds_replies: Arc<AtomicBool>,
}

impl Proxy {
    /// Each connection takes the next cut, those beyond have none.
    pub(crate) async fn start(server: Option<SocketAddr>, cuts: Vec<Cut>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let none = || Arc::new(Semaphore::new(0));
        let address = listener.local_addr().unwrap();
        let (server, holds_replies) = (Arc::new(watch::Sender::new(server)), Arc::default());
        let proxy = Proxy { address, server, stalled: none(), released: none(), holds_replies };
        let cuts = Arc::new(Mutex::new(VecDeque::from(cuts)));
        let of_connections = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = cuts.lock().unwrap().pop_front();
                let proxy = of_connections.clone();
                tokio::spawn(async move { proxy.carry(client, cut).await });
            }
        });
        proxy
    }

    /// Has connections that begin from now on lead there.
    pub(crate) fn lead_to(&self, server: Option<SocketAddr>) {
        self.server.send_replace(server);
    }

    /// Waits until one more connection stalls.
    pub(crate) async fn stalled(&self) {
        self.stalled.acquire().await.unwrap().forget();
    }

    /// From now on a connection stalls before the next bytes from the server.
    pub(crate) fn hold_replies(&self) {
        self.holds_replies.store(true, Ordering::Relaxed);
    }

    /// Has a connection go on that stalls.
    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }

    async fn carry(&self, client: TcpStream, cut: Option<Cut>) {
        let mut server = self.server.subscribe();
        let upstream = server.wait_for(Option::is_some).await.unwrap().unwrap();
        // A server that is gone closes its clients' connections too.
        let Ok(server) = TcpStream::connect(upstream).await else { return };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let (up_max, down_max) = match cut {
            Some(Cut::Up(n_bytes) | Cut::Stall(n_bytes)) => (n_bytes, u64::MAX),
            Some(Cut::Down(n_bytes)) => (u64::MAX, n_bytes),
            None => (u64::MAX, u64::MAX),
        };
        let stalls = matches!(cut, Some(Cut::Stall(_)));
        let up = async {
            let (mut from, mut to) = (from_client, to_server);
            self.copy(&mut from, &mut to, up_max, false).await;
            if stalls {
                self.stall().await;
                self.copy(&mut from, &mut to, u64::MAX, false).await;
            }
        };
        let down = async {
            let (mut from, mut to) = (from_server, to_client);
            self.copy(&mut from, &mut to, down_max, true).await;
        };
        // Whichever ends first takes both connections with it.
        tokio::select! {
            () = up => {}
            () = down => {}
        }
    }

    async fn stall(&self) {
        self.stalled.add_permits(1);
        self.released.acquire().await.unwrap().forget();
    }

    async fn copy(
        &self,
        from: &mut (impl AsyncRead + Unpin),
        to: &mut (impl AsyncWrite + Unpin),
        n_bytes_max: u64,
        is_down: bool,
    ) {
        let mut n_left = n_bytes_max;
        let mut chunk = vec![0; 256 << 10];
        while n_left > 0 {
            let room = chunk.len().min(usize::try_from(n_left).unwrap_or(usize::MAX));
            let Ok(n_read @ 1..) = from.read(&mut chunk[..room]).await else { return };
            if is_down && self.holds_replies.swap(false, Ordering::Relaxed) {
                self.stall().await;
            }
            if to.write_all(&chunk[..n_read]).await.is_err() {
                return;
            }
            n_left -= n_read as u64;
        }
    }
}
