//! A server without a server: a state, a clock that is turned by hand, and short words for frequent commands.
//!
//! Every command and question is decided twice, on everything there is and on a part that is looked up as it is asked
//! for, and the two have to agree; after every command the invariants are checked. A world can also have a ledger, which
//! is asked everything as well and has to agree, too.

use std::fmt::Debug;
use std::sync::Arc;

use contentlibd::domain::checksum::{Algorithm, AnnouncedChecksum, Digests};
use contentlibd::domain::client_token::{ClientToken, Remembered};
use contentlibd::domain::completion::CompleteUpdateSession;
use contentlibd::domain::configuration::Configuration;
use contentlibd::domain::content::Findings;
use contentlibd::domain::download::{CreateDownloadSession, DownloadSession};
use contentlibd::domain::following::{PublishChange, SubscriptionInfo};
use contentlibd::domain::freed::FreedBlob;
use contentlibd::domain::ids::{
    BlobId, DownloadSessionId, ItemId, LibraryId, Secret, Time, UpdateSessionId, UserName,
};
use contentlibd::domain::item::{CreateItem, Item, NewItem};
use contentlibd::domain::library::{CreateLibrary, Library, NewContent, StorageBacking};
use contentlibd::domain::names::folded;
use contentlibd::domain::session_file::{
    AddFile, Endpoint, GetSessionFile, NewSource, SeenFile, SessionFile,
};
use contentlibd::domain::transfer::{
    EndTransfer, FileRef, Grant, Inspected, Inspection, StartTransfer, TransferOutcome,
};
use contentlibd::domain::trusted::TrustedCertificate;
use contentlibd::domain::update::{
    CreateUpdateSession, GetUpdateSession, SeenUpdateSession, SessionState, UpdateSession,
};
use contentlibd::domain::{
    Caller, Command, Effect, Key, Kind, Limits, Outcome, Question, Record, Records, Refusal, Situation,
    State, Unloaded, apply, ask,
};

use contentlibd::ledger::{self, Ledger};

use crate::invariants;

/// Everything that a test needs.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Time,
    pub(crate) limits: Limits,
    /// What was to be done outside, since a test looked last.
    pub(crate) effects: Vec<Effect>,
    pub(crate) library: LibraryId,
    ledger: Option<Arc<Ledger>>,
    n_drawn: u64,
}

/// Minutes of the idle time of a session.
pub(crate) const IDLE_MS: u64 = 300_000;

pub(crate) fn user(name: &str) -> Caller {
    Caller::User {
        name: UserName::from(name),
        is_administrator: name == "root",
        reads_storage: name == "root",
    }
}

/// What a world can be asked to do.
pub(crate) trait Asked: Command<Reply: Debug + Send + 'static> + Clone + Send + 'static {}

impl<C: Command<Reply: Debug + Send + 'static> + Clone + Send + 'static> Asked for C {}

/// The answer of a ledger whose store does what it should.
#[track_caller]
fn refused<R>(result: Result<R, ledger::Error>) -> Result<R, Refusal> {
    match result {
        Ok(reply) => Ok(reply),
        Err(ledger::Error::Refused(refusal)) => Err(refusal),
        Err(ledger::Error::Fault(fault)) => panic!("{fault:?}"),
    }
}

impl World {
    /// A world with a local library, and Ann in it.
    pub(crate) fn new() -> World {
        World::with(None)
    }

    /// The same, with a ledger on an empty store.
    pub(crate) fn with(ledger: Option<Arc<Ledger>>) -> World {
        let mut world = World {
            state: State::whole(),
            now: Time(1_000_000),
            limits: Limits::default(),
            effects: Vec::new(),
            library: LibraryId::from(""),
            ledger,
            n_drawn: 0,
        };
        world.library = world.local_library(PublishChange::default());
        world
    }

    /// An identifier that was not there before.
    pub(crate) fn draw(&mut self, what: &str) -> String {
        self.n_drawn += 1;
        format!("{what}-{}", self.n_drawn)
    }

    /// Decides a command of Ann's.
    pub(crate) fn run<C: Asked>(&mut self, command: &C) -> Result<C::Reply, Refusal> {
        self.run_by(user("ann"), command)
    }

    /// Decides a command of the server's own.
    pub(crate) fn serve<C: Asked>(&mut self, command: &C) -> Result<C::Reply, Refusal> {
        self.run_by(Caller::Server, command)
    }

    pub(crate) fn run_by<C: Asked>(&mut self, by: Caller, command: &C) -> Result<C::Reply, Refusal> {
        let situation = Situation { by: by.clone(), now: self.now, limits: self.limits.clone() };
        let outcome = apply(&self.state, &situation, command).expect("a whole state lacks nothing");
        let again = by_parts(&self.state, |part| apply(part, &situation, command));
        assert_eq!(format!("{outcome:?}"), format!("{again:?}"), "decided on a part");
        if let Some(ledger) = &self.ledger {
            let answer = refused(ledger.run_blocking(by, self.now, command.clone()));
            assert_eq!(format!("{:?}", outcome.answer), format!("{answer:?}"), "decided by the ledger");
        }
        let Outcome { changes, effects, answer } = outcome;
        let before = std::mem::take(&mut self.state);
        self.state = before.clone();
        self.state.evolve(&changes);
        invariants::check_effects(&self.state, &effects);
        self.effects.extend(effects);
        invariants::check(&self.state);
        invariants::check_step(&before, &self.state);
        answer
    }

    /// Asks a question of Ann's.
    pub(crate) fn ask<Q: Question<Answer: Debug>>(&self, question: &Q) -> Result<Q::Answer, Refusal> {
        self.ask_by(user("ann"), question)
    }

    pub(crate) fn ask_by<Q: Question<Answer: Debug>>(
        &self,
        by: Caller,
        question: &Q,
    ) -> Result<Q::Answer, Refusal> {
        let situation = Situation { by: by.clone(), now: self.now, limits: self.limits.clone() };
        let answer = ask(&self.state, &situation, question).expect("a whole state lacks nothing");
        let again = by_parts(&self.state, |part| ask(part, &situation, question));
        assert_eq!(format!("{answer:?}"), format!("{again:?}"), "answered on a part");
        if let Some(ledger) = &self.ledger {
            let again = refused(ledger.ask(by, self.now, question));
            assert_eq!(format!("{answer:?}"), format!("{again:?}"), "answered by the ledger");
        }
        answer
    }

    pub(crate) fn pass_ms(&mut self, ms: u64) {
        self.now = self.now.plus_ms(ms);
    }

    pub(crate) fn get<R: Record>(&self, id: &R::Id) -> Option<&R> {
        self.state.records().get(id).flatten()
    }

    /// The item as everybody sees it.
    #[track_caller]
    pub(crate) fn seen(&self, item: &ItemId) -> &Item {
        self.get(item).expect("the item is there")
    }

    /// Names of the item's files as everybody sees them, with their versions.
    #[track_caller]
    pub(crate) fn files(&self, item: &ItemId) -> Vec<(&str, u64)> {
        self.seen(item).files.iter().map(|file| (file.name.as_str(), file.version.0)).collect()
    }

    #[track_caller]
    pub(crate) fn session(&self, id: &UpdateSessionId) -> SeenUpdateSession {
        self.ask(&GetUpdateSession { id: id.clone() }).expect("the session is there")
    }

    #[track_caller]
    pub(crate) fn state_of(&self, id: &UpdateSessionId) -> SessionState {
        self.session(id).session.state
    }

    #[track_caller]
    pub(crate) fn file(&self, session: &UpdateSessionId, name: &str) -> SeenFile {
        let question = GetSessionFile { session: session.clone(), name: name.to_owned() };
        self.ask(&question).expect("the file is there")
    }
}

/// Making things.
impl World {
    pub(crate) fn new_library(&mut self, content: NewContent) -> CreateLibrary {
        CreateLibrary {
            id: self.draw("library").into(),
            token: None,
            name: "library".to_owned(),
            description: String::new(),
            content,
            backings: vec![StorageBacking::Datastore("datastore-1".to_owned())],
            security_policy: None,
            optimize_remote_publishing: None,
            applies_usages_to_items: false,
        }
    }

    pub(crate) fn local_library(&mut self, publish: PublishChange) -> LibraryId {
        let command = self.new_library(NewContent::Local(publish));
        self.run(&command).expect("a library")
    }

    pub(crate) fn subscribed_library(&mut self) -> LibraryId {
        let command = self.new_library(NewContent::Subscribed(subscription()));
        self.run(&command).expect("a library")
    }

    pub(crate) fn new_item(&mut self, name: &str, type_name: &str) -> CreateItem {
        let item = NewItem {
            library: self.library.clone(),
            name: name.to_owned(),
            description: String::new(),
            type_name: type_name.to_owned(),
            source: None,
        };
        CreateItem { id: self.draw("item").into(), token: None, item }
    }

    pub(crate) fn item(&mut self, name: &str, type_name: &str) -> ItemId {
        let command = self.new_item(name, type_name);
        self.run(&command).expect("an item")
    }

    /// An item with these files, each of its name's length.
    pub(crate) fn item_with(&mut self, name: &str, files: &[&str]) -> ItemId {
        let item = self.item(name, "");
        let session = self.open(&item);
        for file in files {
            self.send(&session, file);
        }
        self.complete(&session).expect("an item with files");
        item
    }

    pub(crate) fn new_session(&mut self, item: &ItemId) -> CreateUpdateSession {
        CreateUpdateSession {
            id: self.draw("session").into(),
            token: None,
            item: item.clone(),
            warnings: Vec::new(),
        }
    }

    #[track_caller]
    pub(crate) fn open(&mut self, item: &ItemId) -> UpdateSessionId {
        let command = self.new_session(item);
        self.run(&command).expect("a session")
    }

    pub(crate) fn complete(&mut self, session: &UpdateSessionId) -> Result<SessionState, Refusal> {
        self.run(&CompleteUpdateSession { id: session.clone() })
    }

    #[track_caller]
    pub(crate) fn open_download(&mut self, item: &ItemId) -> DownloadSessionId {
        let id = self.draw("download").into();
        self.run(&CreateDownloadSession { id, token: None, item: item.clone() }).expect("a session")
    }
}

/// Files and bytes.
impl World {
    pub(crate) fn new_file(&mut self, session: &UpdateSessionId, name: &str, source: NewSource) -> AddFile {
        AddFile {
            session: session.clone(),
            name: name.to_owned(),
            source,
            size: None,
            checksum: None,
            secret: Secret::from(self.draw("secret")),
        }
    }

    pub(crate) fn push(&mut self, session: &UpdateSessionId, name: &str) -> Result<SeenFile, Refusal> {
        let command = self.new_file(session, name, NewSource::Push);
        self.run(&command)
    }

    pub(crate) fn pull(&mut self, session: &UpdateSessionId, name: &str) -> Result<SeenFile, Refusal> {
        let command = self.new_file(session, name, NewSource::Pull(Some(endpoint("https://host/x"))));
        self.run(&command)
    }

    pub(crate) fn start(&mut self, session: &UpdateSessionId, name: &str) -> Result<Grant, Refusal> {
        self.start_at(session, name, 0)
    }

    pub(crate) fn start_at(
        &mut self,
        session: &UpdateSessionId,
        name: &str,
        offset: u64,
    ) -> Result<Grant, Refusal> {
        let blob = BlobId::from(self.draw("blob"));
        let file = FileRef::Name(name.to_owned());
        self.serve(&StartTransfer { session: session.clone(), file, blob, offset })
    }

    pub(crate) fn end(
        &mut self,
        session: &UpdateSessionId,
        attempt: u64,
        outcome: TransferOutcome,
    ) -> Result<Option<SessionFile>, Refusal> {
        self.serve(&EndTransfer { session: session.clone(), attempt, outcome })
    }

    /// All bytes of an announced file come, as many as its name has.
    #[track_caller]
    pub(crate) fn receive(&mut self, session: &UpdateSessionId, name: &str) {
        let grant = self.start(session, name).expect("a transfer");
        self.end(session, grant.attempt, received(name)).expect("a transfer that counts");
    }

    /// A file is announced and sent.
    #[track_caller]
    pub(crate) fn send(&mut self, session: &UpdateSessionId, name: &str) {
        self.push(session, name).expect("a file");
        self.receive(session, name);
    }

    /// A file was read, and says this.
    pub(crate) fn inspect(
        &mut self,
        session: &UpdateSessionId,
        name: &str,
        result: Result<Findings, &str>,
    ) -> Result<(), Refusal> {
        let attempt = self.get::<UpdateSession>(session).and_then(|s| s.file(name)).expect("a file").attempt;
        let result = result
            .map(|findings| Inspection { findings, digests: digests(name) })
            .map_err(|reason| reason.to_owned());
        self.serve(&Inspected { session: session.clone(), attempt, result })
    }

    pub(crate) fn freed(&self) -> Vec<&str> {
        self.state.records().all::<FreedBlob>().map(|freed| freed.id.as_str()).collect()
    }
}

pub(crate) fn subscription() -> SubscriptionInfo {
    SubscriptionInfo {
        url: "https://host/cls/vcsp/lib/1/lib.json".to_owned(),
        needs_password: false,
        user_name: None,
        password: None,
        automatic_sync: true,
        on_demand: true,
        thumbprint: None,
        certificate: None,
    }
}

pub(crate) fn endpoint(uri: &str) -> Endpoint {
    Endpoint { uri: uri.to_owned(), thumbprint: None, certificate: None }
}

/// A token, by the last digits of a UUID, with what was asked for.
pub(crate) fn token(digits: &str, asked: &str) -> Option<ClientToken> {
    let text = format!("b8a2a2e3-2314-43cd-a871-{digits:0>12}");
    Some(ClientToken { text, fingerprint: asked.to_owned() })
}

/// What the bytes of a file hash to; only its name decides.
pub(crate) fn digests(name: &str) -> Digests {
    let seed = name.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let hex = |algorithm: Algorithm| format!("{seed:0>width$x}", width = algorithm.n_digits());
    Algorithm::ALL.into_iter().map(|algorithm| (algorithm, hex(algorithm))).collect()
}

pub(crate) fn checksum(algorithm: Algorithm, of: &str) -> AnnouncedChecksum {
    AnnouncedChecksum { algorithm: Some(algorithm.name().to_owned()), text: digests(of)[&algorithm].clone() }
}

/// All bytes of this file came.
pub(crate) fn received(name: &str) -> TransferOutcome {
    TransferOutcome::Received { size: name.len() as u64, digests: digests(name) }
}

#[track_caller]
pub(crate) fn check_refused<T: Debug>(result: Result<T, Refusal>, kind: Kind, words: &[&str]) {
    let refusal = result.expect_err("it is refused");
    assert_eq!(refusal.kind, kind, "{refusal}");
    for word in words {
        assert!(refusal.message.text.contains(word), "`{word}` is not in: {refusal}");
    }
}

/// Decides on a part of the records, which grows by what turns out to be needed.
fn by_parts<T>(whole: &State, decide: impl Fn(&State) -> Result<T, Unloaded>) -> T {
    let mut part = State::partial();
    for _ in 0..1_000 {
        match decide(&part) {
            Ok(decided) => return decided,
            Err(Unloaded(key)) => look_up(whole, &mut part, &key),
        }
    }
    panic!("it asks for ever");
}

fn look_up(whole: &State, part: &mut State, key: &Key) {
    fn copy<R: Record>(whole: &State, found: &mut Records, id: &R::Id) {
        if let Some(record) = whole.records().get::<R>(id).flatten() {
            found.put(record.clone());
        }
    }
    let mut found = Records::default();
    match key {
        Key::Library(id) => copy::<Library>(whole, &mut found, id),
        Key::Item(id) => copy::<Item>(whole, &mut found, id),
        Key::Update(id) => copy::<UpdateSession>(whole, &mut found, id),
        Key::Download(id) => copy::<DownloadSession>(whole, &mut found, id),
        Key::Remembered(id) => copy::<Remembered>(whole, &mut found, id),
        Key::Freed(id) => copy::<FreedBlob>(whole, &mut found, id),
        Key::Certificate(id) => copy::<TrustedCertificate>(whole, &mut found, id),
        Key::Configuration(id) => copy::<Configuration>(whole, &mut found, id),
        Key::ItemNamed(library, name) => {
            let bears = |item: &&Item| item.library == *library && folded(&item.name) == *name;
            whole.records().all::<Item>().filter(bears).for_each(|item| found.put(item.clone()));
        }
        Key::ItemsOf(library) => {
            let items = whole.records().all::<Item>().filter(|item| item.library == *library);
            items.for_each(|item| found.put(item.clone()));
        }
    }
    part.learn(key, found);
}
