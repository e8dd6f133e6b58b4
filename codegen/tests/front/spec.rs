//! The repository's own spec: it loads, and what comes out does not depend on the order of the files.

use vapi_codegen::{Style, generate, load, render_all};

use crate::specs_on_disk::{folder, read_sources};

#[test]
fn the_spec_loads() {
    let sources = read_sources(&folder("../spec"));
    let api = load(&sources).unwrap_or_else(|diagnostics| {
        panic!("\n{}", render_all(&diagnostics, &sources, Style::Plain));
    });
    assert_eq!(api.documents.len(), sources.len());
    assert!(api.services.iter().all(|service| !service.operations.is_empty()));
}

#[test]
fn the_spec_warns_of_nothing() {
    let sources = read_sources(&folder("../spec"));
    let warnings = generate(&sources).warnings;
    assert!(warnings.is_empty(), "\n{}", render_all(&warnings, &sources, Style::Plain));
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let mut sources = read_sources(&folder("../spec"));
    let api = load(&sources);
    sources.reverse();
    assert_eq!(load(&sources), api);
    sources.rotate_left(1);
    assert_eq!(load(&sources), api);
}
