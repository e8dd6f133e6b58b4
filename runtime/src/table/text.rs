//! The texts that tables are written as.
//!
//! One statement a line, words divided by single blanks, types as in the spec with a `?` where a value may be left out:
//!
//! ```text
//! structure com.vmware.cis.tagging.tag_model
//! source spec/cis/tagging/tag.yaml:40
//! id: ID?
//! name: string? for create
//! used_by: Set<string>?
//! pages id used_by name
//! ```
//!
//! `pages` has the fields in the order of the reference pages, where that is not the declared one. An operation has its
//! parameters as fields and more statements besides, all in [`super::OperationTable`]'s terms:
//!
//! ```text
//! operation attach com.vmware.cis.tagging.tag
//! source spec/cis/tagging/tag.yaml:90
//! since 6.8 until 7.0
//! tag_id: ID
//! note: string lenient
//! mark: string?
//! result VOID
//! error 404 com.vmware.vapi.std.errors.not_found
//! error 400 500 com.vmware.vapi.std.errors.resource_busy
//! privileges Tagging.Attach on com.vmware.cis.tagging.Tag tag_id
//! page POST /com/vmware/cis/tagging/tag/id:{tag_id}?~action=attach
//! rest 204 POST /api/cis/tagging/tag/{tag_id}?action=attach
//! header tag-mark mark
//! xml http://vmware.com/cis/tagging/tag Attach-Input Attach-Result
//! ```
//!
//! The second status of an error is the one below `/api`. What follows `rest` says where parameters stand that are not in
//! the path: `query`, `members` (of the body) with names, `body` with the one that it is, `header` with its own name first.

mod fields;
mod operation;
mod ty;

use super::{StructureTable, Table, Ty};

use fields::Fields;

impl Table for StructureTable {
    fn read(text: &'static str, named: &'static [Ty]) -> Result<StructureTable, String> {
        let mut name = None;
        let mut fields = Fields::new(named);
        for line in statements(text) {
            match line.split_once(' ') {
                Some(("structure", rest)) => name = Some(rest),
                _ if fields.take(line).map_err(|wrong| at(line, &wrong))? => {}
                _ => return Err(at(line, "no statement of a structure")),
            }
        }
        let name = name.ok_or("it has no name")?;
        fields.finish(name).map_err(|wrong| format!("{wrong} ({name})"))
    }
}

fn statements(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn at(line: &str, wrong: &str) -> String {
    format!("{wrong} in `{line}`")
}

/// For good: tables are statics, and so is what they consist of.
fn keep<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}

#[cfg(test)]
mod tests;
