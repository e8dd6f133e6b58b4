//! Files of a session: what can be announced, what is listed, what validating and completing make of it.

use contentlibd::domain::checksum::{Algorithm, AnnouncedChecksum};
use contentlibd::domain::content::Validation;
use contentlibd::domain::ids::{ContentVersion, ItemId, UpdateSessionId};
use contentlibd::domain::session_file::{
    AddFile, GetSessionFile, ListSessionFiles, NewSource, RemoveFile, SeenFile, Source, Status,
    ValidateSession,
};
use contentlibd::domain::transfer::TransferOutcome;
use contentlibd::domain::update::SessionState;
use contentlibd::domain::{Effect, Kind, Limits, Refusal};

use crate::world::{World, check_refused, checksum, digests, endpoint, received, user};

fn list(world: &World, session: &UpdateSessionId) -> Vec<(String, bool)> {
    let files = world.ask(&ListSessionFiles { session: session.clone() }).expect("a list");
    files.into_iter().map(|file| (file.name, file.source.is_some())).collect()
}

fn names(brought: &[(&str, bool)]) -> Vec<(String, bool)> {
    brought.iter().map(|(name, is_brought)| ((*name).to_owned(), *is_brought)).collect()
}

fn remove(world: &mut World, session: &UpdateSessionId, name: &str) -> Result<(), Refusal> {
    world.run(&RemoveFile { session: session.clone(), name: name.to_owned() })
}

fn validate(world: &World, session: &UpdateSessionId) -> Result<Validation, Refusal> {
    world.ask(&ValidateSession { session: session.clone() })
}

/// A world with an item of two files and a session on it.
fn with_session() -> (World, ItemId, UpdateSessionId) {
    let mut world = World::new();
    let item = world.item_with("a", &["a.iso", "b.iso"]);
    let session = world.open(&item);
    (world, item, session)
}

#[test]
fn a_new_file_waits_for_its_bytes() {
    let (mut world, _, session) = with_session();
    let command = AddFile {
        size: Some(5),
        checksum: Some(checksum(Algorithm::Md5, "c.iso")),
        ..world.new_file(&session, "c.iso", NewSource::Push)
    };
    let seen = world.run(&command).expect("a file");
    assert_eq!((&seen.status, seen.received, seen.size), (&Status::Waiting, 0, None));
    assert_eq!(seen.source, Some(Source::Push(command.secret.clone())));
    assert_eq!(seen.checksum.as_ref().map(|checksum| checksum.algorithm), Some(Algorithm::Md5));
    assert_eq!(world.file(&session, "c.iso"), seen);
    world.receive(&session, "c.iso");
    let ready = world.file(&session, "c.iso");
    assert_eq!((&ready.status, ready.received, ready.size), (&Status::Ready, 5, Some(5)));
}

#[test]
fn what_add_refuses() {
    let (mut world, _, session) = with_session();
    let good = world.new_file(&session, "c.iso", NewSource::Push);
    let mut check = |command: AddFile, words: &[&str]| {
        check_refused(world.run(&command), Kind::InvalidArgument, words);
    };
    for name in ["", "..", "x/y", "..\\y", "a\0b", &"n".repeat(256)] {
        check(AddFile { name: name.to_owned(), ..good.clone() }, &["name"]);
    }
    check(AddFile { source: NewSource::Other("CARRY".to_owned()), ..good.clone() }, &["CARRY", "PUSH"]);
    check(AddFile { source: NewSource::Pull(None), ..good.clone() }, &["source_endpoint"]);
    for uri in ["ftp://host/x", "nothing", ""] {
        let source = NewSource::Pull(Some(endpoint(uri)));
        check(AddFile { source, ..good.clone() }, &["https://"]);
    }
    check(AddFile { size: Some(-1), ..good.clone() }, &["negative"]);
    check(AddFile { size: Some(i64::MAX), ..good.clone() }, &["more than"]);
    check(AddFile { source: NewSource::None, ..good.clone() }, &["c.iso", "PUSH"]);
    let announce = |algorithm: Option<&str>, n_digits| {
        let algorithm = algorithm.map(str::to_owned);
        Some(AnnouncedChecksum { algorithm, text: "0".repeat(n_digits) })
    };
    check(AddFile { checksum: announce(Some("CRC32"), 8), ..good.clone() }, &["CRC32", "SHA256"]);
    check(AddFile { checksum: announce(None, 64), ..good.clone() }, &["SHA1", "looks like one of SHA256"]);
    check(AddFile { checksum: announce(Some("MD5"), 31), ..good.clone() }, &["MD5", "32"]);
    let blank = Some(AnnouncedChecksum { algorithm: None, text: "g".repeat(40) });
    check(AddFile { checksum: blank, ..good }, &["SHA1"]);
}

#[test]
fn storage_is_for_those_who_may_read_it() {
    let (mut world, item, session) = with_session();
    let pull = |world: &mut World, session: &UpdateSessionId, uri: &str| {
        world.new_file(session, "c.iso", NewSource::Pull(Some(endpoint(uri))))
    };
    for uri in ["file:///srv/x", "ds:///vmfs/x"] {
        let command = pull(&mut world, &session, uri);
        check_refused(world.run(&command), Kind::Unauthorized, &["ReadStorage"]);
    }
    let datastore = pull(&mut world, &session, "ds:///vmfs/x");
    check_refused(world.run_by(user("root"), &datastore), Kind::InvalidArgument, &["datastore", "https://"]);
    let file = pull(&mut world, &session, "FILE:///srv/x");
    world.run_by(user("root"), &file).expect("root may");
    assert_eq!(world.seen(&item).files.len(), 2);
}

#[test]
fn a_pull_is_begun_at_once() {
    let (mut world, _, session) = with_session();
    world.effects.clear();
    world.pull(&session, "c.iso").expect("a file");
    assert_eq!(world.effects, [Effect::Fetch { session, file: "c.iso".to_owned() }]);
}

#[test]
fn a_session_has_so_many_files_and_no_more() {
    let (mut world, _, session) = with_session();
    world.limits = Limits { session_files_max: 2, ..world.limits };
    world.push(&session, "c.iso").expect("a file");
    world.push(&session, "d.iso").expect("a file");
    check_refused(world.push(&session, "e.iso"), Kind::UnableToAllocateResource, &["2"]);
    world.push(&session, "d.iso").expect("the same file");
}

#[test]
fn the_same_name_again_starts_anew() {
    let (mut world, _, session) = with_session();
    world.send(&session, "c.iso");
    let before = world.file(&session, "c.iso");
    let after = world.push(&session, "c.iso").expect("a file");
    assert_eq!((&after.status, after.received), (&Status::Waiting, 0));
    assert_ne!(after.source, before.source, "its address is new");
    assert_eq!(world.freed().len(), 1, "the bytes are given up");
    assert_eq!(list(&world, &session), names(&[("a.iso", false), ("b.iso", false), ("c.iso", true)]));
}

#[test]
fn the_list_is_the_item_as_it_would_be() {
    let (mut world, item, session) = with_session();
    assert_eq!(list(&world, &session), names(&[("a.iso", false), ("b.iso", false)]));
    let untouched = world.file(&session, "a.iso");
    assert_eq!((untouched.status, untouched.size, untouched.received), (Status::Ready, Some(5), 5));
    world.push(&session, "c.iso").expect("a file");
    world.push(&session, "b.iso").expect("a file");
    remove(&mut world, &session, "a.iso").expect("it is removed");
    assert_eq!(list(&world, &session), names(&[("c.iso", true), ("b.iso", true)]));
    assert_eq!(world.files(&item), [("a.iso", 1), ("b.iso", 1)], "nothing is seen");
}

#[test]
fn removing_what_is_not_there_is_refused() {
    let (mut world, _, session) = with_session();
    check_refused(remove(&mut world, &session, "x"), Kind::InvalidArgument, &["\"x\""]);
    remove(&mut world, &session, "a.iso").expect("it is removed");
    check_refused(remove(&mut world, &session, "a.iso"), Kind::InvalidArgument, &["a.iso"]);
    let get = GetSessionFile { session: session.clone(), name: "a.iso".to_owned() };
    check_refused(world.ask(&get), Kind::InvalidArgument, &["a.iso"]);
}

#[test]
fn what_only_the_session_has_is_dropped() {
    let (mut world, item, session) = with_session();
    world.send(&session, "c.iso");
    remove(&mut world, &session, "c.iso").expect("it is dropped");
    assert_eq!(world.freed().len(), 1);
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    assert_eq!(world.seen(&item).content_version, ContentVersion(2), "nothing changed");
}

#[test]
fn removing_a_replacement_removes_the_file() {
    let (mut world, item, session) = with_session();
    world.send(&session, "a.iso");
    remove(&mut world, &session, "a.iso").expect("it is removed");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("b.iso", 1)]);
}

#[test]
fn what_is_removed_and_added_again_is_replaced() {
    let (mut world, item, session) = with_session();
    remove(&mut world, &session, "a.iso").expect("it is removed");
    world.send(&session, "a.iso");
    remove(&mut world, &session, "b.iso").expect("it is removed");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("a.iso", 2)]);
}

#[test]
fn none_leaves_the_items_file_alone_again() {
    let (mut world, item, session) = with_session();
    remove(&mut world, &session, "a.iso").expect("it is removed");
    world.send(&session, "b.iso");
    for name in ["a.iso", "b.iso"] {
        let command = world.new_file(&session, name, NewSource::None);
        let seen: SeenFile = world.run(&command).expect("it stays");
        assert_eq!((seen.source, seen.status), (None, Status::Ready));
    }
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("a.iso", 1), ("b.iso", 1)]);
}

#[test]
fn all_changes_are_seen_at_once() {
    let (mut world, item, session) = with_session();
    let before = world.seen(&item).clone();
    world.pass_ms(7);
    remove(&mut world, &session, "a.iso").expect("it is removed");
    world.send(&session, "b.iso");
    world.send(&session, "c.iso");
    assert_eq!(world.seen(&item).files, before.files);
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    let after = world.seen(&item);
    assert_eq!(world.files(&item), [("b.iso", 2), ("c.iso", 1)]);
    assert_eq!(after.content_version, before.content_version.next());
    assert_eq!((after.version, after.metadata_version), (before.version, before.metadata_version));
    assert_eq!((after.modified, after.session.as_ref()), (world.now, None));
    assert_eq!(world.freed().len(), 2, "what was removed and what was replaced");
    assert_eq!(world.session(&session).session.content_version, before.content_version);
}

#[test]
fn an_empty_session_is_done_and_changes_nothing() {
    let (mut world, item, session) = with_session();
    let before = world.seen(&item).clone();
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    let mut after = world.seen(&item).clone();
    after.session = before.session.clone();
    assert_eq!(after, before);
}

#[test]
fn what_did_not_come_keeps_a_session_from_its_end() {
    let (mut world, item, session) = with_session();
    world.push(&session, "c.iso").expect("a file");
    check_refused(validate(&world, &session), Kind::NotAllowedInCurrentState, &["validate", "c.iso"]);
    let refusal = world.complete(&session).expect_err("it is not whole");
    assert_eq!(refusal.message.id, "com.vmware.vdcs.cls-main.session_has_missing_or_invalid_files");
    assert_eq!(refusal.message.args, ["c.iso", ""]);
    assert_eq!(refusal.kind, Kind::NotAllowedInCurrentState);

    let grant = world.start(&session, "c.iso").expect("a transfer");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["c.iso"]);
    world.end(&session, grant.attempt, received("c.iso")).expect("it comes");
    assert!(!validate(&world, &session).expect("it is whole").has_errors());
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    assert_eq!(world.files(&item).len(), 3);
}

#[test]
fn what_came_wrong_keeps_a_session_from_its_end_until_it_is_mended() {
    let (mut world, item, session) = with_session();
    let command = AddFile { size: Some(9), ..world.new_file(&session, "c.iso", NewSource::Push) };
    world.run(&command).expect("a file");
    world.receive(&session, "c.iso");
    let validation = validate(&world, &session).expect("nothing is on its way");
    assert!(validation.has_errors() && validation.missing.is_empty());
    assert_eq!(validation.invalid[0].0, "c.iso");
    let refusal = world.complete(&session).expect_err("it is wrong");
    assert_eq!(refusal.message.args, ["", "c.iso"]);
    assert!(refusal.message.text.contains("9 bytes") && refusal.message.text.contains("5 arrived"));
    assert_eq!(world.state_of(&session), SessionState::Active);

    world.send(&session, "c.iso");
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    assert_eq!(world.files(&item).len(), 3);
}

#[test]
fn validating_changes_nothing() {
    let (mut world, _, session) = with_session();
    world.send(&session, "c.iso");
    let before = world.session(&session).session;
    for _ in 0..2 {
        assert_eq!(validate(&world, &session), Ok(Validation::default()));
    }
    assert_eq!(world.session(&session).session, before);
    world.complete(&session).expect("it completes");
    check_refused(validate(&world, &session), Kind::NotAllowedInCurrentState, &["DONE"]);
}

#[test]
fn a_session_waits_for_what_the_server_fetches() {
    let (mut world, item, session) = with_session();
    world.pull(&session, "c.iso").expect("a file");
    world.pull(&session, "d.iso").expect("a file");
    assert_eq!(world.complete(&session), Ok(SessionState::Active));
    assert_eq!(world.complete(&session), Ok(SessionState::Active), "once more does no harm");
    check_refused(world.push(&session, "e.iso"), Kind::NotAllowedInCurrentState, &["being completed"]);
    let refused = remove(&mut world, &session, "c.iso");
    check_refused(refused, Kind::NotAllowedInCurrentState, &["being completed"]);
    world.receive(&session, "c.iso");
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Active, 2));
    world.receive(&session, "d.iso");
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Done, 4));
}

#[test]
fn a_session_that_waits_fails_with_what_it_waits_for() {
    let (mut world, item, session) = with_session();
    world.pull(&session, "c.iso").expect("a file");
    world.pull(&session, "d.iso").expect("a file");
    world.complete(&session).expect("it waits");
    world.receive(&session, "d.iso");
    let grant = world.start(&session, "c.iso").expect("a transfer");
    let failed = TransferOutcome::Failed { reason: "https://host/x answered 404".to_owned() };
    world.end(&session, grant.attempt, failed).expect("it ends");
    let error = world.session(&session).session.error.expect("it failed").text;
    assert!(error.contains("c.iso") && error.contains("answered 404"), "{error}");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["c.iso", "answered 404"]);
    assert_eq!((world.files(&item).len(), world.freed().len()), (2, 2));
}

#[test]
fn a_pull_that_failed_before_can_be_mended() {
    let (mut world, _, session) = with_session();
    world.pull(&session, "c.iso").expect("a file");
    let grant = world.start(&session, "c.iso").expect("a transfer");
    let failed = TransferOutcome::Failed { reason: "no route".to_owned() };
    world.end(&session, grant.attempt, failed).expect("it ends");
    assert!(
        matches!(world.file(&session, "c.iso").status, Status::Error(words) if words.text.contains("no route"))
    );
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["c.iso", "no route"]);
    world.send(&session, "c.iso");
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
}

#[test]
fn an_ended_session_lists_what_it_brought() {
    let (mut world, _, session) = with_session();
    world.send(&session, "c.iso");
    world.complete(&session).expect("it completes");
    assert_eq!(list(&world, &session), names(&[("c.iso", true)]));
    let file = world.file(&session, "c.iso");
    assert_eq!((file.status, file.size), (Status::Ready, Some(5)));
}

#[test]
fn the_items_file_has_the_checksum_that_was_asked_for() {
    let (mut world, item, session) = with_session();
    let command = AddFile {
        checksum: Some(checksum(Algorithm::Sha512, "c.iso")),
        ..world.new_file(&session, "c.iso", NewSource::Push)
    };
    world.run(&command).expect("a file");
    world.receive(&session, "c.iso");
    world.send(&session, "d.iso");
    world.complete(&session).expect("it completes");
    let seen = world.seen(&item);
    let of = |name| seen.file(name).expect("the file").checksum.clone().unwrap();
    assert_eq!(
        (of("c.iso").algorithm, &of("c.iso").hex),
        (Algorithm::Sha512, &digests("c.iso")[&Algorithm::Sha512])
    );
    assert_eq!(of("d.iso").algorithm, Algorithm::Sha256);
}
