//! Views to pairs.

use std::fmt::Write as _;

use super::{CLASS, NIL};
use crate::codec::failure::{At as _, EncodeFailure, kind_name};
use crate::codec::fields::Which;
use crate::codec::{DEPTH_CEILING, Dialect, EncodeReason, class, text, unions};
use crate::data::{ListView, MapView, Structure, View};
use crate::table::Ty;
use crate::{DynamicStructure, Value};

/// A form being written.
pub(super) struct Writer {
    dialect: Dialect,
    out: String,
    /// The key of what is being written, encoded.
    key: String,
}

impl Writer {
    pub(super) fn new(dialect: Dialect) -> Writer {
        Writer { dialect, out: String::new(), key: String::new() }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// The pairs for the fields of a structure.
    pub(super) fn fields(
        &mut self,
        structure: &dyn Structure,
        leave_out: &[u16],
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        check_depth(depth)?;
        let table = structure.table();
        if let Some(broken) = unions::check(structure, table, Which::ALL) {
            return Err(EncodeReason::BrokenUnion(broken).into());
        }
        for &field_idx in table.page_order {
            if leave_out.contains(&field_idx) {
                continue;
            }
            let field_idx = usize::from(field_idx);
            let field = &table.fields[field_idx];
            let view = structure.field(field_idx);
            if matches!(view, View::Unset) && field.ty.is_optional() {
                continue;
            }
            self.below(field.name, |writer| writer.value(&field.ty, view, depth + 1)).at_field(field.name)?;
        }
        Ok(())
    }

    /// Writes with a segment more in the key.
    pub(super) fn below<T>(&mut self, segment: &str, write: impl FnOnce(&mut Writer) -> T) -> T {
        let key_len = self.key.len();
        if key_len > 0 {
            self.key.push('.');
        }
        self.key.push_str(segment);
        let written = write(self);
        self.key.truncate(key_len);
        written
    }

    /// Writes with an index more in the key; `idx` counts from 0.
    fn below_index<T>(&mut self, idx: usize, write: impl FnOnce(&mut Writer) -> T) -> T {
        let key_len = self.key.len();
        let written = write!(self.key, ".{}", idx + 1);
        debug_assert!(written.is_ok(), "a String takes everything");
        let written = write(self);
        self.key.truncate(key_len);
        written
    }

    /// The pair of a scalar.
    fn pair(&mut self, value: &str) {
        if !self.out.is_empty() {
            self.out.push('&');
        }
        self.out.push_str(&self.key);
        self.out.push('=');
        push_encoded(&mut self.out, value);
    }

    /// What stands below this key, or the pair that says it is empty.
    fn aggregate(
        &mut self,
        write: impl FnOnce(&mut Writer) -> Result<(), EncodeFailure>,
    ) -> Result<(), EncodeFailure> {
        let written_before = self.out.len();
        write(self)?;
        if self.out.len() == written_before {
            self.pair("");
        }
        Ok(())
    }

    fn nil(&mut self) {
        self.below(NIL, |writer| writer.pair("true"));
    }

    pub(super) fn value(&mut self, ty: &Ty, view: View<'_>, depth: usize) -> Result<(), EncodeFailure> {
        match (ty, view) {
            (Ty::Optional(_), View::Unset) => self.nil(),
            (Ty::Optional(inner), view) => return self.value(inner, view, depth),
            (Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_), View::Text(text)) => {
                self.pair(text);
            }
            (Ty::Boolean, View::Boolean(_))
            | (Ty::Long, View::Long(_))
            | (Ty::Double, View::Double(_))
            | (Ty::Binary, View::Binary(_))
            | (Ty::DateTime, View::DateTime(_)) => self.pair(&text::scalar_text(view, self.dialect)?),
            (Ty::Structure(_), View::Structure(structure)) => {
                return self.aggregate(|writer| writer.fields(structure, &[], depth));
            }
            (Ty::List(element) | Ty::Set(element), View::List(list)) => {
                return self.aggregate(|writer| writer.list(element, list, depth));
            }
            (Ty::Map(key, value), View::Map(map)) => {
                return self.aggregate(|writer| writer.map((key, value), map, depth));
            }
            (Ty::DynamicStructure, View::Dynamic(dynamic)) => {
                return self.dynamic(dynamic, class::STRUCTURE, depth);
            }
            (Ty::AnyError, View::Dynamic(dynamic)) => return self.dynamic(dynamic, class::ERROR, depth),
            (Ty::Opaque, View::Opaque(value)) => return self.opaque(value, depth),
            (ty, view) => {
                return Err(EncodeReason::Misfit { expected: kind_name(ty), got: view.kind() }.into());
            }
        }
        Ok(())
    }

    fn list(&mut self, ty: &Ty, list: &dyn ListView, depth: usize) -> Result<(), EncodeFailure> {
        check_depth(depth)?;
        let mut written = Ok(());
        let mut idx = 0;
        list.each(&mut |view| {
            written = self.below_index(idx, |writer| writer.value(ty, view, depth + 1)).at_index(idx);
            idx += 1;
            written.is_ok()
        });
        written
    }

    fn map(
        &mut self,
        (key_ty, value_ty): (&Ty, &Ty),
        map: &dyn MapView,
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        check_depth(depth + 1)?;
        let mut written = Ok(());
        let mut idx = 0;
        map.each(&mut |key, value| {
            let entry = self.below_index(idx, |writer| {
                writer.below("value", |writer| writer.value(value_ty, value, depth + 2)).at_field("value")?;
                writer.below("key", |writer| writer.value(key_ty, key, depth + 2)).at_field("key")
            });
            written = entry.at_index(idx);
            idx += 1;
            written.is_ok()
        });
        written
    }

    fn opaque(&mut self, value: &Value, depth: usize) -> Result<(), EncodeFailure> {
        match value {
            Value::Null => self.nil(),
            Value::Boolean(value) => self.pair(if *value { "true" } else { "false" }),
            Value::Long(value) => self.pair(&value.to_string()),
            Value::Double(value) => self.pair(&text::double_text(*value)?),
            Value::Text(text) => self.pair(text),
            Value::Secret(text) => self.pair(text.expose()),
            Value::Binary(bytes) => self.pair(&text::base64_text(bytes)),
            Value::Optional(value) => {
                check_depth(depth)?;
                return self.opaque(value, depth + 1);
            }
            Value::Structure(dynamic) => return self.dynamic(dynamic, class::STRUCTURE, depth),
            Value::Error(dynamic) => return self.dynamic(dynamic, class::ERROR, depth),
            Value::List(list) => {
                check_depth(depth)?;
                return self.aggregate(|writer| {
                    for (idx, value) in list.iter().enumerate() {
                        writer.below_index(idx, |writer| writer.opaque(value, depth + 1)).at_index(idx)?;
                    }
                    Ok(())
                });
            }
        }
        Ok(())
    }

    fn dynamic(
        &mut self,
        dynamic: &DynamicStructure,
        default_class: &str,
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        check_depth(depth)?;
        self.below(CLASS, |writer| writer.pair(dynamic.name.as_deref().unwrap_or(default_class)));
        for (name, value) in &dynamic.fields {
            if name.is_empty() || name.contains('.') || name.starts_with('@') {
                return Err(EncodeReason::Name(name.clone()).into());
            }
            let mut segment = String::new();
            push_encoded(&mut segment, name);
            self.below(&segment, |writer| writer.opaque(value, depth + 1)).at_name(name)?;
        }
        Ok(())
    }
}

fn check_depth(depth: usize) -> Result<(), EncodeFailure> {
    if depth > DEPTH_CEILING { Err(EncodeReason::TooDeep { max: DEPTH_CEILING }.into()) } else { Ok(()) }
}

/// Adds text percent-encoded, blanks as `%20`: a plus sign means a blank in a form only.
fn push_encoded(out: &mut String, text: &str) {
    for piece in form_urlencoded::byte_serialize(text.as_bytes()) {
        out.push_str(if piece == "+" { "%20" } else { piece });
    }
}
