//! The index and the pages of packages, services, structures, errors and enumerations.
//!
//! In: declarations. Out: their pages.

use askama::Template;

use super::links::{self, Links, Part};
use super::operation::{field_row, labelled};
use super::{Crumb, FieldRow, LabelledSample, LinkRow, Section, breadcrumbs, paragraphs, summary};
use crate::File;
use crate::derive::sample::{self, Shape, json, xml};
use crate::derive::xml_names;
use crate::ir::{self, Api, Doc, Document, Enumeration, Structure, StructureIdx, StructureKind};

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    title: &'a str,
    source: &'a str,
    copyright: Option<&'a str>,
    breadcrumbs: Vec<Crumb>,
    sections: Vec<Section>,
}

pub(super) fn emit_index(api: &Api, links: &Links<'_>) -> File {
    let row = |document: &Document| LinkRow {
        name: document.id.clone(),
        href: links::relative(links::INDEX, &links.document(document)),
        summary: summary(links, links::INDEX, &document.doc),
    };
    let (services, packages): (Vec<&Document>, Vec<&Document>) =
        api.documents.iter().partition(|document| document.service.is_some());
    let services = Section { title: "Services", rows: services.into_iter().map(row).collect() };
    let packages = Section { title: "Packages", rows: packages.into_iter().map(row).collect() };
    let page = IndexPage {
        title: &links.title(),
        source: "spec",
        copyright: None,
        breadcrumbs: Vec::new(),
        sections: with_rows([services, packages]),
    };
    File::from_template(links::INDEX.to_owned(), &page)
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentPage<'a> {
    title: &'a str,
    source: &'a str,
    copyright: Option<&'a str>,
    breadcrumbs: Vec<Crumb>,
    id: &'a str,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
    sections: Vec<Section>,
}

pub(super) fn emit_document(api: &Api, links: &Links<'_>, document: &Document) -> File {
    let path = links.document(document);
    let service = document.service.map(|idx| &api.services[idx.get()]);
    let page = DocumentPage {
        title: &document.id,
        source: &document.place.path,
        copyright: document.copyright.as_deref(),
        breadcrumbs: breadcrumbs(links, &path, None),
        id: &document.id,
        doc: paragraphs(links, &path, &document.doc),
        releases: service.and_then(|service| service.releases.describe()),
        sections: document_sections(api, links, &path, document),
    };
    File::from_template(path, &page)
}

fn document_sections(api: &Api, links: &Links<'_>, page: &str, document: &Document) -> Vec<Section> {
    let row = |name: &str, target: String, doc: &Doc| LinkRow {
        name: name.to_owned(),
        href: links::relative(page, &target),
        summary: summary(links, page, doc),
    };
    let service = document.service.map(|idx| &api.services[idx.get()]);
    let operations = service.iter().flat_map(|service| {
        let operations = service.operations.iter();
        operations.map(|operation| row(&operation.name, links.operation(service, operation), &operation.doc))
    });
    let own_structures = |wants_errors: bool| {
        let own = api
            .structures
            .iter()
            .filter(|structure| api.documents[structure.document.get()].id == document.id);
        own.filter(move |structure| is_error(structure) == wants_errors)
            .map(|structure| row(&structure.local_name, links.structure(structure), &structure.doc))
            .collect()
    };
    let enumerations = api
        .enumerations
        .iter()
        .filter(|enumeration| api.documents[enumeration.document.get()].id == document.id)
        .map(|enumeration| row(&enumeration.local_name, links.enumeration(enumeration), &enumeration.doc));
    with_rows([
        Section { title: "Operations", rows: operations.collect() },
        Section { title: "Structures", rows: own_structures(false) },
        Section { title: "Errors", rows: own_structures(true) },
        Section { title: "Enumerations", rows: enumerations.collect() },
    ])
}

fn with_rows<const N: usize>(sections: [Section; N]) -> Vec<Section> {
    sections.into_iter().filter(|section| !section.rows.is_empty()).collect()
}

fn is_error(structure: &Structure) -> bool {
    matches!(structure.kind, StructureKind::Error { .. })
}

#[derive(Template)]
#[template(path = "structure.html")]
struct StructurePage<'a> {
    title: &'a str,
    source: &'a str,
    copyright: Option<&'a str>,
    breadcrumbs: Vec<Crumb>,
    document_id: &'a str,
    name: &'a str,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
    status: Option<String>,
    samples: Vec<LabelledSample>,
    fields: Vec<FieldRow>,
    unions: Vec<UnionTable>,
    constants: Vec<ConstantRow>,
}

struct ConstantRow {
    name: String,
    value: String,
    doc: Vec<Vec<Part>>,
}

struct UnionTable {
    tag: String,
    cases: Vec<UnionRow>,
}

struct UnionRow {
    value: String,
    requires: String,
    allows: String,
}

pub(super) fn emit_structure(api: &Api, links: &Links<'_>, idx: StructureIdx) -> File {
    let structure = &api.structures[idx.get()];
    let path = links.structure(structure);
    let document = &api.documents[structure.document.get()];
    let status = match structure.kind {
        StructureKind::Plain => None,
        StructureKind::Error { status, rest_status } => Some(ir::status_text(status, rest_status)),
    };
    let page = StructurePage {
        title: &structure.id,
        source: &structure.place.path,
        copyright: document.copyright.as_deref(),
        breadcrumbs: breadcrumbs(links, &path, Some(document)),
        document_id: &document.id,
        name: &structure.local_name,
        doc: paragraphs(links, &path, &structure.doc),
        releases: structure.releases.describe(),
        status,
        samples: structure_samples(api, idx, structure),
        fields: structure.fields.iter().map(|field| field_row(links, &path, field)).collect(),
        unions: unions(structure),
        constants: constants(links, &path, structure),
    };
    File::from_template(path, &page)
}

/// A structure as it would stand alone; an error in its envelope.
fn structure_samples(api: &Api, idx: StructureIdx, structure: &Structure) -> Vec<LabelledSample> {
    let shape = Shape { release: api.as_of.clone(), valid: false };
    let sample = sample::of_structure(api, idx, &shape);
    let (json, xml) = if is_error(structure) {
        (json::error(&structure.id, &sample), xml::error(&structure.id, &sample))
    } else {
        let namespace = xml_names::namespace(&api.documents[structure.document.get()].id);
        let root = xml_names::structure_root(&structure.local_name);
        (json::document(&sample), xml::input(&namespace, &root, &sample))
    };
    labelled([("JSON", Some(json)), ("XML", Some(xml))])
}

fn constants(links: &Links<'_>, page: &str, structure: &Structure) -> Vec<ConstantRow> {
    let row = |constant: &ir::Constant| ConstantRow {
        name: constant.name.clone(),
        value: constant.value.clone(),
        doc: paragraphs(links, page, &constant.doc),
    };
    structure.constants.iter().map(row).collect()
}

fn unions(structure: &Structure) -> Vec<UnionTable> {
    let names = |idxs: &[usize]| {
        let names: Vec<&str> = idxs.iter().map(|&idx| structure.fields[idx].name.as_str()).collect();
        names.join(", ")
    };
    let table = |union: &ir::Union| UnionTable {
        tag: structure.fields[union.tag].name.clone(),
        cases: union
            .cases
            .iter()
            .map(|case| UnionRow {
                value: case.value.clone(),
                requires: names(&case.requires),
                allows: names(&case.allows),
            })
            .collect(),
    };
    structure.unions.iter().map(table).collect()
}

#[derive(Template)]
#[template(path = "enumeration.html")]
struct EnumerationPage<'a> {
    title: &'a str,
    source: &'a str,
    copyright: Option<&'a str>,
    breadcrumbs: Vec<Crumb>,
    document_id: &'a str,
    name: &'a str,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
    values: Vec<ValueRow>,
}

struct ValueRow {
    name: String,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
}

pub(super) fn emit_enumeration(api: &Api, links: &Links<'_>, enumeration: &Enumeration) -> File {
    let path = links.enumeration(enumeration);
    let document = &api.documents[enumeration.document.get()];
    let value = |value: &ir::EnumerationValue| ValueRow {
        name: value.name.clone(),
        doc: paragraphs(links, &path, &value.doc),
        releases: value.releases.describe(),
    };
    let page = EnumerationPage {
        title: &enumeration.id,
        source: &enumeration.place.path,
        copyright: document.copyright.as_deref(),
        breadcrumbs: breadcrumbs(links, &path, Some(document)),
        document_id: &document.id,
        name: &enumeration.local_name,
        doc: paragraphs(links, &path, &enumeration.doc),
        releases: enumeration.releases.describe(),
        values: enumeration.values.iter().map(value).collect(),
    };
    File::from_template(path, &page)
}
