//! The command `contentlib`, as a function: arguments and surroundings in, texts and an exit code out.
//!
//! Nothing here reads the process's own environment or prints: [`Surroundings`] stands between, so that tests run whole
//! commands in their own process. Not here: the API, which comes from the generated crate and its tables.

pub mod args;
mod commands;
pub mod connect;
mod console;
pub mod exit;
mod show;
pub mod terminal;
pub mod token;
mod values;

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use clap::FromArgMatches as _;
use vapi::runtime::client::{BoxFuture, HttpOptions, Transport};

use crate::args::{Command, Connection};
use crate::commands::Run;
use crate::exit::{Exit, Failure};

/// Looks up a variable of the environment.
pub type Env = Box<dyn Fn(&str) -> Option<String>>;

/// Makes a transport.
pub type Connect = Box<dyn Fn(HttpOptions) -> Arc<dyn Transport>>;

/// Waits for an answer to a question.
pub type Ask = Box<dyn Fn(&str) -> BoxFuture<'static, io::Result<String>>>;

/// A terminal that is written to.
pub trait Screen: Send + Sync {
    /// How wide it is at the moment.
    fn n_columns(&self) -> usize;
    /// Writes text, which may move the cursor.
    fn write(&self, text: &str);
}

/// Somebody wants the run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupt {
    /// Ctrl-C.
    Keys,
    /// SIGTERM, as systems send it that stop programs.
    Terminate,
}

/// What a run sees of the world.
pub struct Surroundings {
    /// The environment.
    pub env: Env,
    /// Where configuration is kept; `None` where the system has no such place.
    pub config_dir: Option<PathBuf>,
    /// Makes the transport, from what it is to trust.
    pub transport: Connect,
    /// Reads standard input to its end.
    pub stdin: Arc<dyn Fn() -> io::Result<String> + Send + Sync>,
    /// Asks whoever sits at the terminal, without showing the answer; `None` where nobody does.
    pub ask: Option<Ask>,
    /// Shows a line while a command is still on its way.
    pub say: Arc<dyn Fn(&str) + Send + Sync>,
    /// The terminal that the lines go to; `None` where they go elsewhere.
    pub screen: Option<Arc<dyn Screen>>,
    /// Waits until somebody wants the run to end.
    pub interrupt: Box<dyn Fn() -> BoxFuture<'static, Interrupt>>,
}

/// What a run wrote, and how it ended.
#[derive(Debug, Default)]
pub struct Written {
    /// For standard output.
    pub out: String,
    /// For standard error.
    pub err: String,
    /// The exit code.
    pub code: u8,
}

/// Runs a command line, its name first.
pub async fn run(argv: impl IntoIterator<Item = OsString>, surroundings: &Surroundings) -> Written {
    let matches = match args::command().try_get_matches_from(argv) {
        Ok(matches) => matches,
        Err(error) => return of_clap(&error),
    };
    let parsed = Command::from_arg_matches(&matches)
        .and_then(|command| Connection::from_arg_matches(&matches).map(|connection| (command, connection)));
    let (command, connection) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return of_clap(&error),
    };
    let mut run = Run::new(connection, surroundings);
    let ended = commands::run(command, &mut run).await;
    run.finish(ended)
}

/// What clap says: help and version are no errors.
fn of_clap(error: &clap::Error) -> Written {
    let text = error.render().to_string();
    match error.use_stderr() {
        true => Written { err: text, code: Exit::Usage as u8, ..Written::default() },
        false => Written { out: text, code: Exit::Done as u8, ..Written::default() },
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Failure {
        let text = error.render().to_string();
        Failure::usage(text.trim_start_matches("error: ").trim_end())
    }
}
