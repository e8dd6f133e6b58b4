//! What following comes to, decided without a network: each step, each refusal.

use contentlibd::domain::checksum::Algorithm;
use contentlibd::domain::copy::CopyItem;
use contentlibd::domain::download::Preparation;
use contentlibd::domain::following::SubscriptionChange;
use contentlibd::domain::ids::{BlobId, ItemId};
use contentlibd::domain::item::{DeleteItem, UpdateItem};
use contentlibd::domain::library::{DeleteLibrary, SetMaintenance, UpdateLibrary, Via};
use contentlibd::domain::on_demand::{EvictItem, EvictLibrary};
use contentlibd::domain::published::PublishedItem;
use contentlibd::domain::synchronisation::{
    FailSync, GetErrand, LocatePublished, StartSync, SyncItem, TakeOver,
};
use contentlibd::domain::transfer::TransferOutcome;
use contentlibd::domain::update::{CancelUpdateSession, SessionState, UpdateSession};
use contentlibd::domain::{Caller, Effect, Kind};

use crate::follower::{Follower, item};
use crate::world::{check_refused, received, user};

fn of(files: &[(&str, u64, bool)]) -> Vec<(String, u64, bool)> {
    files.iter().map(|(name, version, is_cached)| ((*name).to_owned(), *version, *is_cached)).collect()
}

#[test]
fn items_show_what_is_published_and_are_cached_when_all_of_it_is_here() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 3, &[("a.ovf", 1), ("a.vmdk", 2)]), item("b", 1, &[])]);
    assert_eq!(follower.files("a"), of(&[("a.ovf", 1, false), ("a.vmdk", 1, false)]));
    assert!(!follower.ours("a").is_cached() && follower.ours("b").is_cached());
    assert_eq!(follower.following().last_sync, None, "not before everything is here");
    assert_eq!(follower.ours("a").followed.unwrap().last_sync, None);
    follower.bring();
    let ours = follower.ours("a");
    assert_eq!(follower.files("a"), of(&[("a.ovf", 1, true), ("a.vmdk", 1, true)]));
    assert_eq!((ours.content_version.0, ours.metadata_version.0), (3, 1), "as the publisher has them");
    assert_eq!(ours.followed.unwrap().last_sync, Some(follower.world.now));
    assert_eq!(follower.following().last_sync, Some(follower.world.now));
    assert_eq!(follower.following().sync, None);
    let checksum = ours.files[0].checksum.clone().expect("it was hashed");
    assert_eq!(checksum.algorithm, Algorithm::Sha256);
}

#[test]
fn a_change_is_seen_at_once_when_all_of_it_is_here() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 2, &[("keeps", 1), ("changes", 1), ("goes", 1)])]);
    follower.bring();
    let before = follower.ours("a");
    let changed = PublishedItem {
        name: "renamed".to_owned(),
        version: 4,
        ..item("a", 3, &[("keeps", 1), ("changes", 2), ("comes", 2)])
    };
    follower.read(&[changed]);
    let session = follower.sessions().remove(0);
    follower.world.receive(&session, "changes");
    let between = follower.ours("a");
    assert_eq!((between.files, between.name), (before.files.clone(), before.name), "nothing is half visible");
    follower.world.receive(&session, "comes");
    let after = follower.ours("a");
    assert_eq!(follower.files("a"), of(&[("keeps", 1, true), ("changes", 2, true), ("comes", 1, true)]));
    assert_eq!((after.name.as_str(), after.content_version.0, after.metadata_version.0), ("renamed", 3, 2));
    assert_eq!(
        after.file("keeps").unwrap().blob,
        before.files[0].blob,
        "what did not change did not come again"
    );
    assert_eq!(after.id, before.id);
    assert_eq!(follower.world.freed().len(), 2);
}

#[test]
fn what_is_not_published_any_more_goes_and_names_may_change_places() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)]), item("b", 1, &[("x", 1)]), item("c", 1, &[("x", 1)])]);
    follower.bring();
    let (a, b) = (follower.ours("a"), follower.ours("b"));
    let download = follower.world.open_download(&follower.ours("c").id);
    let named = |id: &str, name: &str| PublishedItem {
        name: name.to_owned(),
        version: 2,
        ..item(id, 1, &[("x", 1)])
    };
    follower.read(&[named("a", &b.name), named("b", &a.name)]);
    assert_eq!((follower.ours("a").name, follower.ours("b").name), (b.name, a.name));
    assert_eq!((follower.ours("a").id, follower.items().len()), (a.id, 2));
    assert_eq!(follower.ours("a").metadata_version.0, 2);
    let gone =
        follower.world.get(&download).map(|d: &contentlibd::domain::download::DownloadSession| d.state);
    assert_eq!(gone, Some(SessionState::Error));
    assert_eq!(follower.following().last_sync, Some(follower.world.now));
}

#[test]
fn on_demand_only_what_is_asked_for_comes_and_goes_again() {
    let mut follower = Follower::new(true);
    follower.read(&[item("a", 2, &[("one", 1), ("two", 1)])]);
    assert_eq!(follower.following().last_sync, Some(follower.world.now), "what is published is known");
    assert_eq!(follower.sessions(), []);
    let ours = follower.ours("a");
    let download = follower.world.open_download(&ours.id);
    follower.prepare(&download, "one");
    assert_eq!(follower.prepared(&download, "one").unwrap().status, Preparation::Preparing);
    // However long it takes, whoever waits is not given up.
    follower.world.pass_ms(10 * 24 * 3_600_000);
    let session = follower.sessions().remove(0);
    follower.prepare(&download, "two");
    assert_eq!(follower.sessions(), std::slice::from_ref(&session), "both come with one session");
    follower.world.receive(&session, "one");
    follower.world.receive(&session, "two");
    for name in ["one", "two"] {
        let file = follower.prepared(&download, name).unwrap();
        assert_eq!((file.status, file.size), (Preparation::Prepared, 3));
        assert!(file.blob.is_some() && file.checksum.is_some());
    }
    assert_eq!(follower.files("a"), of(&[("one", 1, true), ("two", 1, true)]));

    follower.world.run(&EvictItem { item: ours.id.clone() }).expect("it is evicted");
    assert_eq!(follower.files("a"), of(&[("one", 1, false), ("two", 1, false)]));
    assert!(follower.prepared(&download, "one").unwrap().blob.is_some(), "who downloads keeps it");
    assert!(!follower.world.effects.iter().any(|effect| matches!(effect, Effect::Erase(_))));

    follower.world.run(&SyncItem { item: ours.id.clone(), with_content: true }).expect("it starts");
    let take_over = follower.take_over(&[item("a", 2, &[("one", 1), ("two", 1)])]);
    follower.world.serve(&take_over).expect("it is taken over");
    // What was here once has to be the same again.
    let session = follower.sessions().remove(0);
    let grant = follower.world.start(&session, "one").expect("a transfer");
    let other = TransferOutcome::Received { size: 3, digests: crate::world::digests("other") };
    follower.world.end(&session, grant.attempt, other).expect("it ends");
    follower.world.receive(&session, "two");
    assert_eq!(follower.files("a"), of(&[("one", 1, false), ("two", 1, true)]), "what is right stays");
    let error = follower.ours("a").followed.unwrap().error.expect("why");
    assert!(error.text.contains("one") && error.text.contains("The publisher announced SHA256"), "{error}");
    follower.world.run(&EvictLibrary { library: follower.library.clone() }).expect("all of it goes");
    assert!(follower.ours("a").files.iter().all(|file| !file.is_cached()));
}

#[test]
fn a_file_that_changes_while_it_is_waited_for_is_not_offered_as_the_one_before() {
    let mut follower = Follower::new(true);
    follower.read(&[item("a", 2, &[("one", 1)])]);
    let ours = follower.ours("a");
    let download = follower.world.open_download(&ours.id);
    follower.prepare(&download, "one");
    follower.read(&[item("a", 3, &[("one", 2)])]);
    check_refused(follower.prepared(&download, "one"), Kind::ResourceInaccessible, &["one", "other files"]);
    assert_eq!(follower.files("a"), of(&[("one", 2, false)]));
    let again = follower.world.open_download(&ours.id);
    follower.prepare(&again, "one");
    follower.bring();
    assert_eq!(follower.prepared(&again, "one").unwrap().status, Preparation::Prepared);
}

#[test]
fn one_synchronisation_goes_on_at_a_time_and_nothing_that_was_asked_for_is_lost() {
    let mut follower = Follower::new(false);
    follower.start().expect("it starts");
    follower.start().expect("it joins");
    let follow = Effect::Follow(follower.library.clone());
    assert_eq!(follower.world.effects.iter().filter(|effect| **effect == follow).count(), 1);
    let take_over = follower.take_over(&[item("a", 1, &[("x", 1)])]);
    follower.world.serve(&take_over).expect("it is taken over");
    follower.start().expect("it goes behind");
    assert_eq!(follower.following().n_syncs, 1);
    check_refused(follower.world.serve(&take_over), Kind::ConcurrentChange, &["synchronisation"]);
    follower.bring();
    assert_eq!(follower.following().n_syncs, 2, "the next one begins");
    assert!(
        follower
            .world
            .ask_by(Caller::Server, &GetErrand { library: follower.library.clone() })
            .unwrap()
            .is_some()
    );
    let unchanged = TakeOver { items: None, ..follower.take_over(&[]) };
    follower.world.serve(&unchanged).expect("it ends");
    assert_eq!((follower.following().sync, follower.items().len()), (None, 1));
}

#[test]
fn a_publisher_that_fails_leaves_everything_as_it_was() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)])]);
    follower.bring();
    let before = follower.items();
    let last_sync = follower.following().last_sync;
    follower.world.pass_ms(1);
    follower.start().expect("it starts");
    let fail = FailSync { library: follower.library.clone(), number: 2, reason: "it is gone".to_owned() };
    follower.world.serve(&fail).expect("it fails");
    check_refused(follower.world.serve(&fail), Kind::ConcurrentChange, &[]);
    let following = follower.following();
    assert!(following.error.unwrap().text.contains("it is gone"));
    assert_eq!((following.last_sync, following.tried), (last_sync, Some(follower.world.now)));
    assert_eq!(follower.items(), before);

    // A file that does not come leaves its item as it was.
    follower.read(&[item("a", 2, &[("x", 2)])]);
    let session = follower.sessions().remove(0);
    let grant = follower.world.start(&session, "x").expect("a transfer");
    let failed = TransferOutcome::Failed { reason: "404".to_owned() };
    follower.world.end(&session, grant.attempt, failed).expect("it ends");
    let ours = follower.ours("a");
    assert_eq!((&ours.files, ours.session), (&before[0].files, None));
    let following = follower.following();
    let words = following.error.unwrap().text;
    assert!(words.contains("item a") && words.contains("x:") && words.contains("404"), "{words}");
    assert_eq!((following.version, following.last_sync), (None, last_sync), "the next one reads it again");
}

#[test]
fn an_item_that_makes_no_sense_stays_as_it_is_and_the_others_go_on() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)])]);
    follower.bring();
    follower.start().expect("it starts");
    let mut take_over = follower.take_over(&[item("b", 1, &[("y", 1)])]);
    take_over.faulty.insert("a".into(), "it has no name".to_owned());
    follower.world.serve(&take_over).expect("it is taken over");
    follower.bring();
    assert_eq!((follower.files("a").len(), follower.files("b").len()), (1, 1));
    assert!(follower.following().error.unwrap().text.contains("it has no name"));
}

#[test]
fn numbers_of_a_publisher_that_go_back_are_not_followed_back() {
    let mut follower = Follower::new(true);
    follower.read(&[item("a", 9, &[("x", 9)])]);
    follower.read(&[item("a", 2, &[("x", 2)])]);
    let ours = follower.ours("a");
    assert_eq!((ours.content_version.0, follower.files("a")), (10, of(&[("x", 2, false)])));
    let silent = PublishedItem { content_version: None, ..item("a", 2, &[("y", 1)]) };
    follower.read(&[silent]);
    assert_eq!(follower.ours("a").content_version.0, 11);
}

#[test]
fn whoever_cancels_a_synchronisation_ends_it_for_now() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)])]);
    let id = follower.sessions().remove(0);
    check_refused(follower.world.run(&CancelUpdateSession { id: id.clone() }), Kind::NotFound, &[]);
    follower.world.run_by(user("root"), &CancelUpdateSession { id }).expect("an administrator may");
    let following = follower.following();
    assert!(following.sync.is_none() && following.error.is_some());
    assert!(!follower.ours("a").is_cached());
    follower.read(&[item("a", 1, &[("x", 1)])]);
    follower.bring();
    assert_eq!(follower.following().error, None);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)])]);
    let ours = follower.ours("a").id;
    let local = follower.world.item("local", "");
    let local_library = follower.world.library.clone();
    let world = &mut follower.world;
    let copy = CopyItem {
        id: "copy".into(),
        session: "filling".into(),
        token: None,
        source: ours.clone(),
        library: Some(local_library.clone()),
        name: None,
        description: None,
        type_name: None,
    };
    check_refused(world.run(&copy), Kind::NotAllowedInCurrentState, &["x", "Synchronise"]);
    for refused in [
        world.run(&StartSync { library: local_library.clone() }),
        world.run(&EvictLibrary { library: local_library }),
        world.run(&SyncItem { item: local.clone(), with_content: true }),
        world.run(&EvictItem { item: local }),
    ] {
        check_refused(refused, Kind::InvalidElementType, &["local"]);
    }
    let nowhere = ItemId::from("nowhere");
    check_refused(world.run(&SyncItem { item: nowhere, with_content: true }), Kind::NotFound, &["nowhere"]);
    check_refused(
        world.run(&EvictItem { item: ours.clone() }),
        Kind::InvalidElementConfiguration,
        &["on_demand"],
    );
    let evict = EvictLibrary { library: follower.library.clone() };
    check_refused(world.run(&evict), Kind::NotAllowedInCurrentState, &["on_demand"]);
    let session = world.new_session(&ours);
    check_refused(world.run(&session), Kind::InvalidElementType, &["publisher"]);
    let change =
        UpdateItem { id: ours.clone(), version: None, name: None, description: None, type_name: None };
    check_refused(world.run(&change), Kind::InvalidElementType, &["publisher"]);
    check_refused(world.run(&DeleteItem { id: ours.clone() }), Kind::InvalidElementType, &["publisher"]);
    let id = follower.library.clone();
    world.run(&SetMaintenance { id: id.clone(), on: true }).expect("out of service");
    for refused in [
        world.run(&StartSync { library: id.clone() }),
        world.run(&SyncItem { item: ours.clone(), with_content: false }),
        world.run(&EvictItem { item: ours }),
    ] {
        check_refused(refused, Kind::NotAllowedInCurrentState, &["maintenance"]);
    }
}

#[test]
fn a_library_goes_with_all_that_is_on_its_way() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("x", 1)]), item("b", 1, &[("x", 1)])]);
    follower.start().expect("the next one waits");
    let sessions = follower.sessions();
    follower.world.start(&sessions[0], "x").expect("a transfer");
    let delete = DeleteLibrary { id: follower.library.clone(), via: Via::SubscribedLibrary, force: false };
    follower.world.run(&delete).expect("it goes");
    assert_eq!((follower.items().len(), follower.world.freed().len()), (0, 1));
    assert_eq!(follower.state_of(&sessions[1]), SessionState::Error);
    let locate = LocatePublished { session: sessions[0].clone(), file: "x".to_owned() };
    check_refused(follower.world.ask_by(Caller::Server, &locate), Kind::NotFound, &[]);
}

#[test]
fn whom_a_library_follows_can_change_and_then_everything_is_read_again() {
    let mut follower = Follower::new(true);
    follower.read(&[item("a", 1, &[("x", 1)])]);
    let errand = GetErrand { library: follower.library.clone() };
    follower.start().expect("it starts");
    let known = |follower: &Follower| {
        follower.world.ask_by(Caller::Server, &errand).expect("an answer").expect("an errand").known
    };
    assert_eq!(known(&follower), Some("1".to_owned()));
    let ours = follower.ours("a").id;
    follower.world.run(&SyncItem { item: ours, with_content: true }).expect("it joins");
    assert_eq!(known(&follower), None, "an item is looked at even where nothing seems to have changed");
    let unchanged = TakeOver { items: None, ..follower.take_over(&[]) };
    follower.world.serve(&unchanged).expect("it is read again");
    assert!(follower.following().sync.is_some());
    let change = UpdateLibrary {
        subscription: Some(Default::default()),
        ..UpdateLibrary::new(follower.library.clone(), Via::SubscribedLibrary)
    };
    follower.world.run(&change).expect("it changes");
    assert_eq!(follower.following().version, None);
}

#[test]
fn bytes_that_are_here_are_told_from_the_records_after_a_start() {
    let mut follower = Follower::new(false);
    follower.read(&[item("a", 1, &[("abcdef", 1)])]);
    let session = follower.sessions().remove(0);
    let grant = follower.world.start(&session, "abcdef").expect("a transfer");
    follower
        .world
        .end(&session, grant.attempt, TransferOutcome::Interrupted { durable: 2 })
        .expect("it ends");
    let unfinished = follower.world.get::<UpdateSession>(&session).unwrap().unfinished();
    assert_eq!(unfinished, [Effect::Bring { session: session.clone(), file: "abcdef".to_owned() }]);
    let again = follower.world.start_at(&session, "abcdef", 2).expect("it goes on");
    assert_eq!(again.blob, Some(BlobId::from(grant.blob.unwrap().as_str())));
    follower.world.end(&session, again.attempt, received("abcdef")).expect("it is here");
    assert!(follower.ours("a").is_cached());
}

#[test]
fn what_is_on_its_way_goes_on_through_a_synchronisation_and_ends_no_other() {
    let mut follower = Follower::new(true);
    follower.read(&[item("a", 2, &[("one", 1), ("two", 1)])]);
    let ours = follower.ours("a");
    let download = follower.world.open_download(&ours.id);
    follower.prepare(&download, "one");
    let session = follower.sessions().remove(0);
    let renamed =
        PublishedItem { name: "renamed".to_owned(), version: 3, ..item("a", 2, &[("one", 1), ("two", 1)]) };
    follower.read(std::slice::from_ref(&renamed));
    assert_eq!((follower.sessions(), follower.ours("a").name.as_str()), (vec![session.clone()], "renamed"));
    assert_eq!(follower.following().sync, None, "what somebody waits for keeps no synchronisation");

    let with_content = SyncItem { item: ours.id.clone(), with_content: true };
    follower.world.run(&with_content).expect("it starts");
    let take_over = follower.take_over(&[renamed]);
    follower.world.serve(&take_over).expect("it is taken over");
    assert_eq!(follower.sessions(), std::slice::from_ref(&session), "the rest comes with it");
    follower.bring();
    assert_eq!(follower.prepared(&download, "one").unwrap().status, Preparation::Prepared);
    assert!(follower.ours("a").is_cached() && follower.following().sync.is_none());

    // Other files take the place of those on their way, and the others are waited for all the same.
    follower.world.run(&EvictItem { item: ours.id }).expect("it is evicted");
    let download = follower.world.open_download(&follower.ours("a").id);
    follower.prepare(&download, "one");
    let change = SubscriptionChange { on_demand: Some(false), ..SubscriptionChange::default() };
    let command = UpdateLibrary {
        subscription: Some(change),
        ..UpdateLibrary::new(follower.library.clone(), Via::SubscribedLibrary)
    };
    follower.world.run(&command).expect("it changes");
    let before = follower.following().last_sync;
    follower.world.pass_ms(1);
    follower.read(&[item("a", 4, &[("one", 4)]), item("b", 1, &[("x", 1)])]);
    let pending = follower.following().sync.expect("it goes on").pending.len();
    assert_eq!((pending, follower.following().last_sync), (2, before));
    follower.bring();
    assert_eq!(follower.following().last_sync, Some(follower.world.now));
}
