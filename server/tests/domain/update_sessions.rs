//! The life of an update session: each transition, and each violation.

use contentlibd::domain::completion::CompleteUpdateSession;
use contentlibd::domain::content::WarningChoice;
use contentlibd::domain::ids::{ItemId, Time, UpdateSessionId};
use contentlibd::domain::library::SetMaintenance;
use contentlibd::domain::update::{
    CancelUpdateSession, ChangeUpdateSession, CreateUpdateSession, DeleteUpdateSession, ExpireUpdateSession,
    FailUpdateSession, GetUpdateSession, KeepUpdateSession, SessionState, UpdateSession,
};
use contentlibd::domain::{Effect, Kind, Refusal};

use crate::world::{IDLE_MS, World, check_refused, token, user};

/// Every operation on a session, by its name.
fn operations(id: &UpdateSessionId) -> Vec<(&'static str, Operation)> {
    let id = || id.clone();
    let (a, b, c, d, e, f) = (id(), id(), id(), id(), id(), id());
    vec![
        ("complete", Box::new(move |w| w.run(&CompleteUpdateSession { id: a.clone() }).map(drop))),
        ("keep_alive", Box::new(move |w| w.run(&KeepUpdateSession { id: b.clone(), progress: Some(5) }))),
        ("cancel", Box::new(move |w| w.run(&CancelUpdateSession { id: c.clone() }))),
        ("fail", Box::new(move |w| w.run(&FailUpdateSession { id: d.clone(), message: None }))),
        ("update", Box::new(move |w| w.run(&ChangeUpdateSession { id: e.clone(), warnings: None }))),
        ("add", Box::new(move |w| w.push(&f, "b.iso").map(drop))),
    ]
}

type Operation = Box<dyn Fn(&mut World) -> Result<(), Refusal>>;

fn cancel(world: &mut World, id: &UpdateSessionId) -> Result<(), Refusal> {
    world.run(&CancelUpdateSession { id: id.clone() })
}

fn fail(world: &mut World, id: &UpdateSessionId, words: &str) -> Result<(), Refusal> {
    world.run(&FailUpdateSession { id: id.clone(), message: Some(words.to_owned()) })
}

fn delete(world: &mut World, id: &UpdateSessionId) -> Result<(), Refusal> {
    world.run(&DeleteUpdateSession { id: id.clone() })
}

/// A session of a new item that ended like this.
fn ended(world: &mut World, state: SessionState) -> UpdateSessionId {
    let name = world.draw("item");
    let item = world.item(&name, "");
    let id = world.open(&item);
    match state {
        SessionState::Active => {}
        SessionState::Done => drop(world.complete(&id).expect("it completes")),
        SessionState::Error => fail(world, &id, "no power").expect("it fails"),
        SessionState::Canceled => cancel(world, &id).expect("it is cancelled"),
    }
    assert_eq!(world.state_of(&id), state);
    id
}

const ENDS: [SessionState; 3] = [SessionState::Done, SessionState::Error, SessionState::Canceled];

#[test]
fn a_new_session_is_active_and_says_what_it_must() {
    let mut world = World::new();
    let item = world.item_with("a", &["a.iso"]);
    let id = world.open(&item);
    let seen = world.session(&id);
    assert_eq!((seen.session.state, seen.session.progress), (SessionState::Active, 0));
    assert_eq!(seen.session.item, item);
    assert_eq!(seen.session.content_version, world.seen(&item).content_version);
    assert_eq!(seen.session.expires, world.now.plus_ms(IDLE_MS));
    assert!(seen.preview.is_some() && seen.session.error.is_none());
}

#[test]
fn an_ended_session_refuses_everything_but_to_be_read_and_deleted() {
    for state in ENDS {
        let mut world = World::new();
        let id = ended(&mut world, state);
        for (name, operation) in operations(&id) {
            let refused = operation(&mut world);
            check_refused(refused, Kind::NotAllowedInCurrentState, &[name, state.name(), "new session"]);
        }
        assert!(world.session(&id).preview.is_none());
        delete(&mut world, &id).expect("an ended session goes");
        check_refused(world.ask(&GetUpdateSession { id: id.clone() }), Kind::NotFound, &[id.as_str()]);
    }
}

#[test]
fn an_unknown_a_deleted_and_an_expired_session_are_not_found() {
    let mut world = World::new();
    let deleted = ended(&mut world, SessionState::Done);
    delete(&mut world, &deleted).expect("it goes");
    let expired = ended(&mut world, SessionState::Active);
    world.pass_ms(IDLE_MS);
    for id in [UpdateSessionId::from("nobody"), deleted, expired] {
        for (_, operation) in operations(&id) {
            check_refused(operation(&mut world), Kind::NotFound, &[id.as_str()]);
        }
        check_refused(delete(&mut world, &id), Kind::NotFound, &[]);
        check_refused(world.ask(&GetUpdateSession { id: id.clone() }), Kind::NotFound, &[]);
    }
}

#[test]
fn an_active_session_is_not_deleted() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    check_refused(delete(&mut world, &id), Kind::NotAllowedInCurrentState, &["ACTIVE", "cancel"]);
    assert_eq!(world.state_of(&id), SessionState::Active);
}

#[test]
fn the_clients_words_of_fail_are_kept_and_repeated() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Error);
    let error = world.session(&id).session.error.expect("it failed");
    assert_eq!(error.text, "no power");
    let refusal = world.complete(&id).expect_err("it failed");
    assert_eq!(refusal.message.args, ["complete", "ERROR", "no power"]);
    assert!(refusal.message.text.contains("no power"));
}

#[test]
fn fail_without_words_has_words() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    world.run(&FailUpdateSession { id: id.clone(), message: None }).expect("it fails");
    assert!(world.session(&id).session.error.is_some_and(|error| error.text.contains("did not say")));
}

#[test]
fn cancel_fail_and_expiry_leave_the_item_as_it_was_and_free_the_bytes() {
    type End = fn(&mut World, &UpdateSessionId) -> Result<(), Refusal>;
    let ends: [End; 3] = [
        cancel,
        |w, id| fail(w, id, "x"),
        |w, id| {
            w.pass_ms(IDLE_MS);
            w.serve(&ExpireUpdateSession { id: id.clone() })
        },
    ];
    for end in ends {
        let mut world = World::new();
        let item = world.item_with("a", &["a.iso", "b.iso"]);
        let before = world.seen(&item).clone();
        let session = world.open(&item);
        world.send(&session, "a.iso");
        world.send(&session, "c.iso");
        world.push(&session, "d.iso").expect("a file");
        world.start(&session, "d.iso").expect("a transfer");
        world.effects.clear();
        end(&mut world, &session).expect("it ends");
        assert_eq!(*world.seen(&item), before);
        assert_eq!(world.freed().len(), 3, "two files and a half");
        assert!(world.effects.contains(&Effect::Stop { session: session.clone(), attempt: None }));
    }
}

#[test]
fn one_active_session_for_each_item() {
    let mut world = World::new();
    let item = world.item("a", "");
    let first = world.open(&item);
    let command = world.new_session(&item);
    check_refused(world.run(&command), Kind::ResourceBusy, &[first.as_str(), "cancel"]);
    let refusal = world.run_by(user("bob"), &command).expect_err("it is busy");
    assert!(!refusal.message.text.contains(first.as_str()), "it is none of Bob's business: {refusal}");
    cancel(&mut world, &first).expect("it ends");
    world.run(&command).expect("finished sessions do not count");
}

#[test]
fn an_expired_session_is_not_in_the_way() {
    let mut world = World::new();
    let item = world.item("a", "");
    let first = world.open(&item);
    world.send(&first, "a.iso");
    world.pass_ms(IDLE_MS);
    let second = world.open(&item);
    assert!(world.get::<UpdateSession>(&first).is_none(), "it was cleared away");
    assert_eq!(world.seen(&item).session, Some(second));
    assert_eq!(world.freed().len(), 1);
}

#[test]
fn what_create_refuses() {
    let mut world = World::new();
    let item = world.item("a", "");
    let good = world.new_session(&item);
    let unknown = CreateUpdateSession { item: ItemId::from("nobody"), ..good.clone() };
    check_refused(world.run(&unknown), Kind::NotFound, &["nobody"]);

    let mut bad_token = CreateUpdateSession { token: token("1", "x"), ..good.clone() };
    bad_token.token.as_mut().expect("a token").text = "no uuid".to_owned();
    check_refused(world.run(&bad_token), Kind::InvalidArgument, &["client_token", "no uuid"]);

    let choice = |kind: &str| WarningChoice { kind: kind.to_owned(), is_ignored: true };
    let unknown_warning = CreateUpdateSession { warnings: vec![choice("RAIN")], ..good.clone() };
    check_refused(world.run(&unknown_warning), Kind::InvalidArgument, &["RAIN", "EXPIRED_CERTIFICATE"]);
    let twice = CreateUpdateSession {
        warnings: vec![choice("EXPIRED_CERTIFICATE"), choice("EXPIRED_CERTIFICATE")],
        ..good.clone()
    };
    check_refused(world.run(&twice), Kind::InvalidArgument, &["twice"]);

    let template = world.item("t", "vm-template");
    let of_template = world.new_session(&template);
    check_refused(world.run(&of_template), Kind::InvalidElementType, &["template"]);

    world.run(&SetMaintenance { id: world.library.clone(), on: true }).expect("maintenance");
    check_refused(world.run(&good), Kind::NotAllowedInCurrentState, &["maintenance"]);
}

#[test]
fn the_same_token_is_the_same_session() {
    let mut world = World::new();
    let item = world.item("a", "");
    let first = CreateUpdateSession { token: token("1", "a"), ..world.new_session(&item) };
    let id = world.run(&first).expect("a session");
    let again = CreateUpdateSession { id: "other".into(), ..first.clone() };
    assert_eq!(world.run(&again), Ok(id.clone()), "not busy");
    let upper = first.token.clone().map(|mut token| {
        token.text = token.text.to_uppercase();
        token
    });
    assert_eq!(world.run(&CreateUpdateSession { token: upper, ..again.clone() }), Ok(id.clone()));

    let of_else = CreateUpdateSession { token: token("1", "b"), ..again.clone() };
    check_refused(world.run(&of_else), Kind::InvalidArgument, &["something else"]);
    check_refused(world.run_by(user("bob"), &again), Kind::ResourceBusy, &[]);

    world.complete(&id).expect("it completes");
    assert_eq!(world.run(&again), Ok(id.clone()), "as long as it can be read");
    delete(&mut world, &id).expect("it goes");
    assert_eq!(world.run(&again), Ok("other".into()), "and no longer");
}

#[test]
fn the_token_of_an_expired_session_makes_a_new_one() {
    let mut world = World::new();
    let item = world.item("a", "");
    let first = CreateUpdateSession { token: token("1", "a"), ..world.new_session(&item) };
    world.run(&first).expect("a session");
    world.pass_ms(IDLE_MS);
    let again = CreateUpdateSession { id: "other".into(), ..first };
    assert_eq!(world.run(&again), Ok("other".into()));
}

#[test]
fn keep_alive_extends_and_progress_does_not_go_back() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    for (progress, seen) in [(None, 0), (Some(40), 40), (Some(30), 40), (Some(-5), 40), (Some(1_000), 100)] {
        world.pass_ms(IDLE_MS - 1);
        world.run(&KeepUpdateSession { id: id.clone(), progress }).expect("it is kept");
        let session = world.session(&id).session;
        assert_eq!((session.progress, session.expires), (seen, world.now.plus_ms(IDLE_MS)), "{progress:?}");
    }
    world.pass_ms(IDLE_MS);
    check_refused(world.run(&KeepUpdateSession { id, progress: None }), Kind::NotFound, &["expired"]);
}

#[test]
fn every_call_that_changes_a_session_keeps_it() {
    for (name, _) in operations(&"x".into()) {
        if ["complete", "cancel", "fail"].contains(&name) {
            continue;
        }
        let mut world = World::new();
        let id = ended(&mut world, SessionState::Active);
        world.pass_ms(1_000);
        let (_, operation) = operations(&id).into_iter().find(|(other, _)| *other == name).expect("it");
        operation(&mut world).expect(name);
        assert_eq!(world.session(&id).session.expires, world.now.plus_ms(IDLE_MS), "{name}");
    }
}

#[test]
fn a_clock_that_goes_back_makes_nothing_younger() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    let item = world.session(&id).session.item;
    let (expires, modified) = (world.session(&id).session.expires, world.seen(&item).modified);
    world.now = Time(world.now.0 - 1_000);
    world.send(&id, "a.iso");
    assert_eq!(world.session(&id).session.expires, expires);
    world.complete(&id).expect("it completes");
    assert_eq!(world.seen(&item).modified, modified);
}

#[test]
fn an_active_session_is_not_swept_before_its_time() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    world.pass_ms(IDLE_MS - 1);
    world.serve(&ExpireUpdateSession { id: id.clone() }).expect("nothing happens");
    assert_eq!(world.state_of(&id), SessionState::Active);
    world.pass_ms(1);
    world.serve(&ExpireUpdateSession { id: id.clone() }).expect("it goes");
    assert!(world.get::<UpdateSession>(&id).is_none());
    world.serve(&ExpireUpdateSession { id }).expect("twice does no harm");
}

#[test]
fn an_ended_session_can_be_read_for_a_while() {
    for state in ENDS {
        let mut world = World::new();
        let id = ended(&mut world, state);
        world.pass_ms(world.limits.session_kept_ms - 1);
        assert_eq!(world.state_of(&id), state);
        world.pass_ms(1);
        check_refused(world.ask(&GetUpdateSession { id: id.clone() }), Kind::NotFound, &[]);
        world.serve(&ExpireUpdateSession { id: id.clone() }).expect("it goes");
        assert!(world.get::<UpdateSession>(&id).is_none());
    }
}

#[test]
fn a_session_is_its_owners_business() {
    let mut world = World::new();
    let item = world.item("a", "");
    let id = world.open(&item);
    let get = GetUpdateSession { id: id.clone() };
    check_refused(world.ask_by(user("bob"), &get), Kind::NotFound, &["not yours"]);
    let cancel = CancelUpdateSession { id: id.clone() };
    check_refused(world.run_by(user("bob"), &cancel), Kind::NotFound, &[]);
    world.ask_by(user("root"), &get).expect("an administrator may");
    world.run_by(user("root"), &cancel).expect("an administrator may");
    assert_eq!(world.state_of(&id), SessionState::Canceled);
}

#[test]
fn warning_behavior_is_replaced_or_left() {
    let mut world = World::new();
    let id = ended(&mut world, SessionState::Active);
    let choose = |kind: &str, is_ignored| vec![WarningChoice { kind: kind.to_owned(), is_ignored }];
    let change = |warnings| ChangeUpdateSession { id: id.clone(), warnings };
    world.run(&change(Some(choose("UNTRUSTED_CERTIFICATE", true)))).expect("it is kept");
    world.run(&change(None)).expect("it is left");
    assert_eq!(world.session(&id).session.warnings.len(), 1);
    check_refused(world.run(&change(Some(choose("RAIN", true)))), Kind::InvalidArgument, &["RAIN"]);
    world.run(&change(Some(Vec::new()))).expect("it is replaced");
    assert!(world.session(&id).session.warnings.is_empty());
}
