//! Records in a file of this machine: SQLite with a write-ahead log that is synced with every commit.
//!
//! One connection writes, any number of others read what was committed when they began. A revision is the number of the
//! commit that wrote the record, so none comes twice. Little is in memory: the pages that SQLite keeps, and what the
//! ledger knows of records in use; so a start reads next to nothing, however much is kept.

mod lists;
mod schema;
mod tables;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::{
    Due, Fault, FaultKind, Found, Guard, ItemFilter, LibraryFilter, SessionCount, SessionFilter, Snapshot,
    Store,
};
use crate::domain::ids::{
    BlobId, CertificateId, DownloadSessionId, ItemId, LibraryId, Time, UpdateSessionId,
};
use crate::domain::{Key, Records};

/// How many connections for reading are kept when nobody reads.
const READERS_KEPT_MAX: usize = 8;
/// How long a connection waits for another process.
const BUSY_MS: u64 = 5_000;
/// Statements that a connection remembers.
const STATEMENTS_KEPT: usize = 64;

/// Records in a file.
pub struct SqliteStore {
    path: PathBuf,
    is_sole_writer: bool,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

impl SqliteStore {
    /// The store in this file, which is made if it is not there. Nobody else may write to it; see
    /// [`super::directory::DataDirectory`].
    pub fn open(path: &Path) -> Result<SqliteStore, Fault> {
        SqliteStore::open_as(path, true)
    }

    /// The same, with others writing to it as well.
    pub fn open_shared(path: &Path) -> Result<SqliteStore, Fault> {
        SqliteStore::open_as(path, false)
    }

    fn open_as(path: &Path, is_sole_writer: bool) -> Result<SqliteStore, Fault> {
        let mut writer = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let mode: String =
            writer.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0)).map_err(fault)?;
        if mode != "wal" {
            let detail = format!("{} cannot have a write-ahead log there, only `{mode}`", path.display());
            return Err(Fault::new(FaultKind::Unavailable, detail));
        }
        writer.pragma_update(None, "synchronous", "full").map_err(fault)?;
        // Where a plain sync only reaches the disk's own memory.
        writer.pragma_update(None, "fullfsync", true).map_err(fault)?;
        writer.pragma_update(None, "checkpoint_fullfsync", true).map_err(fault)?;
        schema::migrate(&mut writer)?;
        let (writer, readers) = (Mutex::new(writer), Mutex::default());
        Ok(SqliteStore { path: path.to_owned(), is_sole_writer, writer, readers })
    }

    /// How many commits there were, ever.
    pub fn n_commits(&self) -> Result<i64, Fault> {
        let writer = lock(&self.writer);
        writer.query_row("SELECT n FROM commits", [], |row| row.get(0)).map_err(fault)
    }
}

impl Store for SqliteStore {
    fn is_sole_writer(&self) -> bool {
        self.is_sole_writer
    }

    fn look_up(&self, key: &Key) -> Result<Found, Fault> {
        tables::look_up(&lock(&self.writer), key)
    }

    fn commit(&self, seen: &[Guard], changes: &Records) -> Result<(), Fault> {
        let mut writer = lock(&self.writer);
        // A transaction that is dropped is rolled back.
        let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
        for guard in seen {
            if tables::revisions(&transaction, &guard.key)? != guard.revisions {
                return Err(Fault::new(FaultKind::Conflict, format!("{:?} was changed", guard.key)));
            }
        }
        let revision = transaction
            .prepare_cached("UPDATE commits SET n = n + 1 RETURNING n")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
            .map_err(fault)?;
        tables::write(&transaction, revision, changes)?;
        transaction.commit().map_err(fault)
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Fault> {
        let kept = lock(&self.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let snapshot = SqliteSnapshot { store: self, connection: Some(connection) };
        // The snapshot begins with the first read; this one is as good as any, and cheap. Parsing costs more than reading, so
        // the connection keeps its statements.
        run(snapshot.connection()?, "BEGIN")?;
        let mut first = snapshot.connection()?.prepare_cached("SELECT n FROM commits").map_err(fault)?;
        first.query_row([], |_| Ok(())).map_err(fault)?;
        drop(first);
        Ok(Box::new(snapshot))
    }
}

struct SqliteSnapshot<'s> {
    store: &'s SqliteStore,
    /// Always there until it is dropped.
    connection: Option<Connection>,
}

impl SqliteSnapshot<'_> {
    fn connection(&self) -> Result<&Connection, Fault> {
        self.connection.as_ref().ok_or_else(|| Fault::new(FaultKind::Unavailable, "the connection is closed"))
    }
}

impl Drop for SqliteSnapshot<'_> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        // One that does not end its transaction is of no more use.
        if run(&connection, "ROLLBACK").is_ok() {
            let mut readers = lock(&self.store.readers);
            if readers.len() < READERS_KEPT_MAX {
                readers.push(connection);
            }
        }
    }
}

impl Snapshot for SqliteSnapshot<'_> {
    fn look_up(&mut self, key: &Key) -> Result<Found, Fault> {
        tables::look_up(self.connection()?, key)
    }

    fn libraries(&mut self, filter: &LibraryFilter) -> Result<Vec<LibraryId>, Fault> {
        lists::libraries(self.connection()?, filter)
    }

    fn items(&mut self, filter: &ItemFilter) -> Result<Vec<ItemId>, Fault> {
        lists::items(self.connection()?, filter)
    }

    fn update_sessions(&mut self, filter: &SessionFilter) -> Result<Vec<UpdateSessionId>, Fault> {
        lists::sessions(self.connection()?, "update_session", filter)
    }

    fn download_sessions(&mut self, filter: &SessionFilter) -> Result<Vec<DownloadSessionId>, Fault> {
        lists::sessions(self.connection()?, "download_session", filter)
    }

    fn n_sessions(&mut self) -> Result<Vec<SessionCount>, Fault> {
        let connection = self.connection()?;
        let mut counts = lists::n_sessions(connection, "update_session", "update")?;
        counts.extend(lists::n_sessions(connection, "download_session", "download")?);
        Ok(counts)
    }

    fn due(&mut self, now: Time, n_max: usize) -> Result<Due, Fault> {
        let connection = self.connection()?;
        let updates = lists::due(connection, "update_session", now, n_max)?;
        Ok(Due { updates, downloads: lists::due(connection, "download_session", now, n_max)? })
    }

    fn trusted_certificates(&mut self) -> Result<Vec<CertificateId>, Fault> {
        lists::trusted_certificates(self.connection()?)
    }

    fn erasable(&mut self, n_max: usize) -> Result<Vec<BlobId>, Fault> {
        lists::erasable(self.connection()?, n_max)
    }

    fn everything(&mut self) -> Result<Records, Fault> {
        tables::everything(self.connection()?)
    }
}

fn run(connection: &Connection, statement: &str) -> Result<(), Fault> {
    connection
        .prepare_cached(statement)
        .and_then(|mut statement| statement.execute([]))
        .map(drop)
        .map_err(fault)
}

fn connect(path: &Path, how: OpenFlags) -> Result<Connection, Fault> {
    let connection =
        Connection::open_with_flags(path, how | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(fault)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS)).map_err(fault)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    connection.pragma_update(None, "trusted_schema", false).map_err(fault)?;
    Ok(connection)
}

/// What a panic of another thread left is whole: a transaction that was not committed is none.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fault(error: rusqlite::Error) -> Fault {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FaultKind::Full,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FaultKind::Corrupt,
        _ => FaultKind::Unavailable,
    };
    Fault::new(kind, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks a store that goes again.
    fn with_store<T>(name: &str, ask: impl FnOnce(&Connection) -> T) -> T {
        let path = std::env::temp_dir().join(format!("contentlibd-{name}-{}.sqlite", std::process::id()));
        let store = SqliteStore::open(&path).unwrap();
        let answer = ask(&lock(&store.writer));
        drop(store);
        std::fs::remove_file(path).unwrap();
        answer
    }

    #[test]
    fn every_commit_is_synced() {
        let found = with_store("synced", |connection| {
            let pragma = |name: &str| -> rusqlite::types::Value {
                connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).unwrap()
            };
            ["journal_mode", "synchronous", "fullfsync"].map(pragma)
        });
        assert_eq!(found, ["wal".to_owned().into(), 2.into(), 1.into()], "2 is FULL");
    }

    #[test]
    fn looking_up_by_other_values_than_an_identifier_reads_no_more_than_is_found() {
        for (which, index) in [
            ("item WHERE library = ?1 AND name = ?2", "item_by_name"),
            ("item WHERE library = ?1", "item_of_library"),
            ("update_session WHERE item = ?1", "update_session_of_item"),
            ("download_session WHERE item = ?1", "download_session_of_item"),
        ] {
            let plan: String = with_store(index, |connection| {
                let sql = format!("EXPLAIN QUERY PLAN SELECT record FROM {which} ORDER BY id");
                connection
                    .query_row(
                        &sql,
                        rusqlite::params_from_iter(vec!["x"; which.matches('?').count()]),
                        |row| row.get("detail"),
                    )
                    .unwrap()
            });
            assert!(plan.contains(index), "{which}: {plan}");
        }
    }
}
