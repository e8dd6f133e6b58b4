//! Who may log in: a file of users with the hashes of their passwords, and what is asked of it.
//!
//! [`mod@file`] is the file as text, [`password`] hashes and verifies, [`role`] says who may do what, [`authenticator`] puts
//! them behind the router's login. [`Users`] is the file as it is now: it is looked at whenever something is asked, and
//! read again when it has changed, so that `contentlibd user` needs no running server and no signal.

pub mod authenticator;
pub mod file;
pub mod password;
pub mod role;
pub(crate) mod verified;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use file::{Directory, UsersError};
use role::Role;

/// The users of a file. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct Users(Arc<Watched>);

struct Watched {
    path: PathBuf,
    seen: Mutex<Seen>,
}

/// What was read, and when the file that it was read from was written.
struct Seen {
    mark: Option<Mark>,
    directory: Arc<Directory>,
}

/// Tells one state of a file from another: an edit in place by its time and size, a replacement by its inode.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    modified: SystemTime,
    n_bytes: u64,
    inode: u64,
}

impl Users {
    /// The users of this file. A file that is not there has none, until it is.
    pub fn open(path: &Path) -> Result<Users, UsersError> {
        // Looked at first: a change between the two shows at the next look.
        let mark = mark(path).map_err(|source| UsersError::unreadable(path, source))?;
        let directory = Arc::new(Directory::read(path)?);
        let seen = Mutex::new(Seen { mark, directory });
        Ok(Users(Arc::new(Watched { path: path.to_owned(), seen })))
    }

    /// The users as the file has them now. While it cannot be read, those it had: a slip of an editor locks nobody out.
    pub fn current(&self) -> Arc<Directory> {
        let Watched { path, seen } = &*self.0;
        let now = mark(path);
        // Nothing is left half done in there, so a panic elsewhere leaves it as good as it was.
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match now {
            Ok(now) if now == seen.mark => {}
            Ok(now) => {
                seen.mark = now;
                match Directory::read(path) {
                    Ok(directory) => {
                        tracing::info!(n_users = directory.users().len(), "the users have changed");
                        seen.directory = Arc::new(directory);
                    }
                    Err(error) => tracing::error!("the users stay as they were: {error}"),
                }
            }
            Err(error) => tracing::error!("the users stay as they were: {}: {error}", path.display()),
        }
        Arc::clone(&seen.directory)
    }

    /// What a user is, by the name it logged in with; nothing, if it was removed meanwhile.
    pub fn role_of(&self, name: &str) -> Option<Role> {
        self.current().find(name).map(|user| user.role)
    }
}

fn mark(path: &Path) -> io::Result<Option<Mark>> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata?,
    };
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Ok(Some(Mark { modified: metadata.modified()?, n_bytes: metadata.len(), inode }))
}
