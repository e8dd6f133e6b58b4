//! A request's parameters: from wherever a surface has them into one structure.
//!
//! Not here: whether what was read is enough for the operation's use of its models, which is [`super::presence`].

mod page;
mod rest;

use std::borrow::Cow;

use bytes::Bytes;
use http::HeaderValue;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use self::page::PageInput;
use self::rest::RestInput;
use super::paths::{Matched, Place};
use super::presence::check_presence;
use super::{Context, Leniencies, refusal};
use crate::codec::json_rpc::BadInput;
use crate::codec::{DecodeError, DecodeOptions, Dialect, Seen, Unknown, json_rpc, text};
use crate::data::{Slot, Structure, View};
use crate::fault::Fault;
use crate::representation::Content;

/// Where the parameters of one call stand.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pub(super) origin: Origin<'a>,
    pub(super) depth_max: usize,
}

/// What they are read from.
#[derive(Debug)]
pub(super) enum Origin<'a> {
    /// A line with its path variables, and a body.
    Line { matched: &'a Matched, body: &'a Bytes, leniencies: Leniencies, dialect: Dialect },
    /// The `input` of a JSON-RPC call.
    JsonRpc(Option<json_rpc::Input<'a>>),
}

impl Parameters<'_> {
    /// Fills the structure, or says what is wrong with the request.
    pub(super) fn read(self, cx: &Context, input: &mut dyn Structure) -> Result<(), Fault> {
        let options =
            |dialect| DecodeOptions { depth_max: self.depth_max, unknown: Unknown::Refuse, dialect };
        let operation = cx.operation();
        let is_json_rpc = matches!(self.origin, Origin::JsonRpc(_));
        match self.origin {
            Origin::JsonRpc(sent) => json_rpc::decode_input(sent, input, &options(Dialect::Rest))
                .map_err(|bad| json_rpc::fault_of(operation.input, &bad))?,
            Origin::Line { matched, body, leniencies, dialect } => {
                let options = options(dialect);
                let seen = match matched.line.place {
                    Place::Page(route) => {
                        PageInput { operation, route, body, leniencies, options }.read(cx, input)?
                    }
                    Place::Rest(rest) => RestInput { operation, rest, body, options }.read(cx, input)?,
                };
                read_path(matched, input, &seen, dialect)?;
            }
        }
        check_presence(operation, input).map_err(|error| match is_json_rpc {
            true => json_rpc::fault_of(operation.input, &BadInput::Decode(error)),
            false => refusal::undecodable(operation, &error),
        })
    }
}

/// What the body is in; `None` where nothing says so.
fn content(cx: &Context) -> Result<Option<Content>, Fault> {
    if let Some(coding) = cx.headers().get(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let coding = text_of(coding);
        return Err(refusal::unsupported_media_type(&format!("the content coding `{coding}` is not known")));
    }
    let Some(media_type) = cx.headers().get(CONTENT_TYPE) else { return Ok(None) };
    let media_type = text_of(media_type);
    Content::parse(&media_type).map(Some).map_err(|reason| refusal::unsupported_media_type(&reason))
}

/// A header's value; most are ASCII, of which nothing has to be replaced.
pub(super) fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    let bytes = value.as_bytes();
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}

/// The path has the last word, but may not contradict what was said before.
fn read_path(
    matched: &Matched,
    input: &mut dyn Structure,
    seen: &Seen,
    dialect: Dialect,
) -> Result<(), Fault> {
    let operation = matched.line.operation;
    for (&param, variable) in matched.line.route().path_params.iter().zip(&matched.variables) {
        let param_idx = usize::from(param);
        let field = &operation.input.fields[param_idx];
        let before = if seen.contains(param_idx) { spelling(input.field(param_idx)) } else { None };
        read_scalar(input, param_idx, variable, dialect)
            .map_err(|error| refusal::undecodable(operation, &error))?;
        let Some(before) = before else { continue };
        let now = spelling(input.field(param_idx)).unwrap_or_default();
        if now != before {
            return Err(refusal::path_and_body_differ(field.name, &now, &before));
        }
    }
    Ok(())
}

/// Reads the text of one parameter.
fn read_scalar(
    input: &mut dyn Structure,
    param_idx: usize,
    value: &str,
    dialect: Dialect,
) -> Result<(), DecodeError> {
    let field = &input.table().fields[param_idx];
    let read = match input.field_mut(param_idx) {
        Slot::Optional(optional) => text::from_text(field.ty.required(), value, optional.insert(), dialect),
        slot => text::from_text(field.ty.required(), value, slot, dialect),
    };
    read.map_err(|mut error| {
        error.path.insert_str(0, field.name);
        error
    })
}

/// A single value as text, to compare two.
fn spelling(view: View<'_>) -> Option<String> {
    if matches!(view, View::Unset) {
        return None;
    }
    text::to_text(view, Dialect::Page2014).map(Cow::into_owned)
}
