//! A server in this process, on threads of its own, whose addresses lead through a proxy; and files to send.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn;
use contentlib_client::{Patience, Source, Target, Transfers, UploadOptions};
use contentlibd::app::{App, Clock, Directory, Rights, SystemClock};
use contentlibd::front;
use contentlibd::life::Opened;
use contentlibd::settings::Settings;
use contentlibd::store::blobs::Blobs;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use vapi::content::library::item::{UpdateSessionModel, UpdateSessionModelState};
use vapi::content::library::{ItemId, StorageBacking, StorageBackingType};
use vapi::content::{LibraryId, LibraryModel};
use vapi::runtime::Surface;
use vapi::runtime::client::{Http, HttpOptions, Proxy as ProxyOfCalls, Transport};
use vapi::runtime::server::{KnownUsers, SessionLimits, Sessions};

use crate::proxy::{Cut, Proxy};
use crate::requests::Requests;
use crate::tls::Identity;

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

    /// A file of this name, to send.
    pub(crate) fn source(&self, name: &str, bytes: &[u8]) -> Source {
        Source::at(self.file(name, bytes)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _removed_or_not = fs::remove_dir_all(&self.0);
    }
}

/// What is special about a server.
pub(crate) struct Setup {
    pub(crate) cuts: Vec<Cut>,
    pub(crate) requests: Requests,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) logins: Sessions,
    pub(crate) blobs: Option<Arc<dyn Blobs>>,
    pub(crate) settings: fn(&mut Settings),
    /// Whether clients reach it over TLS alone.
    pub(crate) tls: Option<Identity>,
}

impl Setup {
    pub(crate) fn new() -> Setup {
        Setup {
            cuts: Vec::new(),
            requests: Requests::default(),
            clock: Arc::new(SystemClock),
            logins: Sessions::new(SessionLimits::new()),
            blobs: None,
            settings: |_| {},
            tls: None,
        }
    }

    /// A server with a proxy before it, whose first connections end like this.
    pub(crate) fn cut(cuts: &[Cut]) -> Setup {
        Setup { cuts: cuts.to_vec(), ..Setup::new() }
    }

    pub(crate) async fn serve(self) -> Served {
        Served::of(self).await
    }
}

/// A server, a library in it, and a client.
pub(crate) struct Served {
    pub(crate) app: Arc<App>,
    /// Where calls go.
    pub(crate) url: String,
    pub(crate) client: vapi::Client,
    pub(crate) transfers: Transfers,
    pub(crate) library: LibraryId,
    pub(crate) folder: Folder,
    pub(crate) proxy: Proxy,
    pub(crate) requests: Requests,
    /// Not the test's: a test may stop its own clock.
    threads: Option<Runtime>,
    _data: Folder,
}

impl Served {
    pub(crate) async fn new(cuts: &[Cut]) -> Served {
        Setup::cut(cuts).serve().await
    }

    /// Calls go straight to it; bytes go through the proxy.
    async fn of(setup: Setup) -> Served {
        let threads = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let (threads, data) = (threads.unwrap(), Folder::new());
        let (path, requests) = (data.path().join("data"), setup.requests.clone());
        let started = threads.spawn(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let proxy = Proxy::start(Some(address), setup.cuts).await;
            let public_url = match &setup.tls {
                Some(identity) => format!("https://{}", identity.stand_before(proxy.address).await),
                None => format!("http://{}", proxy.address),
            };
            let mut settings = Settings::new(public_url.clone());
            (setup.settings)(&mut settings);
            let opened = Opened::new(&path, settings, setup.clock, setup.logins, Arc::new(Nobody));
            let mut opened = opened.unwrap();
            if let Some(blobs) = setup.blobs {
                let app = Arc::get_mut(&mut opened.app).expect("nothing works yet");
                app.blobs = blobs;
            }
            let app = Arc::clone(&opened.app);
            let working = opened.work().await.unwrap();
            let users = Arc::new(KnownUsers::new().user("ann", "a"));
            let routes = front::routes(&app, front::api(&app, Arc::clone(&users)), &users);
            let requests = setup.requests;
            let seen = move |request, next| requests.clone().seen(request, next);
            let routes = routes.layer(from_fn(seen));
            tokio::spawn(async move {
                let _until_the_end = working;
                axum::serve(listener, routes).await.unwrap();
            });
            (app, address, public_url, proxy)
        });
        let (app, address, public_url, proxy) = started.await.unwrap();
        let own_url = format!("http://{address}");
        let url = if public_url.starts_with("https") { public_url } else { own_url.clone() };
        let client = vapi::runtime::Client::new(&own_url).unwrap();
        let client = vapi::Client::from(client.credentials("ann", "a").surface(Surface::Rest));
        let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        let library = LibraryModel::for_create("images", vec![backing]);
        let library = client.local_library().create(library).await.unwrap();
        let transfers = Transfers::new(client.clone(), direct());
        let (threads, folder) = (Some(threads), Folder::new());
        Served { app, url, client, transfers, library, folder, proxy, requests, threads, _data: data }
    }

    /// What moves files by calls over this transport.
    pub(crate) fn transfers_over(&self, transport: impl Transport) -> Transfers {
        let client = vapi::runtime::Client::with_transport(&self.url, transport).unwrap();
        let client = client.credentials("ann", "a").surface(Surface::Rest);
        Transfers::new(client.into(), direct())
    }

    /// What moves files by calls that may take as long as they like, for tests that have time pass.
    pub(crate) fn transfers_without_limits(&self) -> Transfers {
        let http = direct().connect_timeout(Duration::ZERO);
        let client = vapi::runtime::Client::with_transport(&self.url, Http::with_options(http.clone()));
        let client = client.unwrap().timeout(Duration::ZERO);
        Transfers::new(client.credentials("ann", "a").surface(Surface::Rest).into(), http)
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

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// Without the proxies of the environment that the tests run in.
pub(crate) fn direct() -> HttpOptions {
    HttpOptions::new().proxy(ProxyOfCalls::none())
}

/// Gives up soon, and never waits for nothing.
pub(crate) fn impatient() -> Patience {
    Patience { pause: Duration::ZERO, n_tries_max: 3, ..Patience::default() }
}

pub(crate) fn options() -> UploadOptions {
    UploadOptions { patience: impatient(), ..UploadOptions::default() }
}
