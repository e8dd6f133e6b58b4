//! Fields by name while a structure is read, and what must hold when it has been.

use super::{DecodeKind, Seen, unions};
use crate::data::{Structure, View};
use crate::table::StructureTable;

/// Which fields of a structure stand in what is read or written; the others stand elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'f> {
    /// All but those with these numbers, which may be there too when reading.
    But(&'f [u16]),
    /// Those with these numbers.
    Only(&'f [u16]),
}

impl Which<'_> {
    pub(super) const ALL: Which<'static> = Which::But(&[]);

    #[inline]
    pub(super) fn has(self, field_idx: u16) -> bool {
        match self {
            // Nearly always empty, and even a call that finds nothing costs as much as writing a digit.
            Which::But(fields) => fields.is_empty() || !fields.contains(&field_idx),
            Which::Only(fields) => fields.contains(&field_idx),
        }
    }

    /// Whether the field must be there unless it is optional.
    fn needs(self, field_idx: usize) -> bool {
        u16::try_from(field_idx).is_ok_and(|field_idx| self.has(field_idx))
    }

    /// Whether the field may not even be there.
    #[inline]
    pub(super) fn excludes(self, field_idx: usize) -> bool {
        matches!(self, Which::Only(_)) && !self.needs(field_idx)
    }
}

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

/// What must hold once all of a structure was read: no required field of those that stand there is missing, and no union
/// rule is broken.
pub(super) fn check_complete(
    structure: &dyn Structure,
    table: &'static StructureTable,
    seen: &Seen,
    which: Which<'_>,
) -> Result<(), DecodeKind> {
    for (field_idx, field) in table.fields.iter().enumerate() {
        if !field.ty.is_optional() && !seen.contains(field_idx) && which.needs(field_idx) {
            return Err(DecodeKind::MissingField { structure: table.name, field: field.name });
        }
    }
    match unions::check(structure, table, which) {
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
