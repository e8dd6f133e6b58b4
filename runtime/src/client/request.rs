//! Parameters to HTTP request: the choice of the request line, what stands in the path, the query and the body.
//!
//! The URI that comes out is path and query only. Not here: how a value is spelt, which is the codecs' business.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::codec::{Dialect, EncodeError, EncodeOptions, EncodeReason, form, json, text, xml};
use crate::data::{Structure, View};
use crate::operation::RequestOptions;
use crate::representation::{FORM, JSON, Representation, UrlForm, XML};
use crate::table::{Method, OperationTable, Route};

/// What stays as it is in a path variable: RFC 3986's unreserved characters.
const PATH_VARIABLE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes the request of an operation.
pub(crate) fn build(
    table: &'static OperationTable,
    input: &dyn Structure,
    options: &RequestOptions,
) -> Result<http::Request<Bytes>, EncodeError> {
    let route = route(table, options.url_form)?;
    let (target, content) = match content(table, route, input, options)? {
        Content::Query(pairs) => (target(table, route, input, &pairs)?, None),
        Content::Body(body, media_type) => (target(table, route, input, "")?, Some((body, media_type))),
    };
    let uri = Uri::try_from(target).map_err(|error| bad_target(&error))?;

    let mut request = http::Request::new(Bytes::new());
    *request.method_mut() = method(route.method);
    *request.uri_mut() = uri;
    let accept = options.accept.unwrap_or(options.representation.reply());
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept.media_type()));
    if let Some((body, media_type)) = content {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        *request.body_mut() = body;
    }
    Ok(request)
}

/// Why a URI could not be put together; in practice its length, which `http` limits to 64 KiB.
pub(super) fn bad_target(error: &dyn std::fmt::Display) -> EncodeError {
    no_line("", format!("the request line cannot be written: {error}"))
}

pub(crate) fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Put => http::Method::PUT,
        Method::Patch => http::Method::PATCH,
        Method::Delete => http::Method::DELETE,
    }
}

fn route(table: &'static OperationTable, url_form: UrlForm) -> Result<&'static Route, EncodeError> {
    let with_id_in_path = |in_path: bool| table.routes.iter().find(|r| r.path_params.is_empty() != in_path);
    let route = match url_form {
        UrlForm::First => table.routes.first(),
        UrlForm::IdInPath => with_id_in_path(true).or(table.routes.first()),
        UrlForm::IdInBody => with_id_in_path(false).or(table.routes.first()),
        UrlForm::Line(line) => table.routes.get(line),
    };
    route.ok_or_else(|| {
        let (name, n_lines) = (table.name, table.routes.len());
        let text = format!("{url_form:?} is not among the {n_lines} request lines of `{name}`");
        no_line("", text)
    })
}

enum Content {
    /// Pairs to add to the query, maybe none.
    Query(String),
    /// A body and its media type.
    Body(Bytes, &'static str),
}

fn content(
    table: &'static OperationTable,
    route: &Route,
    input: &dyn Structure,
    options: &RequestOptions,
) -> Result<Content, EncodeError> {
    let in_path = route.path_params;
    let in_query = matches!(route.method, Method::Get | Method::Delete)
        || options.representation == Representation::Form;
    if in_query {
        return form::encode_input(input, in_path, Dialect::Page2014).map(Content::Query);
    }
    let nothing_left = (0..input.table().fields.len())
        .all(|idx| in_path.iter().any(|&p| usize::from(p) == idx) || matches!(input.field(idx), View::Unset));
    if nothing_left {
        return Ok(Content::Query(String::new()));
    }
    let json_options = EncodeOptions { layout: options.layout, dialect: Dialect::Page2014 };
    let (body, media_type) = match options.representation {
        Representation::Json => (json::encode_input(input, in_path, &json_options)?, JSON),
        Representation::Xml => (xml::encode_input(table, input, in_path, options.layout)?, XML),
        Representation::Form | Representation::FormBody => {
            (form::encode_input(input, in_path, Dialect::Page2014)?.into_bytes(), FORM)
        }
    };
    Ok(Content::Body(body.into(), media_type))
}

/// Path, `~action` and query pairs, in the order the reference pages show.
fn target(
    table: &OperationTable,
    route: &Route,
    input: &dyn Structure,
    pairs: &str,
) -> Result<String, EncodeError> {
    let mut target = path(table, route, input)?;
    let mut separator = '?';
    if let Some(action) = route.action {
        let _infallible = write!(target, "?~action={action}");
        separator = '&';
    }
    if !pairs.is_empty() {
        target.push(separator);
        target.push_str(pairs);
    }
    Ok(target)
}

/// The template with its variables filled in.
fn path(table: &OperationTable, route: &Route, input: &dyn Structure) -> Result<String, EncodeError> {
    let mut path = String::with_capacity(route.path.len() + 32);
    let mut template = route.path;
    for &param in route.path_params {
        let (before, after) = template.split_once('{').unwrap_or((template, ""));
        path.push_str(before);
        template = after.split_once('}').map_or("", |(_, rest)| rest);
        let name = table.input.fields[usize::from(param)].name;
        let refuse = |what: &str| {
            let text = format!("{what}, but {} {} has it in its path", route.method.as_str(), route.path);
            no_line(name, text)
        };
        let view = input.field(usize::from(param));
        if matches!(view, View::Unset) {
            return Err(refuse("it is not set"));
        }
        let value =
            text::to_text(view, Dialect::Page2014).ok_or_else(|| refuse("it is not a single value"))?;
        if value.is_empty() {
            return Err(refuse("it is empty"));
        }
        path.extend(utf8_percent_encode(&value, PATH_VARIABLE));
    }
    path.push_str(template);
    Ok(path)
}

fn no_line(path: &str, text: String) -> EncodeError {
    EncodeError { path: path.to_owned(), reason: EncodeReason::RequestLine(text) }
}
