//! How many sessions there may be, and what happens to one more.

use vapi_runtime::server::{Principal, SessionLimits, StandardError};

use super::{MINUTE_MS, log_in, sessions, text};

#[test]
fn one_session_more_of_a_user_ends_the_one_that_was_idle_for_longest() {
    let (sessions, clock) = sessions(SessionLimits::new().n_sessions_per_user_max(2));
    let used = log_in(&sessions, "a");
    clock.set(MINUTE_MS);
    let (forgotten, of_another) = (log_in(&sessions, "a"), log_in(&sessions, "b"));
    clock.set(2 * MINUTE_MS);
    assert!(used.caller().touch());
    let new = log_in(&sessions, "a");
    assert!(!forgotten.caller().is_live());
    assert!(sessions.resume(forgotten.id()).is_none());
    for login in [&used, &of_another, &new] {
        assert!(sessions.resume(login.id()).is_some(), "{login:?}");
    }
}

#[test]
fn a_user_always_gets_one_session() {
    let (sessions, _clock) = sessions(SessionLimits::new().n_sessions_per_user_max(0));
    let first = log_in(&sessions, "a");
    assert!(first.caller().is_live());
    let second = log_in(&sessions, "a");
    assert_eq!((first.caller().is_live(), second.caller().is_live()), (false, true));
}

#[test]
fn one_session_more_than_there_may_be_is_refused() {
    let (sessions, clock) = sessions(SessionLimits::new().n_sessions_max(2).n_sessions_per_user_max(1));
    let (a, b) = (log_in(&sessions, "a"), log_in(&sessions, "b"));
    let fault = sessions.open(Principal::new("c")).unwrap_err();
    assert_eq!(
        text(&fault),
        "ServiceUnavailable | vapi.security.session.limit [2] There are 2 sessions, which is the limit; log out where no \
         work is done"
    );
    assert_eq!(fault.error(), StandardError::ServiceUnavailable);
    assert_eq!(fault.status(), 503);
    assert!(a.caller().is_live() && b.caller().is_live(), "nobody has to go for somebody else");

    let again = log_in(&sessions, "a");
    assert!(!a.caller().is_live(), "but one may take the place of one's own");
    assert!(again.caller().log_out());
    let c = log_in(&sessions, "c");
    clock.set(30 * MINUTE_MS);
    let d = log_in(&sessions, "d");
    assert!(d.caller().is_live(), "what has expired counts no longer");
    assert!(!c.caller().is_live());
}
