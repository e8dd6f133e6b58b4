//! Union rules: which fields of a structure go with which value of its tag.
//!
//! The same check stands behind every codec, before writing and after reading.
//! A tag that is unset, or has a value no case is made for, goes with none of the fields that any case names.

use super::fields::Which;
use crate::data::{Structure, View};
use crate::table::{StructureTable, Union};

/// A union rule that a value breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field `{field}` {fault} {}", TagState(.tag, .value.as_deref()))]
pub struct BrokenUnion {
    /// Name of the structure.
    pub structure: &'static str,
    /// Name of the tag field.
    pub tag: &'static str,
    /// Value of the tag, where it is set.
    pub value: Option<String>,
    /// Name of the field that does not go with it.
    pub field: &'static str,
    /// Whether it is missing or too much.
    pub fault: UnionFault,
}

/// How a field breaks a union rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnionFault {
    /// The tag's value requires it.
    #[error("must be set when")]
    Missing,
    /// The tag's value does not allow it.
    #[error("must not be set when")]
    NotAllowed,
}

struct TagState<'a>(&'a &'static str, Option<&'a str>);

impl std::fmt::Display for TagState<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.1 {
            Some(value) => write!(f, "`{}` is `{value}`", self.0),
            None => write!(f, "`{}` is not set", self.0),
        }
    }
}

/// The first rule that the value breaks. What hangs on fields that stand elsewhere is not checked.
#[inline]
pub(super) fn check(
    structure: &dyn Structure,
    table: &'static StructureTable,
    which: Which<'_>,
) -> Option<BrokenUnion> {
    if table.unions.is_empty() {
        return None;
    }
    table.unions.iter().find_map(|union| check_union(structure, table, union, which))
}

fn check_union(
    structure: &dyn Structure,
    table: &'static StructureTable,
    union: &Union,
    which: Which<'_>,
) -> Option<BrokenUnion> {
    let name = |field_idx: u16| table.fields.get(usize::from(field_idx)).map_or("?", |field| field.name);
    let is_set = |field_idx: u16| !matches!(structure.field(usize::from(field_idx)), View::Unset);
    if !which.has(union.tag) {
        return None;
    }
    let value = match structure.field(usize::from(union.tag)) {
        View::Text(value) => Some(value),
        _ => None,
    };
    let case = value.and_then(|value| union.cases.iter().find(|case| case.value == value));
    let (requires, allows) = case.map_or((&[][..], &[][..]), |case| (case.requires, case.allows));
    let broken = |field_idx: u16, fault| BrokenUnion {
        structure: table.name,
        tag: name(union.tag),
        value: value.map(str::to_owned),
        field: name(field_idx),
        fault,
    };
    if let Some(&field_idx) = requires.iter().find(|&&idx| which.has(idx) && !is_set(idx)) {
        return Some(broken(field_idx, UnionFault::Missing));
    }
    let is_extra = |field_idx: u16| {
        let goes_with_it = requires.contains(&field_idx) || allows.contains(&field_idx);
        !goes_with_it && which.has(field_idx) && is_set(field_idx)
    };
    // Nested loops, because a chain of iterators costs as much here as everything else of this function.
    for case in union.cases {
        for fields in [case.requires, case.allows] {
            if let Some(&field_idx) = fields.iter().find(|&&field_idx| is_extra(field_idx)) {
                return Some(broken(field_idx, UnionFault::NotAllowed));
            }
        }
    }
    None
}
