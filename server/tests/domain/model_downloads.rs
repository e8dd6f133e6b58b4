//! The plain model's download sessions.

use std::collections::BTreeMap;

use contentlibd::domain::Kind;
use contentlibd::domain::update::SessionState;

use crate::model::{IDLE_MS, KEPT_MS, Model, Verdict};

#[derive(Clone, Debug)]
pub(crate) struct ModelDownload {
    pub(crate) item: String,
    pub(crate) owner: String,
    pub(crate) state: SessionState,
    pub(crate) expires: i64,
    /// Per file: 0 nothing, 1 asked for, 2 ready, 3 failed.
    pub(crate) files: BTreeMap<String, u8>,
}

impl Model {
    pub(crate) fn open_download(&mut self, id: &str, by: &str, item: &str) -> Verdict {
        let files = self.items.get(item).ok_or(Kind::NotFound)?.files.keys();
        let session = ModelDownload {
            item: item.to_owned(),
            owner: by.to_owned(),
            state: SessionState::Active,
            expires: self.now + IDLE_MS,
            files: files.map(|name| (name.clone(), 0)).collect(),
        };
        self.downloads.insert(id.to_owned(), session);
        Ok(())
    }

    pub(crate) fn seen_download(&self, id: &str, by: &str) -> Verdict<&ModelDownload> {
        let session = self.downloads.get(id).filter(|session| session.expires > self.now);
        session.filter(|session| by.is_empty() || session.owner == by).ok_or(Kind::NotFound)
    }

    fn used_download(&mut self, id: &str, by: &str) -> Verdict<&mut ModelDownload> {
        let now = self.now;
        if !self.seen_download(id, by)?.is_active() {
            return Err(Kind::NotAllowedInCurrentState);
        }
        let session = self.downloads.get_mut(id).expect("it is seen");
        session.expires = session.expires.max(now + IDLE_MS);
        Ok(session)
    }

    pub(crate) fn prepare(&mut self, id: &str, by: &str, name: &str) -> Verdict {
        let before = self.downloads.clone();
        let file = self.used_download(id, by)?.files.get_mut(name);
        match file {
            Some(file) if *file == 0 || *file == 3 => *file = 1,
            Some(_) => {}
            None => {
                self.downloads = before;
                return Err(Kind::InvalidArgument);
            }
        }
        Ok(())
    }

    pub(crate) fn report_prepared(&mut self, id: &str, name: &str, is_ready: bool) -> Verdict {
        let before = self.downloads.clone();
        let refused = match self.used_download(id, "")?.files.get_mut(name) {
            Some(file) if *file == 1 => {
                *file = if is_ready { 2 } else { 3 };
                return Ok(());
            }
            Some(_) => Kind::ConcurrentChange,
            None => Kind::InvalidArgument,
        };
        self.downloads = before;
        Err(refused)
    }

    pub(crate) fn cancel_download(&mut self, id: &str, by: &str) -> Verdict {
        let now = self.now;
        let session = self.used_download(id, by)?;
        session.state = SessionState::Canceled;
        session.expires = now + KEPT_MS;
        Ok(())
    }

    pub(crate) fn delete_download(&mut self, id: &str, by: &str) -> Verdict {
        self.seen_download(id, by)?;
        self.downloads.remove(id);
        Ok(())
    }

    pub(crate) fn sweep_download(&mut self, id: &str) {
        let now = self.now;
        self.downloads.retain(|other, session| other != id || session.expires > now);
    }
}

impl ModelDownload {
    pub(crate) fn is_active(&self) -> bool {
        self.state == SessionState::Active
    }
}
