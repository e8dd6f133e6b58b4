//! Files of subscribed libraries that come when somebody wants them, and go again to make room.

use super::adoption;
use super::completion::give_up;
use super::decision::{Command, Draft, Stop};
use super::download::{self, DownloadFile, DownloadSession, Preparation};
use super::ids::{DownloadSessionId, ItemId, LibraryId, Time, UpdateSessionId};
use super::item::{self, Item, ItemFile};
use super::library::{self, Content, Via};
use super::published::PublishedFile;
use super::refusal::{Message, Refusal};
use super::session_file::put_file;
use super::synchronisation;
use super::update::UpdateSession;

/// Makes a file ready that somebody asked for: at once if it is here, else as soon as it is.
#[derive(Clone, Debug)]
pub struct MakeReady {
    /// Which download session.
    pub session: DownloadSessionId,
    /// The file's name.
    pub name: String,
    /// The identifier of the session that brings it, if it has to be brought.
    pub bringing: UpdateSessionId,
}

impl Command for MakeReady {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut session = download::active(draft, &self.session, "prepare")?;
        let item = item::find(draft, &session.item)?.clone();
        let file = session.file_mut(&self.name)?;
        if !matches!(file.status, Preparation::Requested | Preparation::Preparing) {
            return Err(Refusal::transfer_is_void().into());
        }
        make_ready(file, &item);
        if file.status == Preparation::Requested {
            file.status = Preparation::Preparing;
        }
        let is_to_come = file.status == Preparation::Preparing;
        if is_to_come {
            // However long it takes.
            session.expires = Time(i64::MAX);
        }
        draft.put(session);
        if is_to_come { bring(draft, item, &self.name, &self.bringing) } else { Ok(()) }
    }
}

/// Offers the bytes if they are here, and says so if they never will be.
fn make_ready(file: &mut DownloadFile, item: &Item) {
    if file.blob.is_none() {
        match item.file(&file.name).filter(|ours| ours.version == file.version) {
            None => file.status = Preparation::Error(Message::publisher_moved_on()),
            Some(ItemFile { blob: Some(blob), checksum, size, .. }) => {
                (file.blob, file.size) = (Some(blob.clone()), *size);
                file.checksum.clone_from(checksum);
            }
            Some(_) => {}
        }
    }
    if file.blob.is_some() {
        file.status = Preparation::Prepared;
    }
}

/// Has a file brought that is not here, together with those that are on their way to the item.
fn bring(draft: &mut Draft<'_>, item: Item, name: &str, id: &UpdateSessionId) -> Result<(), Stop> {
    let Some(ours) = item.file(name) else { return Ok(()) };
    let Some(at) = ours.published.clone() else { return Ok(()) };
    let size = Some(ours.size).filter(|size| *size > 0);
    let file = PublishedFile { name: name.to_owned(), size, at };
    let Some(under_way) = item.session.clone() else {
        return adoption::bring(draft, item, id.clone(), std::iter::once(&file), None);
    };
    let Some(mut session) = draft.get::<UpdateSession>(&under_way)?.cloned() else { return Ok(()) };
    if session.file(name).is_none() {
        put_file(draft, &mut session, adoption::on_its_way(&file, Some(ours)));
        draft.put(session);
    }
    Ok(())
}

/// Tells those who wait for files of an item what came of it.
pub(super) fn tell_waiting(draft: &mut Draft<'_>, id: &ItemId, error: Option<&Message>) -> Result<(), Stop> {
    let item = item::find(draft, id)?.clone();
    for id in &item.downloads {
        let Some(mut session) = draft.get::<DownloadSession>(id)?.cloned() else { continue };
        let before = session.clone();
        for file in session.files.iter_mut().filter(|file| file.status == Preparation::Preparing) {
            make_ready(file, &item);
            if file.status == Preparation::Preparing {
                let words = error.cloned().unwrap_or_else(Message::session_canceled);
                file.status = Preparation::Error(words);
            }
        }
        if session != before {
            session.expires = draft.now().plus_ms(draft.limits().session_idle_ms);
            draft.put(session);
        }
    }
    Ok(())
}

/// Lets go of the bytes of an item of a subscribed library.
#[derive(Clone, Debug)]
pub struct EvictItem {
    /// Which one.
    pub item: ItemId,
}

impl Command for EvictItem {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let library = synchronisation::library_of(draft, &self.item)?;
        let library = library::in_service(draft, &library, Via::SubscribedLibrary)?;
        if !is_on_demand(&library.content) {
            return Err(Refusal::item_always_has_content(&self.item).into());
        }
        if item::find(draft, &self.item)?.session.is_some() {
            return Err(Refusal::content_is_coming(&self.item).into());
        }
        evict(draft, &self.item)
    }
}

/// Lets go of the bytes of all items of a subscribed library; what is on its way still comes.
#[derive(Clone, Debug)]
pub struct EvictLibrary {
    /// Which one.
    pub library: LibraryId,
}

impl Command for EvictLibrary {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let library = library::in_service(draft, &self.library, Via::SubscribedLibrary)?;
        if !is_on_demand(&library.content) {
            return Err(Refusal::library_always_has_content(&self.library).into());
        }
        for item in draft.items_of(&self.library)? {
            if item::find(draft, &item)?.session.is_none() {
                evict(draft, &item)?;
            }
        }
        Ok(())
    }
}

fn is_on_demand(content: &Content) -> bool {
    matches!(content, Content::Subscribed { subscription, .. } if subscription.on_demand)
}

fn evict(draft: &mut Draft<'_>, id: &ItemId) -> Result<(), Stop> {
    let mut item = item::find(draft, id)?.clone();
    let mut files = std::mem::take(&mut item.files);
    for file in &mut files {
        give_up(draft, &item, file)?;
        file.blob = None;
    }
    item.files = files;
    draft.put(item);
    Ok(())
}
