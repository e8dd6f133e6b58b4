//! `cargo xtask interop`: the official Python SDK against contentlibd.
//!
//! In: Python with `venv`, and the package index for the SDK the first time. Out: what the scripts of `interop/` say of
//! each check that fails, their summaries, and whether all passed. The environment is kept under `target/interop`, and made anew
//! when `interop/requirements.txt` changes.
//! Not here: what is checked, and how the server starts and stops (`contentlibd.rs`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::console::note;
use crate::contentlibd::Contentlibd;

/// The scripts; each has a server of its own.
const SCRIPTS: [&str; 3] = ["checks.py", "flows.py", "follows.py"];
/// A library follows another one on the same server.
const FETCHES_FROM_ITSELF: &str = "outbound.allow_private_networks=true";

/// Runs every check; false if one failed.
pub(crate) fn interop(root: &Path) -> Result<bool> {
    let python = environment(root)?;
    let mut is_sound = true;
    for script in SCRIPTS {
        is_sound &= run_script(root, &python, script)?;
    }
    Ok(is_sound)
}

/// Runs one script against one server; whether both ended well.
fn run_script(root: &Path, python: &Path, script: &str) -> Result<bool> {
    let server = Contentlibd::of_workspace(root, &[FETCHES_FROM_ITSELF])?;
    note(format!("interop: {script}"));
    let checks = Command::new(python)
        .arg(root.join("interop").join(script))
        .args(server.address())
        // A proxy of the environment has no way to this machine's loopback.
        .env("NO_PROXY", "127.0.0.1")
        .status()
        .with_context(|| format!("{} cannot be started", python.display()))?;
    Ok(server.stop()? && checks.success())
}

/// The Python of an environment that has what is required.
fn environment(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/interop");
    let requirements = root.join("interop/requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("{} cannot be read", requirements.display()))?;
    let python = folder.join("bin/python");
    // Written last, so an environment that was left half made is made again.
    let stamp = folder.join("requirements.txt");
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|has| has == wanted) {
        return Ok(python);
    }
    note("interop: a Python environment with the official SDK is made under target/interop");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))
        .context("Python 3 with `venv` is needed; on Debian it is the package python3-venv")?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .arg("--requirement")
        .arg(&requirements))
    .context("the SDK cannot be installed")?;
    fs::write(&stamp, wanted).with_context(|| format!("{} cannot be written", stamp.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} cannot be started"))?;
    ensure!(status.success(), "{command:?} failed: {status}");
    Ok(())
}
