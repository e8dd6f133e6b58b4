//! Blobs that nothing refers to any more, until their bytes are erased.
//!
//! A blob stands in exactly one place: with a file of an item, with a file of an update session, or here (`no-orphans`).
//! So whatever is erased was given up by a decision that was kept, and whatever was given up is found here after a crash.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::decision::{Command, Draft, Effect, Stop};
use super::ids::{BlobId, DownloadSessionId, Time};
use super::refusal::Refusal;

/// A blob to be erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreedBlob {
    /// The blob.
    pub id: BlobId,
    /// Since when nothing refers to it.
    pub since: Time,
    /// Download sessions that still offer it. It is not to be erased before all of them have ended.
    pub readers: BTreeSet<DownloadSessionId>,
}

/// The bytes of these blobs are gone.
#[derive(Clone, Debug)]
pub struct ForgetBlobs {
    /// Which blobs; those that are not known any more do no harm.
    pub blobs: Vec<BlobId>,
}

impl Command for ForgetBlobs {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        for blob in &self.blobs {
            match draft.get::<FreedBlob>(blob)? {
                None => {}
                Some(freed) if freed.readers.is_empty() => draft.remove::<FreedBlob>(blob),
                Some(_) => return Err(Refusal::blob_is_read(blob).into()),
            }
        }
        Ok(())
    }
}

/// These blobs are there yet, though nobody needs them: they are to be erased, after whatever else was decided before.
#[derive(Clone, Debug)]
pub struct EraseBlobs {
    /// Which blobs; those that were erased meanwhile do no harm.
    pub blobs: Vec<BlobId>,
}

impl Command for EraseBlobs {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        for blob in &self.blobs {
            if draft.get::<FreedBlob>(blob)?.is_some_and(|freed| freed.readers.is_empty()) {
                draft.effect(Effect::Erase(blob.clone()));
            }
        }
        Ok(())
    }
}

/// A download session does not need these blobs any more.
pub(super) fn stop_reading<'b>(
    draft: &mut Draft<'_>,
    reader: &DownloadSessionId,
    blobs: impl IntoIterator<Item = &'b BlobId>,
) -> Result<(), Stop> {
    for blob in blobs {
        let Some(freed) = draft.get::<FreedBlob>(blob)? else { continue };
        let mut freed = freed.clone();
        if freed.readers.remove(reader) && freed.readers.is_empty() {
            draft.effect(Effect::Erase(blob.clone()));
        }
        draft.put(freed);
    }
    Ok(())
}
