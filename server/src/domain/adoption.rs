//! How an item of a subscribed library becomes what the published one is.
//!
//! What can be seen changes at once or not at all (`all-at-once`): an item that is whole stays as it is until the new files
//! are here, and then it changes together with its name and everything. An item that is not whole, because it is new or
//! because its files come on demand, shows at once what the publisher has, and says of its files that they are not here.
//! Files come with an update session of the server's own, so they are continued after a restart as every transfer is.

use std::collections::BTreeMap;

use super::checksum::shown;
use super::completion::give_up;
use super::decision::{Draft, Stop};
use super::ids::{ContentVersion, ItemId, LibraryId, Time, UpdateSessionId, Version};
use super::item::{self, Change, Item, ItemFile};
use super::on_demand;
use super::published::{Followed, PublishedFile, PublishedItem};
use super::refusal::Message;
use super::session_file::{Origin, SessionFile, Source, Status, put_file};
use super::synchronisation::{self, NewPublished};
use super::update::{self, Purpose, SessionState, UpdateSession};

/// What is to come of an item.
pub(super) struct Wanted {
    /// The identifier for a session that brings files.
    pub(super) session: UpdateSessionId,
    /// Whether all its files are to be here.
    pub(super) with_content: bool,
}

/// Puts an item into the library that was not published before, as it is before anything of it is known.
pub(super) fn insert(draft: &mut Draft<'_>, library: &LibraryId, new: &NewPublished) -> Result<(), Stop> {
    let published = &new.published;
    let message = "first seen at the publisher".to_owned();
    let first = Change { version: ContentVersion::FIRST, time: draft.now(), user: None, message };
    draft.insert(Item {
        id: new.item.clone(),
        library: library.clone(),
        name: published.name.clone(),
        description: published.description.clone(),
        type_name: published.type_name.clone(),
        source: Some(published.id.clone()),
        created: draft.now(),
        modified: draft.now(),
        version: Version::FIRST,
        metadata_version: Version::FIRST,
        content_version: ContentVersion::FIRST,
        files: Vec::new(),
        session: None,
        downloads: Default::default(),
        history: vec![first],
        made_by: None,
        followed: Some(Followed::default()),
    })
}

/// Has an item become what is published.
pub(super) fn adopt(
    draft: &mut Draft<'_>,
    id: &ItemId,
    published: &PublishedItem,
    wanted: Wanted,
) -> Result<(), Stop> {
    let library = item::find(draft, id)?.library.clone();
    if let Some(session) = item::find(draft, id)?.session.clone()
        && let Some(session) = draft.get::<UpdateSession>(&session)?.cloned()
    {
        if session.published.as_deref() == Some(published) {
            return synchronisation::waits_for(draft, &library, id);
        }
        if session.published.is_none() && has_files_of(item::find(draft, id)?, published) {
            return go_on_filling(draft, session, published, wanted.with_content);
        }
        update::end_unfinished(draft, session, SessionState::Error, Some(Message::publisher_moved_on()))?;
    }
    let mut item = item::find(draft, id)?.clone();
    let is_whole = !item.files.is_empty() && item.is_cached();
    if is_whole && wanted.with_content && !lacking(&item, published).is_empty() {
        bring(draft, item, wanted.session, published.files.iter(), Some(published))?;
        return synchronisation::waits_for(draft, &library, id);
    }
    become_published(draft, &mut item, published, BTreeMap::new())?;
    let lacks = wanted.with_content && !item.is_cached();
    if !lacks {
        note_synchronised(&mut item, draft.now());
    }
    draft.put(item.clone());
    if lacks {
        bring(draft, item, wanted.session, published.files.iter(), None)?;
        synchronisation::waits_for(draft, &library, id)?;
    }
    Ok(())
}

/// Whether the item's files are those of the published one, here or not.
fn has_files_of(item: &Item, published: &PublishedItem) -> bool {
    let is_ours = |file: &PublishedFile| item.files.iter().any(|ours| file.is_of(ours));
    item.files.len() == published.files.len() && published.files.iter().all(is_ours)
}

/// The item gets what is published but for its bytes. Those that are on their way go on, with others that are to come.
fn go_on_filling(
    draft: &mut Draft<'_>,
    mut session: UpdateSession,
    published: &PublishedItem,
    with_content: bool,
) -> Result<(), Stop> {
    let mut item = item::find(draft, &session.item)?.clone();
    become_published(draft, &mut item, published, BTreeMap::new())?;
    if !with_content {
        note_synchronised(&mut item, draft.now());
        draft.put(item);
        return Ok(());
    }
    for file in lacking(&item, published) {
        if session.file(&file.name).is_none() {
            let known = item.files.iter().find(|ours| file.is_of(ours));
            put_file(draft, &mut session, on_its_way(file, known));
        }
    }
    draft.put(session);
    let (library, id) = (item.library.clone(), item.id.clone());
    draft.put(item);
    synchronisation::waits_for(draft, &library, &id)
}

/// Files whose bytes are not here.
fn lacking<'p>(item: &Item, published: &'p PublishedItem) -> Vec<&'p PublishedFile> {
    let is_here = |file: &&PublishedFile| item.files.iter().any(|ours| ours.is_cached() && file.is_of(ours));
    published.files.iter().filter(|file| !is_here(file)).collect()
}

/// Has those of the files brought that are not here. If they make the item into another one, this is that one.
pub(super) fn bring<'f>(
    draft: &mut Draft<'_>,
    item: Item,
    id: UpdateSessionId,
    files: impl Iterator<Item = &'f PublishedFile>,
    published: Option<&PublishedItem>,
) -> Result<(), Stop> {
    let ours = item.files.clone();
    let mut session = update::begin(draft, item, id, Purpose::Follow, |session| {
        session.owner = None;
        session.is_completing = true;
        // However many wait before it, it is the server's own and is not given up.
        session.expires = Time(i64::MAX);
        session.published = published.cloned().map(Box::new);
    })?;
    for file in files {
        let known = ours.iter().find(|ours| file.is_of(ours));
        if !known.is_some_and(ItemFile::is_cached) {
            put_file(draft, &mut session, on_its_way(file, known));
        }
    }
    draft.put(session);
    Ok(())
}

/// A published file as a session brings it. What was here once has to hash to what it did then.
pub(super) fn on_its_way(file: &PublishedFile, known: Option<&ItemFile>) -> SessionFile {
    let mut brought = SessionFile::new(&file.name, Source::Published(file.at.clone()), Origin::Client);
    brought.announced_size = file.size;
    brought.announced_checksum = known.and_then(|known| known.checksum.clone());
    brought
}

/// Makes the item what is published, with the files that were brought for it.
fn become_published(
    draft: &mut Draft<'_>,
    item: &mut Item,
    published: &PublishedItem,
    mut brought: BTreeMap<String, SessionFile>,
) -> Result<(), Stop> {
    let mut before = std::mem::take(&mut item.files);
    let n_before = before.len();
    let mut files = Vec::new();
    let mut is_changed = false;
    for file in &published.files {
        let ours_idx = before.iter().position(|ours| ours.name == file.name);
        let ours = ours_idx.map(|idx| before.swap_remove(idx));
        match ours {
            Some(ours) if file.is_of(&ours) => files.push(filled(file, ours, brought.remove(&file.name))),
            other => {
                is_changed = true;
                let version = other.as_ref().map_or(Version::FIRST, |other| other.version.next());
                if let Some(other) = &other {
                    give_up(draft, item, other)?;
                }
                let new = not_here(file, version, item.content_version.next());
                files.push(filled(file, new, brought.remove(&file.name)));
            }
        }
    }
    for file in &before {
        give_up(draft, item, file)?;
    }
    is_changed |= !before.is_empty() || n_before > published.files.len();
    item.files = files;
    take_over_versions(draft, item, published, is_changed);
    Ok(())
}

fn not_here(file: &PublishedFile, version: Version, since: ContentVersion) -> ItemFile {
    ItemFile {
        name: file.name.clone(),
        version,
        size: file.size.unwrap_or(0),
        checksum: None,
        blob: None,
        since,
        published: Some(file.at.clone()),
    }
}

/// The file with the bytes that came for it.
fn filled(file: &PublishedFile, ours: ItemFile, brought: Option<SessionFile>) -> ItemFile {
    let published = Some(file.at.clone());
    match brought {
        Some(mut came) => ItemFile {
            size: came.received,
            checksum: shown(&came.digests, came.wanted_algorithm()),
            blob: came.blob.take(),
            published,
            ..ours
        },
        None => ItemFile { published, ..ours },
    }
}

/// Names and versions as the publisher has them; none of our numbers goes back, though, whatever the publisher's do.
fn take_over_versions(draft: &Draft<'_>, item: &mut Item, published: &PublishedItem, is_changed: bool) {
    let is_renamed = (&item.name, &item.description, &item.type_name)
        != (&published.name, &published.description, &published.type_name);
    item.name.clone_from(&published.name);
    item.description.clone_from(&published.description);
    item.type_name.clone_from(&published.type_name);
    let least = if is_renamed { item.metadata_version.next() } else { item.metadata_version };
    let metadata_version = least.max(Version(published.metadata_version()));
    let least = if is_changed { item.content_version.next() } else { item.content_version };
    let content_version = least.max(ContentVersion(published.content_version.unwrap_or(0)));
    if (metadata_version, content_version) == (item.metadata_version, item.content_version) {
        return;
    }
    item.modified = item.modified.max(draft.now());
    (item.version, item.metadata_version) = (item.version.max(metadata_version), metadata_version);
    if content_version != item.content_version {
        item.content_version = content_version;
        let message = "synchronised with the publisher".to_owned();
        let change = Change { version: content_version, time: draft.now(), user: None, message };
        item.remember_version(change, draft.limits().item_changes_max);
    }
}

fn note_synchronised(item: &mut Item, now: Time) {
    item.followed = Some(Followed { last_sync: Some(now), error: None });
}

/// What follows when a file of a session came, or will not come.
pub(super) fn settle(draft: &mut Draft<'_>, mut session: UpdateSession, mut item: Item) -> Result<(), Stop> {
    let is_moving = |file: &SessionFile| !matches!(file.status, Status::Ready | Status::Error(_));
    let is_through = !session.files.iter().any(is_moving);
    let at_fault = session.files.iter().find_map(|file| match &file.status {
        Status::Error(words) => Some(Message::file_at_fault(&file.name, words)),
        _ => None,
    });
    match session.published.clone() {
        Some(_) if at_fault.is_some() => {
            return update::end_unfinished(draft, session, SessionState::Error, at_fault);
        }
        _ if !is_through => {
            draft.put(session);
            return Ok(());
        }
        Some(published) => {
            // What the session keeps is what it brought, without the bytes.
            let brought = session.files.clone().into_iter().map(|file| (file.name.clone(), file)).collect();
            session.files.iter_mut().for_each(|file| file.blob = None);
            become_published(draft, &mut item, &published, brought)?;
        }
        None => {
            for came in session.files.iter_mut().filter(|file| file.status == Status::Ready) {
                let ours = item.files.iter_mut().find(|ours| ours.name == came.name && !ours.is_cached());
                if let Some(ours) = ours {
                    ours.size = came.received;
                    ours.checksum = shown(&came.digests, came.wanted_algorithm());
                    ours.blob = came.blob.take();
                }
            }
        }
    }
    if at_fault.is_none() && item.is_cached() {
        note_synchronised(&mut item, draft.now());
    }
    draft.put(item);
    let state = if at_fault.is_some() { SessionState::Error } else { SessionState::Done };
    update::end(draft, session, state, at_fault)
}

/// A session that was to bring files has ended.
pub(super) fn ended(draft: &mut Draft<'_>, session: &UpdateSession) -> Result<(), Stop> {
    let canceled = Message::session_canceled();
    let error = match session.state {
        SessionState::Done => None,
        SessionState::Active | SessionState::Error | SessionState::Canceled => {
            Some(session.error.as_ref().unwrap_or(&canceled))
        }
    };
    let mut item = item::find(draft, &session.item)?.clone();
    if let Some(words) = error {
        item.followed.get_or_insert_default().error = Some(words.clone());
        draft.put(item.clone());
    }
    on_demand::tell_waiting(draft, &session.item, error)?;
    synchronisation::waits_no_more(draft, &item, error)
}
