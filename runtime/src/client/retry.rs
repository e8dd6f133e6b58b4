//! When a failed call is tried again, and after which pause.
//!
//! In: how many tries there were, how the last one failed, a random number. Out: a pause, or that it is over.
//! Not here: clocks and sleeping; whether an error may pass, which is [`crate::Error::is_retryable`].

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use http::header::{DATE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, Method};
use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::{TransportError, TransportErrorKind};

/// How often a call that failed is tried again, and how long it waits before.
///
/// The pause is a random part of a limit that doubles from try to try, so that clients that failed together do not come
/// back together; what the server asks for in `Retry-After` is waited in addition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How often a call is sent at most, the first time included.
    pub tries_max: u32,
    /// The longest pause after the first try; twice as long after the second, and so on.
    pub pause_first: Duration,
    /// The longest pause after any try.
    pub pause_max: Duration,
    /// The longest pause that a server may ask for; when it asks for more, the call is not tried again.
    pub asked_pause_max: Duration,
    /// Whether calls are tried again whatever their method. Otherwise one that may have reached the server is sent again
    /// only with the methods `GET`, `PUT` and `DELETE`, which when repeated leave the server as once would have; a
    /// repeated `DELETE` may end in `not_found` all the same.
    pub any_method: bool,
}

/// How a try failed, as far as the next one depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether another try may end better.
    may_pass: bool,
    /// Whether another try has no more effect than one.
    is_repeatable: bool,
    /// The pause that the server asks for.
    asked_pause: Duration,
}

impl Retry {
    /// How often a call is sent at most unless told otherwise.
    pub const TRIES_MAX_DEFAULT: u32 = 4;
    /// The longest pause after the first try unless told otherwise.
    pub const PAUSE_FIRST_DEFAULT: Duration = Duration::from_millis(200);
    /// The longest pause after any try unless told otherwise.
    pub const PAUSE_MAX_DEFAULT: Duration = Duration::from_secs(5);
    /// The longest pause that a server may ask for unless told otherwise.
    pub const ASKED_PAUSE_MAX_DEFAULT: Duration = Duration::from_secs(30);

    /// The defaults.
    #[must_use]
    pub fn new() -> Retry {
        Retry {
            tries_max: Retry::TRIES_MAX_DEFAULT,
            pause_first: Retry::PAUSE_FIRST_DEFAULT,
            pause_max: Retry::PAUSE_MAX_DEFAULT,
            asked_pause_max: Retry::ASKED_PAUSE_MAX_DEFAULT,
            any_method: false,
        }
    }

    /// One try, and no more.
    #[must_use]
    pub fn never() -> Retry {
        Retry::new().tries_max(1)
    }

    /// Sets how often a call is sent at most, the first time included.
    #[must_use]
    pub fn tries_max(mut self, tries_max: u32) -> Retry {
        self.tries_max = tries_max;
        self
    }

    /// Sets the longest pause after the first try.
    #[must_use]
    pub fn pause_first(mut self, pause_first: Duration) -> Retry {
        self.pause_first = pause_first;
        self
    }

    /// Sets the longest pause after any try.
    #[must_use]
    pub fn pause_max(mut self, pause_max: Duration) -> Retry {
        self.pause_max = pause_max;
        self
    }

    /// Sets the longest pause that a server may ask for.
    #[must_use]
    pub fn asked_pause_max(mut self, asked_pause_max: Duration) -> Retry {
        self.asked_pause_max = asked_pause_max;
        self
    }

    /// Sets whether calls are tried again whatever their method, although they may have been carried out.
    #[must_use]
    pub fn any_method(mut self, any_method: bool) -> Retry {
        self.any_method = any_method;
        self
    }

    /// How long to wait before the next try, after `n_tries` of which the last ended so; `None` when that was the last.
    #[must_use]
    pub fn decide(&self, n_tries: u32, outcome: &Outcome) -> Option<Duration> {
        self.decide_with(n_tries, outcome, random_part())
    }

    /// As [`Retry::decide`], with the part of the longest pause to wait, from 0 to 1, instead of a random one.
    #[must_use]
    pub fn decide_with(&self, n_tries: u32, outcome: &Outcome, part: f64) -> Option<Duration> {
        let is_over = n_tries >= self.tries_max
            || !outcome.may_pass
            || !(outcome.is_repeatable || self.any_method)
            || outcome.asked_pause > self.asked_pause_max;
        if is_over {
            return None;
        }
        let doubled = 2_u32.saturating_pow(n_tries.saturating_sub(1));
        let longest = self.pause_first.saturating_mul(doubled).min(self.pause_max);
        let pause =
            Duration::try_from_secs_f64(longest.as_secs_f64() * part.clamp(0.0, 1.0)).unwrap_or(longest);
        Some(outcome.asked_pause.saturating_add(pause.min(longest)))
    }
}

impl Default for Retry {
    fn default() -> Retry {
        Retry::new()
    }
}

impl Outcome {
    /// No reply came.
    #[must_use]
    pub fn of_error(method: &Method, error: &TransportError) -> Outcome {
        let was_not_sent = error.kind() == TransportErrorKind::Connect;
        Outcome {
            may_pass: error.is_retryable(),
            is_repeatable: was_not_sent || method.is_idempotent(),
            asked_pause: Duration::ZERO,
        }
    }

    /// A reply came that is an error; whether that one may pass, [`crate::Error::is_retryable`] says.
    #[must_use]
    pub fn of_reply(method: &Method, is_retryable: bool, headers: &HeaderMap) -> Outcome {
        Outcome {
            may_pass: is_retryable,
            is_repeatable: method.is_idempotent(),
            asked_pause: asked_pause(headers).unwrap_or_default(),
        }
    }
}

/// What `Retry-After` says, in seconds or as an instant. The instant is by the server's clock, and so is the reply's
/// `Date`: their difference needs no clock of ours.
fn asked_pause(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let retry_after = text(RETRY_AFTER)?;
    if !retry_after.is_empty() && retry_after.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit are longer than anybody waits.
        return Some(Duration::from_secs(retry_after.parse().unwrap_or(u64::MAX)));
    }
    let instant =
        |text: &str| -> Option<Timestamp> { rfc2822::DateTimeParser::new().parse_timestamp(text).ok() };
    let pause_secs = instant(retry_after)?.as_second() - instant(text(DATE)?)?.as_second();
    Some(Duration::from_secs(u64::try_from(pause_secs).unwrap_or(0)))
}

/// From 0 to 1. The keys of a hash map are as random as a pause has to be, and need no crate.
fn random_part() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    bits as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn lost(kind: TransportErrorKind, method: &Method) -> Outcome {
        Outcome::of_error(method, &TransportError::new(kind, "lost"))
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let retry = Retry::new().tries_max(u32::MAX).pause_first(100 * MS).pause_max(350 * MS);
        let outcome = lost(TransportErrorKind::Connect, &Method::GET);
        let check = |n_tries: u32, part: f64, pause_ms: u32| {
            let pause = retry.decide_with(n_tries, &outcome, part);
            assert_eq!(pause, Some(pause_ms * MS), "try {n_tries}, part {part}");
        };
        check(1, 1.0, 100);
        check(2, 1.0, 200);
        check(3, 1.0, 350);
        check(1, 0.0, 0);
        check(2, 0.25, 50);
        check(u32::MAX - 1, 1.0, 350);
        check(1, f64::NAN, 100);
        check(1, 7.0, 100);
        check(1, -7.0, 0);
    }

    #[test]
    fn tries_are_counted() {
        let outcome = lost(TransportErrorKind::Connect, &Method::GET);
        let n_tries = |retry: Retry| (1..).find(|n| retry.decide(*n, &outcome).is_none()).unwrap();
        assert_eq!(n_tries(Retry::new()), Retry::TRIES_MAX_DEFAULT);
        assert_eq!(n_tries(Retry::new().tries_max(7)), 7);
        assert_eq!(n_tries(Retry::never()), 1);
        assert_eq!(n_tries(Retry::new().tries_max(0)), 1);
    }

    #[test]
    fn only_what_is_safe_is_sent_again() {
        use TransportErrorKind::{Connect, Interrupted, Misuse, Other, Proxy, Timeout, Tls, TooLarge};
        let check = |outcome: Outcome, safely: bool, at_all: bool| {
            let decided = |retry: Retry| retry.decide(1, &outcome).is_some();
            assert_eq!(decided(Retry::new()), safely, "{outcome:?}");
            assert_eq!(decided(Retry::new().any_method(true)), at_all, "{outcome:?}");
        };
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            for kind in [Connect, Interrupted, Timeout] {
                check(lost(kind, &method), true, true);
            }
            check(Outcome::of_reply(&method, true, &HeaderMap::new()), true, true);
        }
        for method in [Method::POST, Method::PATCH] {
            check(lost(Connect, &method), true, true);
            for kind in [Interrupted, Timeout] {
                check(lost(kind, &method), false, true);
            }
            check(Outcome::of_reply(&method, true, &HeaderMap::new()), false, true);
        }
        for kind in [Tls, Proxy, TooLarge, Misuse, Other] {
            check(lost(kind, &Method::GET), false, false);
        }
        check(Outcome::of_reply(&Method::GET, false, &HeaderMap::new()), false, false);
    }

    #[test]
    fn the_server_may_ask_for_a_pause() {
        let check = |retry_after: &str, date: Option<&str>, pause_secs: Option<u64>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            let outcome = Outcome::of_reply(&Method::GET, true, &headers);
            let pause = Retry::new().decide_with(1, &outcome, 0.0);
            assert_eq!(pause, pause_secs.map(Duration::from_secs), "{retry_after} {date:?}");
            let later = Retry::new().decide_with(1, &outcome, 1.0);
            assert_eq!(
                later,
                pause.map(|pause| pause + Retry::PAUSE_FIRST_DEFAULT),
                "{retry_after} {date:?}"
            );
        };
        check("0", None, Some(0));
        check(" 30 ", None, Some(30));
        check("31", None, None);
        check("99999999999999999999999", None, None);
        check("", None, Some(0));
        check("-5", None, Some(0));
        check("soon", None, Some(0));
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        check("Sun, 06 Nov 1994 08:49:59 GMT", date, Some(22));
        check("Sun, 06 Nov 1994 08:49:30 GMT", date, Some(0));
        check("Sun, 06 Nov 1994 09:49:37 GMT", date, None);
        check("Sun, 06 Nov 1994 08:49:59 GMT", None, Some(0));
        check("Sun, 06 Nov 1994 08:49:59 GMT", Some("today"), Some(0));
    }

    #[test]
    fn random_parts_differ() {
        let parts: Vec<f64> = (0..100).map(|_| random_part()).collect();
        assert!(parts.iter().all(|part| (0.0..=1.0).contains(part)), "{parts:?}");
        let n_small = parts.iter().filter(|part| **part < 0.5).count();
        // Fair coins fall so far apart once in more than 10^20 times.
        assert!((2..=98).contains(&n_small), "{parts:?}");
    }
}
