//! Fields that an operation needs although their type lets them be left out.
//!
//! In: decoded parameters. Out: the first field that is missing, or nothing.

use crate::codec::{DecodeError, DecodeKind};
use crate::data::{Structure, View};
use crate::table::{OperationTable, Usage};

/// Whether everything is there that an operation needs of the models it is given.
pub(super) fn check_presence(operation: &OperationTable, input: &dyn Structure) -> Result<(), DecodeError> {
    match operation.usage() {
        Some(usage) => in_structure(input, usage),
        None => Ok(()),
    }
}

fn in_structure(structure: &dyn Structure, usage: Usage) -> Result<(), DecodeError> {
    let table = structure.table();
    for (field_idx, field) in table.fields.iter().enumerate() {
        let view = structure.field(field_idx);
        let is_needed = field.needed_by.is_some_and(|needed_by| needed_by.includes(usage));
        if is_needed && matches!(view, View::Unset) {
            let kind = DecodeKind::MissingField { structure: table.name, field: field.name };
            return Err(DecodeError { path: String::new(), kind });
        }
        in_value(view, usage)?;
    }
    Ok(())
}

fn in_value(view: View<'_>, usage: Usage) -> Result<(), DecodeError> {
    let mut result = Ok(());
    match view {
        View::Structure(structure) => return in_structure(structure, usage),
        View::List(list) => list.each(&mut |element| {
            result = in_value(element, usage);
            result.is_ok()
        }),
        View::Map(map) => map.each(&mut |_, value| {
            result = in_value(value, usage);
            result.is_ok()
        }),
        _ => {}
    }
    result
}
