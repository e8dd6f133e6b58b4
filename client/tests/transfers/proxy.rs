//! A TCP proxy on loopback that cuts connections where a test wants it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

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
    /// A permit for each connection that stalls.
    stalled: Arc<Semaphore>,
    /// A permit for each connection that may go on.
    released: Arc<Semaphore>,
}

impl Proxy {
    /// Each connection takes the next cut, those beyond have none.
    pub(crate) async fn start(upstream: SocketAddr, cuts: Vec<Cut>) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let none = || Arc::new(Semaphore::new(0));
        let proxy = Proxy { address: listener.local_addr().unwrap(), stalled: none(), released: none() };
        let cuts = Arc::new(Mutex::new(VecDeque::from(cuts)));
        let of_connections = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = cuts.lock().unwrap().pop_front();
                let proxy = of_connections.clone();
                tokio::spawn(async move { proxy.carry(client, upstream, cut).await });
            }
        });
        proxy
    }

    /// Waits until one more connection stalls.
    pub(crate) async fn stalled(&self) {
        self.stalled.acquire().await.unwrap().forget();
    }

    /// Has a connection go on that stalls.
    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }

    async fn carry(&self, client: TcpStream, upstream: SocketAddr, cut: Option<Cut>) {
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
            copy(&mut from, &mut to, up_max).await;
            if stalls {
                self.stalled.add_permits(1);
                self.released.acquire().await.unwrap().forget();
                copy(&mut from, &mut to, u64::MAX).await;
            }
        };
        let down = async {
            let (mut from, mut to) = (from_server, to_client);
            copy(&mut from, &mut to, down_max).await;
        };
        // Whichever ends first takes both connections with it.
        tokio::select! {
            () = up => {}
            () = down => {}
        }
    }
}

async fn copy(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin), n_bytes_max: u64) {
    let mut n_left = n_bytes_max;
    let mut chunk = vec![0; 16 << 10];
    while n_left > 0 {
        let room = chunk.len().min(usize::try_from(n_left).unwrap_or(usize::MAX));
        match from.read(&mut chunk[..room]).await {
            Ok(n_read) if n_read > 0 && to.write_all(&chunk[..n_read]).await.is_ok() => {
                n_left -= n_read as u64;
            }
            _ => return,
        }
    }
}
