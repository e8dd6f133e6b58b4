//! Any bytes as a JSON-RPC call: no panic, what is refused can be told, and what could be read is written and read again as
//! the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::ExecutionContext;
use vapi_runtime::codec::json_rpc::{self, BadInput};
use vapi_runtime::codec::{DecodeOptions, EncodeReason, Unknown};
use vapi_runtime::codegen::{Data, OperationTable, Structure};

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{CREATE, CreateInput, EVERYTHING_OPERATION, Everything};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    match first >> 1 & 1 {
        0 => read::<Everything>(&EVERYTHING_OPERATION, body, &options),
        _ => read::<CreateInput>(&CREATE, body, &options),
    }
});

fn read<S: Data + Structure + PartialEq>(operation: &OperationTable, body: &[u8], options: &DecodeOptions) {
    let Some(value) = decode::<S>(operation, body, options) else { return };
    let call = match json_rpc::encode_request(operation, &value, &ExecutionContext::new(), "0") {
        Ok(call) => call,
        // A reader has a little more room than a writer, which has to think of the reader's envelope.
        Err(error) if matches!(error.reason, EncodeReason::TooDeep { .. }) => return,
        Err(error) => panic!("what was read can be written: {error}"),
    };
    let again = decode::<S>(operation, &call, &DecodeOptions::default()).expect("what was written can be read");
    assert_eq!(value, again);
}

fn decode<S: Data + Structure>(operation: &OperationTable, body: &[u8], options: &DecodeOptions) -> Option<S> {
    let request = match json_rpc::decode_request(body) {
        Ok(request) => request,
        Err(failure) => {
            let reply = json_rpc::encode_protocol_failure(&failure);
            serde_json::from_slice::<serde_json::Value>(&reply).expect("the refusal is JSON");
            return None;
        }
    };
    let mut value = S::empty();
    match json_rpc::decode_input(request.input, &mut value, options) {
        Ok(()) => Some(value),
        Err(BadInput::Invalid) => None,
        Err(bad) => {
            let fault = json_rpc::fault_of(operation.input, &bad);
            assert!(!fault.messages().is_empty());
            None
        }
    }
}
