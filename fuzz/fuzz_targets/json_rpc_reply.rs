//! Any bytes as a JSON-RPC reply: no panic, and a result that could be read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::EncodeReason;
use vapi_runtime::codec::json_rpc;
use vapi_runtime::codegen::Data;
use vapi_runtime::{Operation, Surface};

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{Everything, EverythingOperation, Fail};

fuzz_target!(|bytes: &[u8]| {
    let _ = Fail::response(reply(bytes.to_vec()), Surface::JsonRpc);
    let Ok(output) = EverythingOperation::response(reply(bytes.to_vec()), Surface::JsonRpc) else { return };
    let request = json_rpc::decode_request(CALL).expect("the call is one");
    let body = match json_rpc::encode_result(&request.id, &EverythingOperation::TABLE.output, output.view()) {
        Ok(body) => body,
        // A reader has a little more room than a writer, which has to think of the reader's envelope.
        Err(error) if matches!(error.reason, EncodeReason::TooDeep { .. }) => return,
        Err(error) => panic!("what was read can be written: {error}"),
    };
    let again: Option<Everything> = EverythingOperation::response(reply(body), Surface::JsonRpc)
        .unwrap_or_else(|error| panic!("what was written can be read: {error}"));
    assert_eq!(output, again);
});

/// Calls of the client have the id that replies are compared with.
const CALL: &[u8] =
    br#"{"jsonrpc":"2.0","method":"invoke","params":{"serviceId":"s","operationId":"o","ctx":{"appCtx":{}}},"id":"0"}"#;

fn reply(body: Vec<u8>) -> http::Response<bytes::Bytes> {
    http::Response::new(body.into())
}
