//! Any bytes as XML: no panic, and what could be read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::{DecodeOptions, EncodeReason, Layout, Unknown, xml};
use vapi_runtime::codegen::{Data, OperationTable, Structure};

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{CREATE, CreateInput, EVERYTHING_OPERATION, Everything, NotFound};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    match first >> 1 & 3 {
        0 => read::<Everything>(&EVERYTHING_OPERATION, body, &options),
        1 => read::<CreateInput>(&CREATE, body, &options),
        2 => {
            let _ = xml::decode_error(body, &mut NotFound::empty(), &options);
        }
        _ => {
            let _ = xml::decode_unknown_error(body, &options);
        }
    }
});

fn read<S: Data + Structure + PartialEq>(operation: &OperationTable, body: &[u8], options: &DecodeOptions) {
    let mut value = S::empty();
    if xml::decode_input(operation, body, &mut value, &[], options).is_err() {
        return;
    }
    for layout in [Layout::Compact, Layout::Page] {
        let body = match xml::encode_input(operation, &value, &[], layout) {
            Ok(body) => body,
            // The parser lets through names that XML does not allow.
            Err(error) if matches!(error.reason, EncodeReason::Name(_)) => return,
            Err(error) => panic!("what was read can be written: {error}"),
        };
        let mut again = S::empty();
        xml::decode_input(operation, &body, &mut again, &[], &DecodeOptions::default())
            .expect("what was written can be read");
        assert_eq!(value, again);
    }
}
