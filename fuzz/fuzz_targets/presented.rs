//! Any headers and JSON-RPC call as what a request shows of its caller: no panic, and nobody is let in.
#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::json_rpc;
use vapi_runtime::server::{Presented, Sessions};

const NAMES: [&str; 3] = ["authorization", "cookie", "vmware-api-session-id"];

fuzz_target!(|bytes: &[u8]| {
    let sessions = Sessions::default();
    let mut headers = HeaderMap::new();
    // A line a header, its first byte the name; the last line is the call.
    let mut lines: Vec<&[u8]> = bytes.split(|&byte| byte == b'\n').collect();
    let call = json_rpc::decode_request(lines.pop().unwrap_or_default());
    let security = call.ok().and_then(|call| call.security);
    for (&first, value) in lines.into_iter().filter_map(<[u8]>::split_first) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(NAMES[usize::from(first) % NAMES.len()]), value);
        }
    }
    let shown = [
        Presented::from_headers(&headers),
        Presented::from_security_context(&headers, security.as_ref()),
    ];
    for presented in shown {
        sessions.admit(presented).expect_err("nobody is logged in");
    }
});
