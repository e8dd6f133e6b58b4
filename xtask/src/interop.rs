//! `cargo xtask interop`: the official Python SDK against the demo's server.
//!
//! In: Python with `venv`, and the package index for the SDK the first time. Out: what `interop/checks.py` says of
//! each check that fails, its summary, and whether all passed. The environment is kept under `target/interop`, and made anew
//! when `interop/requirements.txt` changes.
//! Not here: what is checked.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::check::cargo_command;
use crate::console::note;

/// Runs every check; false if one failed.
pub(crate) fn interop(root: &Path) -> Result<bool> {
    let python = environment(root)?;
    let build = cargo_command(root).args(["build", "--quiet", "--package", "demo"]).status();
    if !build.context("cargo cannot be started")?.success() {
        return Ok(false);
    }
    let mut server = Server::start(root)?;
    let checks = Command::new(&python)
        .arg(root.join("interop/checks.py"))
        .args(&server.address)
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

/// The demo's server, until it is stopped; a panic here closes its input, which ends it too.
struct Server {
    process: Child,
    /// URL, user and password.
    address: Vec<String>,
}

impl Server {
    fn start(root: &Path) -> Result<Server> {
        let mut process = cargo_command(root)
            .args(["run", "--quiet", "--package", "demo", "--", "serve"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cargo cannot be started")?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).context("the server says nothing")?;
        }
        let address: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        if address.len() != 3 {
            let _gone_anyway = process.kill();
            bail!("the server said `{}`, not where it is", line.trim());
        }
        Ok(Server { process, address })
    }

    /// Ends the server; whether it ended well.
    fn stop(&mut self) -> Result<bool> {
        drop(self.process.stdin.take());
        Ok(self.process.wait().context("the server cannot be waited for")?.success())
    }
}
