//! The users file: a line `name:role:hash` for each user, `#` before what is for people.
//!
//! Lines that an edit is not about stay as they are, comments too. An edit writes the whole file beside the old one, which only
//! its owner may read, and puts it in its place; whoever reads meanwhile sees the old one or the new one.
//! Two edits at once wait for each other. Not here: passwords, which come hashed.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::password;
use super::role::Role;
use crate::domain::ids::Secret;
use crate::private_file;

const NAME_BYTES_MAX: usize = 64;
const HEAD: &str =
    "# Users of contentlibd: name, role and hash of the password. Change it with `contentlibd user`.\n";

/// One user.
#[derive(Clone, Debug)]
pub struct User {
    /// The name, as it is shown; case does not count.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The hash of its password.
    pub hash: Secret,
}

/// The users of a file.
#[derive(Clone, Default)]
pub struct Directory {
    text: String,
    users: Vec<User>,
}

/// Why users cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// The system refused something.
    #[error("cannot {what} the users file {}: {source}", path.display())]
    Refused {
        /// What.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line says nothing that can be understood.
    #[error("{}:{line}: {what}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// The name can be nobody's.
    #[error(
        "`{0}` cannot be a user's name: letters, digits and any of `. _ - @ +` can, {NAME_BYTES_MAX} at most, a letter or digit first"
    )]
    Name(String),
    /// There is one of this name.
    #[error("there is a user `{0}` already; `contentlibd user passwd` gives it another password")]
    Taken(String),
    /// There is none of this name.
    #[error("there is no user `{0}`; `contentlibd user list` shows who is there")]
    Unknown(String),
}

impl UsersError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> UsersError {
        UsersError::Refused { what: "read", path: path.to_owned(), source }
    }
}

impl Directory {
    /// The users of a file; none, if it is not there.
    pub fn read(path: &Path) -> Result<Directory, UsersError> {
        match fs::read_to_string(path) {
            Ok(text) => Directory::parse(text).map_err(|(line, what)| {
                let path = path.to_owned();
                UsersError::Line { path, line, what }
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Directory::default()),
            Err(error) => Err(UsersError::unreadable(path, error)),
        }
    }

    fn parse(text: String) -> Result<Directory, (usize, String)> {
        let mut users: Vec<User> = Vec::new();
        for (line_idx, line) in text.lines().enumerate() {
            let Some(user) = parse_line(line).map_err(|what| (line_idx + 1, what))? else { continue };
            if users.iter().any(|other| is_same(&other.name, &user.name)) {
                return Err((line_idx + 1, format!("`{}` is there twice", user.name)));
            }
            users.push(user);
        }
        Ok(Directory { text, users })
    }

    /// All of them, in the file's order.
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// The user of this name.
    pub fn find(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| is_same(&user.name, name))
    }

    /// The text with this user's line replaced, or gone.
    fn with_line_of(&self, name: &str, new: Option<&User>) -> String {
        let is_of = |line: &str| matches!(parse_line(line), Ok(Some(user)) if is_same(&user.name, name));
        let mut text = String::new();
        for line in self.text.lines() {
            match new {
                Some(user) if is_of(line) => text.push_str(&line_of(user)),
                None if is_of(line) => continue,
                _ => text.push_str(line),
            }
            text.push('\n');
        }
        text
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("users", &self.users).finish_non_exhaustive()
    }
}

/// A change of the file.
pub enum Edit<'a> {
    /// A user more.
    Add(&'a User),
    /// A user less.
    Remove(&'a str),
    /// Another password for a user.
    Hash(&'a str, &'a Secret),
}

/// Changes the file, which is made if it is not there.
pub fn edit(path: &Path, edit: &Edit<'_>) -> Result<(), UsersError> {
    let refused = |what| {
        let path = path.to_owned();
        move |source| UsersError::Refused { what, path, source }
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // The file itself is replaced, so a lock on it would be one on a file that is gone.
    let lock = File::open(folder).map_err(refused("find the folder of"))?;
    lock.lock().map_err(refused("lock"))?;
    let directory = Directory::read(path)?;
    let known = |name: &str| directory.find(name).ok_or_else(|| UsersError::Unknown(name.to_owned()));
    let text = match edit {
        Edit::Add(user) => {
            check_name(&user.name)?;
            if directory.find(&user.name).is_some() {
                return Err(UsersError::Taken(user.name.clone()));
            }
            let mut text = directory.with_line_of(&user.name, None);
            if text.is_empty() {
                text.push_str(HEAD);
            }
            text + &line_of(user) + "\n"
        }
        Edit::Remove(name) => {
            known(name)?;
            directory.with_line_of(name, None)
        }
        Edit::Hash(name, hash) => {
            let user = User { hash: (*hash).clone(), ..known(name)?.clone() };
            directory.with_line_of(name, Some(&user))
        }
    };
    private_file::put(path, &text).map_err(refused("write"))?;
    lock.sync_all().map_err(refused("write"))
}

fn line_of(user: &User) -> String {
    format!("{}:{}:{}", user.name, user.role, user.hash.reveal())
}

/// The user of a line, if it is not for people. What is wrong is said without the hash.
fn parse_line(line: &str) -> Result<Option<User>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let mut parts = line.splitn(3, ':');
    let (Some(name), Some(role), Some(hash)) = (parts.next(), parts.next(), parts.next()) else {
        return Err("a line is `name:role:hash`".to_owned());
    };
    check_name(name).map_err(|error| error.to_string())?;
    let role = role.parse()?;
    if !password::is_hash(hash) {
        return Err(format!("what stands for the password of `{name}` is no argon2id hash"));
    }
    Ok(Some(User { name: name.to_owned(), role, hash: hash.into() }))
}

/// Refuses what cannot be a user's name.
pub fn check_name(name: &str) -> Result<(), UsersError> {
    let may_stand = |c: char| c.is_ascii_alphanumeric() || "._-@+".contains(c);
    let is_good = name.len() <= NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(may_stand);
    if is_good { Ok(()) } else { Err(UsersError::Name(name.to_owned())) }
}

fn is_same(left: &str, right: &str) -> bool {
    left.eq_ignore_ascii_case(right)
}
