//! Transfers under way: who is to stop when, and when it has.
//!
//! A file has one writer. A later one asks the one before to stop, and waits until it has.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use vapi::runtime::server::Caller as Login;

use crate::domain::ids::{BlobId, UpdateSessionId};
use crate::domain::transfer::Grant;

/// Transfers under way, by session and number.
#[derive(Debug, Default)]
pub struct Running(Mutex<BTreeMap<(UpdateSessionId, u64), Entry>>);

#[derive(Debug)]
struct Entry {
    blob: Option<BlobId>,
    /// Says stop; closed when whoever was told so is done.
    stop: Arc<watch::Sender<bool>>,
}

/// A transfer under way, until it is dropped.
pub struct Turn<'r> {
    running: &'r Running,
    key: (UpdateSessionId, u64),
    stop: watch::Receiver<bool>,
}

impl Running {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<(UpdateSessionId, u64), Entry>> {
        // Every change is one insertion or removal.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A transfer begins.
    pub fn begin(&self, session: &UpdateSessionId, grant: &Grant) -> Turn<'_> {
        let (sender, stop) = watch::channel(false);
        let key = (session.clone(), grant.attempt);
        let entry = Entry { blob: grant.blob.clone(), stop: Arc::new(sender) };
        self.entries().insert(key.clone(), entry);
        Turn { running: self, key, stop }
    }

    /// Has a transfer stop, and waits until it has.
    pub async fn stop(&self, session: &UpdateSessionId, attempt: u64) {
        self.stop_those(|of, number, _| of == session && number == attempt).await;
    }

    /// The same for all transfers of a session.
    pub async fn stop_all(&self, session: &UpdateSessionId) {
        self.stop_those(|of, _, _| of == session).await;
    }

    /// The same for whoever writes these bytes.
    pub async fn stop_writing(&self, blob: &BlobId) {
        self.stop_those(|_, _, entry| entry.blob.as_ref() == Some(blob)).await;
    }

    async fn stop_those(&self, is_meant: impl Fn(&UpdateSessionId, u64, &Entry) -> bool) {
        let meant: Vec<_> = self
            .entries()
            .iter()
            .filter(|((session, attempt), entry)| is_meant(session, *attempt, entry))
            .map(|(_, entry)| Arc::clone(&entry.stop))
            .collect();
        for stop in meant {
            stop.send_replace(true);
            stop.closed().await;
        }
    }

    /// How many there are.
    pub fn n_running(&self) -> usize {
        self.entries().len()
    }
}

impl Turn<'_> {
    /// Whether the transfer is to stop.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Ends when the transfer is to stop.
    pub async fn stopped(&mut self) {
        // The sender lives as long as the entry, and the entry as long as this.
        let _ = self.stop.wait_for(|stop| *stop).await;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.running.entries().remove(&self.key);
    }
}

/// Whose login is to live on while a session's bytes come: that of whoever announced a file last. Official clients send the
/// bytes without it.
#[derive(Debug, Default)]
pub struct Senders(Mutex<BTreeMap<UpdateSessionId, Login>>);

impl Senders {
    /// This login announced a file.
    pub fn remember(&self, session: &UpdateSessionId, login: &Login) {
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|_, login| login.is_live());
        senders.insert(session.clone(), login.clone());
    }

    /// Bytes came.
    pub fn touch(&self, session: &UpdateSessionId) {
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(login) = senders.get(session) {
            login.touch();
        }
    }
}
