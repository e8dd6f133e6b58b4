//! What the last `gen` saw and left, so that a run with nothing to do is over before the generator starts.
//!
//! In: the spec's texts and the owned files' sizes and times. Out: whether they are those of the last run.
//! The stamp lies beside the program in the build folder, never in the repository; without one, or with another
//! program, everything is generated and compared. `gen --check` never asks it.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use vapi_codegen::Source;

use crate::owned::owned_files;
use crate::workspace::Places;

/// Whether this program, with this spec, left just these files; any doubt is a no.
pub(crate) fn is_current(places: &Places, sources: &[Source]) -> bool {
    let (Ok(file), Ok(state)) = (stamp_file(places), state(places, sources)) else { return false };
    fs::read_to_string(file).is_ok_and(|stamp| stamp == state)
}

/// Notes what is there now, after a run that made it so.
pub(crate) fn remember(places: &Places, sources: &[Source]) -> Result<()> {
    let file = stamp_file(places)?;
    fs::write(&file, state(places, sources)?).with_context(|| file.display().to_string())
}

fn stamp_file(places: &Places) -> Result<PathBuf> {
    let program = std::env::current_exe().context("this program's own path")?;
    let folder = program.parent().context("this program is in a folder")?;
    let mut hasher = DefaultHasher::new();
    for place in [&places.spec, &places.out] {
        place.canonicalize().with_context(|| place.display().to_string())?.hash(&mut hasher);
    }
    Ok(folder.join(format!("gen-{:016x}.stamp", hasher.finish())))
}

/// Everything that decides the outcome, and the outcome's own sizes and times, as one number.
fn state(places: &Places, sources: &[Source]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hash_file(&std::env::current_exe()?, &mut hasher)?;
    for Source { path, text } in sources {
        (path, text).hash(&mut hasher);
    }
    for (path, file) in owned_files(&places.out)? {
        path.hash(&mut hasher);
        hash_file(&file, &mut hasher)?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn hash_file(file: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    let metadata = fs::symlink_metadata(file)?;
    metadata.len().hash(hasher);
    metadata.modified()?.duration_since(UNIX_EPOCH)?.hash(hasher);
    Ok(())
}
