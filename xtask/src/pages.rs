//! `cargo xtask pages`: the reference pages in a folder of their own, as of a release.
//!
//! In: the spec, a folder and maybe a release. Out: the pages below the folder, its `index.html` first.
//! Not here: the pages under `docs/`, which show every release and are `gen`'s.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use vapi_codegen::derive::as_of;
use vapi_codegen::emit::pages::{FOLDER, emit_pages};

use crate::console::say;
use crate::generate;
use crate::inspect::parse_release;
use crate::workspace::Places;

/// Writes the pages; false if the spec has mistakes.
pub(crate) fn write(places: &Places, release: Option<&str>) -> Result<bool> {
    let out = &places.out;
    ensure!(is_free(out)?, "{} is not an empty folder; nothing was written", out.display());
    let Some(mut api) = generate::api(&generate::sources(places)?) else { return Ok(false) };
    if let Some(release) = release {
        api = as_of(&api, &parse_release(release)?);
    }
    let pages = emit_pages(&api);
    for page in &pages {
        let file = out.join(page.path.strip_prefix(FOLDER).unwrap_or(&page.path));
        let folder = file.parent().context("a page is in a folder")?;
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        fs::write(&file, &page.text).with_context(|| file.display().to_string())?;
    }
    say(format_args!("pages: {} pages, from {}", pages.len(), out.join("index.html").display()));
    Ok(true)
}

/// Whether nothing is there that could be written over, or stand among the pages.
fn is_free(folder: &Path) -> Result<bool> {
    if !folder.exists() {
        return Ok(true);
    }
    Ok(folder.is_dir() && fs::read_dir(folder)?.next().is_none())
}
