//! Download sessions: an item's files as they were when the session began, made ready one by one.
//!
//! A session goes on offering what it began with, also when the item's files are replaced meanwhile: their bytes are kept
//! until it ends. Sessions end when they are cancelled, fail or expire; there is nothing to complete.

use serde::{Deserialize, Serialize};

use super::checksum::Checksum;
use super::client_token::{self, Attempt, ClientToken, RequestKey};
use super::decision::{Caller, Command, Draft, Effect, Question, Stop};
use super::freed;
use super::ids::{BlobId, ContentVersion, DownloadSessionId, ItemId, Secret, Time, UserName, Version};
use super::item::{self, Item};
use super::library::{self, Via};
use super::refusal::{Message, Refusal};
use super::update::{SessionState, advanced, is_business_of};

/// A download session. Its state is never [`SessionState::Done`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadSession {
    /// Its identifier.
    pub id: DownloadSessionId,
    /// The item that it offers.
    pub item: ItemId,
    /// Whose it is; unset, the server's own.
    pub owner: Option<UserName>,
    /// The content version that it offers.
    pub content_version: ContentVersion,
    /// Whether it has ended, and how.
    pub state: SessionState,
    /// Why it failed.
    pub error: Option<Message>,
    /// How far the client says it is, in percent.
    pub progress: u8,
    /// When it is gone.
    pub expires: Time,
    /// The files.
    pub files: Vec<DownloadFile>,
    /// The token that it was made with.
    pub made_by: Option<RequestKey>,
}

/// A file of a download session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DownloadFile {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: u64,
    /// Which copy of it the session began with; see [`item::ItemFile`].
    #[serde(default = "first")]
    pub version: Version,
    /// Its checksum, if it is known.
    pub checksum: Option<Checksum>,
    /// Its bytes, unless they have to be fetched first.
    pub blob: Option<BlobId>,
    /// Whether it can be fetched.
    pub status: Preparation,
    /// What its address holds, once it was asked for.
    pub secret: Option<Secret>,
    /// Which kind of address was asked for.
    pub endpoint: EndpointKind,
}

fn first() -> Version {
    Version::FIRST
}

/// Whether a file can be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Preparation {
    /// Nobody asked for it.
    Unprepared,
    /// Somebody asked.
    Requested,
    /// It is made ready.
    Preparing,
    /// It can be fetched.
    Prepared,
    /// It cannot, for this reason.
    Error(Message),
}

/// Kinds of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointKind {
    /// Through the server.
    #[default]
    Https,
    /// In the server's storage.
    Direct,
}

/// Makes a session.
#[derive(Clone, Debug)]
pub struct CreateDownloadSession {
    /// The identifier it gets.
    pub id: DownloadSessionId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// The item to offer.
    pub item: ItemId,
}

impl Command for CreateDownloadSession {
    type Reply = DownloadSessionId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<DownloadSessionId, Stop> {
        let operation = "download_session.create";
        if let Some(made) = client_token::made_with(draft, operation, self.token.as_ref())? {
            clear_if_expired(draft, &made.into())?;
        }
        let key = match client_token::attempt(draft, operation, self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        let mut item = item::find(draft, &self.item)?.clone();
        library::in_service(draft, &item.library, Via::Library)?;
        let n_downloads_max = draft.limits().item_downloads_max;
        if item.downloads.len() >= n_downloads_max {
            return Err(Refusal::too_many_downloads(&item.id, n_downloads_max).into());
        }
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        let offered = |file: &item::ItemFile| DownloadFile {
            name: file.name.clone(),
            size: file.size,
            version: file.version,
            checksum: file.checksum.clone(),
            blob: file.blob.clone(),
            status: Preparation::Unprepared,
            secret: None,
            endpoint: EndpointKind::Https,
        };
        draft.insert(DownloadSession {
            id: self.id.clone(),
            item: item.id.clone(),
            owner: draft.user().cloned(),
            content_version: item.content_version,
            state: SessionState::Active,
            error: None,
            progress: 0,
            expires: draft.now().plus_ms(draft.limits().session_idle_ms),
            files: item.files.iter().map(offered).collect(),
            made_by: key,
        })?;
        item.downloads.insert(self.id.clone());
        draft.put(item);
        Ok(self.id.clone())
    }
}

/// Keeps a session from expiring; bytes that are fetched do too.
#[derive(Clone, Debug)]
pub struct KeepDownloadSession {
    /// Which session.
    pub id: DownloadSessionId,
    /// How far the client is, in percent. Less than before counts as before, more than 100 as 100.
    pub progress: Option<i64>,
}

impl Command for KeepDownloadSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = active(draft, &self.id, "keep_alive")?;
        session.progress = advanced(session.progress, self.progress);
        draft.put(session);
        Ok(())
    }
}

/// Gives a session up.
#[derive(Clone, Debug)]
pub struct CancelDownloadSession {
    /// Which session.
    pub id: DownloadSessionId,
}

impl Command for CancelDownloadSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = active(draft, &self.id, "cancel")?;
        end(draft, session, SessionState::Canceled, None)
    }
}

/// Gives a session up because something went wrong at the client's.
#[derive(Clone, Debug)]
pub struct FailDownloadSession {
    /// Which session.
    pub id: DownloadSessionId,
    /// What went wrong, in the client's words.
    pub message: Option<String>,
}

impl Command for FailDownloadSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = active(draft, &self.id, "fail")?;
        let words = Message::client_failed(self.message.as_deref());
        end(draft, session, SessionState::Error, Some(words))
    }
}

/// Forgets a session, whatever its state.
#[derive(Clone, Debug)]
pub struct DeleteDownloadSession {
    /// Which session.
    pub id: DownloadSessionId,
}

impl Command for DeleteDownloadSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = find(draft, &self.id)?.clone();
        forget(draft, &session)
    }
}

/// Clears a session away whose time is over; to be called with every session that is due.
#[derive(Clone, Debug)]
pub struct ExpireDownloadSession {
    /// Which session. One that is not there, or not due, stays as it is.
    pub id: DownloadSessionId,
}

impl Command for ExpireDownloadSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        clear_if_expired(draft, &self.id)
    }
}

/// Asks for a file to be made ready.
#[derive(Clone, Debug)]
pub struct PrepareFile {
    /// Which session.
    pub session: DownloadSessionId,
    /// The file's name.
    pub name: String,
    /// Which kind of address is wanted.
    pub endpoint: EndpointKind,
    /// The secret for its address.
    pub secret: Secret,
}

impl Command for PrepareFile {
    type Reply = DownloadFile;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<DownloadFile, Stop> {
        let mut session = active(draft, &self.session, "prepare")?;
        let reads_storage = !matches!(draft.by(), Caller::User { reads_storage: false, .. });
        if self.endpoint == EndpointKind::Direct && !reads_storage {
            return Err(Refusal::may_not_read_storage().into());
        }
        let file = session.file_mut(&self.name)?;
        if matches!(file.status, Preparation::Unprepared | Preparation::Error(_)) {
            file.status = Preparation::Requested;
            file.secret = Some(self.secret.clone());
            draft.effect(Effect::Prepare { session: self.session.clone(), file: self.name.clone() });
        }
        file.endpoint = self.endpoint;
        let file = file.clone();
        draft.put(session);
        Ok(file)
    }
}

/// Tells how far a file is with being made ready.
#[derive(Clone, Debug)]
pub struct ReportPreparation {
    /// Which session.
    pub session: DownloadSessionId,
    /// The file's name.
    pub name: String,
    /// How far.
    pub report: PreparationReport,
}

/// How far a file is.
#[derive(Clone, Debug)]
pub enum PreparationReport {
    /// It takes a while.
    Preparing,
    /// It can be fetched.
    Prepared,
    /// It cannot, for this reason.
    Failed(String),
}

impl Command for ReportPreparation {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = active(draft, &self.session, "prepare")?;
        let file = session.file_mut(&self.name)?;
        if !matches!(file.status, Preparation::Requested | Preparation::Preparing) {
            return Err(Refusal::transfer_is_void().into());
        }
        match &self.report {
            PreparationReport::Preparing => file.status = Preparation::Preparing,
            PreparationReport::Prepared => file.status = Preparation::Prepared,
            PreparationReport::Failed(reason) => {
                file.status = Preparation::Error(Message::not_prepared(reason));
            }
        }
        draft.put(session);
        Ok(())
    }
}

impl DownloadSession {
    /// The file of this name.
    pub fn file(&self, name: &str) -> Option<&DownloadFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// What is to be done outside for it, as far as it was not done yet.
    pub fn unfinished(&self) -> Vec<Effect> {
        let is_asked = |file: &&DownloadFile| {
            self.state == SessionState::Active
                && matches!(file.status, Preparation::Requested | Preparation::Preparing)
        };
        let to_do =
            |file: &DownloadFile| Effect::Prepare { session: self.id.clone(), file: file.name.clone() };
        self.files.iter().filter(is_asked).map(to_do).collect()
    }

    pub(super) fn file_mut(&mut self, name: &str) -> Result<&mut DownloadFile, Refusal> {
        self.files.iter_mut().find(|file| file.name == name).ok_or_else(|| Refusal::no_download_file(name))
    }

    fn blobs(&self) -> impl Iterator<Item = &BlobId> {
        self.files.iter().filter_map(|file| file.blob.as_ref())
    }
}

/// Asks for a session with its files.
#[derive(Clone, Debug)]
pub struct GetDownloadSession {
    /// Which session.
    pub id: DownloadSessionId,
}

impl Question for GetDownloadSession {
    type Answer = DownloadSession;

    fn answer(&self, draft: &Draft<'_>) -> Result<DownloadSession, Stop> {
        Ok(find(draft, &self.id)?.clone())
    }
}

/// Asks for a file. One that cannot be made ready is an error: there are clients that wait for it to be ready and for
/// nothing else.
#[derive(Clone, Debug)]
pub struct GetDownloadFile {
    /// Which session.
    pub session: DownloadSessionId,
    /// The file's name.
    pub name: String,
}

impl Question for GetDownloadFile {
    type Answer = DownloadFile;

    fn answer(&self, draft: &Draft<'_>) -> Result<DownloadFile, Stop> {
        let session = find(draft, &self.session)?;
        let file = session.file(&self.name).ok_or_else(|| Refusal::no_download_file(&self.name))?;
        match &file.status {
            Preparation::Error(words) => Err(Refusal::not_prepared(&self.name, words).into()),
            _ => Ok(file.clone()),
        }
    }
}

/// Asks for the file whose address holds this secret.
#[derive(Clone, Debug)]
pub struct LocateDownload {
    /// Which session.
    pub session: DownloadSessionId,
    /// The secret.
    pub secret: Secret,
}

impl Question for LocateDownload {
    type Answer = DownloadFile;

    fn answer(&self, draft: &Draft<'_>) -> Result<DownloadFile, Stop> {
        let session = active(draft, &self.session, "download")?;
        let is_meant = |file: &&DownloadFile| {
            file.status == Preparation::Prepared
                && file.secret.as_ref().is_some_and(|ours| ours.matches(&self.secret))
        };
        Ok(session.files.iter().find(is_meant).cloned().ok_or_else(Refusal::no_download)?)
    }
}

/// The active sessions of the item that offer these bytes.
pub(super) fn readers_of(
    draft: &Draft<'_>,
    item: &Item,
    blob: &BlobId,
) -> Result<Vec<DownloadSessionId>, Stop> {
    let mut readers = Vec::new();
    for id in &item.downloads {
        let session = draft.get::<DownloadSession>(id)?;
        if session.is_some_and(|session| session.blobs().any(|offered| offered == blob)) {
            readers.push(id.clone());
        }
    }
    Ok(readers)
}

/// A session ends because its item goes.
pub(super) fn fail_for(draft: &mut Draft<'_>, id: &DownloadSessionId, words: &Message) -> Result<(), Stop> {
    let Some(session) = draft.get::<DownloadSession>(id)?.cloned() else { return Ok(()) };
    if session.expires <= draft.now() {
        // Nobody sees it any more, and it does not come back as one that failed.
        return forget(draft, &session);
    }
    end(draft, session, SessionState::Error, Some(words.clone()))
}

fn find<'d>(draft: &'d Draft<'_>, id: &DownloadSessionId) -> Result<&'d DownloadSession, Stop> {
    let session = draft.get::<DownloadSession>(id)?;
    let seen = session.filter(|session| {
        draft.now() < session.expires && is_business_of(draft.by(), session.owner.as_ref())
    });
    Ok(seen.ok_or_else(|| Refusal::no_session(id.as_str()))?)
}

pub(super) fn active(
    draft: &Draft<'_>,
    id: &DownloadSessionId,
    operation: &str,
) -> Result<DownloadSession, Stop> {
    let mut session = find(draft, id)?.clone();
    if session.state != SessionState::Active {
        return Err(Refusal::session_ended(operation, session.state, session.error.as_ref()).into());
    }
    session.expires = session.expires.max(draft.now().plus_ms(draft.limits().session_idle_ms));
    Ok(session)
}

fn end(
    draft: &mut Draft<'_>,
    mut session: DownloadSession,
    state: SessionState,
    error: Option<Message>,
) -> Result<(), Stop> {
    release(draft, &session)?;
    session.state = state;
    session.error = error;
    session.expires = draft.now().plus_ms(draft.limits().session_kept_ms);
    draft.put(session);
    Ok(())
}

fn release(draft: &mut Draft<'_>, session: &DownloadSession) -> Result<(), Stop> {
    if let Some(item) = draft.get::<Item>(&session.item)? {
        let mut item = item.clone();
        item.downloads.remove(&session.id);
        draft.put(item);
    }
    freed::stop_reading(draft, &session.id, session.blobs())
}

fn clear_if_expired(draft: &mut Draft<'_>, id: &DownloadSessionId) -> Result<(), Stop> {
    let Some(session) = draft.get::<DownloadSession>(id)?.cloned() else { return Ok(()) };
    if draft.now() < session.expires {
        return Ok(());
    }
    forget(draft, &session)
}

fn forget(draft: &mut Draft<'_>, session: &DownloadSession) -> Result<(), Stop> {
    if session.state == SessionState::Active {
        release(draft, session)?;
    }
    client_token::forget(draft, session.made_by.as_ref());
    draft.remove::<DownloadSession>(&session.id);
    Ok(())
}
