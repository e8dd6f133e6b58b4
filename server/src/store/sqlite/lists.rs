//! What is found by other values than an identifier.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::domain::ids::Time;
use crate::domain::names::folded;
use crate::store::{Fault, FaultKind, ItemFilter, LibraryFilter, SessionCount, SessionFilter};

use super::fault;

/// A condition that grows.
#[derive(Default)]
struct Condition {
    terms: Vec<&'static str>,
    values: Vec<Value>,
}

impl Condition {
    fn and(&mut self, term: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.terms.push(term);
            self.values.push(value.into());
        }
    }

    /// Identifiers of what it holds for.
    fn select<I: From<String>>(
        self,
        connection: &Connection,
        table: &str,
        order: &str,
        n_max: Option<usize>,
    ) -> Result<Vec<I>, Fault> {
        let condition = if self.terms.is_empty() { "true".to_owned() } else { self.terms.join(" AND ") };
        let limit = n_max.map_or(String::new(), |n_max| format!(" LIMIT {n_max}"));
        let sql = format!("SELECT id FROM {table} WHERE {condition} ORDER BY {order}{limit}");
        let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
        let rows = statement.query_map(params_from_iter(self.values), |row| row.get::<_, String>(0));
        let ids = rows.map_err(fault)?.map(|id| id.map(I::from));
        ids.collect::<Result<_, _>>().map_err(fault)
    }
}

pub(super) fn libraries<I: From<String>>(
    connection: &Connection,
    filter: &LibraryFilter,
) -> Result<Vec<I>, Fault> {
    let mut condition = Condition::default();
    condition.and("is_local = ?", filter.is_local);
    condition.and("name = ?", filter.name.as_deref().map(folded));
    condition.select(connection, "library", "id", None)
}

pub(super) fn items<I: From<String>>(connection: &Connection, filter: &ItemFilter) -> Result<Vec<I>, Fault> {
    let mut condition = Condition::default();
    condition.and("library = ?", filter.library.as_ref().map(ToString::to_string));
    condition.and("name = ?", filter.name.as_deref().map(folded));
    condition.and("type_name = ?", filter.type_name.as_deref().map(folded));
    condition.and("source = ?", filter.source.as_ref().map(ToString::to_string));
    condition.select(connection, "item", "id", None)
}

pub(super) fn sessions<I: From<String>>(
    connection: &Connection,
    table: &str,
    filter: &SessionFilter,
) -> Result<Vec<I>, Fault> {
    let mut condition = Condition::default();
    condition.and("item = ?", filter.item.as_ref().map(ToString::to_string));
    condition.and("owner = ?", filter.owner.as_ref().map(ToString::to_string));
    condition.and("is_active = ?", filter.is_active.then_some(true));
    condition.and("expires > ?", filter.alive_at.map(|time| time.0));
    condition.select(connection, table, "id", None)
}

/// What no query of a client asks for has no column, so records are looked into.
pub(super) fn n_sessions(
    connection: &Connection,
    table: &str,
    kind: &'static str,
) -> Result<Vec<SessionCount>, Fault> {
    let sql = format!("SELECT record ->> 'state', count(*) FROM {table} GROUP BY 1");
    let mut statement = connection.prepare_cached(&sql).map_err(fault)?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?))).map_err(fault)?;
    let count = |row: rusqlite::Result<(String, i64)>| {
        let (state, n) = row.map_err(fault)?;
        let state =
            serde_json::from_value(state.into()).map_err(|error| Fault::new(FaultKind::Corrupt, error))?;
        Ok(SessionCount { kind, state, n: n.unsigned_abs() })
    };
    rows.map(count).collect()
}

pub(super) fn due<I: From<String>>(
    connection: &Connection,
    table: &str,
    now: Time,
    n_max: usize,
) -> Result<Vec<I>, Fault> {
    let mut condition = Condition::default();
    condition.and("expires <= ?", Some(now.0));
    condition.select(connection, table, "expires", Some(n_max))
}

pub(super) fn trusted_certificates<I: From<String>>(connection: &Connection) -> Result<Vec<I>, Fault> {
    Condition::default().select(connection, "trusted_certificate", "id", None)
}

pub(super) fn erasable<I: From<String>>(connection: &Connection, n_max: usize) -> Result<Vec<I>, Fault> {
    let mut condition = Condition::default();
    condition.terms.push("is_read = 0");
    condition.select(connection, "freed_blob", "since", Some(n_max))
}
