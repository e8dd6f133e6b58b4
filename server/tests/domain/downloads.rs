//! Download sessions: each transition, each violation, and what becomes of the bytes that they offer.

use contentlibd::domain::download::{
    CancelDownloadSession, CreateDownloadSession, DeleteDownloadSession, DownloadSession, EndpointKind,
    ExpireDownloadSession, FailDownloadSession, GetDownloadFile, GetDownloadSession, KeepDownloadSession,
    LocateDownload, Preparation, PreparationReport, PrepareFile, ReportPreparation,
};
use contentlibd::domain::freed::{EraseBlobs, ForgetBlobs, FreedBlob};
use contentlibd::domain::ids::{BlobId, DownloadSessionId, ItemId, Secret};
use contentlibd::domain::item::DeleteItem;
use contentlibd::domain::library::SetMaintenance;
use contentlibd::domain::update::SessionState;
use contentlibd::domain::{Caller, Effect, Kind, Limits, Refusal};

use crate::world::{IDLE_MS, World, check_refused, token, user};

fn with_session() -> (World, ItemId, DownloadSessionId) {
    let mut world = World::new();
    let item = world.item_with("a", &["a.iso", "b.iso"]);
    let session = world.open_download(&item);
    (world, item, session)
}

fn prepare(session: &DownloadSessionId, name: &str) -> PrepareFile {
    PrepareFile {
        session: session.clone(),
        name: name.to_owned(),
        endpoint: EndpointKind::Https,
        secret: Secret::from("secret"),
    }
}

fn report(world: &mut World, session: &DownloadSessionId, report: PreparationReport) -> Result<(), Refusal> {
    world.serve(&ReportPreparation { session: session.clone(), name: "a.iso".to_owned(), report })
}

fn get_file(world: &World, session: &DownloadSessionId) -> Result<Preparation, Refusal> {
    let question = GetDownloadFile { session: session.clone(), name: "a.iso".to_owned() };
    world.ask(&question).map(|file| file.status)
}

fn get(world: &World, id: &DownloadSessionId) -> Result<DownloadSession, Refusal> {
    world.ask(&GetDownloadSession { id: id.clone() })
}

fn locate(session: &DownloadSessionId) -> LocateDownload {
    LocateDownload { session: session.clone(), secret: Secret::from("secret") }
}

#[test]
fn a_new_session_offers_all_files_unprepared() {
    let (world, item, id) = with_session();
    let session = get(&world, &id).expect("a session");
    assert_eq!((session.state, session.progress, &session.item), (SessionState::Active, 0, &item));
    assert_eq!(session.content_version, world.seen(&item).content_version);
    assert_eq!(session.expires, world.now.plus_ms(IDLE_MS));
    let files: Vec<_> = session.files.iter().map(|file| (file.name.as_str(), &file.status)).collect();
    assert_eq!(files, [("a.iso", &Preparation::Unprepared), ("b.iso", &Preparation::Unprepared)]);
}

#[test]
fn a_file_is_prepared_step_by_step() {
    let (mut world, _, id) = with_session();
    check_refused(report(&mut world, &id, PreparationReport::Prepared), Kind::ConcurrentChange, &[]);
    world.effects.clear();
    let file = world.run(&prepare(&id, "a.iso")).expect("it is asked for");
    assert_eq!(file.status, Preparation::Requested);
    assert_eq!(world.effects, [Effect::Prepare { session: id.clone(), file: "a.iso".to_owned() }]);
    check_refused(world.ask_by(Caller::Server, &locate(&id)), Kind::NotFound, &["address"]);
    report(&mut world, &id, PreparationReport::Preparing).expect("it takes a while");
    assert_eq!(get_file(&world, &id), Ok(Preparation::Preparing));
    report(&mut world, &id, PreparationReport::Prepared).expect("it is ready");
    assert_eq!(get_file(&world, &id), Ok(Preparation::Prepared));
    assert_eq!(world.ask_by(Caller::Server, &locate(&id)).expect("a file").name, "a.iso");

    let other = PrepareFile { secret: Secret::from("other"), ..prepare(&id, "a.iso") };
    world.run(&other).expect("once more does no harm");
    world.ask_by(Caller::Server, &locate(&id)).expect("the address stays");
}

#[test]
fn a_file_that_cannot_be_prepared_is_an_error_and_can_be_asked_for_again() {
    let (mut world, _, id) = with_session();
    world.run(&prepare(&id, "a.iso")).expect("it is asked for");
    report(&mut world, &id, PreparationReport::Failed("the disk is gone".to_owned())).expect("it is told");
    check_refused(get_file(&world, &id), Kind::ResourceInaccessible, &["a.iso", "the disk is gone"]);
    let session = get(&world, &id).expect("the session goes on");
    assert!(matches!(&session.files[0].status, Preparation::Error(words) if words.text.contains("gone")));
    world.run(&prepare(&id, "a.iso")).expect("it is asked for again");
    assert_eq!(get_file(&world, &id), Ok(Preparation::Requested));
}

#[test]
fn what_is_refused() {
    let (mut world, _, id) = with_session();
    check_refused(world.run(&prepare(&id, "x")), Kind::InvalidArgument, &["\"x\""]);
    let unknown = GetDownloadFile { session: id.clone(), name: "x".to_owned() };
    check_refused(world.ask(&unknown), Kind::InvalidArgument, &["\"x\""]);
    let direct = PrepareFile { endpoint: EndpointKind::Direct, ..prepare(&id, "a.iso") };
    check_refused(world.run(&direct), Kind::Unauthorized, &["ReadStorage"]);
    assert_eq!(world.run_by(user("root"), &direct).expect("root may").endpoint, EndpointKind::Direct);
    let create = CreateDownloadSession { id: "x".into(), token: None, item: "nobody".into() };
    check_refused(world.run(&create), Kind::NotFound, &["nobody"]);
    check_refused(get(&world, &"nobody".into()), Kind::NotFound, &["nobody"]);
    check_refused(world.ask_by(user("bob"), &GetDownloadSession { id }), Kind::NotFound, &["not yours"]);
}

#[test]
fn content_in_maintenance_is_not_read() {
    let (mut world, item, _) = with_session();
    world.run(&SetMaintenance { id: world.library.clone(), on: true }).expect("maintenance");
    let create = CreateDownloadSession { id: "x".into(), token: None, item };
    check_refused(world.run(&create), Kind::NotAllowedInCurrentState, &["maintenance"]);
}

#[test]
fn an_ended_session_is_only_read_and_deleted() {
    type End = fn(&mut World, &DownloadSessionId) -> Result<(), Refusal>;
    let ends: [(SessionState, End); 2] = [
        (SessionState::Canceled, |w, id| w.run(&CancelDownloadSession { id: id.clone() })),
        (SessionState::Error, |w, id| {
            w.run(&FailDownloadSession { id: id.clone(), message: Some("no room".to_owned()) })
        }),
    ];
    for (state, end) in ends {
        let (mut world, item, id) = with_session();
        world.run(&prepare(&id, "a.iso")).expect("it is asked for");
        report(&mut world, &id, PreparationReport::Prepared).expect("it is ready");
        end(&mut world, &id).expect("it ends");
        assert_eq!(get(&world, &id).expect("it is read").state, state);
        let keep = KeepDownloadSession { id: id.clone(), progress: None };
        check_refused(world.run(&keep), Kind::NotAllowedInCurrentState, &["keep_alive", state.name()]);
        check_refused(end(&mut world, &id), Kind::NotAllowedInCurrentState, &[state.name()]);
        check_refused(world.run(&prepare(&id, "a.iso")), Kind::NotAllowedInCurrentState, &["prepare"]);
        let located = world.ask_by(Caller::Server, &locate(&id));
        check_refused(located, Kind::NotAllowedInCurrentState, &["download"]);
        assert!(world.seen(&item).downloads.is_empty());
        world.run(&DeleteDownloadSession { id: id.clone() }).expect("it goes");
        check_refused(get(&world, &id), Kind::NotFound, &[]);
    }
}

#[test]
fn the_clients_words_are_kept() {
    let (mut world, _, id) = with_session();
    let fail = FailDownloadSession { id: id.clone(), message: Some("no room".to_owned()) };
    world.run(&fail).expect("it fails");
    assert_eq!(
        get(&world, &id).expect("it is read").error.map(|words| words.text),
        Some("no room".to_owned())
    );
    check_refused(world.run(&fail), Kind::NotAllowedInCurrentState, &["no room"]);
}

#[test]
fn an_active_session_can_be_deleted() {
    let (mut world, item, id) = with_session();
    world.run(&DeleteDownloadSession { id: id.clone() }).expect("it goes");
    assert!(world.seen(&item).downloads.is_empty());
    check_refused(world.run(&DeleteDownloadSession { id }), Kind::NotFound, &[]);
}

#[test]
fn it_expires_unless_it_is_kept() {
    let (mut world, item, id) = with_session();
    for (progress, seen) in [(None, 0), (Some(40), 40), (Some(30), 40)] {
        world.pass_ms(IDLE_MS - 1);
        world.run(&KeepDownloadSession { id: id.clone(), progress }).expect("it is kept");
        assert_eq!(get(&world, &id).expect("it is read").progress, seen);
    }
    world.pass_ms(IDLE_MS);
    check_refused(get(&world, &id), Kind::NotFound, &["expired"]);
    world.serve(&ExpireDownloadSession { id: id.clone() }).expect("it goes");
    assert!(world.seen(&item).downloads.is_empty() && world.get::<DownloadSession>(&id).is_none());
}

#[test]
fn the_same_token_is_the_same_session() {
    let (mut world, item, _) = with_session();
    let create =
        |id: &str| CreateDownloadSession { id: id.into(), token: token("1", "a"), item: item.clone() };
    assert_eq!(world.run(&create("x")), Ok("x".into()));
    assert_eq!(world.run(&create("y")), Ok("x".into()));
    world.pass_ms(IDLE_MS);
    assert_eq!(world.run(&create("y")), Ok("y".into()));
    world.run(&DeleteDownloadSession { id: "y".into() }).expect("it goes");
    assert_eq!(world.run(&create("z")), Ok("z".into()));
}

#[test]
fn an_item_has_so_many_active_sessions_and_no_more() {
    let (mut world, item, first) = with_session();
    world.limits = Limits { item_downloads_max: 2, ..world.limits };
    world.open_download(&item);
    let create = CreateDownloadSession { id: "c".into(), token: None, item };
    check_refused(world.run(&create), Kind::UnableToAllocateResource, &["2 active", "Cancel"]);
    world.run(&CancelDownloadSession { id: first }).expect("it ends");
    assert_eq!(world.run(&create), Ok("c".into()));
}

#[test]
fn what_is_replaced_is_kept_for_those_who_download_it() {
    let (mut world, item, id) = with_session();
    let other = world.open_download(&item);
    let blob = world.seen(&item).files[0].blob.clone().unwrap();
    let update = world.open(&item);
    world.send(&update, "a.iso");
    world.complete(&update).expect("it completes");
    let freed = world.get::<FreedBlob>(&blob).expect("it waits");
    assert_eq!(freed.readers.len(), 2);
    assert!(!world.effects.contains(&Effect::Erase(blob.clone())));
    let forget = ForgetBlobs { blobs: vec![blob.clone()] };
    check_refused(world.serve(&forget), Kind::NotAllowedInCurrentState, &[blob.as_str()]);

    let erase = EraseBlobs { blobs: vec![blob.clone(), BlobId::from("nothing")] };
    let is_erased = |world: &mut World| {
        let effects = std::mem::take(&mut world.effects);
        effects.contains(&Effect::Erase(blob.clone()))
    };

    world.run(&CancelDownloadSession { id }).expect("it ends");
    world.serve(&erase).expect("it is read, and nothing happens");
    assert!(!is_erased(&mut world));
    world.run(&DeleteDownloadSession { id: other }).expect("it goes");
    assert!(is_erased(&mut world));
    world.serve(&erase).expect("it is asked for again");
    assert!(is_erased(&mut world));
    world.serve(&forget).expect("it is erased");
    world.serve(&forget).expect("twice does no harm");
    world.serve(&erase).expect("nor does that");
    assert!(!is_erased(&mut world));
    assert!(world.get::<FreedBlob>(&blob).is_none());
    world.serve(&ForgetBlobs { blobs: vec![BlobId::from("nothing")] }).expect("nor does nothing");
}

#[test]
fn a_later_session_offers_the_new_files_and_keeps_no_old_ones() {
    let (mut world, item, first) = with_session();
    let update = world.open(&item);
    world.send(&update, "a.iso");
    world.complete(&update).expect("it completes");
    let second = world.open_download(&item);
    let blobs = |id: &DownloadSessionId| get(&world, id).expect("it is read").files[0].blob.clone();
    assert_eq!(blobs(&second), world.seen(&item).files[0].blob);
    let freed = world.get::<FreedBlob>(&blobs(&first).unwrap()).expect("it waits");
    assert_eq!(freed.readers.iter().collect::<Vec<_>>(), [&first]);
}

#[test]
fn with_its_item_it_fails() {
    let (mut world, item, id) = with_session();
    world.run(&DeleteItem { id: item.clone() }).expect("it goes");
    let session = get(&world, &id).expect("it is read");
    assert_eq!(session.state, SessionState::Error);
    assert!(session.error.is_some_and(|words| words.text.contains(item.as_str())));
    assert_eq!(world.effects.iter().filter(|effect| matches!(effect, Effect::Erase(_))).count(), 2);
}
