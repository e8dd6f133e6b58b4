//! What several tests of the generator need: fixtures and the committed spec.

#![allow(dead_code, reason = "each test uses a part")]

pub(crate) mod html;

use std::path::{Path, PathBuf};

use vapi_codegen::{Source, ir};

/// The text of a file under `tests/fixtures`.
pub(crate) fn fixture(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The committed spec, resolved.
pub(crate) fn api() -> ir::Api {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut paths = Vec::new();
    add_documents(&root.join("spec"), &mut paths);
    paths.sort();
    let source = |path: &PathBuf| {
        let inside = path.strip_prefix(&root).unwrap().components();
        let parts: Vec<_> = inside.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
        Source { path: parts.join("/"), text: std::fs::read_to_string(path).unwrap() }
    };
    let sources: Vec<Source> = paths.iter().map(source).collect();
    vapi_codegen::load(&sources).unwrap_or_else(|mistakes| panic!("the spec has mistakes: {mistakes:?}"))
}

fn add_documents(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_documents(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
}
