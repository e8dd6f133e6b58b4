//! The bytes of a file as a request's body: a few chunks in memory, whatever its size.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::checksum::{CHUNK_BYTES, Meanwhile};
use crate::progress::Mark;

/// Chunks that wait for the network.
const N_CHUNKS_MAX: usize = 4;

/// The rest of a file.
pub(crate) struct BytesOf {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    n_left: u64,
    mark: Mark,
    unreadable: Unreadable,
}

/// Why a file could not be read on; whoever sends a body sees only that it broke.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unreadable(Arc<Mutex<Option<io::Error>>>);

impl Unreadable {
    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn set(&self, error: io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }
}

impl BytesOf {
    /// The `n_left` bytes of this file that begin here; the mark moves with them, and whoever hashes the file sees them.
    pub(crate) fn new(
        path: PathBuf,
        offset: u64,
        n_left: u64,
        mark: Mark,
        hashed: Option<Meanwhile>,
    ) -> BytesOf {
        let (sender, chunks) = mpsc::channel(N_CHUNKS_MAX);
        if n_left > 0 {
            spawn_blocking(move || {
                if let Err(error) = read(path, offset, n_left, hashed.as_ref(), &sender) {
                    // Where nobody takes it, nobody sends the file any more.
                    let _taken_or_not = sender.blocking_send(Err(error));
                }
            });
        }
        BytesOf { chunks, n_left, mark, unreadable: Unreadable::default() }
    }

    pub(crate) fn unreadable(&self) -> Unreadable {
        self.unreadable.clone()
    }
}

fn read(
    path: PathBuf,
    mut offset: u64,
    mut n_left: u64,
    hashed: Option<&Meanwhile>,
    sender: &mpsc::Sender<io::Result<Bytes>>,
) -> io::Result<()> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    while n_left > 0 {
        let n_wanted = n_left.min(CHUNK_BYTES as u64);
        // Not filled with zeros first, which would cost as much as to read.
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        let n_read = (&mut file).take(n_wanted).read_to_end(&mut chunk)?;
        if n_read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
        }
        if let Some(hashed) = hashed {
            hashed.read(offset, &chunk);
        }
        offset += n_read as u64;
        n_left -= n_read as u64;
        if sender.blocking_send(Ok(chunk.into())).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

impl Body for BytesOf {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let chunk = ready!(self.chunks.poll_recv(cx));
        let this = &mut *self;
        Poll::Ready(match chunk {
            Some(Ok(chunk)) => {
                this.n_left -= chunk.len() as u64;
                this.mark.moved(chunk.len());
                Some(Ok(Frame::data(chunk)))
            }
            Some(Err(error)) => {
                let broken = io::Error::new(error.kind(), error.to_string());
                this.unreadable.set(error);
                Some(Err(broken))
            }
            None if this.n_left > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.n_left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.n_left)
    }
}
