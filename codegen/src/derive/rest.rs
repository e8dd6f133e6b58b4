//! How an operation's parameters travel below `/api`, by the rules of the newer URL space.
//!
//! In: an operation. Out: what stands in headers, in the query and in the body, and the status of success.
//! The rules: a `GET` or `DELETE` has in its query what is neither in the path nor a header; otherwise one parameter that has
//! to be there and is a structure is the body, and all others are fields of it.
//! Not here: the request line and the headers, which no rule gives; they are transcribed.

use crate::ir::{Method, Operation, RequestLine, RestHeader, Type};

const PREFIX: &str = "/api";

/// Where the parameters of an operation stand; each is in the path or in one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest<'a> {
    /// Request line, without the `/api`.
    pub line: &'a RequestLine,
    /// Parameters that are headers.
    pub headers: &'a [RestHeader],
    /// Indexes of the parameters in the query.
    pub query: Vec<usize>,
    /// The body.
    pub body: RestBody,
    /// HTTP status of success.
    pub status: u16,
}

/// What the body of a request is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RestBody {
    /// There is none.
    None,
    /// The parameter of this index.
    Whole(usize),
    /// An object with the parameters of these indexes.
    Fields(Vec<usize>),
}

impl RestBody {
    /// As the rules give it for the parameters that stand nowhere else.
    #[must_use]
    pub fn of(operation: &Operation, left: &[usize]) -> RestBody {
        match left {
            [] => RestBody::None,
            [one] if matches!(operation.parameters[*one].ty, Type::Structure(_)) => RestBody::Whole(*one),
            _ => RestBody::Fields(left.to_vec()),
        }
    }
}

/// Where an operation is below `/api`; none where it is not there.
#[must_use]
pub fn rest(operation: &Operation) -> Option<Rest<'_>> {
    let stated = operation.rest.as_ref()?;
    let line = &stated.line;
    let is_header = |idx: &usize| stated.headers.iter().any(|header| header.parameter == *idx);
    let is_left = |idx: &usize| !line.path_params.contains(idx) && !is_header(idx);
    let left: Vec<usize> = (0..operation.parameters.len()).filter(is_left).collect();
    let has_query = matches!(line.method, Method::Get | Method::Delete);
    let (query, left) = if has_query { (left, Vec::new()) } else { (Vec::new(), left) };
    let body = match (stated.is_whole_body, left.as_slice()) {
        (Some(true), [one]) => RestBody::Whole(*one),
        (Some(false), [_, ..]) => RestBody::Fields(left),
        _ => RestBody::of(operation, &left),
    };
    let status = match (&operation.result, line.method, &line.action) {
        (Type::Void, ..) => 204,
        (_, Method::Post, None) => 201,
        _ => 200,
    };
    Some(Rest { line, headers: &stated.headers, query, body, status })
}

/// The line as it is sent: `POST /api/cis/tagging/tag/{tag_id}?action=revoke`.
#[must_use]
pub fn rest_line_text(line: &RequestLine) -> String {
    let mut text = format!("{} {PREFIX}{}", line.method.as_str(), line.path);
    if let Some(action) = &line.action {
        text.push_str("?action=");
        text.push_str(action);
    }
    text
}
