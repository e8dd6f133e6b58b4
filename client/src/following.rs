//! Libraries that follow others: has one become what its publisher has, and waits until it is.
//!
//! The API tells when a synchronisation was last done and no more: one that fails leaves that time as it was, so it shows by
//! the wait being over. What asks first is told at once where the publisher cannot be reached.

use vapi::content::LibraryId;
use vapi::content::library::ItemId;
use vapi::runtime::DateTime;

use crate::Transfers;
use crate::error::{Cause, TransferError};
use crate::patience::{Patience, Wait, insist};

impl Transfers {
    /// Has a subscribed library become what its publisher has; when it was. Of a library that fetches files only on demand,
    /// files are not waited for.
    ///
    /// One that is under way already may be the one that counts.
    ///
    /// # Errors
    /// When the server refuses, cannot reach the publisher, or takes longer than it may.
    pub async fn sync_library(
        &self,
        library: impl Into<LibraryId>,
        patience: &Patience,
    ) -> Result<DateTime, TransferError> {
        let (library, libraries) = (library.into(), self.client.subscribed_library());
        let last = async || {
            let library = insist(patience, || libraries.get(library.clone())).await?;
            Ok(library.last_sync_time)
        };
        let before = last().await?;
        // Whoever asks twice while the publisher is read has asked once.
        insist(patience, || libraries.sync(library.clone())).await?;
        Ok(later_than(before, last, "the library to be synchronised", patience).await?)
    }

    /// The same for one item of such a library, with its files or, where those come on demand, without.
    ///
    /// # Errors
    /// As those of [`Transfers::sync_library`].
    pub async fn sync_item(
        &self,
        item: impl Into<ItemId>,
        with_files: bool,
        patience: &Patience,
    ) -> Result<DateTime, TransferError> {
        let (item, items) = (item.into(), self.client.item());
        let last = async || Ok(insist(patience, || items.get(item.clone())).await?.last_sync_time);
        let before = last().await?;
        insist(patience, || self.client.subscribed_item().sync(item.clone(), with_files)).await?;
        Ok(later_than(before, last, "the item to be synchronised", patience).await?)
    }
}

/// Waits until something was done at another time than before.
async fn later_than(
    before: Option<DateTime>,
    last: impl AsyncFn() -> Result<Option<DateTime>, Cause>,
    what: &str,
    patience: &Patience,
) -> Result<DateTime, Cause> {
    let mut wait = Wait::new(what, patience);
    loop {
        match last().await? {
            Some(now) if before != Some(now) => return Ok(now),
            _ => wait.pause().await?,
        }
    }
}
