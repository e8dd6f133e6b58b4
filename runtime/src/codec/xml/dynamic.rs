//! Opaque values and dynamic structures both ways: text for every scalar, the attribute `class` for the name of a
//! structure, `-array` for lists, `xsi:nil` for null.

use std::collections::btree_map::Entry;

use super::markup::{ARRAY_SUFFIX, ITEM, is_blank, is_name};
use super::read::{Reader, Shape, base_name, null_value};
use super::source::{Attributes, Name, Token, mismatch};
use super::write::Writer;
use crate::codec::failure::{At as _, DecodeFailure, EncodeFailure};
use crate::codec::{DecodeKind, Dialect, EncodeReason, class, text};
use crate::data::View;
use crate::{DynamicStructure, Value};
use quick_xml::events::BytesStart;

/// Reads the element that has just begun, up to its end.
pub(super) fn read_value(
    reader: &mut Reader<'_, '_>,
    attributes: &Attributes,
    shape: Shape,
    depth: usize,
) -> Result<Value, DecodeFailure> {
    if attributes.is_nil {
        return null_value(reader);
    }
    if shape == Shape::Array {
        return read_list(reader, depth);
    }
    if attributes.class.is_some() {
        return read_structure(reader, attributes, depth).map(Value::Structure);
    }
    let mut content = String::new();
    loop {
        match reader.source.next_inside()? {
            Token::Text(piece) => content.push_str(&piece),
            Token::Close | Token::End => return Ok(Value::Text(content)),
            Token::Open(_) if !is_blank(&content) => return Err(mismatch("value", "text between elements")),
            Token::Open(first) => {
                let mut dynamic = DynamicStructure::default();
                read_fields(reader, Some(first), &mut dynamic, depth)?;
                return Ok(Value::Structure(dynamic));
            }
        }
    }
}

/// Reads the element that has just begun, up to its end, as a dynamic structure.
pub(super) fn read_structure(
    reader: &mut Reader<'_, '_>,
    attributes: &Attributes,
    depth: usize,
) -> Result<DynamicStructure, DecodeFailure> {
    let mut dynamic = DynamicStructure {
        name: attributes.class.clone().and_then(class::name_of),
        fields: Default::default(),
    };
    read_fields(reader, None, &mut dynamic, depth)?;
    Ok(dynamic)
}

fn read_fields<'i>(
    reader: &mut Reader<'i, '_>,
    first: Option<BytesStart<'i>>,
    dynamic: &mut DynamicStructure,
    depth: usize,
) -> Result<(), DecodeFailure> {
    const STRUCTURE: &str = "dynamic structure";
    reader.options.check_depth(depth)?;
    let mut next = match first {
        Some(first) => Some(first),
        None => reader.next_child(STRUCTURE)?,
    };
    while let Some(start) = next {
        match reader.source.name(&start)? {
            Name::Plain(local) => {
                let (name, shape) = base_name(local);
                let name = name.to_owned();
                let attributes = reader.source.attributes(&start, reader.options.unknown)?;
                let value = read_value(reader, &attributes, shape, depth + 1).at_name(&name)?;
                match dynamic.fields.entry(name) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(value);
                    }
                    Entry::Occupied(occupied) => {
                        let field = occupied.key().clone();
                        return Err(
                            DecodeKind::DuplicateField { structure: "the dynamic structure", field }.into()
                        );
                    }
                }
            }
            name => {
                reader.unknown_element(&name, STRUCTURE)?;
                reader.source.pass_over()?;
            }
        }
        next = reader.next_child(STRUCTURE)?;
    }
    Ok(())
}

fn read_list(reader: &mut Reader<'_, '_>, depth: usize) -> Result<Value, DecodeFailure> {
    reader.options.check_depth(depth)?;
    let mut list = Vec::new();
    while let Some((start, shape)) = reader.next_item()? {
        let attributes = reader.source.attributes(&start, reader.options.unknown)?;
        let value = read_value(reader, &attributes, shape, depth + 1).at_index(list.len())?;
        list.push(value);
    }
    Ok(Value::List(list))
}

/// Writes an element called `name`, or `name-array` for a list.
pub(super) fn write_value(
    writer: &mut Writer,
    name: &str,
    value: &Value,
    depth: usize,
) -> Result<(), EncodeFailure> {
    let view = match value {
        Value::Null => {
            writer.nil(name);
            return Ok(());
        }
        Value::Boolean(value) => View::Boolean(*value),
        Value::Long(value) => View::Long(*value),
        Value::Double(value) => View::Double(*value),
        Value::Text(text) => View::Text(text),
        Value::Secret(text) => View::Text(text.expose()),
        Value::Binary(bytes) => View::Binary(bytes),
        Value::Optional(value) => {
            writer.check_depth(depth)?;
            return write_value(writer, name, value, depth + 1);
        }
        Value::Error(dynamic) => return write_structure(writer, name, dynamic, class::ERROR, depth),
        Value::Structure(dynamic) => return write_structure(writer, name, dynamic, class::STRUCTURE, depth),
        Value::List(list) => {
            writer.check_depth(depth)?;
            writer.open(name, ARRAY_SUFFIX);
            for (idx, value) in list.iter().enumerate() {
                write_value(writer, ITEM, value, depth + 1).at_index(idx)?;
            }
            writer.close(name, ARRAY_SUFFIX);
            return Ok(());
        }
    };
    writer.scalar(name, &text::scalar_text(view, Dialect::Page2014)?)
}

/// Writes an element called `name` whose attribute `class` says the structure's name.
pub(super) fn write_structure(
    writer: &mut Writer,
    name: &str,
    dynamic: &DynamicStructure,
    default_class: &str,
    depth: usize,
) -> Result<(), EncodeFailure> {
    writer.check_depth(depth)?;
    writer.open_with_class(name, dynamic.name.as_deref().unwrap_or(default_class))?;
    for (field, value) in &dynamic.fields {
        if !is_name(field) || field.ends_with(ARRAY_SUFFIX) {
            return Err(EncodeReason::Name(field.clone()).into());
        }
        write_value(writer, field, value, depth + 1).at_name(field)?;
    }
    writer.close(name, "");
    Ok(())
}
