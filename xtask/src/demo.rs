//! `cargo xtask demo`: generates, starts contentlibd, and runs the demo program against it.
//!
//! In: the workspace. Out: what the demo prints, and whether every exchange was as expected.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::check::cargo_command;
use crate::contentlibd::Contentlibd;
use crate::generate;
use crate::workspace::Places;

/// Generates and runs the demo; false if something is not as expected.
pub(crate) fn demo(root: &Path, surface: Option<&str>) -> Result<bool> {
    if !generate::write(&Places::new(None, None)?)? {
        return Ok(false);
    }
    // Not quiet: the first build takes a minute, and somebody is waiting for it. Cargo speaks on stderr.
    let built = cargo_command(root).args(["build", "--package", "contentlibd", "--package", "demo"]).status();
    if !built.context("cargo cannot be started")?.success() {
        return Ok(false);
    }
    let server = Contentlibd::of_workspace(root, &[])?;
    let mut demo = cargo_command(root);
    demo.args(["run", "--quiet", "--package", "demo", "--"]).args(server.address()).args(surface);
    let shown = demo.status().context("cargo cannot be started")?;
    Ok(server.stop()? && shown.success())
}

/// Explains a request or reply; false if it was not understood. The program has the descriptions of the API, which nothing here
/// may depend on.
pub(crate) fn explain_http(root: &Path, request: &str, options: &[(&str, OsString)]) -> Result<bool> {
    let mut explain = cargo_command(root);
    // A file is named as seen from here.
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    explain.args(["run", "--quiet", "--package", "demo", "--bin", "explain_http", "--", request]);
    for (name, value) in options {
        explain.arg(format!("--{name}"));
        match *name {
            "body" => explain.arg(here.join(value)),
            _ => explain.arg(value),
        };
    }
    Ok(explain.status().context("cargo cannot be started")?.success())
}
