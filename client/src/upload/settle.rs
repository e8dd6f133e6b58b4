//! What comes after the bytes: the server checks a file, completes the session, shows the item's content.
//!
//! Each of these is waited for, with a limit, and ends in the server's words where it does not come.

use vapi::content::library::ItemId;
use vapi::content::library::item::updatesession::file::{GetError, Info};
use vapi::content::library::item::{TransferStatus, UpdateSessionId, UpdateSessionModelState};
use vapi::runtime::Error;

use super::plan::has_extension;
use crate::Transfers;
use crate::error::{Cause, TransferError};
use crate::patience::{Patience, Tries, Wait, insist, may_pass};

impl Transfers {
    /// Has the session's changes become the item's, and looks that they did; the names of the files that it brought.
    pub(super) async fn complete(
        &self,
        session: &UpdateSessionId,
        item: &ItemId,
        patience: &Patience,
    ) -> Result<Vec<String>, TransferError> {
        let files = self.client.update_session_file();
        let validation = insist(patience, || files.validate(session.clone())).await?;
        if validation.has_errors {
            let invalid = validation.invalid_files.iter();
            let mut reasons: Vec<String> = invalid
                .map(|file| format!("{}: {}", file.name, file.error_message.default_message))
                .collect();
            reasons.extend(validation.missing_files.iter().map(|name| format!("{name} is missing")));
            return Err(Cause::Wrong(reasons.join("; ")).into());
        }
        let listed = insist(patience, || files.list(session.clone())).await?;
        let kept = listed.into_iter().filter(|file| file.keep_in_storage != Some(false));
        let names: Vec<String> = kept.map(|file| file.name).collect();
        self.have_completed(session, patience).await?;
        let mut wait = Wait::new("the session to be DONE", patience);
        while self.state(session, patience).await? != Some(UpdateSessionModelState::Done) {
            wait.pause().await?;
        }
        let mut wait = Wait::new("the item to show its files", patience);
        loop {
            let shown = insist(patience, || self.client.file().list(item.clone())).await?;
            if names.iter().all(|name| shown.iter().any(|file| file.name == *name)) {
                return Ok(names);
            }
            wait.pause().await?;
        }
    }

    /// Completes a session. Where the reply is lost, the session tells whether it has to be said again.
    async fn have_completed(&self, session: &UpdateSessionId, patience: &Patience) -> Result<(), Cause> {
        let mut tries = Tries::new(patience);
        loop {
            let error = match self.client.update_session().complete(session.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if !may_pass(&error) {
                return Err(error.into());
            }
            tries.pause().await;
            if self.state(session, patience).await? == Some(UpdateSessionModelState::Done) {
                return Ok(());
            }
            if !tries.may_go_on() {
                return Err(error.into());
            }
        }
    }

    /// The session's state; one that will never be DONE is an error.
    pub(crate) async fn state(
        &self,
        session: &UpdateSessionId,
        patience: &Patience,
    ) -> Result<Option<UpdateSessionModelState>, Cause> {
        let model = insist(patience, || self.client.update_session().get(session.clone())).await?;
        match model.state {
            Some(UpdateSessionModelState::Error | UpdateSessionModelState::Canceled) => {
                let words = model.error_message.map(|message| message.default_message);
                Err(Cause::Wrong(words.unwrap_or_else(|| "somebody ended the session".to_owned())))
            }
            state => Ok(state),
        }
    }

    /// Waits until the server has checked a file, and what it says of it then; nothing of an archive.
    pub(super) async fn ready(
        &self,
        session: &UpdateSessionId,
        name: &str,
        patience: &Patience,
    ) -> Result<Option<Info>, Cause> {
        let mut wait = Wait::new("the server to check it", patience);
        while let Some(file) = self.session_file(session, name, patience).await? {
            match file.status {
                TransferStatus::Ready => return Ok(Some(file)),
                TransferStatus::Error => {
                    let words = file.error_message.map(|message| message.default_message);
                    let words = words.unwrap_or_else(|| "the server gives no reason".to_owned());
                    return Err(Cause::Wrong(words));
                }
                _ => wait.pause().await?,
            }
        }
        Ok(None)
    }

    /// What a session says of a file; nothing of an archive in whose place what was in it stands.
    pub(super) async fn session_file(
        &self,
        session: &UpdateSessionId,
        name: &str,
        patience: &Patience,
    ) -> Result<Option<Info>, Cause> {
        let files = self.client.update_session_file();
        match insist(patience, || files.get(session.clone(), name)).await {
            Ok(file) => Ok(Some(file)),
            Err(Error::Documented { error: GetError::InvalidArgument(_), .. })
                if has_extension(name, "ova") =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}
