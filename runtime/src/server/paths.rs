//! Path, method and action to operation.
//!
//! In go the request lines of the mounted services, out comes the line that a request is on and the texts of its path
//! variables, decoded once. There are two sets of lines, those of the reference pages and those below `/api`.
//! Not here: query parameters but those that tell lines apart, bodies, operations named in a body.

use std::borrow::Cow;
use std::collections::BTreeSet;

use http::StatusCode;
use percent_encoding::percent_decode_str;

use super::Leniencies;
use crate::fault::{Fault, Message, StandardError, quoted};
use crate::surface::Space;
use crate::table::{Method, OperationTable, RestRoute, Route, ServiceTable, Ty};

/// Every request line of every mounted service.
#[derive(Clone, Debug)]
pub(super) struct Paths {
    page: Lines,
    rest: Lines,
}

/// The lines of one URL space.
#[derive(Clone, Debug)]
struct Lines {
    /// Path templates with their variables numbered, since lines of one template may name them differently.
    templates: matchit::Router<usize>,
    /// The lines of each template.
    of_template: Vec<OfTemplate>,
    /// Query key whose value is the action.
    action_key: &'static str,
}

#[derive(Clone, Debug)]
struct OfTemplate {
    template: String,
    lines: Vec<Line>,
}

/// One request line of one mounted operation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) service_idx: usize,
    pub(super) operation_idx: usize,
    pub(super) operation: &'static OperationTable,
    pub(super) place: Place,
}

/// Where the parameters of a line stand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// As on the reference pages.
    Page(&'static Route),
    /// As below `/api`.
    Rest(&'static RestRoute),
}

impl Line {
    pub(super) fn route(&self) -> &'static Route {
        match self.place {
            Place::Page(route) => route,
            Place::Rest(rest) => &rest.route,
        }
    }

    /// Names of the query keys without which a request is not on this line.
    fn needed_keys(&self) -> impl Iterator<Item = &'static str> {
        let (query, fields) = match self.place {
            Place::Page(_) => (&[][..], self.operation.input.fields),
            Place::Rest(rest) => (rest.query, self.operation.input.fields),
        };
        let fields = query.iter().map(|&param| &fields[usize::from(param)]);
        fields.filter(|field| !field.ty.is_optional()).map(|field| field.name)
    }
}

/// The line a request is on.
#[derive(Debug)]
pub(super) struct Matched {
    pub(super) line: Line,
    /// Texts of the path variables, in the template's order.
    pub(super) variables: Vec<String>,
}

impl Default for Paths {
    fn default() -> Paths {
        let lines =
            |action_key| Lines { templates: matchit::Router::new(), of_template: Vec::new(), action_key };
        Paths { page: lines("~action"), rest: lines("action") }
    }
}

impl Paths {
    /// Adds a service's lines. A line that is there already is replaced, so the last service mounted wins.
    ///
    /// # Panics
    /// When a template cannot stand beside those mounted before, such as `/a/{x}` beside `/a/{y}-z`.
    pub(super) fn add(&mut self, service_idx: usize, service: &'static ServiceTable) {
        for (operation_idx, &operation) in service.operations.iter().enumerate() {
            let line = |place| Line { service_idx, operation_idx, operation, place };
            for route in operation.routes {
                self.page.add(line(Place::Page(route)));
            }
            if let Some(rest) = &operation.rest {
                self.rest.add(line(Place::Rest(rest)));
            }
        }
    }

    /// Finds the line of a request; `path` is what stands in the space.
    pub(super) fn find(
        &self,
        space: Space,
        method: &http::Method,
        path: &str,
        query: &str,
        leniencies: Leniencies,
    ) -> Result<Matched, Fault> {
        let lines = match space {
            Space::Rest => &self.rest,
            Space::JsonRpc | Space::Legacy | Space::Page => &self.page,
        };
        lines.find(method, path, query, leniencies)
    }
}

impl Lines {
    fn add(&mut self, line: Line) {
        let template = matched_template(&line);
        let known = self.of_template.iter_mut().find(|of_template| of_template.template == template);
        if let Some(known) = known {
            match known.lines.iter_mut().find(|other| is_same_request(other, &line)) {
                Some(other) => *other = line,
                None => known.lines.push(line),
            }
            return;
        }
        if let Err(error) = self.templates.insert(template.clone(), self.of_template.len()) {
            panic!("{} of {} cannot be routed: {error}", line.route().path, line.operation.service);
        }
        self.of_template.push(OfTemplate { template, lines: vec![line] });
    }

    fn find(
        &self,
        method: &http::Method,
        path: &str,
        query: &str,
        leniencies: Leniencies,
    ) -> Result<Matched, Fault> {
        let unified = unify(path).map_err(|()| {
            let path = quoted(path);
            bad_request(
                "vapi.http.path.invalid",
                format!("The path {path} has a % without two hexadecimal digits"),
                path,
            )
        })?;
        let Ok(found) = self.templates.at(&unified) else { return Err(no_such_path(path)) };
        let lines = &self.of_template[*found.value].lines;
        let line = self.choose(lines, method, query, leniencies)?;
        let variables = found.params.iter().map(|(_, text)| decode(text)).collect::<Result<_, _>>()?;
        Ok(Matched { line, variables })
    }

    fn choose(
        &self,
        lines: &[Line],
        method: &http::Method,
        query: &str,
        leniencies: Leniencies,
    ) -> Result<Line, Fault> {
        let known = Method::of(method);
        let of_method = || lines.iter().filter(|line| Some(line.route().method) == known);
        let mut actions = values(query, self.action_key);
        let (action, second) = (actions.next(), actions.next());
        let action = action.as_deref();
        let posted = |line: &&Line| line.route().method == Method::Post && line.route().action == action;
        let may_be_posted = leniencies.deleting_action && known == Some(Method::Delete) && action.is_some();
        let overlooked = || lines.iter().find(posted).filter(|_| may_be_posted);
        if of_method().next().is_none() {
            return overlooked().copied().ok_or_else(|| wrong_method(lines, method));
        }
        if let Some(second) = second {
            let text = format!("The query has more than one {}", self.action_key);
            return Err(bad_request("vapi.http.action.repeated", text, quoted(&second)));
        }
        let of_action = of_method().filter(|line| line.route().action == action);
        let has_keys = |line: &&Line| line.needed_keys().all(|key| values(query, key).next().is_some());
        // The line that asks for most; where none has all it needs, the one that asks for least says what is missing.
        let fitting = of_action.clone().filter(has_keys).max_by_key(|line| line.needed_keys().count());
        fitting
            .or_else(|| of_action.min_by_key(|line| line.needed_keys().count()))
            .or_else(overlooked)
            .copied()
            .ok_or_else(|| self.no_such_action(lines, action))
    }

    fn no_such_action(&self, lines: &[Line], action: Option<&str>) -> Fault {
        let service = lines.first().map_or("", |line| line.operation.service);
        let key = self.action_key;
        let there_are = lines
            .iter()
            .map(|line| match line.route().action {
                Some(action) => format!("{} {key}={action}", line.route().method.as_str()),
                None => format!("{} without {key}", line.route().method.as_str()),
            })
            .collect::<BTreeSet<_>>();
        let there_are = there_are.into_iter().collect::<Vec<_>>().join(", ");
        let action = action.map(quoted);
        let text = match &action {
            Some(action) => format!("{service} has no {key}={action} here; there are: {there_are}"),
            None => format!("A {key} is missing in the query; {service} has here: {there_are}"),
        };
        let args = [service.to_owned(), action.unwrap_or_default()];
        Fault::new(
            StandardError::OperationNotFound,
            Message::new("vapi.method.input.invalid.method", text, args),
        )
    }
}

/// Whether nothing in a request could tell two lines of one template apart.
fn is_same_request(one: &Line, other: &Line) -> bool {
    one.route().method == other.route().method
        && one.route().action == other.route().action
        && one.needed_keys().eq(other.needed_keys())
}

/// The template as it is matched: variables numbered, and a last one that is no identifier takes the rest of the path, because
/// names of files have slashes in them and some clients leave these as they are.
fn matched_template(line: &Line) -> String {
    let template = number_variables(line.route().path);
    let last =
        line.route().path_params.last().map(|&param| &line.operation.input.fields[usize::from(param)].ty);
    match (last, template.rfind('{')) {
        (Some(Ty::String), Some(brace)) if template[..brace].ends_with('/') && template.ends_with('}') => {
            format!("{}{{*{}", &template[..brace], &template[brace + 1..])
        }
        _ => template,
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
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| {
        let text = quoted(text);
        bad_request("vapi.http.path.invalid", format!("The path variable {text} is not UTF-8"), text)
    })?;
    Ok(decoded.into_owned())
}

/// The values of a key in a query.
fn values<'q>(query: &'q str, key: &str) -> impl Iterator<Item = Cow<'q, str>> {
    form_urlencoded::parse(query.as_bytes()).filter_map(move |(name, value)| (name == key).then_some(value))
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
    .unrouted()
}

fn wrong_method(lines: &[Line], method: &http::Method) -> Fault {
    const IN_ORDER: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let allow = IN_ORDER
        .into_iter()
        .filter(|&allowed| lines.iter().any(|line| line.route().method == allowed))
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
