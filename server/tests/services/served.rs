//! A server in this process with two users, and clients of it on every surface.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use contentlibd::app::{App, Clock, Directory, Rights, fresh_id, fresh_secret};
use contentlibd::domain::Caller;
use contentlibd::domain::checksum::Algorithm;
use contentlibd::domain::completion::CompleteUpdateSession;
use contentlibd::domain::following::{PublishChange, SubscriptionInfo};
use contentlibd::domain::ids::{ItemId, LibraryId, Time};
use contentlibd::domain::item::{CreateItem, NewItem};
use contentlibd::domain::library::{CreateLibrary, NewContent, StorageBacking};
use contentlibd::domain::session_file::{AddFile, NewSource};
use contentlibd::domain::transfer::{EndTransfer, FileRef, StartTransfer, TransferOutcome};
use contentlibd::domain::update::CreateUpdateSession;
use contentlibd::front;
use contentlibd::life::{Opened, Working};
use contentlibd::settings::Settings;
use vapi::runtime::client::{Http, Local, Transport as _};
use vapi::runtime::server::{KnownUsers, SessionLimits, Sessions};
use vapi::runtime::{DateTime, Error, OperationError, Surface};

use crate::failing_blobs::Faults;
use crate::scratch::Scratch;

/// Looks whether a call was refused by this standard error, in these words.
#[track_caller]
pub(crate) fn check_refused<T: std::fmt::Debug, E: OperationError>(
    result: Result<T, Error<E>>,
    error: &str,
    words: &[&str],
) {
    let refusal = result.expect_err("it is to be refused");
    assert_eq!(refusal.id().and_then(|id| id.strip_prefix("com.vmware.vapi.std.errors.")), Some(error));
    // An error that the operation does not declare shows its words only like this.
    let text = format!("{refusal:?}");
    for word in words {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
}

/// What a library follows that follows one elsewhere.
pub(crate) fn followed() -> NewContent {
    NewContent::Subscribed(SubscriptionInfo {
        url: "https://publisher.example/lib.json".to_owned(),
        needs_password: true,
        user_name: Some("vcsp".to_owned()),
        password: Some("secret".into()),
        automatic_sync: true,
        on_demand: false,
        thumbprint: None,
        certificate: None,
    })
}

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
    opened: Option<Opened>,
    scratch: Scratch,
}

impl Served {
    pub(crate) fn new() -> Served {
        let settings = Settings::new("https://lib.example:8443");
        Served::on(Scratch::new(), Arc::default(), settings, None)
    }

    fn on(scratch: Scratch, clock: Arc<Hand>, mut settings: Settings, faults: Option<&Faults>) -> Served {
        let hand = Arc::<Hand>::clone(&clock);
        let now = move || DateTime::from_unix_ms(hand.now().0).unwrap();
        let logins = Sessions::with_clock(SessionLimits::new(), now);
        // Tests wait for the one, and reach the other.
        settings.transfers.report_ms = 1;
        settings.limits.session_files_max = 50;
        let hand = Arc::<Hand>::clone(&clock);
        let mut opened =
            Opened::new(&scratch.path().join("data"), settings, hand, logins, Arc::new(Rooted)).unwrap();
        if let Some(faults) = faults {
            let app = Arc::get_mut(&mut opened.app).expect("nobody has it yet");
            app.blobs = faults.over(Arc::clone(&app.blobs));
        }
        Served { app: Arc::clone(&opened.app), clock, opened: Some(opened), scratch }
    }

    /// A client of this user's.
    pub(crate) fn client(&self, user: &str, surface: Surface) -> vapi::Client {
        let router = front::api(&self.app, users());
        let client = vapi::runtime::Client::with_transport("http://local", Local(router)).unwrap();
        vapi::Client::from(client.credentials(user, &user[..1]).surface(surface))
    }

    pub(crate) async fn serve<C>(&self, command: C) -> C::Reply
    where
        C: contentlibd::domain::Command + Send + 'static,
        C::Reply: Send + 'static,
    {
        self.app
            .ledger
            .run(Caller::Server, self.app.now(), command)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn library(&self) -> LibraryId {
        self.library_of(NewContent::Local(PublishChange::default())).await
    }

    pub(crate) async fn library_of(&self, content: NewContent) -> LibraryId {
        self.serve(CreateLibrary {
            id: fresh_id(),
            token: None,
            name: "images".to_owned(),
            description: String::new(),
            content,
            backings: vec![StorageBacking::Datastore("datastore-1".to_owned())],
            security_policy: None,
            optimize_remote_publishing: None,
            applies_usages_to_items: false,
        })
        .await
    }

    pub(crate) async fn item(&self, library: &LibraryId, name: &str) -> ItemId {
        self.item_of_type(library, name, "").await
    }

    pub(crate) async fn item_of_type(&self, library: &LibraryId, name: &str, type_name: &str) -> ItemId {
        let item = NewItem {
            library: library.clone(),
            name: name.to_owned(),
            description: String::new(),
            type_name: type_name.to_owned(),
            source: None,
        };
        self.serve(CreateItem { id: fresh_id(), token: None, item }).await
    }

    /// An item's files become these, of ten bytes each.
    pub(crate) async fn fill(&self, item: &ItemId, names: &[&str]) {
        let session =
            CreateUpdateSession { id: fresh_id(), token: None, item: item.clone(), warnings: Vec::new() };
        let session = self.serve(session).await;
        for name in names {
            let name = (*name).to_owned();
            let (source, secret) = (NewSource::Push, fresh_secret());
            let file = AddFile {
                session: session.clone(),
                name: name.clone(),
                source,
                size: None,
                checksum: None,
                secret,
            };
            self.serve(file).await;
            let file = FileRef::Name(name);
            let start = StartTransfer { session: session.clone(), file, blob: fresh_id(), offset: 0 };
            let grant = self.serve(start).await;
            let hex = |algorithm: &Algorithm| "5".repeat(algorithm.n_digits());
            let digests = grant.algorithms.iter().map(|algorithm| (*algorithm, hex(algorithm))).collect();
            let outcome = TransferOutcome::Received { size: 10, digests };
            self.serve(EndTransfer { session: session.clone(), attempt: grant.attempt, outcome }).await;
        }
        self.serve(CompleteUpdateSession { id: session }).await;
    }
}

/// A server that works, on a free port of this machine.
pub(crate) struct Listening {
    pub(crate) served: Served,
    pub(crate) url: String,
    server: tokio::task::JoinHandle<()>,
    working: Option<Working>,
    http: Http,
}

impl Listening {
    pub(crate) async fn new() -> Listening {
        Listening::with(Settings::new("")).await
    }

    /// With these settings, but for its address.
    pub(crate) async fn with(settings: Settings) -> Listening {
        Listening::on(Scratch::new(), Arc::default(), settings, None).await
    }

    /// With a disk that something befalls.
    pub(crate) async fn failing(faults: &Faults) -> Listening {
        Listening::on(Scratch::new(), Arc::default(), Settings::new(""), Some(faults)).await
    }

    async fn on(
        scratch: Scratch,
        clock: Arc<Hand>,
        settings: Settings,
        faults: Option<&Faults>,
    ) -> Listening {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { public_url: url.clone(), ..settings };
        let mut served = Served::on(scratch, clock, settings, faults);
        let working = served.opened.take().unwrap().work().await.unwrap();
        let users = Arc::new(users());
        let routes = front::routes(&served.app, front::api(&served.app, Arc::clone(&users)), &users);
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Listening { served, url, server, working: Some(working), http: Http::new() }
    }

    /// Ends it and starts another one on the same directory.
    pub(crate) async fn again(self) -> Listening {
        let Listening { served, server, working, .. } = self;
        server.abort();
        let _cancelled = server.await;
        if let Some(working) = working {
            working.end().await;
        }
        let Served { app, clock, scratch, .. } = served;
        let settings = app.settings.clone();
        drop(app);
        Listening::on(scratch, clock, settings, None).await
    }

    /// Identifier of a login session of `ann`'s.
    pub(crate) async fn login(&self) -> String {
        let principal = vapi::runtime::server::Principal::new("ann");
        self.served.app.logins.open(principal).unwrap().id().expose().to_owned()
    }

    /// A raw request; status, headers and body of the reply.
    pub(crate) async fn send(&self, request: http::Request<Vec<u8>>) -> http::Response<String> {
        let reply = self.http.send(request.map(Into::into)).await.unwrap();
        reply.map(|body| String::from_utf8(body.to_vec()).unwrap())
    }
}

fn users() -> KnownUsers {
    KnownUsers::new().user("ann", "a").user("bob", "b").user("root", "r")
}
