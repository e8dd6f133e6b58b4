//! Parameters below `/api`: in headers, in the query, and in a body that is JSON.

use bytes::Bytes;

use super::{content, read_scalar, text_of};
use crate::codec::{DecodeError, DecodeKind, DecodeOptions, Seen, form, json};
use crate::data::Structure;
use crate::fault::Fault;
use crate::representation::Content;
use crate::server::{Context, refusal};
use crate::table::{OperationTable, RestRoute};

pub(super) struct RestInput<'a> {
    pub(super) operation: &'static OperationTable,
    pub(super) rest: &'static RestRoute,
    pub(super) body: &'a Bytes,
    pub(super) options: DecodeOptions,
}

impl RestInput<'_> {
    /// Reads everything but the path. Returns what the body set.
    pub(super) fn read(&self, cx: &Context, input: &mut dyn Structure) -> Result<Seen, Fault> {
        let undecodable = |error: DecodeError| refusal::undecodable(self.operation, &error);
        self.read_headers(cx, input).map_err(undecodable)?;
        let query = cx.uri().query().unwrap_or_default();
        form::decode_rest_query(query, input, self.rest.query, &self.options).map_err(undecodable)?;
        if !self.body.trim_ascii().is_empty()
            && content(cx)?.ok_or_else(refusal::content_type_missing)? != Content::Json
        {
            return Err(refusal::unsupported_media_type("only application/json is read here"));
        }
        json::decode_rest_body(self.body, input, self.rest.body, &self.options).map_err(undecodable)
    }

    fn read_headers(&self, cx: &Context, input: &mut dyn Structure) -> Result<(), DecodeError> {
        for &(name, param) in self.rest.headers {
            let param_idx = usize::from(param);
            match cx.headers().get(name) {
                Some(value) => {
                    let text = text_of(value);
                    read_scalar(input, param_idx, &text, self.options.dialect)?;
                }
                None if self.operation.input.fields[param_idx].ty.is_optional() => {}
                None => return Err(self.missing(param_idx)),
            }
        }
        Ok(())
    }

    fn missing(&self, param_idx: usize) -> DecodeError {
        let input = self.operation.input;
        let kind = DecodeKind::MissingField { structure: input.name, field: input.fields[param_idx].name };
        DecodeError { path: String::new(), kind }
    }
}
