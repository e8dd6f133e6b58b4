//! How a run ends: the one place that knows exit codes, and what each error of the client comes to.

use contentlib_client::{Cause, TransferError};
use serde_json::{Value, json};
use vapi::runtime::client::{TransportError, TransportErrorKind};
use vapi::runtime::{Error, OperationError};

use crate::Interrupt;

/// Exit codes; part of the command's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It is done.
    Done = 0,
    /// Something on this side: a file that cannot be read or written, a reply that is none of the API's.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// What was asked for is not there.
    NotFound = 3,
    /// The server says no.
    Refused = 4,
    /// There is no server, or it did not answer.
    Unreachable = 5,
    /// The server does not know who calls.
    Unauthenticated = 6,
    /// The caller may not do this.
    Unauthorized = 7,
    /// The server is not trusted.
    Untrusted = 8,
    /// Somebody pressed Ctrl-C; as shells count it.
    Interrupted = 130,
    /// Somebody sent SIGTERM; as shells count it.
    Terminated = 143,
}

impl Exit {
    /// Every code with what it means, for the help.
    pub const HELP: &'static str = "Exit codes: 0 done, 1 failed on this side, 2 wrong usage, 3 not found, 4 refused by the \
        server, 5 server unreachable, 6 not logged in, 7 not allowed, 8 server not trusted, 130 Ctrl-C, 143 SIGTERM";
}

/// Why a command failed, and what to try.
#[derive(Debug)]
pub struct Failure {
    /// The code.
    pub exit: Exit,
    /// What went wrong.
    pub text: String,
    /// Canonical name of the server's error.
    pub error_id: Option<String>,
    /// What to try next.
    pub hint: Option<String>,
}

impl Failure {
    /// Of this kind, with these words.
    pub fn new(exit: Exit, text: impl Into<String>) -> Failure {
        Failure { exit, text: text.into(), error_id: None, hint: None }
    }

    /// A wrong command line.
    pub fn usage(text: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, text)
    }

    /// Somebody ended the run, while files moved or not; the server has heard of it or not.
    pub fn interrupted(interrupt: Interrupt, has_moved_files: bool, has_parted: bool) -> Failure {
        let exit = match interrupt {
            Interrupt::Keys => Exit::Interrupted,
            Interrupt::Terminate => Exit::Terminated,
        };
        match (has_moved_files, has_parted) {
            (_, false) => Failure::new(exit, "interrupted; the server may not have heard of it").hint(
                "`contentlib session ls` shows sessions that are still ACTIVE; they expire by themselves",
            ),
            (true, true) => {
                Failure::new(exit, "interrupted; the session is failed, nothing half done is left")
            }
            (false, true) => Failure::new(exit, "interrupted"),
        }
    }

    /// Says what to try next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }

    /// Says what helps against every error of this kind, if something does.
    fn hint_of_exit(self) -> Failure {
        match self.exit {
            Exit::Unauthenticated => self.hint("log in with `contentlib login`"),
            Exit::Unauthorized => self.hint("--user names another; the server's owner says who may"),
            _ => self,
        }
    }

    /// For programs; the shape is stable.
    pub fn to_json(&self) -> Value {
        json!({"error": {
            "message": self.text, "exit_code": self.exit as u8, "id": self.error_id, "hint": self.hint,
        }})
    }
}

impl Failure {
    /// For people.
    pub fn to_text(&self, has_colours: bool) -> String {
        let (red, cyan, plain) =
            if has_colours { ("\x1b[1;31m", "\x1b[36m", "\x1b[0m") } else { ("", "", "") };
        let mut text = format!("{red}error:{plain} {}", self.text);
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n{cyan}hint:{plain} {hint}"));
        }
        text
    }
}

impl From<TransferError> for Failure {
    fn from(error: TransferError) -> Failure {
        let text = error.to_string();
        let failure = match error.cause {
            Cause::Local(_) => Failure::new(Exit::Failed, text),
            Cause::Transport(cause) => Failure { text, ..of_transport(&cause) },
            Cause::Call { id, .. } => {
                let exit = of_error(id.as_deref()).unwrap_or(Exit::Failed);
                Failure { error_id: id, ..Failure::new(exit, text) }.hint_of_exit()
            }
            Cause::TookTooLong { .. } => {
                Failure::new(Exit::Unreachable, text).hint("the session has failed; try again")
            }
            _ => Failure::new(Exit::Refused, text),
        };
        match (&failure.hint, error.session) {
            (None, Some(session)) => {
                failure.hint(format!("`contentlib session show {session}` says how it ended"))
            }
            _ => failure,
        }
    }
}

/// What an error of the API comes to, by its canonical name.
fn of_error(id: Option<&str>) -> Option<Exit> {
    Some(match id?.rsplit('.').next()? {
        "not_found" => Exit::NotFound,
        "unauthenticated" => Exit::Unauthenticated,
        "unauthorized" => Exit::Unauthorized,
        _ => Exit::Refused,
    })
}

impl<E: OperationError> From<Error<E>> for Failure {
    fn from(error: Error<E>) -> Failure {
        if let Error::Transport(error) = &error {
            return of_transport(error);
        }
        let id = error.id().map(str::to_owned);
        let exit = of_error(id.as_deref()).unwrap_or(match &error {
            Error::Encode(_) | Error::NotInRelease { .. } => Exit::Usage,
            _ => Exit::Failed,
        });
        let failure = Failure { error_id: id, ..Failure::new(exit, error.to_string()) }.hint_of_exit();
        match failure.hint {
            None if error.is_retryable() => failure.hint("it may pass; try again"),
            _ => failure,
        }
    }
}

fn of_transport(error: &TransportError) -> Failure {
    let exit = match error.kind() {
        TransportErrorKind::Tls => Exit::Untrusted,
        TransportErrorKind::Misuse => Exit::Failed,
        _ => Exit::Unreachable,
    };
    let failure = Failure::new(exit, error.to_string());
    match error.thumbprint() {
        Some(thumbprint) => failure.hint(format!(
            "compare the thumbprint with what the server's owner says, then pin it: --thumbprint {thumbprint}"
        )),
        None if exit == Exit::Unreachable => failure.hint("is it the right server? --url names another"),
        None => failure,
    }
}
