//! Parameters to HTTP request: the choice of the request line, what stands in the path, the query, the headers and the body.
//!
//! The URI that comes out is path and query only. Not here: how a value is spelt, which is the codecs' business.

use std::fmt::Write as _;

use base64::Engine as _;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::codec::{Dialect, EncodeError, EncodeOptions, EncodeReason, form, json, json_rpc, text, xml};
use crate::data::{Structure, View};
use crate::execution::{ExecutionContext, OP_ID_HEADER, SecurityContext};
use crate::login::{SESSION_ID_HEADER, USE_HEADER_AUTHN};
use crate::operation::RequestOptions;
use crate::representation::{FORM, JSON, Representation, UrlForm, XML};
use crate::surface::{API, REST, Surface};
use crate::table::{Method, OperationTable, Route};

/// What stays as it is in a path variable: RFC 3986's unreserved characters.
const PATH_VARIABLE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes the request of an operation.
pub(crate) fn build(
    table: &'static OperationTable,
    input: &dyn Structure,
    options: &RequestOptions,
    cx: &ExecutionContext,
) -> Result<http::Request<Bytes>, EncodeError> {
    let mut request = match options.surface {
        Surface::JsonRpc => on_json_rpc(table, input, cx)?,
        Surface::Rest => on_rest(table, input, options)?,
        Surface::LegacyRest | Surface::Rest2014(_) => on_page(table, input, options)?,
    };
    add_context(request.headers_mut(), options.surface, cx)?;
    Ok(request)
}

fn on_page(
    table: &'static OperationTable,
    input: &dyn Structure,
    options: &RequestOptions,
) -> Result<http::Request<Bytes>, EncodeError> {
    let route = route(table, options.url_form)?;
    let (pairs, content) = match content(table, route, input, options)? {
        Content::Query(pairs) => (pairs, None),
        Content::Body(body, media_type) => (String::new(), Some((body, media_type))),
    };
    let prefix = if options.surface == Surface::LegacyRest { REST } else { "" };
    let target = target(table, (prefix, "~action"), route, input, &pairs, options.surface.dialect())?;
    let accept = match options.surface {
        Surface::Rest2014(representation) => options.accept.unwrap_or(representation.reply()).media_type(),
        Surface::JsonRpc | Surface::Rest | Surface::LegacyRest => JSON,
    };
    finish(route.method, target, accept, content)
}

fn on_rest(
    table: &'static OperationTable,
    input: &dyn Structure,
    options: &RequestOptions,
) -> Result<http::Request<Bytes>, EncodeError> {
    let Some(rest) = &table.rest else {
        let text =
            format!("`{}` of {} is not below {API}; other surfaces have it", table.name, table.service);
        return Err(no_line("", text));
    };
    let pairs = form::encode_rest_query(input, rest.query)?;
    let target = target(table, (API, "action"), &rest.route, input, &pairs, Dialect::Rest)?;
    let encode = EncodeOptions { layout: options.layout, dialect: Dialect::Rest };
    let body = json::encode_rest_body(input, rest.body, &encode)?;
    let body = (!body.is_empty()).then(|| (body.into(), JSON));
    let mut request = finish(rest.route.method, target, JSON, body)?;
    for &(name, param) in rest.headers {
        let view = input.field(usize::from(param));
        if matches!(view, View::Unset) {
            continue;
        }
        let value = text::to_text(view, Dialect::Rest).and_then(|text| HeaderValue::from_str(&text).ok());
        let name_of_param = table.input.fields[usize::from(param)].name;
        let value =
            value.ok_or_else(|| no_line(name_of_param, format!("it cannot stand in the header {name}")))?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Ok(request)
}

type Body = Option<(Bytes, &'static str)>;

fn on_json_rpc(
    table: &'static OperationTable,
    input: &dyn Structure,
    cx: &ExecutionContext,
) -> Result<http::Request<Bytes>, EncodeError> {
    let body = json_rpc::encode_request(table, input, cx, RPC_ID)?;
    let mut request = finish(Method::Post, API.to_owned(), JSON, Some((body.into(), JSON)))?;
    for (name, value) in [("vapi-service", table.service), ("vapi-operation", table.name)] {
        request.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    Ok(request)
}

/// Identifier of every JSON-RPC request: one HTTP exchange carries one, so nothing has to be told apart.
pub(crate) const RPC_ID: &str = "0";

fn finish(
    method_: Method,
    target: String,
    accept: &'static str,
    body: Body,
) -> Result<http::Request<Bytes>, EncodeError> {
    let mut request = http::Request::new(Bytes::new());
    *request.method_mut() = method(method_);
    *request.uri_mut() = Uri::try_from(target).map_err(|error| bad_target(&error))?;
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
    if let Some((bytes, media_type)) = body {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        *request.body_mut() = bytes;
    }
    Ok(request)
}

/// Who calls, and what the call is called, where that travels in headers.
pub(crate) fn add_context(
    headers: &mut HeaderMap,
    surface: Surface,
    cx: &ExecutionContext,
) -> Result<(), EncodeError> {
    let is_json_rpc = surface == Surface::JsonRpc;
    let refuse = |what: &str| no_line("", format!("{what} has characters that no header can carry"));
    if let Some(op_id) = &cx.op_id {
        let name = if is_json_rpc { "vapi-ctx-opid" } else { OP_ID_HEADER };
        let op_id = HeaderValue::from_str(op_id).map_err(|_| refuse("the call's identifier"))?;
        headers.insert(HeaderName::from_static(name), op_id);
    }
    match &cx.security {
        Some(SecurityContext::Session(id)) if !is_json_rpc => {
            let mut id =
                HeaderValue::from_str(id.expose()).map_err(|_| refuse("the session's identifier"))?;
            id.set_sensitive(true);
            headers.insert(SESSION_ID_HEADER, id);
        }
        Some(SecurityContext::UserPassword { user, password }) if !is_json_rpc => {
            let pair = format!("{user}:{}", password.expose());
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            let mut basic = HeaderValue::try_from(format!("Basic {pair}")).map_err(|_| refuse("the user"))?;
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
            // Without it a server would set a cookie, which nobody here keeps.
            headers.insert(USE_HEADER_AUTHN, HeaderValue::from_static("true"));
        }
        // In the body.
        Some(_) | None => {}
    }
    Ok(())
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
    let representation = options.surface.representation();
    let in_query =
        matches!(route.method, Method::Get | Method::Delete) || representation == Representation::Form;
    if in_query {
        return form::encode_input(input, in_path, options.surface.dialect()).map(Content::Query);
    }
    let nothing_left = (0..input.table().fields.len())
        .all(|idx| in_path.iter().any(|&p| usize::from(p) == idx) || matches!(input.field(idx), View::Unset));
    if nothing_left {
        return Ok(Content::Query(String::new()));
    }
    let (body, media_type) = match representation {
        Representation::Json => {
            let encode = EncodeOptions { layout: options.layout, dialect: options.surface.dialect() };
            (json::encode_input(input, in_path, &encode)?, JSON)
        }
        Representation::Xml => (xml::encode_input(table, input, in_path, options.layout)?, XML),
        Representation::Form | Representation::FormBody => {
            (form::encode_input(input, in_path, options.surface.dialect())?.into_bytes(), FORM)
        }
    };
    Ok(Content::Body(body.into(), media_type))
}

/// Prefix, path, action and query pairs, in the order the reference pages show.
fn target(
    table: &OperationTable,
    (prefix, action_key): (&str, &str),
    route: &Route,
    input: &dyn Structure,
    pairs: &str,
    dialect: Dialect,
) -> Result<String, EncodeError> {
    let mut target = prefix.to_owned();
    push_path(&mut target, table, route, input, dialect)?;
    let mut separator = '?';
    if let Some(action) = route.action {
        let _infallible = write!(target, "?{action_key}={action}");
        separator = '&';
    }
    if !pairs.is_empty() {
        target.push(separator);
        target.push_str(pairs);
    }
    Ok(target)
}

/// The template with its variables filled in.
fn push_path(
    path: &mut String,
    table: &OperationTable,
    route: &Route,
    input: &dyn Structure,
    dialect: Dialect,
) -> Result<(), EncodeError> {
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
        let value = text::to_text(view, dialect).ok_or_else(|| refuse("it is not a single value"))?;
        if value.is_empty() {
            return Err(refuse("it is empty"));
        }
        path.extend(utf8_percent_encode(&value, PATH_VARIABLE));
    }
    path.push_str(template);
    Ok(())
}

fn no_line(path: &str, text: String) -> EncodeError {
    EncodeError { path: path.to_owned(), reason: EncodeReason::RequestLine(text) }
}
