//! Bytes to disk, hashed as they pass: a thread that may wait, behind a channel that holds a few chunks.
//!
//! So a fast sender waits for the disk, memory stays what it is, and no other call does.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::domain::checksum::Digests;
use crate::domain::ids::BlobId;
use crate::domain::transfer::Grant;
use crate::hashing::Hasher;
use crate::store::blobs::{BlobWriter, Blobs};

/// How many chunks wait for the disk.
const CHUNKS_MAX: usize = 8;

/// A file that is being written.
pub struct Writer {
    chunks: mpsc::Sender<Bytes>,
    done: JoinHandle<io::Result<Written>>,
    durable: Arc<AtomicU64>,
}

/// A file that was written, all of it surviving a power loss.
pub struct Written {
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to.
    pub digests: Digests,
}

impl Writer {
    /// Writes where the grant says.
    pub fn begin(blobs: Arc<dyn Blobs>, blob: BlobId, grant: &Grant, sync_bytes: u64) -> Writer {
        let (chunks, waiting) = mpsc::channel(CHUNKS_MAX);
        let durable = Arc::new(AtomicU64::new(grant.offset));
        let (offset, hasher) = (grant.offset, Hasher::new(&grant.algorithms));
        let reached = Arc::clone(&durable);
        let done = spawn_blocking(move || {
            let hasher = with_what_is_there(hasher, blobs.as_ref(), &blob, offset)?;
            write(blobs.write(&blob, offset)?, hasher, waiting, sync_bytes, &reached)
        });
        Writer { chunks, done, durable }
    }

    /// Takes more bytes. False if the disk takes none; [`Writer::finish`] says why.
    pub async fn append(&self, bytes: Bytes) -> bool {
        self.chunks.send(bytes).await.is_ok()
    }

    /// How many bytes survive a power loss.
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Has the rest written.
    pub async fn finish(self) -> io::Result<Written> {
        drop(self.chunks);
        self.done.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }
}

fn with_what_is_there(
    mut hasher: Hasher,
    blobs: &dyn Blobs,
    blob: &BlobId,
    offset: u64,
) -> io::Result<Hasher> {
    if offset > 0 {
        hasher.update_from(&mut blobs.read(blob, 0)?.bytes, offset)?;
    }
    Ok(hasher)
}

fn write(
    mut writer: Box<dyn BlobWriter>,
    mut hasher: Hasher,
    mut chunks: mpsc::Receiver<Bytes>,
    sync_bytes: u64,
    durable: &AtomicU64,
) -> io::Result<Written> {
    let mut n_unsynced = 0;
    while let Some(chunk) = chunks.blocking_recv() {
        writer.append(&chunk)?;
        hasher.update(&chunk);
        n_unsynced += chunk.len() as u64;
        if n_unsynced >= sync_bytes {
            durable.store(writer.sync()?, Ordering::Release);
            n_unsynced = 0;
        }
    }
    let size = writer.sync()?;
    durable.store(size, Ordering::Release);
    Ok(Written { size, digests: hasher.finish() })
}
