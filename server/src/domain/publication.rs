//! Published libraries, as those who follow them may read them.
//!
//! What is not published is not there. Who may read what is published is asked of whoever has the password's hash; see
//! [`super::following::PublishInfo`].

use super::decision::{Draft, Question, Stop};
use super::ids::{ContentVersion, ItemId, LibraryId};
use super::item::{self, Item};
use super::library::Library;
use super::refusal::Refusal;

/// Asks for a published library.
#[derive(Clone, Debug)]
pub struct GetPublication {
    /// Which one.
    pub library: LibraryId,
}

impl Question for GetPublication {
    type Answer = Library;

    fn answer(&self, draft: &Draft<'_>) -> Result<Library, Stop> {
        find(draft, &self.library).cloned()
    }
}

/// Asks for a published library with all its items that have content.
#[derive(Clone, Debug)]
pub struct GetPublishedItems {
    /// Of which library.
    pub library: LibraryId,
}

impl Question for GetPublishedItems {
    type Answer = (Library, Vec<Item>);

    fn answer(&self, draft: &Draft<'_>) -> Result<(Library, Vec<Item>), Stop> {
        let library = find(draft, &self.library)?.clone();
        let mut items = Vec::new();
        for id in draft.items_of(&self.library)? {
            let item = item::find(draft, &id)?;
            if has_content(item) {
                items.push(item.clone());
            }
        }
        Ok((library, items))
    }
}

/// Asks for an item of a published library.
#[derive(Clone, Debug)]
pub struct GetPublishedItem {
    /// Of which library.
    pub library: LibraryId,
    /// Which item.
    pub item: ItemId,
}

impl Question for GetPublishedItem {
    type Answer = Item;

    fn answer(&self, draft: &Draft<'_>) -> Result<Item, Stop> {
        find(draft, &self.library)?;
        let item = item::find(draft, &self.item)?;
        if item.library != self.library || !has_content(item) {
            return Err(Refusal::no_item(&self.item).into());
        }
        Ok(item.clone())
    }
}

/// An item that was just made, or is still being copied, is nothing to follow yet.
fn has_content(item: &Item) -> bool {
    item.content_version > ContentVersion::FIRST
}

fn find<'d>(draft: &'d Draft<'_>, id: &LibraryId) -> Result<&'d Library, Stop> {
    let library = draft.get::<Library>(id)?.filter(|library| library.is_published());
    Ok(library.ok_or_else(|| Refusal::no_library(id))?)
}
