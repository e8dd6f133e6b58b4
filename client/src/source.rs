//! A file of this machine that is to be in an item: where it is, and what it is called there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::checksum::Checksum;

/// A file to send.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) checksum: Option<Checksum>,
}

impl Source {
    /// The file at this path, under this name in the item.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Source {
        Source { name: name.into(), path: path.into(), checksum: None }
    }

    /// The file at this path, under its own name; `None` for a path that has none, or one that is no text.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Option<Source> {
        let path = path.into();
        let name = path.file_name()?.to_str()?.to_owned();
        Some(Source::new(name, path))
    }

    /// The files of a folder, in the order of their names; folders in it and hidden files are left out, since an item has no
    /// place for them.
    ///
    /// # Errors
    /// When the folder cannot be read, or a name in it is no text.
    pub fn all_in(folder: impl AsRef<Path>) -> io::Result<Vec<Source>> {
        let mut sources = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if !path.is_file() {
                continue;
            }
            let no_text = || {
                let words = format!("{} has a name that is no text", path.display());
                io::Error::new(io::ErrorKind::InvalidData, words)
            };
            let source = Source::at(&path).ok_or_else(no_text)?;
            if !source.name.starts_with('.') {
                sources.push(source);
            }
        }
        sources.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(sources)
    }

    /// Where it is on this machine.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is called in the item.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Says a checksum that is known of it, so that it need not be read twice.
    #[must_use]
    pub fn checksum(mut self, checksum: Checksum) -> Source {
        self.checksum = Some(checksum);
        self
    }
}
