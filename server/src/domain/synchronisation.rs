//! Subscribed libraries become what their publishers have: asked for, read outside, taken over here.
//!
//! One synchronisation of a library goes on at a time. Whoever asks while its publisher is still being read joins it;
//! whoever asks later gets another one behind it. What was read is taken over with one decision, so names that change
//! places never meet, and whatever is gone at the publisher is gone here with it. Files come after that, each item's by a
//! session of the server's own; what becomes of a single item stands in `adoption`.
//! Not here: when a library synchronises by itself ([`super::configuration`]), and reading the publisher.

use std::collections::{BTreeMap, BTreeSet};

use super::adoption::{self, Wanted};
use super::decision::{Command, Draft, Effect, Question, Stop};
use super::following::SubscriptionInfo;
use super::ids::{ItemId, LibraryId, Time, UpdateSessionId};
use super::item::{self, Item};
use super::library::{self, Content, Library, Via};
use super::published::{Following, PublishedItem, Scope, Sync};
use super::refusal::{Message, Refusal};
use super::session_file::SessionFile;
use super::update::{self, SessionState};

/// Has a subscribed library synchronised.
#[derive(Clone, Debug)]
pub struct StartSync {
    /// Which one.
    pub library: LibraryId,
}

impl Command for StartSync {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        library::in_service(draft, &self.library, Via::SubscribedLibrary)?;
        ask_for(draft, &self.library, Scope::default())
    }
}

/// Has an item of a subscribed library synchronised.
#[derive(Clone, Debug)]
pub struct SyncItem {
    /// Which one.
    pub item: ItemId,
    /// Whether its files are to come although the library has them come only when they are asked for.
    pub with_content: bool,
}

impl Command for SyncItem {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let library = library_of(draft, &self.item)?;
        library::in_service(draft, &library, Via::SubscribedLibrary)?;
        let items = BTreeSet::from([self.item.clone()]);
        let with_content = if self.with_content { items.clone() } else { BTreeSet::new() };
        ask_for(draft, &library, Scope { items: Some(items), with_content })
    }
}

/// The subscribed library that an item is in.
pub(super) fn library_of(draft: &Draft<'_>, item: &ItemId) -> Result<LibraryId, Stop> {
    let library = item::find(draft, item)?.library.clone();
    if library::find(draft, &library, Via::Library)?.is_local() {
        return Err(Refusal::item_is_local(item).into());
    }
    Ok(library)
}

fn ask_for(draft: &mut Draft<'_>, id: &LibraryId, scope: Scope) -> Result<(), Stop> {
    let now = draft.now();
    change(draft, id, |following, to_do| match &mut following.sync {
        None => begin(following, scope, now, to_do),
        Some(sync) if sync.version.is_none() => {
            to_do.reads = sync.is_stuck(now);
            sync.asked = if to_do.reads { now } else { sync.asked };
            sync.scope.widen(scope);
        }
        Some(_) => match &mut following.next {
            None => following.next = Some(scope),
            Some(next) => next.widen(scope),
        },
    })
}

/// What is to be done outside after a change.
#[derive(Default)]
struct ToDo {
    reads: bool,
}

fn begin(following: &mut Following, scope: Scope, now: Time, to_do: &mut ToDo) {
    following.n_syncs += 1;
    let number = following.n_syncs;
    following.sync =
        Some(Sync { number, asked: now, scope, version: None, pending: BTreeSet::new(), error: None });
    to_do.reads = true;
}

/// Changes how far a library is with following.
fn change(
    draft: &mut Draft<'_>,
    id: &LibraryId,
    change: impl FnOnce(&mut Following, &mut ToDo),
) -> Result<(), Stop> {
    let Some(library) = draft.get::<Library>(id)? else { return Ok(()) };
    let mut library = library.clone();
    let Content::Subscribed { following, .. } = &mut library.content else { return Ok(()) };
    let mut to_do = ToDo::default();
    change(following, &mut to_do);
    draft.put(library);
    if to_do.reads {
        draft.effect(Effect::Follow(id.clone()));
    }
    Ok(())
}

impl Library {
    /// What is to be done outside for it, as far as it was not done yet.
    pub fn unfinished(&self) -> Option<Effect> {
        let Content::Subscribed { following, .. } = &self.content else { return None };
        let is_read = following.sync.as_ref()?.version.is_some();
        (!is_read).then(|| Effect::Follow(self.id.clone()))
    }
}

/// What to read from a publisher, and what is known already.
#[derive(Clone, Debug)]
pub struct Errand {
    /// The number of the synchronisation.
    pub number: u64,
    /// Where, and how.
    pub subscription: SubscriptionInfo,
    /// The version of the library that needs no reading of its items.
    pub known: Option<String>,
}

/// Asks what to read for the synchronisation that is under way.
#[derive(Clone, Debug)]
pub struct GetErrand {
    /// Of which library.
    pub library: LibraryId,
}

impl Question for GetErrand {
    /// Unset where there is nothing to read.
    type Answer = Option<Errand>;

    fn answer(&self, draft: &Draft<'_>) -> Result<Option<Errand>, Stop> {
        let library = library::find(draft, &self.library, Via::SubscribedLibrary)?;
        let Content::Subscribed { subscription, following } = &library.content else { return Ok(None) };
        let sync = following.sync.as_ref().filter(|sync| sync.version.is_none());
        let errand = |sync: &Sync| Errand {
            number: sync.number,
            subscription: subscription.clone(),
            known: following.version.clone().filter(|_| !sync.scope.names_items()),
        };
        Ok(sync.map(errand))
    }
}

/// What was read from a publisher.
#[derive(Clone, Debug)]
pub struct TakeOver {
    /// For which library.
    pub library: LibraryId,
    /// The number of the synchronisation.
    pub number: u64,
    /// The version of the published library.
    pub version: String,
    /// Its items; unset, it is the version that was known.
    pub items: Option<Vec<NewPublished>>,
    /// Items that cannot be understood, with why. They stay as they are.
    pub faulty: BTreeMap<ItemId, String>,
}

/// A published item, with the identifiers for what it may need here.
#[derive(Clone, Debug)]
pub struct NewPublished {
    /// The item.
    pub published: PublishedItem,
    /// Our item's identifier, if it is new here.
    pub item: ItemId,
    /// The identifier of the session that brings its files.
    pub session: UpdateSessionId,
}

impl Command for TakeOver {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let (library, sync, on_demand) = reading(draft, &self.library, self.number)?;
        if library.in_maintenance {
            return Err(Refusal::in_maintenance(&self.library).into());
        }
        let Some(items) = &self.items else {
            if sync.scope.names_items() {
                // Somebody asked for an item meanwhile.
                draft.effect(Effect::Follow(self.library.clone()));
                return Ok(());
            }
            return self.read(draft, None);
        };
        let mut ours = BTreeMap::new();
        for id in draft.items_of(&self.library)? {
            let source = item::find(draft, &id)?.source.clone();
            ours.insert(source, id);
        }
        self.remove_withdrawn(draft, &sync.scope, &ours)?;
        for new in items {
            let wanted = |id: &ItemId| Wanted {
                session: new.session.clone(),
                with_content: !on_demand || sync.scope.with_content.contains(id),
            };
            match ours.get(&Some(new.published.id.clone())) {
                Some(id) if sync.scope.has(id) => {
                    adoption::adopt(draft, id, &new.published, wanted(id))?;
                }
                None if sync.scope.items.is_none() => {
                    adoption::insert(draft, &self.library, new)?;
                    adoption::adopt(draft, &new.item, &new.published, wanted(&new.item))?;
                }
                _ => {}
            }
        }
        // Not earlier: sessions that end on the way do not end the whole.
        let first_fault = self.faulty.iter().next();
        self.read(draft, first_fault.map(|(id, fault)| Message::item_not_understood(id, fault)))
    }
}

impl TakeOver {
    /// The publisher was read; files may be still to come.
    fn read(&self, draft: &mut Draft<'_>, error: Option<Message>) -> Result<(), Stop> {
        change(draft, &self.library, |following, _| {
            if let Some(sync) = &mut following.sync {
                sync.version = Some(self.version.clone());
                sync.error = sync.error.take().or(error);
            }
        })?;
        end_if_through(draft, &self.library)
    }

    fn remove_withdrawn(
        &self,
        draft: &mut Draft<'_>,
        scope: &Scope,
        ours: &BTreeMap<Option<ItemId>, ItemId>,
    ) -> Result<(), Stop> {
        let published = self.items.iter().flatten().map(|new| &new.published.id);
        let stay: BTreeSet<&ItemId> = published.chain(self.faulty.keys()).collect();
        for (source, id) in ours {
            if scope.has(id) && !source.as_ref().is_some_and(|source| stay.contains(source)) {
                item::remove(draft, id, &Message::item_withdrawn(id))?;
            }
        }
        Ok(())
    }
}

/// The library, if its publisher is being read for the synchronisation of this number, and whether it fetches on demand.
fn reading(draft: &Draft<'_>, id: &LibraryId, number: u64) -> Result<(Library, Sync, bool), Stop> {
    let library = library::find(draft, id, Via::SubscribedLibrary)?.clone();
    if let Content::Subscribed { following, subscription } = &library.content
        && let Some(sync) = &following.sync
        && (sync.number, &sync.version) == (number, &None)
    {
        let (sync, on_demand) = (sync.clone(), subscription.on_demand);
        return Ok((library, sync, on_demand));
    }
    Err(Refusal::sync_is_void().into())
}

/// The publisher could not be read.
#[derive(Clone, Debug)]
pub struct FailSync {
    /// For which library.
    pub library: LibraryId,
    /// The number of the synchronisation.
    pub number: u64,
    /// Why, for whoever reads the log.
    pub reason: String,
}

impl Command for FailSync {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let (_, sync, _) = reading(draft, &self.library, self.number)?;
        let words = Message::publisher_unread(&self.reason);
        for id in sync.scope.items.iter().flatten() {
            if let Some(mut item) = draft.get::<Item>(id)?.cloned() {
                item.followed.get_or_insert_default().error = Some(words.clone());
                draft.put(item);
            }
        }
        let now = draft.now();
        change(draft, &self.library, |following, to_do| {
            following.sync = None;
            (following.tried, following.error) = (Some(now), Some(words));
            if let Some(scope) = following.next.take() {
                begin(following, scope, now, to_do);
            }
        })
    }
}

/// An item's files are on their way.
pub(super) fn waits_for(draft: &mut Draft<'_>, library: &LibraryId, item: &ItemId) -> Result<(), Stop> {
    change(draft, library, |following, _| {
        if let Some(sync) = &mut following.sync {
            sync.pending.insert(item.clone());
        }
    })
}

/// No files are on their way to an item any more.
pub(super) fn waits_no_more(draft: &mut Draft<'_>, item: &Item, error: Option<&Message>) -> Result<(), Stop> {
    change(draft, &item.library, |following, _| {
        if let Some(sync) = &mut following.sync
            && sync.pending.remove(&item.id)
            && let (None, Some(words)) = (&sync.error, error)
        {
            sync.error = Some(Message::item_not_synchronised(&item.name, words));
        }
    })?;
    end_if_through(draft, &item.library)
}

/// Ends the synchronisation if there is nothing more to come.
fn end_if_through(draft: &mut Draft<'_>, id: &LibraryId) -> Result<(), Stop> {
    let Some(library) = draft.get::<Library>(id)? else { return Ok(()) };
    let Content::Subscribed { following, .. } = &library.content else { return Ok(()) };
    let is_through = |sync: &Sync| sync.version.is_some() && sync.pending.is_empty();
    if !following.sync.as_ref().is_some_and(is_through) {
        return Ok(());
    }
    let now = draft.now();
    change(draft, id, |following, to_do| {
        let Some(sync) = following.sync.take() else { return };
        if sync.scope.items.is_none() {
            if sync.error.is_none() {
                following.last_sync = Some(now);
            }
            following.version = sync.version.filter(|_| sync.error.is_none());
            (following.tried, following.error) = (Some(now), sync.error);
        }
        if let Some(scope) = following.next.take() {
            begin(following, scope, now, to_do);
        }
    })
}

/// The library goes: nothing is to follow from what happens to its items now.
pub(super) fn give_up(draft: &mut Draft<'_>, id: &LibraryId) -> Result<(), Stop> {
    change(draft, id, |following, _| (following.sync, following.next) = (None, None))
}

/// A published file that a session brings.
#[derive(Clone, Debug)]
pub struct Located {
    /// How the publisher is reached.
    pub subscription: SubscriptionInfo,
    /// What the item is called that it is of.
    pub item: String,
    /// The file, and what is here of it.
    pub file: SessionFile,
}

/// Asks where a published file is that a session brings.
#[derive(Clone, Debug)]
pub struct LocatePublished {
    /// Which session.
    pub session: UpdateSessionId,
    /// The file's name.
    pub file: String,
}

impl Question for LocatePublished {
    type Answer = Located;

    fn answer(&self, draft: &Draft<'_>) -> Result<Located, Stop> {
        let session = update::find(draft, &self.session)?;
        let item = item::find(draft, &session.item)?;
        let library = library::find(draft, &item.library, Via::SubscribedLibrary)?;
        let file = session.file(&self.file).filter(|_| session.state == SessionState::Active);
        match (&library.content, file) {
            (Content::Subscribed { subscription, .. }, Some(file)) => {
                let (subscription, item) = (subscription.clone(), item.name.clone());
                Ok(Located { subscription, item, file: file.clone() })
            }
            _ => Err(Refusal::transfer_is_void().into()),
        }
    }
}
