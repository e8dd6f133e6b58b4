//! Copies of items: there at once, filled at once, gone if they cannot be filled.

use contentlibd::domain::copy::CopyItem;
use contentlibd::domain::ids::{ItemId, UpdateSessionId};
use contentlibd::domain::item::{DeleteItem, Item};
use contentlibd::domain::session_file::Source;
use contentlibd::domain::transfer::TransferOutcome;
use contentlibd::domain::update::{ExpireUpdateSession, SessionState, UpdateSession};
use contentlibd::domain::{Effect, Kind};

use crate::world::{IDLE_MS, World, check_refused, received, token};

fn copy(source: &ItemId, name: &str) -> CopyItem {
    CopyItem {
        id: "copy".into(),
        session: "filling".into(),
        token: None,
        source: source.clone(),
        library: None,
        name: Some(name.to_owned()),
        description: None,
        type_name: None,
    }
}

/// A copy that waits for its files.
fn begun() -> (World, ItemId, UpdateSessionId) {
    let mut world = World::new();
    let source = world.item_with("a", &["a.iso", "bb.iso"]);
    world.effects.clear();
    world.run(&copy(&source, "b")).expect("a copy");
    (world, source, "filling".into())
}

#[test]
fn a_copy_is_filled_at_once() {
    let (mut world, source, session) = begun();
    let copy: ItemId = "copy".into();
    assert_eq!(world.effects.len(), 2);
    assert!(world.effects.contains(&Effect::Fetch { session: session.clone(), file: "a.iso".to_owned() }));
    let grant = world.start(&session, "a.iso").expect("a transfer");
    assert_eq!(grant.source, Source::Copy(world.seen(&source).files[0].blob.clone().unwrap()));
    world.end(&session, grant.attempt, received("a.iso")).expect("it comes");
    assert!(world.files(&copy).is_empty(), "not before all are there");
    world.receive(&session, "bb.iso");
    assert_eq!(world.files(&copy), [("a.iso", 1), ("bb.iso", 1)]);
    let (source, copy) = (world.seen(&source), world.seen(&copy));
    assert_eq!(copy.source.as_ref(), Some(&source.id));
    assert_eq!(copy.files[0].checksum, source.files[0].checksum);
    assert_ne!(copy.files[0].blob, source.files[0].blob);
    assert_eq!(world.get::<UpdateSession>(&session).expect("it").state, SessionState::Done);
}

#[test]
fn a_copy_being_filled_is_busy() {
    let (mut world, _, _) = begun();
    let session = world.new_session(&"copy".into());
    check_refused(world.run(&session), Kind::ResourceBusy, &["not yours"]);
}

#[test]
fn a_copy_that_cannot_be_filled_goes() {
    let failing = |world: &mut World, session: &UpdateSessionId, outcome| {
        world.receive(session, "bb.iso");
        let grant = world.start(session, "a.iso").expect("a transfer");
        world.end(session, grant.attempt, outcome).expect("it ends");
    };
    let outcomes = [TransferOutcome::Failed { reason: "no room".to_owned() }, received("other")];
    for outcome in outcomes {
        let (mut world, source, session) = begun();
        failing(&mut world, &session, outcome);
        assert!(world.get::<Item>(&"copy".into()).is_none());
        assert_eq!((world.files(&source).len(), world.freed().len()), (2, 2));
        assert_eq!(world.get::<UpdateSession>(&session).expect("it").state, SessionState::Error);
    }
}

#[test]
fn a_copy_that_nobody_fills_goes() {
    let (mut world, _, session) = begun();
    world.pass_ms(IDLE_MS);
    world.serve(&ExpireUpdateSession { id: session.clone() }).expect("it goes");
    assert!(world.get::<Item>(&"copy".into()).is_none() && world.get::<UpdateSession>(&session).is_none());
}

#[test]
fn a_copy_can_be_deleted_while_it_is_filled() {
    let (mut world, _, session) = begun();
    world.receive(&session, "a.iso");
    world.run(&DeleteItem { id: "copy".into() }).expect("it goes");
    assert_eq!(world.get::<UpdateSession>(&session).expect("it").state, SessionState::Error);
    assert_eq!(world.freed().len(), 1);
}

#[test]
fn what_a_copy_holds_was_looked_at_before() {
    let mut world = World::new();
    let source = world.item_with("a", &["one.vmdk", "d.mf"]);
    world.run(&CopyItem { type_name: Some("ovf".to_owned()), ..copy(&source, "b") }).expect("a copy");
    world.receive(&"filling".into(), "one.vmdk");
    world.receive(&"filling".into(), "d.mf");
    assert_eq!(world.files(&"copy".into()), [("one.vmdk", 1), ("d.mf", 1)]);
}

#[test]
fn an_item_without_files_is_copied_without_a_session() {
    let mut world = World::new();
    let source = world.item("a", "iso");
    world.run(&copy(&source, "b")).expect("a copy");
    assert!(world.seen(&"copy".into()).session.is_none() && world.seen(&"copy".into()).is_of_type("iso"));
}

#[test]
fn what_is_refused() {
    let mut world = World::new();
    let source = world.item_with("a", &["a.iso"]);
    let good = copy(&source, "b");
    check_refused(world.run(&CopyItem { source: "x".into(), ..good.clone() }), Kind::NotFound, &["x"]);
    check_refused(world.run(&CopyItem { name: None, ..good.clone() }), Kind::AlreadyExists, &["\"a\""]);
    check_refused(world.run(&copy(&source, "A")), Kind::AlreadyExists, &["\"A\""]);
    let nowhere = CopyItem { library: Some("x".into()), ..good.clone() };
    check_refused(world.run(&nowhere), Kind::NotFound, &["x"]);
    let subscribed = world.subscribed_library();
    let of_publisher = CopyItem { library: Some(subscribed), ..good.clone() };
    check_refused(world.run(&of_publisher), Kind::InvalidElementType, &["publisher"]);
    let elsewhere = world.local_library(Default::default());
    let same_name = CopyItem { library: Some(elsewhere), name: None, ..good };
    world.run(&same_name).expect("the name is free there");
}

#[test]
fn the_same_token_is_the_same_copy() {
    let mut world = World::new();
    let source = world.item_with("a", &["a.iso"]);
    let first = CopyItem { token: token("1", "a"), ..copy(&source, "b") };
    let id = world.run(&first).expect("a copy");
    let again = CopyItem { id: "other".into(), session: "other".into(), ..first };
    assert_eq!(world.run(&again), Ok(id));
}
