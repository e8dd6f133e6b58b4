//! `completions` and `man`: what follows from the description of the command line.

use std::path::Path;

use super::Run;
use crate::args;
use crate::exit::{Exit, Failure};

pub(super) fn completions(run: &mut Run<'_>, shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "contentlib", &mut script);
    run.print_text(&String::from_utf8_lossy(&script));
    Ok(())
}

pub(super) fn man(run: &mut Run<'_>, dir: &Path) -> Result<(), Failure> {
    let written = std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(args::command(), dir));
    written.map_err(|error| {
        Failure::new(Exit::Failed, format!("{}: no man pages can be written: {error}", dir.display()))
    })?;
    run.done("written", &dir.display().to_string());
    Ok(())
}
