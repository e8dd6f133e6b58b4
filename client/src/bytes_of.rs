//! The bytes of a file as a request's body: a few chunks in memory, whatever its size.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::progress::{Event, Progress};
use crate::source::{CHUNK_BYTES, Surveyed};

/// Chunks that wait for the network.
const N_CHUNKS_MAX: usize = 4;

/// What the sender wants to know of a body that it gave away.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Bytes of the file that were taken to be sent, those before the beginning included.
    pub(crate) n_bytes: u64,
    /// Why the file could not be read on.
    pub(crate) error: Option<io::Error>,
}

/// The rest of a file.
pub(crate) struct BytesOf {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    n_left: u64,
    file: String,
    seen: Arc<Mutex<Seen>>,
    progress: Progress,
}

/// Starts to read a file at this place; also what will have been seen of it.
pub(crate) fn bytes_of(source: &Surveyed, offset: u64, progress: &Progress) -> (BytesOf, Arc<Mutex<Seen>>) {
    let (sender, chunks) = mpsc::channel(N_CHUNKS_MAX);
    let (path, n_left) = (source.path.clone(), source.n_bytes - offset);
    spawn_blocking(move || {
        let read = |sender: &mpsc::Sender<io::Result<Bytes>>| -> io::Result<()> {
            let mut file = File::open(path)?;
            file.seek(SeekFrom::Start(offset))?;
            let mut n_left = n_left;
            while n_left > 0 {
                let mut chunk = vec![0; CHUNK_BYTES.min(usize::try_from(n_left).unwrap_or(usize::MAX))];
                let n_read = file.read(&mut chunk)?;
                if n_read == 0 {
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file became shorter"));
                }
                chunk.truncate(n_read);
                n_left -= n_read as u64;
                if sender.blocking_send(Ok(chunk.into())).is_err() {
                    return Ok(());
                }
            }
            Ok(())
        };
        if let Err(error) = read(&sender) {
            // Where nobody takes it, nobody sends the file any more.
            let _taken_or_not = sender.blocking_send(Err(error));
        }
    });
    let seen = Arc::new(Mutex::new(Seen { n_bytes: offset, error: None }));
    let file = source.name.clone();
    (BytesOf { chunks, n_left, file, seen: Arc::clone(&seen), progress: progress.clone() }, seen)
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
        let mut seen = this.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Poll::Ready(match chunk {
            Some(Ok(chunk)) => {
                this.n_left -= chunk.len() as u64;
                seen.n_bytes += chunk.len() as u64;
                let (file, n_bytes) = (this.file.clone(), seen.n_bytes);
                this.progress.tell(|| Event::Moved { file, n_bytes });
                Some(Ok(Frame::data(chunk)))
            }
            Some(Err(error)) => {
                let broken = io::Error::new(error.kind(), error.to_string());
                seen.error = Some(error);
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
