//! Any request on any surface, with and without login sessions: no panic, and a reply that clients can read.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

#[path = "router/answered.rs"]
mod answered;
#[path = "../../runtime/tests/http/parcel.rs"]
#[allow(dead_code, reason = "the client's half is for tests")]
mod parcel;
#[path = "../../runtime/tests/http/std_errors.rs"]
#[allow(dead_code, reason = "the other errors are for tests")]
mod std_errors;
#[path = "../../runtime/tests/http/sessions/tables.rs"]
#[allow(dead_code, reason = "what is no login is for tests")]
mod tables;

use answered::Routers;

static ROUTERS: LazyLock<Routers> = LazyLock::new(|| Routers::new(&tables::SERVICE));

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, bytes)) = bytes.split_first() else { return };
    if let Some(request) = answered::request(bytes) {
        ROUTERS.check(first & 1 == 1, request);
    }
});
