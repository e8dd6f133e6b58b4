//! Login sessions: what the tests of them share, which is a store with a clock that stands still, and a login service.
//!
//! `tables` is the login service as the generator would write it; the rest are the tests.

mod admission;
mod client;
mod credentials;
mod limits;
mod logins;
mod store;
pub(crate) mod tables;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use vapi_runtime::DateTime;
use vapi_runtime::server::{Fault, KnownUsers, Login, Principal, SessionLimits, SessionService, Sessions};

const USER: &str = "Administrator@VSPHERE.LOCAL";
const PASSWORD: &str = "p@ss:w0rd";
/// `Basic` for that user and password, as govmomi sends it.
const BASIC: &str = "Basic YWRtaW5pc3RyYXRvckB2c3BoZXJlLmxvY2FsOnBAc3M6dzByZA==";

/// 2014-09-01T10:20:30.123Z.
const START_MS: i64 = 1_409_566_830_123;
const MINUTE_MS: i64 = 60_000;

/// A clock that goes where it is told to.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn set(&self, after_start_ms: i64) {
        self.0.store(START_MS + after_start_ms, Ordering::Relaxed);
    }
}

fn sessions(limits: SessionLimits) -> (Sessions, Clock) {
    let clock = Clock(Arc::new(AtomicI64::new(START_MS)));
    let now = clock.clone();
    let sessions =
        Sessions::with_clock(limits, move || DateTime::from_unix_ms(now.0.load(Ordering::Relaxed)).unwrap());
    (sessions, clock)
}

fn log_in(sessions: &Sessions, user: &str) -> Login {
    sessions.open(Principal::new(user)).unwrap()
}

fn service(sessions: &Sessions) -> SessionService {
    SessionService::new(&tables::SERVICE, sessions.clone(), KnownUsers::new().user(USER, PASSWORD))
}

/// Headers by name and value, several of one name included.
fn headers(headers: &[(&str, &str)]) -> http::HeaderMap {
    let mut map = http::HeaderMap::new();
    for (name, value) in headers {
        let name: http::HeaderName = name.parse().unwrap();
        map.append(name, http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    map
}

fn text(fault: &Fault) -> String {
    let messages = fault.messages().iter();
    let messages = messages
        .map(|message| format!("{} [{}] {}", message.id, message.args.join(", "), message.default_message));
    format!("{:?} | {}", fault.error(), messages.collect::<Vec<_>>().join(" | "))
}
