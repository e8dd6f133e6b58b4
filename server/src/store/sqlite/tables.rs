//! One table for each kind of record: the record as JSON, and the values beside it.

use std::borrow::Cow;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, params, params_from_iter};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::client_token::{Remembered, RequestKey};
use crate::domain::configuration::Configuration;
use crate::domain::download::DownloadSession;
use crate::domain::freed::FreedBlob;
use crate::domain::item::Item;
use crate::domain::library::Library;
use crate::domain::names::folded;
use crate::domain::trusted::TrustedCertificate;
use crate::domain::update::{SessionState, UpdateSession};
use crate::domain::{Key, Record, Records};
use crate::store::{Fault, FaultKind, Found};

use super::fault;

/// A kind of record and its table.
pub(super) trait Table: Record + Serialize + DeserializeOwned {
    const NAME: &'static str;
    /// Values beside the record, in the order of [`Table::values`].
    const COLUMNS: &'static [&'static str];

    fn id_text(id: &Self::Id) -> Cow<'_, str>;
    fn values(&self) -> Vec<Value>;
}

macro_rules! tables {
    ($($record:ty, $id:ty, $name:literal, $columns:expr, $id_text:expr, $values:expr;)*) => {$(
        impl Table for $record {
            const NAME: &'static str = $name;
            const COLUMNS: &'static [&'static str] = &$columns;

            fn id_text(id: &$id) -> Cow<'_, str> {
                let text: fn(&$id) -> Cow<'_, str> = $id_text;
                text(id)
            }

            fn values(&self) -> Vec<Value> {
                let values: fn(&$record) -> Vec<Value> = $values;
                values(self)
            }
        }
    )*};
}

tables! {
    Library, crate::domain::ids::LibraryId, "library", ["is_local", "name"],
        |id| Cow::Borrowed(id.as_str()),
        |library| vec![library.is_local().into(), folded(&library.name).into()];
    Item, crate::domain::ids::ItemId, "item", ["library", "name", "type_name", "source"],
        |id| Cow::Borrowed(id.as_str()),
        |item| vec![
            item.library.to_string().into(),
            folded(&item.name).into(),
            folded(&item.type_name).into(),
            optional(item.source.as_ref()),
        ];
    UpdateSession, crate::domain::ids::UpdateSessionId, "update_session",
        ["item", "owner", "is_active", "expires"],
        |id| Cow::Borrowed(id.as_str()),
        |session| vec![
            session.item.to_string().into(),
            optional(session.owner.as_ref()),
            (session.state == SessionState::Active).into(),
            session.expires.0.into(),
        ];
    DownloadSession, crate::domain::ids::DownloadSessionId, "download_session",
        ["item", "owner", "is_active", "expires"],
        |id| Cow::Borrowed(id.as_str()),
        |session| vec![
            session.item.to_string().into(),
            optional(session.owner.as_ref()),
            (session.state == SessionState::Active).into(),
            session.expires.0.into(),
        ];
    Remembered, RequestKey, "client_token", [],
        |key| {
            // A user's name may have anything in it, so its length says where it ends.
            let user = key.user.as_ref().map_or("", |user| user.as_str());
            let kind = if key.user.is_some() { "user" } else { "server" };
            Cow::Owned(format!("{kind} {} {user} {} {}", user.len(), key.operation, key.token))
        },
        |_| Vec::new();
    FreedBlob, crate::domain::ids::BlobId, "freed_blob", ["since", "is_read"],
        |id| Cow::Borrowed(id.as_str()),
        |freed| vec![freed.since.0.into(), (!freed.readers.is_empty()).into()];
    TrustedCertificate, crate::domain::ids::CertificateId, "trusted_certificate", [],
        |id| Cow::Borrowed(id.as_str()),
        |_| Vec::new();
    Configuration, crate::domain::ids::ConfigurationId, "configuration", [],
        |id| Cow::Borrowed(id.as_str()),
        |_| Vec::new();
}

fn optional(id: Option<&impl ToString>) -> Value {
    id.map_or(Value::Null, |id| id.to_string().into())
}

/// Looks up what is kept under a key.
pub(super) fn look_up(connection: &Connection, key: &Key) -> Result<Found, Fault> {
    match key {
        Key::Library(id) => one::<Library>(connection, id),
        Key::Item(id) => one::<Item>(connection, id),
        Key::Update(id) => one::<UpdateSession>(connection, id),
        Key::Download(id) => one::<DownloadSession>(connection, id),
        Key::Remembered(id) => one::<Remembered>(connection, id),
        Key::Freed(id) => one::<FreedBlob>(connection, id),
        Key::Certificate(id) => one::<TrustedCertificate>(connection, id),
        Key::Configuration(id) => one::<Configuration>(connection, id),
        Key::ItemNamed(library, name) => {
            many::<Item>(connection, "library = ?1 AND name = ?2", &[library.as_str(), name])
        }
        Key::ItemsOf(library) => many::<Item>(connection, "library = ?1", &[library.as_str()]),
    }
}

/// The revisions of what is kept under a key, as [`look_up`] finds them.
pub(super) fn revisions(connection: &Connection, key: &Key) -> Result<Vec<i64>, Fault> {
    fn of<T: Table>(connection: &Connection, id: &T::Id) -> Result<Vec<i64>, Fault> {
        select(connection, T::NAME, "id = ?1", &[&T::id_text(id)])
    }
    fn select(connection: &Connection, table: &str, which: &str, values: &[&str]) -> Result<Vec<i64>, Fault> {
        let sql = format!("SELECT revision FROM {table} WHERE {which} ORDER BY id");
        let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
        let rows = statement.query_map(params_from_iter(values), |row| row.get(0)).map_err(fault)?;
        rows.collect::<Result<_, _>>().map_err(fault)
    }
    match key {
        Key::Library(id) => of::<Library>(connection, id),
        Key::Item(id) => of::<Item>(connection, id),
        Key::Update(id) => of::<UpdateSession>(connection, id),
        Key::Download(id) => of::<DownloadSession>(connection, id),
        Key::Remembered(id) => of::<Remembered>(connection, id),
        Key::Freed(id) => of::<FreedBlob>(connection, id),
        Key::Certificate(id) => of::<TrustedCertificate>(connection, id),
        Key::Configuration(id) => of::<Configuration>(connection, id),
        Key::ItemNamed(library, name) => {
            select(connection, Item::NAME, "library = ?1 AND name = ?2", &[library.as_str(), name])
        }
        Key::ItemsOf(library) => select(connection, Item::NAME, "library = ?1", &[library.as_str()]),
    }
}

fn one<T: Table>(connection: &Connection, id: &T::Id) -> Result<Found, Fault> {
    let sql = format!("SELECT record, revision FROM {} WHERE id = ?1", T::NAME);
    let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
    let row = statement.query_row([T::id_text(id)], raw).optional().map_err(fault)?;
    let mut found = Found::default();
    if let Some(row) = row {
        put::<T>(&mut found, row)?;
    }
    Ok(found)
}

fn many<T: Table>(connection: &Connection, which: &str, values: &[&str]) -> Result<Found, Fault> {
    let sql = format!("SELECT record, revision FROM {} WHERE {which} ORDER BY id", T::NAME);
    let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
    let rows = statement.query_map(params_from_iter(values), raw).map_err(fault)?;
    let mut found = Found::default();
    for row in rows {
        put::<T>(&mut found, row.map_err(fault)?)?;
    }
    Ok(found)
}

/// The JSON of a record, and its revision.
fn raw(row: &Row<'_>) -> rusqlite::Result<(String, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn put<T: Table>(found: &mut Found, (json, revision): (String, i64)) -> Result<(), Fault> {
    let record: T = serde_json::from_str(&json)
        .map_err(|error| Fault::new(FaultKind::Corrupt, format!("a record of {}: {error}", T::NAME)))?;
    found.records.put(record);
    found.revisions.push(revision);
    Ok(())
}

/// Every record of every table.
pub(super) fn everything(connection: &Connection) -> Result<Records, Fault> {
    let mut records = Records::default();
    records.take_over(many::<Library>(connection, "true", &[])?.records);
    records.take_over(many::<Item>(connection, "true", &[])?.records);
    records.take_over(many::<UpdateSession>(connection, "true", &[])?.records);
    records.take_over(many::<DownloadSession>(connection, "true", &[])?.records);
    records.take_over(many::<Remembered>(connection, "true", &[])?.records);
    records.take_over(many::<FreedBlob>(connection, "true", &[])?.records);
    records.take_over(many::<TrustedCertificate>(connection, "true", &[])?.records);
    records.take_over(many::<Configuration>(connection, "true", &[])?.records);
    Ok(records)
}

/// Writes every row, as of a revision.
pub(super) fn write(connection: &Connection, revision: i64, changes: &Records) -> Result<(), Fault> {
    write_kind::<Library>(connection, revision, changes)?;
    write_kind::<Item>(connection, revision, changes)?;
    write_kind::<UpdateSession>(connection, revision, changes)?;
    write_kind::<DownloadSession>(connection, revision, changes)?;
    write_kind::<Remembered>(connection, revision, changes)?;
    write_kind::<FreedBlob>(connection, revision, changes)?;
    write_kind::<TrustedCertificate>(connection, revision, changes)?;
    write_kind::<Configuration>(connection, revision, changes)
}

fn write_kind<T: Table>(connection: &Connection, revision: i64, changes: &Records) -> Result<(), Fault> {
    for (id, record) in changes.each::<T>() {
        let id = T::id_text(id);
        let Some(record) = record else {
            let sql = format!("DELETE FROM {} WHERE id = ?1", T::NAME);
            connection
                .prepare_cached(&sql)
                .and_then(|mut delete| delete.execute(params![id]))
                .map_err(fault)?;
            continue;
        };
        let json = serde_json::to_string(record).map_err(|error| Fault::new(FaultKind::Corrupt, error))?;
        let mut values: Vec<Value> = vec![id.into_owned().into(), revision.into(), json.into()];
        values.extend(record.values());
        let columns = T::COLUMNS.iter().map(|column| format!(", {column}")).collect::<String>();
        let places = vec!["?"; values.len()].join(", ");
        let sql =
            format!("INSERT OR REPLACE INTO {} (id, revision, record{columns}) VALUES ({places})", T::NAME);
        let mut insert = connection.prepare_cached(&sql).map_err(fault)?;
        insert.execute(params_from_iter(values)).map_err(fault)?;
    }
    Ok(())
}
