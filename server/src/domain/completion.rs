//! Completing an update session: all it changes can be seen at once, or nothing of it (`all-at-once`).
//!
//! A session with something missing or wrong is not completed and stays active, so that the client can mend it.
//! One that waits for files that the server gets itself is completed when the last of them is there; what is wrong with
//! it then makes it fail, because nobody is waiting who could mend it.

use super::adoption;
use super::checksum::shown;
use super::content::{self, Validation};
use super::decision::{Command, Draft, Stop};
use super::download;
use super::ids::{ContentVersion, UpdateSessionId, Version};
use super::item::{self, Change, Item, ItemFile};
use super::library;
use super::refusal::{Message, Refusal};
use super::session_file::SessionFile;
use super::update::{self, Purpose, SessionState, UpdateSession};

/// Has a session's changes be seen.
#[derive(Clone, Debug)]
pub struct CompleteUpdateSession {
    /// Which session.
    pub id: UpdateSessionId,
}

impl Command for CompleteUpdateSession {
    /// How the session is now; active, if it waits for files that the server gets itself.
    type Reply = SessionState;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<SessionState, Stop> {
        let mut session = update::active(draft, &self.id, "complete")?;
        let item = item::find(draft, &session.item)?.clone();
        let validation = content::validate(&session, &item);
        if session.is_completing {
            draft.put(session);
            return Ok(SessionState::Active);
        }
        if !validation.unreceived.is_empty() || validation.has_errors() {
            return Err(Refusal::missing_or_invalid(&validation).into());
        }
        if !validation.pending.is_empty() {
            session.is_completing = true;
            draft.put(session);
            return Ok(SessionState::Active);
        }
        match warned(&session) {
            None => finish(draft, session, item).map(|()| SessionState::Done),
            Some(words) => {
                update::end_unfinished(draft, session, SessionState::Error, Some(words.clone()))?;
                Err(Stop::Ended(Refusal::session_ended("complete", SessionState::Error, Some(&words))))
            }
        }
    }
}

/// Keeps a session whose files changed; one that waited for them is completed with the last, or fails.
pub(super) fn settle(draft: &mut Draft<'_>, session: UpdateSession) -> Result<(), Stop> {
    if !session.is_completing {
        draft.put(session);
        return Ok(());
    }
    let item = item::find(draft, &session.item)?.clone();
    if session.purpose == Purpose::Follow {
        return adoption::settle(draft, session, item);
    }
    let validation = content::validate(&session, &item);
    match at_fault(&session, &validation) {
        Some(words) => update::end_unfinished(draft, session, SessionState::Error, Some(words)),
        None if validation.pending.is_empty() => finish(draft, session, item),
        None => {
            draft.put(session);
            Ok(())
        }
    }
}

/// Why a session that is to be completed cannot be, whatever still comes.
fn at_fault(session: &UpdateSession, validation: &Validation) -> Option<Message> {
    if let Some((name, words)) = validation.invalid.first() {
        return Some(Message::file_at_fault(name, words));
    }
    if !validation.pending.is_empty() {
        return None;
    }
    match validation.missing.is_empty() && validation.unreceived.is_empty() {
        true => warned(session),
        false => Some(Message::files_missing(validation)),
    }
}

/// The first warning that nobody said to ignore.
fn warned(session: &UpdateSession) -> Option<Message> {
    let warning = content::warnings(session).into_iter().find(|warning| !warning.is_ignored)?;
    Some(Message::unignored(&warning))
}

/// The changes can be seen, and the session is done.
fn finish(draft: &mut Draft<'_>, mut session: UpdateSession, mut item: Item) -> Result<(), Stop> {
    let mut before = std::mem::take(&mut item.files);
    let mut is_changed = false;
    for file in &mut before {
        if session.removed.contains(&file.name) {
            give_up(draft, &item, file)?;
            is_changed = true;
        }
    }
    before.retain(|file| !session.removed.contains(&file.name));
    for file in session.files.iter_mut().filter(|file| file.keep_in_storage) {
        let Some(brought) = item_file(file, item.content_version.next()) else { continue };
        is_changed = true;
        match before.iter_mut().find(|other| other.name == brought.name) {
            None => before.push(brought),
            Some(other) => {
                give_up(draft, &item, other)?;
                *other = ItemFile { version: other.version.next(), ..brought };
            }
        }
    }
    item.files = before;
    if is_changed {
        item.content_version = item.content_version.next();
        item.modified = item.modified.max(draft.now());
        let change = Change {
            version: item.content_version,
            time: draft.now(),
            user: session.owner.clone(),
            message: summary(&session),
        };
        item.remember_version(change, draft.limits().item_changes_max);
        library::count_change(draft, &item.library)?;
    }
    draft.put(item);
    update::end(draft, session, SessionState::Done, None)
}

/// What the session's file is in the item; its bytes change hands.
fn item_file(file: &mut SessionFile, since: ContentVersion) -> Option<ItemFile> {
    let checksum = Some(shown(&file.digests, file.wanted_algorithm())?);
    let blob = Some(file.blob.take()?);
    let (name, size) = (file.name.clone(), file.received);
    Some(ItemFile { name, version: Version::FIRST, size, checksum, blob, since, published: None })
}

/// Gives up a file's bytes, once those who download them are through.
pub(super) fn give_up(draft: &mut Draft<'_>, item: &Item, file: &ItemFile) -> Result<(), Stop> {
    let Some(blob) = &file.blob else { return Ok(()) };
    let readers = download::readers_of(draft, item, blob)?;
    draft.free(blob.clone(), readers);
    Ok(())
}

/// The change in at most 80 characters.
fn summary(session: &UpdateSession) -> String {
    let n_kept = session.files.iter().filter(|file| file.keep_in_storage).count();
    format!("files added or replaced: {n_kept}, removed: {}", session.removed.len())
}
