//! A TCP proxy on loopback that cuts connections where a test wants it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How a connection ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// It breaks after so many bytes from the client.
    Up(u64),
    /// It breaks after so many bytes from the server.
    Down(u64),
    /// It stays, but after so many bytes from the client no more are passed on.
    Stall(u64),
}

pub(crate) struct Proxy;

impl Proxy {
    /// Its address; each connection takes the next cut, those beyond have none.
    pub(crate) async fn start(upstream: SocketAddr, cuts: Vec<Cut>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(Mutex::new(VecDeque::from(cuts)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let cut = cuts.lock().unwrap().pop_front();
                tokio::spawn(carry(client, upstream, cut));
            }
        });
        address
    }
}

async fn carry(client: TcpStream, upstream: SocketAddr, cut: Option<Cut>) {
    let server = TcpStream::connect(upstream).await.unwrap();
    let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
    let (up_max, down_max, stalls) = match cut {
        Some(Cut::Up(n_bytes)) => (n_bytes, u64::MAX, false),
        Some(Cut::Down(n_bytes)) => (u64::MAX, n_bytes, false),
        Some(Cut::Stall(n_bytes)) => (n_bytes, u64::MAX, true),
        None => (u64::MAX, u64::MAX, false),
    };
    // Whichever ends first takes both connections with it.
    tokio::select! {
        () = copy(from_client, to_server, up_max, stalls) => {}
        () = copy(from_server, to_client, down_max, false) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    n_bytes_max: u64,
    stalls: bool,
) {
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
    if stalls {
        std::future::pending::<()>().await;
    }
}
