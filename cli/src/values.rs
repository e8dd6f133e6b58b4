//! Parameters of any operation: options of a command line from its table, and the JSON that they come to.

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};
use vapi::runtime::AnyStructure;
use vapi::runtime::codec::{DecodeOptions, Dialect, EncodeOptions, Layout, json};
use vapi::runtime::data::View;
use vapi::runtime::table::{OperationTable, StructureTable, Ty};

use crate::exit::Failure;

/// How deep structures are taken apart into options; what is deeper is given as JSON.
const DEPTH_MAX: usize = 4;

/// A parameter or a field of one, as an option.
struct Leaf {
    /// Names from the parameter on.
    path: Vec<&'static str>,
    ty: &'static Ty,
    is_required: bool,
}

impl Leaf {
    /// `create-spec.name`
    fn option(&self) -> String {
        self.path.join(".").replace('_', "-")
    }
}

fn leaves(table: &'static StructureTable) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    add_leaves(table, &mut Vec::new(), &mut vec![table], &mut leaves);
    leaves
}

fn add_leaves(
    table: &'static StructureTable,
    path: &mut Vec<&'static str>,
    open: &mut Vec<&'static StructureTable>,
    leaves: &mut Vec<Leaf>,
) {
    for field in table.fields {
        path.push(field.name);
        let is_required = path.len() == 1 && !field.ty.is_optional();
        leaves.push(Leaf { path: path.clone(), ty: field.ty.required(), is_required });
        if let Ty::Structure(inner) = field.ty.required()
            && path.len() < DEPTH_MAX
            && !open.iter().any(|other| std::ptr::eq(*other, inner.table()))
        {
            open.push(inner);
            add_leaves(inner, path, open, leaves);
            open.pop();
        }
        path.pop();
    }
}

/// Adds the parameters of an operation to a command, under names that it does not have already.
pub(crate) fn add_options(mut command: Command, operation: &'static OperationTable) -> Command {
    for leaf in leaves(operation.input) {
        let option = leaf.option();
        let is_taken = command.get_arguments().any(|arg| arg.get_long() == Some(&option));
        let long = if is_taken { format!("param.{option}") } else { option.clone() };
        let is_list = matches!(leaf.ty, Ty::List(_) | Ty::Set(_));
        let need = if leaf.is_required { ", required" } else { "" };
        let arg = Arg::new(format!("param:{option}"))
            .long(long)
            .help(format!("{}{need}", spelling(leaf.ty)))
            .value_name(value_name(leaf.ty))
            .allow_hyphen_values(true)
            .help_heading("Parameters")
            .action(if is_list { ArgAction::Append } else { ArgAction::Set });
        command = command.arg(arg);
    }
    command
}

/// What a value looks like.
fn spelling(ty: &Ty) -> String {
    match ty {
        Ty::Enumeration(table) => format!("one of {}", table.values.join(", ")),
        Ty::Structure(table) => format!("{} as JSON, or by its fields", table.name),
        Ty::List(element) | Ty::Set(element) => format!("{}; once for each", spelling(element)),
        Ty::Map(..) => "JSON object".to_owned(),
        Ty::DynamicStructure | Ty::AnyError | Ty::Opaque => "any value as JSON".to_owned(),
        Ty::Optional(inner) => spelling(inner),
        Ty::Boolean => "true or false".to_owned(),
        Ty::Long => "whole number".to_owned(),
        Ty::Double => "number".to_owned(),
        Ty::Binary => "bytes as base64".to_owned(),
        Ty::DateTime => "instant, 2013-06-06T22:13:05Z".to_owned(),
        Ty::Uri => "URI".to_owned(),
        Ty::Id => "identifier".to_owned(),
        Ty::Secret => "secret text; in files, `--input` keeps it out of the list of processes".to_owned(),
        Ty::String | Ty::Void => "text".to_owned(),
    }
}

fn value_name(ty: &Ty) -> &'static str {
    match ty {
        Ty::Boolean => "BOOLEAN",
        Ty::Long | Ty::Double => "NUMBER",
        Ty::Id => "ID",
        Ty::Structure(_) | Ty::Map(..) | Ty::DynamicStructure | Ty::AnyError | Ty::Opaque => "JSON",
        Ty::List(element) | Ty::Set(element) | Ty::Optional(element) => value_name(element),
        _ => "TEXT",
    }
}

/// The parameters: `input` as a whole, and over it what the options say.
///
/// # Errors
/// When a value is none of its type, or a parameter is missing.
pub(crate) fn parameters(
    operation: &'static OperationTable,
    matches: &ArgMatches,
    input: Option<&str>,
) -> Result<AnyStructure, Failure> {
    let mut object = match input.map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(Value::Object(object))) => object,
        Some(Ok(_)) => return Err(Failure::usage("the input is no JSON object")),
        Some(Err(error)) => return Err(Failure::usage(format!("the input is no JSON: {error}"))),
    };
    for leaf in leaves(operation.input) {
        let Ok(Some(texts)) = matches.try_get_many::<String>(&format!("param:{}", leaf.option())) else {
            continue;
        };
        let value = value(leaf.ty, &texts.map(String::as_str).collect::<Vec<_>>())
            .map_err(|error| Failure::usage(format!("--{}: {error}", leaf.option())))?;
        put(&mut object, &leaf.path, value);
    }
    let options = DecodeOptions { dialect: Dialect::Rest, ..DecodeOptions::default() };
    let mut parameters = AnyStructure::new(operation.input);
    let bytes = Value::Object(object).to_string();
    json::decode_input(bytes.as_bytes(), &mut parameters, &[], &options).map_err(|error| {
        Failure::usage(error.to_string()).hint("`--help` behind the operation lists its parameters")
    })?;
    Ok(parameters)
}

fn put(object: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => {
            object.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = object.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn value(ty: &Ty, texts: &[&str]) -> Result<Value, String> {
    match ty {
        Ty::List(element) | Ty::Set(element) => match texts {
            [one] if one.starts_with('[') => parsed(one),
            texts => {
                texts.iter().map(|text| value(element, &[text])).collect::<Result<_, _>>().map(Value::Array)
            }
        },
        Ty::Optional(inner) => value(inner, texts),
        Ty::Boolean | Ty::Long | Ty::Double => {
            parsed(texts[0]).map_err(|_| format!("`{}` is no {}", texts[0], spelling(ty)))
        }
        Ty::Structure(_) | Ty::Map(..) | Ty::DynamicStructure | Ty::AnyError | Ty::Opaque => parsed(texts[0]),
        _ => Ok(Value::String(texts[0].to_owned())),
    }
}

fn parsed(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("no JSON: {error}"))
}

/// A result for programs: its JSON as below `/api`, with `null` for nothing.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn to_json(ty: &Ty, view: View<'_>) -> Result<Value, Failure> {
    if matches!(ty, Ty::Void) {
        return Ok(Value::Null);
    }
    let options = EncodeOptions { layout: Layout::default(), dialect: Dialect::Rest };
    let bytes = json::encode_result(ty, view, &options)
        .map_err(|error| Failure::new(crate::exit::Exit::Failed, error.to_string()))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::new(crate::exit::Exit::Failed, format!("no JSON came: {error}")))
}

/// A value for people: single values bare, lists of them one a line, the rest as `name: value` in levels.
#[must_use]
pub(crate) fn to_text(value: &Value) -> String {
    let mut text = String::new();
    push_text(&mut text, value, 0);
    text
}

fn push_text(text: &mut String, value: &Value, level: usize) {
    let indent = "  ".repeat(level);
    match value {
        Value::Null => {}
        Value::Array(elements) => {
            for (idx, element) in elements.iter().enumerate() {
                if idx > 0 && element.is_object() {
                    text.push('\n');
                }
                push_text(text, element, level);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Null => {}
                    Value::Array(_) | Value::Object(_) => {
                        text.push_str(&format!("{indent}{name}:\n"));
                        push_text(text, member, level + 1);
                    }
                    single => text.push_str(&format!("{indent}{name}: {}\n", single_text(single))),
                }
            }
        }
        single => text.push_str(&format!("{indent}{}\n", single_text(single))),
    }
}

/// Control characters of a server's text stay off the terminal.
fn single_text(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
