//! One measurement a process: `bench NAME N` does one thing N times; `cargo xtask bench` counts its CPU time.
//!
//! `bench list` prints the pairs to compare: ours, the rival, what they do, the goal as a ratio, how often.
//! Each run first checks that ours and the rival agree on the value, so that nobody is fast by doing less.

mod by_hand;
mod twin;

use std::hint::black_box;
use std::process::ExitCode;

use vapi::content::library::item::update_session::{Create, CreateInput};
use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeOptions, Layout, form, json, json_rpc, xml};
use vapi_runtime::data::Data as _;
use vapi_runtime::{ExecutionContext, Operation as _};

const JSON: &str = r#"{"client_token":"b00db39f948d13ea1e59b4d6fce56389","create_spec":{"client_progress":10,"error_message":{"args":["disk-0.vmdk","connection reset by peer"],"default_message":"Could not read disk-0.vmdk: \"connection reset by peer\"","id":"com.example.upload.read"},"expiration_time":"2013-06-06T22:13:05","id":"obj-103","library_item_content_version":"2","library_item_id":"0e1a3b5c-77d2-4a51-9b39-7a3f7c6a0d11","state":"ERROR","warning_behavior":[{"ignored":true,"type":"SELF_SIGNED_CERTIFICATE"},{"ignored":false,"type":"UNTRUSTED_CERTIFICATE"}]}}"#;

const LIST: &str = "\
json-decode\tderive-decode\tJSON decode against `serde_json` derive\t1.1\t400000
json-encode\tderive-encode\tJSON encode against `serde_json` derive\t1.1\t800000
xml-decode\thand-xml-decode\tXML decode against hand-written code over quick-xml\t1.5\t100000
xml-encode\thand-xml-encode\tXML encode against hand-written code\t1.5\t400000
form-decode\thand-form-decode\tform decode against hand-written code over form_urlencoded\t1.5\t200000
form-encode\thand-form-encode\tform encode against hand-written code\t1.5\t200000
json-rpc-decode\tjson-decode\tJSON-RPC decode against JSON decode of the same parameters\t3\t200000
json-rpc-encode\tjson-encode\tJSON-RPC encode against JSON encode of the same parameters\t2\t400000
";

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for another program")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    if name == "list" {
        print!("{LIST}");
        return ExitCode::SUCCESS;
    }
    let n = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1);
    match measure(&name, n) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(name: &str, n: usize) -> Result<(), Box<dyn std::error::Error>> {
    let options = DecodeOptions::default();
    let twin: twin::Input = serde_json::from_str(JSON)?;
    let mut ours = CreateInput::empty();
    json::decode_input(JSON.as_bytes(), &mut ours, &[], &options)?;
    let xml_document = String::from_utf8(xml::encode_input(Create::TABLE, &ours, &[], Layout::Compact)?)?;
    let form_pairs = form::encode_input(&ours, &[], Dialect::Page2014)?;
    let call = json_rpc::encode_request(Create::TABLE, &ours, &ExecutionContext::default(), "0")?;
    agree("JSON-RPC read", &decode_call(&call, &options)?, &ours)?;
    agree("JSON", &json::encode_input(&ours, &[], &EncodeOptions::default())?, &serde_json::to_vec(&twin)?)?;
    agree("XML", &xml_document, &by_hand::encode_xml(&twin))?;
    agree("XML read", &by_hand::decode_xml(&xml_document)?, &twin)?;
    agree("form", &form_pairs, &by_hand::encode_form(&twin))?;
    agree("form read", &by_hand::decode_form(&form_pairs)?, &twin)?;
    for _ in 0..n {
        match name {
            "json-decode" => {
                let mut input = CreateInput::empty();
                json::decode_input(black_box(JSON.as_bytes()), &mut input, &[], &options)?;
                black_box(input);
            }
            "derive-decode" => {
                black_box(serde_json::from_slice::<twin::Input>(black_box(JSON.as_bytes()))?);
            }
            "json-encode" => {
                black_box(json::encode_input(black_box(&ours), &[], &EncodeOptions::default())?);
            }
            "derive-encode" => {
                black_box(serde_json::to_vec(black_box(&twin))?);
            }
            "xml-decode" => {
                let mut input = CreateInput::empty();
                let body = black_box(xml_document.as_bytes());
                xml::decode_input(Create::TABLE, body, &mut input, &[], &options)?;
                black_box(input);
            }
            "hand-xml-decode" => {
                black_box(by_hand::decode_xml(black_box(&xml_document))?);
            }
            "xml-encode" => {
                black_box(xml::encode_input(Create::TABLE, black_box(&ours), &[], Layout::Compact)?);
            }
            "hand-xml-encode" => {
                black_box(by_hand::encode_xml(black_box(&twin)));
            }
            "form-decode" => {
                let mut input = CreateInput::empty();
                form::decode_input(black_box(&form_pairs), &mut input, &[], &options)?;
                black_box(input);
            }
            "hand-form-decode" => {
                black_box(by_hand::decode_form(black_box(&form_pairs))?);
            }
            "form-encode" => {
                black_box(form::encode_input(black_box(&ours), &[], Dialect::Page2014)?);
            }
            "hand-form-encode" => {
                black_box(by_hand::encode_form(black_box(&twin)));
            }
            "json-rpc-decode" => {
                black_box(decode_call(black_box(&call), &options)?);
            }
            "json-rpc-encode" => {
                let cx = ExecutionContext::default();
                black_box(json_rpc::encode_request(Create::TABLE, black_box(&ours), &cx, "0")?);
            }
            _ => return Err("no such measurement".into()),
        }
    }
    Ok(())
}

/// A call from its envelope down to the parameters.
fn decode_call(call: &[u8], options: &DecodeOptions) -> Result<CreateInput, Box<dyn std::error::Error>> {
    let request = json_rpc::decode_request(call).map_err(|error| error.to_string())?;
    let mut input = CreateInput::empty();
    json_rpc::decode_input(request.input, &mut input, options).map_err(|error| format!("{error:?}"))?;
    Ok(input)
}

fn agree<T: PartialEq + std::fmt::Debug>(what: &str, ours: &T, rival: &T) -> Result<(), String> {
    if ours == rival {
        Ok(())
    } else {
        Err(format!("{what}: ours and the rival disagree: {ours:?}, {rival:?}"))
    }
}
