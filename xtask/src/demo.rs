//! `cargo xtask demo`: generates, then runs the demo program, which does everything else itself.
//!
//! In: the workspace. Out: what the demo prints, and whether every exchange was as expected.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::check::cargo_command;
use crate::generate;
use crate::workspace::Places;

/// Generates and runs the demo; false if something is not as expected.
pub(crate) fn demo(root: &Path, surface: Option<&str>) -> Result<bool> {
    if !generate::write(&Places::new(None, None)?)? {
        return Ok(false);
    }
    // Not quiet: the first build takes a minute, and somebody is waiting for it. Cargo speaks on stderr.
    let status = cargo_command(root).args(["run", "--package", "demo", "--"]).args(surface).status();
    Ok(status.context("cargo cannot be started")?.success())
}
