//! Reads spec files for the tests; the generator itself never touches a disk.

use std::fs;
use std::path::{Path, PathBuf};

use vapi_codegen::Source;

/// A folder of this crate.
pub(crate) fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Every `.yaml` under a folder, with paths that start with `spec/`.
pub(crate) fn read_sources(root: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    add_sources(root, "spec", &mut sources);
    sources.sort_by(|left, right| left.path.cmp(&right.path));
    sources
}

fn add_sources(folder: &Path, path: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{path}/{name}");
        if entry.file_type().unwrap().is_dir() {
            add_sources(&entry.path(), &path, sources);
        } else if name.ends_with(".yaml") {
            sources.push(Source { path, text: fs::read_to_string(entry.path()).unwrap() });
        }
    }
}

/// Adds the standard errors, unless there are some already.
pub(crate) fn with_standard_errors(mut sources: Vec<Source>) -> Vec<Source> {
    for source in read_sources(&folder("tests/fixtures/std")) {
        if !sources.iter().any(|own| own.path == source.path) {
            sources.push(source);
        }
    }
    sources
}

/// The path that the name of a document asks for; a document without a name has any.
pub(crate) fn path_of(text: &str) -> String {
    let id = text
        .lines()
        .find_map(|line| line.strip_prefix("service: ").or_else(|| line.strip_prefix("package: ")));
    let local = id.and_then(|id| id.trim().strip_prefix("com.vmware.")).unwrap_or("spec");
    format!("spec/{}.yaml", local.replace('.', "/"))
}
