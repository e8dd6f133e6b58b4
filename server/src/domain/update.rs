//! Update sessions: one client's changes to an item's files, seen by nobody until they are complete.
//!
//! A session is active until it is completed, fails or is cancelled; what it ended in it stays in, until it is deleted or
//! was kept long enough (`ended-is-ended`). An item has one active session at most (`one-session`): the item names it.
//! An active session that is not used expires and is gone, as if it had never been; until somebody clears it away,
//! everybody takes it for gone.
//! Not here: the files ([`super::session_file`]), their bytes ([`super::transfer`]), completing ([`super::completion`]).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::adoption;
use super::client_token::{self, Attempt, ClientToken, RequestKey};
use super::content::{self, Preview, WarningBehavior, WarningChoice};
use super::decision::{Caller, Command, Draft, Effect, Question, Stop};
use super::ids::{ContentVersion, ItemId, Time, UpdateSessionId, UserName};
use super::item::{self, Item};
use super::published::PublishedItem;
use super::refusal::{Message, Refusal};
use super::session_file::{SessionFile, Status, effect_of};

/// An update session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateSession {
    /// Its identifier.
    pub id: UpdateSessionId,
    /// The item that it changes.
    pub item: ItemId,
    /// Whose it is; unset, the server's own.
    pub owner: Option<UserName>,
    /// What it is for.
    pub purpose: Purpose,
    /// The item's content version when the session was made.
    pub content_version: ContentVersion,
    /// Whether it has ended, and how.
    pub state: SessionState,
    /// Why it failed.
    pub error: Option<Message>,
    /// How far the client says it is, in percent.
    pub progress: u8,
    /// When it is gone: an active one if it is not used, an ended one in any case.
    pub expires: Time,
    /// What is to become of warnings about its content.
    pub warnings: Vec<WarningBehavior>,
    /// Whether it is to be done as soon as the files are there that the server gets itself.
    pub is_completing: bool,
    /// The files that it brings.
    pub files: Vec<SessionFile>,
    /// Names of the item's files that it takes away.
    pub removed: BTreeSet<String>,
    /// How many transfers there were.
    pub n_attempts: u64,
    /// The token that it was made with.
    pub made_by: Option<RequestKey>,
    /// What the item is to be with its files, if that is more than what it is now with them.
    #[serde(default)]
    pub published: Option<Box<PublishedItem>>,
}

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To change an item.
    Update,
    /// To fill an item that was made as a copy, and is nothing without it.
    Copy,
    /// To have an item follow the one that is published.
    Follow,
}

/// Whether a session has ended, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SessionState {
    /// It has not.
    Active,
    /// Its changes can be seen.
    Done,
    /// It failed.
    Error,
    /// Somebody cancelled it.
    Canceled,
}

impl SessionState {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            SessionState::Active => "ACTIVE",
            SessionState::Done => "DONE",
            SessionState::Error => "ERROR",
            SessionState::Canceled => "CANCELED",
        }
    }
}

impl UpdateSession {
    /// The file that it brings under this name.
    pub fn file(&self, name: &str) -> Option<&SessionFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// What is to be done outside for it, as far as it was not done yet.
    pub fn unfinished(&self) -> Vec<Effect> {
        let to_do = |file: &SessionFile| match &file.status {
            Status::Waiting | Status::Transferring => effect_of(self, file),
            Status::Validating => Some(Effect::Inspect { session: self.id.clone(), file: file.name.clone() }),
            Status::Ready | Status::Error(_) => None,
        };
        self.files.iter().filter_map(to_do).collect()
    }

    pub(super) fn file_mut(&mut self, name: &str) -> Option<&mut SessionFile> {
        self.files.iter_mut().find(|file| file.name == name)
    }

    /// It was used.
    pub(super) fn touch(&mut self, draft: &Draft<'_>) {
        self.expires = self.expires.max(draft.now().plus_ms(draft.limits().session_idle_ms));
    }
}

/// Makes a session.
#[derive(Clone, Debug)]
pub struct CreateUpdateSession {
    /// The identifier it gets.
    pub id: UpdateSessionId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// The item to change.
    pub item: ItemId,
    /// What is to become of warnings.
    pub warnings: Vec<WarningChoice>,
}

impl Command for CreateUpdateSession {
    type Reply = UpdateSessionId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<UpdateSessionId, Stop> {
        let operation = "update_session.create";
        if let Some(made) = client_token::made_with(draft, operation, self.token.as_ref())? {
            clear_if_expired(draft, &made.into())?;
        }
        let key = match client_token::attempt(draft, operation, self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        if let Some(other) = item::find(draft, &self.item)?.session.clone() {
            clear_if_expired(draft, &other)?;
        }
        let item = item::changeable(draft, &self.item)?;
        if item.is_of_type("vm-template") {
            return Err(Refusal::item_is_template(&item.id).into());
        }
        let warnings = content::check_choices(&self.warnings)?;
        if let Some(other) = &item.session {
            return Err(busy(draft, other)?.into());
        }
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        begin(draft, item, self.id.clone(), Purpose::Update, |session| {
            session.warnings = warnings;
            session.made_by = key;
        })?;
        Ok(self.id.clone())
    }
}

/// Makes a session of the item, which has none.
pub(super) fn begin(
    draft: &mut Draft<'_>,
    mut item: Item,
    id: UpdateSessionId,
    purpose: Purpose,
    fill: impl FnOnce(&mut UpdateSession),
) -> Result<UpdateSession, Stop> {
    let mut session = UpdateSession {
        id,
        item: item.id.clone(),
        owner: draft.user().cloned(),
        purpose,
        content_version: item.content_version,
        state: SessionState::Active,
        error: None,
        progress: 0,
        expires: draft.now().plus_ms(draft.limits().session_idle_ms),
        warnings: Vec::new(),
        is_completing: false,
        files: Vec::new(),
        removed: BTreeSet::new(),
        n_attempts: 0,
        made_by: None,
        published: None,
    };
    fill(&mut session);
    item.session = Some(session.id.clone());
    draft.put(item);
    draft.insert(session.clone())?;
    Ok(session)
}

/// Changes what is to become of warnings; unset, nothing.
#[derive(Clone, Debug)]
pub struct ChangeUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
    /// What is to become of warnings, in place of what was said before.
    pub warnings: Option<Vec<WarningChoice>>,
}

impl Command for ChangeUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = active(draft, &self.id, "update")?;
        if let Some(warnings) = &self.warnings {
            session.warnings = content::check_choices(warnings)?;
        }
        draft.put(session);
        Ok(())
    }
}

/// Keeps a session from expiring.
#[derive(Clone, Debug)]
pub struct KeepUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
    /// How far the client is, in percent. Less than before counts as before, more than 100 as 100.
    pub progress: Option<i64>,
}

impl Command for KeepUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = active(draft, &self.id, "keep_alive")?;
        session.progress = advanced(session.progress, self.progress);
        draft.put(session);
        Ok(())
    }
}

/// The progress after a client reported one.
pub(super) fn advanced(before: u8, reported: Option<i64>) -> u8 {
    let reported = reported.map_or(0, |percent| u8::try_from(percent.clamp(0, 100)).unwrap_or(100));
    before.max(reported)
}

/// Gives a session up.
#[derive(Clone, Debug)]
pub struct CancelUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
}

impl Command for CancelUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = active(draft, &self.id, "cancel")?;
        end_unfinished(draft, session, SessionState::Canceled, None)
    }
}

/// Gives a session up because something went wrong at the client's.
#[derive(Clone, Debug)]
pub struct FailUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
    /// What went wrong, in the client's words.
    pub message: Option<String>,
}

impl Command for FailUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = active(draft, &self.id, "fail")?;
        let words = Message::client_failed(self.message.as_deref());
        end_unfinished(draft, session, SessionState::Error, Some(words))
    }
}

/// Forgets a session that has ended.
#[derive(Clone, Debug)]
pub struct DeleteUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
}

impl Command for DeleteUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let session = find(draft, &self.id)?.clone();
        if session.state == SessionState::Active {
            return Err(Refusal::session_is_active(session.id.as_str()).into());
        }
        forget(draft, &session);
        Ok(())
    }
}

/// Clears a session away whose time is over; to be called with every session that is due.
#[derive(Clone, Debug)]
pub struct ExpireUpdateSession {
    /// Which session. One that is not there, or not due, stays as it is.
    pub id: UpdateSessionId,
}

impl Command for ExpireUpdateSession {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        clear_if_expired(draft, &self.id)
    }
}

/// A session with what can be said of its content.
#[derive(Clone, Debug)]
pub struct SeenUpdateSession {
    /// The session.
    pub session: UpdateSession,
    /// What completing it would bring; of active sessions only.
    pub preview: Option<Preview>,
}

/// Asks for a session.
#[derive(Clone, Debug)]
pub struct GetUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
}

impl Question for GetUpdateSession {
    type Answer = SeenUpdateSession;

    fn answer(&self, draft: &Draft<'_>) -> Result<SeenUpdateSession, Stop> {
        let session = find(draft, &self.id)?.clone();
        let preview = match session.state {
            SessionState::Active => Some(content::preview(&session, item::find(draft, &session.item)?)),
            SessionState::Done | SessionState::Error | SessionState::Canceled => None,
        };
        Ok(SeenUpdateSession { session, preview })
    }
}

/// The session, if it is there and the caller's business.
pub(super) fn find<'d>(draft: &'d Draft<'_>, id: &UpdateSessionId) -> Result<&'d UpdateSession, Stop> {
    let session = draft.get::<UpdateSession>(id)?;
    let seen = session.filter(|session| {
        draft.now() < session.expires && is_business_of(draft.by(), session.owner.as_ref())
    });
    Ok(seen.ok_or_else(|| Refusal::no_session(id.as_str()))?)
}

/// The session, if it is active; being asked for, it is kept from expiring.
pub(super) fn active(
    draft: &Draft<'_>,
    id: &UpdateSessionId,
    operation: &str,
) -> Result<UpdateSession, Stop> {
    let mut session = find(draft, id)?.clone();
    if session.state != SessionState::Active {
        return Err(Refusal::session_ended(operation, session.state, session.error.as_ref()).into());
    }
    session.touch(draft);
    Ok(session)
}

/// Whether the caller may know of a session of this owner.
pub(super) fn is_business_of(caller: &Caller, owner: Option<&UserName>) -> bool {
    match caller {
        Caller::Server | Caller::User { is_administrator: true, .. } => true,
        Caller::User { name, .. } => owner == Some(name),
    }
}

fn busy(draft: &Draft<'_>, other: &UpdateSessionId) -> Result<Refusal, Stop> {
    let session = draft.get::<UpdateSession>(other)?;
    let seen = session.filter(|session| is_business_of(draft.by(), session.owner.as_ref()));
    Ok(Refusal::item_is_busy(seen.map(|session| session.id.as_str())))
}

/// Ends a session whose changes are not to be.
pub(super) fn end_unfinished(
    draft: &mut Draft<'_>,
    session: UpdateSession,
    state: SessionState,
    error: Option<Message>,
) -> Result<(), Stop> {
    let (item, purpose) = (session.item.clone(), session.purpose);
    let words = error.clone().unwrap_or_else(Message::session_canceled);
    end(draft, session, state, error)?;
    undo_copy(draft, &item, purpose, &words)
}

/// A session ends because its item goes.
pub(super) fn fail_for(draft: &mut Draft<'_>, id: &UpdateSessionId, words: &Message) -> Result<(), Stop> {
    let Some(mut session) = draft.get::<UpdateSession>(id)?.cloned() else { return Ok(()) };
    if session.expires <= draft.now() {
        // Nobody sees it any more, and it does not come back as one that failed.
        release(draft, &mut session)?;
        forget(draft, &session);
        return Ok(());
    }
    end(draft, session, SessionState::Error, Some(words.clone()))
}

pub(super) fn end(
    draft: &mut Draft<'_>,
    mut session: UpdateSession,
    state: SessionState,
    error: Option<Message>,
) -> Result<(), Stop> {
    let words = error.clone().unwrap_or_else(Message::session_canceled);
    for file in session.files.iter_mut().filter(|file| file.status != Status::Ready) {
        file.fail(words.clone());
    }
    release(draft, &mut session)?;
    session.state = state;
    session.error = error;
    session.is_completing = false;
    session.expires = draft.now().plus_ms(draft.limits().session_kept_ms);
    draft.put(session.clone());
    match session.purpose {
        Purpose::Update | Purpose::Copy => Ok(()),
        Purpose::Follow => adoption::ended(draft, &session),
    }
}

/// Gives up whatever a session holds: its bytes, its transfers, its item.
fn release(draft: &mut Draft<'_>, session: &mut UpdateSession) -> Result<(), Stop> {
    for file in &mut session.files {
        if let Some(blob) = file.blob.take() {
            draft.free(blob, []);
        }
    }
    draft.effect(Effect::Stop { session: session.id.clone(), attempt: None });
    let mut item = item::find(draft, &session.item)?.clone();
    item.session = None;
    draft.put(item);
    Ok(())
}

fn undo_copy(draft: &mut Draft<'_>, item: &ItemId, purpose: Purpose, words: &Message) -> Result<(), Stop> {
    match purpose {
        Purpose::Update | Purpose::Follow => Ok(()),
        Purpose::Copy => item::remove(draft, item, words),
    }
}

/// Removes the session if its time is over.
fn clear_if_expired(draft: &mut Draft<'_>, id: &UpdateSessionId) -> Result<(), Stop> {
    let Some(mut session) = draft.get::<UpdateSession>(id)?.cloned() else { return Ok(()) };
    if draft.now() < session.expires {
        return Ok(());
    }
    if session.state == SessionState::Active {
        release(draft, &mut session)?;
        undo_copy(draft, &session.item, session.purpose, &Message::session_expired())?;
    }
    forget(draft, &session);
    Ok(())
}

fn forget(draft: &mut Draft<'_>, session: &UpdateSession) {
    client_token::forget(draft, session.made_by.as_ref());
    draft.remove::<UpdateSession>(&session.id);
}
