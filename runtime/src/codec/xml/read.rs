//! Elements to slots.
//!
//! Elements are found by name, in any order; white space between them has no meaning, in text it has.
//! Lists, sets and maps are in elements named `...-array`, their items in `array-item`.

use std::borrow::Cow;

use quick_xml::events::BytesStart;

use super::dynamic;
use super::markup::{ARRAY_SUFFIX, ITEM, is_blank, trim};
use super::source::{Attributes, Name, Source, Token, mismatch};
use crate::Value;
use crate::codec::failure::{At as _, DecodeFailure, kind_name};
use crate::codec::fields::Which;
use crate::codec::{DecodeKind, DecodeOptions, Seen, Unknown, fields, text};
use crate::data::{Added, ListSlot, MapSlot, OptionalSlot, Slot, Structure};
use crate::table::{StructureTable, Ty};

/// A document being read.
pub(super) struct Reader<'i, 'o> {
    pub(super) source: Source<'i>,
    pub(super) options: &'o DecodeOptions,
}

/// How an element is named.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// By its field alone.
    Plain,
    /// By its field and `-array`.
    Array,
    /// As an item, whose plain name holds lists too.
    Item,
}

/// A child of fixed name, and what it is read into; it is passed over when that is `None`.
pub(super) struct Child<'t, 's> {
    pub(super) name: &'static str,
    pub(super) is_required: bool,
    pub(super) into: Option<(&'t Ty, Slot<'s>)>,
}

impl<'t, 's> Child<'t, 's> {
    pub(super) fn wanted(name: &'static str, ty: &'t Ty, slot: Slot<'s>) -> Child<'t, 's> {
        Child { name, is_required: !ty.is_optional(), into: Some((ty, slot)) }
    }
    pub(super) fn passed_over(name: &'static str) -> Child<'t, 's> {
        Child { name, is_required: false, into: None }
    }
}

impl<'i, 'o> Reader<'i, 'o> {
    /// Begins with the document element, which must be the one named.
    pub(super) fn open(
        body: &'i [u8],
        (namespace, local): (&str, &str),
        options: &'o DecodeOptions,
    ) -> Result<Reader<'i, 'o>, DecodeFailure> {
        let mut source = Source::new(body)?;
        let root = source.root()?;
        let name = source.name(&root)?;
        let is_it =
            matches!(name, Name::Qualified { namespace: n, local: l } if n == namespace && l == local);
        if !is_it {
            let expected = format!("{{{namespace}}}{local}");
            return Err(DecodeKind::WrongRoot { expected, got: name.shown() }.into());
        }
        source.attributes(&root, options.unknown)?;
        Ok(Reader { source, options })
    }

    /// Reads the children of an element up to its end into the fields of a structure.
    pub(super) fn structure(
        &mut self,
        structure: &mut dyn Structure,
        may_lack: &[u16],
        depth: usize,
    ) -> Result<Seen, DecodeFailure> {
        self.options.check_depth(depth)?;
        let table = structure.table();
        let mut seen = Seen::default();
        let mut cursor = fields::Cursor::page_order(table);
        while let Some(start) = self.next_child("structure")? {
            let Some((field_idx, shape)) = self.field(&start, table, &mut cursor)? else {
                self.source.pass_over()?;
                continue;
            };
            if !seen.insert(field_idx) {
                return Err(fields::duplicate(table, field_idx).into());
            }
            let field = &table.fields[field_idx];
            self.value(&start, shape, &field.ty, structure.field_mut(field_idx), depth + 1)
                .at_field(field.name)?;
        }
        fields::check_complete(structure, table, &seen, Which::But(may_lack))?;
        Ok(seen)
    }

    /// The number of the field that an element is named after, and how; `None` when it is to be passed over.
    fn field(
        &self,
        start: &BytesStart<'i>,
        table: &'static StructureTable,
        cursor: &mut fields::Cursor,
    ) -> Result<Option<(usize, Shape)>, DecodeFailure> {
        let name = self.source.name(start)?;
        if let Name::Plain(local) = name {
            let (base, shape) = base_name(local);
            if let Some(field_idx) = cursor.find(base) {
                return Ok(Some((field_idx, shape)));
            }
        }
        self.unknown_element(&name, table.name)?;
        Ok(None)
    }

    pub(super) fn unknown_element(
        &self,
        name: &Name<'_>,
        structure: &'static str,
    ) -> Result<(), DecodeFailure> {
        match self.options.unknown {
            Unknown::Ignore => Ok(()),
            Unknown::Refuse => Err(DecodeKind::UnknownField { structure, field: name.shown() }.into()),
        }
    }

    /// Reads the children of fixed names of an element up to its end.
    pub(super) fn children(
        &mut self,
        structure: &'static str,
        fixed: &mut [Child<'_, '_>],
        depth: usize,
    ) -> Result<(), DecodeFailure> {
        self.options.check_depth(depth)?;
        let mut seen = Seen::default();
        while let Some(start) = self.next_child("structure")? {
            let name = self.source.name(&start)?;
            let found = match name {
                Name::Plain(local) => {
                    let (base, shape) = base_name(local);
                    fixed.iter().position(|child| child.name == base).map(|idx| (idx, shape))
                }
                Name::Qualified { .. } => None,
            };
            let Some((idx, shape)) = found else {
                self.unknown_element(&name, structure)?;
                self.source.pass_over()?;
                continue;
            };
            let child = &mut fixed[idx];
            if !seen.insert(idx) {
                return Err(DecodeKind::DuplicateField { structure, field: child.name.to_owned() }.into());
            }
            match child.into.take() {
                Some((ty, slot)) => self.value(&start, shape, ty, slot, depth + 1).at_field(child.name)?,
                None => self.source.pass_over()?,
            }
        }
        for (idx, child) in fixed.iter().enumerate() {
            if child.is_required && !seen.contains(idx) {
                return Err(DecodeKind::MissingField { structure, field: child.name }.into());
            }
        }
        Ok(())
    }

    /// The next child; `None` at the end of the element. Between children there is white space only.
    pub(super) fn next_child(
        &mut self,
        parent: &'static str,
    ) -> Result<Option<BytesStart<'i>>, DecodeFailure> {
        loop {
            match self.source.next_inside()? {
                Token::Open(start) => return Ok(Some(start)),
                Token::Close | Token::End => return Ok(None),
                Token::Text(text) if is_blank(&text) => {}
                Token::Text(_) => return Err(mismatch(parent, "text between elements")),
            }
        }
    }

    /// Reads the element that has just begun, up to its end.
    pub(super) fn value(
        &mut self,
        start: &BytesStart<'i>,
        shape: Shape,
        ty: &Ty,
        slot: Slot<'_>,
        depth: usize,
    ) -> Result<(), DecodeFailure> {
        let attributes = self.source.attributes(start, self.options.unknown)?;
        self.value_with(&attributes, shape, ty, slot, depth)
    }

    fn value_with(
        &mut self,
        attributes: &Attributes,
        shape: Shape,
        ty: &Ty,
        slot: Slot<'_>,
        depth: usize,
    ) -> Result<(), DecodeFailure> {
        match (ty, slot) {
            (Ty::Optional(inner), Slot::Optional(optional)) => {
                self.optional(attributes, shape, inner, optional, depth)
            }
            (Ty::Opaque, Slot::Opaque(target)) => {
                *target = dynamic::read_value(self, attributes, shape, depth)?;
                Ok(())
            }
            (ty, _) if attributes.is_nil => Err(mismatch(kind_name(ty), "xsi:nil")),
            (Ty::List(_) | Ty::Set(_) | Ty::Map(..), _) if shape == Shape::Plain => {
                Err(mismatch(kind_name(ty), "an element whose name does not end in `-array`"))
            }
            (Ty::List(element) | Ty::Set(element), Slot::List(list)) => self.list(element, list, depth),
            (Ty::Map(key, value), Slot::Map(map)) => self.map((key, value), map, depth),
            (ty, _) if shape == Shape::Array => {
                Err(mismatch(kind_name(ty), "an element whose name ends in `-array`"))
            }
            (Ty::Structure(_), Slot::Structure(structure)) => self.structure(structure, &[], depth).map(drop),
            (Ty::DynamicStructure | Ty::AnyError, Slot::Dynamic(target)) => {
                *target = dynamic::read_structure(self, attributes, depth)?;
                Ok(())
            }
            (
                Ty::Structure(_)
                | Ty::DynamicStructure
                | Ty::AnyError
                | Ty::Opaque
                | Ty::List(_)
                | Ty::Set(_)
                | Ty::Map(..)
                | Ty::Optional(_)
                | Ty::Void,
                slot,
            ) => Err(DecodeKind::Misfit { expected: kind_name(ty), got: slot.kind() }.into()),
            (ty, slot) => self.scalar(ty, slot),
        }
    }

    fn optional(
        &mut self,
        attributes: &Attributes,
        shape: Shape,
        inner: &Ty,
        optional: &mut dyn OptionalSlot,
        depth: usize,
    ) -> Result<(), DecodeFailure> {
        if attributes.is_nil {
            optional.clear();
            return self.nothing(kind_name(inner));
        }
        self.value_with(attributes, shape, inner, optional.insert(), depth)
    }

    /// The rest of an element that must be empty.
    pub(super) fn nothing(&mut self, expected: &'static str) -> Result<(), DecodeFailure> {
        match self.next_child(expected)? {
            None => Ok(()),
            Some(_) => Err(mismatch("nothing inside xsi:nil", "an element")),
        }
    }

    fn scalar(&mut self, ty: &Ty, slot: Slot<'_>) -> Result<(), DecodeFailure> {
        let content = self.text(kind_name(ty))?;
        let content = match ty {
            // Text is what it is; in all else white space has no meaning.
            Ty::String | Ty::Secret | Ty::Uri | Ty::Id | Ty::Enumeration(_) => &*content,
            _ => trim(&content),
        };
        text::read_text(ty, content, slot, self.options.dialect).map_err(DecodeFailure::from)
    }

    /// The text of an element, up to its end.
    fn text(&mut self, expected: &'static str) -> Result<Cow<'i, str>, DecodeFailure> {
        let mut content = Cow::Borrowed("");
        loop {
            match self.source.next_inside()? {
                Token::Text(piece) if content.is_empty() => content = piece,
                Token::Text(piece) => content.to_mut().push_str(&piece),
                Token::Close | Token::End => return Ok(content),
                Token::Open(_) => return Err(mismatch(expected, "an element")),
            }
        }
    }

    /// The next item; `None` at the end of the list.
    pub(super) fn next_item(&mut self) -> Result<Option<(BytesStart<'i>, Shape)>, DecodeFailure> {
        while let Some(start) = self.next_child("list")? {
            let name = self.source.name(&start)?;
            match name {
                Name::Plain(local) if local == ITEM => return Ok(Some((start, Shape::Item))),
                Name::Plain(local) if base_name(local) == (ITEM, Shape::Array) => {
                    return Ok(Some((start, Shape::Array)));
                }
                name => self.unknown_element(&name, "the list")?,
            }
            self.source.pass_over()?;
        }
        Ok(None)
    }

    fn list(&mut self, ty: &Ty, list: &mut dyn ListSlot, depth: usize) -> Result<(), DecodeFailure> {
        self.options.check_depth(depth)?;
        let mut idx = 0;
        while let Some((start, shape)) = self.next_item()? {
            let mut read = Ok(());
            let added = list.add(&mut |slot| {
                read = self.value(&start, shape, ty, slot, depth + 1);
                read.is_ok()
            });
            read.at_index(idx)?;
            if added == Added::Duplicate {
                return Err(DecodeKind::DuplicateElement.into()).at_index(idx);
            }
            idx += 1;
        }
        Ok(())
    }

    fn map(
        &mut self,
        (key_ty, value_ty): (&Ty, &Ty),
        map: &mut dyn MapSlot,
        depth: usize,
    ) -> Result<(), DecodeFailure> {
        self.options.check_depth(depth)?;
        let mut idx = 0;
        while let Some((start, shape)) = self.next_item()? {
            if shape == Shape::Array {
                return Err(mismatch("map entry", "an element whose name ends in `-array`")).at_index(idx);
            }
            self.source.attributes(&start, self.options.unknown).at_index(idx)?;
            let mut read = Ok(());
            let added = map.add(&mut |key, value| {
                let entry = &mut [
                    Child::wanted("value", value_ty, value.slot()),
                    Child::wanted("key", key_ty, key.slot()),
                ];
                read = self.children("the map entry", entry, depth + 1);
                read.is_ok()
            });
            read.at_index(idx)?;
            if added == Added::Duplicate {
                return Err(DecodeKind::DuplicateKey.into()).at_index(idx);
            }
            idx += 1;
        }
        Ok(())
    }
}

/// An element's name without `-array`, and whether it had it.
pub(super) fn base_name(name: &str) -> (&str, Shape) {
    match name.strip_suffix(ARRAY_SUFFIX) {
        Some(base) => (base, Shape::Array),
        None => (name, Shape::Plain),
    }
}

/// The value of an element that is to be there but empty.
pub(super) fn null_value(reader: &mut Reader<'_, '_>) -> Result<Value, DecodeFailure> {
    reader.nothing("value")?;
    Ok(Value::Null)
}
