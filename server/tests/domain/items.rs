//! Items: how they are made, changed and removed, and what counts when.

use contentlibd::domain::client_token::Remembered;
use contentlibd::domain::following::AddUsage;
use contentlibd::domain::ids::{ContentVersion, ItemId, UsageId, Version};
use contentlibd::domain::item::{CreateItem, DeleteItem, GetItem, NewItem, UpdateItem};
use contentlibd::domain::library::{SetMaintenance, UpdateLibrary, Via};
use contentlibd::domain::update::{GetUpdateSession, SessionState};
use contentlibd::domain::{Kind, Limits};

use crate::world::{World, check_refused, token};

fn change(id: &ItemId) -> UpdateItem {
    UpdateItem { id: id.clone(), version: None, name: None, description: None, type_name: None }
}

fn named(id: &ItemId, name: &str) -> UpdateItem {
    UpdateItem { name: Some(name.to_owned()), ..change(id) }
}

#[test]
fn a_new_item_has_first_versions_and_no_files() {
    let mut world = World::new();
    let id = world.item("a", "iso");
    let item = world.seen(&id);
    assert_eq!((item.version, item.metadata_version), (Version::FIRST, Version::FIRST));
    assert_eq!(item.content_version, ContentVersion::FIRST);
    assert_eq!((item.created, item.modified, item.size()), (world.now, world.now, 0));
    assert!(item.files.is_empty() && item.is_of_type("ISO"));
}

#[test]
fn what_create_refuses() {
    let mut world = World::new();
    let good = world.new_item("a", "");
    let but = |change: fn(&mut NewItem)| {
        let mut command = good.clone();
        change(&mut command.item);
        command
    };
    let nowhere = but(|item| item.library = "nowhere".into());
    check_refused(world.run(&nowhere), Kind::NotFound, &["nowhere"]);
    check_refused(world.run(&but(|item| item.name = String::new())), Kind::InvalidArgument, &["name"]);
    check_refused(world.run(&but(|item| item.name = "a".repeat(81))), Kind::InvalidArgument, &["81"]);
    let wordy = but(|item| item.description = "a".repeat(2_001));
    check_refused(world.run(&wordy), Kind::InvalidArgument, &["2001"]);

    let subscribed = world.subscribed_library();
    let mut of_publisher = good.clone();
    of_publisher.item.library = subscribed;
    check_refused(world.run(&of_publisher), Kind::InvalidElementType, &["publisher"]);

    world.run(&SetMaintenance { id: world.library.clone(), on: true }).expect("maintenance");
    check_refused(world.run(&good), Kind::NotAllowedInCurrentState, &["maintenance"]);
}

#[test]
fn a_name_is_taken_without_regard_to_capitals_and_free_again() {
    let mut world = World::new();
    let first = world.item("Ärger", "");
    let second = world.new_item("äRGER", "");
    check_refused(world.run(&second), Kind::AlreadyExists, &["äRGER", "capitals"]);
    world.run(&named(&first, "ÄRGER")).expect("its own name is not taken");
    world.run(&named(&first, "b")).expect("it is renamed");
    let second = world.run(&second).expect("the name is free");
    check_refused(world.run(&named(&second, "B")), Kind::AlreadyExists, &["B"]);
    world.run(&DeleteItem { id: first }).expect("it goes");
    world.run(&named(&second, "B")).expect("the name is free");
}

#[test]
fn the_same_name_in_another_library_is_another_name() {
    let mut world = World::new();
    world.item("a", "");
    let other = world.local_library(Default::default());
    let mut command = world.new_item("a", "");
    command.item.library = other;
    world.run(&command).expect("an item");
}

#[test]
fn properties_count_apart_from_files() {
    let mut world = World::new();
    let id = world.item_with("a", &["a.iso"]);
    let before = world.seen(&id).clone();
    assert_eq!(before.content_version, ContentVersion(2));
    assert_eq!((before.version, before.metadata_version), (Version(1), Version(1)));
    world.pass_ms(10);
    world.run(&named(&id, "b")).expect("it is renamed");
    let after = world.seen(&id);
    assert_eq!((after.version, after.metadata_version), (Version(2), Version(2)));
    assert_eq!((after.content_version, after.modified), (before.content_version, world.now));
}

#[test]
fn a_stale_version_is_refused_and_a_right_one_taken() {
    let mut world = World::new();
    let id = world.item("a", "");
    let stale = UpdateItem { version: Some(Version(7)), ..named(&id, "b") };
    check_refused(world.run(&stale), Kind::InvalidArgument, &["version 1", "7"]);
    world.run(&UpdateItem { version: Some(Version(1)), ..stale }).expect("it is renamed");
    assert_eq!(world.seen(&id).name, "b");
}

#[test]
fn what_update_and_delete_refuse() {
    let mut world = World::new();
    let nobody = ItemId::from("nobody");
    check_refused(world.run(&named(&nobody, "b")), Kind::NotFound, &["nobody"]);
    check_refused(world.run(&DeleteItem { id: nobody.clone() }), Kind::NotFound, &["nobody"]);
    check_refused(world.ask(&GetItem { id: nobody }), Kind::NotFound, &["nobody"]);
    let id = world.item("a", "");
    check_refused(world.run(&named(&id, "")), Kind::InvalidArgument, &["name"]);
    world.run(&SetMaintenance { id: world.library.clone(), on: true }).expect("maintenance");
    check_refused(world.run(&named(&id, "b")), Kind::NotAllowedInCurrentState, &["maintenance"]);
    check_refused(world.run(&DeleteItem { id }), Kind::NotAllowedInCurrentState, &["maintenance"]);
}

#[test]
fn a_usage_of_the_library_can_keep_its_items() {
    let mut world = World::new();
    let id = world.item("a", "");
    let library = world.library.clone();
    let usage = AddUsage { id: UsageId::from("u"), library: library.clone(), resource: "urn:x".to_owned() };
    world.run(&usage).expect("a usage");
    let applies = UpdateLibrary {
        applies_usages_to_items: Some(true),
        ..UpdateLibrary::new(library, Via::LocalLibrary)
    };
    world.run(&applies).expect("it applies");
    check_refused(world.run(&DeleteItem { id }), Kind::NotAllowedInCurrentState, &["urn:x"]);
}

#[test]
fn with_an_item_go_its_bytes_its_token_and_its_sessions() {
    let mut world = World::new();
    let command = CreateItem { token: token("1", "a"), ..world.new_item("a", "") };
    let id = world.run(&command).expect("an item");
    let session = world.open(&id);
    world.send(&session, "a.iso");
    world.complete(&session).expect("it completes");
    let session = world.open(&id);
    world.send(&session, "b.iso");
    let download = world.open_download(&id);
    world.run(&DeleteItem { id: id.clone() }).expect("it goes");
    assert_eq!(world.freed().len(), 2);
    assert_eq!(world.state.records().all::<Remembered>().count(), 0);
    let seen = world.ask(&GetUpdateSession { id: session.clone() }).expect("it can be read");
    assert_eq!(seen.session.state, SessionState::Error);
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &[id.as_str(), "deleted"]);
    check_refused(world.start(&session, "b.iso"), Kind::NotAllowedInCurrentState, &["deleted"]);
    let download =
        world.get::<contentlibd::domain::download::DownloadSession>(&download).expect("it is kept");
    assert_eq!(download.state, SessionState::Error);
}

#[test]
fn an_item_remembers_its_last_versions() {
    let mut world = World::new();
    world.limits = Limits { item_changes_max: 3, ..world.limits };
    let id = world.item("a", "");
    for _ in 0..4 {
        let session = world.open(&id);
        world.send(&session, "a.iso");
        world.complete(&session).expect("it completes");
    }
    let versions: Vec<u64> = world.seen(&id).history.iter().map(|change| change.version.0).collect();
    assert_eq!(versions, [3, 4, 5]);
    assert_eq!(world.files(&id), [("a.iso", 4)]);
}
