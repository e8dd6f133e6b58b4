//! What clients see of a running server, compared with the plain model.

use contentlibd::domain::update::SessionState;
use vapi::content::library::item::downloadsession::file::PrepareStatus;
use vapi::content::library::item::updatesession::file::{Info, SourceType};
use vapi::content::library::item::{DownloadSessionModelState, TransferStatus, UpdateSessionModelState};

use crate::model::{Bytes, ModelItem};
use crate::player::{Player, kind};
use crate::random::USERS;

impl Player {
    /// Everything that there ever was.
    pub(crate) async fn compare(&self) {
        for id in &self.items {
            self.compare_item(id).await;
        }
        for by in 0..USERS.len() {
            self.compare_lists(by).await;
            for id in &self.updates {
                self.compare_update(by, id).await;
            }
            for id in &self.downloads {
                self.compare_download(by, id).await;
            }
        }
    }

    /// What was made last, which is what most steps are about.
    pub(crate) async fn compare_last(&self) {
        if let Some(id) = self.items.last() {
            self.compare_item(id).await;
        }
        if let Some(id) = self.updates.last() {
            self.compare_update(0, id).await;
        }
        if let Some(id) = self.downloads.last() {
            self.compare_download(0, id).await;
        }
    }

    async fn compare_item(&self, id: &str) {
        let seen = kind(self.clients[0].item().get(id).await);
        let Some(expected) = self.model.items.get(id) else {
            assert_eq!(seen.map(drop), Err(contentlibd::domain::Kind::NotFound), "{id}");
            return;
        };
        let (seen, files) =
            (seen.expect("the model sees it"), self.clients[0].file().list(id).await.unwrap());
        let number = |text: Option<&str>| text.expect("a version").parse::<u64>().expect("a number");
        let found = ModelItem {
            name: seen.name.unwrap_or_default(),
            version: number(seen.metadata_version.as_deref()),
            content: number(seen.content_version.as_ref().map(|version| version.as_str())),
            files: files
                .iter()
                .map(|file| (file.name.clone(), (number(Some(file.version.as_str())), file.size as u64)))
                .collect(),
        };
        assert_eq!(&found, expected, "{id}");
    }

    async fn compare_lists(&self, by: usize) {
        let listed = self.clients[by].update_session().list().await.unwrap();
        let mut listed: Vec<_> = listed.iter().map(|id| id.as_str()).collect();
        listed.sort_unstable();
        let expected: Vec<_> = (self.model.updates.keys().map(String::as_str))
            .filter(|id| self.model.seen(id, USERS[by]).is_ok())
            .collect();
        assert_eq!(listed, expected, "sessions of {}", USERS[by]);
        let listed = self.clients[by].download_session().list().await.unwrap();
        let mut listed: Vec<_> = listed.iter().map(|id| id.as_str()).collect();
        listed.sort_unstable();
        let expected: Vec<_> = (self.model.downloads.keys().map(String::as_str))
            .filter(|id| self.model.seen_download(id, USERS[by]).is_ok())
            .collect();
        assert_eq!(listed, expected, "downloads of {}", USERS[by]);
    }

    async fn compare_update(&self, by: usize, id: &str) {
        let seen = kind(self.clients[by].update_session().get(id).await);
        let expected = match self.model.seen(id, USERS[by]) {
            Ok(expected) => expected,
            Err(kind) => return assert_eq!(seen.map(drop), Err(kind), "{id}"),
        };
        let seen = seen.expect("the model sees it");
        let state = match seen.state.expect("a state") {
            UpdateSessionModelState::Active => SessionState::Active,
            UpdateSessionModelState::Done => SessionState::Done,
            UpdateSessionModelState::Canceled => SessionState::Canceled,
            UpdateSessionModelState::Error => SessionState::Error,
            other => panic!("{other}"),
        };
        let expires = seen.expiration_time.expect("an end").unix_ms();
        assert_eq!((state, expires), (expected.state, expected.expires), "{id}");
        assert_eq!(seen.client_progress, Some(expected.progress), "{id}");
        assert_eq!(seen.error_message.is_some(), state == SessionState::Error, "{id}");
        if !expected.is_active() {
            return;
        }
        let listed = self.clients[by].update_session_file().list(id).await.unwrap();
        let (left, brought): (Vec<_>, Vec<_>) =
            listed.iter().partition(|file| file.source_type == SourceType::None);
        let found: Vec<_> = brought.iter().map(|file| (file.name.as_str(), bytes(file))).collect();
        assert_eq!(found.len(), expected.brings.len(), "{id}: {found:?}");
        for (name, bytes) in found {
            assert_eq!(bytes, expected.brings[name].bytes, "{id} {name}");
        }
        let of_item = self.model.items[&expected.item].files.keys();
        let stays = |name: &&String| !expected.brings.contains_key(*name) && !expected.takes.contains(*name);
        let mut left: Vec<_> = left.iter().map(|file| &file.name).collect();
        left.sort_unstable();
        assert_eq!(left, of_item.filter(stays).collect::<Vec<_>>(), "{id}");
    }

    async fn compare_download(&self, by: usize, id: &str) {
        let seen = kind(self.clients[by].download_session().get(id).await);
        let expected = match self.model.seen_download(id, USERS[by]) {
            Ok(expected) => expected,
            Err(kind) => return assert_eq!(seen.map(drop), Err(kind), "{id}"),
        };
        let seen = seen.expect("the model sees it");
        let state = match seen.state.expect("a state") {
            DownloadSessionModelState::Active => SessionState::Active,
            DownloadSessionModelState::Canceled => SessionState::Canceled,
            DownloadSessionModelState::Error => SessionState::Error,
            other => panic!("{other}"),
        };
        let expires = seen.expiration_time.expect("an end").unix_ms();
        assert_eq!((state, expires), (expected.state, expected.expires), "{id}");
        let listed = self.clients[by].download_session_file().list(id).await.unwrap();
        let level = |status: &PrepareStatus| match status {
            PrepareStatus::Unprepared => 0,
            PrepareStatus::PrepareRequested | PrepareStatus::Preparing => 1,
            PrepareStatus::Prepared => 2,
            _ => 3,
        };
        let found = listed.iter().map(|file| (file.name.clone(), level(&file.status))).collect();
        assert_eq!(expected.files, found, "{id}");
    }
}

/// How far a file is.
fn bytes(file: &Info) -> Bytes {
    let n_bytes = file.bytes_transferred as u64;
    match &file.status {
        TransferStatus::WaitingForTransfer => Bytes::Idle(n_bytes),
        TransferStatus::Ready => {
            assert_eq!(file.size, Some(file.bytes_transferred), "{file:?}");
            Bytes::All(n_bytes)
        }
        TransferStatus::Error => {
            assert!(file.error_message.is_some(), "{file:?}");
            Bytes::Wrong
        }
        other => panic!("{} is {other}", file.name),
    }
}
