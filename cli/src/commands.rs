//! The commands, a file each; what they share is a [`Run`]: a client when one is needed, and what is printed.

mod call;
mod download;
mod generated_texts;
mod login;
mod ls;
mod make;
mod path;
mod session;
mod upload;

use std::sync::Arc;

use contentlib_client::{Event, Progress, Transfers};
use serde_json::Value;
use vapi::runtime::data::{Structure, View};
use vapi::runtime::table::{StructureTable, Ty};

use crate::args::{Command, Connection};
use crate::connect::Target;
use crate::exit::{Exit, Failure};
use crate::show::Transcript;
use crate::{Surroundings, Written, values};

/// One command on its way.
pub(crate) struct Run<'s> {
    pub(crate) connection: Connection,
    pub(crate) surroundings: &'s Surroundings,
    transcript: Transcript,
    out: String,
    /// A client that logged in for this command alone.
    guest: Option<vapi::runtime::Client>,
}

/// Runs a command; a login for it alone ends with it.
pub(crate) async fn run(command: Command, run: &mut Run<'_>) -> Result<(), Failure> {
    let ended = match command {
        Command::Call { words } => call::run(run, words).await,
        Command::Login => login::log_in(run).await,
        Command::Logout => login::log_out(run).await,
        Command::Ls { path } => ls::ls(run, path.as_deref()).await,
        Command::Info { path } => ls::info(run, &path).await,
        Command::Mk { path, datastore } => make::mk(run, &path, datastore.as_deref()).await,
        Command::Rm { path } => make::rm(run, &path).await,
        Command::Upload { path, files } => upload::run(run, &path, files).await,
        Command::Download { path, dir } => download::run(run, &path, &dir).await,
        Command::Session { verb } => session::run(run, verb).await,
        Command::Completions { shell } => generated_texts::completions(run, shell),
        Command::Man { dir } => generated_texts::man(run, &dir),
    };
    if let Some(guest) = run.guest.take() {
        // The command has ended as it has; the session expires by itself otherwise.
        let _ended_or_not = guest.logout().await;
    }
    ended
}

impl<'s> Run<'s> {
    pub(crate) fn new(connection: Connection, surroundings: &'s Surroundings) -> Run<'s> {
        Run { connection, surroundings, transcript: Transcript::default(), out: String::new(), guest: None }
    }

    pub(crate) fn target(&self) -> Result<Target, Failure> {
        Target::of(&self.connection, self.surroundings)
    }

    /// A client of nobody in particular.
    pub(crate) fn client_of(&self, target: &Target) -> Result<vapi::runtime::Client, Failure> {
        target.client(&self.connection, self.surroundings, &self.transcript)
    }

    /// A client that calls as whoever is known.
    pub(crate) fn raw_client(&mut self) -> Result<vapi::runtime::Client, Failure> {
        let target = self.target()?;
        let client = self.client_of(&target)?;
        Ok(match (target.credentials, target.session) {
            (Some((user, password)), _) => {
                let client = client.credentials(user, password);
                self.guest = Some(client.clone());
                client
            }
            (None, Some(session)) => client.session_id(session),
            (None, None) => client,
        })
    }

    pub(crate) fn client(&mut self) -> Result<vapi::Client, Failure> {
        self.raw_client().map(vapi::Client::from)
    }

    /// What moves files to and from the server of this client, and is told how far it is: lines as it goes, for people.
    pub(crate) fn transfers(&self, client: &vapi::Client) -> Result<(Transfers, Progress), Failure> {
        let transfers = Transfers::new(client.clone(), self.target()?.http_options()?);
        if self.connection.is_json() {
            return Ok((transfers, Progress::default()));
        }
        let say = Arc::clone(&self.surroundings.say);
        let progress = move |event| {
            if let Some(line) = line_of(event) {
                say(&line);
            }
        };
        Ok((transfers, Progress::new(progress)))
    }

    /// Prints text as it is.
    pub(crate) fn print_text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Prints a result, as it was asked for.
    pub(crate) fn print(&mut self, value: &Value) {
        if self.connection.is_json() {
            self.out.push_str(&format!("{value:#}\n"));
        } else {
            self.out.push_str(&values::to_text(value));
        }
    }

    /// Says what was done.
    pub(crate) fn done(&mut self, what: &str, id: &str) {
        if self.connection.is_json() {
            self.print(&serde_json::json!({what: id}));
        } else {
            self.out.push_str(&format!("{what} {id}\n"));
        }
    }

    pub(crate) fn finish(self, ended: Result<(), Failure>) -> Written {
        let mut written = Written { out: self.out, err: self.transcript.take(), code: Exit::Done as u8 };
        if let Err(failure) = ended {
            written.code = failure.exit as u8;
            let text = match self.connection.is_json() {
                true => failure.to_json().to_string(),
                false => failure.to_string(),
            };
            written.err.push_str(&text);
            written.err.push('\n');
        }
        written
    }
}

/// Something long, unless somebody presses Ctrl-C; it is dropped then.
async fn until_interrupted<T>(work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        Ok(()) = tokio::signal::ctrl_c() => None,
    }
}

/// What is worth a line; bytes that move are not.
fn line_of(event: Event) -> Option<String> {
    // Names come from elsewhere; a terminal must not act on them.
    let line = match event {
        Event::Session { id } => format!("session {id}"),
        Event::Begun { file, n_bytes, offset: 0 } => format!("{file:?}: {n_bytes} bytes"),
        Event::Begun { file, n_bytes, offset } => format!("{file:?}: on from {offset} of {n_bytes} bytes"),
        Event::Again { file, reason } => format!("{file:?}: again, for {reason}"),
        Event::Ended { file } => format!("{file:?}: done"),
        _ => return None,
    };
    Some(line)
}

/// A structure of the API for programs; the shape is that of the API itself.
pub(crate) fn json_of(structure: &dyn Structure) -> Result<Value, Failure> {
    let table: &'static StructureTable = structure.table();
    values::to_json(&Ty::Structure(table), View::Structure(structure))
}
