//! What goes to the terminal: lines on stdout and stderr, in colour where a person reads them.
//!
//! Colour is used on a terminal unless `NO_COLOR` is set; a closed pipe (`| head`) ends output quietly.
//! Not here: what the lines say.

use std::fmt::Display;
use std::io::{IsTerminal, Write as _};

/// A line on stdout: what the command was asked for.
pub(crate) fn say(line: impl Display) {
    // A reader that went away is no failure of ours.
    let _closed_pipe = writeln!(std::io::stdout().lock(), "{line}");
}

/// Text on stdout exactly as it is.
pub(crate) fn say_exactly(text: &str) {
    let _closed_pipe = std::io::stdout().lock().write_all(text.as_bytes());
}

/// A line on stderr: progress and complaints.
pub(crate) fn note(line: impl Display) {
    let _closed_pipe = writeln!(std::io::stderr().lock(), "{line}");
}

/// Puts colour on text, or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    /// Whether there is colour at all.
    pub(crate) coloured: bool,
}

impl Paint {
    /// For text on stdout.
    pub(crate) fn stdout() -> Paint {
        Paint { coloured: wanted(std::io::stdout().is_terminal()) }
    }

    /// For text on stderr.
    pub(crate) fn stderr() -> Paint {
        Paint { coloured: wanted(std::io::stderr().is_terminal()) }
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn wanted(terminal: bool) -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    terminal && !no_color && !dumb
}
