//! Any bytes as JSON: no panic, and what could be read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::{DecodeOptions, EncodeOptions, Layout, Unknown, json};
use vapi_runtime::codegen::Data;

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{Everything, NotFound, UpdateSessionModel};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    match first >> 1 & 3 {
        0 => read::<Everything>(body, &options),
        1 => read::<UpdateSessionModel>(body, &options),
        2 => {
            let _ = json::decode_error(body, &mut NotFound::empty(), &options);
        }
        _ => {
            let _ = json::decode_unknown_error(body, &options);
        }
    }
});

fn read<S: Data + vapi_runtime::codegen::Structure + PartialEq>(body: &[u8], options: &DecodeOptions) {
    let mut value = S::empty();
    if json::decode_input(body, &mut value, &[], options).is_err() {
        return;
    }
    for layout in [Layout::Compact, Layout::Page] {
        let body = json::encode_input(&value, &[], &EncodeOptions { layout, ..EncodeOptions::default() }).expect("what was read can be written");
        let mut again = S::empty();
        json::decode_input(&body, &mut again, &[], &DecodeOptions::default()).expect("what was written can be read");
        assert_eq!(value, again);
    }
}
