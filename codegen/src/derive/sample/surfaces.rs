//! Samples on the surfaces that have no reference pages: JSON-RPC, REST below `/api`, and the older REST below `/rest`.
//!
//! In: the API and an operation. Out: whole HTTP messages, bodies as they travel, without blanks.
//! Not here: what the pages show ([`super::http`]); the codecs, which come to the same bytes from typed values and share no
//! code with this.

use super::form::encoded;
use super::http::with_body;
use super::{Member, Sample, Shape, of_parameters, of_result};
use crate::derive::{Rest, RestBody, form_line, rest};
use crate::ir::{Api, Field, Method, Operation, RequestLine, Service, StructureIdx, Type};

/// A surface without reference pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// `POST /api`.
    JsonRpc,
    /// Below `/api`.
    Rest,
    /// Below `/rest`.
    LegacyRest,
}

impl Surface {
    /// Every surface, with its name on a command line.
    pub const NAMES: [(&str, Surface); 3] =
        [("json-rpc", Surface::JsonRpc), ("rest", Surface::Rest), ("legacy-rest", Surface::LegacyRest)];
}

/// A request and its reply, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Method and target: `POST /api/cis/tagging/tag`.
    pub line: String,
    /// Headers of the request that are not the same for all.
    pub headers: Vec<(String, String)>,
    /// Body of the request.
    pub body: Option<String>,
    /// Status of the reply.
    pub status: u16,
    /// Body of the reply.
    pub reply: Option<String>,
}

/// An operation's exchange; none where the surface does not have the operation.
#[must_use]
pub fn exchange(
    api: &Api,
    service: &Service,
    operation: &Operation,
    surface: Surface,
    shape: &Shape,
) -> Option<Exchange> {
    let parameters = of_parameters(api, operation, shape).unwrap_or(Sample::Structure(Vec::new()));
    let Sample::Structure(members) = &parameters else { return None };
    let writer = Writer { api, surface };
    let mut exchange = match surface {
        Surface::JsonRpc => writer.call(service, operation, members),
        Surface::Rest => writer.rest_request(operation, &rest(operation)?, members),
        Surface::LegacyRest => writer.legacy_request(operation, members)?,
    };
    let result = of_result(api, operation, shape);
    let value = result.as_ref().map(|result| writer.value(&operation.result, Some(result)));
    exchange.reply = match surface {
        Surface::JsonRpc => {
            let value = value.unwrap_or_else(|| writer.value(&operation.result, None));
            Some(format!("{{\"jsonrpc\":\"2.0\",\"id\":\"0\",\"result\":{{\"output\":{value}}}}}"))
        }
        Surface::Rest => value,
        Surface::LegacyRest => value.map(|value| format!("{{\"value\":{value}}}")),
    };
    Some(exchange)
}

impl Exchange {
    /// The request as a whole HTTP message.
    #[must_use]
    pub fn request(&self) -> String {
        let mut head = format!("{} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n", self.line);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        with_body(&head, "application/json", self.body.clone())
    }

    /// The reply as a whole HTTP message.
    #[must_use]
    pub fn response(&self) -> String {
        let reason = match self.status {
            201 => "Created",
            204 => "No Content",
            _ => "OK",
        };
        let head = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        with_body(&head, "application/json", self.reply.clone())
    }
}

/// Writes values as a surface spells them.
struct Writer<'a> {
    api: &'a Api,
    surface: Surface,
}

impl Writer<'_> {
    /// A value; without one, what stands for unset.
    fn value(&self, ty: &Type, sample: Option<&Sample>) -> String {
        let is_rpc = self.surface == Surface::JsonRpc;
        match (ty, sample) {
            (Type::Optional(inner), sample) if is_rpc => {
                let value = sample.map_or("null".to_owned(), |sample| self.value(inner, Some(sample)));
                format!("{{\"OPTIONAL\":{value}}}")
            }
            (Type::Optional(inner), sample) => self.value(inner, sample),
            (_, None) => "null".to_owned(),
            (Type::Double, Some(Sample::Bare(text))) if is_rpc => format!("{text}E0"),
            (_, Some(Sample::Bare(text))) => (*text).to_owned(),
            (Type::DateTime, Some(Sample::Text(text))) => quoted(&format!("{text}.000Z")),
            (Type::Secret, Some(Sample::Text(text))) if is_rpc => format!("{{\"SECRET\":{}}}", quoted(text)),
            (Type::Binary, Some(Sample::Text(text))) if is_rpc => format!("{{\"BINARY\":{}}}", quoted(text)),
            (_, Some(Sample::Text(text))) => quoted(text),
            (Type::Structure(idx), Some(Sample::Structure(members))) => self.structure(*idx, members),
            (_, Some(Sample::Structure(members))) => self.members(&[], members),
            (ty, Some(Sample::Dynamic(class))) => self.dynamic(ty, class),
            (Type::List(element) | Type::Set(element), Some(Sample::List(elements))) => {
                list(elements.iter().map(|sample| self.value(element, Some(sample))))
            }
            (Type::Map(key, value), Some(Sample::Map(entries))) => self.map(key, value, entries),
            (_, Some(Sample::List(_) | Sample::Map(_))) => "[]".to_owned(),
        }
    }

    fn structure(&self, idx: StructureIdx, members: &[Member]) -> String {
        let structure = &self.api.structures[idx.get()];
        match self.surface {
            Surface::JsonRpc => self.typed_members(&structure.id, &structure.fields, members),
            Surface::Rest | Surface::LegacyRest => self.members(&structure.fields, members),
        }
    }

    /// Under its name, every field in declared order.
    fn typed_members(&self, name: &str, fields: &[Field], members: &[Member]) -> String {
        let field = |(idx, field): (usize, &Field)| {
            let sample = members.iter().find(|member| member.field_idx == idx).map(|member| &member.value);
            (field.name.clone(), self.value(&field.ty, sample))
        };
        let fields = object(fields.iter().enumerate().map(field));
        format!("{{\"STRUCTURE\":{{{}:{fields}}}}}", quoted(name))
    }

    /// Those that there are, by name.
    fn members(&self, fields: &[Field], members: &[Member]) -> String {
        let mut members: Vec<&Member> = members.iter().collect();
        members.sort_by_key(|member| member.name.as_str());
        object(members.into_iter().map(|member| {
            let ty = fields.get(member.field_idx).map_or(&Type::Opaque, |field| &field.ty);
            (member.name.clone(), self.value(ty, Some(&member.value)))
        }))
    }

    fn dynamic(&self, ty: &Type, class: &str) -> String {
        let tag = if matches!(ty, Type::AnyError) { "ERROR" } else { "STRUCTURE" };
        match self.surface {
            Surface::JsonRpc => format!("{{\"{tag}\":{{{}:{{}}}}}}", quoted(class)),
            Surface::Rest => "{}".to_owned(),
            Surface::LegacyRest => format!("{{\"@class\":{}}}", quoted(class)),
        }
    }

    fn map(&self, key_ty: &Type, value_ty: &Type, entries: &[(Sample, Sample)]) -> String {
        let entry = |(key, value): &(Sample, Sample)| {
            let key = ("key".to_owned(), self.value(key_ty, Some(key)));
            object([key, ("value".to_owned(), self.value(value_ty, Some(value)))].into_iter())
        };
        match self.surface {
            Surface::JsonRpc => list(
                entries.iter().map(|pair| format!("{{\"STRUCTURE\":{{\"map-entry\":{}}}}}", entry(pair))),
            ),
            Surface::Rest if entries.iter().all(|(key, _)| matches!(key, Sample::Text(_))) => {
                let entries = entries.iter().map(|(key, value)| {
                    format!("{}:{}", self.value(key_ty, Some(key)), self.value(value_ty, Some(value)))
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
            Surface::Rest | Surface::LegacyRest => list(entries.iter().map(entry)),
        }
    }

    fn call(&self, service: &Service, operation: &Operation, members: &[Member]) -> Exchange {
        let input = self.typed_members("operation-input", &operation.parameters, members);
        let body = format!(
            "{{\"jsonrpc\":\"2.0\",\"method\":\"invoke\",\"params\":{{\"serviceId\":{},\"operationId\":{},\
             \"input\":{input},\"ctx\":{{\"appCtx\":{{\"opId\":\"1\"}}}}}},\"id\":\"0\"}}",
            quoted(&service.id),
            quoted(&operation.name)
        );
        let headers = [("vapi-service", &service.id), ("vapi-operation", &operation.name)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.clone()));
        Exchange { headers: headers.into(), ..Exchange::new("POST /api".to_owned(), Some(body), 200) }
    }

    fn rest_request(&self, operation: &Operation, rest: &Rest<'_>, members: &[Member]) -> Exchange {
        let mut target = format!("/api{}", path(rest.line, operation, members));
        let mut separator = '?';
        if let Some(action) = &rest.line.action {
            target.push_str(&format!("?action={action}"));
            separator = '&';
        }
        for (name, value) in rest.query.iter().flat_map(|idx| query_pairs(members, *idx)) {
            target.push_str(&format!("{separator}{name}={}", encoded(&value)));
            separator = '&';
        }
        let headers = rest.headers.iter().filter_map(|header| {
            let member = members.iter().find(|member| member.field_idx == header.parameter)?;
            Some((header.name.clone(), plain(&member.value)?))
        });
        let body = match &rest.body {
            RestBody::None => None,
            RestBody::Whole(idx) => members
                .iter()
                .find(|member| member.field_idx == *idx)
                .map(|member| self.value(&operation.parameters[*idx].ty, Some(&member.value))),
            RestBody::Fields(fields) => {
                let is_in = |member: &&Member| fields.contains(&member.field_idx);
                let members: Vec<Member> = members.iter().filter(is_in).cloned().collect();
                Some(self.members(&operation.parameters, &members))
            }
        };
        let line = format!("{} {target}", rest.line.method.as_str());
        Exchange { headers: headers.collect(), ..Exchange::new(line, body, rest.status) }
    }

    fn legacy_request(&self, operation: &Operation, members: &[Member]) -> Option<Exchange> {
        let line = operation.requests.first().or_else(|| form_line(&operation.requests))?;
        let mut target = format!("/rest{}", path(line, operation, members));
        let mut separator = '?';
        if let Some(action) = &line.action {
            target.push_str(&format!("?~action={action}"));
            separator = '&';
        }
        let left = members.iter().filter(|member| !line.path_params.contains(&member.field_idx));
        let left: Vec<Member> = left.cloned().collect();
        let has_body = !matches!(line.method, Method::Get | Method::Delete);
        if !has_body {
            for (name, value) in super::form::pairs(&Sample::Structure(left.clone())) {
                target.push_str(&format!("{separator}{name}={}", encoded(&value)));
                separator = '&';
            }
        }
        let body = (has_body && !left.is_empty()).then(|| self.members(&operation.parameters, &left));
        Some(Exchange::new(format!("{} {target}", line.method.as_str()), body, 200))
    }
}

impl Exchange {
    fn new(line: String, body: Option<String>, status: u16) -> Exchange {
        Exchange { line, headers: Vec::new(), body, status, reply: None }
    }
}

/// The template with its variables filled in.
fn path(line: &RequestLine, operation: &Operation, members: &[Member]) -> String {
    let mut path = line.path.clone();
    for idx in &line.path_params {
        let member = members.iter().find(|member| member.field_idx == *idx);
        let value = member.and_then(|member| plain(&member.value)).unwrap_or_else(|| "obj-103".to_owned());
        path = path.replace(&format!("{{{}}}", operation.parameters[*idx].name), &encoded(&value));
    }
    path
}

/// A parameter in a query below `/api`: a list repeats the name, a structure stands for its fields.
fn query_pairs(members: &[Member], idx: usize) -> Vec<(String, String)> {
    fn add(pairs: &mut Vec<(String, String)>, member: &Member) {
        match &member.value {
            Sample::Structure(members) => members.iter().for_each(|member| add(pairs, member)),
            Sample::List(elements) => {
                pairs.extend(elements.iter().filter_map(plain).map(|value| (member.name.clone(), value)));
            }
            value => pairs.extend(plain(value).map(|value| (member.name.clone(), value))),
        }
    }
    let mut pairs = Vec::new();
    members.iter().filter(|member| member.field_idx == idx).for_each(|member| add(&mut pairs, member));
    pairs
}

fn plain(sample: &Sample) -> Option<String> {
    match sample {
        Sample::Bare(text) => Some((*text).to_owned()),
        Sample::Text(text) => Some(text.clone()),
        Sample::Structure(_) | Sample::Dynamic(_) | Sample::List(_) | Sample::Map(_) => None,
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn object(members: impl Iterator<Item = (String, String)>) -> String {
    let members = members.map(|(name, value)| format!("{}:{value}", quoted(&name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn list(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}
