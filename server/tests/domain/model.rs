//! What a content library does, once more: a few maps that are changed in place, written from the description of the
//! behaviour and not from the domain.
//!
//! It knows items without a type, their update sessions with files that are sent or fetched, and copies; of download
//! sessions, see [`crate::model_downloads`]. A call says what it comes to; what can be seen is compared from outside.
//! It keeps no bytes and no words.

use std::collections::{BTreeMap, BTreeSet};

use contentlibd::domain::Kind;
use contentlibd::domain::update::SessionState;

use crate::model_downloads::ModelDownload;

pub(crate) const IDLE_MS: i64 = 300_000;
pub(crate) const KEPT_MS: i64 = 24 * 3_600_000;

/// What a call comes to.
pub(crate) type Verdict<T = ()> = Result<T, Kind>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) items: BTreeMap<String, ModelItem>,
    pub(crate) updates: BTreeMap<String, ModelUpdate>,
    pub(crate) downloads: BTreeMap<String, ModelDownload>,
    /// By user and token: the session, and the item that was asked for.
    tokens: BTreeMap<(String, u8), (String, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelItem {
    pub(crate) name: String,
    pub(crate) version: u64,
    pub(crate) content: u64,
    /// By name: the file's version and size.
    pub(crate) files: BTreeMap<String, (u64, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) struct ModelUpdate {
    pub(crate) item: String,
    /// Nobody, for a copy.
    pub(crate) owner: String,
    pub(crate) state: SessionState,
    pub(crate) expires: i64,
    pub(crate) progress: i64,
    pub(crate) brings: BTreeMap<String, ModelFile>,
    pub(crate) takes: BTreeSet<String>,
    pub(crate) n_started: u64,
    completing: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ModelFile {
    pub(crate) fetched: bool,
    pub(crate) wanted: Option<u64>,
    pub(crate) bytes: Bytes,
    /// The number of the transfer that counts.
    pub(crate) number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bytes {
    /// So many are there, and no more come.
    Idle(u64),
    /// So many came, and so many of them stay.
    Coming(u64, u64),
    All(u64),
    Wrong,
}

/// How a transfer ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    Received(u64),
    Broken(u64),
    Failed,
}

impl Model {
    pub(crate) fn at(now: i64) -> Model {
        Model { now, ..Model::default() }
    }

    pub(crate) fn create_item(&mut self, id: &str, name: &str) -> Verdict {
        self.name_is_free(name, "")?;
        let item = ModelItem { name: name.to_owned(), version: 1, content: 1, files: BTreeMap::new() };
        self.items.insert(id.to_owned(), item);
        Ok(())
    }

    pub(crate) fn rename_item(&mut self, id: &str, name: &str) -> Verdict {
        self.items.get(id).ok_or(Kind::NotFound)?;
        self.name_is_free(name, id)?;
        let item = self.items.get_mut(id).ok_or(Kind::NotFound)?;
        item.name = name.to_owned();
        item.version += 1;
        Ok(())
    }

    fn name_is_free(&self, name: &str, but: &str) -> Verdict {
        let taken =
            self.items.iter().any(|(id, item)| id != but && item.name.to_lowercase() == name.to_lowercase());
        if taken { Err(Kind::AlreadyExists) } else { Ok(()) }
    }

    pub(crate) fn delete_item(&mut self, id: &str) -> Verdict {
        self.items.remove(id).ok_or(Kind::NotFound)?;
        // What has expired is gone for everybody, and does not come back as something that failed.
        let now = self.now;
        let of_item = self.updates.iter().filter(|(_, session)| session.item == id && session.is_active());
        let expired: Vec<_> =
            of_item.filter(|(_, session)| session.expires <= now).map(|(id, _)| id.clone()).collect();
        expired.iter().for_each(|session| self.drop_update(session));
        self.downloads
            .retain(|_, session| session.item != id || !session.is_active() || session.expires > now);
        for session in self.updates.values_mut().filter(|session| session.item == id && session.is_active()) {
            session.finish(self.now, SessionState::Error);
        }
        for session in self.downloads.values_mut().filter(|session| session.item == id && session.is_active())
        {
            session.state = SessionState::Error;
            session.expires = self.now + KEPT_MS;
        }
        Ok(())
    }

    pub(crate) fn copy_item(&mut self, id: &str, session: &str, source: &str, name: &str) -> Verdict {
        let files = self.items.get(source).ok_or(Kind::NotFound)?.files.clone();
        self.create_item(id, name)?;
        if files.is_empty() {
            return Ok(());
        }
        let copied = |(name, (_, size)): (String, (u64, u64))| {
            (name, ModelFile { fetched: true, wanted: Some(size), bytes: Bytes::Idle(0), number: 0 })
        };
        let mut filling = ModelUpdate::new(id, "", self.now);
        filling.brings = files.into_iter().map(copied).collect();
        filling.completing = true;
        self.updates.insert(session.to_owned(), filling);
        Ok(())
    }

    /// The session that is there then.
    pub(crate) fn open(&mut self, id: &str, by: &str, item: &str, token: Option<u8>) -> Verdict<String> {
        let before = self.clone();
        let opened = self.open_or_stop(id, by, item, token);
        if opened.is_err() {
            *self = before;
        }
        opened
    }

    fn open_or_stop(&mut self, id: &str, by: &str, item: &str, token: Option<u8>) -> Verdict<String> {
        let key = token.map(|token| (by.to_owned(), token));
        let before = key.as_ref().and_then(|key| self.tokens.get(key)).cloned();
        if let Some((made, asked)) = before {
            self.sweep_update(&made);
            match self.updates.contains_key(&made) {
                true if asked == item => return Ok(made),
                true => return Err(Kind::InvalidArgument),
                false => {}
            }
        }
        self.items.get(item).ok_or(Kind::NotFound)?;
        if let Some(other) = self.active_of(item) {
            self.sweep_update(&other);
        }
        self.items.get(item).ok_or(Kind::NotFound)?;
        if self.active_of(item).is_some() {
            return Err(Kind::ResourceBusy);
        }
        self.updates.insert(id.to_owned(), ModelUpdate::new(item, by, self.now));
        if let Some(key) = key {
            self.tokens.insert(key, (id.to_owned(), item.to_owned()));
        }
        Ok(id.to_owned())
    }

    fn active_of(&self, item: &str) -> Option<String> {
        let found = self.updates.iter().find(|(_, session)| session.item == item && session.is_active());
        found.map(|(id, _)| id.clone())
    }

    /// The session as the user sees it; the empty user is the server.
    pub(crate) fn seen(&self, id: &str, by: &str) -> Verdict<&ModelUpdate> {
        let session = self.updates.get(id).filter(|session| session.expires > self.now);
        session.filter(|session| by.is_empty() || session.owner == by).ok_or(Kind::NotFound)
    }

    /// The session, which is active and used now.
    fn used(&mut self, id: &str, by: &str) -> Verdict<&mut ModelUpdate> {
        if !self.seen(id, by)?.is_active() {
            return Err(Kind::NotAllowedInCurrentState);
        }
        Ok(self.updates.get_mut(id).expect("it is seen"))
    }

    /// What was decided is kept: the session lives on.
    fn touch(&mut self, id: &str) {
        let now = self.now;
        if let Some(session) = self.updates.get_mut(id).filter(|session| session.is_active()) {
            session.expires = session.expires.max(now + IDLE_MS);
        }
    }

    pub(crate) fn add(
        &mut self,
        id: &str,
        by: &str,
        file: &str,
        fetched: bool,
        wanted: Option<u64>,
    ) -> Verdict {
        let session = self.used(id, by)?;
        session.not_completing()?;
        session.takes.remove(file);
        session
            .brings
            .insert(file.to_owned(), ModelFile { fetched, wanted, bytes: Bytes::Idle(0), number: 0 });
        self.touch(id);
        Ok(())
    }

    pub(crate) fn leave(&mut self, id: &str, by: &str, file: &str) -> Verdict {
        let item = self.used(id, by)?.item.clone();
        let is_the_items = self.items[&item].files.contains_key(file);
        let session = self.used(id, by)?;
        session.not_completing()?;
        if !is_the_items {
            return Err(Kind::InvalidArgument);
        }
        session.brings.remove(file);
        session.takes.remove(file);
        self.touch(id);
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: &str, by: &str, file: &str) -> Verdict {
        let item = self.used(id, by)?.item.clone();
        let is_the_items = self.items[&item].files.contains_key(file);
        let session = self.used(id, by)?;
        session.not_completing()?;
        let was_brought = session.brings.remove(file).is_some();
        let is_new = is_the_items && session.takes.insert(file.to_owned());
        if !was_brought && !is_new {
            return Err(Kind::InvalidArgument);
        }
        self.touch(id);
        Ok(())
    }

    /// The number of the transfer.
    pub(crate) fn start(&mut self, id: &str, name: &str, offset: u64) -> Verdict<u64> {
        let session = self.used(id, "")?;
        let (number, completing) = (session.n_started + 1, session.completing);
        let file = session.brings.get_mut(name).ok_or(Kind::NotFound)?;
        if completing && !file.fetched {
            return Err(Kind::NotAllowedInCurrentState);
        }
        let stays = match file.bytes {
            Bytes::Idle(stay) | Bytes::Coming(_, stay) => stay,
            _ => 0,
        };
        if offset > stays {
            return Err(Kind::InvalidArgument);
        }
        file.bytes = Bytes::Coming(offset, offset);
        file.number = number;
        session.n_started = number;
        self.touch(id);
        Ok(number)
    }

    pub(crate) fn report(&mut self, id: &str, number: u64, came: u64, stay: u64) -> Verdict {
        let file = self.used(id, "")?.transfer(number)?;
        let Bytes::Coming(before, stayed) = file.bytes else { return Err(Kind::ConcurrentChange) };
        let came = came.max(before);
        file.bytes = Bytes::Coming(came, stayed.max(stay.min(came)));
        self.touch(id);
        Ok(())
    }

    pub(crate) fn end(&mut self, id: &str, number: u64, end: End) -> Verdict {
        let file = self.used(id, "")?.transfer(number)?;
        let Bytes::Coming(_, stayed) = file.bytes else { return Err(Kind::ConcurrentChange) };
        file.bytes = match end {
            End::Received(size) if file.wanted.is_none_or(|wanted| wanted == size) => Bytes::All(size),
            End::Received(_) | End::Failed => Bytes::Wrong,
            End::Broken(stay) => Bytes::Idle(stayed.max(stay)),
        };
        self.touch(id);
        if matches!(end, End::Broken(_)) || !self.updates[id].completing {
            return Ok(());
        }
        let session = &self.updates[id];
        if session.brings.values().any(|file| file.bytes == Bytes::Wrong) {
            self.give_up(id, SessionState::Error);
        } else if session.brings.values().all(|file| matches!(file.bytes, Bytes::All(_))) {
            self.publish(id);
        }
        Ok(())
    }

    pub(crate) fn complete(&mut self, id: &str, by: &str) -> Verdict<SessionState> {
        let session = self.used(id, by)?;
        let mut waits = false;
        for file in session.brings.values() {
            match file.bytes {
                Bytes::All(_) => {}
                Bytes::Wrong => return Err(Kind::NotAllowedInCurrentState),
                _ if file.fetched => waits = true,
                _ => return Err(Kind::NotAllowedInCurrentState),
            }
        }
        if waits {
            session.completing = true;
            self.touch(id);
            return Ok(SessionState::Active);
        }
        self.publish(id);
        Ok(SessionState::Done)
    }

    /// All changes can be seen.
    fn publish(&mut self, id: &str) {
        let session = self.updates.get_mut(id).expect("it is there");
        let item = self.items.get_mut(&session.item).expect("an active session's item");
        let before = item.files.clone();
        item.files.retain(|name, _| !session.takes.contains(name));
        for (name, file) in &session.brings {
            let Bytes::All(size) = file.bytes else { panic!("it is whole") };
            let version = before.get(name).map_or(1, |(version, _)| version + 1);
            item.files.insert(name.clone(), (version, size));
        }
        if item.files != before {
            item.content += 1;
        }
        session.finish(self.now, SessionState::Done);
    }

    pub(crate) fn cancel(&mut self, id: &str, by: &str) -> Verdict {
        self.used(id, by)?;
        self.give_up(id, SessionState::Canceled);
        Ok(())
    }

    pub(crate) fn fail(&mut self, id: &str, by: &str) -> Verdict {
        self.used(id, by)?;
        self.give_up(id, SessionState::Error);
        Ok(())
    }

    fn give_up(&mut self, id: &str, state: SessionState) {
        let session = self.updates.get_mut(id).expect("it is there");
        session.finish(self.now, state);
        let (item, is_copy) = (session.item.clone(), session.owner.is_empty());
        if is_copy {
            self.delete_item(&item).expect("the copy is there");
        }
    }

    pub(crate) fn keep(&mut self, id: &str, by: &str, progress: i64) -> Verdict {
        let session = self.used(id, by)?;
        session.progress = session.progress.max(progress.clamp(0, 100));
        self.touch(id);
        Ok(())
    }

    pub(crate) fn delete(&mut self, id: &str, by: &str) -> Verdict {
        if self.seen(id, by)?.is_active() {
            return Err(Kind::NotAllowedInCurrentState);
        }
        self.drop_update(id);
        Ok(())
    }

    pub(crate) fn sweep_update(&mut self, id: &str) {
        let Some(session) = self.updates.get(id).filter(|session| session.expires <= self.now) else {
            return;
        };
        if session.is_active() {
            self.give_up(id, SessionState::Error);
        }
        self.drop_update(id);
    }

    fn drop_update(&mut self, id: &str) {
        self.updates.remove(id);
        self.tokens.retain(|_, (made, _)| made != id);
    }
}

impl ModelUpdate {
    fn new(item: &str, owner: &str, now: i64) -> ModelUpdate {
        ModelUpdate {
            item: item.to_owned(),
            owner: owner.to_owned(),
            state: SessionState::Active,
            expires: now + IDLE_MS,
            progress: 0,
            brings: BTreeMap::new(),
            takes: BTreeSet::new(),
            n_started: 0,
            completing: false,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.state == SessionState::Active
    }

    fn not_completing(&self) -> Verdict {
        if self.completing { Err(Kind::NotAllowedInCurrentState) } else { Ok(()) }
    }

    fn transfer(&mut self, number: u64) -> Verdict<&mut ModelFile> {
        let found = self.brings.values_mut().find(|file| file.number == number && number > 0);
        found.ok_or(Kind::ConcurrentChange)
    }

    fn finish(&mut self, now: i64, state: SessionState) {
        self.state = state;
        self.expires = now + KEPT_MS;
        self.completing = false;
        for file in self.brings.values_mut().filter(|file| !matches!(file.bytes, Bytes::All(_))) {
            file.bytes = Bytes::Wrong;
        }
    }
}
