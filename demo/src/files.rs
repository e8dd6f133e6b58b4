//! The files of update sessions in memory, behind the generated server trait: their names and states, no bytes.
//!
//! PUSH files get an address to send their bytes to, at which nobody listens here; so what has a size stays unsent, and a
//! session is valid when every file is expected to be empty.
//! Not here: transfers, checksums of anything, and the sessions themselves, which are [`super::sessions`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use vapi::content::library::item::updatesession::file::{
    AddError, AddInput, File, GetError, GetInput, Info, ListError, ListInput, RemoveError, RemoveInput,
    SourceType, ValidateError, ValidateInput, ValidationError, ValidationResult,
};
use vapi::content::library::item::{TransferEndpoint, TransferStatus, UpdateSessionId};
use vapi::runtime::{Context, Failure};
use vapi::vapi::std::errors::{InvalidArgument, NotFound};

use crate::sessions::{Sessions, message};

/// The files of all sessions.
pub(crate) struct Files {
    sessions: Sessions,
    shelf: Arc<Mutex<BTreeMap<UpdateSessionId, BTreeMap<String, Info>>>>,
}

impl Files {
    /// No files, in these sessions.
    pub(crate) fn new(sessions: Sessions) -> Files {
        Files { sessions, shelf: Arc::default() }
    }

    fn shelf(&self) -> MutexGuard<'_, BTreeMap<UpdateSessionId, BTreeMap<String, Info>>> {
        // Every change is one insertion or removal, so a panic leaves nothing half done.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, session: &UpdateSessionId) -> Result<BTreeMap<String, Info>, NotFound> {
        self.sessions.check_exists(session)?;
        Ok(self.shelf().get(session).cloned().unwrap_or_default())
    }
}

impl File for Files {
    async fn validate(
        &self,
        _cx: &Context,
        input: ValidateInput,
    ) -> Result<ValidationResult, Failure<ValidateError>> {
        self.sessions.check_active(&input.update_session_id)?;
        let files = self.of(&input.update_session_id)?;
        let missing =
            files.values().filter(|file| file.source_type != SourceType::None && file.size != Some(0));
        let missing: BTreeSet<String> = missing.map(|file| file.name.clone()).collect();
        let is_descriptor = |file: &&Info| file.name.ends_with(".ovf") && file.size == Some(0);
        let invalid = files.values().filter(is_descriptor).map(|file| {
            let text = message("empty_descriptor", "the descriptor {0} is empty", &file.name);
            ValidationError::new(file.name.as_str(), text)
        });
        let invalid: Vec<ValidationError> = invalid.collect();
        Ok(ValidationResult::new(!missing.is_empty() || !invalid.is_empty(), missing, invalid))
    }

    async fn add(&self, _cx: &Context, input: AddInput) -> Result<Info, Failure<AddError>> {
        let AddInput { update_session_id: session, file_spec: spec, .. } = input;
        self.sessions.check_active(&session)?;
        let name = spec.name;
        if name.is_empty() || name.contains(['/', '\\']) || name == ".." {
            let text = message("bad_name", "{0} is no name of a file", &name);
            return Err(InvalidArgument::new(vec![text]).into());
        }
        if spec.size.is_some_and(|size| size < 0) {
            let text = message("bad_size", "the size of {0} is negative", &name);
            return Err(InvalidArgument::new(vec![text]).into());
        }
        let mut info = Info::new(name.as_str(), spec.source_type, 0, TransferStatus::WaitingForTransfer);
        info.size = spec.size;
        info.checksum_info = spec.checksum_info;
        info.source_endpoint = spec.source_endpoint;
        if info.source_type == SourceType::Push {
            let file = utf8_percent_encode(&name, NON_ALPHANUMERIC);
            let uri = format!("http://127.0.0.1:9/{session}/{file}");
            info.upload_endpoint = Some(TransferEndpoint::new(uri.as_str()));
        }
        self.shelf().entry(session).or_default().insert(name, info.clone());
        Ok(info)
    }

    async fn remove(&self, _cx: &Context, input: RemoveInput) -> Result<(), Failure<RemoveError>> {
        self.sessions.check_exists(&input.update_session_id)?;
        let mut shelf = self.shelf();
        let removed =
            shelf.get_mut(&input.update_session_id).and_then(|files| files.remove(&input.file_name));
        removed.map(drop).ok_or_else(|| no_file(&input.file_name).into())
    }

    async fn list(&self, _cx: &Context, input: ListInput) -> Result<Vec<Info>, Failure<ListError>> {
        Ok(self.of(&input.update_session_id)?.into_values().collect())
    }

    async fn get(&self, _cx: &Context, input: GetInput) -> Result<Info, Failure<GetError>> {
        let mut files = self.of(&input.update_session_id)?;
        files.remove(&input.file_name).ok_or_else(|| no_file(&input.file_name).into())
    }
}

fn no_file(name: &str) -> InvalidArgument {
    InvalidArgument::new(vec![message("no_file", "the session has no file {0}", name)])
}
