//! The command `contentlib`: the process around [`contentlib::run`].
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command prints")]

use std::env;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use contentlib::{Ask, Interrupt, Surroundings, run, terminal};
use tokio::signal;
use vapi::runtime::client::{BoxFuture, Http};

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

/// Ctrl-C and SIGTERM, once one of them is sent; both end the process by themselves until somebody waits here.
fn interrupt() -> BoxFuture<'static, Interrupt> {
    Box::pin(async {
        #[cfg(unix)]
        if let Ok(mut terminate) = signal::unix::signal(signal::unix::SignalKind::terminate()) {
            return tokio::select! {
                _ = terminate.recv() => Interrupt::Terminate,
                () = keys() => Interrupt::Keys,
            };
        }
        keys().await;
        Interrupt::Keys
    })
}

async fn keys() {
    if signal::ctrl_c().await.is_err() {
        // Where nobody can wait for it, it ends the process by itself.
        std::future::pending::<()>().await;
    }
}

/// Asks the terminal, where there is one at standard input.
fn ask() -> Option<Ask> {
    #[cfg(unix)]
    return io::stdin().is_terminal().then(|| Box::new(terminal::ask) as Ask);
    #[cfg(not(unix))]
    None
}

fn main() -> ExitCode {
    let surroundings = Surroundings {
        env: Box::new(|name| env::var(name).ok()),
        config_dir: config_dir(),
        transport: Box::new(|options| Arc::new(Http::with_options(options))),
        stdin: Arc::new(stdin),
        ask: ask(),
        say: Arc::new(|line| {
            // Whoever does not read it misses nothing of the result.
            let _seen_or_not = writeln!(io::stderr(), "{line}");
        }),
        screen: terminal::screen(env::var("TERM").ok().as_deref()),
        interrupt: Box::new(interrupt),
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
    // A thread that still waits for standard input or a file holds nothing up.
    runtime.shutdown_background();
    ExitCode::from(written.code)
}
