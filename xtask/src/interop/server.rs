//! A server that the SDK is tried against, from its start to its end.
//!
//! In: a workspace that is built. Out: where the server is and who may log in, as it says itself on its first line; whether
//! it ended well. Both end by themselves when asked: the demo when its input closes, contentlibd by a signal.
//! Not here: what is asked of them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::check::cargo_command;

/// Runs until it is stopped or dropped.
pub(super) struct Server {
    pub(super) name: &'static str,
    /// URL, user and password.
    pub(super) address: Vec<String>,
    process: Child,
    by_signal: bool,
    /// Kept open: it may say more.
    _output: BufReader<ChildStdout>,
}

impl Server {
    pub(super) fn demo(root: &Path) -> Result<Server> {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        Server::start(root, "demo", &["serve"], words, false)
    }

    pub(super) fn contentlibd(root: &Path) -> Result<Server> {
        let quiet = ["--demo", "--set", "log.level=warn"];
        Server::start(root, "contentlibd", &quiet, what_contentlibd_says, true)
    }

    fn start(
        root: &Path,
        name: &'static str,
        arguments: &[&str],
        read: impl Fn(&str) -> Vec<String>,
        by_signal: bool,
    ) -> Result<Server> {
        // Cargo makes way for the program, which so has the process's number.
        let mut process = cargo_command(root)
            .args(["run", "--quiet", "--package", name, "--"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cargo cannot be started")?;
        let mut output = BufReader::new(process.stdout.take().context("the server has no output")?);
        let mut line = String::new();
        let end = output.read_line(&mut line).context("the server says nothing");
        let address = read(line.trim());
        let server = Server { name, address, process, by_signal, _output: output };
        end?;
        if server.address.len() != 3 {
            bail!("{name} said `{}`, not where it is", line.trim());
        }
        Ok(server)
    }

    /// Ends the server; whether it ended well.
    pub(super) fn stop(&mut self) -> Result<bool> {
        drop(self.process.stdin.take());
        if self.by_signal {
            let asked = Command::new("kill").arg(self.process.id().to_string()).status();
            asked.context("kill cannot be started")?;
        }
        Ok(self.process.wait().context("the server cannot be waited for")?.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` there is nothing to end.
        let _stopped_before = self.process.kill();
        let _stopped_before = self.process.wait();
    }
}

/// Of `contentlibd listens on URL, user USER, password PASSWORD`.
fn what_contentlibd_says(line: &str) -> Vec<String> {
    let parts = line.split(", ");
    let starts = ["contentlibd listens on ", "user ", "password "];
    starts.iter().zip(parts).filter_map(|(start, part)| part.strip_prefix(start)).map(str::to_owned).collect()
}
