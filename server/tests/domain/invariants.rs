//! What holds after every command, whatever was asked for.

use std::collections::{BTreeMap, BTreeSet};

use contentlibd::domain::client_token::Remembered;
use contentlibd::domain::download::DownloadSession;
use contentlibd::domain::freed::FreedBlob;
use contentlibd::domain::ids::BlobId;
use contentlibd::domain::item::Item;
use contentlibd::domain::library::{Content, Library};
use contentlibd::domain::names::folded;
use contentlibd::domain::session_file::Status;
use contentlibd::domain::update::{SessionState, UpdateSession};
use contentlibd::domain::{Effect, State};

/// What holds of any state.
#[track_caller]
pub(crate) fn check(state: &State) {
    check_blobs(state);
    check_items(state);
    check_update_sessions(state);
    check_download_sessions(state);
    check_tokens(state);
}

/// The blobs that records know.
pub(crate) fn blobs(state: &State) -> BTreeSet<BlobId> {
    let records = state.records();
    let of_items = records.all::<Item>().flat_map(|item| &item.files).filter_map(|file| file.blob.as_ref());
    let of_sessions =
        records.all::<UpdateSession>().flat_map(|s| &s.files).filter_map(|file| file.blob.as_ref());
    let freed = records.all::<FreedBlob>().map(|freed| &freed.id);
    of_items.chain(of_sessions).chain(freed).cloned().collect()
}

/// `no-orphans`: each blob stands in exactly one place.
#[track_caller]
fn check_blobs(state: &State) {
    let mut places: BTreeMap<&BlobId, Vec<String>> = BTreeMap::new();
    let mut stands = |blob, place: String| places.entry(blob).or_default().push(place);
    for item in state.records().all::<Item>() {
        let blobs = item.files.iter().filter_map(|file| Some((file, file.blob.as_ref()?)));
        blobs.for_each(|(file, blob)| stands(blob, format!("item {} {}", item.id, file.name)));
    }
    for session in state.records().all::<UpdateSession>() {
        for file in &session.files {
            file.blob.iter().for_each(|blob| stands(blob, format!("session {} {}", session.id, file.name)));
        }
    }
    for freed in state.records().all::<FreedBlob>() {
        stands(&freed.id, "free".to_owned());
    }
    let torn: Vec<_> = places.iter().filter(|(_, places)| places.len() != 1).collect();
    assert!(torn.is_empty(), "blobs in several places: {torn:?}");
    for session in state.records().all::<DownloadSession>().filter(|s| s.state == SessionState::Active) {
        for file in &session.files {
            let is_there = file.blob.as_ref().is_none_or(|blob| places.contains_key(blob));
            assert!(is_there, "{} offers {} which is gone", session.id, file.name);
        }
    }
}

#[track_caller]
fn check_items(state: &State) {
    let mut names = BTreeSet::new();
    for item in state.records().all::<Item>() {
        let library = state.records().get::<Library>(&item.library).flatten();
        let is_local = library.expect("an item is in a library").is_local();
        // What publishers call their items is their business.
        let is_new = names.insert((&item.library, folded(&item.name)));
        assert!(is_new || !is_local, "two items are named {:?}", item.name);
        assert!(!is_local || item.followed.is_none(), "{} follows one", item.id);
        assert!(!is_local || item.is_cached(), "{} lacks bytes", item.id);
        let files: BTreeSet<_> = item.files.iter().map(|file| &file.name).collect();
        assert_eq!(files.len(), item.files.len(), "two files of {} bear one name", item.id);
        assert!(item.history.last().is_some_and(|change| change.version == item.content_version));
        if let Some(id) = &item.session {
            let session = state.records().get::<UpdateSession>(id).flatten().expect("the item's session");
            assert_eq!((session.state, &session.item), (SessionState::Active, &item.id), "{id}");
        }
        for id in &item.downloads {
            let session = state.records().get::<DownloadSession>(id).flatten().expect("the item's session");
            assert_eq!((session.state, &session.item), (SessionState::Active, &item.id), "{id}");
        }
    }
}

/// `one-session`, and what ended holds nothing.
#[track_caller]
fn check_update_sessions(state: &State) {
    for session in state.records().all::<UpdateSession>() {
        let names: BTreeSet<_> = session.files.iter().map(|file| &file.name).collect();
        assert_eq!(names.len(), session.files.len(), "two files of {} bear one name", session.id);
        let attempts: BTreeSet<_> =
            session.files.iter().map(|file| file.attempt).filter(|n| *n > 0).collect();
        assert_eq!(attempts.len(), session.files.iter().filter(|file| file.attempt > 0).count());
        assert!(attempts.iter().all(|attempt| *attempt <= session.n_attempts));
        assert_eq!(session.error.is_some(), session.state == SessionState::Error, "{}", session.id);
        if session.state == SessionState::Active {
            let item =
                state.records().get::<Item>(&session.item).flatten().expect("an active session's item");
            assert_eq!(item.session.as_ref(), Some(&session.id), "an item has one active session");
            assert!(session.files.iter().all(|file| !session.removed.contains(&file.name)));
            for file in session.files.iter().filter(|file| file.status == Status::Ready) {
                assert!(
                    file.blob.is_some() && !file.digests.is_empty(),
                    "{} is ready for nothing",
                    file.name
                );
            }
        } else {
            assert!(session.files.iter().all(|file| file.blob.is_none()), "{} holds bytes", session.id);
            let is_settled = |status: &Status| matches!(status, Status::Ready | Status::Error(_));
            assert!(session.files.iter().all(|file| is_settled(&file.status)), "{} waits", session.id);
            assert!(!session.is_completing);
        }
    }
}

#[track_caller]
fn check_download_sessions(state: &State) {
    for session in state.records().all::<DownloadSession>() {
        assert_ne!(session.state, SessionState::Done);
        assert_eq!(session.error.is_some(), session.state == SessionState::Error, "{}", session.id);
        if session.state == SessionState::Active {
            let item =
                state.records().get::<Item>(&session.item).flatten().expect("an active session's item");
            assert!(item.downloads.contains(&session.id));
        }
    }
    for freed in state.records().all::<FreedBlob>() {
        for reader in &freed.readers {
            let session = state.records().get::<DownloadSession>(reader).flatten().expect("a reader");
            assert_eq!(session.state, SessionState::Active);
            assert!(session.files.iter().any(|file| file.blob.as_ref() == Some(&freed.id)));
        }
    }
}

/// A token stands for something that is there, and only as long.
#[track_caller]
fn check_tokens(state: &State) {
    let records = state.records();
    let made: BTreeSet<_> = records
        .all::<Library>()
        .filter_map(|library| Some((library.made_by.as_ref()?, library.id.as_str())))
        .chain(
            records
                .all::<Library>()
                .flat_map(|library| match &library.content {
                    Content::Local { subscriptions, .. } => subscriptions.as_slice(),
                    Content::Subscribed { .. } => &[],
                })
                .filter_map(|s| Some((s.made_by.as_ref()?, s.id.as_str()))),
        )
        .chain(records.all::<Item>().filter_map(|item| Some((item.made_by.as_ref()?, item.id.as_str()))))
        .chain(records.all::<UpdateSession>().filter_map(|s| Some((s.made_by.as_ref()?, s.id.as_str()))))
        .chain(records.all::<DownloadSession>().filter_map(|s| Some((s.made_by.as_ref()?, s.id.as_str()))))
        .collect();
    let remembered: BTreeSet<_> =
        records.all::<Remembered>().map(|remembered| (&remembered.id, remembered.made.as_str())).collect();
    assert_eq!(made, remembered);
}

/// What is to be done outside can be told from the records alone, after a crash.
#[track_caller]
pub(crate) fn check_effects(state: &State, effects: &[Effect]) {
    let records = state.records();
    for effect in effects {
        let is_found = match effect {
            Effect::Follow(library) => {
                let library = records.get::<Library>(library).flatten();
                library.is_some_and(|library| library.unfinished().as_ref() == Some(effect))
            }
            Effect::Fetch { session, .. }
            | Effect::Inspect { session, .. }
            | Effect::Bring { session, .. } => {
                let session = records.get::<UpdateSession>(session).flatten();
                session.is_some_and(|session| session.unfinished().contains(effect))
            }
            Effect::Prepare { session, .. } => {
                let session = records.get::<DownloadSession>(session).flatten();
                session.is_some_and(|session| session.unfinished().contains(effect))
            }
            Effect::Erase(blob) => {
                records.get::<FreedBlob>(blob).flatten().is_some_and(|freed| freed.readers.is_empty())
            }
            // After a crash nothing is under way.
            Effect::Stop { .. } => true,
        };
        assert!(is_found, "{effect:?} cannot be told from the records");
    }
}

/// What holds from one state to the next.
#[track_caller]
pub(crate) fn check_step(before: &State, after: &State) {
    for old in before.records().all::<Library>() {
        let Some(new) = after.records().get::<Library>(&old.id).flatten() else { continue };
        assert!(new.version >= old.version && new.revision >= old.revision && new.modified >= old.modified);
    }
    for old in before.records().all::<Item>() {
        let Some(new) = after.records().get::<Item>(&old.id).flatten() else { continue };
        check_item_step(old, new);
    }
    for old in before.records().all::<UpdateSession>() {
        let Some(new) = after.records().get::<UpdateSession>(&old.id).flatten() else { continue };
        assert_eq!(new.content_version, old.content_version);
        assert!(new.progress >= old.progress);
        if old.state == SessionState::Active {
            assert!(new.expires >= old.expires || new.state != SessionState::Active);
        } else {
            assert_eq!(new, old, "ended is ended");
        }
    }
    for old in before.records().all::<DownloadSession>() {
        let Some(new) = after.records().get::<DownloadSession>(&old.id).flatten() else { continue };
        assert_eq!(new.content_version, old.content_version);
        assert!(old.state == SessionState::Active || new == old, "ended is ended");
    }
}

/// Versions only grow; files change with the content version, all at once, by the session that is done now.
#[track_caller]
fn check_item_step(old: &Item, new: &Item) {
    assert!(new.version >= old.version && new.metadata_version >= old.metadata_version);
    assert!(new.modified >= old.modified && new.created == old.created && new.library == old.library);
    if new.followed.is_some() {
        return check_followed_step(old, new);
    }
    assert_eq!(new.files != old.files, new.content_version != old.content_version, "files and their version");
    if new.content_version != old.content_version {
        assert_eq!(new.content_version, old.content_version.next(), "one step for all changes");
        assert!(old.session.is_some() && new.session.is_none(), "only a session changes files");
    }
    for file in &new.files {
        if let Some(before) = old.file(&file.name) {
            let is_same = before.blob == file.blob;
            assert_eq!(file.version, if is_same { before.version } else { before.version.next() });
        }
    }
}

/// Bytes come and go; which ones are meant changes with the content version, and that never goes back.
#[track_caller]
fn check_followed_step(old: &Item, new: &Item) {
    fn meant(item: &Item) -> BTreeSet<(&String, u64)> {
        item.files.iter().map(|file| (&file.name, file.version.0)).collect()
    }
    assert!(new.content_version >= old.content_version, "{old:?} {new:?}");
    if meant(old) != meant(new) {
        assert!(new.content_version > old.content_version, "{old:?} {new:?}");
    }
    for file in &new.files {
        let before = old.file(&file.name);
        assert!(
            before.is_none_or(
                |before| before.version <= file.version && before.generation() <= file.generation()
            )
        );
        if let Some(before) = before.filter(|before| before.version == file.version && before.is_cached()) {
            assert!(!file.is_cached() || file.blob == before.blob, "{} changed under its version", file.name);
        }
    }
}
