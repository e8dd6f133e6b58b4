//! What the server does by itself, and that it can be interrupted anywhere.

use std::sync::Arc;

use contentlibd::domain::download::{DownloadSession, PrepareFile};
use contentlibd::domain::freed::FreedBlob;
use contentlibd::domain::ids::{BlobId, Time};
use contentlibd::domain::session_file::Status;
use contentlibd::domain::transfer::ReportBytes;
use contentlibd::domain::update::UpdateSession;
use contentlibd::domain::{Effect, Key, Limits};
use contentlibd::housekeeping::{erasable, erase, erase_left, sweep, take_up};
use contentlibd::ledger::{Error, Ledger};
use contentlibd::store::blobs::{Blobs, FileBlobs};
use contentlibd::store::{FaultKind, Store};

use crate::archives::start_member;
use crate::faults::{FaultyStore, StoreFault};
use crate::scratch::{Scratch, everything, ledger_on};
use crate::world::{IDLE_MS, World};

/// A world whose ledger is at hand.
struct House {
    world: World,
    ledger: Arc<Ledger>,
    store: Arc<FaultyStore>,
    blobs: FileBlobs,
    scratch: Scratch,
}

impl House {
    fn new() -> House {
        let scratch = Scratch::new();
        let store = Arc::new(FaultyStore::new(scratch.store()));
        let ledger = Arc::new(ledger_on(store.clone()));
        let directory = scratch.path().join("blobs");
        std::fs::create_dir(&directory).expect("a directory");
        let world = World::with(Some(ledger.clone()));
        House { world, ledger, store, blobs: FileBlobs::new(directory), scratch }
    }

    /// The same, with a file that was sent twice: one blob is in use and one freed, and both are on the disk.
    fn with_freed() -> (House, BlobId) {
        let mut house = House::new();
        let item = house.world.item("a", "");
        let session = house.world.open(&item);
        house.world.send(&session, "a.iso");
        house.world.send(&session, "a.iso");
        let kept = house.world.get::<UpdateSession>(&session).and_then(|s| s.files[0].blob.clone());
        let kept = kept.expect("it is ready");
        let freed =
            everything(&*house.store).all::<FreedBlob>().map(|freed| freed.id.clone()).collect::<Vec<_>>();
        for blob in freed.iter().chain([&kept]) {
            house.blobs.write(blob, 0).and_then(|mut writer| writer.sync()).expect("a blob");
        }
        assert_eq!((house.on_disk().len(), house.n_freed()), (2, 1));
        (house, kept)
    }

    fn n_freed(&self) -> usize {
        everything(&*self.store).all::<FreedBlob>().count()
    }

    fn on_disk(&self) -> Vec<BlobId> {
        self.blobs.list().expect("a list")
    }
}

/// Erases what can be erased; how many blobs that was.
fn erase_freed(ledger: &Ledger, blobs: &dyn Blobs, now: Time) -> Result<usize, Error> {
    let found = erasable(ledger)?;
    let n_found = found.len();
    erase(ledger, blobs, found, now)?;
    Ok(n_found)
}

#[test]
fn what_is_due_is_swept_and_nothing_else() {
    let mut house = House::new();
    let items = [house.world.item("a", ""), house.world.item("b", "")];
    let old = house.world.open(&items[0]);
    house.world.send(&old, "a.iso");
    house.world.open_download(&items[0]);
    house.world.pass_ms(1);
    let young = house.world.open(&items[1]);
    house.world.pass_ms(IDLE_MS - 1);
    assert_eq!(sweep(&house.ledger, house.world.now).expect("it is swept"), 2);
    let records = everything(&*house.store);
    assert_eq!(records.all::<UpdateSession>().map(|session| &session.id).collect::<Vec<_>>(), [&young]);
    assert_eq!((records.all::<DownloadSession>().count(), house.n_freed()), (0, 1));
    assert_eq!(sweep(&house.ledger, house.world.now).expect("nothing is due"), 0);
}

#[test]
fn a_session_that_cannot_be_swept_does_not_keep_the_others() {
    let mut house = House::new();
    for name in ["a", "b", "c"] {
        let item = house.world.item(name, "");
        house.world.open(&item);
    }
    house.world.pass_ms(IDLE_MS);
    house.store.fail_next(StoreFault::Commit(FaultKind::Unavailable));
    assert!(matches!(sweep(&house.ledger, house.world.now), Err(Error::Fault(_))));
    assert_eq!(everything(&*house.store).all::<UpdateSession>().count(), 1);
    assert_eq!(sweep(&house.ledger, house.world.now).expect("it is swept"), 1);
}

#[test]
fn freed_bytes_are_erased_and_forgotten() {
    let (house, kept) = House::with_freed();
    assert_eq!(erase_freed(&house.ledger, &house.blobs, house.world.now).expect("it is erased"), 1);
    assert_eq!((house.on_disk(), house.n_freed()), (vec![kept], 0));
    assert_eq!(erase_freed(&house.ledger, &house.blobs, house.world.now).expect("nothing is left"), 0);
}

#[test]
fn what_is_left_is_erased_in_its_turn() {
    let (house, _) = House::with_freed();
    let freed = erasable(&house.ledger).expect("a list");
    let store: Arc<dyn Store> = Arc::<FaultyStore>::clone(&house.store);
    let (ledger, mut to_do) = Ledger::new(store, Limits::default());
    erase_left(&ledger, house.world.now).expect("it is asked for");
    assert_eq!((freed.len(), to_do.try_recv().ok()), (1, Some(Effect::Erase(freed[0].clone()))));
    erase(&ledger, &house.blobs, freed, house.world.now).expect("it is erased");
    erase_left(&ledger, house.world.now).expect("nothing is left");
    assert!(to_do.try_recv().is_err());
}

#[test]
fn bytes_that_were_erased_and_not_forgotten_are_forgotten_the_next_time() {
    let (house, kept) = House::with_freed();
    house.store.fail_next(StoreFault::Commit(FaultKind::Full));
    assert!(matches!(erase_freed(&house.ledger, &house.blobs, house.world.now), Err(Error::Fault(_))));
    assert_eq!((house.on_disk(), house.n_freed()), (vec![kept], 1));
    assert_eq!(erase_freed(&house.ledger, &house.blobs, house.world.now).expect("it is forgotten"), 1);
    assert_eq!(house.n_freed(), 0);
}

#[test]
fn bytes_that_cannot_be_erased_are_not_forgotten() {
    let (house, _) = House::with_freed();
    let nowhere = FileBlobs::new(house.scratch.path().join("nowhere"));
    assert!(matches!(erase_freed(&house.ledger, &nowhere, house.world.now), Err(Error::Fault(_))));
    assert_eq!(house.n_freed(), 1);
}

#[test]
fn after_a_start_what_was_under_way_is_taken_up() {
    let mut house = House::new();
    let world = &mut house.world;
    let full = world.item_with("full", &["a.iso"]);
    let vm = world.item("vm", "ovf");
    let session = world.open(&vm);
    world.push(&session, "sent.vmdk").expect("a file");
    let grant = world.start(&session, "sent.vmdk").expect("a transfer");
    let report = ReportBytes { session: session.clone(), attempt: grant.attempt, received: 9, durable: 5 };
    world.serve(&report).expect("it counts");
    world.pull(&session, "fetched.vmdk").expect("a file");
    world.start(&session, "fetched.vmdk").expect("a transfer");
    world.send(&session, "read.ovf");
    let download = world.open_download(&full);
    let prepare = PrepareFile {
        session: download.clone(),
        name: "a.iso".to_owned(),
        endpoint: Default::default(),
        secret: "secret".into(),
    };
    world.run(&prepare).expect("it is asked for");

    let to_do = take_up(&house.ledger, house.world.now).expect("it is taken up");
    let expected = [
        Effect::Fetch { session: session.clone(), file: "fetched.vmdk".to_owned() },
        Effect::Inspect { session: session.clone(), file: "read.ovf".to_owned() },
        Effect::Prepare { session: download, file: "a.iso".to_owned() },
    ];
    assert_eq!(to_do, expected);
    let found = house.store.look_up(&Key::Update(session.clone())).expect("a store").records;
    let sent =
        found.get::<UpdateSession>(&session).flatten().and_then(|s| s.file("sent.vmdk")).expect("a file");
    assert_eq!((&sent.status, sent.received, sent.durable), (&Status::Waiting, 5, 5));
}

#[test]
fn after_a_start_an_archive_that_was_coming_is_sent_anew() {
    let mut house = House::new();
    let world = &mut house.world;
    let vm = world.item("vm", "ovf");
    let session = world.open(&vm);
    world.push(&session, "vm.ova").expect("a file");
    let archive = world.start(&session, "vm.ova").expect("a transfer").attempt;
    start_member(world, &session, archive, "vm.ovf").expect("a member");
    let to_do = take_up(&house.ledger, house.world.now).expect("it is taken up");
    assert_eq!(to_do, []);
    let found = house.store.look_up(&Key::Update(session.clone())).expect("a store").records;
    let files = &found.get::<UpdateSession>(&session).flatten().expect("a session").files;
    let files: Vec<_> = files.iter().map(|file| (file.name.as_str(), &file.status)).collect();
    assert_eq!(files, [("vm.ova", &Status::Waiting)]);
    assert_eq!(house.n_freed(), 1);
}
