//! Many uploads that trickle, and what calls take meanwhile.
//!
//! Each upload sends a piece a second, on a connection of its own. Two connections on a thread of their own call at a steady
//! pace: one reads a session, one has a session kept alive, which is durable.
//! Out: median and 99th percentile in microseconds of both, how many uploads there were, and how many bytes came.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt as _;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Figures;
use crate::calls::percentile;
use crate::connection::Connection;
use crate::stage::{Stage, pushed};

const FILES_PER_SESSION: usize = 10;
const PIECE_BYTES: usize = 4 << 10;
const N_PIECES: usize = 15;
const PIECE_EVERY: Duration = Duration::from_secs(1);
const CALL_EVERY: Duration = Duration::from_millis(5);

/// Has so many uploads under way, and calls meanwhile.
pub(crate) fn slow(stage: &Stage, n_uploads: usize) -> Figures {
    stage.runtime.block_on(async {
        let mut paths = Vec::with_capacity(n_uploads);
        while paths.len() < n_uploads {
            let session = stage.session().await?;
            for number in 0..FILES_PER_SESSION.min(n_uploads - paths.len()) {
                paths.push(
                    stage.file(&session, pushed(&format!("{number}.img"), PIECE_BYTES * N_PIECES)?).await?,
                );
            }
        }
        let called = stage.session().await?.to_string();
        let all_begun = Arc::new(AtomicBool::new(false));
        let is_over = Arc::new(AtomicBool::new(false));
        let (address, login) = (stage.address, stage.login.clone());
        let (begun, over) = (Arc::clone(&all_begun), Arc::clone(&is_over));
        let calls = std::thread::spawn(move || {
            call(address, &login, &called, &begun, &over).map_err(io::Error::other)
        });
        let mut uploads: JoinSet<io::Result<()>> = JoinSet::new();
        for path in paths {
            uploads.spawn(trickle(stage.address, path));
            sleep(PIECE_EVERY / u32::try_from(n_uploads)?).await;
        }
        all_begun.store(true, Ordering::Relaxed);
        // From the first that ends on there are fewer.
        let mut ended = uploads.join_next().await;
        is_over.store(true, Ordering::Relaxed);
        while let Some(upload) = ended {
            upload??;
            ended = uploads.join_next().await;
        }
        let [mut read, mut kept] = calls.join().map_err(|_| "the calls panicked")??;
        let mut of = |percent| (percentile(&mut read, percent), percentile(&mut kept, percent));
        let ((read_50, kept_50), (read_99, kept_99)) = (of(50), of(99));
        let n_bytes = n_uploads * PIECE_BYTES * N_PIECES;
        Ok(format!("{read_50:.0}\t{read_99:.0}\t{kept_50:.0}\t{kept_99:.0}\t{n_uploads}\t{n_bytes}"))
    })
}

async fn trickle(address: SocketAddr, path: String) -> io::Result<()> {
    let mut connection = Connection::open(address, "").await?;
    let n_bytes = PIECE_BYTES * N_PIECES;
    let head = format!("PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {n_bytes}\r\n\r\n");
    connection.stream.write_all(head.as_bytes()).await?;
    let piece = vec![7; PIECE_BYTES];
    for _ in 0..N_PIECES {
        connection.stream.write_all(&piece).await?;
        sleep(PIECE_EVERY).await;
    }
    connection.reply("PUT").await.map(drop)
}

/// Calls from when all uploads have begun until one has ended; what each took in microseconds.
fn call(
    address: SocketAddr,
    login: &str,
    session: &str,
    begun: &AtomicBool,
    is_over: &AtomicBool,
) -> Result<[Vec<f64>; 2], String> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    let path = format!("/content/library/item/update-session/{session}");
    let called: Result<_, Box<dyn Error>> = runtime.block_on(async {
        let mut connection = Connection::open(address, login).await?;
        let (mut read, mut kept) = (Vec::new(), Vec::new());
        let mut ticks = interval(CALL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !is_over.load(Ordering::Relaxed) {
            ticks.tick().await;
            let is_counted = begun.load(Ordering::Relaxed);
            let began = Instant::now();
            connection.call(&format!("GET {path}"), "").await?;
            let middle = Instant::now();
            connection.call(&format!("POST {path}?action=keep-alive"), "{}").await?;
            if is_counted {
                read.push((middle - began).as_secs_f64() * 1e6);
                kept.push(middle.elapsed().as_secs_f64() * 1e6);
            }
        }
        Ok([read, kept])
    });
    called.map_err(|error| error.to_string())
}
