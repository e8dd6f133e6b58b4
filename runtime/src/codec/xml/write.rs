//! Views to elements.
//!
//! Written straight into a string: what is needed of XML is less than a general writer offers, and the reference pages'
//! layout is one no general writer has.

use super::dynamic;
use super::markup::{ARRAY_SUFFIX, ITEM, XSI, write_attribute_value, write_text};
use crate::codec::failure::{At as _, EncodeFailure, kind_name};
use crate::codec::fields::Which;
use crate::codec::{DEPTH_CEILING, Dialect, EncodeReason, Layout, class, text, unions};
use crate::data::{ListView, MapView, Structure, View};
use crate::table::Ty;

/// A document being written.
pub(super) struct Writer {
    out: String,
    layout: Layout,
    /// Elements that have begun and not ended.
    n_open: usize,
    /// Whether nothing but the start tag was written since an element began.
    is_fresh: bool,
}

impl Writer {
    /// Begins with the document element.
    pub(super) fn begin(layout: Layout, namespace: &str, local: &str) -> Writer {
        const CAPACITY_AT_FIRST: usize = 512;
        let mut out = String::with_capacity(CAPACITY_AT_FIRST);
        out.push_str("<?xml version=\"1.0\" ?>");
        if layout == Layout::Page {
            out.push('\n');
        }
        // Namespaces and roots come from tables and have nothing to escape.
        for part in ["<ns0:", local, " xmlns:ns0=\"", namespace, "\" xmlns:xsi=\"", XSI, "\">"] {
            out.push_str(part);
        }
        Writer { out, layout, n_open: 1, is_fresh: true }
    }

    /// Ends the document element.
    pub(super) fn finish(mut self, local: &str) -> Vec<u8> {
        self.before_end_tag();
        for part in ["</ns0:", local, ">"] {
            self.out.push_str(part);
        }
        self.out.into_bytes()
    }

    pub(super) fn check_depth(&self, depth: usize) -> Result<(), EncodeFailure> {
        if depth > DEPTH_CEILING { Err(EncodeReason::TooDeep { max: DEPTH_CEILING }.into()) } else { Ok(()) }
    }

    /// Begins an element of elements.
    pub(super) fn open(&mut self, name: &str, suffix: &str) {
        self.begin_tag(name, suffix);
        self.out.push('>');
        self.n_open += 1;
        self.is_fresh = true;
    }

    pub(super) fn open_with_class(&mut self, name: &str, class: &str) -> Result<(), EncodeFailure> {
        self.begin_tag(name, "");
        self.out.push_str(" class=\"");
        write_attribute_value(&mut self.out, class)?;
        self.out.push_str("\">");
        self.n_open += 1;
        self.is_fresh = true;
        Ok(())
    }

    /// Ends an element of elements.
    pub(super) fn close(&mut self, name: &str, suffix: &str) {
        self.before_end_tag();
        for part in ["</", name, suffix, ">"] {
            self.out.push_str(part);
        }
    }

    /// An element for something unset, where leaving it out would shift what follows.
    pub(super) fn nil(&mut self, name: &str) {
        self.begin_tag(name, "");
        self.out.push_str(" xsi:nil=\"true\"/>");
    }

    /// An element of text.
    pub(super) fn scalar(&mut self, name: &str, content: &str) -> Result<(), EncodeFailure> {
        self.begin_tag(name, "");
        self.out.push('>');
        write_text(&mut self.out, content)?;
        for part in ["</", name, ">"] {
            self.out.push_str(part);
        }
        Ok(())
    }

    fn begin_tag(&mut self, name: &str, suffix: &str) {
        self.is_fresh = false;
        self.new_line(self.n_open);
        for part in ["<", name, suffix] {
            self.out.push_str(part);
        }
    }

    fn before_end_tag(&mut self) {
        self.n_open -= 1;
        // The pages print the end tag of an empty element in the first column.
        let indent = if self.is_fresh { 0 } else { self.n_open };
        self.is_fresh = false;
        self.new_line(indent);
    }

    fn new_line(&mut self, indent: usize) {
        if self.layout == Layout::Page {
            self.out.push('\n');
            for _ in 0..indent {
                self.out.push_str("  ");
            }
        }
    }

    /// The children for the fields of a structure.
    pub(super) fn fields(
        &mut self,
        structure: &dyn Structure,
        leave_out: &[u16],
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        self.check_depth(depth)?;
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
            self.value(field.name, &field.ty, view, depth + 1).at_field(field.name)?;
        }
        Ok(())
    }

    /// An element called `name`, or `name-array` for lists, sets and maps.
    pub(super) fn value(
        &mut self,
        name: &str,
        ty: &Ty,
        view: View<'_>,
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        match (ty, view) {
            (Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_), View::Text(text)) => {
                self.scalar(name, text)
            }
            (Ty::Optional(_), View::Unset) => {
                self.nil(name);
                Ok(())
            }
            (Ty::Optional(inner), view) => self.value(name, inner, view, depth),
            (Ty::Boolean, View::Boolean(_))
            | (Ty::Long, View::Long(_))
            | (Ty::Double, View::Double(_))
            | (Ty::Binary, View::Binary(_))
            | (Ty::DateTime, View::DateTime(_)) => {
                self.scalar(name, &text::scalar_text(view, Dialect::Page2014)?)
            }
            (Ty::Structure(_), View::Structure(structure)) => {
                self.open(name, "");
                self.fields(structure, &[], depth)?;
                self.close(name, "");
                Ok(())
            }
            (Ty::List(element) | Ty::Set(element), View::List(list)) => self.list(name, element, list, depth),
            (Ty::Map(key, value), View::Map(map)) => self.map(name, (key, value), map, depth),
            (Ty::DynamicStructure, View::Dynamic(dynamic)) => {
                dynamic::write_structure(self, name, dynamic, class::STRUCTURE, depth)
            }
            (Ty::AnyError, View::Dynamic(dynamic)) => {
                dynamic::write_structure(self, name, dynamic, class::ERROR, depth)
            }
            (Ty::Opaque, View::Opaque(value)) => dynamic::write_value(self, name, value, depth),
            (ty, view) => Err(EncodeReason::Misfit { expected: kind_name(ty), got: view.kind() }.into()),
        }
    }

    fn list(&mut self, name: &str, ty: &Ty, list: &dyn ListView, depth: usize) -> Result<(), EncodeFailure> {
        self.check_depth(depth)?;
        self.open(name, ARRAY_SUFFIX);
        let mut written = Ok(());
        let mut idx = 0;
        list.each(&mut |view| {
            written = self.value(ITEM, ty, view, depth + 1).at_index(idx);
            idx += 1;
            written.is_ok()
        });
        written?;
        self.close(name, ARRAY_SUFFIX);
        Ok(())
    }

    fn map(
        &mut self,
        name: &str,
        (key_ty, value_ty): (&Ty, &Ty),
        map: &dyn MapView,
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        self.check_depth(depth + 1)?;
        self.open(name, ARRAY_SUFFIX);
        let mut written = Ok(());
        let mut idx = 0;
        map.each(&mut |key, value| {
            written = self.entry((key_ty, key), (value_ty, value), depth + 2).at_index(idx);
            idx += 1;
            written.is_ok()
        });
        written?;
        self.close(name, ARRAY_SUFFIX);
        Ok(())
    }

    /// One entry of a map, in the pages' order.
    fn entry(
        &mut self,
        (key_ty, key): (&Ty, View<'_>),
        (value_ty, value): (&Ty, View<'_>),
        depth: usize,
    ) -> Result<(), EncodeFailure> {
        self.open(ITEM, "");
        self.value("value", value_ty, value, depth).at_field("value")?;
        self.value("key", key_ty, key, depth).at_field("key")?;
        self.close(ITEM, "");
        Ok(())
    }
}
