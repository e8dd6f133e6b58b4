//! The resolved API as indented text: one declaration a line, texts shortened to their first words.
//!
//! In: the API. Out: text for goldens, so that a change in what was resolved shows as a change of lines.

use super::Lines;
use super::api::{added_in, type_text};
use crate::derive::{request_line_text, rest_line_text};
use crate::ir::{self, Api, Releases, StructureKind};

/// The API as text.
#[must_use]
pub fn dump_ir(api: &Api) -> String {
    let mut out = Lines::default();
    for document in &api.documents {
        out.line(0, &format!("document {} {}", document.id, document.place.path));
        out.doc(1, &document.doc);
        if let Some(copyright) = &document.copyright {
            out.line(1, &format!("copyright {copyright}"));
        }
    }
    for service in &api.services {
        out.line(0, &format!("service {}{}", service.id, since(&service.releases)));
        if let Some(name) = &service.client_name {
            out.line(1, &format!("client_name {name}"));
        }
        for operation in &service.operations {
            write_operation(&mut out, api, operation);
        }
    }
    for structure in &api.structures {
        write_structure(&mut out, api, structure);
    }
    for enumeration in &api.enumerations {
        let declared = format!("enumeration {}{}", enumeration.id, since(&enumeration.releases));
        out.declaration(0, &declared, &enumeration.place, &enumeration.doc);
        for value in &enumeration.values {
            out.line(1, &format!("value {}{}", value.name, since(&value.releases)));
            out.doc(2, &value.doc);
        }
    }
    for resource in &api.resources {
        out.line(0, &format!("resource {}", resource.id));
    }
    out.text
}

fn write_operation(out: &mut Lines, api: &Api, operation: &ir::Operation) {
    let declared = format!("operation {}{}", operation.name, since(&operation.releases));
    out.declaration(1, &declared, &operation.place, &operation.doc);
    for line in &operation.requests {
        out.line(2, &request_line_text(line));
    }
    if let Some(rest) = &operation.rest {
        let body = match rest.is_whole_body {
            Some(true) => ", whole body",
            Some(false) => ", body of fields",
            None => "",
        };
        out.line(2, &format!("rest {}{body}", rest_line_text(&rest.line)));
    }
    for header in operation.rest.iter().flat_map(|rest| &rest.headers) {
        let parameter = &operation.parameters[header.parameter].name;
        out.line(3, &format!("header {}: {parameter}", header.name));
    }
    if !operation.privileges.is_empty() {
        out.line(2, &format!("privileges {}", operation.privileges.join(" ")));
    }
    for needed in &operation.privileges_on {
        out.line(2, &format!("privileges on {}: {}", needed.of, needed.privileges.join(" ")));
    }
    for parameter in &operation.parameters {
        write_field(out, api, "parameter", parameter, 2);
    }
    out.line(2, &format!("result {}", type_text(api, &operation.result)));
    out.doc(3, &operation.result_doc);
    for error in &operation.errors {
        let id = &api.structures[error.structure.get()].id;
        let status = ir::status_text(error.status, error.rest_status);
        out.line(2, &format!("error {id} {status}{}: {}", since(&error.releases), error.condition));
    }
    let samples = [
        ("request json", &operation.samples.request_json),
        ("request xml", &operation.samples.request_xml),
        ("request form", &operation.samples.request_form),
        ("response json", &operation.samples.response_json),
        ("response xml", &operation.samples.response_xml),
    ];
    for (what, sample) in samples {
        if let Some(sample) = sample {
            out.line(2, &format!("sample {what}, {} lines", sample.lines().count()));
        }
    }
    for erratum in &operation.errata {
        out.line(2, &format!("erratum {erratum}"));
    }
}

fn write_structure(out: &mut Lines, api: &Api, structure: &ir::Structure) {
    let kind = match structure.kind {
        StructureKind::Plain => "structure".to_owned(),
        StructureKind::Error { status, rest_status } => {
            format!("error {}", ir::status_text(status, rest_status))
        }
    };
    let declared = format!("{kind} {}{}", structure.id, since(&structure.releases));
    out.declaration(0, &declared, &structure.place, &structure.doc);
    for field in &structure.fields {
        write_field(out, api, "field", field, 1);
    }
    for constant in &structure.constants {
        out.line(1, &format!("constant {} {:?}", constant.name, constant.value));
        out.doc(2, &constant.doc);
    }
    for union in &structure.unions {
        let name = |&idx: &usize| structure.fields[idx].name.as_str();
        out.line(1, &format!("union {}", name(&union.tag)));
        for case in &union.cases {
            let requires: Vec<&str> = case.requires.iter().map(name).collect();
            let allows: Vec<&str> = case.allows.iter().map(name).collect();
            out.line(
                2,
                &format!("{} requires [{}] allows [{}]", case.value, requires.join(", "), allows.join(", ")),
            );
        }
    }
}

fn write_field(out: &mut Lines, api: &Api, what: &str, field: &ir::Field, depth: usize) {
    let declared = format!("{what} {}: {}{}", field.name, type_text(api, &field.ty), since(&field.releases));
    out.declaration(depth, &declared, &field.place, &field.doc);
    let presence: Vec<String> =
        field.presence.stated().map(|(word, stated)| format!("{word} {stated}")).collect();
    if !presence.is_empty() {
        out.line(depth + 1, &format!("presence {}", presence.join(", ")));
    }
    if field.is_lenient {
        out.line(depth + 1, "lenient");
    }
}

fn since(releases: &Releases) -> String {
    let since = added_in(&releases.since).map(|release| format!(" since {release}"));
    let until = releases.until.as_ref().map(|release| format!(" until {release}"));
    [since, until].into_iter().flatten().collect()
}
