//! Any bytes as a query below `/api`: no panic, and what could be read is written, and read and written again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeReason, Unknown, form};
use vapi_runtime::codegen::{Data, Structure};

#[path = "../../runtime/tests/codec/model.rs"]
mod model;

use model::{Everything, Search};

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, query)) = bytes.split_first() else { return };
    let query = String::from_utf8_lossy(query);
    let unknown = if first & 1 == 0 { Unknown::Refuse } else { Unknown::Ignore };
    let options = DecodeOptions { unknown, dialect: Dialect::Rest, ..DecodeOptions::default() };
    match first >> 1 & 1 {
        0 => read::<Search>(&query, &[0, 1, 2, 3], &options),
        // All but the structure whose fields have the names of those of another one.
        _ => {
            let fields: Vec<u16> = (0..28).filter(|&field_idx| field_idx != 24).collect();
            read::<Everything>(&query, &fields, &options);
        }
    }
});

fn read<S: Data + Structure>(query: &str, fields: &[u16], options: &DecodeOptions) {
    let mut value = S::empty();
    if form::decode_rest_query(query, &mut value, fields, options).is_err() {
        return;
    }
    let query = match form::encode_rest_query(&value, fields) {
        Ok(query) => query,
        // Names of dynamic structures that are read but would be taken for marks.
        Err(error) if matches!(error.reason, EncodeReason::Name(_)) => return,
        Err(error) => panic!("what was read can be written: {error}"),
    };
    let mut again = S::empty();
    form::decode_rest_query(&query, &mut again, fields, options).expect("what was written can be read");
    // Not the values: an empty list that may be unset comes back unset.
    assert_eq!(form::encode_rest_query(&again, fields).expect("it was written before"), query);
}
