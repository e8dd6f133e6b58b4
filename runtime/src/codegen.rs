//! The one door for generated code (`one-door`); not for people.
//!
//! Generated crates name nothing else of this crate but what [`crate`] re-exports publicly, so everything behind it can
//! move without a generator run.

pub use crate::by_table::{clone, clone_error, debug, debug_error, eq, eq_errors};
pub use crate::data::{Data, Enumeration, Slot, Structure, View};
pub use crate::enumeration::{cmp_values, debug_value, eq_values, hash_value, value, value_idx};
pub use crate::operation_error::{Declares, ErrorCase, NewPayload, NoDeclaredError, OperationError};
pub use crate::server::{Dispatch, IncomingCall, Reply};
pub use crate::structure::{N_IN_TUPLE, empty, nth_slot, nth_view};
pub use crate::table::{EnumerationTable, OperationTable, ServiceTable, StructureTable, Ty, Written};
#[cfg(feature = "testing")]
pub use crate::testing;
pub use crate::{
    __vapi_enumeration as enumeration, __vapi_operation_error as operation_error,
    __vapi_structure as structure,
};

/// Shows an operation's error; what [`operation_error!`] is made of.
///
/// # Errors
/// As the formatter's.
pub fn fmt_error<E: OperationError>(error: &E, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    crate::error::fmt_payload(error.payload(), f)
}

/// Ends a `field` or `field_mut` match: the table and the match are of one generator run, so this is never reached.
#[cold]
pub fn no_such_field(table: &StructureTable, field_idx: usize) -> ! {
    panic!("{} has {} fields, not {field_idx}", table.name, table.fields.len())
}

/// Ends a `dispatch` match: the router takes operation numbers from the same table.
#[cold]
pub fn no_such_operation(table: &ServiceTable, operation_idx: usize) -> ! {
    panic!("{} has {} operations, not {operation_idx}", table.id, table.operations.len())
}

/// Ends a `build` match: the error numbers come from the same table.
#[cold]
#[track_caller]
pub fn no_such_error(error_idx: usize) -> ! {
    panic!("an operation was asked for its error {error_idx}, which it does not declare")
}
