//! What a store keeps and finds again.

use contentlibd::domain::client_token::Remembered;
use contentlibd::domain::download::{DeleteDownloadSession, DownloadSession};
use contentlibd::domain::freed::{ForgetBlobs, FreedBlob};
use contentlibd::domain::ids::{DownloadSessionId, ItemId, LibraryId, UpdateSessionId, UserName};
use contentlibd::domain::item::{CreateItem, Item};
use contentlibd::domain::library::Library;
use contentlibd::domain::trusted::{TrustCertificate, TrustedCertificate};
use contentlibd::domain::update::{CancelUpdateSession, UpdateSession};
use contentlibd::domain::{Key, Record, Records};
use contentlibd::store::sqlite::SqliteStore;
use contentlibd::store::{FaultKind, Guard, ItemFilter, LibraryFilter, SessionFilter, Snapshot, Store};
use proptest::prelude::*;

use crate::pair::Pair;
use crate::random::{n_cases, step};
use crate::scratch::{Scratch, everything, existing, ledger_on};
use crate::world::{IDLE_MS, World, token};

fn kept(scratch: &Scratch) -> (World, std::sync::Arc<SqliteStore>) {
    let store = scratch.store();
    (World::with(Some(std::sync::Arc::new(ledger_on(store.clone())))), store)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: n_cases(8), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_on_a_store_and_the_model_agree(steps in proptest::collection::vec(step(), 1..80)) {
        let scratch = Scratch::new();
        let (world, store) = kept(&scratch);
        let mut pair = Pair::new(world);
        for step in &steps {
            pair.take(step);
        }
        pair.compare();
        prop_assert_eq!(everything(&*store), existing(pair.world.state.records()));
    }
}

#[test]
fn every_kind_of_record_comes_back_as_it_was() {
    let scratch = Scratch::new();
    let expected = {
        let (mut world, _store) = kept(&scratch);
        let create = CreateItem { token: token("1", "a"), ..world.new_item("a", "iso") };
        let item = world.run(&create).expect("an item");
        let session = world.open(&item);
        world.send(&session, "a.iso");
        world.push(&session, "b.iso").expect("a file");
        world.start(&session, "b.iso").expect("a transfer");
        world.start(&session, "b.iso").expect("a transfer");
        world.open_download(&item);
        world.subscribed_library();
        let certificate = TrustedCertificate { id: "c".into(), pem: "text".to_owned() };
        world.run(&TrustCertificate { certificate }).expect("it is trusted");
        existing(world.state.records())
    };
    assert_eq!(everything(&*scratch.store()), expected);
    assert_eq!(expected.all::<Remembered>().count() + expected.all::<FreedBlob>().count(), 2);
}

#[test]
fn what_is_not_there_is_not_found() {
    let scratch = Scratch::new();
    let store = scratch.store();
    for key in [
        Key::Library("x".into()),
        Key::Item("x".into()),
        Key::Update("x".into()),
        Key::Download("x".into()),
        Key::Freed("x".into()),
        Key::Certificate("x".into()),
        Key::ItemNamed("x".into(), "x".to_owned()),
        Key::ItemsOf("x".into()),
    ] {
        let found = store.look_up(&key).expect("a store");
        assert!(found.records.is_empty() && found.revisions.is_empty(), "{key:?}");
    }
}

/// Two libraries, items and sessions to be found.
struct Listed {
    world: World,
    store: std::sync::Arc<SqliteStore>,
    other: LibraryId,
    items: [ItemId; 3],
    updates: [UpdateSessionId; 2],
    downloads: [DownloadSessionId; 2],
    _scratch: Scratch,
}

impl Listed {
    fn new() -> Listed {
        let scratch = Scratch::new();
        let (mut world, store) = kept(&scratch);
        let other = world.subscribed_library();
        let items = [world.item("One", "iso"), world.item("two", "OVF"), world.item("three", "")];
        let updates = [world.open(&items[0]), world.open(&items[1])];
        world.run(&CancelUpdateSession { id: updates[1].clone() }).expect("it ends");
        let downloads = [world.open_download(&items[0]), world.open_download(&items[2])];
        Listed { world, store, other, items, updates, downloads, _scratch: scratch }
    }

    fn snapshot(&self) -> Box<dyn Snapshot + '_> {
        self.store.snapshot().expect("a snapshot")
    }
}

#[test]
fn libraries_are_found_by_kind_and_name() {
    let listed = Listed::new();
    let find = |filter: LibraryFilter| listed.snapshot().libraries(&filter).expect("a list");
    assert_eq!(find(LibraryFilter::default()).len(), 2);
    let subscribed = LibraryFilter { is_local: Some(false), ..LibraryFilter::default() };
    assert_eq!(find(subscribed), std::slice::from_ref(&listed.other));
    assert_eq!(find(LibraryFilter { is_local: Some(true), name: Some("LIBRARY".to_owned()) }).len(), 1);
    assert!(find(LibraryFilter { name: Some("librar".to_owned()), ..LibraryFilter::default() }).is_empty());
}

#[test]
fn items_are_found_by_library_name_type_and_source() {
    let listed = Listed::new();
    let find = |filter: ItemFilter| listed.snapshot().items(&filter).expect("a list");
    let of = |library: &LibraryId| ItemFilter { library: Some(library.clone()), ..ItemFilter::default() };
    assert_eq!(find(ItemFilter::default()).len(), 3);
    assert_eq!(find(of(&listed.world.library)).len(), 3);
    assert!(find(of(&listed.other)).is_empty());
    let named = ItemFilter { name: Some("ONE".to_owned()), ..of(&listed.world.library) };
    assert_eq!(find(named), [listed.items[0].clone()]);
    let typed = ItemFilter { type_name: Some("ovf".to_owned()), ..ItemFilter::default() };
    assert_eq!(find(typed), [listed.items[1].clone()]);
    let sourced = ItemFilter { source: Some(listed.items[0].clone()), ..ItemFilter::default() };
    assert!(find(sourced).is_empty());
}

#[test]
fn sessions_are_found_by_owner_item_state_and_time() {
    let listed = Listed::new();
    let any = SessionFilter::default;
    let find = |filter: SessionFilter| listed.snapshot().update_sessions(&filter).expect("a list");
    assert_eq!(find(any()).len(), 2);
    assert_eq!(find(SessionFilter { is_active: true, ..any() }), [listed.updates[0].clone()]);
    assert_eq!(
        find(SessionFilter { item: Some(listed.items[1].clone()), ..any() }),
        [listed.updates[1].clone()]
    );
    assert_eq!(find(SessionFilter { owner: Some(UserName::from("ann")), ..any() }).len(), 2);
    assert!(find(SessionFilter { owner: Some(UserName::from("bob")), ..any() }).is_empty());
    let later = listed.world.now.plus_ms(IDLE_MS);
    assert_eq!(find(SessionFilter { alive_at: Some(later), ..any() }), [listed.updates[1].clone()]);
    let of_item = SessionFilter { item: Some(listed.items[2].clone()), ..any() };
    let found = listed.snapshot().download_sessions(&of_item).expect("a list");
    assert_eq!(found, [listed.downloads[1].clone()]);
}

#[test]
fn what_is_due_is_found_when_it_is() {
    let mut listed = Listed::new();
    let due = |listed: &Listed, n_max| listed.snapshot().due(listed.world.now, n_max).expect("a list");
    assert_eq!(due(&listed, 9), Default::default());
    listed.world.pass_ms(IDLE_MS);
    let found = due(&listed, 9);
    assert_eq!((found.updates, found.downloads.len()), (vec![listed.updates[0].clone()], 2));
    assert_eq!(due(&listed, 1).downloads.len(), 1);
}

#[test]
fn blobs_can_be_erased_when_nobody_reads_them() {
    let scratch = Scratch::new();
    let (mut world, store) = kept(&scratch);
    let item = world.item_with("a", &["a.iso"]);
    let download = world.open_download(&item);
    let update = world.open(&item);
    world.send(&update, "a.iso");
    world.complete(&update).expect("it completes");
    let erasable = || store.snapshot().and_then(|mut snapshot| snapshot.erasable(9)).expect("a list");
    assert!(erasable().is_empty());
    world.run(&DeleteDownloadSession { id: download }).expect("it goes");
    assert_eq!(erasable().len(), 1);
    world.serve(&ForgetBlobs { blobs: erasable() }).expect("they are erased");
    assert!(erasable().is_empty());
}

#[test]
fn a_snapshot_does_not_change() {
    let scratch = Scratch::new();
    let (mut world, store) = kept(&scratch);
    let mut before = store.snapshot().expect("a snapshot");
    world.item("a", "");
    assert!(before.items(&ItemFilter::default()).expect("a list").is_empty());
    drop(before);
    let mut after = store.snapshot().expect("a snapshot");
    assert_eq!(after.items(&ItemFilter::default()).expect("a list").len(), 1);
}

/// A guard of what is under the key now.
fn guard(store: &dyn Store, key: Key) -> Guard {
    let revisions = store.look_up(&key).expect("a store").revisions;
    Guard { key, revisions }
}

#[test]
fn what_was_changed_since_it_was_seen_is_not_overwritten() {
    let scratch = Scratch::new();
    let (mut world, store) = kept(&scratch);
    let item = world.item("a", "");
    let seen = |store: &dyn Store| {
        let (library, name) = (world.library.clone(), "b".to_owned());
        let keys = [Key::Item(item.clone()), Key::ItemNamed(library.clone(), name), Key::ItemsOf(library)];
        keys.map(|key| guard(store, key))
    };
    let before = seen(&*store);
    let copy = |name: &str| {
        let mut records = Records::default();
        records.put(Item { name: name.to_owned(), ..world.seen(&item).clone() });
        records
    };
    store.commit(&before, &copy("b")).expect("nothing was changed");
    for guard in &before {
        let fault = store.commit(std::slice::from_ref(guard), &copy("c")).expect_err("it was changed");
        assert_eq!(fault.kind, FaultKind::Conflict, "{fault:?}");
    }
    store.commit(&seen(&*store), &copy("c")).expect("this is how it is");
    let found = store.look_up(&Key::Item(item.clone())).expect("a store");
    assert_eq!(found.records.get::<Item>(&item).flatten().map(|item| item.name.as_str()), Some("c"));
}

#[test]
fn a_record_that_goes_and_comes_again_is_another_one() {
    let scratch = Scratch::new();
    let (world, store) = kept(&scratch);
    let before = guard(&*store, Key::Library(world.library.clone()));
    let record = world.get::<Library>(&world.library).expect("a library").clone();
    let mut gone = Records::default();
    gone.put_none::<Library>(&world.library);
    store.commit(&[], &gone).expect("it goes");
    let mut back = Records::default();
    back.put(record);
    store.commit(&[], &back).expect("it comes");
    let fault = store.commit(&[before], &back).expect_err("it was away");
    assert_eq!(fault.kind, FaultKind::Conflict);
}

#[test]
fn a_store_of_the_first_version_is_brought_to_this_one() {
    let scratch = Scratch::new();
    let expected = {
        let (mut world, _store) = kept(&scratch);
        world.item("a", "iso");
        existing(world.state.records())
    };
    // What later versions have more is this.
    let connection = rusqlite::Connection::open(scratch.records()).expect("a file");
    let undone = "DROP TABLE trusted_certificate; DROP TABLE configuration; PRAGMA user_version = 1";
    connection.execute_batch(undone).expect("an old one");
    drop(connection);
    let store = scratch.store();
    assert_eq!(everything(&*store), expected);
    let mut records = Records::default();
    let certificate = TrustedCertificate { id: "c".into(), pem: "text".to_owned() };
    records.put(certificate);
    store.commit(&[], &records).expect("it is kept");
    let ids = store.snapshot().expect("a look").trusted_certificates().expect("a list");
    assert_eq!(ids, ["c".into()]);
}

#[test]
fn a_store_of_a_later_version_is_not_touched() {
    let scratch = Scratch::new();
    drop(scratch.store());
    let connection = rusqlite::Connection::open(scratch.records()).expect("a file");
    connection.pragma_update(None, "user_version", 1_000).expect("a version");
    drop(connection);
    let fault = SqliteStore::open(&scratch.records()).err().expect("it is too new");
    assert!(format!("{fault:?}").contains("version 1000"), "{fault:?}");
}

#[test]
fn what_is_no_store_is_corrupt() {
    let scratch = Scratch::new();
    std::fs::write(scratch.records(), "x".repeat(5_000)).expect("a file");
    let fault = SqliteStore::open(&scratch.records()).err().expect("it is no store");
    assert_eq!(fault.kind, FaultKind::Corrupt, "{fault:?}");
}

#[test]
fn a_record_that_makes_no_sense_is_said_to_be_corrupt() {
    let scratch = Scratch::new();
    let (mut world, store) = kept(&scratch);
    let item = world.item("a", "");
    let connection = rusqlite::Connection::open(scratch.records()).expect("a file");
    connection.execute("UPDATE item SET record = '{}'", []).expect("a row");
    let fault = store.look_up(&Item::key(&item)).expect_err("it makes no sense");
    assert_eq!(fault.kind, FaultKind::Corrupt);
    assert!(!fault.to_string().contains("item") && format!("{fault:?}").contains("item"));
}

#[test]
fn sessions_without_an_owner_are_kept() {
    let scratch = Scratch::new();
    let (mut world, store) = kept(&scratch);
    let source = world.item_with("a", &["a.iso"]);
    let copy = contentlibd::domain::copy::CopyItem {
        id: "copy".into(),
        session: "filling".into(),
        token: None,
        source,
        library: None,
        name: Some("b".to_owned()),
        description: None,
        type_name: None,
    };
    world.run(&copy).expect("a copy");
    let records = everything(&*store);
    assert!(records.all::<UpdateSession>().any(|session| session.owner.is_none()));
    assert_eq!(records.all::<DownloadSession>().count(), 0);
}
