//! The wire tests that are generated: Rust, one module a service, a page and a loopback for each operation.
//! That they pass is shown by the generated crate, whose tests they are.

#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]
#![allow(dead_code, reason = "the cases offer more than is used here")]

#[path = "emit/cases.rs"]
mod cases;
mod support;

use std::collections::BTreeSet;

use vapi_codegen::emit::coverage::emit_coverage;
use vapi_codegen::emit::wire_tests::{WAYS, emit_wire_tests};
use vapi_codegen::ir::Api;
use vapi_codegen::{File, plan};

#[test]
fn every_operation_has_its_tests() {
    let api = support::api();
    let files = check_files(&api);
    let texts: String = files.iter().map(|file| file.text.as_str()).collect();
    for operation in api.services.iter().flat_map(|service| &service.operations) {
        for test in ["page", "loopback"] {
            let head = format!("#[test]\nfn {}_{test}() {{\n", operation.name);
            assert!(texts.contains(&head), "{head}");
        }
    }
    assert!(texts.contains("/// The samples of the page of `fail`, to the byte.\n"));
}

#[test]
fn every_structure_and_enumeration_makes_its_round_trip() {
    let api = support::api();
    let files = check_files(&api);
    let file = files.iter().find(|file| file.path == "generated/tests/wire/round_trips.rs").unwrap();
    let n_checked = |check: &str| file.text.lines().filter(|line| line.contains(check)).count();
    assert_eq!(n_checked("::check_structure::<"), api.structures.len());
    assert_eq!(n_checked("::check_enumeration::<"), api.enumerations.len());
    let distinct: BTreeSet<&str> = file.text.lines().filter(|line| line.contains("::check_")).collect();
    assert_eq!(distinct.len(), api.structures.len() + api.enumerations.len());
}

#[test]
fn what_the_coverage_page_claims_is_tested() {
    let api = support::api();
    let page = emit_coverage(&api).text;
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let n_operations: usize = api.services.iter().map(|service| service.operations.len()).sum();
    assert_eq!(rows.len(), n_operations);
    // A column for each way, and the runtime is asked whether these are the ways that it goes.
    let root = check_files(&api).into_iter().find(|file| file.path == "generated/tests/wire.rs").unwrap();
    for way in &WAYS {
        assert!(page.contains(&format!(" {} |", way.name)), "{page}");
        assert!(root.text.contains(&format!("        \"{}\",\n", way.name)), "{}", root.text);
    }
    let operations = api.services.iter().flat_map(|service| &service.operations);
    for (row, operation) in rows.iter().zip(operations) {
        let called = row.split(" | ").skip(4).map(|cell| cell.trim_end_matches(" |") == "yes");
        assert_eq!(called.collect::<Vec<_>>(), WAYS.map(|way| (way.reaches)(operation)), "{row}");
    }
}

#[test]
fn the_emitters_cases_have_tests_too() {
    assert!(check_files(&cases::load(&cases::all_sources())).len() > 2);
}

#[test]
fn a_page_that_no_peer_accepts_is_replaced_by_a_value() {
    let mut api = support::api();
    let mut operations = api.services.iter_mut().flat_map(|service| &mut service.operations);
    let operation = operations.find(|operation| operation.samples.request_json.is_some()).unwrap();
    let shown = operation.samples.request_json.as_mut().unwrap();
    *shown = shown.replace("string", "other");
    let name = operation.name.clone();
    let files = check_files(&api);
    let doc =
        format!("/// The samples of the page of `{name}`, as far as they are values that a peer accepts.\n");
    assert!(files.iter().any(|file| file.text.contains(&doc)));
}

#[test]
fn services_whose_flat_names_meet_get_files_of_their_own() {
    let mut api = support::api();
    api.services.truncate(1);
    for document in &mut api.documents {
        document.service = None;
    }
    let operations = std::mem::take(&mut api.services[0].operations);
    let mut second = api.services[0].clone();
    second.operations = operations;
    let home = api.documents[second.document.get()].clone();
    for (service, id) in [(0, "com.vmware.a.b_c"), (1, "com.vmware.a_b.c")] {
        let document = vapi_codegen::ir::DocumentIdx(u32::try_from(api.documents.len()).unwrap());
        let mut own = home.clone();
        id.clone_into(&mut own.id);
        own.service = Some(vapi_codegen::ir::ServiceIdx(service));
        api.documents.push(own);
        if service == 1 {
            api.services.push(second.clone());
        }
        id.clone_into(&mut api.services[service as usize].id);
        api.services[service as usize].document = document;
        api.services[service as usize].client_name = Some(format!("client_{service}"));
    }
    let paths: Vec<String> = check_files(&api).into_iter().map(|file| file.path).collect();
    let in_tests = |name: &str| format!("generated/tests/{name}.rs");
    assert_eq!(
        paths,
        [in_tests("wire"), in_tests("wire/a_b_c"), in_tests("wire/a_b_c_2"), in_tests("wire/round_trips")]
    );
}

#[test]
fn without_services_there_are_no_tests() {
    assert_eq!(check_files(&Api::default()), []);
}

/// The files, which are Rust and are marked.
fn check_files(api: &Api) -> Vec<File> {
    let plan = plan::plan(api).unwrap_or_else(|problems| panic!("{problems:?}"));
    let files = emit_wire_tests(api, &plan);
    for file in &files {
        syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        assert!(file.text.starts_with("//! @generated by `cargo xtask gen` from spec"), "{}", file.path);
    }
    files
}
