//! The tables, by version: what a store of an older version goes through, one step after the other.
//!
//! A record is kept whole, as JSON; beside it stand the few values that something is looked up by. So a new field of a
//! record is no step here, as long as reading knows what an old record without it means.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::{Fault, FaultKind};

use super::fault;

/// Each step leads to the version that is its place in the list, from 1.
const STEPS: &[&str] = &[
    "
    CREATE TABLE commits (n INTEGER NOT NULL) STRICT;
    INSERT INTO commits VALUES (0);

    CREATE TABLE library (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL,
        is_local INTEGER NOT NULL, name TEXT NOT NULL
    ) STRICT;

    CREATE TABLE item (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL,
        library TEXT NOT NULL, name TEXT NOT NULL, type_name TEXT NOT NULL, source TEXT
    ) STRICT;
    CREATE INDEX item_of_library ON item (library, id);
    CREATE INDEX item_by_name ON item (library, name, id);
    CREATE INDEX item_of_source ON item (source) WHERE source IS NOT NULL;

    CREATE TABLE update_session (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL,
        item TEXT NOT NULL, owner TEXT, is_active INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX update_session_of_item ON update_session (item);
    CREATE INDEX update_session_due ON update_session (expires);

    CREATE TABLE download_session (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL,
        item TEXT NOT NULL, owner TEXT, is_active INTEGER NOT NULL, expires INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX download_session_of_item ON download_session (item);
    CREATE INDEX download_session_due ON download_session (expires);

    CREATE TABLE client_token (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT;

    CREATE TABLE freed_blob (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL,
        since INTEGER NOT NULL, is_read INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX freed_blob_erasable ON freed_blob (since) WHERE is_read = 0;
",
    "
    CREATE TABLE trusted_certificate (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE configuration (
        id TEXT PRIMARY KEY, revision INTEGER NOT NULL, record TEXT NOT NULL
    ) STRICT;
",
];

/// Brings the tables to the newest version.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    let newest = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    let version: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(fault)?;
    if version > newest {
        let detail =
            format!("the records are of version {version}, and this program knows {newest}; use a newer one");
        return Err(Fault::new(FaultKind::Corrupt, detail));
    }
    for step in STEPS.iter().skip(version as usize) {
        transaction.execute_batch(step).map_err(fault)?;
    }
    transaction.pragma_update(None, "user_version", newest).map_err(fault)?;
    transaction.commit().map_err(fault)
}
