//! What a follower knows of its publisher: what the publisher says of its items, and how far following it is.
//!
//! What is done with it stands in [`super::synchronisation`]. Reading it from the network is somebody else's business; whoever
//! does has checked that names are names and that every address lies within the published library.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids::{ItemId, Time};
use super::item::{Item, ItemFile};
use super::refusal::Message;

/// After how long a publisher that was asked is asked anew, whoever asked it before.
const SILENCE_MS: u64 = 3_600_000;

/// An item as its publisher describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedItem {
    /// What the publisher knows it by.
    pub id: ItemId,
    /// What people call it.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its type; may be empty.
    pub type_name: String,
    /// How often anything of it changed.
    pub version: u64,
    /// How often its files changed, if the publisher counts that.
    pub content_version: Option<u64>,
    /// Its files.
    pub files: Vec<PublishedFile>,
}

/// A file as its publisher describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedFile {
    /// Its name.
    pub name: String,
    /// Its size, if it is told.
    pub size: Option<u64>,
    /// Which bytes they are.
    pub at: Edition,
}

/// Which bytes of a published file, and where they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edition {
    /// What is another text whenever the bytes are others.
    pub generation: String,
    /// Where they are, seen from the root of the published library.
    pub href: String,
    /// The tag that they have there, if that is known.
    pub tag: Option<String>,
}

impl PublishedItem {
    /// How often properties of it changed: whatever changed and was not a file.
    pub(super) fn metadata_version(&self) -> u64 {
        let n_contents = self.content_version.unwrap_or(1);
        (self.version.saturating_add(1)).saturating_sub(n_contents).max(1)
    }
}

impl PublishedFile {
    /// Whether our file has the bytes of this one, or is to have them.
    pub(super) fn is_of(&self, ours: &ItemFile) -> bool {
        let is_of_size = self.size.is_none_or(|size| size == ours.size);
        let is_of_generation = ours.published.as_ref().is_some_and(|at| at.generation == self.at.generation);
        self.name == ours.name && is_of_size && is_of_generation
    }
}

/// How an item of a subscribed library stands to the published one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// When it was as the publisher has it.
    pub last_sync: Option<Time>,
    /// What kept it from being so the last time.
    pub error: Option<Message>,
}

impl Item {
    /// Whether all its files are here.
    pub fn is_cached(&self) -> bool {
        self.files.iter().all(ItemFile::is_cached)
    }
}

/// How far a subscribed library is with following the published one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Following {
    /// The publisher's version of the library that everything here is of; unset, nobody knows.
    pub version: Option<String>,
    /// When everything was as the publisher has it.
    pub last_sync: Option<Time>,
    /// When it was tried to make it so.
    pub tried: Option<Time>,
    /// What kept it from being so the last time.
    pub error: Option<Message>,
    /// How many synchronisations there were.
    pub n_syncs: u64,
    /// The one that is under way.
    pub sync: Option<Sync>,
    /// What was asked for too late for that one.
    pub next: Option<Scope>,
}

/// A synchronisation that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sync {
    /// Its number.
    pub number: u64,
    /// When the publisher was asked last.
    pub asked: Time,
    /// What it is about.
    pub scope: Scope,
    /// The version of the published library, once that was read.
    pub version: Option<String>,
    /// Items whose files are on their way.
    pub pending: BTreeSet<ItemId>,
    /// What went wrong first.
    pub error: Option<Message>,
}

impl Sync {
    /// Whether whoever asked the publisher has long been silent; only a server that could not keep what it was told is.
    pub fn is_stuck(&self, now: Time) -> bool {
        self.version.is_none() && now >= self.asked.plus_ms(SILENCE_MS)
    }
}

/// What a synchronisation is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// These items alone; unset, everything.
    pub items: Option<BTreeSet<ItemId>>,
    /// Items whose files are to come although they otherwise come only when they are asked for.
    pub with_content: BTreeSet<ItemId>,
}

impl Scope {
    /// Whether it is about this item of ours.
    pub fn has(&self, item: &ItemId) -> bool {
        self.items.as_ref().is_none_or(|items| items.contains(item))
    }

    /// Whether it is about single items, which are to be looked at even where the library looks unchanged.
    pub fn names_items(&self) -> bool {
        self.items.is_some() || !self.with_content.is_empty()
    }

    pub(super) fn widen(&mut self, other: Scope) {
        self.items = match (self.items.take(), other.items) {
            (Some(mut ours), Some(theirs)) => {
                ours.extend(theirs);
                Some(ours)
            }
            _ => None,
        };
        self.with_content.extend(other.with_content);
    }
}
