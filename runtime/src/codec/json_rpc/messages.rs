//! What a server says of parameters that cannot be read, in the words of the reference server.
//!
//! In: the operation's parameters and what is wrong. Out: a [`Fault`] with a stack of messages, outermost first; ids and
//! arguments are the protocol's, programs look at them.

use super::{BadInput, DecodeError};
use crate::codec::DecodeKind;
use crate::codec::unions::UnionFault;
use crate::fault::{Fault, Message, StandardError, quoted};
use crate::table::{StructureTable, Ty};

/// Every spelling of a date that is read, as the reference server writes it.
const DATE_TIME_PATTERN: &str =
    r"^((\d{4})-(\d{2})-(\d{2}))T(((\d{2}):(\d{2}):(\d{2})(\.(\d+))?)(Z|([\+\-](\d{2}):(\d{2}))))$";

/// The refusal of a call whose parameters cannot be read.
#[must_use]
pub fn fault_of(input: &'static StructureTable, bad: &BadInput) -> Fault {
    let error = match bad {
        BadInput::Invalid => {
            let none: [String; 0] = [];
            let message = Message::new("vapi.method.input.invalid", "Invalid input to method", none);
            return Fault::new(StandardError::InvalidArgument, message);
        }
        BadInput::Decode(error) => error,
    };
    let is_unexpected = matches!(error.kind, DecodeKind::UnknownField { .. });
    let standard =
        if is_unexpected { StandardError::UnexpectedInput } else { StandardError::InvalidArgument };
    let last = last_message(error);
    let stack = if stands_alone(&error.kind) { Vec::new() } else { stack(input, &error.path) };
    let mut messages = stack.into_iter().chain([last]);
    let first = messages.next().unwrap_or_else(|| last_message(error));
    messages.fold(Fault::new(standard, first), Fault::and)
}

/// What the reference server finds when it makes objects of the values, and no longer knows where they stood.
fn stands_alone(kind: &DecodeKind) -> bool {
    matches!(
        kind,
        DecodeKind::UnknownField { .. }
            | DecodeKind::DuplicateElement
            | DecodeKind::DuplicateKey
            | DecodeKind::BrokenUnion(_)
            | DecodeKind::BadText { expected: "date_time", .. }
    )
}

/// A message for each level of the path: the field and its structure, that it is optional, the element's index.
fn stack(input: &'static StructureTable, path: &str) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut table = Some(input);
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, indexes) = step.split_once('[').unwrap_or((step, ""));
        let field = table.and_then(|table| Some(&table.fields[table.field_idx(name)?]));
        let structure = table.map_or("", |table| table.name);
        messages.push(Message::new(
            "vapi.data.structure.field.invalid",
            format!("Found invalid field \"{name}\" in structure \"{structure}\"."),
            [name, structure],
        ));
        let mut ty = field.map(|field| &field.ty);
        if let Some(Ty::Optional(inner)) = ty {
            let none: [String; 0] = [];
            let text = "The given OptionalValue does not match the OptionalDefinition";
            messages.push(Message::new("vapi.data.optional.validate", text, none));
            ty = Some(inner);
        }
        for index in indexes.split('[').filter_map(|index| index.strip_suffix(']')) {
            let text = format!("The element at index {index} of the list is not valid");
            messages.push(Message::new("vapi.data.list.invalid.entry", text, [index]));
            ty = match ty {
                Some(Ty::List(element) | Ty::Set(element)) => Some(element),
                Some(Ty::Map(_, value)) => Some(value),
                _ => None,
            };
        }
        table = match ty.map(Ty::required) {
            Some(Ty::Structure(table)) => Some(table),
            _ => None,
        };
    }
    messages
}

fn last_message(error: &DecodeError) -> Message {
    match &error.kind {
        DecodeKind::MissingField { structure, field } => Message::new(
            "vapi.data.structure.field.missing",
            format!("Structure {structure} is missing a field \"{field}\""),
            [*structure, *field],
        ),
        DecodeKind::UnknownField { structure, field } => {
            // The reference server shows a set, as Python prints one.
            let field = format!("{{'{}'}}", quoted(field));
            Message::new(
                "vapi.data.structure.field.unexpected",
                format!("Found unexpected field \"{field}\" in structure \"{structure}\""),
                [field, (*structure).to_owned()],
            )
        }
        DecodeKind::Mismatch { expected, got } => Message::new(
            "vapi.data.validate.mismatch",
            format!("Type mismatch, expected an object of type {expected}, but got {got}"),
            [*expected, got],
        ),
        DecodeKind::WrongName { expected, got } => {
            let got = quoted(got);
            Message::new(
                "vapi.data.structure.name.mismatch",
                format!("Name mismatch for structure. Expected {expected}, but got {got}"),
                [(*expected).to_owned(), got],
            )
        }
        DecodeKind::BadText { expected: "date_time", text } => {
            let text = quoted(text);
            Message::new(
                "vapi.bindings.typeconverter.datetime.deserialize.invalid.format",
                format!("Datetime string \"{text}\" does not match expected pattern \"{DATE_TIME_PATTERN}\""),
                [text, DATE_TIME_PATTERN.to_owned()],
            )
        }
        DecodeKind::DuplicateElement => {
            let text = format!("The set \"{}\" has an element twice", error.path);
            Message::new("vapi.bindings.typeconverter.set.duplicate.element", text, [error.path.as_str()])
        }
        DecodeKind::DuplicateKey => {
            let text = format!("The map \"{}\" has a key twice", error.path);
            Message::new("vapi.bindings.typeconverter.map.duplicate.key", text, [error.path.as_str()])
        }
        DecodeKind::BrokenUnion(broken) => {
            let (id, has) = match broken.fault {
                UnionFault::Missing => {
                    ("vapi.data.structure.union.missing", "that is missing a required field")
                }
                UnionFault::NotAllowed => ("vapi.data.structure.union.extra", "with a field not required"),
            };
            let (structure, field) = (broken.structure, broken.field);
            let text = format!("Structure {structure} has a union {has} for this case = {field}");
            Message::new(id, text, [structure, field])
        }
        other => Message::new("vapi.data.validate.invalid", other.to_string(), [other.to_string()]),
    }
}
