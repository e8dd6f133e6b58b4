//! The page of an operation, in the order of the pages of 2014.
//!
//! In: an operation and its service. Out: its page.

use askama::Template;

use super::links::{self, Links, Part};
use super::{Crumb, FieldRow, LabelledSample, breadcrumbs, paragraphs};
use crate::File;
use crate::derive::sample::http::{self, Representation};
use crate::derive::{RestBody, request_line_text, rest, rest_line_text};
use crate::ir::{self, Api, Field, Operation, RestHeader, Service, Type};

#[derive(Template)]
#[template(path = "operation.html")]
struct OperationPage<'a> {
    title: String,
    source: &'a str,
    copyright: Option<&'a str>,
    breadcrumbs: Vec<Crumb>,
    service_id: &'a str,
    service_doc: Vec<Vec<Part>>,
    name: &'a str,
    requests: Vec<String>,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
    request_samples: Vec<LabelledSample>,
    parameters: Vec<FieldRow>,
    response_samples: Vec<LabelledSample>,
    result: Vec<FieldRow>,
    errors: Vec<ErrorRow>,
    rest: Option<RestSection>,
    privileges: Vec<String>,
    errata: &'a [String],
}

struct RestSection {
    line: String,
    /// What stands where, and in whose name.
    parts: Vec<(&'static str, Vec<String>)>,
    status: u16,
}

struct ErrorRow {
    name: String,
    href: String,
    condition: Vec<Vec<Part>>,
    releases: Option<String>,
    status: String,
}

pub(super) fn emit_operation(api: &Api, links: &Links<'_>, service: &Service, operation: &Operation) -> File {
    let path = links.operation(service, operation);
    let document = &api.documents[service.document.get()];
    let page = OperationPage {
        title: format!("{}.{}", service.id, operation.name),
        source: &operation.place.path,
        copyright: document.copyright.as_deref(),
        breadcrumbs: breadcrumbs(links, &path, Some(document)),
        service_id: &service.id,
        service_doc: paragraphs(links, &path, &document.doc),
        name: &operation.name,
        requests: operation.requests.iter().map(request_line_text).collect(),
        doc: paragraphs(links, &path, &operation.doc),
        releases: operation.releases.describe(),
        request_samples: request_samples(api, service, operation),
        parameters: operation.parameters.iter().map(|field| parameter_row(links, &path, field)).collect(),
        response_samples: response_samples(api, service, operation),
        result: vec![result_row(links, &path, operation)],
        errors: error_rows(api, links, &path, operation),
        rest: rest_section(operation),
        privileges: privilege_lines(operation),
        errata: &operation.errata,
    };
    File::from_template(path, &page)
}

fn rest_section(operation: &Operation) -> Option<RestSection> {
    let rest = rest(operation)?;
    let name = |idx: &usize| operation.parameters[*idx].name.clone();
    let header = |header: &RestHeader| format!("{} ({})", header.name, name(&header.parameter));
    let body = match &rest.body {
        RestBody::None => ("Body", Vec::new()),
        RestBody::Whole(idx) => ("Body", vec![name(idx)]),
        RestBody::Fields(idxs) => ("Fields of the body", idxs.iter().map(name).collect()),
    };
    let headers = ("Headers", rest.headers.iter().map(header).collect());
    let query = ("Query", rest.query.iter().map(name).collect());
    let parts = [headers, query, body].into_iter().filter(|(_, names): &(_, Vec<String>)| !names.is_empty());
    Some(RestSection { line: rest_line_text(rest.line), parts: parts.collect(), status: rest.status })
}

/// What a caller has to be allowed, a line for each thing.
fn privilege_lines(operation: &Operation) -> Vec<String> {
    let as_a_whole = operation.privileges.join(", ");
    let on = operation
        .privileges_on
        .iter()
        .map(|needed| format!("{} on {}", needed.privileges.join(", "), needed.of));
    Some(as_a_whole).filter(|names| !names.is_empty()).into_iter().chain(on).collect()
}

/// What the page shows where it is transcribed, else what it would show.
fn request_samples(api: &Api, service: &Service, operation: &Operation) -> Vec<LabelledSample> {
    let derived = |representation| http::request_body(api, service, operation, representation);
    let shown = &operation.samples;
    labelled([
        ("JSON", shown.request_json.clone().or_else(|| derived(Representation::Json))),
        ("XML", shown.request_xml.clone().or_else(|| derived(Representation::Xml))),
        ("Form", shown.request_form.clone().or_else(|| http::request_form(api, operation))),
    ])
}

fn response_samples(api: &Api, service: &Service, operation: &Operation) -> Vec<LabelledSample> {
    let derived = |representation| http::response_body(api, service, operation, representation);
    let shown = &operation.samples;
    labelled([
        ("JSON", shown.response_json.clone().or_else(|| derived(Representation::Json))),
        ("XML", shown.response_xml.clone().or_else(|| derived(Representation::Xml))),
    ])
}

pub(super) fn labelled<const N: usize>(samples: [(&'static str, Option<String>); N]) -> Vec<LabelledSample> {
    let given = samples.into_iter().filter_map(|(label, text)| Some((label, text?)));
    given.map(|(label, text)| LabelledSample { label, text: text.trim_end().to_owned() }).collect()
}

fn parameter_row(links: &Links<'_>, page: &str, field: &Field) -> FieldRow {
    FieldRow { marked: !matches!(field.ty, Type::Optional(_)), ..field_row(links, page, field) }
}

pub(super) fn field_row(links: &Links<'_>, page: &str, field: &Field) -> FieldRow {
    FieldRow {
        name: field.name.clone(),
        marked: false,
        ty: links.field_type(page, field),
        required: !matches!(field.ty, Type::Optional(_)),
        doc: paragraphs(links, page, &field.doc),
        releases: field.releases.describe(),
        presence: field.presence.stated().map(|(word, stated)| format!("{word}: {stated}")).collect(),
    }
}

fn result_row(links: &Links<'_>, page: &str, operation: &Operation) -> FieldRow {
    FieldRow {
        name: "result".to_owned(),
        marked: false,
        ty: links.ty(page, links::required(&operation.result)),
        required: !matches!(operation.result, Type::Optional(_)),
        doc: paragraphs(links, page, &operation.result_doc),
        releases: None,
        presence: Vec::new(),
    }
}

fn error_rows(api: &Api, links: &Links<'_>, page: &str, operation: &Operation) -> Vec<ErrorRow> {
    let row = |error: &ir::OperationError| {
        let structure = &api.structures[error.structure.get()];
        ErrorRow {
            name: structure.local_name.clone(),
            href: links::relative(page, &links.structure(structure)),
            condition: vec![links.linked(page, &error.condition)],
            releases: error.releases.describe(),
            status: ir::status_text(error.status, error.rest_status),
        }
    };
    operation.errors.iter().map(row).collect()
}
