//! `cargo xtask`: everything about this repository that touches disk and processes.
//!
//! In: a command line. Out: files, processes, text; exit code 1 where something is not as it should be, 2 where the
//! command line is not understood. The generator itself is a pure function in `codegen`; nothing here knows what it
//! generates, and nothing here depends on generated code.

mod bench;
mod check;
mod cli;
mod console;
mod contentlibd;
mod demo;
mod generate;
mod inspect;
mod interop;
mod owned;
mod pages;
mod stamp;
mod suggest;
mod tidy;
mod workspace;

use std::process::ExitCode;

use console::{Paint, note};

fn main() -> ExitCode {
    match cli::run(lexopt::Parser::from_env()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            note(format_args!("{}: {error:#}", Paint::stderr().red("error")));
            ExitCode::from(if error.is::<cli::Misunderstood>() { 2 } else { 1 })
        }
    }
}
