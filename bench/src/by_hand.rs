//! XML and form by hand: what one would write for these four structures and no others, over the same parsers.
//!
//! Hand-written code for one shape is the fastest rival there is; it knows every name and checks what the table-driven codec checks
//! (unknown and missing fields, wrong text), with poorer messages.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::NsReader;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use vapi_runtime::DateTime;

use crate::twin::{Behavior, Date, Input, Message, Model, State, Warning};

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const NAMESPACE: &str = "http://vmware.com/content/library/item/update_session";

type Outcome<T> = Result<T, String>;

/// Reads the `create` document.
pub(crate) fn decode_xml(document: &str) -> Outcome<Input> {
    let mut reader = NsReader::from_str(document);
    loop {
        match reader.read_resolved_event().map_err(|e| e.to_string())? {
            (ResolveResult::Bound(namespace), Event::Start(root)) => {
                if namespace.as_ref() != NAMESPACE || root.local_name().as_ref() != "Create-Input" {
                    return Err("another root".to_owned());
                }
                break;
            }
            (_, Event::Start(_) | Event::Eof | Event::DocType(_)) => return Err("no root".to_owned()),
            _ => {}
        }
    }
    let (mut client_token, mut create_spec) = (None, None);
    children(&mut reader, |reader, name| match name {
        "client_token" => set(&mut client_token, text(reader)?),
        "create_spec" => set(&mut create_spec, model(reader)?),
        _ => Err("unknown parameter".to_owned()),
    })?;
    Ok(Input { client_token, create_spec: create_spec.ok_or("no create_spec")? })
}

fn model(reader: &mut NsReader<&[u8]>) -> Outcome<Model> {
    let mut model = Model::default();
    children(reader, |reader, name| match name {
        "client_progress" => {
            set(&mut model.client_progress, text(reader)?.parse().map_err(|_| "not a long")?)
        }
        "error_message" => set(&mut model.error_message, message(reader)?),
        "expiration_time" => set(&mut model.expiration_time, date(&text(reader)?)?),
        "id" => set(&mut model.id, text(reader)?),
        "library_item_content_version" => set(&mut model.library_item_content_version, text(reader)?),
        "library_item_id" => set(&mut model.library_item_id, text(reader)?),
        "state" => set(&mut model.state, State::from_wire(&text(reader)?).ok_or("not a state")?),
        "warning_behavior-array" => {
            let mut behaviors = Vec::new();
            children(reader, |reader, name| match name {
                "array-item" => {
                    behaviors.push(behavior(reader)?);
                    Ok(())
                }
                _ => Err("not an item".to_owned()),
            })?;
            set(&mut model.warning_behavior, behaviors)
        }
        _ => Err("unknown field".to_owned()),
    })?;
    Ok(model)
}

fn message(reader: &mut NsReader<&[u8]>) -> Outcome<Message> {
    let (mut args, mut default_message, mut id) = (None, None, None);
    children(reader, |reader, name| match name {
        "args-array" => {
            let mut items = Vec::new();
            children(reader, |reader, name| match name {
                "array-item" => {
                    items.push(text(reader)?);
                    Ok(())
                }
                _ => Err("not an item".to_owned()),
            })?;
            set(&mut args, items)
        }
        "default_message" => set(&mut default_message, text(reader)?),
        "id" => set(&mut id, text(reader)?),
        _ => Err("unknown field".to_owned()),
    })?;
    Ok(Message {
        args: args.ok_or("no args")?,
        default_message: default_message.ok_or("no default_message")?,
        id: id.ok_or("no id")?,
    })
}

fn behavior(reader: &mut NsReader<&[u8]>) -> Outcome<Behavior> {
    let (mut ignored, mut kind) = (None, None);
    children(reader, |reader, name| match name {
        "ignored" => set(&mut ignored, text(reader)?.parse().map_err(|_| "not a boolean")?),
        "type" => set(&mut kind, Warning::from_wire(&text(reader)?).ok_or("not a warning")?),
        _ => Err("unknown field".to_owned()),
    })?;
    Ok(Behavior { ignored: ignored.ok_or("no ignored")?, kind: kind.ok_or("no type")? })
}

fn set<T>(field: &mut Option<T>, value: T) -> Outcome<()> {
    if field.replace(value).is_some() {
        return Err("twice".to_owned());
    }
    Ok(())
}

fn date(text: &str) -> Outcome<Date> {
    DateTime::parse(text, true).map(Date).map_err(|e| e.to_string())
}

/// Calls `child` for each element up to the end of the open one; each call reads its element to the end.
fn children<'a>(
    reader: &mut NsReader<&'a [u8]>,
    mut child: impl FnMut(&mut NsReader<&'a [u8]>, &str) -> Outcome<()>,
) -> Outcome<()> {
    loop {
        match reader.read_resolved_event().map_err(|e| e.to_string())? {
            (ResolveResult::Unbound, Event::Start(start)) => {
                let start: BytesStart<'a> = start;
                child(reader, start.name().as_ref())?;
            }
            (_, Event::End(_)) => return Ok(()),
            (_, Event::Text(text)) if text.xml10_content().trim().is_empty() => {}
            _ => return Err("not an element".to_owned()),
        }
    }
}

/// The text up to the end of the open element.
fn text(reader: &mut NsReader<&[u8]>) -> Outcome<String> {
    let mut value = String::new();
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Text(text) => value.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().map_err(|e| e.to_string())? {
                Some(character) => value.push(character),
                None => {
                    value
                        .push_str(quick_xml::escape::resolve_xml_entity(&reference).ok_or("unknown entity")?);
                }
            },
            Event::CData(data) => value.push_str(&data.xml10_content()),
            Event::End(_) => return Ok(value),
            _ => return Err("not text".to_owned()),
        }
    }
}

/// Writes the `create` document, compact.
pub(crate) fn encode_xml(input: &Input) -> String {
    let mut out = String::with_capacity(512);
    out.push_str("<?xml version=\"1.0\" ?><ns0:Create-Input xmlns:ns0=\"");
    out.push_str(NAMESPACE);
    out.push_str("\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><create_spec>");
    let spec = &input.create_spec;
    element(&mut out, "id", spec.id.as_deref());
    if let Some(behaviors) = &spec.warning_behavior {
        out.push_str("<warning_behavior-array>");
        for behavior in behaviors {
            out.push_str("<array-item>");
            element(&mut out, "ignored", Some(if behavior.ignored { "true" } else { "false" }));
            element(&mut out, "type", Some(behavior.kind.as_str()));
            out.push_str("</array-item>");
        }
        out.push_str("</warning_behavior-array>");
    }
    element(&mut out, "library_item_id", spec.library_item_id.as_deref());
    if let Some(progress) = spec.client_progress {
        let _ = write!(out, "<client_progress>{progress}</client_progress>");
    }
    if let Some(message) = &spec.error_message {
        out.push_str("<error_message>");
        element(&mut out, "default_message", Some(&message.default_message));
        element(&mut out, "id", Some(&message.id));
        out.push_str("<args-array>");
        for arg in &message.args {
            element(&mut out, "array-item", Some(arg));
        }
        out.push_str("</args-array></error_message>");
    }
    element(&mut out, "state", spec.state.map(State::as_str));
    element(&mut out, "expiration_time", spec.expiration_time.map(|d| d.0.page_spelling()).as_deref());
    element(&mut out, "library_item_content_version", spec.library_item_content_version.as_deref());
    out.push_str("</create_spec>");
    element(&mut out, "client_token", input.client_token.as_deref());
    out.push_str("</ns0:Create-Input>");
    out
}

fn element(out: &mut String, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = write!(out, "<{name}>{}</{name}>", partial_escape(value));
    }
}

/// Reads the parameters of `create`.
pub(crate) fn decode_form(pairs: &str) -> Outcome<Input> {
    let mut input = Input::default();
    let (mut message, mut spec_seen) = (None::<Message>, false);
    for (key, value) in form_urlencoded::parse(pairs.as_bytes()) {
        let Some(field) = key.strip_prefix("create_spec.") else {
            match &*key {
                "client_token" => set(&mut input.client_token, value.into_owned())?,
                _ => return Err("unknown parameter".to_owned()),
            }
            continue;
        };
        spec_seen = true;
        let spec = &mut input.create_spec;
        match field {
            "client_progress" => set(&mut spec.client_progress, value.parse().map_err(|_| "not a long")?)?,
            "expiration_time" => set(&mut spec.expiration_time, date(&value)?)?,
            "id" => set(&mut spec.id, value.into_owned())?,
            "library_item_content_version" => {
                set(&mut spec.library_item_content_version, value.into_owned())?;
            }
            "library_item_id" => set(&mut spec.library_item_id, value.into_owned())?,
            "state" => set(&mut spec.state, State::from_wire(&value).ok_or("not a state")?)?,
            _ => {
                if let Some(field) = field.strip_prefix("error_message.") {
                    form_message(message.get_or_insert_default(), field, value.into_owned())?;
                } else if let Some(field) = field.strip_prefix("warning_behavior.") {
                    form_behavior(spec.warning_behavior.get_or_insert_default(), field, &value)?;
                } else {
                    return Err("unknown field".to_owned());
                }
            }
        }
    }
    input.create_spec.error_message = message;
    if spec_seen { Ok(input) } else { Err("no create_spec".to_owned()) }
}

fn form_message(message: &mut Message, field: &str, value: String) -> Outcome<()> {
    match field {
        "default_message" => message.default_message = value,
        "id" => message.id = value,
        _ => {
            let index: usize =
                field.strip_prefix("args.").and_then(|index| index.parse().ok()).ok_or("unknown field")?;
            if index != message.args.len() + 1 {
                return Err("an index is missing".to_owned());
            }
            message.args.push(value);
        }
    }
    Ok(())
}

fn form_behavior(behaviors: &mut Vec<Behavior>, field: &str, value: &str) -> Outcome<()> {
    let (index, field) = field.split_once('.').ok_or("unknown field")?;
    let index: usize = index.parse().map_err(|_| "not an index")?;
    if index == behaviors.len() + 1 {
        behaviors.push(Behavior::default());
    }
    let behavior = behaviors.get_mut(index.wrapping_sub(1)).ok_or("an index is missing")?;
    match field {
        "ignored" => behavior.ignored = value.parse().map_err(|_| "not a boolean")?,
        "type" => behavior.kind = Warning::from_wire(value).ok_or("not a warning")?,
        _ => return Err("unknown field".to_owned()),
    }
    Ok(())
}

/// Writes the parameters of `create`.
pub(crate) fn encode_form(input: &Input) -> String {
    let mut out = String::with_capacity(512);
    let spec = &input.create_spec;
    let mut pair = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            let separator = if out.is_empty() { "" } else { "&" };
            let _ = write!(out, "{separator}{name}={}", utf8_percent_encode(value, ESCAPED));
        }
    };
    pair("create_spec.id", spec.id.as_deref());
    for (index, behavior) in spec.warning_behavior.iter().flatten().enumerate() {
        let ignored = if behavior.ignored { "true" } else { "false" };
        pair(&format!("create_spec.warning_behavior.{}.ignored", index + 1), Some(ignored));
        pair(&format!("create_spec.warning_behavior.{}.type", index + 1), Some(behavior.kind.as_str()));
    }
    pair("create_spec.library_item_id", spec.library_item_id.as_deref());
    pair("create_spec.client_progress", spec.client_progress.map(|p| p.to_string()).as_deref());
    if let Some(message) = &spec.error_message {
        pair("create_spec.error_message.default_message", Some(&message.default_message));
        pair("create_spec.error_message.id", Some(&message.id));
        for (index, arg) in message.args.iter().enumerate() {
            pair(&format!("create_spec.error_message.args.{}", index + 1), Some(arg));
        }
    }
    pair("create_spec.state", spec.state.map(State::as_str));
    pair("create_spec.expiration_time", spec.expiration_time.map(|d| d.0.page_spelling()).as_deref());
    pair("create_spec.library_item_content_version", spec.library_item_content_version.as_deref());
    pair("client_token", input.client_token.as_deref());
    out
}
