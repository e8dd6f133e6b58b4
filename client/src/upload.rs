//! Files into an item: a session that ends with all of them, or fails with the reason.
//!
//! In: an item, or a library and a name; files. Out: what the item is, once it shows them. Whatever ends an upload early,
//! a dropped future included, fails the session and deletes the item that was made for it.
//! Not here: how one file travels, which is `send`, and what is left behind, which is `open`.

mod open;
mod send;

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use vapi::content::LibraryId;
use vapi::content::library::item::file::ChecksumInfo;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionId, UpdateSessionModelState};
use vapi::content::library::{ItemId, ItemModel};

use self::open::Open;
use crate::error::{Cause, TransferError};
use crate::progress::{Event, Progress};
use crate::source::{Source, Surveyed};
use crate::{ASK_EVERY, Patience, Transfers};

/// Where files go.
#[derive(Clone, Debug)]
pub enum Target {
    /// An item that is there.
    Item(ItemId),
    /// An item that is made for them.
    New {
        /// The library it is made in.
        library: LibraryId,
        /// What it is called.
        name: String,
    },
}

/// How an upload goes.
#[derive(Clone, Debug, Default)]
pub struct UploadOptions {
    /// Whoever is told.
    pub progress: Progress,
    /// When it gives up.
    pub patience: Patience,
    /// Whether an item that was made for a failed upload stays, empty.
    pub keeps_empty_item: bool,
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
        let mut sources = sources;
        sources.sort_by_key(Source::rank);
        let mut surveyed = Vec::with_capacity(sources.len());
        for source in sources {
            surveyed.push(source.survey().await?);
        }
        let mut open = Open::new(self, options.keeps_empty_item);
        match self.upload_into(&mut open, target, &surveyed, options).await {
            Ok(uploaded) => {
                open.done();
                Ok(uploaded)
            }
            Err(mut error) => {
                error.session = open.session.as_ref().map(ToString::to_string);
                open.fail(&error).await;
                Err(error)
            }
        }
    }

    async fn upload_into(
        &self,
        open: &mut Open,
        target: Target,
        sources: &[Surveyed],
        options: &UploadOptions,
    ) -> Result<Uploaded, TransferError> {
        let item = match target {
            Target::Item(item) => item,
            Target::New { library, name } => open.make(ItemModel::for_create(library, name)).await?,
        };
        let session = open.begin(&item).await?;
        options.progress.tell(|| Event::Session { id: session.to_string() });
        let moved = async {
            for source in sources {
                self.announce(&session, source).await.map_err(|cause| cause.with(&source.name))?;
            }
            for source in sources {
                let sent = self.send(&session, source, options).await;
                sent.map_err(|cause| cause.with(&source.name))?;
                options.progress.tell(|| Event::Ended { file: source.name.clone() });
            }
            self.complete(&session, &item, &options.patience).await
        };
        let files = tokio::select! {
            moved = moved => moved?,
            cause = self.keep_alive(&session, options.patience.keep_alive_every) => return Err(cause.into()),
        };
        Ok(Uploaded { item, session, files })
    }

    /// Says that somebody is there until the server no longer wants to hear it.
    async fn keep_alive(&self, session: &UpdateSessionId, every: Duration) -> Cause {
        let mut ticks = interval(every.max(Duration::from_millis(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first one is at once.
        ticks.tick().await;
        loop {
            ticks.tick().await;
            if let Err(error) = self.client.update_session().keep_alive(session.clone()).await
                && !error.is_retryable()
                && !matches!(error, vapi::runtime::Error::Transport(_))
            {
                // A session that ended well meanwhile is about to be seen.
                match self.state(session).await {
                    Ok(Some(UpdateSessionModelState::Done)) => std::future::pending::<()>().await,
                    Ok(_) => return error.into(),
                    Err(cause) => return cause,
                }
            }
        }
    }

    async fn announce(&self, session: &UpdateSessionId, source: &Surveyed) -> Result<(), Cause> {
        let n_bytes = i64::try_from(source.n_bytes)
            .map_err(|_| Cause::Wrong(format!("{} bytes are more than can be told", source.n_bytes)))?;
        let sum = ChecksumInfo::new(source.sha256.as_str()).algorithm("SHA256".into());
        let spec = AddSpec::new(source.name.as_str(), SourceType::Push).size(n_bytes).checksum_info(sum);
        self.client.update_session_file().add(session.clone(), spec).await?;
        Ok(())
    }

    /// Has the session's changes become the item's, and looks that they did.
    async fn complete(
        &self,
        session: &UpdateSessionId,
        item: &ItemId,
        patience: &Patience,
    ) -> Result<Vec<String>, TransferError> {
        let files = self.client.update_session_file();
        let validation = files.validate(session.clone()).await?;
        if validation.has_errors {
            let invalid = validation.invalid_files.iter();
            let mut reasons: Vec<String> = invalid
                .map(|file| format!("{}: {}", file.name, file.error_message.default_message))
                .collect();
            reasons.extend(validation.missing_files.iter().map(|name| format!("{name} is missing")));
            return Err(Cause::Wrong(reasons.join("; ")).into());
        }
        let listed = files.list(session.clone()).await?;
        let kept = listed.into_iter().filter(|file| file.keep_in_storage != Some(false));
        let names: Vec<String> = kept.map(|file| file.name).collect();
        self.client.update_session().complete(session.clone()).await?;
        let deadline = Instant::now() + patience.wait_max;
        let took_too_long =
            |what: String| TransferError::from(Cause::TookTooLong { what, limit: patience.wait_max });
        while self.state(session).await? != Some(UpdateSessionModelState::Done) {
            if Instant::now() >= deadline {
                return Err(took_too_long("the session to be DONE".to_owned()));
            }
            sleep(ASK_EVERY).await;
        }
        loop {
            let shown = self.client.file().list(item.clone()).await?;
            let missing = names.iter().find(|name| !shown.iter().any(|file| file.name == **name));
            let Some(missing) = missing else { return Ok(names) };
            if Instant::now() >= deadline {
                return Err(took_too_long(format!("the item to show {missing:?}")));
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// The session's state; one that will never be DONE is an error.
    async fn state(&self, session: &UpdateSessionId) -> Result<Option<UpdateSessionModelState>, Cause> {
        let model = self.client.update_session().get(session.clone()).await?;
        match model.state {
            Some(UpdateSessionModelState::Error | UpdateSessionModelState::Canceled) => {
                let words = model.error_message.map(|message| message.default_message);
                Err(Cause::Wrong(words.unwrap_or_else(|| "somebody ended the session".to_owned())))
            }
            state => Ok(state),
        }
    }

    /// Waits until the server has checked a file.
    async fn ready(
        &self,
        session: &UpdateSessionId,
        source: &Surveyed,
        patience: &Patience,
    ) -> Result<(), Cause> {
        let deadline = Instant::now() + patience.wait_max;
        loop {
            let file = self.client.update_session_file().get(session.clone(), source.name.as_str()).await?;
            match file.status {
                TransferStatus::Ready => return Ok(()),
                TransferStatus::Error => {
                    let words = file.error_message.map(|message| message.default_message);
                    return Err(Cause::Wrong(
                        words.unwrap_or_else(|| "the server gives no reason".to_owned()),
                    ));
                }
                _ if Instant::now() >= deadline => {
                    let what = "the server to check it".to_owned();
                    return Err(Cause::TookTooLong { what, limit: patience.wait_max });
                }
                _ => sleep(ASK_EVERY).await,
            }
        }
    }
}
