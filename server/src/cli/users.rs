//! `contentlibd user`: users come, go, and get other passwords.
//!
//! A password is asked for on a terminal, twice and without echo; else it is a line of standard input, or of a file. It is
//! never on the command line, which others can see.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::domain::ids::Secret;
use crate::running::RunError;
use crate::users::file::{self, Directory, Edit, User};
use crate::users::password;
use crate::users::role::Role;

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Adds a user; asks for its password.
    Add {
        /// Name that it logs in with
        name: String,
        /// reader, publisher or administrator
        #[arg(long, default_value = "publisher")]
        role: Role,
        /// Reads the password from the first line of this file
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Gives a user another password.
    Passwd {
        /// Name that it logs in with
        name: String,
        /// Reads the password from the first line of this file
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
    },
    /// Removes a user; its sessions can do nothing more.
    Remove {
        /// Name that it logs in with
        name: String,
    },
    /// Lists users and their roles.
    List,
}

pub(super) fn run(command: &UserCommand, path: &Path) -> Result<(), RunError> {
    match command {
        UserCommand::List => {
            for user in Directory::read(path)?.users() {
                writeln!(io::stdout(), "{}\t{}", user.name, user.role).map_err(|error| failed(&error))?;
            }
            Ok(())
        }
        UserCommand::Remove { name } => Ok(file::edit(path, &Edit::Remove(name))?),
        UserCommand::Add { name, role, password_file } => {
            // Before a password is asked for.
            file::check_name(name)?;
            let hash = new_hash(name, password_file.as_deref())?;
            make_folder_of(path)?;
            Ok(file::edit(path, &Edit::Add(&User { name: name.clone(), role: *role, hash }))?)
        }
        UserCommand::Passwd { name, password_file } => {
            let hash = new_hash(name, password_file.as_deref())?;
            Ok(file::edit(path, &Edit::Hash(name, &hash))?)
        }
    }
}

/// On the first day there is no data directory yet.
fn make_folder_of(path: &Path) -> Result<(), RunError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| RunError::InTheWay(format!("cannot make {}: {error}", folder.display())))
}

fn new_hash(name: &str, password_file: Option<&Path>) -> Result<Secret, RunError> {
    let password = match password_file {
        Some(path) => first_line(
            &mut fs::read(path)
                .map_err(|error| {
                    RunError::Wrong(format!("the password file {} cannot be read: {error}", path.display()))
                })?
                .as_slice(),
        ),
        None if io::stdin().is_terminal() => ask_twice(name),
        None => first_line(&mut io::stdin().lock()),
    };
    let password = password.map_err(|error| failed(&error))?;
    password::check(&password).map_err(|error| RunError::Wrong(error.to_string()))?;
    password::hash(&password).map_err(|error| RunError::InTheWay(error.to_string()))
}

fn failed(error: &io::Error) -> RunError {
    RunError::InTheWay(error.to_string())
}

fn first_line(input: &mut dyn io::BufRead) -> io::Result<Secret> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).into())
}

fn ask_twice(name: &str) -> io::Result<Secret> {
    let first = ask(&format!("Password for {name}: "))?;
    if ask("Again: ")?.matches(&first) {
        Ok(first)
    } else {
        Err(io::Error::other("the two are not the same"))
    }
}

/// Asks on the terminal, which shows nothing of the answer.
fn ask(question: &str) -> io::Result<Secret> {
    let mut stdin = io::stdin().lock();
    let before = tcgetattr(&stdin)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    write!(io::stderr(), "{question}")?;
    tcsetattr(&stdin, OptionalActions::Flush, &silent)?;
    let answer = first_line(&mut stdin);
    // Whatever came of it, the terminal is as it was.
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    writeln!(io::stderr())?;
    answer
}
