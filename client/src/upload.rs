//! Files into an item: a session that ends with all of them, or fails with the reason.
//!
//! In: an item, or a library and a name; files. Out: what the item is, once it shows them. Whatever ends an upload early,
//! a dropped future included, fails the session and deletes the item that was made for it.
//! In here: `plan` (which files, in which order), `send` (one file on its way), `settle` (what comes after the bytes).
//! Not here: what is left behind, which is `open`.

mod plan;
mod send;
mod settle;

use std::sync::Arc;

use vapi::content::LibraryId;
use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionId};
use vapi::content::library::{ItemId, ItemModel};

use self::plan::{Plan, Planned};
use crate::at_once::at_once;
use crate::checksum::Checksums;
use crate::error::{Cause, TransferError};
use crate::open::Open;
use crate::patience::insist;
use crate::progress::{Event, Progress, Tally};
use crate::source::Source;
use crate::{N_AT_ONCE, Patience, Transfers, Unsettled};

/// Where files go.
#[derive(Clone, Debug)]
pub enum Target {
    /// An item that is there.
    Item(ItemId),
    /// An item that is made for them; what type it is follows from the files.
    New {
        /// The library it is made in.
        library: LibraryId,
        /// What it is called.
        name: String,
    },
}

/// How an upload goes.
#[derive(Clone, Debug)]
pub struct UploadOptions {
    /// Whoever is told.
    pub progress: Progress,
    /// When it gives up.
    pub patience: Patience,
    /// Whether an item that was made for a failed upload stays, empty.
    pub keeps_empty_item: bool,
    /// How many files are on their way at once; one at least.
    pub n_at_once: usize,
    /// When it is found out what files hash to.
    pub checksums: Checksums,
}

impl Default for UploadOptions {
    /// Tells nobody, is patient, leaves no empty item, sends four files at once, and says checksums before bytes.
    fn default() -> UploadOptions {
        UploadOptions {
            progress: Progress::default(),
            patience: Patience::default(),
            keeps_empty_item: false,
            n_at_once: N_AT_ONCE,
            checksums: Checksums::Before,
        }
    }
}

/// An upload that is done.
#[derive(Clone, Debug)]
pub struct Uploaded {
    /// The item.
    pub item: ItemId,
    /// The session, which is DONE.
    pub session: UpdateSessionId,
    /// Names of the files of this session that the item has now; what was only there to be checked is not among them.
    pub files: Vec<String>,
}

/// A session that gets files.
struct Upload {
    transfers: Transfers,
    session: UpdateSessionId,
    options: UploadOptions,
    tally: Arc<Tally>,
    _unsettled: Unsettled,
}

impl Transfers {
    /// Has an item get these files, all of them or none.
    ///
    /// Cancel-safe: when the future is dropped, the session is failed from a task of its own.
    ///
    /// # Errors
    /// When a file cannot be read, the server refuses, or something takes longer than it may; the session is in the state
    /// ERROR then with this reason.
    pub async fn upload(
        &self,
        target: Target,
        sources: Vec<Source>,
        options: &UploadOptions,
    ) -> Result<Uploaded, TransferError> {
        // Before anything is made: what cannot be read is not begun.
        let plan = Plan::of(sources).await?;
        let (n_files, n_bytes) = (plan.all().count(), plan.n_bytes);
        options.progress.tell(|| Event::Planned { n_files, n_bytes });
        let mut open = Open::new(self, options.keeps_empty_item);
        match self.upload_into(&mut open, target, plan, options).await {
            Ok(uploaded) => {
                open.done();
                Ok(uploaded)
            }
            Err(mut error) => {
                open.fail(&mut error).await;
                Err(error)
            }
        }
    }

    async fn upload_into(
        &self,
        open: &mut Open,
        target: Target,
        plan: Plan,
        options: &UploadOptions,
    ) -> Result<Uploaded, TransferError> {
        let patience = &options.patience;
        let item = match target {
            Target::Item(item) => item,
            Target::New { library, name } => {
                let mut model = ItemModel::for_create(library, name);
                model.type_ = plan.item_type().map(str::to_owned);
                open.make_item(model, patience).await?
            }
        };
        let session = open.begin_update(&item, patience).await?;
        options.progress.tell(|| Event::Session { id: session.to_string() });
        let tally = Arc::new(Tally::of(plan.n_bytes));
        let upload = Arc::new(Upload {
            transfers: self.clone(),
            session: session.clone(),
            options: options.clone(),
            tally: Arc::clone(&tally),
            _unsettled: self.unsettled(),
        });
        let moved = async {
            upload.carry(plan).await?;
            self.complete(&session, &item, patience).await
        };
        let files = tokio::select! {
            moved = moved => moved?,
            cause = self.keep_update(&session, &tally, patience) => return Err(cause.into()),
        };
        Ok(Uploaded { item, session, files })
    }
}

impl Upload {
    /// Brings all files to the server: those that speak of others one after the other, then the others at once.
    async fn carry(self: &Arc<Upload>, plan: Plan) -> Result<(), TransferError> {
        let spoken = plan.has_descriptor().then(|| plan.all().map(|planned| planned.name.clone()).collect());
        let mut announced = Vec::with_capacity(plan.lead.len());
        for planned in &plan.lead {
            let uri = self.announce(planned).await.map_err(|cause| cause.with(&planned.name))?;
            announced.push((planned, uri));
        }
        for (planned, uri) in announced.iter().rev() {
            self.send(planned, uri).await.map_err(|cause| cause.with(&planned.name))?;
        }
        if let Some(names) = spoken {
            self.check_all_are_here(names).await?;
        }
        let bring = |planned: Planned| {
            let upload = Arc::clone(self);
            async move {
                let brought = async {
                    let uri = upload.announce(&planned).await?;
                    upload.send(&planned, &uri).await
                };
                brought.await.map_err(|cause| cause.with(&planned.name))
            }
        };
        at_once(plan.rest, self.options.n_at_once, bring).await?;
        Ok(())
    }

    /// Tells the server what will come, and is told where to send it.
    async fn announce(&self, planned: &Planned) -> Result<String, Cause> {
        let n_bytes = i64::try_from(planned.n_bytes)
            .map_err(|_| Cause::Wrong(format!("{} bytes are more than can be told", planned.n_bytes)))?;
        let checksum = match &planned.checksum {
            Some(checksum) => Some(checksum.clone()),
            None if self.is_compared(planned) => None,
            None => self.read_through(planned, &ChecksumAlgorithm::Sha256).await?,
        };
        let mut spec = AddSpec::new(planned.name.as_str(), SourceType::Push).size(n_bytes);
        spec.checksum_info = checksum.as_ref().map(ChecksumInfo::from);
        let files = self.transfers.client.update_session_file();
        // What is announced again begins again, and it has not begun.
        let file = insist(&self.options.patience, || files.add(self.session.clone(), spec.clone())).await?;
        let uri = file.upload_endpoint.map(|endpoint| endpoint.uri.to_string());
        uri.ok_or_else(|| Cause::Wrong("the server says no address to send it to".to_owned()))
    }

    /// A descriptor that was read has brought what it speaks of into the session; all of it has to be among the files.
    async fn check_all_are_here(&self, names: Vec<String>) -> Result<(), Cause> {
        let files = self.transfers.client.update_session_file();
        let listed = insist(&self.options.patience, || files.list(self.session.clone())).await?;
        let waits = |status: &TransferStatus| *status == TransferStatus::WaitingForTransfer;
        let is_absent = |name: &String| !names.contains(name);
        let waiting =
            listed.into_iter().filter(|file| waits(&file.status) && file.source_type == SourceType::Push);
        let absent: Vec<String> = waiting.map(|file| file.name).filter(is_absent).collect();
        if absent.is_empty() {
            return Ok(());
        }
        Err(Cause::Wrong(format!("the descriptor speaks of files that are not here: {}", absent.join(", "))))
    }
}
