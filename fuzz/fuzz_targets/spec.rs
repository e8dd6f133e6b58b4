//! Any bytes as a spec: no panic, an end soon, and either files or something to say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_codegen::{Source, Style, generate, render_all};

const ERRORS: &str = include_str!("../../codegen/tests/fixtures/std/vapi/std/errors.yaml");

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let id = text.lines().find_map(|line| line.strip_prefix("service: ").or_else(|| line.strip_prefix("package: ")));
    let local = id.and_then(|id| id.trim().strip_prefix("com.vmware.")).unwrap_or("spec");
    let path = format!("spec/{}.yaml", local.replace('.', "/"));
    let errors = Source { path: "spec/vapi/std/errors.yaml".to_owned(), text: ERRORS.to_owned() };
    let sources = [Source { path, text }, errors];
    let outcome = generate(&sources);
    let said = render_all(&outcome.diagnostics, &sources, Style::Plain);
    assert_eq!(outcome.files.is_empty(), !said.is_empty());
});
