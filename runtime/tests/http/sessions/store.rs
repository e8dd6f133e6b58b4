//! How long sessions last, how they end, and what shows of them.

use std::time::Duration;

use vapi_runtime::server::{Caller, Principal, SessionLimits};
use vapi_runtime::{DateTime, Secret};

use super::{MINUTE_MS, START_MS, log_in, sessions};

#[test]
fn an_identifier_is_128_bits_and_never_the_same() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let (a, b) = (log_in(&sessions, "a"), log_in(&sessions, "a"));
    for login in [&a, &b] {
        let id = login.id().expose();
        assert_eq!(id.len(), 32, "{id}");
        assert!(id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "{id}");
    }
    assert_ne!(a.id(), b.id());
    assert_eq!(sessions.resume(a.id()).unwrap().user(), "a");
}

#[test]
fn only_the_whole_identifier_is_one() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let id = log_in(&sessions, "a").id().expose().to_owned();
    for other in
        [String::new(), id[1..].to_owned(), id[..31].to_owned(), format!("{id}0"), id.to_uppercase() + " "]
    {
        assert!(sessions.resume(&Secret::new(other.clone())).is_none(), "{other}");
    }
    assert!(sessions.resume(&Secret::new(id)).is_some());
}

/// The store finds sessions by a hash that says nothing of the identifier: what shows of a session is the hash's.
#[test]
fn sessions_are_kept_by_the_hash_of_their_identifiers() {
    use sha2::Digest as _;
    let (sessions, _clock) = sessions(SessionLimits::new());
    let login = log_in(&sessions, "a");
    let hash = sha2::Sha256::digest(login.id().expose());
    let expected: String = hash[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(login.caller().fingerprint(), expected);
}

#[test]
fn a_session_expires_exactly_when_it_was_idle_for_the_limit() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let id = log_in(&sessions, "a").id().clone();
    clock.set(30 * MINUTE_MS - 1);
    assert!(sessions.resume(&id).is_some(), "and that was a use of it");
    clock.set(60 * MINUTE_MS - 2);
    assert!(sessions.resume(&id).is_some());
    clock.set(90 * MINUTE_MS - 2);
    assert!(sessions.resume(&id).is_none());
    clock.set(0);
    assert!(sessions.resume(&id).is_none(), "what has expired does not come back with the clock");
}

#[test]
fn a_session_that_is_used_lasts_until_its_lifetime_is_over() {
    let limits = SessionLimits::new().lifetime_max(Duration::from_secs(3600));
    let (sessions, clock) = sessions(limits);
    let id = log_in(&sessions, "a").id().clone();
    for minute in [20, 40] {
        clock.set(minute * MINUTE_MS);
        assert!(sessions.resume(&id).is_some());
    }
    clock.set(60 * MINUTE_MS - 1);
    assert!(sessions.resume(&id).is_some());
    clock.set(60 * MINUTE_MS);
    assert!(sessions.resume(&id).is_none());
}

#[test]
fn the_longest_timeout_is_never() {
    let (sessions, clock) = sessions(SessionLimits::new().idle_timeout(Duration::MAX));
    let id = log_in(&sessions, "a").id().clone();
    clock.set(1_000 * 365 * 24 * 60 * MINUTE_MS);
    assert!(sessions.resume(&id).is_some());
}

#[test]
fn a_touch_is_a_use_and_a_look_is_none() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let caller = log_in(&sessions, "a").caller().clone();
    let accessed_ms = |caller: &Caller| caller.last_accessed().unix_ms() - START_MS;
    clock.set(20 * MINUTE_MS);
    assert!(caller.is_live());
    assert_eq!(accessed_ms(&caller), 0);
    assert!(caller.touch());
    assert_eq!(accessed_ms(&caller), 20 * MINUTE_MS);
    clock.set(10 * MINUTE_MS);
    assert!(caller.touch(), "a clock that was set back ends nothing");
    assert_eq!(accessed_ms(&caller), 20 * MINUTE_MS, "and makes nothing older");
    clock.set(49 * MINUTE_MS);
    assert!(caller.touch());
    clock.set(79 * MINUTE_MS);
    assert!(!caller.is_live());
    assert!(!caller.touch(), "no touch brings back what has expired");
    assert_eq!(accessed_ms(&caller), 49 * MINUTE_MS);
    assert_eq!(caller.created(), DateTime::from_unix_ms(START_MS).unwrap());
}

#[test]
fn a_session_that_was_logged_out_is_over_for_all_its_handles() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let login = log_in(&sessions, "a");
    let (transfer, other) = (login.caller().clone(), log_in(&sessions, "a"));
    assert!(sessions.resume(login.id()).unwrap().log_out());
    assert!(sessions.resume(login.id()).is_none());
    assert!(!transfer.touch());
    assert!(!transfer.is_live());
    assert!(!transfer.log_out(), "it ends once");
    assert!(sessions.resume(other.id()).is_some(), "other sessions of the user's go on");
}

#[test]
fn all_sessions_of_a_user_can_be_ended() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let expired = log_in(&sessions, "a");
    clock.set(30 * MINUTE_MS);
    let (a, b) = (log_in(&sessions, "a"), log_in(&sessions, "b"));
    assert_eq!(sessions.log_out_user("a"), 1);
    assert_eq!(sessions.log_out_user("a"), 0);
    assert!(!expired.caller().is_live());
    assert!(!a.caller().is_live());
    assert!(b.caller().is_live());
}

#[test]
fn what_has_expired_takes_no_room() {
    let (sessions, clock) = sessions(SessionLimits::new());
    let first = log_in(&sessions, "a");
    clock.set(10 * MINUTE_MS);
    let _second = log_in(&sessions, "b");
    assert_eq!(sessions.sweep(), 2);
    clock.set(30 * MINUTE_MS);
    assert_eq!(sessions.sweep(), 1);
    clock.set(0);
    assert!(!first.caller().touch(), "what was cleared away does not come back with the clock");
    clock.set(50 * MINUTE_MS);
    let _third = log_in(&sessions, "c");
    assert!(format!("{sessions:?}").contains("n_sessions: 1"), "a login clears away too: {sessions:?}");
}

#[test]
fn clones_are_one_store() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let login = log_in(&sessions.clone(), "a");
    assert!(sessions.clone().resume(login.id()).unwrap().log_out());
    assert!(sessions.resume(login.id()).is_none());
}

#[test]
fn many_threads_agree_on_one_session() {
    let (sessions, clock) =
        sessions(SessionLimits::new().n_sessions_max(100_000).n_sessions_per_user_max(100_000));
    let shared = log_in(&sessions, "shared");
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (sessions, clock, shared) = (&sessions, &clock, &shared);
            scope.spawn(move || {
                for round in 0..200 {
                    clock.set(round);
                    assert!(sessions.resume(shared.id()).unwrap().touch());
                    let own = sessions.open(Principal::new(format!("user {thread}"))).unwrap();
                    assert_eq!(sessions.resume(own.id()).unwrap().user(), format!("user {thread}"));
                    assert!(own.caller().log_out());
                    assert!(sessions.resume(own.id()).is_none());
                }
            });
        }
    });
    assert_eq!(sessions.sweep(), 1);
    assert_eq!(shared.caller().last_accessed().unix_ms(), START_MS + 199);
}

#[test]
fn nothing_shows_an_identifier() {
    let (sessions, _clock) = sessions(SessionLimits::new());
    let login = log_in(&sessions, "a");
    let id = login.id().expose();
    let cookie = login.set_cookie(&http::HeaderMap::new()).unwrap();
    let shown = format!("{login:?} {:?} {sessions:?} {cookie:?}", login.caller());
    assert!(!shown.contains(id), "{shown}");
    assert!(!shown.contains(&id[..8]), "{shown}");
    assert!(shown.contains(&format!("session: {}", login.caller().fingerprint())), "{shown}");
    assert!(shown.contains("user: \"a\""), "{shown}");
    assert!(shown.contains("created: 2014-09-01T10:20:30.123Z"), "{shown}");
}
