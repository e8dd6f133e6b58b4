//! OVF items: descriptors bring files, manifests and certificates come before them, and what a client can see of it
//! before it completes.

use contentlibd::domain::checksum::{Algorithm, Checksum, Digests};
use contentlibd::domain::content::{
    Certificate, Findings, ManifestEntry, Preview, Reference, WarningChoice, WarningKind,
};
use contentlibd::domain::ids::{ItemId, Secret, UpdateSessionId};
use contentlibd::domain::session_file::{
    ListSessionFiles, NewSource, RemoveFile, Source, Status, ValidateSession,
};
use contentlibd::domain::transfer::{Inspected, Inspection, LocateInspection, TransferOutcome};
use contentlibd::domain::update::{ChangeUpdateSession, SessionState, UpdateSession};
use contentlibd::domain::{Caller, Effect, Kind, Limits};

use crate::world::{World, check_refused, digests, endpoint, received};

pub(crate) fn with_session() -> (World, ItemId, UpdateSessionId) {
    let mut world = World::new();
    let item = world.item("vm", "OVF");
    let session = world.open(&item);
    (world, item, session)
}

/// A descriptor that speaks of these files, each as large as its name is long.
pub(crate) fn speaks_of(names: &[&str]) -> Findings {
    let reference = |name: &&str| Reference {
        name: (*name).to_owned(),
        size: Some(name.len() as u64),
        secret: Secret::from(format!("secret of {name}")),
        uri: Some(format!("https://host/{name}")),
    };
    Findings { references: names.iter().map(reference).collect(), ..Findings::default() }
}

pub(crate) fn manifest(algorithm: Algorithm, entries: &[(&str, &str)]) -> Findings {
    let entry = |(name, like): &(&str, &str)| ManifestEntry {
        name: (*name).to_owned(),
        checksum: Checksum { algorithm, hex: digests(like)[&algorithm].clone() },
    };
    Findings { manifest: entries.iter().map(entry).collect(), ..Findings::default() }
}

fn certificate(warnings: &[WarningKind]) -> Findings {
    let certificate = Certificate {
        issuer: "CN=a".to_owned(),
        subject: "CN=a".to_owned(),
        is_self_signed: true,
        x509: "x".to_owned(),
        chain: vec!["x".to_owned()],
    };
    Findings { certificate: Some(certificate), warnings: warnings.to_vec(), ..Findings::default() }
}

/// A file is announced, sent and read.
pub(crate) fn bring(world: &mut World, session: &UpdateSessionId, name: &str, findings: Findings) {
    world.send(session, name);
    world.inspect(session, name, Ok(findings)).expect("it is read");
}

pub(crate) fn listed(world: &World, session: &UpdateSessionId) -> Vec<String> {
    let files = world.ask(&ListSessionFiles { session: session.clone() }).expect("a list");
    files.into_iter().map(|file| file.name).collect()
}

fn missing(world: &World, session: &UpdateSessionId) -> Vec<String> {
    let validation = world.ask(&ValidateSession { session: session.clone() }).expect("an answer");
    validation.missing.into_iter().collect()
}

#[test]
fn a_descriptor_is_read_before_it_is_ready() {
    let (mut world, _, session) = with_session();
    world.effects.clear();
    world.send(&session, "d.ovf");
    let inspect = Effect::Inspect { session: session.clone(), file: "d.ovf".to_owned() };
    assert_eq!(world.effects, [inspect]);
    assert_eq!(world.file(&session, "d.ovf").status, Status::Validating);
    let question = LocateInspection { session: session.clone(), file: "d.ovf".to_owned() };
    let (file, algorithms) = world.ask_by(Caller::Server, &question).expect("it waits");
    assert!(file.blob.is_some() && algorithms.is_empty());
    world.inspect(&session, "d.ovf", Ok(speaks_of(&[]))).expect("it is read");
    assert_eq!(world.file(&session, "d.ovf").status, Status::Ready);
}

#[test]
fn what_a_descriptor_speaks_of_is_listed_and_missing_at_once() {
    let (mut world, item, session) = with_session();
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk", "two.vmdk"]));
    assert_eq!(listed(&world, &session), ["d.ovf", "one.vmdk", "two.vmdk"]);
    assert_eq!(missing(&world, &session), ["one.vmdk", "two.vmdk"]);
    let file = world.file(&session, "one.vmdk");
    assert_eq!(file.source, Some(Source::Push(Secret::from("secret of one.vmdk"))));
    let refusal = world.complete(&session).expect_err("it is not whole");
    assert_eq!(refusal.message.args, ["one.vmdk, two.vmdk", ""]);

    world.receive(&session, "one.vmdk");
    world.send(&session, "two.vmdk");
    assert_eq!(world.complete(&session), Ok(SessionState::Done));
    assert_eq!(world.files(&item), [("d.ovf", 1), ("one.vmdk", 1), ("two.vmdk", 1)]);
}

#[test]
fn what_was_announced_before_its_descriptor_stays() {
    let (mut world, _, session) = with_session();
    let before = world.push(&session, "one.vmdk").expect("a file");
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
    assert_eq!(world.file(&session, "one.vmdk"), before);
    let validate = ValidateSession { session: session.clone() };
    check_refused(world.ask(&validate), Kind::NotAllowedInCurrentState, &["one.vmdk"]);
}

#[test]
fn a_fetched_descriptor_has_its_files_fetched() {
    let (mut world, item, session) = with_session();
    world.pull(&session, "d.ovf").expect("a file");
    assert_eq!(world.complete(&session), Ok(SessionState::Active));
    world.receive(&session, "d.ovf");
    world.effects.clear();
    world.inspect(&session, "d.ovf", Ok(speaks_of(&["one.vmdk"]))).expect("it is read");
    assert_eq!(world.effects, [Effect::Fetch { session: session.clone(), file: "one.vmdk".to_owned() }]);
    let source = world.file(&session, "one.vmdk").source;
    assert_eq!(source, Some(Source::Pull(endpoint("https://host/one.vmdk"))));
    world.receive(&session, "one.vmdk");
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Done, 2));
}

#[test]
fn a_descriptor_that_cannot_be_read_is_invalid() {
    let (mut world, _, session) = with_session();
    world.send(&session, "d.ovf");
    world.inspect(&session, "d.ovf", Err("line 3 is no XML")).expect("it is told");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["d.ovf", "line 3"]);
    assert_eq!((world.state_of(&session), world.freed().len()), (SessionState::Active, 1));

    world.send(&session, "d.ovf");
    world.inspect(&session, "d.ovf", Ok(speaks_of(&["../one.vmdk"]))).expect("it is read");
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["../one.vmdk", "path"]);
    world.limits = Limits { session_files_max: 2, ..world.limits };
    world.send(&session, "d.ovf");
    world.inspect(&session, "d.ovf", Ok(speaks_of(&["1", "2", "3"]))).expect("it is read");
    assert!(
        matches!(world.file(&session, "d.ovf").status, Status::Error(words) if words.text.contains("2 files"))
    );
}

#[test]
fn what_was_read_too_late_does_not_count() {
    let (mut world, _, session) = with_session();
    world.send(&session, "d.ovf");
    let attempt = world.get::<UpdateSession>(&session).expect("it").files[0].attempt;
    world.send(&session, "d.ovf");
    let result = Ok(Inspection { findings: speaks_of(&["one.vmdk"]), digests: Digests::new() });
    let late = Inspected { session: session.clone(), attempt, result };
    check_refused(world.serve(&late), Kind::ConcurrentChange, &[]);
    assert_eq!(listed(&world, &session), ["d.ovf"]);
}

#[test]
fn a_new_descriptor_drops_what_only_the_old_one_spoke_of() {
    let (mut world, _, session) = with_session();
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk", "two.vmdk", "three.vmdk"]));
    world.receive(&session, "two.vmdk");
    bring(&mut world, &session, "d.ovf", speaks_of(&["three.vmdk", "four.vmdk"]));
    assert_eq!(listed(&world, &session), ["d.ovf", "two.vmdk", "three.vmdk", "four.vmdk"]);
}

#[test]
fn what_the_item_has_is_not_missing() {
    let (mut world, item, session) = with_session();
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
    world.receive(&session, "one.vmdk");
    world.complete(&session).expect("it completes");
    let session = world.open(&item);
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
    assert_eq!(listed(&world, &session), ["one.vmdk", "d.ovf"]);
    let remove = RemoveFile { session: session.clone(), name: "one.vmdk".to_owned() };
    world.run(&remove).expect("it is removed");
    assert_eq!(missing(&world, &session), ["one.vmdk"]);
    let keep = world.new_file(&session, "one.vmdk", NewSource::None);
    world.run(&keep).expect("it stays");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("d.ovf", 2), ("one.vmdk", 1)]);
}

#[test]
fn a_size_other_than_the_descriptors_is_invalid() {
    for size in [7, 9] {
        let (mut world, _, session) = with_session();
        bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
        let outcome = TransferOutcome::Received { size, digests: digests("one.vmdk") };
        let grant = world.start(&session, "one.vmdk").expect("a transfer");
        let file = world.end(&session, grant.attempt, outcome.clone()).expect("it comes").expect("a file");
        assert!(matches!(file.status, Status::Error(_)), "the descriptor announced it");

        world.push(&session, "one.vmdk").expect("announced anew, without a size");
        let grant = world.start(&session, "one.vmdk").expect("a transfer");
        world.end(&session, grant.attempt, outcome).expect("it comes");
        let words = ["one.vmdk", "descriptor", &size.to_string()];
        check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &words);
    }
}

#[test]
fn disks_without_a_descriptor_are_no_machine() {
    let (mut world, _, session) = with_session();
    world.send(&session, "one.vmdk");
    assert_eq!(missing(&world, &session), ["*.ovf"]);
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["*.ovf"]);
}

#[test]
fn a_manifest_comes_before_its_descriptor() {
    let (mut world, item, session) = with_session();
    bring(
        &mut world,
        &session,
        "d.mf",
        manifest(Algorithm::Sha1, &[("d.ovf", "d.ovf"), ("one.vmdk", "one.vmdk")]),
    );
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
    for name in ["e.mf", "d.cert"] {
        check_refused(world.push(&session, name), Kind::NotAllowedInCurrentState, &[name, "before"]);
    }
    bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha1, &[("one.vmdk", "one.vmdk")]));
    let grant = world.start(&session, "one.vmdk").expect("a transfer");
    assert!(grant.algorithms.contains(&Algorithm::Sha1), "what the manifest needs is computed");
    world.end(&session, grant.attempt, received("one.vmdk")).expect("it comes");
    world.complete(&session).expect("it completes");
    assert_eq!(world.files(&item), [("d.ovf", 1), ("one.vmdk", 1)], "the manifest does not stay");
    assert!(!world.freed().is_empty());
    let file = world.file(&session, "d.mf");
    assert!(!file.keep_in_storage);
}

#[test]
fn a_file_that_is_not_the_manifests_is_invalid() {
    let (mut world, _, session) = with_session();
    bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha256, &[("one.vmdk", "another")]));
    bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk"]));
    world.receive(&session, "one.vmdk");
    check_refused(
        world.complete(&session),
        Kind::NotAllowedInCurrentState,
        &["one.vmdk", "manifest", "SHA256"],
    );
    assert_eq!(world.state_of(&session), SessionState::Active);
    bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha256, &[("one.vmdk", "one.vmdk")]));
    world.complete(&session).expect("the manifest was mended");
}

#[test]
fn a_signed_manifest_has_to_be_there_and_to_be_the_one_that_was_signed() {
    let (mut world, _, session) = with_session();
    bring(&mut world, &session, "d.cert", manifest(Algorithm::Sha256, &[("d.mf", "d.mf")]));
    bring(&mut world, &session, "d.ovf", speaks_of(&[]));
    assert_eq!(missing(&world, &session), ["d.mf"]);
    let (mut world, _, session) = with_session();
    bring(&mut world, &session, "d.mf", Findings::default());
    bring(&mut world, &session, "d.cert", manifest(Algorithm::Sha256, &[("d.mf", "another")]));
    bring(&mut world, &session, "d.ovf", speaks_of(&[]));
    check_refused(world.complete(&session), Kind::NotAllowedInCurrentState, &["d.mf", "SHA256"]);
}

#[test]
fn a_file_that_a_signed_manifest_does_not_list_is_not_signed() {
    for (is_signed, completed) in [(false, true), (true, false)] {
        let (mut world, _, session) = with_session();
        let listed = [("d.ovf", "d.ovf"), ("one.vmdk", "one.vmdk")];
        bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha256, &listed));
        if is_signed {
            bring(&mut world, &session, "d.cert", manifest(Algorithm::Sha256, &[("d.mf", "d.mf")]));
        }
        bring(&mut world, &session, "d.ovf", speaks_of(&["one.vmdk", "two.vmdk"]));
        world.receive(&session, "one.vmdk");
        world.receive(&session, "two.vmdk");
        let result = world.complete(&session);
        assert_eq!(result.is_ok(), completed, "{result:?}");
        if is_signed {
            check_refused(result, Kind::NotAllowedInCurrentState, &["two.vmdk", "d.mf", "signed"]);
        }
    }
}

#[test]
fn a_manifest_has_files_hashed_again() {
    let (mut world, _, session) = with_session();
    world.push(&session, "one.vmdk").expect("a file");
    let grant = world.start(&session, "one.vmdk").expect("a transfer");
    let only =
        digests("one.vmdk").into_iter().filter(|(algorithm, _)| *algorithm == Algorithm::Sha256).collect();
    let outcome = TransferOutcome::Received { size: 8, digests: only };
    world.end(&session, grant.attempt, outcome).expect("it comes");
    assert_eq!(world.file(&session, "one.vmdk").status, Status::Ready);
    world.effects.clear();
    bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha512, &[("one.vmdk", "one.vmdk")]));
    let again = Effect::Inspect { session: session.clone(), file: "one.vmdk".to_owned() };
    assert!(world.effects.contains(&again));
    let question = LocateInspection { session: session.clone(), file: "one.vmdk".to_owned() };
    let (_, algorithms) = world.ask_by(Caller::Server, &question).expect("it waits");
    assert_eq!(algorithms.into_iter().collect::<Vec<_>>(), [Algorithm::Sha512]);
    let late =
        Inspected { session: session.clone(), attempt: grant.attempt, result: Ok(Inspection::default()) };
    check_refused(world.serve(&late), Kind::ConcurrentChange, &[]);
    world.inspect(&session, "one.vmdk", Ok(Findings::default())).expect("it is hashed");
    assert_eq!(world.file(&session, "one.vmdk").status, Status::Ready);
}

#[test]
fn a_file_that_was_on_its_way_when_its_manifest_came_is_hashed_again() {
    let (mut world, _, session) = with_session();
    world.push(&session, "one.vmdk").expect("a file");
    let grant = world.start(&session, "one.vmdk").expect("a transfer");
    bring(&mut world, &session, "d.mf", manifest(Algorithm::Sha512, &[("one.vmdk", "one.vmdk")]));
    let some = digests("one.vmdk").into_iter().filter(|(algorithm, _)| grant.algorithms.contains(algorithm));
    let outcome = TransferOutcome::Received { size: 8, digests: some.collect() };
    let file = world.end(&session, grant.attempt, outcome).expect("it comes").expect("a file");
    assert_eq!(file.status, Status::Validating);
}

#[test]
fn the_preview_follows_the_files() {
    let (mut world, _, session) = with_session();
    let preview = |world: &World| world.session(&session).preview.expect("a preview");
    assert_eq!(preview(&world), Preview::Unavailable);
    world.push(&session, "one.vmdk").expect("a file");
    assert_eq!(preview(&world), Preview::Unavailable, "a disk says nothing");
    world.push(&session, "d.ovf").expect("a file");
    assert_eq!(preview(&world), Preview::Preparing);
    let grant = world.start(&session, "d.ovf").expect("a transfer");
    assert_eq!(preview(&world), Preview::Preparing);
    world.end(&session, grant.attempt, received("d.ovf")).expect("it comes");
    assert_eq!(preview(&world), Preview::Preparing, "it is not read yet");
    world.inspect(&session, "d.ovf", Ok(speaks_of(&["one.vmdk"]))).expect("it is read");
    assert_eq!(preview(&world), Preview::Available { certificate: None, warnings: Vec::new() });
    world.send(&session, "d.ovf");
    world.inspect(&session, "d.ovf", Err("no XML")).expect("it is told");
    assert_eq!(preview(&world), Preview::Unavailable);
}

#[test]
fn other_items_have_no_preview() {
    let mut world = World::new();
    for (name, type_name) in [("a", ""), ("b", "iso")] {
        let item = world.item(name, type_name);
        let session = world.open(&item);
        assert_eq!(world.session(&session).preview, Some(Preview::Unavailable));
        world.push(&session, "a.ovf").expect("a file");
        assert_eq!(world.session(&session).preview, Some(Preview::NotApplicable));
        world.send(&session, "a.mf");
        world.receive(&session, "a.ovf");
        assert_eq!(world.complete(&session), Ok(SessionState::Done), "no file says anything here");
    }
}

#[test]
fn a_warning_that_nobody_ignores_fails_the_session() {
    let (mut world, item, session) = with_session();
    bring(&mut world, &session, "d.cert", certificate(&[WarningKind::SelfSigned, WarningKind::Untrusted]));
    bring(&mut world, &session, "d.ovf", speaks_of(&[]));
    let Some(Preview::Available { certificate: Some(_), warnings }) = world.session(&session).preview else {
        panic!("there is a certificate")
    };
    assert_eq!(warnings.iter().map(|w| w.is_ignored).collect::<Vec<_>>(), [false, false]);
    let ignore = |kinds: &[WarningKind]| {
        let choice = |kind: &WarningKind| WarningChoice { kind: kind.name().to_owned(), is_ignored: true };
        let warnings = Some(kinds.iter().map(choice).collect());
        ChangeUpdateSession { id: session.clone(), warnings }
    };
    world.run(&ignore(&[WarningKind::SelfSigned])).expect("it is ignored");
    let mut copy = world.clone();

    check_refused(
        world.complete(&session),
        Kind::NotAllowedInCurrentState,
        &["UNTRUSTED_CERTIFICATE", "ERROR"],
    );
    let seen = world.session(&session).session;
    assert_eq!(seen.state, SessionState::Error);
    assert!(seen.error.is_some_and(|error| error.text.contains("UNTRUSTED_CERTIFICATE")));
    assert_eq!((world.files(&item).len(), world.freed().len()), (0, 2));

    copy.run(&ignore(&[WarningKind::SelfSigned, WarningKind::Untrusted])).expect("both are ignored");
    copy.complete(&session).expect("it completes");
    assert_eq!(copy.files(&item), [("d.ovf", 1)]);
}

#[test]
fn a_warning_about_what_was_fetched_fails_the_session_that_waits() {
    let (mut world, item, session) = with_session();
    world.pull(&session, "d.cert").expect("a file");
    world.pull(&session, "d.ovf").expect("a file");
    assert_eq!(world.complete(&session), Ok(SessionState::Active));
    for (name, findings) in [("d.cert", certificate(&[WarningKind::Expired])), ("d.ovf", speaks_of(&[]))] {
        world.receive(&session, name);
        world.inspect(&session, name, Ok(findings)).expect("it is read");
    }
    assert_eq!((world.state_of(&session), world.files(&item).len()), (SessionState::Error, 0));
}

#[test]
fn what_a_fetched_descriptor_lacks_fails_the_session_that_waits() {
    let (mut world, _, session) = with_session();
    world.pull(&session, "d.ovf").expect("a file");
    world.complete(&session).expect("it waits");
    world.receive(&session, "d.ovf");
    let mut findings = speaks_of(&["one.vmdk"]);
    findings.references[0].uri = None;
    world.inspect(&session, "d.ovf", Ok(findings)).expect("it is read");
    let error = world.session(&session).session.error.expect("it failed").text;
    assert!(error.contains("one.vmdk is missing"), "{error}");
}

#[test]
fn what_a_file_said_is_forgotten_when_it_is_sent_anew() {
    let (mut world, _, session) = with_session();
    bring(&mut world, &session, "d.cert", certificate(&[WarningKind::Expired]));
    bring(&mut world, &session, "d.ovf", speaks_of(&[]));
    world.receive(&session, "d.cert");
    world.inspect(&session, "d.cert", Err("it is no certificate")).expect("it is told");
    assert!(world.get::<UpdateSession>(&session).expect("it").files[0].findings.is_none());
    let grant = world.start(&session, "d.ovf").expect("a transfer");
    let file = world.get::<UpdateSession>(&session).expect("it").file("d.ovf").expect("a file");
    assert!(file.findings.is_none() && file.attempt == grant.attempt);
}
