//! The reference pages: static HTML under `docs/api`, in the shape and order of the pages the spec was transcribed from.
//!
//! In: the API. Out: an index, a page per package or service, operation, structure, error and enumeration.
//! A page is one file without scripts or anything from elsewhere; links are relative, so a copy can be read from disk.
//! Not here: search, and what the generated Rust looks like.

mod declarations;
mod links;
mod operation;

use crate::File;
use crate::ir::{Api, Doc, Document, StructureIdx};
use links::{Links, Part};

/// A link at the top of a page.
struct Crumb {
    text: String,
    href: String,
}

/// A row of a table of parameters, fields or the result.
struct FieldRow {
    name: String,
    /// Whether the name carries the pages' mark for a required parameter.
    marked: bool,
    ty: Vec<Part>,
    required: bool,
    doc: Vec<Vec<Part>>,
    releases: Option<String>,
    /// `Create: required.`
    presence: Vec<String>,
}

/// A representation with the word a reader knows it by.
struct LabelledSample {
    label: &'static str,
    text: String,
}

/// A list of links under a title.
struct Section {
    title: &'static str,
    rows: Vec<LinkRow>,
}

struct LinkRow {
    name: String,
    href: String,
    summary: Vec<Part>,
}

/// The folder that all pages are in, under the output root.
pub const FOLDER: &str = "docs/api/";

/// All pages, sorted by path.
#[must_use]
pub fn emit_pages(api: &Api) -> Vec<File> {
    let links = Links::new(api);
    let mut files = vec![declarations::emit_index(api, &links)];
    for document in &api.documents {
        files.push(declarations::emit_document(api, &links, document));
        if let Some(service) = document.service {
            let service = &api.services[service.get()];
            let pages = service.operations.iter();
            files.extend(pages.map(|operation| operation::emit_operation(api, &links, service, operation)));
        }
    }
    let structures =
        (0..api.structures.len()).map(|idx| StructureIdx(u32::try_from(idx).unwrap_or(u32::MAX)));
    files.extend(structures.map(|idx| declarations::emit_structure(api, &links, idx)));
    files.extend(
        api.enumerations.iter().map(|enumeration| declarations::emit_enumeration(api, &links, enumeration)),
    );
    files.sort();
    files
}

/// The way from the index to a page of a document.
fn breadcrumbs(links: &Links<'_>, page: &str, document: Option<&Document>) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb { text: links.title(), href: links::relative(page, links::INDEX) }];
    if let Some(document) = document {
        let href = links::relative(page, &links.document(document));
        crumbs.push(Crumb { text: document.id.clone(), href });
    }
    crumbs
}

fn paragraphs(links: &Links<'_>, page: &str, doc: &Doc) -> Vec<Vec<Part>> {
    doc.0.iter().map(|paragraph| links.linked(page, paragraph)).collect()
}

/// The first sentence, for lists.
fn summary(links: &Links<'_>, page: &str, doc: &Doc) -> Vec<Part> {
    let paragraph = doc.0.first().map_or("", String::as_str);
    let end = paragraph.find(". ").map_or(paragraph.len(), |dot| dot + 1);
    links.linked(page, &paragraph[..end])
}
