//! Forms, in a query or a body: dotted names, list elements and map entries counted from 1, percent-encoded.
//!
//! `tag.names.args.1=a&tag.names.args.2=b`, `labels.1.key=k&labels.1.value=v`.
//! `name=` stands for an empty list, set, map or structure, `name.@nil=true` for an unset element, `name.@class=id` for the
//! type of a dynamic structure. When reading, `a=1&a=2` is a list too. Keys come in any order.
//! Parameters only: the API has no results or errors as forms.

mod pairs;
mod read;
mod rest;
mod write;

pub use rest::{decode_rest_query, encode_rest_query};

use self::pairs::{Group, Pairs};
use self::write::Writer;
use super::{DecodeError, DecodeOptions, Dialect, EncodeError, Seen, fields};
use crate::data::Structure;

/// Marks an unset element.
const NIL: &str = "@nil";

/// Names the type of a dynamic structure.
const CLASS: &str = "@class";

/// Writes the parameters of an operation, without those in `leave_out` (field numbers), as `a=b&c=d`, percent-encoded.
///
/// Blanks become `%20`, which both a form reader and a query reader undo.
///
/// # Errors
/// As [`super::json::encode_input`]; also dynamic structures with field names that have dots in them.
pub fn encode_input(
    input: &dyn Structure,
    leave_out: &[u16],
    dialect: Dialect,
) -> Result<String, EncodeError> {
    let mut writer = Writer::new(dialect);
    writer.fields(input, leave_out, 1)?;
    Ok(writer.finish())
}

/// Reads the parameters of an operation from `a=b&c=d`, percent-encoded.
/// Returns which were set. The required ones must be there but those in `may_lack` (field numbers).
/// Keys that begin with `~` and `vmw-task` are not parameters and are passed over.
///
/// # Errors
/// What the text has wrong; `input` is then half filled and of no use.
pub fn decode_input(
    pairs: &str,
    input: &mut dyn Structure,
    may_lack: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let pairs = Pairs::parse(pairs)?;
    let mut seen = read::structure(Group::all(&pairs), input, may_lack, 1, options)?;
    fields::forget_unset(input, input.table(), &mut seen);
    Ok(seen)
}
