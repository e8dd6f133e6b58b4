//! The commands, a file each; what they share is a [`Run`]: a client when one is needed, and what is printed.

mod call;
mod download;
mod generated_texts;
mod login;
mod ls;
mod make;
mod path;
mod session;
mod subscribe;
mod upload;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use contentlib_client::{Progress, Transfers};
use serde_json::Value;
use vapi::runtime::Secret;
use vapi::runtime::data::{Structure, View};
use vapi::runtime::table::STRUCTURE;

use crate::args::{Command, Connection};
use crate::connect::Target;
use crate::console::Console;
use crate::exit::{Exit, Failure};
use crate::show::ShownTransfers;
use crate::{Surroundings, Written, values};

/// How long a run that was interrupted waits for the server to hear of it.
const PARTING: Duration = Duration::from_secs(10);
/// How often bars are drawn where nothing moves.
const TICK: Duration = Duration::from_millis(250);

/// One command on its way.
pub(crate) struct Run<'s> {
    pub(crate) connection: Connection,
    pub(crate) surroundings: &'s Surroundings,
    console: Console,
    out: String,
    /// A client that logged in for this command alone.
    guest: Option<vapi::runtime::Client>,
    /// What moves files, once some are about to move.
    transfers: Option<Transfers>,
}

/// Runs a command until it ends or somebody ends it; a login for it alone ends with it.
pub(crate) async fn run(command: Command, run: &mut Run<'_>) -> Result<(), Failure> {
    let interrupt = &run.surroundings.interrupt;
    let ended = tokio::select! {
        // First, so that it is heard before anything is begun.
        biased;
        interrupt = interrupt() => Err(interrupt),
        ended = run_to_its_end(command, run) => Ok(ended),
    };
    run.console.rest();
    let parting = async {
        if let (Err(_), Some(transfers)) = (&ended, &run.transfers) {
            transfers.settled().await;
        }
        if let Some(guest) = &run.guest {
            // The command has ended as it has; the session expires by itself otherwise.
            let _ended_or_not = guest.logout().await;
        }
    };
    let has_parted = tokio::select! {
        biased;
        _ = interrupt() => false,
        parted = tokio::time::timeout(PARTING, parting) => parted.is_ok(),
    };
    ended
        .unwrap_or_else(|interrupt| Err(Failure::interrupted(interrupt, run.transfers.is_some(), has_parted)))
}

async fn run_to_its_end(command: Command, run: &mut Run<'_>) -> Result<(), Failure> {
    match command {
        Command::Call { words } => call::run(run, words).await,
        Command::Login => login::log_in(run).await,
        Command::Logout => login::log_out(run).await,
        Command::Ls { path } => ls::ls(run, path.as_deref()).await,
        Command::Info { path } => ls::info(run, &path).await,
        Command::Mk { path, datastore, item_type } => {
            make::mk(run, &path, datastore.as_deref(), item_type).await
        }
        Command::Rm { path } => make::rm(run, &path).await,
        Command::Upload { path, files, read_once } => upload::run(run, &path, files, read_once).await,
        Command::Download { path, dir } => download::run(run, &path, &dir).await,
        Command::Subscribe { library, following } => subscribe::subscribe(run, &library, &following).await,
        Command::Sync { path, syncing } => subscribe::sync(run, &path, &syncing).await,
        Command::Session { verb } => session::run(run, verb).await,
        Command::Completions { shell } => generated_texts::completions(run, shell),
        Command::Man { dir } => generated_texts::man(run, &dir),
    }
}

impl<'s> Run<'s> {
    pub(crate) fn new(connection: Connection, surroundings: &'s Surroundings) -> Run<'s> {
        let has_colours = connection.has_colours(surroundings);
        let console = Console::new(Arc::clone(&surroundings.say), surroundings.screen.clone(), has_colours);
        Run { connection, surroundings, console, out: String::new(), guest: None, transfers: None }
    }

    pub(crate) fn target(&self) -> Result<Target, Failure> {
        Target::of(&self.connection, self.surroundings)
    }

    /// A client of nobody in particular.
    pub(crate) fn client_of(&self, target: &Target) -> Result<vapi::runtime::Client, Failure> {
        target.client(&self.connection, self.surroundings, &self.console)
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

    /// What moves files to and from the server of this client.
    pub(crate) fn transfers(&self, client: &vapi::Client) -> Result<Transfers, Failure> {
        let mut options = self.target()?.http_options()?;
        if self.connection.verbose {
            options = options.observer(Arc::new(ShownTransfers(self.console.clone())));
        }
        Ok(Transfers::new(client.clone(), options))
    }

    /// The same for files that are about to move, and who is told how far they are.
    pub(crate) fn moving(&mut self, client: &vapi::Client) -> Result<(Transfers, Progress), Failure> {
        let transfers = self.transfers(client)?;
        self.transfers = Some(transfers.clone());
        if self.connection.is_json() {
            return Ok((transfers, Progress::default()));
        }
        let console = self.console.clone();
        Ok((transfers, Progress::new(move |event| console.tell(event, Instant::now()))))
    }

    /// Waits for a transfer, and shows how far it is.
    pub(crate) async fn follow<T>(&self, title: &str, transfer: impl Future<Output = T>) -> T {
        if self.connection.is_json() {
            return transfer.await;
        }
        self.console.follow(title);
        let mut transfer = std::pin::pin!(transfer);
        let ended = loop {
            match tokio::time::timeout(TICK, &mut transfer).await {
                Ok(ended) => break ended,
                Err(_) => self.console.tick(Instant::now()),
            }
        };
        self.console.rest();
        ended
    }

    /// Somebody's password: asked for on a terminal, else standard input.
    pub(crate) async fn password(&self, whose: &str) -> Result<Secret, Failure> {
        let text = match &self.surroundings.ask {
            Some(ask) => ask(&format!("Password for {whose}: ")).await,
            None => self.stdin().await,
        };
        match text {
            Ok(text) => Ok(Secret::new(text.trim_end_matches(['\r', '\n']))),
            Err(error) => Err(Failure::new(Exit::Failed, format!("the password cannot be read: {error}"))),
        }
    }

    /// Standard input to its end, on a thread of its own, so that an interrupt is heard meanwhile.
    pub(crate) async fn stdin(&self) -> io::Result<String> {
        let stdin = Arc::clone(&self.surroundings.stdin);
        tokio::task::spawn_blocking(move || stdin()).await.map_err(io::Error::other).flatten()
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
        let mut written = Written { out: self.out, err: String::new(), code: Exit::Done as u8 };
        if let Err(failure) = ended {
            written.code = failure.exit as u8;
            written.err = match self.connection.is_json() {
                true => failure.to_json().to_string(),
                false => failure.to_text(self.connection.has_colours(self.surroundings)),
            };
            written.err.push('\n');
        }
        written
    }
}

/// A structure of the API for programs; the shape is that of the API itself.
pub(crate) fn json_of(structure: &dyn Structure) -> Result<Value, Failure> {
    values::to_json(&STRUCTURE, View::Structure(structure))
}
