//! A server in this process with two users, and clients of it on every surface.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use contentlibd::app::{App, Clock, Directory, Rights, fresh_id};
use contentlibd::domain::following::PublishChange;
use contentlibd::domain::ids::{ItemId, LibraryId, Time};
use contentlibd::domain::item::{CreateItem, NewItem};
use contentlibd::domain::library::{CreateLibrary, NewContent, StorageBacking};
use contentlibd::domain::{Caller, Limits};
use contentlibd::ledger::Ledger;
use contentlibd::settings::Settings;
use contentlibd::store::blobs::FileBlobs;
use contentlibd::{front, store};
use vapi::runtime::Surface;
use vapi::runtime::client::Local;
use vapi::runtime::server::{KnownUsers, SessionLimits, Sessions};

use crate::scratch::Scratch;

/// A clock that stands until it is moved.
#[derive(Default)]
pub(crate) struct Hand(AtomicI64);

impl Hand {
    pub(crate) fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Time {
        Time(1_400_000_000_000 + self.0.load(Ordering::Relaxed))
    }
}

/// `root` may see everything.
struct Rooted;

impl Directory for Rooted {
    fn rights(&self, user: &str) -> Rights {
        Rights { is_administrator: user == "root", reads_storage: user == "root" }
    }
}

/// A server in this process.
pub(crate) struct Served {
    pub(crate) app: Arc<App>,
    pub(crate) clock: Arc<Hand>,
    _scratch: Scratch,
}

impl Served {
    pub(crate) fn new() -> Served {
        let scratch = Scratch::new();
        let directory = store::directory::DataDirectory::open(&scratch.path().join("data")).unwrap();
        let store = store::sqlite::SqliteStore::open(&directory.records()).unwrap();
        let (ledger, _effects) = Ledger::new(Arc::new(store), Limits::default());
        let clock = Arc::new(Hand::default());
        let app = App {
            ledger,
            blobs: Arc::new(FileBlobs::new(directory.blobs())),
            clock: Arc::<Hand>::clone(&clock),
            logins: Sessions::new(SessionLimits::new()),
            directory: Arc::new(Rooted),
            settings: Settings::new("https://lib.example:8443"),
        };
        Served { app: Arc::new(app), clock, _scratch: scratch }
    }

    /// A client of this user's.
    pub(crate) fn client(&self, user: &str, surface: Surface) -> vapi::Client {
        let users = KnownUsers::new().user("ann", "a").user("bob", "b").user("root", "r");
        let router = front::api(&self.app, users);
        let client = vapi::runtime::Client::with_transport("http://local", Local(router)).unwrap();
        vapi::Client::from(client.credentials(user, &user[..1]).surface(surface))
    }

    async fn serve<C>(&self, command: C) -> C::Reply
    where
        C: contentlibd::domain::Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        self.app.ledger.run(Caller::Server, self.app.now(), command).await.unwrap()
    }

    pub(crate) async fn library(&self) -> LibraryId {
        self.serve(CreateLibrary {
            id: fresh_id(),
            token: None,
            name: "images".to_owned(),
            description: String::new(),
            content: NewContent::Local(PublishChange::default()),
            backings: vec![StorageBacking::Datastore("datastore-1".to_owned())],
            security_policy: None,
            optimize_remote_publishing: None,
            applies_usages_to_items: false,
        })
        .await
    }

    pub(crate) async fn item(&self, library: &LibraryId, name: &str) -> ItemId {
        let item = NewItem {
            library: library.clone(),
            name: name.to_owned(),
            description: String::new(),
            type_name: String::new(),
            source: None,
        };
        self.serve(CreateItem { id: fresh_id(), token: None, item }).await
    }
}
