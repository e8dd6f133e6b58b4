//! What an upload has to do: which files, in which order, with which checksums.
//!
//! A package's descriptor goes before everything that it speaks of, so that what is missing shows before gigabytes have moved.
//! What vouches for the descriptor, manifest and certificate, is announced before it, as servers want it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use crate::checksum::Checksum;
use crate::error::{Cause, TransferError};
use crate::manifest;
use crate::source::Source;

/// What an upload has to do.
pub(super) struct Plan {
    /// What speaks of other files, in the order in which it is announced; it is sent the other way round.
    pub(super) lead: Vec<Planned>,
    /// Everything else.
    pub(super) rest: Vec<Planned>,
    /// How many bytes there are.
    pub(super) n_bytes: u64,
}

/// A file that is there and can be opened.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) n_bytes: u64,
    /// What its bytes hash to, if that is known without reading them.
    pub(super) checksum: Option<Checksum>,
}

impl Plan {
    /// Looks at all of the files; nothing is made of an upload of which one cannot be read.
    pub(super) async fn of(sources: Vec<Source>) -> Result<Plan, TransferError> {
        let planned = spawn_blocking(move || {
            let manifested = manifested(&sources)?;
            let (mut lead, mut rest, mut n_bytes) = (Vec::new(), Vec::new(), 0);
            for source in sources {
                let known = manifested.get(&source.name).cloned();
                let planned = planned(source, known)?;
                n_bytes += planned.n_bytes;
                if rank(&planned.name).is_some() { &mut lead } else { &mut rest }.push(planned);
            }
            lead.sort_by_key(|planned| rank(&planned.name));
            Ok(Plan { lead, rest, n_bytes })
        });
        planned.await.unwrap_or_else(|panic| Err(Cause::Local(io::Error::other(panic)).into()))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Planned> {
        self.lead.iter().chain(&self.rest)
    }

    /// Whether a descriptor will say what else belongs to the item.
    pub(super) fn has_descriptor(&self) -> bool {
        self.lead.iter().any(|planned| has_extension(&planned.name, "ovf"))
    }

    /// What an item of these files is, where that shows: servers look into packages only if they are called that.
    pub(super) fn item_type(&self) -> Option<&'static str> {
        let is_any = |extension| self.all().any(|planned| has_extension(&planned.name, extension));
        if is_any("ovf") || is_any("ova") {
            return Some("ovf");
        }
        is_any("iso").then_some("iso")
    }
}

/// What manifests say, if there is a descriptor: without one they are files like any other.
fn manifested(sources: &[Source]) -> Result<BTreeMap<String, Checksum>, TransferError> {
    let mut checksums = BTreeMap::new();
    if sources.iter().any(|source| has_extension(&source.name, "ovf")) {
        for source in sources.iter().filter(|source| has_extension(&source.name, "mf")) {
            let read = manifest::read(&source.path);
            checksums.extend(read.map_err(|error| Cause::Local(error).with(&source.name))?);
        }
    }
    Ok(checksums)
}

fn planned(source: Source, known: Option<Checksum>) -> Result<Planned, TransferError> {
    let Source { name, path, checksum } = source;
    let n_bytes = File::open(&path).and_then(|file| {
        let metadata = file.metadata()?;
        if metadata.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(metadata.len()) }
    });
    match n_bytes {
        Ok(n_bytes) => Ok(Planned { name, path, n_bytes, checksum: checksum.or(known) }),
        Err(error) => Err(Cause::Local(error).with(&name)),
    }
}

/// The place of a file that speaks of others.
fn rank(name: &str) -> Option<usize> {
    ["cert", "mf", "ovf"].into_iter().position(|extension| has_extension(name, extension))
}

pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    let own = Path::new(name).extension().and_then(|own| own.to_str());
    own.is_some_and(|own| own.eq_ignore_ascii_case(extension))
}
