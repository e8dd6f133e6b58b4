//! contentlibd as a process of its own: where it is, who may log in, and its end.
//!
//! In: a command that runs `contentlibd --demo`. Out: what it says on its first line, and whether it ended well when it was
//! asked to by a signal. Its data goes with it.
//! Not here: what is asked of it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::check::cargo_command;

/// A server that runs until it is stopped or dropped.
pub(crate) struct Contentlibd {
    pub(crate) url: String,
    pub(crate) user: String,
    pub(crate) password: String,
    process: Child,
    /// Kept open: it may say more.
    _output: BufReader<ChildStdout>,
}

impl Contentlibd {
    /// The one of the workspace, built before it is started, with these settings.
    pub(crate) fn of_workspace(root: &Path, settings: &[&str]) -> Result<Contentlibd> {
        // Cargo makes way for the program, which so has the process's number.
        let mut command = cargo_command(root);
        command.args(["run", "--quiet", "--package", "contentlibd", "--"]);
        command.args(["--demo", "--set", "log.level=warn"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        Contentlibd::start(&mut command)
    }

    /// Runs the command; it is ready when it says where it is.
    pub(crate) fn start(command: &mut Command) -> Result<Contentlibd> {
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?} cannot be started"))?;
        let mut output = BufReader::new(process.stdout.take().context("the server has no output")?);
        let mut line = String::new();
        let end = output.read_line(&mut line);
        let [url, user, password] = what_it_says(line.trim()).unwrap_or_default();
        let server = Contentlibd { url, user, password, process, _output: output };
        end.context("the server says nothing")?;
        if server.url.is_empty() {
            bail!("contentlibd said `{}`, not where it is", line.trim());
        }
        Ok(server)
    }

    /// URL, user and password, as programs take them that call it.
    pub(crate) fn address(&self) -> [&str; 3] {
        [&self.url, &self.user, &self.password]
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends the server; whether it ended well.
    pub(crate) fn stop(mut self) -> Result<bool> {
        let asked = Command::new("kill").arg(self.process.id().to_string()).status();
        asked.context("kill cannot be started")?;
        Ok(self.process.wait().context("the server cannot be waited for")?.success())
    }
}

impl Drop for Contentlibd {
    fn drop(&mut self) {
        // After `stop` there is nothing to end.
        let _stopped_before = self.process.kill();
        let _stopped_before = self.process.wait();
    }
}

/// Of `contentlibd listens on URL, user USER, password PASSWORD`.
fn what_it_says(line: &str) -> Option<[String; 3]> {
    let (url, rest) = line.strip_prefix("contentlibd listens on ")?.split_once(", user ")?;
    let (user, password) = rest.split_once(", password ")?;
    Some([url, user, password].map(str::to_owned))
}
