//! What JSON accepts besides what we write, what it refuses with which words, and the bridge to other serde formats.

use serde::de::DeserializeSeed as _;
use vapi_runtime::Secret;
use vapi_runtime::codec::json::{AsSerialize, Seed, decode_input, decode_result, encode_input};
use vapi_runtime::codec::{DecodeOptions, EncodeOptions, EncodeReason, Unknown};
use vapi_runtime::codegen::{Data, Structure, Ty};
use vapi_runtime::{DateTime, Value};

use crate::model::{CreateInput, Everything, FailInput, Inner, UpdateSessionModel};

/// Everything with nothing in it, and one member replaced or added.
fn everything_with(name: &str, json: &str) -> String {
    let body = encode_input(&Everything::empty(), &[], &EncodeOptions::default()).unwrap();
    let mut members: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&body).unwrap();
    members.remove(name);
    let rest = serde_json::to_string(&members).unwrap();
    format!("{{\"{name}\":{json},{}", &rest[1..])
}

fn read(body: &str, unknown: Unknown) -> Result<Everything, String> {
    let mut everything = Everything::empty();
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    decode_input(body.as_bytes(), &mut everything, &[], &options).map_err(|error| error.to_string())?;
    Ok(everything)
}

#[test]
fn what_is_refused_says_where_and_why() {
    let check = |name: &str, json: &str, expected: &str| {
        assert_eq!(
            read(&everything_with(name, json), Unknown::Refuse),
            Err(expected.to_owned()),
            "{name}: {json}"
        );
    };
    check("count", "10.0", "`count`: expected long, got the number 10.0");
    check("count", "1e3", "`count`: expected long, got the number 1000.0");
    check("count", "9223372036854775808", "`count`: expected long, got the number 9223372036854775808");
    check("count", "\"10\"", "`count`: expected long, got a string");
    check("count", "null", "`count`: expected long, got null");
    check("flag", "\"true\"", "`flag`: expected boolean, got a string");
    check("ratio", "\"NaN\"", "`ratio`: expected double, got a string");
    check("text", "7", "`text`: expected string, got the number 7");
    check("token", "7", "`token`: expected secret, got a number");
    check("blob", "\"*\"", "`blob`: `*` is not a base64 text");
    check("at", "\"yesterday\"", "`at`: `yesterday` is not a date_time");
    check("at", "\"0000-01-01T00:00:00+00:01\"", "`at`: `0000-01-01T00:00:00+00:01` is not a date_time");
    check("link", "[]", "`link`: expected URI, got an array");
    check("owner", "{}", "`owner`: expected ID, got an object");
    check("color", "true", "`color`: expected enumeration value, got true");
    check("inner", "[]", "`inner`: expected structure, got an array");
    check(
        "inner",
        r#"{"child":{"child":{"name":1}}}"#,
        "`inner.child.child.name`: expected string, got the number 1",
    );
    check("inner", r#"{"nome":""}"#, "`inner`: test.inner has no field `nome`");
    check("inner", r#"{"name":"","name":""}"#, "`inner`: field `name` of test.inner is there more than once");
    check("anything", "1", "`anything`: expected dynamic structure, got the number 1");
    check("error", r#"{"a":1,"a":2}"#, "`error`: field `a` of the dynamic structure is there more than once");
    check("list", r#"["a",null]"#, "`list[1]`: expected string, got null");
    check("list", r#"{"a":"b"}"#, "`list`: expected list, got an object");
    check("nested", "[[],[1,true]]", "`nested[1][1]`: expected long, got true");
    check("set", "[1,2,1]", "`set[2]`: the set has this element already");
    check(
        "map",
        r#"[{"key":"a","value":{}},{"value":{},"key":"a"}]"#,
        "`map[1]`: the map has this key already",
    );
    check("map", r#"[{"key":"a"}]"#, "`map[0]`: required field `value` of the map entry is missing");
    check("map", r#"[{"key":"a","value":{},"x":1}]"#, "`map[0]`: the map entry has no field `x`");
    check(
        "map",
        r#"[["a",{}]]"#,
        "`map[0]`: expected an object with the members `key` and `value`, got an array",
    );
    check("map", r#"{"a":{},"a":{}}"#, "`map.a`: the map has this key already");
    check("maybe_flags", r#"{"x":true}"#, "`maybe_flags.x`: `x` is not a long");
    check("surplus", "1", "test.everything has no field `surplus`");
}

#[test]
fn what_is_malformed_says_where_and_why() {
    let check = |body: &str, expected: &str| {
        let mut session = CreateInput::empty();
        let told = decode_input(body.as_bytes(), &mut session, &[], &DecodeOptions::default()).unwrap_err();
        assert_eq!(told.to_string(), expected, "{body}");
    };
    check("{", "line 1, column 1: EOF while parsing an object");
    check("{\n  \"client_token\": nul\n}", "`client_token`: line 3, column 0: expected ident");
    check(r#"{"create_spec":{}} x"#, "line 1, column 20: trailing characters");
    check(
        r#"{"create_spec":{"client_progress":1e999}}"#,
        "`create_spec.client_progress`: line 1, column 39: number out of range",
    );
    check("[]", "expected an object with parameters or fields, got an array");
    check("", "required field `create_spec` of operation-input is missing");
    check(" \r\n", "required field `create_spec` of operation-input is missing");
}

#[test]
fn what_is_accepted_besides_our_own() {
    let check = |name: &str, json: &str, holds: fn(&Everything) -> bool| {
        let everything = read(&everything_with(name, json), Unknown::Refuse).unwrap();
        assert!(holds(&everything), "{name}: {json} became {everything:?}");
    };
    check("ratio", "3", |e| e.ratio == 3.0);
    check("ratio", "18446744073709551615", |e| e.ratio == 18_446_744_073_709_551_615.0);
    check("blob", "\"-_8\"", |e| e.blob == [0xFB, 0xFF]);
    check("at", "\"2013-06-06T22:13:05.6519+02:00\"", |e| {
        Some(e.at) == DateTime::from_unix_ms(1_370_549_585_651)
    });
    check("at", "\"2013-06-06T22:13:05\"", |e| Some(e.at) == DateTime::from_unix_ms(1_370_556_785_000));
    check("token", "\"s\"", |e| e.token == Secret::new("s"));
    check("maybe_text", "null", |e| e.maybe_text.is_none());
    check("maybe_list", "null", |e| e.maybe_list.is_none());
    check("map", r#"{"a":{"name":"b"}}"#, |e| e.map["a"] == Inner::named("b"));
    check("maybe_flags", r#"[{"key":1},{"key":2,"value":null}]"#, |e| {
        e.maybe_flags.as_ref().is_some_and(|flags| flags.len() == 2 && flags.values().all(Option::is_none))
    });
    check("opaque", "18446744073709551615", |e| e.opaque == Value::Double(18_446_744_073_709_551_615.0));
    check("anything", r#"{"@class":"a.b","c":[]}"#, |e| {
        e.anything.name.as_deref() == Some("a.b") && e.anything.fields["c"] == Value::List(vec![])
    });
}

#[test]
fn a_newer_peer_may_say_more() {
    let body = everything_with("surplus", r#"{"a":[1,{"a":1,"a":2}]}"#);
    assert_eq!(read(&body, Unknown::Ignore), Ok(Everything::empty()));
}

#[test]
fn the_path_may_have_the_rest() {
    let mut fail = FailInput::empty();
    let options = DecodeOptions::default();
    let seen = decode_input(br#"{"client_error_message":"m"}"#, &mut fail, &[0], &options).unwrap();
    assert_eq!((seen.contains(0), seen.contains(1)), (false, true));
    let error = decode_input(br#"{"client_error_message":"m"}"#, &mut fail, &[1], &options).unwrap_err();
    assert_eq!(error.to_string(), "required field `update_session_id` of operation-input is missing");
    let written = encode_input(&fail, &[0], &EncodeOptions::default()).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), r#"{"client_error_message":"m"}"#);
    // What is named but null was not set.
    let seen =
        decode_input(br#"{"id":null,"state":"DONE"}"#, &mut UpdateSessionModel::empty(), &[], &options)
            .unwrap();
    assert_eq!((seen.contains(0), seen.contains(5)), (false, true));
}

#[test]
fn depth_is_bounded() {
    let check = |n_levels: usize, depth_max: usize, is_ok: bool| {
        let body = format!("{}{{}}{}", "{\"child\":".repeat(n_levels - 1), "}".repeat(n_levels - 1));
        let options = DecodeOptions { depth_max, ..DecodeOptions::default() };
        let read = decode_input(body.as_bytes(), &mut Inner::empty(), &[], &options);
        assert_eq!(
            read.as_ref().map(drop).map_err(|error| error.kind.to_string()),
            if is_ok { Ok(()) } else { Err(format!("nested deeper than {} levels", depth_max.min(120))) }
        );
    };
    check(64, 64, true);
    check(65, 64, false);
    check(120, usize::MAX, true);
    check(121, usize::MAX, false);
    check(100_000, usize::MAX, false);
    let deep = (0..121).fold(Value::Null, |value, _| Value::List(vec![value]));
    let error =
        encode_input(&Everything { opaque: deep, ..Everything::empty() }, &[], &EncodeOptions::default())
            .unwrap_err();
    assert_eq!(error.reason, EncodeReason::TooDeep { max: 120 });
}

#[test]
fn what_cannot_be_written_says_where_and_why() {
    let check = |everything: Everything, expected: &str| {
        assert_eq!(
            encode_input(&everything, &[], &EncodeOptions::default()).unwrap_err().to_string(),
            expected
        );
    };
    check(Everything { ratio: f64::NAN, ..Everything::empty() }, "`ratio`: NaN is not a finite number");
    let opaque = Value::List(vec![Value::Null, Value::Double(f64::INFINITY)]);
    check(Everything { opaque, ..Everything::empty() }, "`opaque[1]`: inf is not a finite number");
    let at = DateTime::from_unix_ms(-62_167_219_200_001).unwrap();
    check(
        Everything { at, ..Everything::empty() },
        "`at`: -000001-12-31T23:59:59.999Z has no year of four digits",
    );
    let mut reserved = Everything::empty();
    reserved.anything.fields.insert("@class".into(), Value::Null);
    check(
        reserved,
        "`anything`: `@class` cannot be the name of a field of a dynamic structure in this representation",
    );
}

#[test]
fn results() {
    let options = DecodeOptions { unknown: Unknown::Ignore, ..DecodeOptions::default() };
    let check = |body: &str, expected: Result<Option<i64>, &str>| {
        let mut read = Option::<i64>::empty();
        let told = decode_result(body.as_bytes(), &Ty::Optional(&Ty::Long), read.slot(), &options);
        let told = told.map(|()| read).map_err(|error| error.to_string());
        assert_eq!(told, expected.map_err(str::to_owned), "{body}");
    };
    check(r#"{"value":1}"#, Ok(Some(1)));
    check(r#"{"value":null}"#, Ok(None));
    check("{}", Ok(None));
    check("", Ok(None));
    check(r#"{"other":2,"value":1}"#, Ok(Some(1)));
    check(r#"{"value":"1"}"#, Err("`value`: expected long, got a string"));
    check("1", Err("expected an object with the member `value`, got a number"));
    let mut long = 0_i64;
    let error = decode_result(b"{}", &Ty::Long, long.slot(), &options).unwrap_err();
    assert_eq!(error.to_string(), "required field `value` of the result is missing");
    decode_result(b"whatever", &Ty::Void, ().slot(), &options).unwrap();
}

#[test]
fn any_serde_format_will_do() {
    let session = UpdateSessionModel { client_progress: Some(10), ..UpdateSessionModel::empty() };
    let value = serde_json::to_value(AsSerialize(&session)).unwrap();
    assert_eq!(value, serde_json::json!({"client_progress": 10}));
    let mut read = UpdateSessionModel::empty();
    let options = DecodeOptions::default();
    let seen = Seed::new(&mut read, &options).deserialize(&value).unwrap();
    assert!(seen.contains(4));
    assert_eq!(read, session);
    let wrong = serde_json::json!({"error_message": {"args": [1]}});
    let error = Seed::new(&mut read, &options).deserialize(wrong).unwrap_err();
    assert_eq!(error.to_string(), "`error_message.args[0]`: expected string, got the number 1");
    let not_finite = Everything { ratio: f64::NAN, ..Everything::empty() };
    let error = serde_json::to_value(AsSerialize(&not_finite as &dyn Structure)).unwrap_err();
    assert_eq!(error.to_string(), "`ratio`: NaN is not a finite number");
}
