//! The cases on disk, as sources of the generator.

use std::path::{Path, PathBuf};

use vapi_codegen::{Source, render_all};

/// The case that all others may lean on.
pub(crate) const STANDARD_ERRORS: &str = "standard_errors";

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/emit")
}

/// Names of all cases, sorted.
pub(crate) fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The one document of a case, at the path its id asks for.
pub(crate) fn source(name: &str) -> Source {
    source_of(std::fs::read_to_string(folder().join(name).join("spec.yaml")).unwrap())
}

/// A document, at the path that the id in its first line asks for.
pub(crate) fn source_of(text: impl Into<String>) -> Source {
    let text = text.into();
    let (_, id) = text.lines().next().unwrap().split_once(": ").unwrap();
    Source { path: format!("spec/{}.yaml", id.strip_prefix("com.vmware.").unwrap().replace('.', "/")), text }
}

/// A case with what it leans on.
pub(crate) fn sources(name: &str) -> Vec<Source> {
    let mut sources = vec![source(name)];
    if name != STANDARD_ERRORS {
        sources.push(source(STANDARD_ERRORS));
    }
    sources
}

/// Every case at once.
pub(crate) fn all_sources() -> Vec<Source> {
    names().iter().map(|name| source(name)).collect()
}

pub(crate) fn load(sources: &[Source]) -> vapi_codegen::ir::Api {
    vapi_codegen::load(sources)
        .unwrap_or_else(|mistakes| panic!("{}", render_all(&mistakes, sources, vapi_codegen::Style::Plain)))
}
