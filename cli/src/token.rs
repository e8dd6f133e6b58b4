//! The session that `login` leaves for later commands: one file that nobody else can read.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is kept.
#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Token {
    /// Root of the server.
    pub url: String,
    /// Identifier of the login session.
    pub session: String,
    /// The certificate that was pinned.
    pub thumbprint: Option<String>,
}

/// The session is a secret.
impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("url", &self.url).finish_non_exhaustive()
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("session.json")
}

/// Reads it; none where nobody logged in.
///
/// # Errors
/// When the file is there and cannot be read, or is none of ours.
pub fn read(dir: &Path) -> io::Result<Option<Token>> {
    match fs::read(file(dir)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes it, for its owner's eyes from the first byte on, and puts it in place as a whole.
///
/// # Errors
/// As the file system's.
pub fn write(dir: &Path, token: &Token) -> io::Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let unfinished = dir.join(format!("session.{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&unfinished).and_then(|mut out| {
        out.write_all(&serde_json::to_vec(token)?)?;
        out.sync_all()
    });
    written.and_then(|()| fs::rename(&unfinished, file(dir))).inspect_err(|_| {
        // What is left would be in the way of the next try.
        let _gone_or_not = fs::remove_file(&unfinished);
    })?;
    Ok(file(dir))
}

/// Forgets it.
///
/// # Errors
/// As the file system's, but for a file that is not there.
pub fn remove(dir: &Path) -> io::Result<()> {
    match fs::remove_file(file(dir)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
