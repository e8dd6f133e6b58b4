//! Files out of an item: each under a temporary name until it is whole and what it should be.
//!
//! In: an item, a folder. Out: files in it. A connection that breaks goes on where it broke. Whatever ends a download early, a
//! dropped future included, fails the session.
//! In here: `fetch` (one file on its way), `part` (what of it is here).

mod fetch;
mod part;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vapi::content::library::ItemId;
use vapi::content::library::item::DownloadSessionId;

use crate::at_once::at_once;
use crate::error::{Cause, TransferError};
use crate::open::Open;
use crate::patience::insist;
use crate::progress::{Event, Progress, Tally};
use crate::{N_AT_ONCE, Patience, Transfers, Unsettled};

/// How a download goes.
#[derive(Clone, Debug)]
pub struct DownloadOptions {
    /// Whoever is told.
    pub progress: Progress,
    /// When it gives up.
    pub patience: Patience,
    /// Names of the files that are fetched; all of the item's unless set.
    pub only: Option<BTreeSet<String>>,
    /// How many files are on their way at once; one at least.
    pub n_at_once: usize,
}

impl Default for DownloadOptions {
    /// Tells nobody, is patient, and fetches everything, four files at once.
    fn default() -> DownloadOptions {
        let (progress, patience) = (Progress::default(), Patience::default());
        DownloadOptions { progress, patience, only: None, n_at_once: N_AT_ONCE }
    }
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Its name in the item.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub n_bytes: u64,
    /// Whether the server had a checksum to compare with.
    pub is_checked: bool,
}

/// A session that files are fetched from.
struct Download {
    transfers: Transfers,
    session: DownloadSessionId,
    directory: PathBuf,
    options: DownloadOptions,
    tally: Arc<Tally>,
    _unsettled: Unsettled,
}

impl Transfers {
    /// Fetches the files of an item into a folder; files of the same names there are replaced.
    ///
    /// Cancel-safe: when the future is dropped, the session is failed from a task of its own, and what is not whole goes.
    ///
    /// # Errors
    /// When a file cannot be written, the server refuses, or what came is not what the server says; files that were whole
    /// before stay.
    pub async fn download(
        &self,
        item: impl Into<ItemId>,
        directory: &Path,
        options: &DownloadOptions,
    ) -> Result<Vec<Downloaded>, TransferError> {
        let mut open = Open::new(self, false);
        match self.download_from(&mut open, &item.into(), directory, options).await {
            Ok(downloaded) => {
                open.done();
                Ok(downloaded)
            }
            Err(mut error) => {
                open.fail(&mut error).await;
                Err(error)
            }
        }
    }

    async fn download_from(
        &self,
        open: &mut Open,
        item: &ItemId,
        directory: &Path,
        options: &DownloadOptions,
    ) -> Result<Vec<Downloaded>, TransferError> {
        let patience = &options.patience;
        let session = open.begin_download(item, patience).await?;
        let (files, n_bytes) = self.wanted(&session, options).await?;
        options.progress.tell(|| Event::Planned { n_files: files.len(), n_bytes });
        options.progress.tell(|| Event::Session { id: session.to_string() });
        let tally = Arc::new(Tally::of(n_bytes));
        let download = Arc::new(Download {
            transfers: self.clone(),
            session: session.clone(),
            directory: directory.to_owned(),
            options: options.clone(),
            tally: Arc::clone(&tally),
            _unsettled: self.unsettled(),
        });
        let fetch = |name: String| {
            let download = Arc::clone(&download);
            async move { download.fetch(&name).await.map_err(|cause| cause.with(&name)) }
        };
        let fetched = tokio::select! {
            fetched = at_once(files, options.n_at_once, fetch) => fetched?,
            cause = self.keep_download(&session, &tally, patience) => return Err(cause.into()),
        };
        // It is fetched whether the session is removed or expires.
        let _removed_or_not = self.client.download_session().delete(session).await;
        Ok(fetched)
    }

    /// The names of the files to fetch, and how many bytes they have, as far as the server says so.
    async fn wanted(
        &self,
        session: &DownloadSessionId,
        options: &DownloadOptions,
    ) -> Result<(Vec<String>, u64), TransferError> {
        let sessions = self.client.download_session_file();
        let mut files = insist(&options.patience, || sessions.list(session.clone())).await?;
        files.retain(|file| options.only.as_ref().is_none_or(|only| only.contains(&file.name)));
        let n_bytes = files.iter().filter_map(|file| u64::try_from(file.size?).ok()).sum();
        let names: Vec<String> = files.into_iter().map(|file| file.name).collect();
        match options.only.iter().flatten().find(|name| !names.contains(name)) {
            Some(absent) => Err(Cause::Wrong("the item has no such file".to_owned()).with(absent)),
            None => Ok((names, n_bytes)),
        }
    }
}
