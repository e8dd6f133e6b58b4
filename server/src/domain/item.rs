//! Items and their files: what can be seen of content.
//!
//! An item's files change only when an update session is completed, all at once (`all-at-once`); see
//! [`super::completion`]. What a session has so far stands with the session and is not seen here.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::checksum::Checksum;
use super::client_token::{self, Attempt, ClientToken, RequestKey};
use super::decision::{Caller, Command, Draft, Question, Stop};
use super::download;
use super::ids::{
    BlobId, ContentVersion, DownloadSessionId, ItemId, LibraryId, Time, UpdateSessionId, UserName, Version,
};
use super::library::{self, Library, StorageBacking, Via};
use super::names::{check_description, check_name};
use super::published::{Edition, Followed};
use super::refusal::{Message, Refusal};
use super::update;

/// An item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its identifier.
    pub id: ItemId,
    /// The library that it is in.
    pub library: LibraryId,
    /// What people call it; in a local library, no other item is called the same.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its type, which says who looks into its files; may be empty.
    pub type_name: String,
    /// The item that it came from.
    pub source: Option<ItemId>,
    /// When it was made.
    pub created: Time,
    /// When anything of it changed last.
    pub modified: Time,
    /// How often its properties changed.
    pub version: Version,
    /// The same, as followers compare it.
    pub metadata_version: Version,
    /// How often its files changed.
    pub content_version: ContentVersion,
    /// Its files.
    pub files: Vec<ItemFile>,
    /// The one update session that can change it now.
    pub session: Option<UpdateSessionId>,
    /// Download sessions that have not ended.
    pub downloads: BTreeSet<DownloadSessionId>,
    /// Its content versions, the latest last; of many, the latest.
    pub history: Vec<Change>,
    /// The token that it was made with.
    pub made_by: Option<RequestKey>,
    /// Of an item of a subscribed library: how it stands to the published one.
    #[serde(default)]
    pub followed: Option<Followed>,
}

/// A file of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemFile {
    /// Its name, no other's in the item.
    pub name: String,
    /// How often it was replaced under this name.
    pub version: Version,
    /// Its size.
    pub size: u64,
    /// Its checksum; of a file that never was here, nobody knows it.
    pub checksum: Option<Checksum>,
    /// Its bytes; only files of subscribed libraries can lack them.
    pub blob: Option<BlobId>,
    /// The content version that it came with; files of older records do not say.
    #[serde(default = "long_ago")]
    pub since: ContentVersion,
    /// Of a file of a subscribed library: which of the publisher's it is.
    #[serde(default)]
    pub published: Option<Edition>,
}

fn long_ago() -> ContentVersion {
    ContentVersion(0)
}

impl ItemFile {
    /// Whether its bytes are here.
    pub fn is_cached(&self) -> bool {
        self.blob.is_some()
    }

    /// What grows whenever there are other bytes under this name, also if there were none in between.
    pub fn generation(&self) -> u64 {
        self.since.0.max(self.version.0)
    }
}

/// A content version of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which one.
    pub version: ContentVersion,
    /// Since when.
    pub time: Time,
    /// Who made it; unset, the server.
    pub user: Option<UserName>,
    /// What happened.
    pub message: String,
}

impl Item {
    /// The file of this name.
    pub fn file(&self, name: &str) -> Option<&ItemFile> {
        self.files.iter().find(|file| file.name == name)
    }

    /// How many bytes its files have here.
    pub fn size(&self) -> u64 {
        self.files.iter().filter(|file| file.is_cached()).map(|file| file.size).sum()
    }

    /// Whether its type is this one; types are compared without regard to capitals.
    pub fn is_of_type(&self, type_name: &str) -> bool {
        self.type_name.eq_ignore_ascii_case(type_name)
    }

    pub(super) fn remember_version(&mut self, change: Change, n_max: usize) {
        self.history.push(change);
        let n_extra = self.history.len().saturating_sub(n_max);
        self.history.drain(..n_extra);
    }
}

/// What a new item is to be.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// The library that it is to be in.
    pub library: LibraryId,
    /// What people are to call it.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its type; may be empty.
    pub type_name: String,
    /// The item that it comes from.
    pub source: Option<ItemId>,
}

impl NewItem {
    /// Puts it into its library, if the library takes it.
    pub(super) fn insert(
        &self,
        draft: &mut Draft<'_>,
        id: &ItemId,
        made_by: Option<RequestKey>,
    ) -> Result<Item, Stop> {
        check_name(&self.name)?;
        check_description(&self.description)?;
        let library =
            draft.get::<Library>(&self.library)?.ok_or_else(|| Refusal::no_library(&self.library))?;
        if !library.is_local() {
            return Err(Refusal::items_are_the_publishers(&self.library).into());
        }
        library::in_service(draft, &self.library, Via::Library)?;
        if draft.item_named(&self.library, &self.name)?.is_some() {
            return Err(Refusal::item_name_taken(&self.name).into());
        }
        let first = Change {
            version: ContentVersion::FIRST,
            time: draft.now(),
            user: draft.user().cloned(),
            message: "item created".to_owned(),
        };
        let item = Item {
            id: id.clone(),
            library: self.library.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            type_name: self.type_name.clone(),
            source: self.source.clone(),
            created: draft.now(),
            modified: draft.now(),
            version: Version::FIRST,
            metadata_version: Version::FIRST,
            content_version: ContentVersion::FIRST,
            files: Vec::new(),
            session: None,
            downloads: BTreeSet::new(),
            history: vec![first],
            made_by,
            followed: None,
        };
        draft.insert(item.clone())?;
        library::count_change(draft, &self.library)?;
        Ok(item)
    }
}

/// Makes an item without files.
#[derive(Clone, Debug)]
pub struct CreateItem {
    /// The identifier it gets.
    pub id: ItemId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// What it is to be.
    pub item: NewItem,
}

impl Command for CreateItem {
    type Reply = ItemId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<ItemId, Stop> {
        let key = match client_token::attempt(draft, "item.create", self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        self.item.insert(draft, &self.id, key)?;
        Ok(self.id.clone())
    }
}

/// Changes an item's properties; what is unset stays as it is.
#[derive(Clone, Debug)]
pub struct UpdateItem {
    /// Which one.
    pub id: ItemId,
    /// The version that the caller takes it to have.
    pub version: Option<Version>,
    /// What people are to call it.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its type.
    pub type_name: Option<String>,
}

impl Command for UpdateItem {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let mut item = changeable(draft, &self.id)?;
        if let Some(version) = self.version.filter(|version| *version != item.version) {
            return Err(Refusal::stale_item(version, item.version).into());
        }
        if let Some(name) = &self.name {
            check_name(name)?;
            if draft.item_named(&item.library, name)?.is_some_and(|other| *other != item.id) {
                return Err(Refusal::item_name_taken(name).into());
            }
            item.name.clone_from(name);
        }
        if let Some(description) = &self.description {
            check_description(description)?;
            item.description.clone_from(description);
        }
        if let Some(type_name) = &self.type_name {
            item.type_name.clone_from(type_name);
        }
        item.version = item.version.next();
        item.metadata_version = item.metadata_version.next();
        item.modified = item.modified.max(draft.now());
        library::count_change(draft, &item.library)?;
        draft.put(item);
        Ok(())
    }
}

/// Removes an item; sessions on it fail.
#[derive(Clone, Debug)]
pub struct DeleteItem {
    /// Which one.
    pub id: ItemId,
}

impl Command for DeleteItem {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let library = changeable(draft, &self.id)?.library;
        if let Some(library) = draft.get::<Library>(&library)?
            && let Some(usage) = library.usages.first().filter(|_| library.applies_usages_to_items)
        {
            return Err(Refusal::item_is_used(&usage.resource).into());
        }
        remove(draft, &self.id, &Message::item_deleted(&self.id))
    }
}

/// Asks for an item.
#[derive(Clone, Debug)]
pub struct GetItem {
    /// Which one.
    pub id: ItemId,
}

impl Question for GetItem {
    type Answer = Item;

    fn answer(&self, draft: &Draft<'_>) -> Result<Item, Stop> {
        Ok(find(draft, &self.id)?.clone())
    }
}

/// Asks for one entry of an item's history.
#[derive(Clone, Debug)]
pub struct GetChange {
    /// Of which item.
    pub item: ItemId,
    /// The content version, as the history shows it.
    pub version: String,
}

impl Question for GetChange {
    type Answer = Change;

    fn answer(&self, draft: &Draft<'_>) -> Result<Change, Stop> {
        let mut history = find(draft, &self.item)?.history.iter();
        let change = history.find(|change| change.version.to_string() == self.version);
        Ok(change.ok_or_else(|| Refusal::no_item_version(&self.version))?.clone())
    }
}

/// Asks for files of an item as they are now.
#[derive(Clone, Debug)]
pub struct GetFiles {
    /// Of which item.
    pub item: ItemId,
    /// The one of this name; unset, all of them.
    pub name: Option<String>,
}

/// Files of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFiles {
    /// The library that the item is in.
    pub library: LibraryId,
    /// Where its bytes are said to be.
    pub backing: StorageBacking,
    /// The files.
    pub files: Vec<ItemFile>,
}

impl Question for GetFiles {
    type Answer = SeenFiles;

    fn answer(&self, draft: &Draft<'_>) -> Result<SeenFiles, Stop> {
        let item = find(draft, &self.item)?;
        let library = library::find(draft, &item.library, Via::Library)?;
        let files = match &self.name {
            None => item.files.clone(),
            Some(name) => vec![item.file(name).ok_or_else(|| Refusal::no_item_file(name))?.clone()],
        };
        Ok(SeenFiles { library: library.id.clone(), backing: library.backing.clone(), files })
    }
}

/// The same, for those who read the storage itself.
#[derive(Clone, Debug)]
pub struct LocateFiles(pub GetFiles);

impl Question for LocateFiles {
    type Answer = SeenFiles;

    fn answer(&self, draft: &Draft<'_>) -> Result<SeenFiles, Stop> {
        if matches!(draft.by(), Caller::User { reads_storage: false, .. }) {
            return Err(Refusal::may_not_read_storage().into());
        }
        self.0.answer(draft)
    }
}

pub(super) fn find<'d>(draft: &'d Draft<'_>, id: &ItemId) -> Result<&'d Item, Stop> {
    Ok(draft.get::<Item>(id)?.ok_or_else(|| Refusal::no_item(id))?)
}

/// The item, if users can change it.
pub(super) fn changeable(draft: &Draft<'_>, id: &ItemId) -> Result<Item, Stop> {
    let item = find(draft, id)?;
    let library = library::find(draft, &item.library, Via::Library)?;
    if !library.is_local() {
        return Err(Refusal::items_are_the_publishers(&item.library).into());
    }
    library::in_service(draft, &item.library, Via::Library)?;
    Ok(item.clone())
}

/// Removes an item: its sessions fail with these words, its bytes are given up.
pub(super) fn remove(draft: &mut Draft<'_>, id: &ItemId, words: &Message) -> Result<(), Stop> {
    if let Some(session) = find(draft, id)?.session.clone() {
        update::fail_for(draft, &session, words)?;
    }
    for session in find(draft, id)?.downloads.clone() {
        download::fail_for(draft, &session, words)?;
    }
    let item = find(draft, id)?.clone();
    for blob in item.files.into_iter().filter_map(|file| file.blob) {
        draft.free(blob, []);
    }
    client_token::forget(draft, item.made_by.as_ref());
    draft.remove::<Item>(id);
    library::count_change(draft, &item.library)
}
