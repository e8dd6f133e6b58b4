//! What another server in wide use gets wrong, by the numbers of the list that was made of it: as far as the domain
//! decides it, this one does it right. Numbers that are missing here are about the wire, the disk or other parts.

use contentlibd::domain::content::Preview;
use contentlibd::domain::copy::CopyItem;
use contentlibd::domain::download::{
    CancelDownloadSession, GetDownloadFile, GetDownloadSession, PrepareFile,
};
use contentlibd::domain::following::AddUsage;
use contentlibd::domain::ids::{ItemId, UpdateSessionId, Version};
use contentlibd::domain::item::{DeleteItem, UpdateItem};
use contentlibd::domain::library::{DeleteLibrary, GetLibrary, UpdateLibrary, Via};
use contentlibd::domain::published::Followed;
use contentlibd::domain::session_file::{
    AddFile, ListSessionFiles, NewSource, RemoveFile, Source, Status, ValidateSession,
};
use contentlibd::domain::transfer::{FileRef, ReportBytes, StartTransfer, TransferOutcome};
use contentlibd::domain::update::{
    CancelUpdateSession, ChangeUpdateSession, CreateUpdateSession, DeleteUpdateSession, ExpireUpdateSession,
    FailUpdateSession, GetUpdateSession, KeepUpdateSession, SessionState,
};
use contentlibd::domain::{Effect, Kind};

use crate::world::{IDLE_MS, World, check_refused, checksum, digests, received, token, user};

fn with_session() -> (World, ItemId, UpdateSessionId) {
    let mut world = World::new();
    let item = world.item_with("a", &["a.iso"]);
    let session = world.open(&item);
    (world, item, session)
}

#[test]
fn d01_one_active_session_for_each_item() {
    let (mut world, item, _) = with_session();
    let second = world.new_session(&item);
    check_refused(world.run(&second), Kind::ResourceBusy, &[]);
}

#[test]
fn d02_the_client_token_is_a_uuid_and_idempotent() {
    let (mut world, _, _) = with_session();
    let item = world.item("b", "");
    let mut create = CreateUpdateSession { token: token("2", "x"), ..world.new_session(&item) };
    let id = world.run(&create).expect("a session");
    create.id = "other".into();
    assert_eq!(world.run(&create), Ok(id));
    create.token.as_mut().expect("a token").text = "2".to_owned();
    check_refused(world.run(&create), Kind::InvalidArgument, &["UUID"]);
}

#[test]
fn d03_an_unknown_item_is_not_found() {
    let (mut world, _, _) = with_session();
    let create = world.new_session(&"nobody".into());
    check_refused(world.run(&create), Kind::NotFound, &["nobody"]);
}

#[test]
fn d04_items_of_subscribed_libraries_take_no_sessions() {
    let mut world = World::new();
    let item = world.item("a", "");
    let mut of_publisher = world.seen(&item).clone();
    of_publisher.id = "published".into();
    of_publisher.library = world.subscribed_library();
    of_publisher.followed = Some(Followed::default());
    let mut found = contentlibd::domain::Records::default();
    found.put(of_publisher);
    world.state.evolve(&found);
    let create = world.new_session(&"published".into());
    check_refused(world.run(&create), Kind::InvalidElementType, &["publisher"]);
}

#[test]
fn d05_five_minutes_without_use_and_an_active_session_is_gone() {
    let (mut world, item, session) = with_session();
    world.pass_ms(IDLE_MS);
    check_refused(world.ask(&GetUpdateSession { id: session.clone() }), Kind::NotFound, &["expired"]);
    world.serve(&ExpireUpdateSession { id: session }).expect("it is cleared away");
    assert_eq!(world.seen(&item).session, None);
}

#[test]
fn d06_sessions_are_their_owners() {
    let (world, _, session) = with_session();
    check_refused(world.ask_by(user("bob"), &GetUpdateSession { id: session }), Kind::NotFound, &[]);
}

#[test]
fn d07_warnings_and_preview_are_there() {
    let (mut world, _, session) = with_session();
    assert_eq!(world.session(&session).preview, Some(Preview::Unavailable));
    world.push(&session, "b.iso").expect("a file");
    assert_eq!(world.session(&session).preview, Some(Preview::NotApplicable));
    world.run(&ChangeUpdateSession { id: session, warnings: Some(Vec::new()) }).expect("it changes");
}

#[test]
fn d08_what_ended_stays_as_it_ended() {
    let (mut world, _, session) = with_session();
    world.complete(&session).expect("it completes");
    let cancel = CancelUpdateSession { id: session.clone() };
    check_refused(world.run(&cancel), Kind::NotAllowedInCurrentState, &["cancel", "DONE"]);
    let fail = FailUpdateSession { id: session.clone(), message: None };
    check_refused(world.run(&fail), Kind::NotAllowedInCurrentState, &["fail", "DONE"]);
    assert_eq!(world.state_of(&session), SessionState::Done);
}

#[test]
fn d10_what_did_not_come_is_not_completed() {
    let (mut world, item, session) = with_session();
    world.push(&session, "b.iso").expect("a file");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["b.iso"]);
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Active, 1));
}

#[test]
fn d11_what_was_pushed_is_done_when_complete_returns() {
    let (mut world, item, session) = with_session();
    world.send(&session, "b.iso");
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    assert_eq!(world.files(&item), [("a.iso", 1), ("b.iso", 1)]);
}

#[test]
fn d12_fail_keeps_the_clients_words() {
    let (mut world, _, session) = with_session();
    let fail = FailUpdateSession { id: session.clone(), message: Some("pipe closed".to_owned()) };
    world.run(&fail).expect("it fails");
    assert_eq!(world.session(&session).session.error.expect("words").text, "pipe closed");
}

#[test]
fn d13_progress_is_kept_and_a_finished_session_is_not() {
    let (mut world, _, session) = with_session();
    let keep = KeepUpdateSession { id: session.clone(), progress: Some(30) };
    world.run(&keep).expect("it is kept");
    assert_eq!(world.session(&session).session.progress, 30);
    world.complete(&session).expect("it completes");
    check_refused(world.run(&keep), Kind::NotAllowedInCurrentState, &[]);
}

#[test]
fn d14_an_active_session_is_not_deleted() {
    let (mut world, _, session) = with_session();
    check_refused(world.run(&DeleteUpdateSession { id: session }), Kind::NotAllowedInCurrentState, &[]);
}

#[test]
fn d15_cancelled_bytes_are_given_up() {
    let (mut world, item, session) = with_session();
    world.send(&session, "a.iso");
    world.run(&CancelUpdateSession { id: session }).expect("it ends");
    assert_eq!((world.files(&item), world.freed().len()), (vec![("a.iso", 1)], 1));
    assert!(world.effects.iter().any(|effect| matches!(effect, Effect::Erase(_))));
}

#[test]
fn d17_bad_files_are_refused() {
    let (mut world, _, session) = with_session();
    let nameless = world.new_file(&session, "", NewSource::Push);
    check_refused(world.run(&nameless), Kind::InvalidArgument, &["empty"]);
    let unknown = world.new_file(&session, "b.iso", NewSource::Other("X".to_owned()));
    check_refused(world.run(&unknown), Kind::InvalidArgument, &["\"X\""]);
    let nowhere = world.new_file(&session, "b.iso", NewSource::Pull(None));
    check_refused(world.run(&nowhere), Kind::InvalidArgument, &["source_endpoint"]);
    world.complete(&session).expect("it completes");
    check_refused(world.push(&session, "b.iso"), Kind::NotAllowedInCurrentState, &["DONE"]);
}

#[test]
fn d18_the_same_name_replaces() {
    let (mut world, _, session) = with_session();
    world.push(&session, "b.iso").expect("a file");
    world.push(&session, "b.iso").expect("the same file");
    let files = world.ask(&ListSessionFiles { session }).expect("a list");
    assert_eq!(files.iter().filter(|file| file.name == "b.iso").count(), 1);
}

#[test]
fn d19_the_announced_size_counts() {
    let (mut world, _, session) = with_session();
    let add = AddFile { size: Some(4), ..world.new_file(&session, "b.iso", NewSource::Push) };
    world.run(&add).expect("a file");
    world.receive(&session, "b.iso");
    assert!(matches!(world.file(&session, "b.iso").status, Status::Error(_)));
}

#[test]
fn d20_the_announced_checksum_counts() {
    let (mut world, _, session) = with_session();
    let sha1 = contentlibd::domain::checksum::Algorithm::Sha1;
    let add = AddFile {
        checksum: Some(checksum(sha1, "else")),
        ..world.new_file(&session, "b.iso", NewSource::Push)
    };
    world.run(&add).expect("a file");
    world.receive(&session, "b.iso");
    assert!(matches!(world.file(&session, "b.iso").status, Status::Error(_)));
}

#[test]
fn d21_the_state_of_a_transfer_can_be_seen() {
    let (mut world, _, session) = with_session();
    world.push(&session, "b.iso").expect("a file");
    let mut seen = vec![world.file(&session, "b.iso")];
    let grant = world.start(&session, "b.iso").expect("a transfer");
    let report = ReportBytes { session: session.clone(), attempt: grant.attempt, received: 3, durable: 0 };
    world.serve(&report).expect("it counts");
    seen.push(world.file(&session, "b.iso"));
    world.end(&session, grant.attempt, received("b.iso")).expect("it comes");
    seen.push(world.file(&session, "b.iso"));
    let states: Vec<_> = seen.into_iter().map(|file| (file.status, file.received, file.size)).collect();
    let expected = [(Status::Waiting, 0, None), (Status::Transferring, 3, None), (Status::Ready, 5, Some(5))];
    assert_eq!(states, expected);
}

#[test]
fn d22_an_unknown_file_is_an_error() {
    let (world, _, session) = with_session();
    let get = contentlibd::domain::session_file::GetSessionFile { session, name: "x".to_owned() };
    check_refused(world.ask(&get), Kind::InvalidArgument, &["\"x\""]);
}

#[test]
fn d23_remove_takes_the_file_and_nothing_else() {
    let (mut world, item, session) = with_session();
    world.run(&RemoveFile { session: session.clone(), name: "a.iso".to_owned() }).expect("it is removed");
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Active, 1));
    world.complete(&session).expect("it completes");
    assert!(world.files(&item).is_empty());
}

#[test]
fn d24_validate_says_what_is_wrong() {
    let (mut world, _, session) = with_session();
    let add = AddFile { size: Some(4), ..world.new_file(&session, "b.iso", NewSource::Push) };
    world.run(&add).expect("a file");
    world.receive(&session, "b.iso");
    let validation = world.ask(&ValidateSession { session }).expect("an answer");
    assert!(validation.has_errors() && validation.invalid[0].0 == "b.iso");
}

#[test]
fn d25_untouched_files_are_listed() {
    let (world, _, session) = with_session();
    let files = world.ask(&ListSessionFiles { session }).expect("a list");
    assert_eq!(
        files.iter().map(|file| (file.name.as_str(), &file.source)).collect::<Vec<_>>(),
        [("a.iso", &None)]
    );
}

#[test]
fn d26_manifests_come_first_and_do_not_stay() {
    let mut world = World::new();
    let item = world.item("vm", "ovf");
    let session = world.open(&item);
    world.send(&session, "d.mf");
    world.inspect(&session, "d.mf", Ok(Default::default())).expect("it is read");
    world.send(&session, "d.ovf");
    world.inspect(&session, "d.ovf", Ok(Default::default())).expect("it is read");
    check_refused(world.push(&session, "d.cert"), Kind::NotAllowedInCurrentState, &["before"]);
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("d.ovf", 1)]);
}

#[test]
fn d27_nothing_is_seen_before_complete() {
    let (mut world, item, session) = with_session();
    let before = world.seen(&item).files.clone();
    world.send(&session, "a.iso");
    world.send(&session, "b.iso");
    world.pull(&session, "c.iso").expect("a file");
    world.receive(&session, "c.iso");
    assert_eq!(world.seen(&item).files, before);
}

#[test]
fn d28_a_replacement_replaces() {
    let (mut world, item, session) = with_session();
    world.send(&session, "a.iso");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("a.iso", 2)]);
}

#[test]
fn d29_a_pull_that_fails_is_no_file() {
    let (mut world, item, session) = with_session();
    world.pull(&session, "b.iso").expect("a file");
    world.complete(&session).expect("it waits");
    let grant = world.start(&session, "b.iso").expect("a transfer");
    let failed = TransferOutcome::Failed { reason: "404".to_owned() };
    world.end(&session, grant.attempt, failed).expect("it ends");
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Error, 1));
}

#[test]
fn d31_the_address_is_enough_to_send() {
    let (mut world, _, session) = with_session();
    let seen = world.push(&session, "b.iso").expect("a file");
    let Some(Source::Push(secret)) = seen.source else { panic!("it is sent") };
    let start = StartTransfer { session, file: FileRef::Secret(secret), blob: "x".into(), offset: 0 };
    assert_eq!(world.serve(&start).expect("a transfer").name, "b.iso");
}

#[test]
fn d32_only_announced_files_of_active_sessions_are_sent_and_a_broken_one_is_none() {
    let (mut world, item, session) = with_session();
    check_refused(world.start(&session, "b.iso"), Kind::NotFound, &[]);
    world.push(&session, "b.iso").expect("a file");
    let grant = world.start(&session, "b.iso").expect("a transfer");
    world.end(&session, grant.attempt, TransferOutcome::Interrupted { durable: 2 }).expect("it breaks");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["b.iso"]);
    let continued = world.start_at(&session, "b.iso", 2).expect("it goes on");
    let whole = TransferOutcome::Received { size: 5, digests: digests("b.iso") };
    world.end(&session, continued.attempt, whole).expect("it comes");
    world.complete(&session).expect("it completes");
    check_refused(world.start(&session, "b.iso"), Kind::NotAllowedInCurrentState, &["DONE"]);
    assert_eq!(world.files(&item).len(), 2);
}

#[test]
fn d38_refusals_have_words() {
    let (mut world, _, session) = with_session();
    world.complete(&session).expect("it completes");
    let refusal = world.complete(&session).expect_err("it is done");
    assert!(
        !refusal.message.id.is_empty()
            && !refusal.message.args.is_empty()
            && !refusal.message.text.is_empty()
    );
}

#[test]
fn d39_kinds_of_libraries_are_kept_apart_and_their_versions_count() {
    let mut world = World::new();
    let id = world.library.clone();
    let get = GetLibrary { id: id.clone(), via: Via::SubscribedLibrary };
    check_refused(world.ask(&get), Kind::InvalidElementType, &[]);
    let mut update = UpdateLibrary::new(id.clone(), Via::LocalLibrary);
    update.name = Some("b".to_owned());
    update.version = Some(Version(1));
    world.pass_ms(1);
    world.run(&update).expect("it changes");
    check_refused(world.run(&update), Kind::ConcurrentChange, &[]);
    let library = world.ask(&GetLibrary { id: id.clone(), via: Via::LocalLibrary }).expect("it");
    assert_eq!((library.version, library.modified), (Version(2), world.now));
    let usage = AddUsage { id: "u".into(), library: id.clone(), resource: "urn:x".to_owned() };
    world.run(&usage).expect("a usage");
    let delete = DeleteLibrary { id, via: Via::LocalLibrary, force: false };
    check_refused(world.run(&delete), Kind::NotAllowedInCurrentState, &["urn:x"]);
}

#[test]
fn d41_names_are_checked_and_versions_move() {
    let (mut world, item, session) = with_session();
    for name in [String::new(), "a".repeat(81)] {
        let create = world.new_item(&name, "");
        check_refused(world.run(&create), Kind::InvalidArgument, &["name"]);
    }
    let before = world.seen(&item).clone();
    world.send(&session, "b.iso");
    world.complete(&session).expect("it completes");
    let name = Some("b".to_owned());
    let rename = UpdateItem { id: item.clone(), version: None, name, description: None, type_name: None };
    world.run(&rename).expect("it is renamed");
    let after = world.seen(&item);
    assert!(after.content_version > before.content_version && after.version > before.version);
    assert!(after.content_version.to_string() > before.content_version.to_string(), "as texts, too");
}

#[test]
fn d42_a_copy_has_the_name_that_was_asked_for() {
    let (mut world, item, _) = with_session();
    let mut copy = CopyItem {
        id: "copy".into(),
        session: "filling".into(),
        token: None,
        source: item,
        library: None,
        name: Some("A".to_owned()),
        description: None,
        type_name: None,
    };
    check_refused(world.run(&copy), Kind::AlreadyExists, &["\"A\""]);
    copy.name = Some("b".to_owned());
    let id = world.run(&copy).expect("a copy");
    assert_eq!(world.seen(&id).name, "b");
}

#[test]
fn d43_a_cancelled_download_can_be_read_and_unknown_files_are_errors() {
    let (mut world, item, _) = with_session();
    let id = world.open_download(&item);
    let prepare = PrepareFile {
        session: id.clone(),
        name: "x".to_owned(),
        endpoint: Default::default(),
        secret: "s".into(),
    };
    check_refused(world.run(&prepare), Kind::InvalidArgument, &["\"x\""]);
    let get = GetDownloadFile { session: id.clone(), name: "x".to_owned() };
    check_refused(world.ask(&get), Kind::InvalidArgument, &["\"x\""]);
    world.run(&CancelDownloadSession { id: id.clone() }).expect("it ends");
    assert_eq!(world.ask(&GetDownloadSession { id }).expect("it").state, SessionState::Canceled);
}

#[test]
fn d45_sessions_end_with_their_item() {
    let (mut world, item, session) = with_session();
    world.push(&session, "b.iso").expect("a file");
    world.run(&DeleteItem { id: item }).expect("it goes");
    assert_eq!(world.state_of(&session), SessionState::Error);
    check_refused(world.start(&session, "b.iso"), Kind::NotAllowedInCurrentState, &["deleted"]);
}

#[test]
fn d46_force_deletes() {
    let mut world = World::new();
    let id = world.library.clone();
    let usage = AddUsage { id: "u".into(), library: id.clone(), resource: "urn:x".to_owned() };
    world.run(&usage).expect("a usage");
    world.run(&DeleteLibrary { id: id.clone(), via: Via::Library, force: true }).expect("it goes");
    check_refused(world.ask(&GetLibrary { id, via: Via::Library }), Kind::NotFound, &[]);
}
