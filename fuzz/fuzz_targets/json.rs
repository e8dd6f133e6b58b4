//! Any bytes as JSON of any dialect: no panic, and what could be read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeOptions, Layout, Unknown, json};
use vapi_runtime::codegen::Data;

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{Everything, NotFound, UpdateSessionModel};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let dialect = match first >> 6 {
        1 => Dialect::Rest,
        2 => Dialect::Legacy,
        _ => Dialect::Page2014,
    };
    let options = DecodeOptions { unknown, dialect, ..DecodeOptions::default() };
    match first >> 1 & 3 {
        0 => read::<Everything>(body, &options),
        1 => read::<UpdateSessionModel>(body, &options),
        2 => {
            let _ = json::decode_error_id(body, &options);
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
        let written = EncodeOptions { layout, dialect: options.dialect };
        let body = json::encode_input(&value, &[], &written).expect("what was read can be written");
        let mut again = S::empty();
        let options = DecodeOptions { dialect: options.dialect, ..DecodeOptions::default() };
        json::decode_input(&body, &mut again, &[], &options).expect("what was written can be read");
        assert_eq!(value, again);
    }
}
