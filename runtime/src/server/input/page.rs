//! Parameters on a line of the reference pages: in the query, or in a JSON, XML or form body.

use std::borrow::Cow;

use bytes::Bytes;

use super::content;
use crate::codec::{DecodeError, DecodeOptions, Seen, form, json, xml};
use crate::data::Structure;
use crate::fault::Fault;
use crate::representation::Content;
use crate::server::{Context, Leniencies, refusal};
use crate::table::{Method, OperationTable, Route};

pub(super) struct PageInput<'a> {
    pub(super) operation: &'static OperationTable,
    pub(super) route: &'static Route,
    pub(super) body: &'a Bytes,
    pub(super) leniencies: Leniencies,
    pub(super) options: DecodeOptions,
}

impl PageInput<'_> {
    /// Reads everything but the path. Returns what was set.
    pub(super) fn read(&self, cx: &Context, input: &mut dyn Structure) -> Result<Seen, Fault> {
        let query = cx.uri().query().unwrap_or_default();
        let may_lack = self.may_lack();
        let read = match self.content(cx)? {
            None => form::decode_input(query, input, &may_lack, &self.options),
            Some(Content::Form) => {
                let body = std::str::from_utf8(self.body).map_err(|_| refusal::form_not_utf8())?;
                form::decode_input(&join(query, body), input, &may_lack, &self.options)
            }
            Some(Content::Json) => {
                refuse_pairs(query)?;
                json::decode_input(self.body, input, &may_lack, &self.options)
            }
            Some(Content::Xml) => {
                refuse_pairs(query)?;
                xml::decode_input(self.operation, self.body, input, &may_lack, &self.options)
            }
        };
        read.map_err(|error: DecodeError| refusal::undecodable(self.operation, &error))
    }

    /// Parameters that need not be in query or body: those in the path, and the texts that some clients leave out.
    fn may_lack(&self) -> Cow<'static, [u16]> {
        let in_path = self.route.path_params;
        if !self.leniencies.missing_text {
            return Cow::Borrowed(in_path);
        }
        let lenient = (0..).zip(self.operation.input.fields);
        let mut lenient = lenient.filter(|(_, field)| field.is_lenient).map(|(idx, _)| idx).peekable();
        match lenient.peek() {
            None => Cow::Borrowed(in_path),
            Some(_) => Cow::Owned(in_path.iter().copied().chain(lenient).collect()),
        }
    }

    /// What the body is in; `None` for no body, whatever its type is said to be.
    fn content(&self, cx: &Context) -> Result<Option<Content>, Fault> {
        if self.body.is_empty() {
            let is_body_expected = matches!(self.route.method, Method::Post | Method::Put | Method::Patch)
                && self.route.path_params.len() < self.operation.input.fields.len()
                && cx.uri().query().is_none_or(|query| pairs_of_parameters(query).next().is_none());
            if is_body_expected
                && !self.leniencies.empty_body
                && matches!(content(cx)?, Some(Content::Json | Content::Xml))
            {
                return Err(refusal::empty_body());
            }
            return Ok(None);
        }
        content(cx)?.map(Some).ok_or_else(refusal::content_type_missing)
    }
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
    pairs_of_parameters(query).next().map_or(Ok(()), |key| Err(refusal::query_and_body(&key)))
}

/// Keys of a query that are not the protocol's own.
fn pairs_of_parameters(query: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let keys = form_urlencoded::parse(query.as_bytes()).map(|(key, _)| key);
    keys.filter(|key| !key.is_empty() && !key.starts_with('~') && key != "vmw-task")
}
