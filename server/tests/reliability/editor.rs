//! A client that edits one item, and remembers what it was told: the sessions, how far each file is, what the item holds.
//!
//! When the server is killed one call may have no answer. That one alone may have come about or not, and
//! [`Editor::check`] takes whichever is found for what is so from then on.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use http::Method;
use vapi::content::library::item::updatesession::file::{AddSpec, Info, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionModel, UpdateSessionModelState as State};

use crate::content::{Content, Cut, answered, exchange, path_of};
use crate::offshoots::{Copied, Offered};
use crate::random_numbers::Random;

const NAMES: [&str; 3] = ["disk one.vmdk", "disk-two.vmdk", "notes"];
const BYTES_MAX: u64 = 200_000;
/// How many ended sessions are kept before the first goes.
const ENDED_MAX: usize = 4;
/// How many copies and open download sessions there are before the first goes.
const COPIES_MAX: usize = 3;
const OFFERED_MAX: usize = 3;

/// The files of a session that were added to it; the item's own are listed with them.
async fn sent_files(client: &vapi::Client, session: &str) -> Result<Vec<Info>, Cut> {
    let mut files = answered(client.update_session_file().list(session).await)?;
    files.retain(|info| info.source_type == SourceType::Push);
    Ok(files)
}

/// A file of a session.
#[derive(Clone, Debug)]
struct Sent {
    content: Content,
    /// Without scheme and host, which change.
    path: String,
    /// How many bytes the server has said to have for good, and where the next ones go on.
    acknowledged: usize,
    is_ready: bool,
}

#[derive(Debug, Default)]
struct Session {
    id: String,
    files: BTreeMap<String, Sent>,
    /// Files of the item that go when it is complete.
    removed: BTreeSet<String>,
}

#[derive(Clone, Debug)]
enum Step {
    Begin,
    Add(String, Content),
    /// Up to this byte.
    Send(String, usize),
    Remove(String),
    Complete,
    Fail,
    Cancel,
    /// The one that ended first.
    Delete,
    /// Of the item, under this name.
    Copy(String),
    /// The first one.
    DeleteCopy,
    /// Has all files of the item offered.
    Offer,
    /// What was offered first.
    EndOffer,
}

/// Edits one item.
pub(crate) struct Editor {
    pub(crate) item: String,
    random: Random,
    pub(crate) files: BTreeMap<String, Content>,
    pub(crate) copies: Vec<Copied>,
    pub(crate) offered: Vec<Offered>,
    n_copies: u64,
    session: Option<Session>,
    /// Identifiers, and how they ended.
    ended: Vec<(String, State)>,
    deleted: Vec<String>,
    in_doubt: Option<Step>,
    pub(crate) n_acknowledged: u64,
    pub(crate) n_in_doubt: u64,
}

impl Editor {
    pub(crate) fn new(item: String, random: Random) -> Editor {
        Editor {
            item,
            random,
            files: BTreeMap::new(),
            copies: Vec::new(),
            offered: Vec::new(),
            n_copies: 0,
            session: None,
            ended: Vec::new(),
            deleted: Vec::new(),
            in_doubt: None,
            n_acknowledged: 0,
            n_in_doubt: 0,
        }
    }

    /// Its item's, and those of copies of it.
    pub(crate) fn n_files(&self) -> usize {
        self.files.len() + self.copies.iter().map(|copy| copy.files.len()).sum::<usize>()
    }

    /// Edits until the server is gone.
    pub(crate) async fn edit(&mut self, client: &vapi::Client, url: &str) {
        loop {
            let step = self.next();
            if self.take(&step, client, url).await.is_err() {
                self.n_in_doubt += 1;
                self.in_doubt = Some(step);
                return;
            }
            self.n_acknowledged += 1;
        }
    }

    fn next(&mut self) -> Step {
        if self.ended.len() >= ENDED_MAX {
            return Step::Delete;
        }
        if self.session.is_none() {
            return self.next_outside();
        }
        let session = self.session.as_ref().expect("a session");
        let random = &mut self.random;
        if random.is_chosen(6) {
            return if random.is_chosen(50) { Step::Fail } else { Step::Cancel };
        }
        if let Some((name, sent)) = session.files.iter().find(|(_, sent)| !sent.is_ready) {
            let left = (sent.content.size - sent.acknowledged) as u64;
            let part = if random.is_chosen(30) { 1 + random.below(left) } else { left };
            return Step::Send(name.clone(), sent.acknowledged + part as usize);
        }
        let free: Vec<_> = NAMES.iter().filter(|name| !session.files.contains_key(**name)).collect();
        if free.is_empty() || (!session.files.is_empty() && random.is_chosen(50)) {
            return Step::Complete;
        }
        let name = free[random.below(free.len() as u64) as usize];
        if self.files.contains_key(*name) && !session.removed.contains(*name) && random.is_chosen(30) {
            return Step::Remove((*name).to_owned());
        }
        let size = 1 + random.below(BYTES_MAX) as usize;
        Step::Add((*name).to_owned(), Content { seed: random.next(), size })
    }

    /// A step between two sessions.
    fn next_outside(&mut self) -> Step {
        if self.copies.len() >= COPIES_MAX {
            return Step::DeleteCopy;
        }
        if self.offered.len() >= OFFERED_MAX {
            return Step::EndOffer;
        }
        if self.files.is_empty() || self.random.is_chosen(60) {
            return Step::Begin;
        }
        if self.random.is_chosen(50) {
            return Step::Offer;
        }
        self.n_copies += 1;
        Step::Copy(format!("{} again, {}", self.item, self.n_copies))
    }

    fn id(&self) -> &str {
        &self.session.as_ref().expect("a session").id
    }

    async fn take(&mut self, step: &Step, client: &vapi::Client, url: &str) -> Result<(), Cut> {
        let sessions = client.update_session();
        match step {
            Step::Begin => {
                let id = answered(sessions.create(UpdateSessionModel::for_create(self.item.as_str())).await)?;
                self.begun(id.to_string());
            }
            Step::Add(name, content) => {
                let spec = AddSpec::new(name.as_str(), SourceType::Push).size(content.size as i64);
                let info = answered(client.update_session_file().add(self.id(), spec).await)?;
                self.added(name, content, &info.upload_endpoint.expect("an address").uri.to_string());
            }
            Step::Send(name, to) => self.send(name, *to, url).await?,
            Step::Complete => {
                answered(sessions.complete(self.id()).await)?;
                self.completed();
            }
            Step::Fail => {
                answered(sessions.fail(self.id(), "no more coffee").await)?;
                self.end(State::Error);
            }
            Step::Cancel => {
                answered(sessions.cancel(self.id()).await)?;
                self.end(State::Canceled);
            }
            Step::Delete => {
                answered(sessions.delete(self.ended[0].0.as_str()).await)?;
                self.deleted.push(self.ended.remove(0).0);
            }
            Step::Remove(name) => {
                answered(client.update_session_file().remove(self.id(), name.as_str()).await)?;
                self.session.as_mut().expect("a session").removed.insert(name.clone());
            }
            Step::Copy(name) => self.copy(client, name).await?,
            Step::DeleteCopy => self.delete_copy(client).await?,
            Step::Offer => self.offer(client).await?,
            Step::EndOffer => self.end_offer(client).await?,
        }
        Ok(())
    }

    async fn send(&mut self, name: &str, to: usize, url: &str) -> Result<(), Cut> {
        let sent = self.session.as_mut().and_then(|session| session.files.get_mut(name)).expect("a file");
        let (from, size) = (sent.acknowledged, sent.content.size);
        let is_whole = from == 0 && to == size;
        let range = (!is_whole).then(|| format!("bytes {from}-{}/{size}", to - 1));
        let url = format!("{url}{}", sent.path);
        let reply = exchange(url, Method::PUT, range, sent.content.bytes().slice(from..to)).await?;
        let body: serde_json::Value = serde_json::from_slice(reply.body()).unwrap();
        assert_eq!(body["status"], if to == size { "READY" } else { "WAITING_FOR_TRANSFER" }, "{reply:?}");
        (sent.acknowledged, sent.is_ready) = (to, to == size);
        Ok(())
    }

    fn begun(&mut self, id: String) {
        self.session = Some(Session { id, ..Session::default() });
    }

    fn added(&mut self, name: &str, content: &Content, uri: &str) {
        let sent = Sent { content: content.clone(), path: path_of(uri), acknowledged: 0, is_ready: false };
        let session = self.session.as_mut().expect("a session");
        session.removed.remove(name);
        session.files.insert(name.to_owned(), sent);
    }

    fn completed(&mut self) {
        let Session { files, removed, .. } = self.session.as_ref().expect("a session");
        self.files.retain(|name, _| !removed.contains(name));
        self.files.extend(files.iter().map(|(name, sent)| (name.clone(), sent.content.clone())));
        self.end(State::Done);
    }

    fn end(&mut self, state: State) {
        let session = self.session.take().expect("a session");
        self.ended.push((session.id, state));
    }

    /// Looks whether everything is as it was told, but for the call in doubt.
    pub(crate) async fn check(&mut self, client: &vapi::Client, url: &str) {
        let checked = async {
            self.settle(client).await?;
            self.check_sessions(client).await?;
            self.check_session_files(client, url).await?;
            self.check_item(client).await?;
            self.check_copies(client).await?;
            self.check_bytes(client, url).await
        };
        assert!(checked.await.is_ok(), "it went down by itself");
    }

    /// Finds out what became of the call in doubt. Only whether it came about is taken from here; the checks look at
    /// whether all of it did.
    async fn settle(&mut self, client: &vapi::Client) -> Result<(), Cut> {
        let sessions = client.update_session();
        match self.in_doubt.take() {
            None | Some(Step::Send(..)) => {}
            Some(Step::Begin) => {
                let listed = self.listed(client).await?;
                let mut new =
                    listed.into_iter().filter(|id| !self.ended.iter().any(|(ended, _)| ended == id));
                if let Some(id) = new.next() {
                    self.begun(id);
                }
            }
            Some(Step::Add(name, content)) => {
                let files = sent_files(client, self.id()).await?;
                if let Some(info) = files.into_iter().find(|info| info.name == name) {
                    self.added(&name, &content, &info.upload_endpoint.expect("an address").uri.to_string());
                }
            }
            Some(Step::Remove(name)) => {
                let left = answered(client.update_session_file().list(self.id()).await)?;
                if !left.iter().any(|info| info.name == name) {
                    self.session.as_mut().expect("a session").removed.insert(name);
                }
            }
            Some(Step::Copy(name)) => self.settle_copy(client, name).await?,
            Some(Step::DeleteCopy) => self.settle_deleted_copy(client).await?,
            Some(Step::Offer | Step::EndOffer) => self.settle_offers(client).await?,
            Some(Step::Complete | Step::Fail | Step::Cancel) => {
                match answered(sessions.get(self.id()).await)?.state.expect("a state") {
                    State::Active => {}
                    State::Done => self.completed(),
                    other => self.end(other),
                }
            }
            Some(Step::Delete) => {
                if !self.listed(client).await?.contains(&self.ended[0].0) {
                    self.deleted.push(self.ended.remove(0).0);
                }
            }
        }
        Ok(())
    }

    async fn listed(&self, client: &vapi::Client) -> Result<Vec<String>, Cut> {
        let list = client.update_session().list().with(|input| input.library_item_id(self.item.as_str()));
        Ok(answered(list.await)?.iter().map(ToString::to_string).collect())
    }

    async fn check_sessions(&self, client: &vapi::Client) -> Result<(), Cut> {
        let sessions = client.update_session();
        let active = self.session.iter().map(|session| (&session.id, &State::Active));
        let expected: BTreeMap<_, _> =
            self.ended.iter().map(|(id, state)| (id, state)).chain(active).collect();
        let listed = self.listed(client).await?;
        assert_eq!(listed.iter().collect::<BTreeSet<_>>(), expected.keys().copied().collect());
        for (id, state) in expected {
            let found = answered(sessions.get(id.as_str()).await)?;
            assert_eq!(found.state.as_ref(), Some(state), "{id}");
        }
        if let Some(id) = self.deleted.last() {
            let gone = sessions.get(id.as_str()).await.expect_err("it was deleted");
            assert_eq!(gone.id(), Some("com.vmware.vapi.std.errors.not_found"));
        }
        Ok(())
    }

    async fn check_session_files(&mut self, client: &vapi::Client, url: &str) -> Result<(), Cut> {
        let Some(session) = &mut self.session else { return Ok(()) };
        let mut left = self.files.clone();
        left.retain(|name, _| !session.files.contains_key(name) && !session.removed.contains(name));
        let listed = answered(client.update_session_file().list(session.id.as_str()).await)?;
        let listed = listed.iter().filter(|info| info.source_type == SourceType::None);
        let listed: BTreeSet<_> = listed.map(|info| &info.name).collect();
        assert_eq!(listed, left.keys().collect(), "untouched files of {}", session.id);
        let found = sent_files(client, &session.id).await?;
        assert_eq!(found.len(), session.files.len(), "{found:?}");
        for info in found {
            let sent = session.files.get_mut(&info.name).expect("a file that was added");
            match info.status {
                TransferStatus::Ready => {
                    // If this was not told, then because there was no answer.
                    (sent.is_ready, sent.acknowledged) = (true, sent.content.size);
                    assert_eq!(info.bytes_transferred, sent.content.size as i64);
                    assert_eq!(info.checksum_info.expect("a checksum").checksum, sent.content.sha256());
                }
                TransferStatus::WaitingForTransfer if !sent.is_ready => {
                    let reply =
                        exchange(format!("{url}{}", sent.path), Method::HEAD, None, Bytes::new()).await?;
                    let offset = reply.headers()["upload-offset"].to_str().unwrap().parse().unwrap();
                    assert!(
                        (sent.acknowledged..=sent.content.size).contains(&offset),
                        "{offset} of {sent:?}"
                    );
                    // All bytes can be there before the server has said that the file is whole. No range is empty, so
                    // the last byte is sent once more.
                    sent.acknowledged = offset.min(sent.content.size - 1);
                }
                _ => panic!("{info:?} was {sent:?}"),
            }
        }
        Ok(())
    }

    /// What is seen of the item is what was completed, to the byte.
    async fn check_item(&self, client: &vapi::Client) -> Result<(), Cut> {
        let found = answered(client.file().list(self.item.as_str()).await)?;
        assert_eq!(found.len(), self.files.len(), "{found:?}");
        assert!(found.iter().all(|info| self.files.contains_key(&info.name)), "{found:?}");
        for info in &found {
            let content = &self.files[&info.name];
            assert_eq!((info.size, info.cached), (content.size as i64, true));
            assert_eq!(info.checksum_info.as_ref().expect("a checksum").checksum, content.sha256());
        }
        Ok(())
    }

    /// Gives up what is not completed.
    pub(crate) async fn give_up(&mut self, client: &vapi::Client) {
        if self.session.is_some() {
            client.update_session().cancel(self.id()).await.unwrap();
            self.end(State::Canceled);
        }
        while !self.offered.is_empty() {
            assert!(self.end_offer(client).await.is_ok(), "it went down by itself");
        }
    }
}
