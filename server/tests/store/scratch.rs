//! Directories that go when the test does.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use contentlibd::domain::{Limits, Records};
use contentlibd::ledger::Ledger;
use contentlibd::store::Store;
use contentlibd::store::sqlite::SqliteStore;

/// A directory of this test's own.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> Scratch {
        static N_MADE: AtomicU32 = AtomicU32::new(0);
        let n_made = N_MADE.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("contentlibd-{}-{n_made}", std::process::id()));
        fs::create_dir(&path).expect("a directory that was not there");
        Scratch(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of a store in it.
    pub(crate) fn records(&self) -> PathBuf {
        self.0.join("records.sqlite")
    }

    pub(crate) fn store(&self) -> Arc<SqliteStore> {
        Arc::new(SqliteStore::open(&self.records()).expect("a store"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).expect("a directory that is there");
    }
}

pub(crate) fn ledger_on(store: Arc<dyn Store>) -> Ledger {
    Ledger::new(store, Limits::default()).0
}

pub(crate) fn everything(store: &dyn Store) -> Records {
    store.snapshot().and_then(|mut snapshot| snapshot.everything()).expect("a store that can be read")
}

/// The records that exist, without the knowledge of those that do not.
pub(crate) fn existing(records: &Records) -> Records {
    let mut existing = Records::default();
    records.all().for_each(|r: &contentlibd::domain::library::Library| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::item::Item| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::update::UpdateSession| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::download::DownloadSession| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::client_token::Remembered| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::freed::FreedBlob| existing.put(r.clone()));
    records.all().for_each(|r: &contentlibd::domain::trusted::TrustedCertificate| existing.put(r.clone()));
    existing
}
