//! A request's parameters: from the path, the query and the body into one structure.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};

use crate::codec::{DecodeError, DecodeOptions, Dialect, Seen, form, json, text, xml};
use crate::data::{Slot, Structure, View};
use crate::fault::Fault;
use crate::representation::Content;
use crate::server::paths::Matched;
use crate::server::presence::check_presence;
use crate::server::{Context, refusal};

/// Where the parameters of one call stand.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pub(super) matched: &'a Matched,
    pub(super) body: &'a Bytes,
    pub(super) depth_max: usize,
}

impl Parameters<'_> {
    /// Fills the structure, or says what is wrong with the request.
    pub(super) fn read(&self, cx: &Context, input: &mut dyn Structure) -> Result<(), Fault> {
        let options = DecodeOptions { depth_max: self.depth_max, ..DecodeOptions::default() };
        let operation = self.matched.line.operation;
        let in_path = self.matched.line.route.path_params;
        let query = cx.uri().query().unwrap_or_default();
        let undecodable = |error: DecodeError| refusal::undecodable(operation, &error);

        let seen = match self.content(cx)? {
            None => form::decode_input(query, input, in_path, &options).map_err(undecodable)?,
            Some(Content::Form) => {
                let body = std::str::from_utf8(self.body).map_err(|_| refusal::form_not_utf8())?;
                let pairs = join(query, body);
                form::decode_input(&pairs, input, in_path, &options).map_err(undecodable)?
            }
            Some(Content::Json) => {
                refuse_pairs(query)?;
                json::decode_input(self.body, input, in_path, &options).map_err(undecodable)?
            }
            Some(Content::Xml) => {
                refuse_pairs(query)?;
                xml::decode_input(operation, self.body, input, in_path, &options).map_err(undecodable)?
            }
        };
        self.read_path(input, &seen)?;
        check_presence(operation, input).map_err(undecodable)
    }

    /// What the body is in; `None` for no body, whatever its type is said to be.
    fn content(&self, cx: &Context) -> Result<Option<Content>, Fault> {
        if self.body.is_empty() {
            return Ok(None);
        }
        if let Some(coding) = cx.headers().get(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
            let coding = String::from_utf8_lossy(coding.as_bytes());
            return Err(refusal::unsupported_media_type(&format!(
                "the content coding `{coding}` is not known"
            )));
        }
        let Some(media_type) = cx.headers().get(CONTENT_TYPE) else {
            return Err(refusal::content_type_missing());
        };
        let media_type = String::from_utf8_lossy(media_type.as_bytes());
        Content::parse(&media_type).map(Some).map_err(|reason| refusal::unsupported_media_type(&reason))
    }

    /// The path has the last word, but may not contradict what was said before.
    fn read_path(&self, input: &mut dyn Structure, seen: &Seen) -> Result<(), Fault> {
        let operation = self.matched.line.operation;
        for (&param, variable) in self.matched.line.route.path_params.iter().zip(&self.matched.variables) {
            let param_idx = usize::from(param);
            let field = &operation.input.fields[param_idx];
            let before = if seen.contains(param_idx) { spelling(input.field(param_idx)) } else { None };
            let read = match input.field_mut(param_idx) {
                Slot::Optional(optional) => {
                    text::from_text(field.ty.required(), variable, optional.insert(), Dialect::Page2014)
                }
                slot => text::from_text(field.ty.required(), variable, slot, Dialect::Page2014),
            };
            read.map_err(|mut error| {
                error.path.insert_str(0, field.name);
                refusal::undecodable(operation, &error)
            })?;
            let now = spelling(input.field(param_idx));
            if let Some(before) = before
                && now.as_ref() != Some(&before)
            {
                return Err(refusal::path_and_body_differ(field.name, &now.unwrap_or_default(), &before));
            }
        }
        Ok(())
    }
}

/// A single value as text, to compare two.
fn spelling(view: View<'_>) -> Option<String> {
    if matches!(view, View::Unset) {
        return None;
    }
    text::to_text(view, Dialect::Page2014).map(Cow::into_owned)
}

fn join<'t>(query: &'t str, body: &'t str) -> Cow<'t, str> {
    match (query.is_empty(), body.is_empty()) {
        (true, _) => Cow::Borrowed(body),
        (_, true) => Cow::Borrowed(query),
        _ => Cow::Owned(format!("{query}&{body}")),
    }
}

/// A JSON or XML body holds all parameters; beside it the query may only have the protocol's own keys.
fn refuse_pairs(query: &str) -> Result<(), Fault> {
    let parameter = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| !key.is_empty() && !key.starts_with('~') && key != "vmw-task");
    parameter.map_or(Ok(()), |(key, _)| Err(refusal::query_and_body(&key)))
}
