//! Values to tagged JSON.
//!
//! In: views and their types. Out: bytes; every optional is wrapped, fields are in declared order. Not here: envelopes.
//! The `level` of what is written is how many objects and arrays it stands in.

use std::io::Write as _;

use crate::codec::failure::{At as _, EncodeFailure};
use crate::codec::fields::Which;
use crate::codec::quoted::push_quoted;
use crate::codec::{DEPTH_CEILING, Dialect, EncodeReason, class, text, unions};
use crate::data::{Structure, View};
use crate::table::Ty;
use crate::{DynamicStructure, Value};

type Written = Result<(), EncodeFailure>;

/// Writes a structure under its tag and name.
pub(super) fn write_structure(out: &mut Vec<u8>, structure: &dyn Structure, level: usize) -> Written {
    write_named(out, STRUCTURE.0, structure.table().name, structure, level)
}

/// Writes an error's payload under its tag and the error's name. Where the payload does not say its type, the name does.
pub(super) fn write_error(out: &mut Vec<u8>, id: &str, payload: &dyn Structure, level: usize) -> Written {
    write_named(out, ERROR.0, id, payload, level)
}

fn write_named(
    out: &mut Vec<u8>,
    open: &[u8],
    name: &str,
    structure: &dyn Structure,
    level: usize,
) -> Written {
    let level = level + NAMED_LEVELS;
    check_level(level)?;
    let table = structure.table();
    if let Some(broken) = unions::check(structure, table, Which::ALL) {
        return Err(EncodeReason::BrokenUnion(broken).into());
    }
    out.extend_from_slice(open);
    push_quoted(out, name);
    out.extend_from_slice(b":{");
    for (field_idx, field) in table.fields.iter().enumerate() {
        if field_idx > 0 {
            out.push(b',');
        }
        push_quoted(out, field.name);
        out.push(b':');
        match structure.field(field_idx) {
            View::Unset if open == ERROR.0 && field.name == ERROR_TYPE => {
                out.extend_from_slice(b"{\"OPTIONAL\":");
                push_quoted(out, &name.rsplit('.').next().unwrap_or(name).to_ascii_uppercase());
                out.push(b'}');
            }
            view => write_value(out, &field.ty, view, level).at_field(field.name)?,
        }
    }
    out.extend_from_slice(b"}}}");
    Ok(())
}

/// The field of errors that says their type, for clients that only see the payload.
const ERROR_TYPE: &str = "error_type";

/// Levels of JSON are counted, not those of values: they are what a reader's parser has room for.
fn check_level(level: usize) -> Written {
    if level > DEPTH_CEILING { Err(EncodeReason::TooDeep { max: DEPTH_CEILING }.into()) } else { Ok(()) }
}

/// How many levels a structure under its tag and name has itself.
const NAMED_LEVELS: usize = 3;

/// Writes a value of a type.
pub(super) fn write_value(out: &mut Vec<u8>, ty: &Ty, view: View<'_>, level: usize) -> Written {
    match (ty, view) {
        (Ty::Optional(_), View::Unset) => out.extend_from_slice(b"{\"OPTIONAL\":null}"),
        (Ty::Optional(inner), view) => {
            check_level(level + 1)?;
            out.extend_from_slice(b"{\"OPTIONAL\":");
            write_value(out, inner, view, level + 1)?;
            out.push(b'}');
        }
        (Ty::Void, View::Unset) => out.extend_from_slice(b"null"),
        (Ty::String | Ty::Uri | Ty::Id | Ty::Enumeration(_), View::Text(text)) => push_quoted(out, text),
        (Ty::Secret, View::Text(text)) => write_tagged(out, b"{\"SECRET\":", text),
        (Ty::Binary, View::Binary(bytes)) => write_tagged(out, b"{\"BINARY\":", &text::base64_text(bytes)),
        (Ty::Boolean, View::Boolean(value)) => {
            out.extend_from_slice(if value { &b"true"[..] } else { &b"false"[..] });
        }
        (Ty::Long, View::Long(value)) => write_long(out, value),
        (Ty::Double, View::Double(value)) => write_double(out, value)?,
        (Ty::DateTime, view @ View::DateTime(_)) => {
            push_quoted(out, &text::scalar_text(view, Dialect::Rest)?);
        }
        (Ty::Structure(_), View::Structure(structure)) => write_structure(out, structure, level)?,
        (Ty::List(element) | Ty::Set(element), View::List(list)) => {
            check_level(level + 1)?;
            out.push(b'[');
            let (mut written, mut idx) = (Ok(()), 0);
            list.each(&mut |view| {
                if idx > 0 {
                    out.push(b',');
                }
                written = write_value(out, element, view, level + 1).at_index(idx);
                idx += 1;
                written.is_ok()
            });
            written?;
            out.push(b']');
        }
        (Ty::Map(key_ty, value_ty), View::Map(map)) => {
            check_level(level + 1)?;
            out.push(b'[');
            let (mut written, mut idx) = (Ok(()), 0);
            map.each(&mut |key, value| {
                if idx > 0 {
                    out.push(b',');
                }
                written = write_entry(out, (key_ty, key), (value_ty, value), level + 1).at_index(idx);
                idx += 1;
                written.is_ok()
            });
            written?;
            out.push(b']');
        }
        (Ty::DynamicStructure, View::Dynamic(dynamic)) => write_dynamic(out, STRUCTURE, dynamic, level)?,
        (Ty::AnyError, View::Dynamic(dynamic)) => write_dynamic(out, ERROR, dynamic, level)?,
        (Ty::Opaque, View::Opaque(value)) => write_any(out, value, level)?,
        (ty, view) => {
            let reason = EncodeReason::Misfit { expected: super::read::word(ty), got: view.kind() };
            return Err(reason.into());
        }
    }
    Ok(())
}

fn write_entry(out: &mut Vec<u8>, key: (&Ty, View<'_>), value: (&Ty, View<'_>), level: usize) -> Written {
    let level = level + NAMED_LEVELS;
    check_level(level)?;
    out.extend_from_slice(b"{\"STRUCTURE\":{\"map-entry\":{\"key\":");
    write_value(out, key.0, key.1, level)?;
    out.extend_from_slice(b",\"value\":");
    write_value(out, value.0, value.1, level)?;
    out.extend_from_slice(b"}}}");
    Ok(())
}

fn write_tagged(out: &mut Vec<u8>, open: &[u8], text: &str) {
    out.extend_from_slice(open);
    push_quoted(out, text);
    out.push(b'}');
}

fn write_long(out: &mut Vec<u8>, value: i64) {
    // As text: a `Vec` takes every byte.
    let _infallible = serde_json::to_writer(out, &value);
}

/// As XML Schema spells it: `1.5E0`, `1.0E-1`.
fn write_double(out: &mut Vec<u8>, value: f64) -> Written {
    if !value.is_finite() {
        return Err(EncodeReason::NotFinite(value).into());
    }
    let from = out.len();
    let _infallible = write!(out, "{value:E}");
    let written = &out[from..];
    if !written.contains(&b'.')
        && let Some(exponent_at) = written.iter().position(|&byte| byte == b'E')
    {
        out.splice(from + exponent_at..from + exponent_at, *b".0");
    }
    Ok(())
}

/// A tag, and what stands for the name of what came without one.
type Tag = (&'static [u8], &'static str);
const STRUCTURE: Tag = (b"{\"STRUCTURE\":{", class::STRUCTURE);
const ERROR: Tag = (b"{\"ERROR\":{", class::ERROR);

fn write_dynamic(
    out: &mut Vec<u8>,
    (open, unnamed): Tag,
    dynamic: &DynamicStructure,
    level: usize,
) -> Written {
    let level = level + NAMED_LEVELS;
    check_level(level)?;
    out.extend_from_slice(open);
    push_quoted(out, dynamic.name.as_deref().unwrap_or(unnamed));
    out.extend_from_slice(b":{");
    for (idx, (name, value)) in dynamic.fields.iter().enumerate() {
        if idx > 0 {
            out.push(b',');
        }
        push_quoted(out, name);
        out.push(b':');
        write_any(out, value, level).at_name(name)?;
    }
    out.extend_from_slice(b"}}}");
    Ok(())
}

fn write_any(out: &mut Vec<u8>, value: &Value, level: usize) -> Written {
    match value {
        Value::Null => out.extend_from_slice(b"{\"OPTIONAL\":null}"),
        Value::Boolean(value) => write_value(out, &Ty::Boolean, View::Boolean(*value), level)?,
        Value::Long(value) => write_long(out, *value),
        Value::Double(value) => write_double(out, *value)?,
        Value::Text(text) => push_quoted(out, text),
        Value::Secret(text) => write_tagged(out, b"{\"SECRET\":", text.expose()),
        Value::Binary(bytes) => write_tagged(out, b"{\"BINARY\":", &text::base64_text(bytes)),
        Value::Optional(value) => {
            check_level(level + 1)?;
            out.extend_from_slice(b"{\"OPTIONAL\":");
            write_any(out, value, level + 1)?;
            out.push(b'}');
        }
        Value::List(elements) => {
            check_level(level + 1)?;
            out.push(b'[');
            for (idx, element) in elements.iter().enumerate() {
                if idx > 0 {
                    out.push(b',');
                }
                write_any(out, element, level + 1).at_index(idx)?;
            }
            out.push(b']');
        }
        Value::Structure(dynamic) => write_dynamic(out, STRUCTURE, dynamic, level)?,
        Value::Error(dynamic) => write_dynamic(out, ERROR, dynamic, level)?,
    }
    Ok(())
}
