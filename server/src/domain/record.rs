//! What is kept: records by identifier, and a part of them in memory.
//!
//! A [`State`] holds the records that somebody put into it. It may hold everything ([`State::whole`]: what it has not does
//! not exist) or a part ([`State::partial`]: what it has not was never looked up). Deciding on a part that lacks something
//! ends in [`Unloaded`], which says what to look up; so no file and no database is seen from here, and any number of
//! processes can decide on the same records as long as what they write is checked against what they read.
//!
//! [`State::evolve`] takes what a decision changes. It cannot fail.

use std::collections::{BTreeMap, BTreeSet};

use super::client_token::{Remembered, RequestKey};
use super::configuration::Configuration;
use super::download::DownloadSession;
use super::freed::FreedBlob;
use super::ids::{
    BlobId, CertificateId, ConfigurationId, DownloadSessionId, ItemId, LibraryId, UpdateSessionId,
};
use super::item::Item;
use super::library::Library;
use super::names::folded;
use super::trusted::TrustedCertificate;
use super::update::UpdateSession;

/// Records of a kind: `None` is known not to exist.
type Rows<R> = BTreeMap<<R as Record>::Id, Option<R>>;

/// What can be looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// A library.
    Library(LibraryId),
    /// An item.
    Item(ItemId),
    /// An update session.
    Update(UpdateSessionId),
    /// A download session.
    Download(DownloadSessionId),
    /// What a client's token stands for.
    Remembered(RequestKey),
    /// A blob that waits to be erased.
    Freed(BlobId),
    /// A certificate that the server trusts.
    Certificate(CertificateId),
    /// The item of a library that has this name, as [`folded`] gives it.
    ItemNamed(LibraryId, String),
    /// All items of a library.
    ItemsOf(LibraryId),
    /// The settings.
    Configuration(ConfigurationId),
}

/// Something that is kept as a whole, under its identifier.
pub trait Record: Clone + Sized {
    /// What it is found by.
    type Id: Clone + Ord;

    /// Its identifier.
    fn id(&self) -> &Self::Id;
    /// What to look up for one with this identifier.
    fn key(id: &Self::Id) -> Key;
    #[doc(hidden)]
    fn rows(records: &Records) -> &Rows<Self>;
    #[doc(hidden)]
    fn rows_mut(records: &mut Records) -> &mut Rows<Self>;
}

/// Records of every kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    libraries: Rows<Library>,
    items: Rows<Item>,
    updates: Rows<UpdateSession>,
    downloads: Rows<DownloadSession>,
    remembered: Rows<Remembered>,
    freed: Rows<FreedBlob>,
    certificates: Rows<TrustedCertificate>,
    configuration: Rows<Configuration>,
}

macro_rules! records {
    ($($record:ty, $id:ty, $key:ident, $rows:ident;)*) => {
        $(
            impl Record for $record {
                type Id = $id;

                fn id(&self) -> &$id {
                    &self.id
                }

                fn key(id: &$id) -> Key {
                    Key::$key(id.clone())
                }

                fn rows(records: &Records) -> &Rows<Self> {
                    &records.$rows
                }

                fn rows_mut(records: &mut Records) -> &mut Rows<Self> {
                    &mut records.$rows
                }
            }
        )*

        impl Records {
            /// How many records are known to exist or not to.
            pub fn n_rows(&self) -> usize {
                0 $(+ self.$rows.len())*
            }

            /// Takes over every row of the others.
            pub fn take_over(&mut self, others: Records) {
                $(self.$rows.extend(others.$rows);)*
            }

            /// Takes over those rows of the others of which nothing is known yet.
            fn learn(&mut self, others: Records) {
                $(for (id, row) in others.$rows {
                    self.$rows.entry(id).or_insert(row);
                })*
            }
        }
    };
}

records! {
    Library, LibraryId, Library, libraries;
    Item, ItemId, Item, items;
    UpdateSession, UpdateSessionId, Update, updates;
    DownloadSession, DownloadSessionId, Download, downloads;
    Remembered, RequestKey, Remembered, remembered;
    FreedBlob, BlobId, Freed, freed;
    TrustedCertificate, CertificateId, Certificate, certificates;
    Configuration, ConfigurationId, Configuration, configuration;
}

impl Records {
    /// The record, `Some(None)` where it is known not to exist, `None` where nothing is known.
    pub fn get<R: Record>(&self, id: &R::Id) -> Option<Option<&R>> {
        R::rows(self).get(id).map(Option::as_ref)
    }

    /// All records of a kind that exist, by identifier.
    pub fn all<'r, R: Record + 'r>(&'r self) -> impl Iterator<Item = &'r R> {
        R::rows(self).values().flatten()
    }

    /// Every identifier of a kind, with the record or the knowledge that there is none.
    pub fn each<'r, R: Record + 'r>(&'r self) -> impl Iterator<Item = (&'r R::Id, Option<&'r R>)> {
        R::rows(self).iter().map(|(id, row)| (id, row.as_ref()))
    }

    /// Whether nothing is known at all.
    pub fn is_empty(&self) -> bool {
        self.n_rows() == 0
    }

    /// Puts the record in the place of the one with its identifier.
    pub fn put<R: Record>(&mut self, record: R) {
        R::rows_mut(self).insert(record.id().clone(), Some(record));
    }

    fn learn_of<R: Record>(&mut self, id: &R::Id) {
        R::rows_mut(self).entry(id.clone()).or_insert(None);
    }

    /// Says that there is none.
    pub fn put_none<R: Record>(&mut self, id: &R::Id) {
        R::rows_mut(self).insert(id.clone(), None);
    }
}

/// Something has to be looked up first: put it into the state and ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unloaded(pub Key);

/// The records that are known.
#[derive(Clone, Debug, Default)]
pub struct State {
    records: Records,
    /// Items by library and folded name, of those that are known.
    names: BTreeMap<(LibraryId, String), Option<ItemId>>,
    /// Libraries all of whose items are known.
    surveyed: BTreeSet<LibraryId>,
    /// What is not here does not exist.
    is_whole: bool,
}

impl State {
    /// Everything there is, which is nothing yet.
    pub fn whole() -> State {
        State { is_whole: true, ..State::default() }
    }

    /// A part of what there is, of which nothing is known yet.
    pub fn partial() -> State {
        State::default()
    }

    /// The records.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Takes over what a decision changes.
    pub fn evolve(&mut self, changes: &Records) {
        // Names are given up before they are taken: a change may give one item the name that another had.
        for (id, _) in changes.each::<Item>() {
            if let Some(Some(before)) = self.records.get::<Item>(id) {
                self.names.insert(name_of(before), None);
            }
        }
        for item in changes.all::<Item>() {
            self.names.insert(name_of(item), Some(item.id.clone()));
        }
        self.records.take_over(changes.clone());
    }

    /// Learns what was looked up under a key; what was not found there does not exist.
    ///
    /// What is known already stays as it is: it may have been changed since by decisions that are not kept yet.
    pub fn learn(&mut self, key: &Key, found: Records) {
        for item in found.all::<Item>().filter(|item| self.records.get::<Item>(&item.id).is_none()) {
            self.names.entry(name_of(item)).or_insert_with(|| Some(item.id.clone()));
        }
        self.records.learn(found);
        match key {
            Key::ItemNamed(library, name) => {
                self.names.entry((library.clone(), name.clone())).or_insert(None);
            }
            Key::ItemsOf(library) => {
                self.surveyed.insert(library.clone());
            }
            Key::Library(id) => self.records.learn_of::<Library>(id),
            Key::Item(id) => self.records.learn_of::<Item>(id),
            Key::Update(id) => self.records.learn_of::<UpdateSession>(id),
            Key::Download(id) => self.records.learn_of::<DownloadSession>(id),
            Key::Remembered(id) => self.records.learn_of::<Remembered>(id),
            Key::Freed(id) => self.records.learn_of::<FreedBlob>(id),
            Key::Certificate(id) => self.records.learn_of::<TrustedCertificate>(id),
            Key::Configuration(id) => self.records.learn_of::<Configuration>(id),
        }
    }

    pub(super) fn get<R: Record>(&self, id: &R::Id) -> Result<Option<&R>, Unloaded> {
        match self.records.get(id) {
            Some(row) => Ok(row),
            None if self.is_whole => Ok(None),
            None => Err(Unloaded(R::key(id))),
        }
    }

    pub(super) fn item_named(&self, library: &LibraryId, name: &str) -> Result<Option<&ItemId>, Unloaded> {
        let place = (library.clone(), folded(name));
        match self.names.get(&place) {
            Some(id) => Ok(id.as_ref()),
            None if self.is_whole => Ok(None),
            None => Err(Unloaded(Key::ItemNamed(place.0, place.1))),
        }
    }

    pub(super) fn items_of(&self, library: &LibraryId) -> Result<Vec<ItemId>, Unloaded> {
        if !self.is_whole && !self.surveyed.contains(library) {
            return Err(Unloaded(Key::ItemsOf(library.clone())));
        }
        let items = self.records.all::<Item>().filter(|item| item.library == *library);
        Ok(items.map(|item| item.id.clone()).collect())
    }
}

fn name_of(item: &Item) -> (LibraryId, String) {
    (item.library.clone(), folded(&item.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_overwritten_by_what_is_looked_up() {
        let library = |name: &str| {
            let json = format!(
                r#"{{"id": "l", "name": {name:?}, "description": "", "content": {{"Local": {{"publish":
                {{"is_published": false, "password": null, "persists_json": false}}, "subscriptions": []}}}},
                "backing": {{"Other": ""}}, "created": 0, "modified": 0, "version": 1, "revision": 1,
                "security_policy": null, "optimize_remote_publishing": null, "in_maintenance": false,
                "applies_usages_to_items": false, "usages": [], "made_by": null}}"#
            );
            let mut records = Records::default();
            records.put::<Library>(serde_json::from_str(&json).unwrap());
            records
        };
        let id = LibraryId::from("l");
        let mut state = State::partial();
        state.evolve(&library("new"));
        state.learn(&Key::Library(id.clone()), library("old"));
        assert_eq!(state.get::<Library>(&id).unwrap().map(|library| library.name.as_str()), Some("new"));
    }
}
