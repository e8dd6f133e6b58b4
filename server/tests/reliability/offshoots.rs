//! What an editor makes of its item beside editing it: copies, and download sessions that stay open.
//!
//! A copy that was answered has all files of the item, however often the server goes down meanwhile. A download session
//! goes on offering what the item had when it began, also after a restart and when the item has other files by then.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use vapi::content::library::ItemModel;
use vapi::content::library::item::downloadsession::file::PrepareStatus;
use vapi::content::library::item::{DownloadSessionModel, DownloadSessionModelState, FindSpec};

use crate::content::{Content, Cut, answered, exchange, path_of};
use crate::editor::Editor;

/// A copy of the item.
#[derive(Clone, Debug)]
pub(crate) struct Copied {
    id: String,
    /// What the item had then.
    pub(crate) files: BTreeMap<String, Content>,
}

/// An open download session.
#[derive(Clone, Debug)]
pub(crate) struct Offered {
    id: String,
    /// By name: where it is, without scheme and host, and what it is.
    files: BTreeMap<String, (String, Content)>,
}

/// Copies.
impl Editor {
    pub(crate) async fn copy(&mut self, client: &vapi::Client, name: &str) -> Result<(), Cut> {
        let item = answered(client.item().get(self.item.as_str()).await)?;
        let spec = ItemModel::for_create(item.library_id.expect("a library"), name);
        let id = answered(client.item().copy(self.item.as_str(), spec).await)?.to_string();
        self.copies.push(Copied { id, files: self.files.clone() });
        // The item is left alone until its copy has the bytes.
        self.check_copies(client).await
    }

    pub(crate) async fn settle_copy(&mut self, client: &vapi::Client, name: String) -> Result<(), Cut> {
        let found = answered(client.item().find(FindSpec::new().name(name)).await)?;
        if let Some(id) = found.first().map(ToString::to_string)
            && !self.copies.iter().any(|copy| copy.id == id)
        {
            self.copies.push(Copied { id, files: self.files.clone() });
        }
        Ok(())
    }

    pub(crate) async fn delete_copy(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        answered(client.item().delete(self.copies[0].id.as_str()).await)?;
        self.copies.remove(0);
        Ok(())
    }

    pub(crate) async fn settle_deleted_copy(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let name = answered(client.item().list(self.library(client).await?).await)?;
        if !name.iter().any(|id| id.as_str() == self.copies[0].id) {
            self.copies.remove(0);
        }
        Ok(())
    }

    async fn library(&self, client: &vapi::Client) -> Result<vapi::content::LibraryId, Cut> {
        let item = answered(client.item().get(self.item.as_str()).await)?;
        Ok(item.library_id.expect("a library").as_str().into())
    }

    /// Waits until each has its files; they come all at once.
    pub(crate) async fn check_copies(&self, client: &vapi::Client) -> Result<(), Cut> {
        for copy in &self.copies {
            let found = loop {
                let found = answered(client.file().list(copy.id.as_str()).await)?;
                if !found.is_empty() {
                    break found;
                }
                tokio::task::yield_now().await;
            };
            assert_eq!(found.len(), copy.files.len(), "{copy:?} has {found:?}");
            for info in found {
                let sum = info.checksum_info.expect("a checksum").checksum;
                assert_eq!(sum, copy.files[&info.name].sha256(), "{} of {}", info.name, copy.id);
            }
        }
        Ok(())
    }
}

/// Download sessions.
impl Editor {
    pub(crate) async fn offer(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let spec = DownloadSessionModel::for_create(self.item.as_str());
        let id = answered(client.download_session().create(spec).await)?.to_string();
        let mut files = BTreeMap::new();
        for (name, content) in &self.files {
            let offered = client.download_session_file();
            answered(offered.prepare(id.as_str(), name.as_str()).await)?;
            let uri = loop {
                let file = answered(offered.get(id.as_str(), name.as_str()).await)?;
                if file.status == PrepareStatus::Prepared {
                    break file.download_endpoint.expect("an address").uri;
                }
                tokio::task::yield_now().await;
            };
            files.insert(name.clone(), (path_of(uri.as_str()), content.clone()));
        }
        self.offered.push(Offered { id, files });
        Ok(())
    }

    pub(crate) async fn end_offer(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let id = self.offered[0].id.as_str();
        answered(client.download_session().cancel(id).await)?;
        answered(client.download_session().delete(id).await)?;
        self.offered.remove(0);
        Ok(())
    }

    /// Whatever was not told is ended; what was told and has ended since was being ended.
    pub(crate) async fn settle_offers(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let sessions = client.download_session();
        let mut open = Vec::new();
        for id in answered(sessions.list().await)? {
            let session = answered(sessions.get(&id).await)?;
            if session.library_item_id.is_none_or(|item| item.as_str() != self.item) {
                continue;
            }
            let is_known = self.offered.iter().any(|offered| offered.id == id.as_str());
            if is_known && session.state == Some(DownloadSessionModelState::Active) {
                open.push(id.to_string());
            } else {
                answered(sessions.delete(&id).await)?;
            }
        }
        assert!(open.len() + 1 >= self.offered.len(), "{open:?} are left of {:?}", self.offered);
        self.offered.retain(|offered| open.contains(&offered.id));
        Ok(())
    }

    /// What is offered is what the item had, to the byte.
    pub(crate) async fn check_offered(&self, client: &vapi::Client, url: &str) -> Result<(), Cut> {
        for offered in &self.offered {
            let session = answered(client.download_session().get(offered.id.as_str()).await)?;
            assert_eq!(session.state, Some(DownloadSessionModelState::Active), "{offered:?}");
            for (name, (path, content)) in &offered.files {
                let fetched = exchange(format!("{url}{path}"), Method::GET, None, Bytes::new()).await?;
                assert!(*fetched.body() == content.bytes(), "{name} of {} has other bytes", offered.id);
            }
        }
        Ok(())
    }

    /// All that the item has, once more by bytes.
    pub(crate) async fn check_bytes(&mut self, client: &vapi::Client, url: &str) -> Result<(), Cut> {
        self.offer(client).await?;
        self.check_offered(client, url).await?;
        let id = self.offered.pop().expect("the one just made").id;
        answered(client.download_session().cancel(id.as_str()).await)?;
        answered(client.download_session().delete(id.as_str()).await)
    }
}
