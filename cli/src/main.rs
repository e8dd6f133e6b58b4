//! The command `contentlib`: the process around [`contentlib::run`].
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use std::env;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use contentlib::{Surroundings, run};
use vapi::runtime::client::Http;

/// Where this system keeps configuration of users.
fn config_dir() -> Option<PathBuf> {
    let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = if cfg!(windows) {
        folder("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")))
    };
    base.map(|base| base.join("contentlib"))
}

fn stdin() -> io::Result<String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

fn main() -> ExitCode {
    let surroundings = Surroundings {
        env: Box::new(|name| env::var(name).ok()),
        config_dir: config_dir(),
        transport: Box::new(|options| Arc::new(Http::with_options(options))),
        stdin: Box::new(stdin),
        say: Arc::new(|line| {
            // Whoever does not read it misses nothing of the result.
            let _seen_or_not = writeln!(io::stderr(), "{line}");
        }),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: nothing can be awaited here: {error}");
            return ExitCode::FAILURE;
        }
    };
    let written = runtime.block_on(run(env::args_os(), &surroundings));
    // A reader that went away, `| head`, is no failure of ours.
    let _read_or_not = io::stdout().write_all(written.out.as_bytes());
    let _seen_or_not = io::stderr().write_all(written.err.as_bytes());
    ExitCode::from(written.code)
}
