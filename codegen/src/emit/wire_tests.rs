//! The wire tests of the generated crate: `tests/wire.rs` with a module for each service.
//!
//! In: the API and its plan. Out: tests that drive client and server of every operation with the representations of its
//! page, and with values made up from the tables through every request line, representation and error.
//! What a test does is written by hand in the runtime's `testing`; here stand only the values, the bytes, and the
//! implementation that plays a script.

mod values;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use self::values::Values;
use crate::File;
use crate::derive::sample::{self, Shape, form, json, xml};
use crate::derive::{form_line, xml_names};
use crate::ir::{Api, Method, Operation, RequestLine, Service};
use crate::plan::{self, Plan};
use crate::print;

const TESTS: &str = "generated/tests";

/// The wire tests; no file where there is no service.
#[must_use]
pub fn emit_wire_tests(api: &Api, plan: &Plan) -> Vec<File> {
    if api.services.is_empty() {
        return Vec::new();
    }
    let services = || api.services.iter().zip(&plan.services);
    let mut files = vec![emit_root(plan)];
    files.extend(services().map(|(service, planned)| emit_service(api, plan, service, planned)));
    files.sort();
    files
}

fn emit_root(plan: &Plan) -> File {
    let modules = plan.services.iter().map(|service| format_ident!("{}", module_name(plan, service)));
    let docs = [
        "Client and server of every operation against the bytes of the reference pages and against each other.",
    ];
    let items = vec![quote!(mod wire { #(mod #modules;)* })];
    let text = print::print_rust("spec", &docs.map(str::to_owned), items);
    File { path: format!("{TESTS}/wire.rs"), text }
}

fn emit_service(api: &Api, plan: &Plan, service: &Service, planned: &plan::Service) -> File {
    let path = plan.modules[planned.named.module.0].path.iter().map(|segment| format_ident!("{segment}"));
    let mut items = vec![
        quote!(use vapi::#(#path)::* as service;),
        quote!(
            use vapi::runtime::codegen::testing;
        ),
        quote!(
            use vapi::runtime::{Context, Router};
        ),
    ];
    items.extend(emit_script(planned));
    for (operation, planned) in service.operations.iter().zip(&planned.operations) {
        items.push(emit_page_test(api, plan, service, operation, planned));
        items.push(emit_loopback_test(operation, planned));
    }
    let operations = planned.operations.iter().map(|operation| format_ident!("{}", operation.name));
    items.push(quote! {
        #[test]
        fn every_operation_over_a_socket() {
            let socket = testing::Socket::bind(router);
            #(socket.check::<service::#operations>();)*
        }
    });
    let docs = format!("Wire tests of the service `{}`.", service.id);
    let source = &api.documents[service.document.get()].place.path;
    let text = print::print_rust(source, &[docs], items);
    File { path: format!("{TESTS}/wire/{}.rs", module_name(plan, planned)), text }
}

/// One flat name, since a test needs no tree.
fn module_name(plan: &Plan, service: &plan::Service) -> String {
    let path = &plan.modules[service.named.module.0].path;
    path.iter().map(|segment| segment.trim_end_matches('_')).collect::<Vec<_>>().join("_")
}

/// The implementation that answers what a test told it to.
fn emit_script(planned: &plan::Service) -> [TokenStream; 3] {
    let (name, server) = (format_ident!("{}", planned.named.name), format_ident!("{}", planned.server()));
    let methods = planned.operations.iter().map(|operation| {
        let (method, operation_type) = (format_ident!("{}", operation.method), format_ident!("{}", operation.name));
        let input = format_ident!("{}", operation.input.named.name);
        quote! {
            async fn #method(&self, _: &Context, input: service::#input) -> testing::Answer<service::#operation_type> {
                self.0.play::<service::#operation_type>(input)
            }
        }
    });
    [
        quote! {
            /// Answers what a test told it to.
            struct Scripted(testing::Script);
        },
        quote!(impl service::#name for Scripted { #(#methods)* }),
        quote! {
            fn router(script: testing::Script) -> Router {
                Router::new().mount(service::#server(Scripted(script)))
            }
        },
    ]
}

fn emit_loopback_test(operation: &Operation, planned: &plan::Operation) -> TokenStream {
    let test = format_ident!("{}_loopback", test_name(planned));
    let operation_type = format_ident!("{}", planned.name);
    let doc = format!(" Every request line, representation and error of `{}`.", operation.name);
    quote! {
        #[doc = #doc]
        #[test]
        fn #test() {
            testing::check_loopback::<service::#operation_type>(router);
        }
    }
}

fn emit_page_test(
    api: &Api,
    plan: &Plan,
    service: &Service,
    operation: &Operation,
    planned: &plan::Operation,
) -> TokenStream {
    let test = format_ident!("{}_page", test_name(planned));
    let operation_type = format_ident!("{}", planned.name);
    let values = Values { api, plan, own: planned.input.named.module };
    let shape = Shape::valid_page(operation);
    let input = sample::of_parameters(api, operation, &shape);
    let output = sample::of_result(api, operation, &shape);
    let input_value = values.input(operation, planned, input.as_ref());
    let output_value = values.output(operation, output.as_ref());

    let texts = Texts::new(service, operation, input.as_ref(), output.as_ref());
    let doc = texts.origin(operation);
    let body_line = number(operation, body_line);
    let form_line = number(operation, |lines| form_line(lines).filter(|line| line.path_params.is_empty()));
    let Texts { request_json, request_xml, request_form, response_json, response_xml } =
        texts.map(|text| text.map_or_else(|| quote!(None), |text| literal(&text)));
    quote! {
        #[doc = #doc]
        #[test]
        fn #test() {
            testing::check_page(router, &testing::Page::<service::#operation_type> {
                input: || #input_value,
                output: || #output_value,
                body_line: #body_line,
                form_line: #form_line,
                request_json: #request_json,
                request_xml: #request_xml,
                request_form: #request_form,
                response_json: #response_json,
                response_xml: #response_xml,
            });
        }
    }
}

/// A method's name without what keeps it from being a keyword.
fn test_name(planned: &plan::Operation) -> &str {
    planned.method.trim_matches('_')
}

/// The representations of an operation's page, as text or as tokens.
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
        input: Option<&sample::Sample>,
        output: Option<&sample::Sample>,
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
            format!(" The derived samples of `{name}`; its page shows none.")
        } else if pairs.iter().any(is_other) {
            format!(" The samples of the page of `{name}`, as far as they are values that a peer accepts.")
        } else {
            format!(" The samples of the page of `{name}`, to the byte.")
        }
    }

    fn map(self, f: impl Fn(Option<String>) -> TokenStream) -> Texts<TokenStream> {
        Texts {
            request_json: f(self.request_json),
            request_xml: f(self.request_xml),
            request_form: f(self.request_form),
            response_json: f(self.response_json),
            response_xml: f(self.response_xml),
        }
    }
}

/// The first line that leaves every parameter to the body.
fn body_line(lines: &[RequestLine]) -> Option<&RequestLine> {
    let has_body = |line: &&RequestLine| !matches!(line.method, Method::Get | Method::Delete);
    lines.iter().find(|line| line.path_params.is_empty() && has_body(line))
}

fn number(operation: &Operation, choose: impl Fn(&[RequestLine]) -> Option<&RequestLine>) -> TokenStream {
    let chosen = choose(&operation.requests);
    let position = chosen.and_then(|chosen| operation.requests.iter().position(|line| line == chosen));
    match position.map(Literal::usize_unsuffixed) {
        Some(position) => quote!(Some(#position)),
        None => quote!(None),
    }
}

/// A text as it stands, over as many lines as it has.
fn literal(text: &str) -> TokenStream {
    let most = text.split('"').skip(1).map(|rest| rest.len() - rest.trim_start_matches('#').len()).max();
    let hashes = "#".repeat(most.map_or(0, |n_hashes| n_hashes + 1));
    let raw = format!("r{hashes}\"{text}\"{hashes}");
    let plain = text.contains('\r');
    match raw.parse::<Literal>() {
        Ok(literal) if !plain => quote!(Some(#literal)),
        _ => quote!(Some(#text)),
    }
}
