//! Any bytes as a form: no panic, and what could be read is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeReason, Unknown, form};
use vapi_runtime::codegen::{Data, Structure};

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{CreateInput, Everything};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, body)) = bytes.split_first() else { return };
    let body = String::from_utf8_lossy(body);
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    match first >> 1 & 1 {
        0 => read::<Everything>(&body, &options),
        _ => read::<CreateInput>(&body, &options),
    }
});

fn read<S: Data + Structure + PartialEq>(body: &str, options: &DecodeOptions) {
    let mut value = S::empty();
    if form::decode_input(body, &mut value, &[], options).is_err() {
        return;
    }
    let body = match form::encode_input(&value, &[], Dialect::Page2014) {
        Ok(body) => body,
        // Names of dynamic structures that are read but would be taken for marks.
        Err(error) if matches!(error.reason, EncodeReason::Name(_)) => return,
        Err(error) => panic!("what was read can be written: {error}"),
    };
    let mut again = S::empty();
    form::decode_input(&body, &mut again, &[], &DecodeOptions::default()).expect("what was written can be read");
    assert_eq!(value, again);
}
