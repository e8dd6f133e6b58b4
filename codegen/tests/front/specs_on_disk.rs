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
