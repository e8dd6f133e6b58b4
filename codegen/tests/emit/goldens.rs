//! Every case gives its goldens, alone and together with all others, whatever the order of the sources.

use std::collections::BTreeMap;
use std::path::Path;

use similar::TextDiff;
use vapi_codegen::emit::dump::dump_ir;
use vapi_codegen::emit::rust::emit_rust;
use vapi_codegen::{Source, plan};

use crate::cases;

const UPDATE: &str = "UPDATE_GOLDENS";

/// The Rust files, by their paths below the crate's sources.
fn rust_files(sources: &[Source]) -> BTreeMap<String, String> {
    let api = cases::load(sources);
    let files = emit_rust(&api, &plan(&api, sources).unwrap());
    files
        .into_iter()
        .map(|file| (file.path.strip_prefix("generated/src/").unwrap().to_owned(), file.text))
        .collect()
}

/// The goldens of a case among the files: `out.rs` and what is in modules below it.
fn goldens_of<'f>(name: &str, files: &'f BTreeMap<String, String>) -> BTreeMap<String, &'f str> {
    let path = cases::source(name).path;
    let module = path.strip_prefix("spec/").unwrap().strip_suffix(".yaml").unwrap();
    let golden = |path: &str| {
        let below = path.strip_prefix(module)?;
        if below == ".rs" { Some("out.rs".to_owned()) } else { below.strip_prefix('/').map(str::to_owned) }
    };
    files.iter().filter_map(|(path, text)| Some((golden(path)?, text.as_str()))).collect()
}

/// Whether the file has this text; the difference goes into `report`.
fn check_golden(path: &Path, text: &str, report: &mut String) {
    let golden = std::fs::read_to_string(path).unwrap_or_default();
    if golden == text {
        return;
    }
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(path, text).unwrap();
        return;
    }
    let name = path.strip_prefix(cases::folder()).unwrap().display().to_string();
    let diff = TextDiff::from_lines(golden.as_str(), text);
    report.push_str(&diff.unified_diff().context_radius(3).header(&name, "generated").to_string());
}

fn check_report(report: &str) {
    assert!(report.is_empty(), "goldens differ; if they should, run with {UPDATE}=1\n{report}");
}

#[test]
fn every_case_gives_its_goldens() {
    let mut report = String::new();
    for name in cases::names() {
        let folder = cases::folder().join(&name);
        let sources = cases::sources(&name);
        check_golden(&folder.join("ir.txt"), &dump_ir(&cases::load(&sources)), &mut report);
        let files = rust_files(&sources);
        for (file, text) in goldens_of(&name, &files) {
            check_golden(&folder.join(file), text, &mut report);
        }
    }
    check_report(&report);
}

#[test]
fn a_case_has_no_other_goldens() {
    for name in cases::names() {
        let files = rust_files(&cases::sources(&name));
        let mut expected: Vec<String> = goldens_of(&name, &files).into_keys().collect();
        expected.extend(["ir.txt".to_owned(), "spec.yaml".to_owned()]);
        expected.sort();
        let entries = std::fs::read_dir(cases::folder().join(&name)).unwrap();
        let mut on_disk: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        on_disk.sort();
        assert_eq!(on_disk, expected, "in the folder of the case {name}");
    }
}

#[test]
fn every_golden_is_compiled() {
    let compiled = std::fs::read_to_string(cases::folder().join("../../goldens.rs")).unwrap();
    for name in cases::names() {
        let golden = format!("\"fixtures/emit/{name}/out.rs\" {name},");
        assert!(compiled.contains(&golden), "tests/goldens.rs has no line {golden}");
    }
}

/// So that compiling the goldens together, as `tests/goldens.rs` does, compiles what each case gives.
#[test]
fn a_case_gives_the_same_among_others() {
    let together = rust_files(&cases::all_sources());
    for name in cases::names() {
        let alone = rust_files(&cases::sources(&name));
        assert_eq!(goldens_of(&name, &together), goldens_of(&name, &alone), "in the case {name}");
    }
}

#[test]
fn the_order_of_the_sources_does_not_matter() {
    let mut sources = cases::all_sources();
    let first = vapi_codegen::generate(&sources);
    assert_eq!(first.diagnostics, []);
    assert_eq!(first.files, vapi_codegen::generate(&sources).files);
    sources.reverse();
    assert_eq!(first.files, vapi_codegen::generate(&sources).files);
}
