//! A file of this machine that is to be in an item: its name there, its size, its checksum.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use crate::error::{Cause, TransferError};

/// Bytes that are read at once.
pub(crate) const CHUNK_BYTES: usize = 256 << 10;

/// A file to send.
#[derive(Clone, Debug)]
pub struct Source {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    sha256: Option<String>,
}

impl Source {
    /// The file at this path, under this name in the item.
    #[must_use]
    pub fn new(name: impl Into<String>, path: impl Into<PathBuf>) -> Source {
        Source { name: name.into(), path: path.into(), sha256: None }
    }

    /// The file at this path, under its own name; `None` for a path that has none, or one that is no text.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Option<Source> {
        let path = path.into();
        let name = path.file_name()?.to_str()?.to_owned();
        Some(Source::new(name, path))
    }

    /// Where it is on this machine.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Says the SHA-256 that is known of it, in hexadecimal digits, so that it need not be read twice.
    #[must_use]
    pub fn sha256(mut self, hex: impl Into<String>) -> Source {
        self.sha256 = Some(hex.into());
        self
    }

    /// An OVF descriptor says what else belongs to the item, so it goes first; what vouches for it is next.
    pub(crate) fn rank(&self) -> u8 {
        let extension = Path::new(&self.name).extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("ovf") => 0,
            Some("mf" | "cert") => 1,
            _ => 2,
        }
    }

    /// Finds out what is announced of it. The file is read for that before it is sent: only a checksum that the server
    /// knows beforehand keeps wrong bytes from ever being ready.
    pub(crate) async fn survey(self) -> Result<Surveyed, TransferError> {
        let name = self.name.clone();
        let surveyed = spawn_blocking(move || {
            let mut file = File::open(&self.path)?;
            let (n_bytes, sha256) = match self.sha256 {
                Some(sha256) => (file.metadata()?.len(), sha256),
                None => read_through(&mut file)?,
            };
            Ok(Surveyed { name: self.name, path: self.path, n_bytes, sha256 })
        });
        let surveyed = surveyed.await.map_err(io::Error::other).flatten();
        surveyed.map_err(|error| Cause::Local(error).with(&name))
    }
}

/// A file to send, and what is announced of it.
#[derive(Clone, Debug)]
pub(crate) struct Surveyed {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) n_bytes: u64,
    pub(crate) sha256: String,
}

fn read_through(file: &mut File) -> io::Result<(u64, String)> {
    let (mut digest, mut n_bytes) = (Sha256::new(), 0);
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let n_read = file.read(&mut chunk)?;
        if n_read == 0 {
            return Ok((n_bytes, hex(&digest.finalize())));
        }
        digest.update(&chunk[..n_read]);
        n_bytes += n_read as u64;
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
