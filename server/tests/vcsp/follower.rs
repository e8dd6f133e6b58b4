//! A follower of a publisher that is whatever a test says, decided without a network.

use std::collections::BTreeMap;

use contentlibd::domain::Refusal;
use contentlibd::domain::download::{DownloadFile, GetDownloadFile, PrepareFile};
use contentlibd::domain::following::SubscriptionInfo;
use contentlibd::domain::ids::{DownloadSessionId, LibraryId, UpdateSessionId};
use contentlibd::domain::item::Item;
use contentlibd::domain::library::{Content, Library, NewContent};
use contentlibd::domain::on_demand::MakeReady;
use contentlibd::domain::published::{Edition, Following, PublishedFile, PublishedItem};
use contentlibd::domain::synchronisation::{NewPublished, StartSync, TakeOver};
use contentlibd::domain::update::{SessionState, UpdateSession};

use crate::world::{World, subscription};

/// A follower of a publisher that is whatever the test says.
pub(crate) struct Follower {
    pub(crate) world: World,
    pub(crate) library: LibraryId,
    version: u64,
}

pub(crate) fn file(name: &str, generation: u64) -> PublishedFile {
    let at = Edition { generation: generation.to_string(), href: format!("dir/{name}"), tag: None };
    PublishedFile { name: name.to_owned(), size: Some(name.len() as u64), at }
}

pub(crate) fn item(id: &str, version: u64, files: &[(&str, u64)]) -> PublishedItem {
    PublishedItem {
        id: id.into(),
        name: format!("item {id}"),
        description: String::new(),
        type_name: "ovf".to_owned(),
        version,
        content_version: Some(version),
        files: files.iter().map(|(name, generation)| file(name, *generation)).collect(),
    }
}

impl Follower {
    pub(crate) fn new(on_demand: bool) -> Follower {
        let mut world = World::new();
        let subscription = SubscriptionInfo { on_demand, ..subscription() };
        let command = world.new_library(NewContent::Subscribed(subscription));
        let library = world.run(&command).expect("a library");
        Follower { world, library, version: 0 }
    }

    pub(crate) fn following(&self) -> Following {
        let library = self.world.get::<Library>(&self.library).expect("the library");
        match &library.content {
            Content::Subscribed { following, .. } => (**following).clone(),
            Content::Local { .. } => panic!("it follows"),
        }
    }

    pub(crate) fn start(&mut self) -> Result<(), Refusal> {
        self.world.run(&StartSync { library: self.library.clone() })
    }

    pub(crate) fn take_over(&mut self, items: &[PublishedItem]) -> TakeOver {
        self.version += 1;
        let number = self.following().n_syncs;
        let new = |published: &PublishedItem| NewPublished {
            published: published.clone(),
            item: self.world.draw("ours").into(),
            session: self.world.draw("bringing").into(),
        };
        TakeOver {
            library: self.library.clone(),
            number,
            version: self.version.to_string(),
            items: Some(items.iter().map(new).collect()),
            faulty: BTreeMap::new(),
        }
    }

    /// What is published is read, and nothing comes yet.
    #[track_caller]
    pub(crate) fn read(&mut self, items: &[PublishedItem]) {
        self.start().expect("it starts");
        let take_over = self.take_over(items);
        self.world.serve(&take_over).expect("it is taken over");
    }

    /// All files come that are on their way.
    #[track_caller]
    pub(crate) fn bring(&mut self) {
        for session in self.sessions() {
            let files = self.world.get::<UpdateSession>(&session).expect("the session").files.clone();
            for file in files {
                self.world.receive(&session, &file.name);
            }
            assert_eq!(self.state_of(&session), SessionState::Done);
        }
    }

    pub(crate) fn state_of(&self, session: &UpdateSessionId) -> SessionState {
        self.world.get::<UpdateSession>(session).expect("the session").state
    }

    pub(crate) fn sessions(&self) -> Vec<UpdateSessionId> {
        self.items().iter().filter_map(|item| item.session.clone()).collect()
    }

    pub(crate) fn items(&self) -> Vec<Item> {
        let of_library = |item: &&Item| item.library == self.library;
        self.world.state.records().all::<Item>().filter(of_library).cloned().collect()
    }

    #[track_caller]
    pub(crate) fn ours(&self, id: &str) -> Item {
        let items = self.items();
        let found =
            items.iter().find(|item| item.source.as_ref().is_some_and(|source| source.as_str() == id));
        found.cloned().expect("the item")
    }

    /// Names, versions, and whether the bytes are here.
    pub(crate) fn files(&self, id: &str) -> Vec<(String, u64, bool)> {
        self.ours(id).files.iter().map(|file| (file.name.clone(), file.version.0, file.is_cached())).collect()
    }

    pub(crate) fn prepare(&mut self, session: &DownloadSessionId, name: &str) {
        let prepare = PrepareFile {
            session: session.clone(),
            name: name.to_owned(),
            endpoint: Default::default(),
            secret: "secret".into(),
        };
        self.world.run(&prepare).expect("it is asked for");
        let (session, name) = (session.clone(), name.to_owned());
        let bringing = self.world.draw("bringing").into();
        self.world.serve(&MakeReady { session, name, bringing }).expect("it is made ready");
    }

    pub(crate) fn prepared(&self, session: &DownloadSessionId, name: &str) -> Result<DownloadFile, Refusal> {
        self.world.ask(&GetDownloadFile { session: session.clone(), name: name.to_owned() })
    }
}
