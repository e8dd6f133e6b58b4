//! Exchanges for people: the bytes as they went over the socket, marked `>` to the server and `<` back.
//!
//! In: recorded bytes. Out: text, coloured where it goes to a terminal and `NO_COLOR` is not set.
//! Nothing is laid out anew: a line here is a line there, and a character that would not show is written `\u{..}`.
//! The carriage return that ends every line of an HTTP head is the one thing left out.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;

use crate::cases::Case;
use crate::tap::Recorded;

const TO_SERVER: &str = "36";
const TO_CLIENT: &str = "33";
const GOOD: &str = "32";
const BAD: &str = "31";
const BOLD: &str = "1";

/// Where the text goes.
pub(crate) struct Show<W> {
    pub(crate) out: W,
    pub(crate) coloured: bool,
}

impl Show<std::io::Stdout> {
    pub(crate) fn stdout() -> Self {
        let out = std::io::stdout();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
        let coloured = out.is_terminal() && !no_color && !dumb;
        Show { out, coloured }
    }
}

impl<W: Write> Show<W> {
    pub(crate) fn title(&mut self, server: SocketAddr, n_cases: usize) {
        self.line(&format!("contentlibd listens on {server}; the generated client calls it."));
        self.line(&format!(
            "Here are {n_cases} calls as they went over the socket: `>` to the server, `<` back."
        ));
    }

    /// The bytes of one exchange under the case's name.
    pub(crate) fn exchange(&mut self, case: &Case, recorded: &Recorded) {
        self.line("");
        self.painted(BOLD, &format!("== {case}"));
        self.message('>', TO_SERVER, &recorded.request);
        self.message('<', TO_CLIENT, &recorded.reply);
    }

    /// What there is to say of a case.
    pub(crate) fn verdict(&mut self, case: &Case, surprises: &[String]) {
        if surprises.is_empty() {
            self.painted(GOOD, &format!("as expected: {}", case.expectation()));
        }
        for surprise in surprises {
            self.painted(BAD, &format!("NOT AS EXPECTED: {surprise}"));
        }
    }

    pub(crate) fn summary(&mut self, n_cases: usize, n_surprises: usize) {
        self.line("");
        match n_surprises {
            0 => self.painted(GOOD, &format!("{n_cases} calls, all as expected")),
            _ => self.painted(BAD, &format!("{n_cases} calls, {n_surprises} things not as expected")),
        }
    }

    fn message(&mut self, mark: char, colour: &str, bytes: &[u8]) {
        for line in lines(bytes) {
            self.painted(colour, format!("{mark} {line}").trim_end_matches(' '));
        }
    }

    fn painted(&mut self, code: &str, text: &str) {
        if self.coloured {
            self.line(&format!("\u{1b}[{code}m{text}\u{1b}[0m"));
        } else {
            self.line(text);
        }
    }

    fn line(&mut self, text: &str) {
        // A reader that went away is no failure of ours.
        let _closed_pipe = writeln!(self.out, "{text}");
    }
}

/// A message's lines: the head's without their line ends, the body's with everything that would not show written out.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines: Vec<String> = head.split("\r\n").map(visible).collect();
    lines.push(String::new());
    if !body.is_empty() {
        lines.extend(body.split('\n').map(visible));
    }
    lines
}

fn visible(line: &str) -> String {
    let mut shown = String::new();
    for c in line.chars() {
        if c.is_control() { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line() {
        let shown = lines(b"POST /a HTTP/1.1\r\nhost: x\r\n\r\na\nb\r\x07");
        assert_eq!(shown, ["POST /a HTTP/1.1", "host: x", "", "a", "b\\u{d}\\u{7}"]);
        assert_eq!(lines(b"HTTP/1.1 200 OK\r\n\r\n"), ["HTTP/1.1 200 OK", ""]);
    }
}
