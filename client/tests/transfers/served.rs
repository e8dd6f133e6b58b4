//! A server in this process whose addresses lead through a proxy, and files to send.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use contentlib_client::{Patience, Target, Transfers};
use contentlibd::app::{App, Directory, Rights, SystemClock};
use contentlibd::front;
use contentlibd::life::{Opened, Working};
use contentlibd::settings::Settings;
use tokio::net::TcpListener;
use vapi::content::library::item::{UpdateSessionModel, UpdateSessionModelState};
use vapi::content::library::{ItemId, StorageBacking, StorageBackingType};
use vapi::content::{LibraryId, LibraryModel};
use vapi::runtime::Surface;
use vapi::runtime::client::HttpOptions;
use vapi::runtime::server::{KnownUsers, SessionLimits, Sessions};

use crate::proxy::{Cut, Proxy};

struct Nobody;

impl Directory for Nobody {
    fn rights(&self, _: &str) -> Rights {
        Rights { is_administrator: false, reads_storage: false }
    }
}

/// A folder of a test's own.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        let mut id = [0; 8];
        getrandom::fill(&mut id).unwrap();
        let name = format!("contentlib-client-{:016x}", u64::from_le_bytes(id));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed_or_not = fs::remove_dir_all(&self.0);
    }
}

/// A server, a library in it, and a client.
pub(crate) struct Served {
    pub(crate) app: Arc<App>,
    pub(crate) client: vapi::Client,
    pub(crate) transfers: Transfers,
    pub(crate) library: LibraryId,
    pub(crate) folder: Folder,
    _working: Working,
    _data: Folder,
}

impl Served {
    /// Calls go straight to it; bytes go through a proxy that cuts its first connections like this.
    pub(crate) async fn new(cuts: &[Cut]) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let proxy = Proxy::start(address, cuts.to_vec()).await;
        let (data, logins) = (Folder::new(), Sessions::new(SessionLimits::new()));
        let settings = Settings::new(format!("http://{proxy}"));
        let clock = Arc::new(SystemClock);
        let opened =
            Opened::new(&data.path().join("data"), settings, clock, logins, Arc::new(Nobody)).unwrap();
        let app = Arc::clone(&opened.app);
        let working = opened.work().await.unwrap();
        let users = Arc::new(KnownUsers::new().user("ann", "a"));
        let routes = front::routes(&app, front::api(&app, Arc::clone(&users)), &users);
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let client = vapi::runtime::Client::new(&format!("http://{address}")).unwrap();
        let client = vapi::Client::from(client.credentials("ann", "a").surface(Surface::Rest));
        let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        let library = LibraryModel::for_create("images", vec![backing]);
        let library = client.local_library().create(library).await.unwrap();
        let transfers = Transfers::new(client.clone(), HttpOptions::new());
        Served { app, client, transfers, library, folder: Folder::new(), _working: working, _data: data }
    }

    pub(crate) fn new_item(&self) -> Target {
        Target::New { library: self.library.clone(), name: "disk".to_owned() }
    }

    pub(crate) async fn items(&self) -> Vec<ItemId> {
        self.client.item().list(self.library.clone()).await.unwrap()
    }

    /// Looks that there is one session, in the state ERROR, and what it says of that.
    pub(crate) async fn check_failed_with(&self, words: &[&str]) {
        let [session] = &self.client.update_session().list().await.unwrap()[..] else {
            panic!("not one session");
        };
        let session: UpdateSessionModel = self.client.update_session().get(session.clone()).await.unwrap();
        assert_eq!(session.state, Some(UpdateSessionModelState::Error));
        let message = session.error_message.unwrap().default_message;
        for word in words {
            assert!(message.contains(word), "{message:?} does not say {word:?}");
        }
    }
}

/// Gives up soon, and never waits for nothing.
pub(crate) fn impatient() -> Patience {
    Patience { pause: std::time::Duration::ZERO, n_tries_max: 3, ..Patience::default() }
}
