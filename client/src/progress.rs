//! What a transfer tells while it goes on, and whom; and how far it is as a whole.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something that happened to a transfer.
///
/// `Planned` comes first and `Session` second. For each file there is at least one `Begun`, then `Moved`, and `Ended` at the
/// end, in this order; those of several files stand among each other.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// It is known what there is to do. Of a download, bytes whose number the server does not say are not counted.
    Planned {
        /// How many files there are.
        n_files: usize,
        /// How many bytes they have together.
        n_bytes: u64,
    },
    /// There is a session.
    Session {
        /// Its identifier.
        id: String,
    },
    /// Bytes were read to find out their checksum, which is usually before any is sent.
    Read {
        /// The file's name in the item.
        file: String,
        /// How many bytes of it were read.
        n_bytes: u64,
    },
    /// A file begins, or begins again.
    Begun {
        /// Its name in the item.
        file: String,
        /// Bytes that it has.
        n_bytes: u64,
        /// Where in it bytes begin to move.
        offset: u64,
    },
    /// Bytes moved.
    Moved {
        /// The file's name in the item.
        file: String,
        /// How many bytes of it are on the other side, or on the way there.
        n_bytes: u64,
    },
    /// A file broke off and is tried again.
    Again {
        /// Its name in the item.
        file: String,
        /// Why it broke off.
        reason: String,
    },
    /// A file is where it belongs, and is what it should be.
    Ended {
        /// Its name in the item.
        file: String,
    },
}

/// Whoever wants to know; called from within the transfer, so it must not block.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(Event) + Send + Sync>>);

impl Progress {
    /// Tells it this function.
    #[must_use]
    pub fn new(listen: impl Fn(Event) + Send + Sync + 'static) -> Progress {
        Progress(Some(Arc::new(listen)))
    }

    pub(crate) fn tell(&self, event: impl FnOnce() -> Event) {
        if let Some(listen) = &self.0 {
            listen(event());
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.0.is_some()).finish()
    }
}

/// How far a transfer is as a whole, which the server is told.
#[derive(Debug)]
pub(crate) struct Tally {
    n_bytes: u64,
    n_moved: AtomicU64,
}

impl Tally {
    pub(crate) fn of(n_bytes: u64) -> Tally {
        Tally { n_bytes, n_moved: AtomicU64::new(0) }
    }

    /// In percent; all only if nothing is left.
    pub(crate) fn percent(&self) -> i64 {
        let n_moved = u128::from(self.n_moved.load(Ordering::Relaxed).min(self.n_bytes));
        let percent = if self.n_bytes == 0 { 0 } else { n_moved * 100 / u128::from(self.n_bytes) };
        i64::try_from(percent).unwrap_or(100)
    }
}

/// How far one file is.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    file: Arc<str>,
    progress: Progress,
    tally: Arc<Tally>,
    n_bytes: Arc<AtomicU64>,
    /// The furthest that it ever was, so that a file that begins again does not count twice.
    n_bytes_max: Arc<AtomicU64>,
}

impl Mark {
    pub(crate) fn new(file: &str, progress: &Progress, tally: &Arc<Tally>) -> Mark {
        let (progress, tally) = (progress.clone(), Arc::clone(tally));
        Mark { file: file.into(), progress, tally, n_bytes: Arc::default(), n_bytes_max: Arc::default() }
    }

    /// It begins here, and has so many bytes.
    pub(crate) fn begin(&self, offset: u64, n_bytes: u64) {
        self.n_bytes.store(offset, Ordering::Relaxed);
        self.progress.tell(|| Event::Begun { file: self.file.to_string(), n_bytes, offset });
    }

    /// So many bytes more moved. Only who moves them calls this.
    pub(crate) fn moved(&self, n_more: usize) {
        let n_bytes = self.n_bytes.load(Ordering::Relaxed) + n_more as u64;
        self.n_bytes.store(n_bytes, Ordering::Relaxed);
        let before = self.n_bytes_max.fetch_max(n_bytes, Ordering::Relaxed);
        self.tally.n_moved.fetch_add(n_bytes.saturating_sub(before), Ordering::Relaxed);
        self.progress.tell(|| Event::Moved { file: self.file.to_string(), n_bytes });
    }

    pub(crate) fn again(&self, reason: &impl ToString) {
        self.progress.tell(|| Event::Again { file: self.file.to_string(), reason: reason.to_string() });
    }

    pub(crate) fn end(&self) {
        self.progress.tell(|| Event::Ended { file: self.file.to_string() });
    }

    /// How many bytes are on the other side, or on the way there.
    pub(crate) fn n_bytes(&self) -> u64 {
        self.n_bytes.load(Ordering::Relaxed)
    }
}
