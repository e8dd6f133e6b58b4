//! The ledger: many commands to a commit, faults that change nothing, and several ledgers on one store.

use std::sync::{Arc, Barrier};
use std::thread;

use contentlibd::domain::ids::{ItemId, LibraryId, Time};
use contentlibd::domain::item::{CreateItem, GetItem, Item, NewItem};
use contentlibd::domain::library::{CreateLibrary, NewContent, StorageBacking};
use contentlibd::domain::update::{CancelUpdateSession, CreateUpdateSession};
use contentlibd::domain::{Command, Draft, Effect, Kind, Limits, Stop};
use contentlibd::ledger::{Error, Ledger};
use contentlibd::store::sqlite::SqliteStore;
use contentlibd::store::{FaultKind, Store};

use crate::faults::{FaultyStore, StoreFault};
use crate::invariants;
use crate::scratch::{Scratch, everything, ledger_on};
use crate::world::user;

const NOW: Time = Time(1_000);

fn library() -> CreateLibrary {
    CreateLibrary {
        id: "library".into(),
        token: None,
        name: "library".to_owned(),
        description: String::new(),
        content: NewContent::Local(Default::default()),
        backings: vec![StorageBacking::Datastore("datastore-1".to_owned())],
        security_policy: None,
        optimize_remote_publishing: None,
        applies_usages_to_items: false,
    }
}

fn item(id: &str, name: &str) -> CreateItem {
    let item = NewItem {
        library: LibraryId::from("library"),
        name: name.to_owned(),
        description: String::new(),
        type_name: String::new(),
        source: None,
    };
    CreateItem { id: id.into(), token: None, item }
}

fn session(id: &str, item: &str) -> CreateUpdateSession {
    CreateUpdateSession { id: id.into(), token: None, item: item.into(), warnings: Vec::new() }
}

fn run<C>(ledger: &Ledger, command: C) -> Result<C::Reply, Error>
where
    C: Command + Send + 'static,
    C::Reply: Send + 'static,
{
    ledger.run_blocking(user("ann"), NOW, command)
}

fn is_fault<R>(result: Result<R, Error>, kind: FaultKind) -> bool {
    matches!(result, Err(Error::Fault(fault)) if fault.kind == kind)
}

fn is_refused<R>(result: Result<R, Error>, kind: Kind) -> bool {
    matches!(result, Err(Error::Refused(refusal)) if refusal.kind == kind)
}

/// A ledger with a library, on a store that can fail.
fn faulty() -> (Scratch, Arc<FaultyStore>, Ledger) {
    let scratch = Scratch::new();
    let store = Arc::new(FaultyStore::new(scratch.store()));
    let ledger = ledger_on(store.clone());
    run(&ledger, library()).expect("a library");
    (scratch, store, ledger)
}

/// A command that holds its decision up until it is told to go on.
#[derive(Clone)]
struct Hold(Arc<Barrier>);

impl Command for Hold {
    type Reply = ();

    fn decide(&self, _: &mut Draft<'_>) -> Result<(), Stop> {
        self.0.wait();
        self.0.wait();
        Ok(())
    }
}

#[test]
fn what_waits_together_is_kept_with_one_commit() {
    let (_scratch, store, ledger) = faulty();
    let n_before = *store.n_commits.lock().expect("no panic");
    let barrier = Arc::new(Barrier::new(2));
    thread::scope(|threads| {
        threads.spawn(|| run(&ledger, Hold(Arc::clone(&barrier))).expect("it goes on"));
        barrier.wait();
        let mut answers = Vec::new();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for n in 0..50 {
            let (id, name) = (format!("item-{n}"), format!("name-{}", n / 2));
            let mut answer = Box::pin(ledger.run(user("ann"), NOW, item(&id, &name)));
            assert!(answer.as_mut().poll(&mut context).is_pending(), "nothing is decided yet");
            answers.push(answer);
        }
        barrier.wait();
        let n_made = answers.into_iter().map(wait_for).filter(Result::is_ok).count();
        assert_eq!(n_made, 25, "each saw what was decided before it");
    });
    assert_eq!(*store.n_commits.lock().expect("no panic") - n_before, 1);
    assert_eq!(everything(&*store).all::<Item>().count(), 25);
}

/// The result of a future that another thread brings on.
fn wait_for<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = Box::pin(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(result) => return result,
            std::task::Poll::Pending => thread::park(),
        }
    }
}

#[test]
fn a_refusal_keeps_nothing() {
    let (_scratch, store, ledger) = faulty();
    let n_before = *store.n_commits.lock().expect("no panic");
    assert!(is_refused(run(&ledger, session("s", "nobody")), Kind::NotFound));
    assert_eq!(*store.n_commits.lock().expect("no panic"), n_before);
}

#[test]
fn what_could_not_be_kept_never_was() {
    for kind in [FaultKind::Full, FaultKind::Unavailable, FaultKind::Corrupt] {
        let (_scratch, store, ledger) = faulty();
        store.fail_next(StoreFault::Commit(kind));
        assert!(is_fault(run(&ledger, item("a", "name")), kind));
        let get = GetItem { id: "a".into() };
        assert!(is_refused(ledger.ask(user("ann"), NOW, &get), Kind::NotFound));
        run(&ledger, item("b", "name")).expect("the name is free");
        assert_eq!(everything(&*store).all::<Item>().count(), 1);
    }
}

#[test]
fn what_was_kept_although_it_was_said_not_to_be_is_seen() {
    let (_scratch, store, ledger) = faulty();
    store.fail_next(StoreFault::AfterCommit(FaultKind::Unavailable));
    assert!(is_fault(run(&ledger, item("a", "name")), FaultKind::Unavailable));
    assert!(is_refused(run(&ledger, item("b", "name")), Kind::AlreadyExists));
    ledger.ask(user("ann"), NOW, &GetItem { id: "a".into() }).expect("it is there");
}

#[test]
fn what_cannot_be_looked_up_is_a_fault_of_that_call() {
    let (_scratch, store, ledger) = faulty();
    store.fail_next(StoreFault::LookUp(FaultKind::Unavailable));
    assert!(is_fault(run(&ledger, item("a", "name")), FaultKind::Unavailable));
    run(&ledger, item("a", "name")).expect("it can be looked up");
    store.fail_next(StoreFault::Snapshot(FaultKind::Unavailable));
    let get = GetItem { id: "a".into() };
    assert!(is_fault(ledger.ask(user("ann"), NOW, &get), FaultKind::Unavailable));
    ledger.ask(user("ann"), NOW, &get).expect("it can be read");
}

#[test]
fn a_conflict_is_decided_again() {
    let (_scratch, store, ledger) = faulty();
    for _ in 0..3 {
        store.fail_next(StoreFault::Commit(FaultKind::Conflict));
    }
    run(&ledger, item("a", "name")).expect("the fourth time");
    for _ in 0..20 {
        store.fail_next(StoreFault::Commit(FaultKind::Conflict));
    }
    assert!(is_fault(run(&ledger, item("b", "other")), FaultKind::Conflict));
}

/// A command that should not be there.
#[derive(Clone)]
struct Panics;

impl Command for Panics {
    type Reply = ();

    fn decide(&self, _: &mut Draft<'_>) -> Result<(), Stop> {
        panic!("on purpose");
    }
}

#[test]
fn a_decision_that_panics_is_a_fault_and_the_next_is_decided() {
    let (_scratch, _store, ledger) = faulty();
    assert!(is_fault(run(&ledger, Panics), FaultKind::Corrupt));
    run(&ledger, item("a", "name")).expect("life goes on");
}

#[test]
fn effects_come_out_after_they_were_kept() {
    let scratch = Scratch::new();
    let store = Arc::new(FaultyStore::new(scratch.store()));
    let (ledger, mut effects) = Ledger::new(store.clone(), Limits::default());
    run(&ledger, library()).expect("a library");
    run(&ledger, item("a", "name")).expect("an item");
    run(&ledger, session("s", "a")).expect("a session");
    store.fail_next(StoreFault::Commit(FaultKind::Full));
    assert!(is_fault(run(&ledger, CancelUpdateSession { id: "s".into() }), FaultKind::Full));
    assert!(effects.try_recv().is_err(), "it was not kept");
    run(&ledger, CancelUpdateSession { id: "s".into() }).expect("it ends");
    assert_eq!(effects.try_recv(), Ok(Effect::Stop { session: "s".into(), attempt: None }));
}

#[test]
fn what_waits_is_kept_before_a_ledger_closes() {
    let scratch = Scratch::new();
    let store = scratch.store();
    let ledger = ledger_on(store.clone());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let mut answer = Box::pin(ledger.run(user("ann"), NOW, library()));
    let _ = answer.as_mut().poll(&mut context);
    drop(answer);
    drop(ledger);
    assert_eq!(everything(&*store).n_rows(), 1);
}

/// Ledgers that do not know of each other, on one file.
fn shared(scratch: &Scratch, n_ledgers: usize) -> Vec<Ledger> {
    let open = || SqliteStore::open_shared(&scratch.records()).expect("a store");
    (0..n_ledgers).map(|_| ledger_on(Arc::new(open()) as Arc<dyn Store>)).collect()
}

#[test]
fn several_ledgers_on_one_store_see_each_other() {
    let scratch = Scratch::new();
    let ledgers = shared(&scratch, 2);
    run(&ledgers[0], library()).expect("a library");
    run(&ledgers[1], item("a", "name")).expect("the library is there");
    assert!(is_refused(run(&ledgers[0], item("b", "NAME")), Kind::AlreadyExists));
    run(&ledgers[0], session("s", "a")).expect("a session");
    assert!(is_refused(run(&ledgers[1], session("t", "a")), Kind::ResourceBusy));
    run(&ledgers[1], CancelUpdateSession { id: "s".into() }).expect("it ends");
    run(&ledgers[0], session("t", "a")).expect("the item is free");
}

#[test]
fn of_several_ledgers_that_want_the_same_one_gets_it() {
    let scratch = Scratch::new();
    let ledgers = shared(&scratch, 3);
    run(&ledgers[0], library()).expect("a library");
    run(&ledgers[0], item("a", "the item")).expect("an item");
    let barrier = Barrier::new(ledgers.len());
    let won: Vec<_> = thread::scope(|threads| {
        let race = |ledger_idx: usize| {
            let (ledger, barrier) = (&ledgers[ledger_idx], &barrier);
            // Nothing is asserted here: a panic would leave the others at the barrier.
            move || -> Vec<Result<ItemId, Error>> {
                let round = |round| {
                    barrier.wait();
                    let id = format!("item-{ledger_idx}-{round}");
                    let named = run(ledger, item(&id, &format!("name-{round}")));
                    let opened = run(ledger, session(&format!("session-{ledger_idx}-{round}"), "a"));
                    let ended = opened.and_then(|id| run(ledger, CancelUpdateSession { id }));
                    [named, ended.map(|()| "a".into())]
                };
                (0..10).flat_map(round).collect()
            }
        };
        let races: Vec<_> = (0..ledgers.len()).map(|ledger_idx| threads.spawn(race(ledger_idx))).collect();
        races.into_iter().flat_map(|race| race.join().expect("no panic")).collect()
    });
    for lost in won.iter().filter_map(|result| result.as_ref().err()) {
        assert!(matches!(lost, Error::Refused(_)), "{lost:?}");
    }
    let n_won = won.iter().flatten().filter(|id| id.as_str() != "a").count();
    assert_eq!(n_won, 10, "each name was taken once");
    let store = SqliteStore::open_shared(&scratch.records()).expect("a store");
    let mut state = contentlibd::domain::State::whole();
    state.evolve(&everything(&store));
    invariants::check(&state);
    assert!(
        state.records().get::<Item>(&ItemId::from("a")).flatten().is_some_and(|item| item.session.is_none())
    );
}
