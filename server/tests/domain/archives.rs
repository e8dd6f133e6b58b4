//! Archives of OVF items: taken apart while they come, and what they hold stands for them.

use contentlibd::domain::checksum::Algorithm;
use contentlibd::domain::content::Preview;
use contentlibd::domain::ids::{BlobId, ItemId, Secret, UpdateSessionId};
use contentlibd::domain::session_file::{AddFile, NewSource, RemoveFile, Status};
use contentlibd::domain::transfer::{EndTransfer, Grant, StartMember, TransferOutcome};
use contentlibd::domain::update::SessionState;
use contentlibd::domain::{Kind, Limits, Refusal};

use crate::descriptors::{bring, listed, manifest, speaks_of, with_session};
use crate::world::{World, check_refused, digests, received};

/// An archive of which the transfer has begun.
fn archive() -> (World, ItemId, UpdateSessionId, Grant) {
    let (mut world, item, session) = with_session();
    world.push(&session, "vm.ova").expect("a file");
    let grant = world.start(&session, "vm.ova").expect("a transfer");
    assert_eq!(grant.blob, None, "an archive is not stored");
    (world, item, session, grant)
}

pub(crate) fn start_member(
    world: &mut World,
    session: &UpdateSessionId,
    archive: u64,
    name: &str,
) -> Result<Grant, Refusal> {
    let command = StartMember {
        session: session.clone(),
        archive,
        name: name.to_owned(),
        secret: Secret::from(world.draw("secret")),
        blob: BlobId::from(world.draw("blob")),
    };
    world.serve(&command)
}

fn unpack(world: &mut World, session: &UpdateSessionId, archive: u64, name: &str) {
    let grant = start_member(world, session, archive, name).expect("a member");
    world.end(session, grant.attempt, received(name)).expect("it comes");
}

#[test]
fn an_archive_is_what_it_holds() {
    let (mut world, item, session, grant) = archive();
    unpack(&mut world, &session, grant.attempt, "d.ovf");
    world.inspect(&session, "d.ovf", Ok(speaks_of(&["one.vmdk"]))).expect("it is read");
    unpack(&mut world, &session, grant.attempt, "d.mf");
    world
        .inspect(&session, "d.mf", Ok(manifest(Algorithm::Sha256, &[("one.vmdk", "one.vmdk")])))
        .expect("read");
    assert!(matches!(world.session(&session).preview, Some(Preview::Preparing)));
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["vm.ova"]);
    unpack(&mut world, &session, grant.attempt, "one.vmdk");
    assert_eq!(world.end(&session, grant.attempt, received("vm.ova")), Ok(None));
    assert_eq!(listed(&world, &session), ["d.ovf", "one.vmdk", "d.mf"]);
    assert!(matches!(world.session(&session).preview, Some(Preview::Available { .. })));
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("d.ovf", 1), ("one.vmdk", 1)]);
}

#[test]
fn what_an_archive_held_is_waited_for_while_it_is_read() {
    let (mut world, item, session, grant) = archive();
    unpack(&mut world, &session, grant.attempt, "d.ovf");
    world.end(&session, grant.attempt, received("vm.ova")).expect("it ends");
    assert_eq!(world.complete(&session), Ok(SessionState::Active));
    world.inspect(&session, "d.ovf", Ok(speaks_of(&[]))).expect("it is read");
    assert_eq!((world.state_of(&session), world.files(&item)), (SessionState::Done, vec![("d.ovf", 1)]));
}

#[test]
fn what_an_archive_holds_is_not_removed_any_more() {
    let (mut world, item, session) = with_session();
    bring(&mut world, &session, "d.ovf", speaks_of(&[]));
    world.complete(&session).expect("it completes");
    let session = world.open(&item);
    let remove = RemoveFile { session: session.clone(), name: "d.ovf".to_owned() };
    world.run(&remove).expect("it is removed");
    world.push(&session, "vm.ova").expect("a file");
    let grant = world.start(&session, "vm.ova").expect("a transfer");
    unpack(&mut world, &session, grant.attempt, "d.ovf");
    world.inspect(&session, "d.ovf", Ok(speaks_of(&[]))).expect("it is read");
    world.end(&session, grant.attempt, received("vm.ova")).expect("it ends");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("d.ovf", 2)]);
}

#[test]
fn what_a_broken_archive_held_goes_with_it() {
    let ends = [
        TransferOutcome::Interrupted { durable: 9 },
        TransferOutcome::Failed { reason: "no archive".to_owned() },
        TransferOutcome::Received { size: 1, digests: digests("vm.ova") },
    ];
    for outcome in ends {
        let (mut world, _, session) = with_session();
        let command = AddFile { size: Some(6), ..world.new_file(&session, "vm.ova", NewSource::Push) };
        world.run(&command).expect("a file");
        let grant = world.start(&session, "vm.ova").expect("a transfer");
        unpack(&mut world, &session, grant.attempt, "d.ovf");
        start_member(&mut world, &session, grant.attempt, "one.vmdk").expect("a member");
        world.end(&session, grant.attempt, outcome).expect("it ends");
        assert_eq!((listed(&world, &session), world.freed().len()), (vec!["vm.ova".to_owned()], 2));
        check_refused(world.start_at(&session, "vm.ova", 1), Kind::InvalidArgument, &["0 bytes"]);
        let again = world.start(&session, "vm.ova").expect("it is sent again");
        unpack(&mut world, &session, again.attempt, "d.ovf");
        let whole =
            EndTransfer { session: session.clone(), attempt: again.attempt, outcome: received("vm.ova") };
        world.serve(&whole).expect("it comes");
        assert_eq!(listed(&world, &session), ["d.ovf"]);
    }
}

#[test]
fn an_archive_that_is_sent_anew_begins_with_nothing() {
    let (mut world, _, session, grant) = archive();
    unpack(&mut world, &session, grant.attempt, "d.ovf");
    let again = world.start(&session, "vm.ova").expect("a transfer");
    assert_eq!(
        (again.supersedes, listed(&world, &session)),
        (Some(grant.attempt), vec!["vm.ova".to_owned()])
    );
}

#[test]
fn a_file_that_an_archive_breaks_off_is_invalid() {
    let (mut world, _, session, grant) = archive();
    start_member(&mut world, &session, grant.attempt, "one.vmdk").expect("a member");
    world.end(&session, grant.attempt, received("vm.ova")).expect("it ends");
    assert!(
        matches!(world.file(&session, "one.vmdk").status, Status::Error(words) if words.text.contains("vm.ova"))
    );
}

#[test]
fn what_an_archive_cannot_hold() {
    let (mut world, _, session, grant) = archive();
    for name in ["../x", "", "vm.ova", "inner.ova"] {
        check_refused(
            start_member(&mut world, &session, grant.attempt, name),
            Kind::InvalidArgument,
            &["name"],
        );
    }
    check_refused(start_member(&mut world, &session, 99, "x"), Kind::ConcurrentChange, &[]);
    world.push(&session, "d.vmdk").expect("a file");
    let disk = world.start(&session, "d.vmdk").expect("a transfer");
    check_refused(start_member(&mut world, &session, disk.attempt, "x"), Kind::InvalidArgument, &["archive"]);
    world.limits = Limits { session_files_max: 2, ..world.limits };
    check_refused(
        start_member(&mut world, &session, grant.attempt, "x"),
        Kind::UnableToAllocateResource,
        &["2"],
    );
}

#[test]
fn removing_an_archive_removes_what_it_held() {
    let (mut world, _, session, grant) = archive();
    unpack(&mut world, &session, grant.attempt, "d.ovf");
    let remove = RemoveFile { session: session.clone(), name: "vm.ova".to_owned() };
    world.run(&remove).expect("it is removed");
    assert_eq!((listed(&world, &session).len(), world.freed().len()), (0, 1));
    check_refused(start_member(&mut world, &session, grant.attempt, "x"), Kind::ConcurrentChange, &[]);
}
