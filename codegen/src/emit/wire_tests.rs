//! The wire tests of the generated crate: `tests/wire.rs` with a module for each service.
//!
//! In: the API and its plan. Out: tests that drive client and server of every operation with the representations of its
//! page, and with values made up from the tables through every request line, representation and error.
//! What a test does is written by hand in the runtime's `testing`; here stand only the values, the bytes, and the
//! implementation that plays a script. These files are text from templates: they hold long literals and repeat
//! themselves, and making them of tokens took a fifth of a generator run.

mod round_trips;

use askama::Template;

use super::expression::WIDTH;
use super::values::{Style, Values};
use crate::File;
use crate::derive::sample::surfaces::{Surface, exchange};
use crate::derive::sample::{self, Sample, Shape, form, json, xml};
use crate::derive::{form_line, xml_names};
use crate::ir::{Api, Method, Operation, RequestLine, Service};
use crate::plan::{self, Plan};

const TESTS: &str = "generated/tests";

/// A way of calling an operation that its loopback test tries.
#[derive(Debug)]
pub struct Way {
    /// Its name, the same as the runtime's `testing` has for it; a test that is generated compares the two.
    pub name: &'static str,
    /// Whether an operation can be called this way.
    pub reaches: fn(&Operation) -> bool,
}

/// Every way, in the order of the runtime's.
pub const WAYS: [Way; 7] = [
    Way { name: "JSON-RPC", reaches: |_| true },
    Way { name: "/api", reaches: |operation| operation.rest.is_some() },
    Way { name: "/rest", reaches: has_request_line },
    Way { name: "2014 JSON", reaches: has_request_line },
    Way { name: "2014 XML", reaches: has_request_line },
    Way { name: "2014 form", reaches: has_request_line },
    Way { name: "2014 form body", reaches: has_request_line },
];

fn has_request_line(operation: &Operation) -> bool {
    !operation.requests.is_empty()
}

#[derive(Template)]
#[template(path = "wire_tests.txt")]
struct RootFile {
    /// Name of the module and the feature that it needs, if any.
    modules: Vec<(String, Option<String>)>,
    ways: &'static [Way],
}

#[derive(Template)]
#[template(path = "wire_service.txt")]
struct ServiceFile<'a> {
    source: &'a str,
    id: &'a str,
    path: String,
    service: &'a str,
    server: String,
    operations: Vec<OperationTests<'a>>,
}

struct OperationTests<'a> {
    declared: &'a str,
    name: &'a str,
    method: &'a str,
    input: &'a str,
    /// The method's name without what keeps it from being a keyword.
    test: &'a str,
    origin: String,
    input_value: String,
    output_value: String,
    body_line: String,
    form_line: String,
    texts: Texts<String>,
    surfaces: Vec<SurfaceTests>,
}

/// The sample on a surface that has no pages, as literals.
struct SurfaceTests {
    /// The runtime's name of the surface.
    surface: &'static str,
    line: String,
    headers: Vec<(String, String)>,
    body: String,
    status: u16,
    reply: String,
}

/// The wire tests; no file where there is no service.
#[must_use]
pub fn emit_wire_tests(api: &Api, plan: &Plan) -> Vec<File> {
    if api.services.is_empty() {
        return Vec::new();
    }
    let modules = module_names(plan);
    let services = api.services.iter().zip(&plan.services).zip(&modules);
    let mut files: Vec<File> = services
        .map(|((service, planned), module)| emit_service(api, plan, service, planned, module))
        .collect();
    let features = plan.services.iter().map(|service| {
        // Where there is one service, nothing can be left out.
        (plan.services.len() > 1).then(|| service.feature.clone())
    });
    let mut modules: Vec<(String, Option<String>)> = modules.into_iter().zip(features).collect();
    files.push(round_trips::emit_round_trips(api, plan));
    modules.push((round_trips::MODULE.to_owned(), None));
    files.push(File::from_template(format!("{TESTS}/wire.rs"), &RootFile { modules, ways: &WAYS }));
    files.sort();
    files
}

fn emit_service(api: &Api, plan: &Plan, service: &Service, planned: &plan::Service, module: &str) -> File {
    let operations = service.operations.iter().zip(&planned.operations);
    let tests = ServiceFile {
        source: &api.documents[service.document.get()].place.path,
        id: &service.id,
        path: plan.modules[planned.named.module.0].path.join("::"),
        service: &planned.named.name,
        server: planned.server(),
        operations: operations
            .map(|(operation, planned)| operation_tests(api, plan, service, operation, planned))
            .collect(),
    };
    File::from_template(format!("{TESTS}/wire/{module}.rs"), &tests)
}

/// One flat name for each service, since tests need no tree.
fn module_names(plan: &Plan) -> Vec<String> {
    let paths = plan.services.iter().map(|service| plan.modules[service.named.module.0].path.as_slice());
    unique(paths, &[round_trips::MODULE])
}

/// Flat names for paths; numbered where two become one, or one is taken.
fn unique<'p>(paths: impl Iterator<Item = &'p [String]>, taken: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = taken.iter().map(|name| (*name).to_owned()).collect();
    let mut flat = Vec::new();
    for path in paths {
        let name = path.iter().map(|segment| segment.trim_matches('_')).collect::<Vec<_>>().join("_");
        let n_same = names.iter().filter(|other| **other == name).count();
        flat.push(if n_same == 0 { name.clone() } else { format!("{name}_{}", n_same + 1) });
        names.push(name);
    }
    flat
}

fn operation_tests<'a>(
    api: &Api,
    plan: &Plan,
    service: &Service,
    operation: &'a Operation,
    planned: &'a plan::Operation,
) -> OperationTests<'a> {
    let values = Values { api, plan, style: Style::Test(planned.input.named.module) };
    let shape = Shape::valid_page(operation);
    let input = sample::of_parameters(api, operation, &shape);
    let output = sample::of_result(api, operation, &shape);
    let texts = Texts::new(service, operation, input.as_ref(), output.as_ref());
    OperationTests {
        declared: &operation.name,
        name: &planned.name,
        method: &planned.method,
        input: &planned.input.named.name,
        test: planned.method.trim_matches('_'),
        origin: texts.origin(operation),
        input_value: values.input(operation, planned, input.as_ref()).layout(8, WIDTH),
        output_value: values.output(operation, output.as_ref()).layout(8, WIDTH),
        body_line: number(operation, body_line),
        form_line: number(operation, |lines| form_line(lines).filter(|line| line.path_params.is_empty())),
        texts: texts.map(|text| text.as_deref().map_or_else(|| "None".to_owned(), literal)),
        surfaces: [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest]
            .into_iter()
            .filter_map(|surface| surface_tests(api, service, operation, surface))
            .collect(),
    }
}

fn surface_tests(
    api: &Api,
    service: &Service,
    operation: &Operation,
    surface: Surface,
) -> Option<SurfaceTests> {
    let exchange = exchange(api, service, operation, surface, &Shape::valid_page(operation))?;
    let text = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
    Some(SurfaceTests {
        surface: match surface {
            Surface::JsonRpc => "JsonRpc",
            Surface::Rest => "Rest",
            Surface::LegacyRest => "LegacyRest",
        },
        line: exchange.line,
        headers: exchange.headers,
        body: text(&exchange.body),
        status: exchange.status,
        reply: text(&exchange.reply),
    })
}

/// The representations of an operation's page, as text or as literals.
struct Texts<T> {
    request_json: T,
    request_xml: T,
    request_form: T,
    response_json: T,
    response_xml: T,
}

impl Texts<Option<String>> {
    fn new(
        service: &Service,
        operation: &Operation,
        input: Option<&Sample>,
        output: Option<&Sample>,
    ) -> Self {
        let namespace = xml_names::namespace(&service.id);
        let input_root = xml_names::input_root(&operation.name);
        let result_root = xml_names::result_root(&operation.name);
        Texts {
            request_json: input.map(json::document),
            request_xml: input.map(|input| xml::input(&namespace, &input_root, input)),
            request_form: form_line(&operation.requests).map(|line| form::request(line, input)),
            response_json: output.map(json::result),
            response_xml: output.map(|output| xml::result(&namespace, &result_root, output)),
        }
    }

    /// What a reader should think of these texts.
    fn origin(&self, operation: &Operation) -> String {
        let shown = &operation.samples;
        let pairs = [
            (&shown.request_json, &self.request_json),
            (&shown.request_xml, &self.request_xml),
            (&shown.request_form, &self.request_form),
            (&shown.response_json, &self.response_json),
            (&shown.response_xml, &self.response_xml),
        ];
        let is_other = |(shown, ours): &(&Option<String>, &Option<String>)| match (shown, ours) {
            (Some(shown), Some(ours)) => shown.trim_end() != ours,
            (Some(_), None) => true,
            (None, _) => false,
        };
        let name = &operation.name;
        if pairs.iter().all(|(shown, _)| shown.is_none()) {
            format!("The derived samples of `{name}`; its page shows none.")
        } else if pairs.iter().any(is_other) {
            format!("The samples of the page of `{name}`, as far as they are values that a peer accepts.")
        } else {
            format!("The samples of the page of `{name}`, to the byte.")
        }
    }

    fn map(&self, f: impl Fn(&Option<String>) -> String) -> Texts<String> {
        Texts {
            request_json: f(&self.request_json),
            request_xml: f(&self.request_xml),
            request_form: f(&self.request_form),
            response_json: f(&self.response_json),
            response_xml: f(&self.response_xml),
        }
    }
}

/// The first line that leaves every parameter to the body.
fn body_line(lines: &[RequestLine]) -> Option<&RequestLine> {
    let has_body = |line: &&RequestLine| !matches!(line.method, Method::Get | Method::Delete);
    lines.iter().find(|line| line.path_params.is_empty() && has_body(line))
}

fn number(operation: &Operation, choose: impl Fn(&[RequestLine]) -> Option<&RequestLine>) -> String {
    let chosen = choose(&operation.requests);
    let position = chosen.and_then(|chosen| operation.requests.iter().position(|line| line == chosen));
    format!("{position:?}")
}

/// A text as it stands, over as many lines as it has; escaped where a raw literal cannot hold it.
fn quoted(text: &str) -> String {
    if text.contains('\r') {
        return format!("{text:?}");
    }
    let after_quotes = text.split('"').skip(1).map(|rest| rest.len() - rest.trim_start_matches('#').len());
    let hashes = "#".repeat(after_quotes.max().map_or(0, |n_hashes| n_hashes + 1));
    // What has no quotes needs no raw literal.
    if hashes.is_empty() && !text.contains('\\') {
        return format!("\"{text}\"");
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

fn literal(text: &str) -> String {
    format!("Some({})", quoted(text))
}
