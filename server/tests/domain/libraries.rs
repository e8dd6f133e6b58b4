//! Libraries: how they are made, changed and removed; who uses and follows them.

use contentlibd::domain::client_token::Remembered;
use contentlibd::domain::following::{
    AddSubscription, AddUsage, PublishChange, RemoveSubscription, RemoveUsage, Subscriber,
    SubscriptionChange, SubscriptionInfo,
};
use contentlibd::domain::ids::{LibraryId, Secret, SubscriptionId, UsageId, Version};
use contentlibd::domain::item::{DeleteItem, Item};
use contentlibd::domain::library::{
    Content, CreateLibrary, DeleteLibrary, GetLibrary, Library, NewContent, SetMaintenance, StorageBacking,
    UpdateLibrary, Via,
};
use contentlibd::domain::{Kind, Refusal};

use crate::world::{World, check_refused, subscription, token};

fn published() -> PublishChange {
    PublishChange { is_published: Some(true), ..PublishChange::default() }
}

fn library<'w>(world: &'w World, id: &LibraryId) -> &'w Library {
    world.get(id).expect("the library is there")
}

fn publish(world: &mut World, id: &LibraryId, change: PublishChange) -> Result<(), Refusal> {
    let change = UpdateLibrary { publish: Some(change), ..UpdateLibrary::new(id.clone(), Via::LocalLibrary) };
    world.run(&change)
}

#[test]
fn what_create_refuses() {
    let mut world = World::new();
    let good = world.new_library(NewContent::Local(PublishChange::default()));
    let nameless = CreateLibrary { name: String::new(), ..good.clone() };
    check_refused(world.run(&nameless), Kind::InvalidArgument, &["name"]);
    let nowhere = CreateLibrary { backings: Vec::new(), ..good.clone() };
    check_refused(world.run(&nowhere), Kind::InvalidArgument, &["storage_backings"]);
    let backing = StorageBacking::Other("nfs://host/x".to_owned());
    let twice = CreateLibrary { backings: vec![backing.clone(), backing], ..good.clone() };
    check_refused(world.run(&twice), Kind::Unsupported, &["2"]);
    let open = PublishChange { needs_password: Some(true), ..published() };
    let no_password = CreateLibrary { content: NewContent::Local(open), ..good.clone() };
    check_refused(world.run(&no_password), Kind::InvalidArgument, &["password"]);
    let nobody = SubscriptionInfo { url: "gopher://x".to_owned(), ..subscription() };
    let unreachable = CreateLibrary { content: NewContent::Subscribed(nobody), ..good.clone() };
    check_refused(world.run(&unreachable), Kind::InvalidArgument, &["subscription_url", "gopher"]);
    let secretive = SubscriptionInfo { needs_password: true, ..subscription() };
    let no_password = CreateLibrary { content: NewContent::Subscribed(secretive), ..good };
    check_refused(world.run(&no_password), Kind::InvalidArgument, &["password"]);
}

#[test]
fn libraries_of_one_name_are_two() {
    let mut world = World::new();
    let first = world.local_library(PublishChange::default());
    let second = world.local_library(PublishChange::default());
    assert_ne!(first, second);
}

#[test]
fn the_same_token_is_the_same_library_of_its_kind() {
    let mut world = World::new();
    let local = CreateLibrary {
        token: token("1", "a"),
        ..world.new_library(NewContent::Local(PublishChange::default()))
    };
    let id = world.run(&local).expect("a library");
    assert_eq!(world.run(&CreateLibrary { id: "other".into(), ..local.clone() }), Ok(id.clone()));
    let other =
        CreateLibrary { content: NewContent::Subscribed(subscription()), id: "other".into(), ..local };
    assert_eq!(world.run(&other), Ok("other".into()), "a token counts for one operation");
}

#[test]
fn a_library_of_the_other_kind_is_of_the_wrong_kind() {
    let mut world = World::new();
    let (local, subscribed) = (world.library.clone(), world.subscribed_library());
    for (id, via, words) in [
        (&local, Via::SubscribedLibrary, "local_library"),
        (&subscribed, Via::LocalLibrary, "subscribed_library"),
    ] {
        let get = GetLibrary { id: id.clone(), via };
        check_refused(world.ask(&get), Kind::InvalidElementType, &[words]);
        let update = UpdateLibrary::new(id.clone(), via);
        check_refused(world.run(&update), Kind::InvalidElementType, &[words]);
        let delete = DeleteLibrary { id: id.clone(), via, force: true };
        check_refused(world.run(&delete), Kind::InvalidElementType, &[words]);
        world.ask(&GetLibrary { id: id.clone(), via: Via::Library }).expect("any kind");
    }
}

#[test]
fn its_version_counts_its_own_changes_only() {
    let mut world = World::new();
    let id = world.library.clone();
    world.item_with("a", &["a.iso"]);
    assert_eq!(library(&world, &id).version, Version(1));
    world.pass_ms(5);
    let rename =
        UpdateLibrary { name: Some("b".to_owned()), ..UpdateLibrary::new(id.clone(), Via::LocalLibrary) };
    world.run(&rename).expect("it is renamed");
    let after = library(&world, &id);
    assert_eq!((after.version, after.modified, after.name.as_str()), (Version(2), world.now, "b"));
}

#[test]
fn a_stale_version_is_another_error_for_each_service() {
    let mut world = World::new();
    let id = world.library.clone();
    for (via, kind) in [(Via::Library, Kind::InvalidArgument), (Via::LocalLibrary, Kind::ConcurrentChange)] {
        let stale = UpdateLibrary { version: Some(Version(9)), ..UpdateLibrary::new(id.clone(), via) };
        check_refused(world.run(&stale), kind, &["version 1", "9"]);
        let right = UpdateLibrary { version: Some(library(&world, &id).version), ..stale };
        world.run(&right).expect("it is right");
        world.run(&UpdateLibrary { version: Some(Version(1)), ..right }).expect_err("it is stale");
        world = World::new();
    }
}

#[test]
fn its_revision_counts_all_changes_once_it_is_published() {
    let mut world = World::new();
    let id = world.library.clone();
    world.item("before", "");
    assert_eq!(library(&world, &id).revision, 1);
    publish(&mut world, &id, published()).expect("it is published");
    let mut last = library(&world, &id).revision;
    let mut check_grew = |world: &World, what: &str| {
        let revision = library(world, &id).revision;
        assert!(revision > last, "{what}");
        last = revision;
    };
    let item = world.item("a", "");
    check_grew(&world, "an item more");
    let session = world.open(&item);
    world.send(&session, "a.iso");
    assert_eq!(library(&world, &world.library).revision, 3, "a session is not seen");
    world.complete(&session).expect("it completes");
    check_grew(&world, "a file more");
    world.run(&DeleteItem { id: item }).expect("it goes");
    check_grew(&world, "an item less");
}

#[test]
fn a_password_is_changed_by_those_who_know_it() {
    let mut world = World::new();
    let (old, new) = (Secret::from("old"), Secret::from("new"));
    let guarded = PublishChange { password: Some(old.clone()), needs_password: Some(true), ..published() };
    let id = world.local_library(guarded);
    let changes = [
        PublishChange { password: Some(new.clone()), ..PublishChange::default() },
        PublishChange { needs_password: Some(false), ..PublishChange::default() },
        PublishChange { is_published: Some(false), ..PublishChange::default() },
    ];
    for change in changes {
        check_refused(publish(&mut world, &id, change.clone()), Kind::InvalidArgument, &["current password"]);
        let wrong = PublishChange { proven: Some(new.clone()), ..change.clone() };
        check_refused(publish(&mut world, &id, wrong), Kind::InvalidArgument, &["current password"]);
        let mut copy = world.clone();
        let right = PublishChange { proven: Some(old.clone()), ..change };
        publish(&mut copy, &id, right).expect("they know it");
    }
    let json = PublishChange { persists_json: Some(true), ..PublishChange::default() };
    publish(&mut world, &id, json).expect("this needs no password");
    let Content::Local { publish, .. } = &library(&world, &id).content else { panic!("it is local") };
    assert!(publish.is_published && publish.persists_json && publish.password == Some(old));
}

#[test]
fn a_subscription_changes_in_parts() {
    let mut world = World::new();
    let id = world.subscribed_library();
    let change = |subscription| UpdateLibrary {
        subscription: Some(subscription),
        ..UpdateLibrary::new(id.clone(), Via::SubscribedLibrary)
    };
    let part = SubscriptionChange { on_demand: Some(false), ..SubscriptionChange::default() };
    world.run(&change(part)).expect("it changes");
    let expected = SubscriptionInfo { on_demand: false, ..subscription() };
    assert_eq!(
        library(&world, &id).content,
        Content::Subscribed { subscription: expected, following: Box::default() }
    );
    let bad = SubscriptionChange { url: Some("nothing".to_owned()), ..SubscriptionChange::default() };
    check_refused(world.run(&change(bad)), Kind::InvalidArgument, &["nothing"]);
    let publish = UpdateLibrary {
        publish: Some(published()),
        ..UpdateLibrary::new(id.clone(), Via::SubscribedLibrary)
    };
    check_refused(world.run(&publish), Kind::InvalidArgument, &["publish_info"]);
}

#[test]
fn a_used_library_stays_unless_it_is_forced() {
    let mut world = World::new();
    let id = world.library.clone();
    let usage = |name: &str| AddUsage {
        id: UsageId::from(name),
        library: id.clone(),
        resource: format!("urn:{name}"),
    };
    world.run(&usage("u")).expect("a usage");
    check_refused(world.run(&usage("u")), Kind::AlreadyExists, &["urn:u"]);
    let nothing = AddUsage { resource: String::new(), ..usage("v") };
    check_refused(world.run(&nothing), Kind::InvalidArgument, &["resource_urn"]);
    let delete = DeleteLibrary { id: id.clone(), via: Via::Library, force: false };
    check_refused(world.run(&delete), Kind::NotAllowedInCurrentState, &["urn:u", "force"]);

    let remove = RemoveUsage { library: id.clone(), id: UsageId::from("u") };
    world.run(&remove).expect("it is removed");
    check_refused(world.run(&remove), Kind::NotFound, &["u"]);
    world.run(&usage("u")).expect("a usage");
    world.run(&DeleteLibrary { force: true, ..delete }).expect("it goes");
}

#[test]
fn with_a_library_go_its_items_and_their_bytes() {
    let mut world = World::new();
    let id = world.library.clone();
    world.item_with("a", &["a.iso", "b.iso"]);
    let item = world.item_with("b", &["c.iso"]);
    let session = world.open(&item);
    world.send(&session, "d.iso");
    let other = world.local_library(PublishChange::default());
    let mut elsewhere = world.new_item("a", "");
    elsewhere.item.library = other;
    world.run(&elsewhere).expect("an item elsewhere");
    world.run(&DeleteLibrary { id: id.clone(), via: Via::LocalLibrary, force: false }).expect("it goes");
    assert!(world.get::<Library>(&id).is_none());
    assert_eq!(world.state.records().all::<Item>().count(), 1);
    assert_eq!(world.freed().len(), 4);
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &[id.as_str(), "deleted"]);
    let again = DeleteLibrary { id, via: Via::LocalLibrary, force: false };
    check_refused(world.run(&again), Kind::NotFound, &[]);
}

#[test]
fn the_token_of_a_deleted_library_makes_a_new_one() {
    let mut world = World::new();
    let content = NewContent::Local(PublishChange::default());
    let create = CreateLibrary { token: token("1", "a"), ..world.new_library(content) };
    let id = world.run(&create).expect("a library");
    world.run(&DeleteLibrary { id, via: Via::Library, force: false }).expect("it goes");
    assert_eq!(world.run(&CreateLibrary { id: "other".into(), ..create }), Ok("other".into()));
}

#[test]
fn maintenance_is_entered_once_and_left_once() {
    let mut world = World::new();
    let id = world.library.clone();
    let set = |on| SetMaintenance { id: id.clone(), on };
    check_refused(world.run(&set(false)), Kind::NotAllowedInCurrentState, &["not in maintenance"]);
    world.run(&set(true)).expect("it is entered");
    check_refused(world.run(&set(true)), Kind::NotAllowedInCurrentState, &["already"]);
    let rename = UpdateLibrary::new(id.clone(), Via::LocalLibrary);
    check_refused(world.run(&rename), Kind::NotAllowedInCurrentState, &["maintenance"]);
    world.run(&set(false)).expect("it is left");
    world.run(&rename).expect("it is in service");
}

#[test]
fn subscriptions_are_of_published_libraries() {
    let mut world = World::new();
    let (id, subscriber) = (world.library.clone(), world.subscribed_library());
    let add = |library: &LibraryId, subscriber: &LibraryId| AddSubscription {
        id: SubscriptionId::from("s"),
        token: token("7", "a subscription"),
        library: library.clone(),
        subscriber: Subscriber::Existing(subscriber.clone()),
    };
    let remove = RemoveSubscription { library: id.clone(), id: SubscriptionId::from("s") };
    check_refused(world.run(&add(&id, &subscriber)), Kind::NotAllowedInCurrentState, &["published"]);
    publish(&mut world, &id, published()).expect("it is published");
    check_refused(world.run(&add(&id, &id)), Kind::InvalidElementType, &[]);
    check_refused(world.run(&add(&subscriber, &subscriber)), Kind::InvalidElementType, &[]);
    check_refused(world.run(&add(&id, &"nobody".into())), Kind::NotFound, &["nobody"]);
    check_refused(world.run(&remove), Kind::NotFound, &["s"]);
    world.run(&add(&id, &subscriber)).expect("it follows");
    let again = world.run(&add(&id, &subscriber));
    assert_eq!(again.expect("the same call again"), SubscriptionId::from("s"));
    let another = AddSubscription { token: None, ..add(&id, &subscriber) };
    check_refused(world.run(&another), Kind::AlreadyExists, &[subscriber.as_str()]);
    world.run(&remove).expect("it does not follow any more");
    check_refused(world.run(&remove), Kind::NotFound, &["s"]);
    world.run(&add(&id, &subscriber)).expect("a token stands for what is there");
    world.run(&DeleteLibrary { id, via: Via::Library, force: false }).expect("it goes");
    assert_eq!(world.state.records().all::<Remembered>().count(), 0, "a token went with what it stood for");
}
