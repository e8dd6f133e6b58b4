//! One large file, there and back, by a client that hardly does anything else; its checksum is announced.
//!
//! Out: seconds, CPU seconds of the server, its memory before and its peak in KiB; or, for other clients, an address to send to
//! or to fetch from.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};
use vapi::content::library::item::{DownloadSessionId, DownloadSessionModel, UpdateSessionId};

use crate::Figures;
use crate::connection::Connection;
use crate::limits::{BLOCK_BYTES, block};
use crate::stage::{Stage, path_of, pushed};
use crate::watched::Watched;

const NAME: &str = "disk.img";
/// Between two looks whether a file is ready.
const PAUSE: Duration = Duration::from_millis(10);

/// Sends a file whose checksum is announced; the time ends with the reply, when all of it is durable and verified.
pub(crate) fn upload(stage: &Stage, server: &Watched, n_bytes: usize) -> Figures {
    let (checksum, block) = (checksum(n_bytes), block());
    stage.runtime.block_on(async {
        let (_, path) = announced(stage, n_bytes, checksum).await?;
        let (memory, cpu, began) = (server.begin_memory()?, server.cpu()?, Instant::now());
        send(stage, &path, &block, n_bytes).await?;
        let (elapsed, cpu) = (began.elapsed(), server.cpu()? - cpu);
        Ok(figures(elapsed, cpu, memory, server.peak_memory()?))
    })
}

/// Fetches a file that was sent before; the time ends with its last byte.
pub(crate) fn download(stage: &Stage, server: &Watched, n_bytes: usize) -> Figures {
    let (checksum, block) = (checksum(n_bytes), block());
    stage.runtime.block_on(async {
        let (session, path) = announced(stage, n_bytes, checksum).await?;
        send(stage, &path, &block, n_bytes).await?;
        let item = stage.client.update_session().get(&session).await?.library_item_id.ok_or("no item")?;
        stage.client.update_session().complete(&session).await?;
        let download =
            stage.client.download_session().create(DownloadSessionModel::for_create(&item)).await?;
        let path = prepared(stage, &download).await?;
        let (memory, cpu, began) = (server.begin_memory()?, server.cpu()?, Instant::now());
        fetch(stage, &path, n_bytes).await?;
        let (elapsed, cpu) = (began.elapsed(), server.cpu()? - cpu);
        Ok(figures(elapsed, cpu, memory, server.peak_memory()?))
    })
}

/// Where somebody else may send such a file.
pub(crate) fn send_to(stage: &Stage, n_bytes: usize) -> Figures {
    let checksum = checksum(n_bytes);
    let (_, path) = stage.runtime.block_on(announced(stage, n_bytes, checksum))?;
    Ok(format!("http://{}{path}", stage.address))
}

/// Where somebody else may fetch such a file.
pub(crate) fn fetch_from(stage: &Stage, n_bytes: usize) -> Figures {
    let (checksum, block) = (checksum(n_bytes), block());
    let path = stage.runtime.block_on(offered(stage, &block, n_bytes, checksum))?;
    Ok(format!("http://{}{path}", stage.address))
}

fn figures(elapsed: Duration, cpu: Duration, memory_kib: u64, peak_kib: u64) -> String {
    format!("{:.4}\t{:.2}\t{memory_kib}\t{peak_kib}", elapsed.as_secs_f64(), cpu.as_secs_f64())
}

/// What the blocks of so many bytes hash to.
fn checksum(n_bytes: usize) -> ChecksumInfo {
    let (mut hash, block) = (Sha256::new(), block());
    let mut n_left = n_bytes;
    while n_left > 0 {
        let n = n_left.min(BLOCK_BYTES);
        hash.update(&block[..n]);
        n_left -= n;
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    ChecksumInfo::new(hex).algorithm(ChecksumAlgorithm::Sha256)
}

/// A session with a file; the path to send it to.
async fn announced(
    stage: &Stage,
    n_bytes: usize,
    checksum: ChecksumInfo,
) -> Result<(UpdateSessionId, String), Box<dyn Error>> {
    let session = stage.session().await?;
    let spec = pushed(NAME, n_bytes)?.checksum_info(checksum);
    let path = stage.file(&session, spec).await?;
    Ok((session, path))
}

/// An item with a file; the path to fetch it from.
async fn offered(
    stage: &Stage,
    block: &[u8],
    n_bytes: usize,
    checksum: ChecksumInfo,
) -> Result<String, Box<dyn Error>> {
    let (session, path) = announced(stage, n_bytes, checksum).await?;
    send(stage, &path, block, n_bytes).await?;
    let item = stage.client.update_session().get(&session).await?.library_item_id.ok_or("no item")?;
    stage.client.update_session().complete(&session).await?;
    let download = stage.client.download_session().create(DownloadSessionModel::for_create(&item)).await?;
    prepared(stage, &download).await
}

/// The path to fetch the file from, once the server has made it ready.
async fn prepared(stage: &Stage, download: &DownloadSessionId) -> Result<String, Box<dyn Error>> {
    let files = stage.client.download_session_file();
    let mut file = files.prepare(download, NAME).await?;
    while file.download_endpoint.is_none() {
        tokio::time::sleep(PAUSE).await;
        file = files.get(download, NAME).await?;
    }
    path_of(file.download_endpoint.ok_or("the file has no address")?.uri.as_str())
}

async fn send(stage: &Stage, path: &str, block: &[u8], n_bytes: usize) -> io::Result<()> {
    let mut connection = Connection::open(stage.address, &stage.login).await?;
    let head = format!("PUT {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {n_bytes}\r\n\r\n");
    connection.stream.write_all(head.as_bytes()).await?;
    let mut n_left = n_bytes;
    while n_left > 0 {
        let n = n_left.min(BLOCK_BYTES);
        connection.stream.write_all(&block[..n]).await?;
        n_left -= n;
    }
    connection.reply("PUT").await.map(drop)
}

async fn fetch(stage: &Stage, path: &str, n_bytes: usize) -> io::Result<()> {
    let mut connection = Connection::open(stage.address, &stage.login).await?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    connection.stream.write_all(head.as_bytes()).await?;
    let (status, n_head_bytes, n_body_bytes) = connection.head().await?;
    if status != 200 || n_body_bytes != n_bytes {
        return Err(io::Error::other(format!("{status} with {n_body_bytes} bytes")));
    }
    let mut n_left = n_body_bytes - connection.n_bytes_behind(n_head_bytes);
    let mut buffer = vec![0; BLOCK_BYTES];
    while n_left > 0 {
        let n = connection.stream.read(&mut buffer).await?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        n_left -= n;
    }
    Ok(())
}
