//! How bytes come: who may send them, what counts, and what is made of broken transfers.

use contentlibd::domain::checksum::Algorithm;
use contentlibd::domain::ids::{BlobId, Secret, UpdateSessionId};
use contentlibd::domain::session_file::{AddFile, NewSource, Status};
use contentlibd::domain::transfer::{
    EndTransfer, FileRef, LocateInspection, LocateUpload, ReportBytes, StartTransfer, TransferOutcome,
};
use contentlibd::domain::update::{CancelUpdateSession, UpdateSession};
use contentlibd::domain::{Caller, Kind, Refusal};

use crate::world::{IDLE_MS, World, check_refused, checksum, digests, received};

/// A world with a session and a file that waits for its bytes.
fn waiting() -> (World, UpdateSessionId) {
    let mut world = World::new();
    let item = world.item("a", "");
    let session = world.open(&item);
    world.push(&session, "a.iso").expect("a file");
    (world, session)
}

fn report(
    world: &mut World,
    session: &UpdateSessionId,
    attempt: u64,
    received: u64,
    durable: u64,
) -> Result<(), Refusal> {
    world.serve(&ReportBytes { session: session.clone(), attempt, received, durable })
}

#[test]
fn the_secret_of_an_address_is_all_that_a_sender_needs() {
    let (mut world, session) = waiting();
    let command = world.new_file(&session, "b.iso", NewSource::Push);
    world.run(&command).expect("a file");
    let start = |secret: &Secret| StartTransfer {
        session: session.clone(),
        file: FileRef::Secret(secret.clone()),
        blob: BlobId::from("blob-x"),
        offset: 0,
    };
    check_refused(world.serve(&start(&Secret::from("guess"))), Kind::NotFound, &["address"]);
    let grant = world.serve(&start(&command.secret)).expect("a transfer");
    assert_eq!((grant.name.as_str(), grant.blob), ("b.iso", Some(BlobId::from("blob-x"))));

    world.push(&session, "b.iso").expect("the file starts anew");
    check_refused(world.serve(&start(&command.secret)), Kind::NotFound, &["address"]);
}

#[test]
fn an_ended_session_takes_no_bytes() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    world.run(&CancelUpdateSession { id: session.clone() }).expect("it ends");
    check_refused(world.start(&session, "a.iso"), Kind::NotAllowedInCurrentState, &["CANCELED"]);
    check_refused(report(&mut world, &session, grant.attempt, 1, 1), Kind::NotAllowedInCurrentState, &[]);
    let late = world.end(&session, grant.attempt, received("a.iso"));
    check_refused(late, Kind::NotAllowedInCurrentState, &["CANCELED"]);
    assert_eq!(world.freed().len(), 1);
}

#[test]
fn progress_can_be_seen_and_keeps_the_session() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    assert_eq!(world.file(&session, "a.iso").status, Status::Transferring);
    for received in [1, 2, 3] {
        world.pass_ms(IDLE_MS - 1);
        report(&mut world, &session, grant.attempt, received, received - 1).expect("it counts");
        let file = world.file(&session, "a.iso");
        assert_eq!((file.received, file.size, file.status), (received, None, Status::Transferring));
        assert_eq!(world.session(&session).session.expires, world.now.plus_ms(IDLE_MS));
    }
    report(&mut world, &session, grant.attempt, 2, 1).expect("late news do no harm");
    assert_eq!(world.file(&session, "a.iso").received, 3);
    report(&mut world, &session, grant.attempt, 3, 9).expect("it counts");
    world.end(&session, grant.attempt, TransferOutcome::Interrupted { durable: 0 }).expect("it breaks");
    assert_eq!(world.file(&session, "a.iso").received, 3, "no more can stay than came");
}

#[test]
fn size_and_checksum_must_be_those_that_were_announced() {
    let algorithms = Algorithm::ALL;
    for algorithm in algorithms {
        let mut world = World::new();
        let item = world.item("a", "");
        let session = world.open(&item);
        let mut announced = checksum(algorithm, "right");
        announced.text = announced.text.to_uppercase();
        let command = AddFile {
            size: Some(5),
            checksum: Some(announced),
            ..world.new_file(&session, "right", NewSource::Push)
        };
        world.run(&command).expect("a file");
        let grant = world.start(&session, "right").expect("a transfer");
        assert_eq!(grant.size, Some(5));
        assert!(grant.algorithms.contains(&algorithm));

        let outcomes = [
            ("checksum", TransferOutcome::Received { size: 5, digests: digests("wrong") }),
            ("bytes", TransferOutcome::Received { size: 4, digests: digests("right") }),
        ];
        for (words, outcome) in outcomes {
            let grant = world.start(&session, "right").expect("a transfer");
            let file = world.end(&session, grant.attempt, outcome).expect("it counts").expect("the file");
            let Status::Error(error) = &file.status else { panic!("{words}: {file:?}") };
            let names_it = if words == "checksum" { algorithm.name() } else { "4 arrived" };
            assert!(error.text.contains(names_it), "{error}");
            assert!(file.blob.is_none(), "the bytes are given up");
        }
        world.receive(&session, "right");
        assert_eq!(world.file(&session, "right").status, Status::Ready, "capitals make no difference");
    }
}

#[test]
fn a_hash_that_was_not_computed_is_not_taken_for_right() {
    let (mut world, session) = waiting();
    let command = AddFile {
        checksum: Some(checksum(Algorithm::Md5, "a.iso")),
        ..world.new_file(&session, "a.iso", NewSource::Push)
    };
    world.run(&command).expect("a file");
    let grant = world.start(&session, "a.iso").expect("a transfer");
    let mut digests = digests("a.iso");
    digests.remove(&Algorithm::Md5);
    let outcome = TransferOutcome::Received { size: 5, digests };
    world.end(&session, grant.attempt, outcome).expect("it counts");
    assert!(matches!(world.file(&session, "a.iso").status, Status::Error(_)));
}

#[test]
fn a_broken_transfer_is_continued_where_its_bytes_are_durable() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    report(&mut world, &session, grant.attempt, 4, 2).expect("it counts");
    let broken = TransferOutcome::Interrupted { durable: 3 };
    world.end(&session, grant.attempt, broken).expect("it breaks");
    let file = world.file(&session, "a.iso");
    assert_eq!((file.status, file.received, file.size), (Status::Waiting, 3, None));
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["a.iso"]);

    check_refused(world.start_at(&session, "a.iso", 4), Kind::InvalidArgument, &["has 3 bytes"]);
    let again = world.start_at(&session, "a.iso", 2).expect("it goes on");
    assert_eq!((again.offset, again.blob.clone()), (2, grant.blob));
    assert_eq!(world.freed().len(), 0);
    world.end(&session, again.attempt, received("a.iso")).expect("it comes");
    assert_eq!(world.file(&session, "a.iso").status, Status::Ready);
}

#[test]
fn a_broken_transfer_is_begun_again() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    world.end(&session, grant.attempt, TransferOutcome::Interrupted { durable: 3 }).expect("it breaks");
    let again = world.start(&session, "a.iso").expect("a transfer");
    assert_eq!((again.offset, world.freed()), (0, vec![grant.blob.expect("bytes").as_str()]));
    assert_eq!(world.file(&session, "a.iso").received, 0);
}

#[test]
fn what_is_ready_can_be_sent_again_and_not_continued() {
    let (mut world, session) = waiting();
    world.receive(&session, "a.iso");
    check_refused(world.start_at(&session, "a.iso", 1), Kind::InvalidArgument, &["has 0 bytes"]);
    assert!(world.file(&session, "a.iso").checksum.is_some());
    world.start(&session, "a.iso").expect("a transfer");
    assert!(world.file(&session, "a.iso").checksum.is_none(), "it was of the bytes before");
    world.receive(&session, "a.iso");
    assert_eq!((world.file(&session, "a.iso").status, world.freed().len()), (Status::Ready, 2));
}

#[test]
fn of_two_senders_the_later_counts() {
    let (mut world, session) = waiting();
    let first = world.start(&session, "a.iso").expect("a transfer");
    let second = world.start(&session, "a.iso").expect("a transfer");
    assert_eq!(second.supersedes, Some(first.attempt));
    check_refused(report(&mut world, &session, first.attempt, 1, 1), Kind::ConcurrentChange, &["another"]);
    let late = world.end(&session, first.attempt, received("a.iso"));
    check_refused(late, Kind::ConcurrentChange, &["another"]);
    world.end(&session, second.attempt, received("a.iso")).expect("it comes");
    let again = world.end(&session, second.attempt, received("a.iso"));
    check_refused(again, Kind::ConcurrentChange, &[]);
}

#[test]
fn a_transfer_of_a_file_that_was_removed_is_void_also_when_the_name_comes_again() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    let remove =
        contentlibd::domain::session_file::RemoveFile { session: session.clone(), name: "a.iso".to_owned() };
    world.run(&remove).expect("it is removed");
    check_refused(report(&mut world, &session, grant.attempt, 1, 1), Kind::ConcurrentChange, &[]);
    world.push(&session, "a.iso").expect("a file");
    let new = world.start(&session, "a.iso").expect("a transfer");
    assert!(new.attempt > grant.attempt && new.supersedes.is_none());
    let late = world.end(&session, grant.attempt, received("a.iso"));
    check_refused(late, Kind::ConcurrentChange, &[]);
}

#[test]
fn transfers_of_nothing_are_void() {
    let (mut world, session) = waiting();
    let end = |attempt| EndTransfer { session: session.clone(), attempt, outcome: received("a.iso") };
    check_refused(world.serve(&end(0)), Kind::ConcurrentChange, &[]);
    check_refused(world.serve(&end(7)), Kind::ConcurrentChange, &[]);
    check_refused(world.start(&session, "b.iso"), Kind::NotFound, &[]);
    check_refused(world.start(&"nobody".into(), "b.iso"), Kind::NotFound, &[]);
}

#[test]
fn an_address_can_be_asked_about() {
    let (mut world, session) = waiting();
    let grant = world.start(&session, "a.iso").expect("a transfer");
    world.end(&session, grant.attempt, TransferOutcome::Interrupted { durable: 3 }).expect("it breaks");
    let file = FileRef::Name("a.iso".to_owned());
    let locate = LocateUpload { session: session.clone(), file };
    assert_eq!(world.ask_by(Caller::Server, &locate).expect("a file").durable, 3);
    let inspect = LocateInspection { session: session.clone(), file: "a.iso".to_owned() };
    check_refused(world.ask_by(Caller::Server, &inspect), Kind::ConcurrentChange, &[]);
}

#[test]
fn what_is_sent_now_is_not_fetched_any_more() {
    let mut world = World::new();
    let item = world.item("a", "");
    let session = world.open(&item);
    let fetch = |name: &str| StartTransfer {
        session: session.clone(),
        file: FileRef::Own(name.to_owned()),
        blob: BlobId::from("blob-x"),
        offset: 0,
    };
    world.pull(&session, "a.iso").expect("a file");
    world.push(&session, "a.iso").expect("the same, from the client");
    check_refused(world.serve(&fetch("a.iso")), Kind::NotFound, &[]);
    world.pull(&session, "b.iso").expect("a file");
    world.receive(&session, "b.iso");
    check_refused(world.serve(&fetch("b.iso")), Kind::NotFound, &[]);
}

#[test]
fn bytes_come_however_the_session_names_its_file() {
    let mut world = World::new();
    let item = world.item("a", "");
    let session = world.open(&item);
    world.pull(&session, "a.iso").expect("a file");
    let by_secret = StartTransfer {
        session: session.clone(),
        file: FileRef::Secret(Secret::from("")),
        blob: BlobId::from("blob-x"),
        offset: 0,
    };
    check_refused(world.serve(&by_secret), Kind::NotFound, &[]);
    world.receive(&session, "a.iso");
    assert_eq!(world.get::<UpdateSession>(&session).expect("it").files[0].status, Status::Ready);
}
