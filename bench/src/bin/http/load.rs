//! Load on kept connections: each sends its next request when it has the whole reply to the last.
//!
//! Out: requests per second, and how long replies took at the median and at the 99th percentile.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::calls::Call;
use crate::{reply, sample};

const N_CONNECTIONS: usize = 16;

/// Calls a server so many times.
pub(crate) fn load(address: SocketAddr, call: &'static Call, n: usize) -> Result<String, Box<dyn Error>> {
    let requests: Arc<Vec<Vec<u8>>> =
        Arc::new((0..sample::N_SESSIONS).map(|session_idx| call.request(&sample::id(session_idx))).collect());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let begin = Instant::now();
    let mut latencies_us = runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut connections: JoinSet<io::Result<Vec<f64>>> = JoinSet::new();
        for _ in 0..N_CONNECTIONS {
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            connections.spawn(async move {
                let mut stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut latencies_us = Vec::with_capacity(n / N_CONNECTIONS * 2);
                let mut buffer = Vec::with_capacity(4096);
                loop {
                    let idx = next.fetch_add(1, Ordering::Relaxed);
                    if idx >= n {
                        return Ok(latencies_us);
                    }
                    let sent = Instant::now();
                    stream.write_all(&requests[idx % requests.len()]).await?;
                    let status = reply::read(&mut stream, &mut buffer).await?;
                    if status != call.status {
                        let text = format!("{status}: {}", String::from_utf8_lossy(&buffer));
                        return Err(io::Error::other(text));
                    }
                    latencies_us.push(sent.elapsed().as_secs_f64() * 1e6);
                }
            });
        }
        let mut all = Vec::with_capacity(n);
        while let Some(latencies_us) = connections.join_next().await {
            all.extend(latencies_us.map_err(io::Error::other)??);
        }
        Ok::<_, io::Error>(all)
    })?;
    let n_per_second = n as f64 / begin.elapsed().as_secs_f64();
    latencies_us.sort_by(f64::total_cmp);
    let percentile = |percent: usize| latencies_us[(latencies_us.len() - 1) * percent / 100];
    Ok(format!("{n_per_second:.0}\t{:.0}\t{:.0}\n", percentile(50), percentile(99)))
}
