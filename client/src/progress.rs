//! What a transfer tells while it goes on, and whom.

use std::fmt;
use std::sync::Arc;

/// Something that happened to a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// There is a session.
    Session {
        /// Its identifier.
        id: String,
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
