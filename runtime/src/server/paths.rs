//! Path, method and action to operation.
//!
//! In go the request lines of the mounted services, out comes the line that a request is on and the texts of its path
//! variables, decoded once. Not here: query parameters other than `~action`, bodies.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::StatusCode;
use percent_encoding::percent_decode_str;

use crate::fault::{Fault, Message, StandardError, quoted};
use crate::table::{Method, OperationTable, Route, ServiceTable};

/// Every request line of every mounted service.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    /// Path templates with their variables numbered, since lines of one template may name them differently.
    templates: matchit::Router<usize>,
    /// The lines of each template.
    lines: Vec<Lines>,
}

#[derive(Clone, Debug)]
struct Lines {
    template: String,
    lines: Vec<Line>,
}

/// One request line of one mounted operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) service_idx: usize,
    pub(super) operation_idx: usize,
    pub(super) operation: &'static OperationTable,
    pub(super) route: &'static Route,
}

/// The line a request is on.
#[derive(Debug)]
pub(super) struct Matched {
    pub(super) line: Line,
    /// Texts of the path variables, in the template's order.
    pub(super) variables: Vec<String>,
}

impl Paths {
    /// Adds a service's lines. A line that is there already is replaced, so the last service mounted wins.
    ///
    /// # Panics
    /// When a template cannot stand beside those mounted before, such as `/a/{x}` beside `/a/{y}-z`.
    pub(super) fn add(&mut self, service_idx: usize, service: &'static ServiceTable) {
        for (operation_idx, &operation) in service.operations.iter().enumerate() {
            for route in operation.routes {
                self.add_line(Line { service_idx, operation_idx, operation, route });
            }
        }
    }

    fn add_line(&mut self, line: Line) {
        let template = number_variables(line.route.path);
        let known = self.lines.iter_mut().find(|lines| lines.template == template);
        if let Some(known) = known {
            let same = |other: &&mut Line| {
                other.route.method == line.route.method && other.route.action == line.route.action
            };
            match known.lines.iter_mut().find(same) {
                Some(other) => *other = line,
                None => known.lines.push(line),
            }
            return;
        }
        if let Err(error) = self.templates.insert(template.clone(), self.lines.len()) {
            panic!("{} of {} cannot be routed: {error}", line.route.path, line.operation.service);
        }
        self.lines.push(Lines { template, lines: vec![line] });
    }

    /// Finds the line of a request.
    pub(super) fn find(&self, method: &http::Method, uri: &http::Uri) -> Result<Matched, Fault> {
        let path = unify(uri.path()).map_err(|()| {
            let path = quoted(uri.path());
            bad_request(
                "vapi.http.path.invalid",
                format!("The path {path} has a % without two hexadecimal digits"),
                path,
            )
        })?;
        let Ok(found) = self.templates.at(&path) else { return Err(no_such_path(uri.path())) };
        let lines = &self.lines[*found.value].lines;
        let actions = actions(uri.query().unwrap_or_default());
        let line = choose(lines, method, &actions)?;
        let variables = found.params.iter().map(|(_, text)| decode(text)).collect::<Result<_, _>>()?;
        Ok(Matched { line, variables })
    }
}

/// `/parcel/id:{parcel_id}` to `/parcel/id:{0}`.
fn number_variables(template: &str) -> String {
    let mut numbered = String::with_capacity(template.len());
    let mut rest = template;
    let mut n_variables = 0;
    while let Some((before, after)) = rest.split_once('{') {
        numbered.push_str(before);
        numbered.push_str(&format!("{{{n_variables}}}"));
        n_variables += 1;
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    numbered + rest
}

/// Decodes what may be spelt either way in a path (RFC 3986's unreserved characters, and the colon of `id:`), so that
/// templates match and what is still encoded is decoded exactly once, later. An error for a `%` that begins nothing.
fn unify(path: &str) -> Result<Cow<'_, str>, ()> {
    if !path.contains('%') {
        return Ok(Cow::Borrowed(path));
    }
    let mut unified = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        unified.push_str(before);
        let digits =
            after.get(..2).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit())).ok_or(())?;
        match u8::from_str_radix(digits, 16).map_err(|_| ())? {
            byte if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) => {
                unified.push(char::from(byte));
            }
            _ => {
                unified.push('%');
                unified.push_str(digits);
            }
        }
        rest = &after[2..];
    }
    Ok(Cow::Owned(unified + rest))
}

fn decode(text: &str) -> Result<String, Fault> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| {
        let text = quoted(text);
        bad_request("vapi.http.path.invalid", format!("The path variable {text} is not UTF-8"), text)
    })?;
    Ok(decoded.into_owned())
}

/// The values of `~action` in a query.
fn actions(query: &str) -> Vec<Cow<'_, str>> {
    if query.is_empty() {
        return Vec::new();
    }
    form_urlencoded::parse(query.as_bytes())
        .filter_map(|(key, value)| (key == "~action").then_some(value))
        .collect()
}

fn choose(lines: &[Line], method: &http::Method, actions: &[Cow<'_, str>]) -> Result<Line, Fault> {
    let of_method = || lines.iter().filter(|line| line.route.method.as_str() == method.as_str());
    if of_method().next().is_none() {
        return Err(wrong_method(lines, method));
    }
    let action = match actions {
        [] => None,
        [action] => Some(action.as_ref()),
        _ => {
            let text = "The query has more than one ~action".to_owned();
            return Err(bad_request("vapi.http.action.repeated", text, quoted(&actions[1])));
        }
    };
    of_method().find(|line| line.route.action == action).copied().ok_or_else(|| no_such_action(lines, action))
}

fn bad_request(id: &str, text: String, arg: String) -> Fault {
    Fault::new(StandardError::InvalidRequest, Message::new(id, text, [arg]))
}

fn no_such_path(path: &str) -> Fault {
    let path = quoted(path);
    let text = format!("There is no service at {path}");
    Fault::new(
        StandardError::OperationNotFound,
        Message::new("vapi.method.input.invalid.interface", text, [path]),
    )
}

fn no_such_action(lines: &[Line], action: Option<&str>) -> Fault {
    let service = lines.first().map_or("", |line| line.operation.service);
    let there_are = lines
        .iter()
        .map(|line| match line.route.action {
            Some(action) => format!("{} ~action={action}", line.route.method.as_str()),
            None => format!("{} without ~action", line.route.method.as_str()),
        })
        .collect::<BTreeSet<_>>();
    let there_are = there_are.into_iter().collect::<Vec<_>>().join(", ");
    let action = action.map(quoted);
    let text = match &action {
        Some(action) => format!("{service} has no ~action={action} here; there are: {there_are}"),
        None => format!("A ~action is missing in the query; {service} has here: {there_are}"),
    };
    let args = [service.to_owned(), action.unwrap_or_default()];
    Fault::new(StandardError::OperationNotFound, Message::new("vapi.method.input.invalid.method", text, args))
}

fn wrong_method(lines: &[Line], method: &http::Method) -> Fault {
    const IN_ORDER: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let allow = IN_ORDER
        .into_iter()
        .filter(|&allowed| lines.iter().any(|line| line.route.method == allowed))
        .map(Method::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    let method = quoted(method.as_str());
    let text = format!("{method} does not go with this path; {allow} does");
    let message = Message::new("vapi.http.method.unsupported", text, [method, allow.clone()]);
    Fault::new(StandardError::InvalidRequest, message)
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .allowing(allow)
}

#[cfg(test)]
mod tests {
    use super::{number_variables, unify};

    #[test]
    fn templates_are_numbered() {
        let check = |template: &str, expected: &str| assert_eq!(number_variables(template), expected);
        check("/a/b", "/a/b");
        check("/a/id:{x}/c/{y}", "/a/id:{0}/c/{1}");
    }

    #[test]
    fn paths_are_unified() {
        let check = |path: &str, expected: Result<&str, &()>| {
            assert_eq!(unify(path).as_deref(), expected, "{path}");
        };
        check("/a/id:b", Ok("/a/id:b"));
        check("/%61/id%3Ab%3ac", Ok("/a/id:b:c"));
        check("/a/%2F%2541%20%c3%a9", Ok("/a/%2F%2541%20%c3%a9"));
        for bad in ["/%", "/%4", "/%zz", "/%é1", "/%%34%31"] {
            check(bad, Err(&()));
        }
    }
}
