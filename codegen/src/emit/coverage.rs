//! `docs/coverage.md`: for each operation, what is transcribed, said, sampled and tried.
//!
//! In: the API. Out: the page, in Markdown. What is tried is what the wire tests are emitted with, [`WAYS`].
//! Not here: whether the tests pass, and whether an inventory has more operations than the spec.

use askama::Template;

use super::wire_tests::WAYS;
use crate::File;
use crate::derive::form_line;
use crate::ir::{Api, Doc, Operation, Service, Type};

/// Path of the page under the output root.
pub const PATH: &str = "docs/coverage.md";

#[derive(Template)]
#[template(path = "coverage.md")]
struct Page {
    n_operations: usize,
    n_structures: usize,
    n_enumerations: usize,
    /// Names of the ways of calling.
    ways: Vec<&'static str>,
    services: Vec<Section>,
    total: Row,
}

struct Section {
    id: String,
    rows: Vec<Row>,
}

/// A row, or the sum of several.
#[derive(Default)]
struct Row {
    name: String,
    /// Where it stands in the spec.
    source: String,
    line: u32,
    documented: Share,
    sampled: Share,
    /// By way, how many operations are called that way.
    called: Vec<usize>,
}

/// So many of so many.
#[derive(Clone, Copy, Default)]
struct Share {
    n_there: usize,
    n_all: usize,
}

impl Share {
    fn of(is_there: impl IntoIterator<Item = bool>) -> Share {
        is_there.into_iter().fold(Share::default(), |share, is_there| Share {
            n_there: share.n_there + usize::from(is_there),
            n_all: share.n_all + 1,
        })
    }

    fn plus(self, other: Share) -> Share {
        Share { n_there: self.n_there + other.n_there, n_all: self.n_all + other.n_all }
    }
}

/// The page.
#[must_use]
pub fn emit_coverage(api: &Api) -> File {
    let services: Vec<Section> = api
        .services
        .iter()
        .map(|service| Section {
            id: service.id.clone(),
            rows: service.operations.iter().map(|operation| row(api, service, operation)).collect(),
        })
        .collect();
    let rows = || services.iter().flat_map(|service| &service.rows);
    let total = rows().fold(Row { called: vec![0; WAYS.len()], ..Row::default() }, |total, row| Row {
        documented: total.documented.plus(row.documented),
        sampled: total.sampled.plus(row.sampled),
        called: total.called.iter().zip(&row.called).map(|(total, called)| total + called).collect(),
        ..total
    });
    let page = Page {
        n_operations: rows().count(),
        n_structures: api.structures.len(),
        n_enumerations: api.enumerations.len(),
        ways: WAYS.iter().map(|way| way.name).collect(),
        total,
        services,
    };
    File::from_template(PATH.to_owned(), &page)
}

fn row(api: &Api, service: &Service, operation: &Operation) -> Row {
    Row {
        name: operation.name.clone(),
        source: operation.place.path.clone(),
        line: operation.place.line,
        documented: documented(api, service, operation),
        sampled: sampled(operation),
        called: WAYS.iter().map(|way| usize::from((way.reaches)(operation))).collect(),
    }
}

/// Its service, itself, its parameters, its result and its errors.
fn documented(api: &Api, service: &Service, operation: &Operation) -> Share {
    let is_said = |doc: &Doc| doc.0.iter().any(|paragraph| !paragraph.trim().is_empty());
    let parameters = operation.parameters.iter().map(|parameter| is_said(&parameter.doc));
    let result = (operation.result != Type::Void).then(|| is_said(&operation.result_doc));
    let errors = operation.errors.iter().map(|error| !error.condition.trim().is_empty());
    let own = [is_said(&api.documents[service.document.get()].doc), is_said(&operation.doc)];
    Share::of(own.into_iter().chain(parameters).chain(result).chain(errors))
}

/// The representations that a page can show, and those that are transcribed from it.
fn sampled(operation: &Operation) -> Share {
    let shown = &operation.samples;
    let has_body = !operation.parameters.is_empty();
    let has_form = form_line(&operation.requests).is_some();
    let has_result = operation.result != Type::Void;
    let samples = [
        (has_body, &shown.request_json),
        (has_body, &shown.request_xml),
        (has_form, &shown.request_form),
        (has_result, &shown.response_json),
        (has_result, &shown.response_xml),
    ];
    Share::of(samples.into_iter().filter(|(can_be, _)| *can_be).map(|(_, sample)| sample.is_some()))
}
