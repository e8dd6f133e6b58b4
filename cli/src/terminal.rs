//! The terminal that this process was started from: how wide it is, and questions whose answers it does not show.
//!
//! For the program; tests of commands have none.

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;

use vapi::runtime::client::BoxFuture;

use crate::Screen;

/// Where a terminal says nothing of its width.
const N_COLUMNS: usize = 80;

/// Standard error, where it is a terminal that can move its cursor.
#[must_use]
pub fn screen(term: Option<&str>) -> Option<Arc<dyn Screen>> {
    let moves_cursor = term != Some("dumb");
    (moves_cursor && io::stderr().is_terminal()).then(|| Arc::new(Stderr) as Arc<dyn Screen>)
}

struct Stderr;

impl Screen for Stderr {
    fn n_columns(&self) -> usize {
        #[cfg(unix)]
        let told = rustix::termios::tcgetwinsize(io::stderr()).ok().map(|size| usize::from(size.ws_col));
        #[cfg(not(unix))]
        let told = None;
        told.filter(|&n_columns| n_columns > 0).unwrap_or(N_COLUMNS)
    }

    fn write(&self, text: &str) {
        let mut stderr = io::stderr().lock();
        // Whoever does not see it misses nothing of the result.
        let _seen_or_not = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
    }
}

/// Asks on the terminal that standard input is; the answer is not shown, and however the waiting ends, the terminal is as it
/// was before.
#[cfg(unix)]
pub fn ask(question: &str) -> BoxFuture<'static, io::Result<String>> {
    let silent = Silent::begin(question);
    Box::pin(async move {
        let silent = silent?;
        // A thread of its own: nothing else can end while this waits for keys.
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|_| line)
        });
        let answer = answer.await.map_err(io::Error::other).flatten();
        drop(silent);
        answer
    })
}

/// A terminal without echo, until this is dropped.
#[cfg(unix)]
struct Silent(rustix::termios::Termios);

#[cfg(unix)]
impl Silent {
    fn begin(question: &str) -> io::Result<Silent> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        write!(io::stderr(), "{question}")?;
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Silent(before))
    }
}

#[cfg(unix)]
impl Drop for Silent {
    fn drop(&mut self) {
        // A terminal that is gone needs no echo, and the newline was not shown either.
        let _restored_or_gone =
            rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Flush, &self.0);
        let _seen_or_not = writeln!(io::stderr());
    }
}
