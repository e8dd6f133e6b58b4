//! Copying an item: a new item, and a session of the server's own that fills it.
//!
//! The item is there at once and its files come all at once later; if they cannot come, the item goes again.

use super::client_token::{self, Attempt, ClientToken};
use super::completion;
use super::decision::{Command, Draft, Stop};
use super::ids::{ItemId, LibraryId, UpdateSessionId};
use super::item::{self, NewItem};
use super::refusal::Refusal;
use super::session_file::{Origin, SessionFile, Source, put_file};
use super::update::{self, Purpose};

/// Copies an item; what is unset is as it is in the source.
#[derive(Clone, Debug)]
pub struct CopyItem {
    /// The identifier that the copy gets.
    pub id: ItemId,
    /// The identifier of the session that fills it.
    pub session: UpdateSessionId,
    /// The client's token.
    pub token: Option<ClientToken>,
    /// Which item.
    pub source: ItemId,
    /// The library that the copy is to be in.
    pub library: Option<LibraryId>,
    /// What people are to call it.
    pub name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its type.
    pub type_name: Option<String>,
}

impl Command for CopyItem {
    type Reply = ItemId;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<ItemId, Stop> {
        let key = match client_token::attempt(draft, "item.copy", self.token.as_ref())? {
            Attempt::Repeated(id) => return Ok(id.into()),
            Attempt::First(key) => key,
        };
        let source = item::find(draft, &self.source)?.clone();
        if let Some(file) = source.files.iter().find(|file| !file.is_cached()) {
            return Err(Refusal::not_cached(&file.name).into());
        }
        let copy = NewItem {
            library: self.library.clone().unwrap_or(source.library),
            name: self.name.clone().unwrap_or(source.name),
            description: self.description.clone().unwrap_or(source.description),
            type_name: self.type_name.clone().unwrap_or(source.type_name),
            source: Some(source.source.unwrap_or(source.id)),
        };
        client_token::remember(draft, key.as_ref(), self.token.as_ref(), self.id.as_str());
        let item = copy.insert(draft, &self.id, key)?;
        if source.files.is_empty() {
            return Ok(self.id.clone());
        }
        let mut session = update::begin(draft, item, self.session.clone(), Purpose::Copy, |session| {
            session.owner = None;
            session.is_completing = true;
        })?;
        for file in source.files {
            let Some(blob) = file.blob else { continue };
            let mut brought = SessionFile::new(&file.name, Source::Copy(blob), Origin::Client);
            brought.announced_size = Some(file.size);
            brought.announced_checksum = file.checksum;
            put_file(draft, &mut session, brought);
        }
        completion::settle(draft, session)?;
        Ok(self.id.clone())
    }
}
