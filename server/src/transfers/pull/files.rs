//! Files of this machine that an update session may take: those below folders that the settings name, and no others.
//!
//! In: a `file:` address. Out: the file's bytes in pieces, or words that end a sentence. The way to a file is gone folder
//! by folder, each opened in the one before and none through a symbolic link; so a link that is put in the way meanwhile
//! leads nowhere either. Whether the caller may read storage at all was decided before.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use percent_encoding::percent_decode_str;
use rustix::fs::{Mode, OFlags, open as open_path, openat};
use rustix::io::Errno;

/// How many bytes are read at once.
const CHUNK_BYTES: u64 = 1 << 20;

/// A file that is being read.
pub(super) struct Reading {
    file: File,
    /// How it was when it was opened.
    state: State,
}

/// What is different when a file was written to.
type State = (u64, Option<SystemTime>);

/// Opens the file at a `file:` address.
pub(super) fn open(uri: &str, roots: &[PathBuf]) -> Result<Reading, String> {
    if roots.is_empty() {
        return Err(
            "this server reads no files of its own machine; send the file (PUSH), or have the server's \
                    administrator name its folder in pull.file_roots"
                .to_owned(),
        );
    }
    let path = path_of(uri)?;
    let inside = roots.iter().find_map(|root| Some((root, path.strip_prefix(root).ok()?)));
    let (root, inside) = inside.filter(|(_, inside)| !inside.as_os_str().is_empty()).ok_or_else(|| {
        format!(
            "{} is in no folder that this server reads; the server's administrator names them in pull.file_roots",
            path.display()
        )
    })?;
    let file = walk(root, inside)?;
    let words = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    let state = state_of(&file).map_err(words)?;
    Ok(Reading { file, state })
}

fn path_of(uri: &str) -> Result<PathBuf, String> {
    let bad =
        |fault: &str| format!("{uri:?} names no file: {fault}; it has to be like file:///srv/images/vm.ova");
    let rest = uri.get(5..).unwrap_or_default();
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(rest) => {
            let slash = rest.find('/').ok_or_else(|| bad("it has no path"))?;
            let host = &rest[..slash];
            if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
                return Err(bad("it is of another machine"));
            }
            &rest[slash..]
        }
    };
    if path.contains(['?', '#']) {
        return Err(bad("it has a query or a fragment"));
    }
    let bytes: Vec<u8> = percent_decode_str(path).collect();
    let path = PathBuf::from(OsStr::from_bytes(&bytes));
    let is_plain = |part: Component<'_>| matches!(part, Component::RootDir | Component::Normal(_));
    if bytes.contains(&0) || !path.is_absolute() || !path.components().all(is_plain) {
        return Err(bad("its path is not a plain one from the root"));
    }
    Ok(path)
}

/// Goes from a folder to a file below it.
fn walk(root: &Path, inside: &Path) -> Result<File, String> {
    let folder = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    // A pipe or a terminal must not hold up or take over whoever opens it.
    let file = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let words = |so_far: &Path, errno: Errno| {
        let fault = match errno {
            Errno::NOENT => "it is not there".to_owned(),
            Errno::LOOP | Errno::NOTDIR => {
                "it is a symbolic link, or no folder; links are not followed".to_owned()
            }
            Errno::ACCESS | Errno::PERM => "the server may not".to_owned(),
            errno => io::Error::from(errno).to_string(),
        };
        format!("{} cannot be opened: {fault}", so_far.display())
    };
    let mut at: OwnedFd = open_path(root, folder, Mode::empty()).map_err(|errno| words(root, errno))?;
    let mut so_far = root.to_owned();
    let mut parts = inside.components().peekable();
    while let Some(part) = parts.next() {
        so_far.push(part);
        let flags = if parts.peek().is_some() { folder } else { file } | OFlags::NOFOLLOW;
        at = openat(&at, part.as_os_str(), flags, Mode::empty()).map_err(|errno| words(&so_far, errno))?;
    }
    let file = File::from(at);
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if is_file { Ok(file) } else { Err(format!("{} is no file", so_far.display())) }
}

fn state_of(file: &File) -> io::Result<State> {
    let metadata = file.metadata()?;
    Ok((metadata.len(), metadata.modified().ok()))
}

impl Reading {
    /// What comes next; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Bytes, String> {
        let words = |error: io::Error| format!("the file cannot be read: {error}");
        let mut chunk = Vec::new();
        (&self.file).take(CHUNK_BYTES).read_to_end(&mut chunk).map_err(words)?;
        if chunk.is_empty() && state_of(&self.file).map_err(words)? != self.state {
            return Err("the file was written to while it was read; add it again when it is whole".to_owned());
        }
        Ok(chunk.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_address_is_a_plain_path() {
        for (uri, path) in [
            ("file:///srv/a.iso", Some("/srv/a.iso")),
            ("FILE://LOCALHOST/srv/a%20b.iso", Some("/srv/a b.iso")),
            ("file:/srv/a.iso", Some("/srv/a.iso")),
            ("file:///srv//a.iso", Some("/srv//a.iso")),
            ("file://elsewhere/srv/a.iso", None),
            ("file:srv/a.iso", None),
            ("file://", None),
            ("file:///srv/../etc/passwd", None),
            ("file:///srv/%2e%2e/etc/passwd", None),
            ("file:///srv/%2E%2E%2fetc/passwd", None),
            ("file:///srv/a%00b", None),
            ("file:///srv/a?b", None),
        ] {
            assert_eq!(path_of(uri).ok(), path.map(PathBuf::from), "{uri}");
        }
    }
}
