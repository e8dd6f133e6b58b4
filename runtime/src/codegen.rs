//! The one door for generated code; not for people.
//!
//! Generated crates name nothing else of this crate but what [`crate`] re-exports publicly, so everything behind it can
//! move without a generator run.

pub use crate::data::{Data, Enumeration, Slot, Structure, View};
pub use crate::table::{
    EnumerationTable, ErrorTable, Field, Method, OperationTable, Route, ServiceTable, StructureTable, Ty, Union,
    UnionCase,
};
pub use crate::{__vapi_enumeration as enumeration, __vapi_id as id};

/// Ends a `field` or `field_mut` match: the table and the match are of one generator run, so this is never reached.
#[cold]
pub fn no_such_field(table: &StructureTable, field_idx: usize) -> ! {
    panic!("{} has {} fields, not {field_idx}", table.name, table.fields.len())
}
