//! Load on contentlibd over loopback, one measurement a process; `cargo xtask bench --only server` starts the server and these.
//!
//! `library calls URL USER PASSWORD PID CALL N_CLIENTS N` calls on kept connections, `library upload|download URL USER PASSWORD
//! PID N_BYTES` sends and fetches a file, `library slow URL USER PASSWORD N_UPLOADS` calls while many slow uploads are under
//! way; `library disk FOLDER N_BYTES`, `library read FILE` and `library hash N_BYTES` are what the server's figures are
//! compared with. `library file PATH N_BYTES` makes a file, and `library send-to|fetch-from URL USER PASSWORD N_BYTES` says where
//! another client may send it or fetch it.
//! Out: a line of figures with tabs between them. Not here: how often, and the goals, which are xtask's.

mod bytes;
mod calls;
mod connection;
mod limits;
mod slow;
mod stage;
mod watched;

use std::error::Error;
use std::process::ExitCode;

use stage::Stage;
use watched::Watched;

const USAGE: &str = "usage: library calls URL USER PASSWORD PID CALL N_CLIENTS N | upload|download URL USER PASSWORD PID N_BYTES \
                     | slow URL USER PASSWORD N_UPLOADS \
                     | send-to|fetch-from URL USER PASSWORD N_BYTES | file PATH N_BYTES | disk FOLDER N_BYTES | read FILE | hash N_BYTES | hash-file FILE";

/// What a measurement came to.
type Figures = Result<String, Box<dyn Error>>;

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for another program")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("library {}: {why}", arguments.first().unwrap_or(&""));
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say.
fn run(arguments: &[&str]) -> Figures {
    match *arguments {
        ["calls", url, user, password, pid, call, n_clients, n] => {
            let stage = Stage::set_up(url, user, password)?;
            calls::calls(&stage, &Watched::new(pid)?, call, n_clients.parse()?, n.parse()?)
        }
        ["upload", url, user, password, pid, n_bytes] => {
            bytes::upload(&Stage::set_up(url, user, password)?, &Watched::new(pid)?, n_bytes.parse()?)
        }
        ["download", url, user, password, pid, n_bytes] => {
            bytes::download(&Stage::set_up(url, user, password)?, &Watched::new(pid)?, n_bytes.parse()?)
        }
        ["slow", url, user, password, n_uploads] => {
            slow::slow(&Stage::set_up(url, user, password)?, n_uploads.parse()?)
        }
        ["send-to", url, user, password, n_bytes] => {
            bytes::send_to(&Stage::set_up(url, user, password)?, n_bytes.parse()?)
        }
        ["fetch-from", url, user, password, n_bytes] => {
            bytes::fetch_from(&Stage::set_up(url, user, password)?, n_bytes.parse()?)
        }
        ["file", path, n_bytes] => limits::file(path.as_ref(), n_bytes.parse()?),
        ["disk", folder, n_bytes] => limits::disk(folder.as_ref(), n_bytes.parse()?),
        ["read", file] => limits::read(file.as_ref()),
        ["hash-file", file] => limits::hash_file(file.as_ref()),
        ["hash", n_bytes] => limits::hash(n_bytes.parse()?),
        _ => Err(USAGE.into()),
    }
}
