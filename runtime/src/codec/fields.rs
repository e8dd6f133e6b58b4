//! Fields by name while a structure is read, and what must hold when it has been.

use super::{DecodeKind, Seen, unions};
use crate::data::{Structure, View};
use crate::table::StructureTable;

/// Finds fields by their names, fastest where they come in the order of the table's own writers.
pub(super) struct Cursor {
    table: &'static StructureTable,
    /// The order they are expected in.
    order: &'static [u16],
    /// Place in `order` of the field expected next.
    next: usize,
}

impl Cursor {
    /// Fields in the order of JSON.
    pub(super) fn by_name(table: &'static StructureTable) -> Cursor {
        Cursor { table, order: table.by_name, next: 0 }
    }

    /// Fields in the order of XML.
    pub(super) fn page_order(table: &'static StructureTable) -> Cursor {
        Cursor { table, order: table.page_order, next: 0 }
    }

    /// The number of the field with this name.
    #[inline]
    pub(super) fn find(&mut self, name: &str) -> Option<usize> {
        /// How many fields may be left out before the search by name is the faster one.
        const LOOK_AHEAD: usize = 4;
        let ahead = self.order.get(self.next..).unwrap_or(&[]);
        for (skipped, &field_idx) in ahead.iter().take(LOOK_AHEAD).enumerate() {
            let field_idx = usize::from(field_idx);
            if self.table.fields[field_idx].name == name {
                self.next += skipped + 1;
                return Some(field_idx);
            }
        }
        self.table.field_idx(name)
    }
}

/// What must hold once all of a structure was read: no required field is missing but those in `may_lack`, and no union rule
/// is broken.
pub(super) fn check_complete(
    structure: &dyn Structure,
    table: &'static StructureTable,
    seen: &Seen,
    may_lack: &[u16],
) -> Result<(), DecodeKind> {
    for (field_idx, field) in table.fields.iter().enumerate() {
        if !seen.contains(field_idx) && !field.ty.is_optional() {
            let is_excused = may_lack.iter().any(|&idx| usize::from(idx) == field_idx);
            if !is_excused {
                return Err(DecodeKind::MissingField { structure: table.name, field: field.name });
            }
        }
    }
    match unions::check(structure, table, may_lack) {
        Some(broken) => Err(DecodeKind::BrokenUnion(broken)),
        None => Ok(()),
    }
}

/// Takes out of `seen` what was named but left unset.
pub(super) fn forget_unset(structure: &dyn Structure, table: &'static StructureTable, seen: &mut Seen) {
    for (field_idx, field) in table.fields.iter().enumerate() {
        if field.ty.is_optional()
            && seen.contains(field_idx)
            && matches!(structure.field(field_idx), View::Unset)
        {
            seen.remove(field_idx);
        }
    }
}

/// A field that is there more than once.
#[cold]
pub(super) fn duplicate(table: &'static StructureTable, field_idx: usize) -> DecodeKind {
    let field = table.fields.get(field_idx).map_or("?", |field| field.name);
    DecodeKind::DuplicateField { structure: table.name, field: field.to_owned() }
}
