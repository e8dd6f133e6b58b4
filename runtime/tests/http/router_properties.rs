//! Whatever a request says, on whatever surface, logged in or not, the router answers what clients can read.

#[path = "../../../fuzz/fuzz_targets/router/answered.rs"]
mod answered;

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::select;

use self::answered::{Routers, request};
use crate::sessions::tables;

static ROUTERS: LazyLock<Routers> = LazyLock::new(|| Routers::new(&tables::SERVICE));

const LINES: &[&str] = &[
    "POST /api",
    "POST /api/",
    "GET /api",
    "GET /api/store/parcel/p-1",
    "GET /api/store/parcel/broken",
    "POST /api/store/parcel/p-1?action=hand-back",
    "POST /api/store/parcel",
    "GET /api/store/parcel?shelf_id=s",
    "PUT /api/store/parcel",
    "POST /api/session",
    "DELETE /api/session",
    "GET /rest/com/example/store/parcel/id:p-1",
    "POST /rest/com/example/store/parcel/id%3Ap-1?%7Eaction=hand-back",
    "POST /rest/com/example/store/parcel?~action=get",
    "GET /rest/nothing",
    "POST /rest/com/vmware/cis/session",
    "POST /rest/com/vmware/cis/session?~action=get",
    "GET /com/example/store/parcel/id:p-1",
    "POST /com/example/store/parcel/id:p-1?~action=hand-back&reason=r&days=3",
    "POST /com/example/store/parcel?~action=create",
    "POST /com/vmware/cis/session",
];

const HEADERS: &[&str] = &[
    "accept:application/json",
    "accept:application/xml",
    "accept:*/*",
    "accept:text/html",
    "content-type:application/json",
    "content-type:application/xml",
    "content-type:application/x-www-form-urlencoded",
    "content-type:text/plain",
    "content-encoding:gzip",
    "vmware-api-session-id:SESSION",
    "vmware-api-session-id:x",
    "cookie:vmware-api-session-id=x",
    "authorization:Basic dXNlcjpwYXNzd29yZA==",
    "authorization:Basic !",
    "authorization:Bearer x",
    "vapi-service:com.example.store.parcel",
    "vapi-operation:get",
    "parcel-token:t",
    "expect:100-continue",
];

const BODIES: &[&str] = &[
    "",
    "{}",
    r#"{"reason":"r","days":-1}"#,
    r#"{"parcel_id":"p-1","reason":"r"}"#,
    r#"{"parcel_id":"p-1"}"#,
    r#"{"create_spec":{"weight":1,"inner":{"weight":2}}}"#,
    r#"{"weight":1}"#,
    "parcel_id=p-1&reason=r",
    r#"<HandBack-Input xmlns="http://vmware.com/com/example/store/parcel"><reason xmlns="">r</reason></HandBack-Input>"#,
    r#"{"jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.example.store.parcel","operationId":"get","ctx":{"appCtx":{}},"input":{"STRUCTURE":{"operation-input":{"parcel_id":"p-1"}}}},"id":"1"}"#,
    r#"{"jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.vmware.cis.session","operationId":"create","ctx":{"securityCtx":{"schemeId":"com.vmware.vapi.std.security.user_pass","userName":"user","password":"password"}},"input":{"STRUCTURE":{"operation-input":{}}}},"id":1}"#,
    r#"{"jsonrpc":"2.0","method":"probe","params":{},"id":"0"}"#,
    r#"{"jsonrpc":"1.0"}"#,
    "[",
];

/// One of these, as it is or with a piece of it replaced.
fn bent(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    let bend = |(known, at, n, with): (&str, prop::sample::Index, usize, String)| {
        let mut chars: Vec<char> = known.chars().collect();
        let begin = at.index(chars.len() + 1);
        let end = (begin + n).min(chars.len());
        chars.splice(begin..end, with.chars());
        chars.into_iter().collect()
    };
    prop_oneof![
        2 => select(known).prop_map(str::to_owned),
        1 => (select(known), any::<prop::sample::Index>(), 0..4usize, "[ -~]{0,3}").prop_map(bend),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn any_request_gets_a_reply_that_clients_read(
        is_closed in any::<bool>(),
        line in bent(LINES),
        headers in prop::collection::vec(bent(HEADERS), 0..4),
        body in bent(BODIES),
    ) {
        let head: String = std::iter::once(line).chain(headers).collect::<Vec<_>>().join("\n");
        if let Some(request) = request(format!("{head}\n\n{body}").as_bytes()) {
            ROUTERS.check(is_closed, request);
        }
    }
}
