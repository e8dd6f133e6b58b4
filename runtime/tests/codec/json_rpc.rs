//! JSON-RPC where no capture shows it: how each kind of value is written, what a server refuses with which words, what a
//! client puts up with, envelopes, depth.
//!
//! The captured exchanges are replayed by the demo, through router and client.

use std::collections::BTreeMap;

use vapi_runtime::codec::json_rpc::{
    Application, BadInput, Id, check_headers, decode_input, decode_request, decode_structure,
    encode_protocol_failure, encode_request, encode_result, encode_structure, fault_of,
};
use vapi_runtime::codec::{DecodeOptions, EncodeReason, Unknown};
use vapi_runtime::codegen::{Data, Structure, Ty};
use vapi_runtime::{
    DynamicStructure, Error, ExecutionContext, Operation, Secret, SecurityContext, Surface, Uri, Value,
};

use crate::model::{
    Choice, Color, EVERYTHING, EVERYTHING_OPERATION, Everything, Fail, FailInput, Inner, NotFound, OwnerId,
    State,
};

/// The field's value in everything with nothing in it but what `set` sets.
fn written(name: &str, set: impl FnOnce(&mut Everything)) -> String {
    let mut everything = Everything::empty();
    set(&mut everything);
    let body = String::from_utf8(encode_structure(&everything).unwrap()).unwrap();
    let names: Vec<&str> = everything.table().fields.iter().map(|field| field.name).collect();
    let idx = names.iter().position(|known| *known == name).unwrap();
    let from = body.find(&format!("\"{name}\":")).unwrap() + name.len() + 3;
    let to = names.get(idx + 1).map_or(body.len() - 3, |next| body.find(&format!(",\"{next}\":")).unwrap());
    body[from..to].to_owned()
}

#[test]
fn each_kind_has_its_tag() {
    let check = |name: &str, set: fn(&mut Everything), expected: &str| {
        assert_eq!(written(name, set), expected);
    };
    check("flag", |e| e.flag = true, "true");
    check("count", |e| e.count = i64::MIN, "-9223372036854775808");
    check("text", |e| e.text = "ü\"\n".to_owned(), r#""ü\"\n""#);
    check("token", |e| e.token = Secret::new("s"), r#"{"SECRET":"s"}"#);
    check("blob", |e| e.blob = vec![0xFB, 0xFF], r#"{"BINARY":"+/8="}"#);
    check("at", |_| {}, r#""1970-01-01T00:00:00.000Z""#);
    check("link", |e| e.link = Uri::new("http://x"), r#""http://x""#);
    check("inner", |_| {}, INNER);
    check("set", |e| e.set = [2, 1].into(), "[1,2]");
    check(
        "lists",
        |e| _ = e.lists.insert(OwnerId::new("o"), vec![1]),
        r#"[{"STRUCTURE":{"map-entry":{"key":"o","value":[1]}}}]"#,
    );
    check("gaps", |e| e.gaps = vec![None, Some("a".into())], r#"[{"OPTIONAL":null},{"OPTIONAL":"a"}]"#);
    check("maybe_at", |_| {}, r#"{"OPTIONAL":null}"#);
    check("maybe_inner", |e| e.maybe_inner = Some(Inner::empty()), &format!(r#"{{"OPTIONAL":{INNER}}}"#));
    check("anything", |_| {}, r#"{"STRUCTURE":{"dynamic_structure":{}}}"#);
    check("error", |e| e.error.name = Some("x.y".into()), r#"{"ERROR":{"x.y":{}}}"#);
}

const INNER: &str = concat!(
    r#"{"STRUCTURE":{"test.inner":{"name":{"OPTIONAL":null},"child":{"OPTIONAL":null},"#,
    r#""numbers":{"OPTIONAL":null}}}}"#
);

#[test]
fn opaque_values_keep_their_tags() {
    let check = |value: Value, expected: &str| {
        assert_eq!(written("opaque", |e| e.opaque = value.clone()), expected);
        assert_eq!(everything_with("opaque", expected, Unknown::Refuse).unwrap().opaque, value);
    };
    check(Value::Null, r#"{"OPTIONAL":null}"#);
    check(Value::Secret(Secret::new("s")), r#"{"SECRET":"s"}"#);
    check(Value::Binary(vec![1]), r#"{"BINARY":"AQ=="}"#);
    check(Value::Optional(Box::new(Value::Long(1))), r#"{"OPTIONAL":1}"#);
    check(Value::Optional(Box::new(Value::Null)), r#"{"OPTIONAL":{"OPTIONAL":null}}"#);
    let dynamic = DynamicStructure {
        name: Some("foo.bar".to_owned()),
        fields: BTreeMap::from([("a".to_owned(), Value::Double(1.0))]),
    };
    check(Value::Structure(dynamic.clone()), r#"{"STRUCTURE":{"foo.bar":{"a":1.0E0}}}"#);
    check(Value::Error(dynamic), r#"{"ERROR":{"foo.bar":{"a":1.0E0}}}"#);
}

#[test]
fn doubles_are_spelt_as_xml_schema_has_them() {
    let check = |value: f64, expected: &str| assert_eq!(written("ratio", |e| e.ratio = value), expected);
    check(0.0, "0.0E0");
    check(-0.0, "-0.0E0");
    check(1.5, "1.5E0");
    check(0.1, "1.0E-1");
    check(-100.0, "-1.0E2");
    check(0.001, "1.0E-3");
    check(123_456_789.125, "1.23456789125E8");
    check(1e300, "1.0E300");
    check(f64::MIN_POSITIVE, "2.2250738585072014E-308");
    let error = encode_structure(&Everything { ratio: f64::NAN, ..Everything::empty() }).unwrap_err();
    assert_eq!(error.to_string(), "`ratio`: NaN is not a finite number");
}

/// Everything with nothing in it but a field that is written as given.
fn everything_with(name: &str, json: &str, unknown: Unknown) -> Result<Everything, String> {
    let before = written(name, |_| {});
    let body = String::from_utf8(encode_structure(&Everything::empty()).unwrap()).unwrap();
    let body = body.replacen(&format!("\"{name}\":{before}"), &format!("\"{name}\":{json}"), 1);
    let mut everything = Everything::empty();
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    match decode_structure(body.as_bytes(), &mut everything, &options) {
        Ok(()) => Ok(everything),
        Err(error) => {
            let fault = fault_of(&EVERYTHING, &BadInput::Decode(error));
            let messages =
                fault.messages().iter().map(|message| format!("{} {:?}", message.id, message.args));
            let standard = fault.error().id().rsplit('.').next().unwrap();
            Err(format!("{standard}: {}", messages.collect::<Vec<_>>().join(" ")))
        }
    }
}

const INVALID: &str = "invalid_argument: vapi.data.structure.field.invalid";

#[test]
fn what_a_server_refuses_is_told_in_the_protocols_words() {
    let check = |name: &str, json: &str, expected: &str| {
        assert_eq!(everything_with(name, json, Unknown::Refuse), Err(expected.to_owned()), "{name}: {json}");
    };
    let mismatch = |name: &str, json: &str, expected: &str, got: &str| {
        let stack = format!("{INVALID} [{name:?}, \"test.everything\"] ");
        let is_optional = name.starts_with("maybe");
        let optional = if is_optional { "vapi.data.optional.validate [] " } else { "" };
        let last = format!("vapi.data.validate.mismatch [{expected:?}, {got:?}]");
        check(name, json, &format!("{stack}{optional}{last}"));
    };
    mismatch("flag", r#""true""#, "Boolean", "String");
    mismatch("count", "10.0", "Integer", "Double");
    mismatch("count", "1e3", "Integer", "Double");
    mismatch("ratio", r#""1.5""#, "Double", "String");
    mismatch("text", "null", "String", "Void");
    mismatch("token", r#""s""#, "Secret", "String");
    mismatch("text", r#"{"SECRET":"s"}"#, "String", "Secret");
    mismatch("blob", r#""AQ==""#, "Blob", "String");
    mismatch("inner", r#"{"ERROR":{"test.inner":{}}}"#, "Structure", "Error");
    mismatch("error", r#"{"STRUCTURE":{"x":{}}}"#, "Error", "Structure");
    mismatch("list", "1", "List", "Integer");
    mismatch("maybe_text", r#""bare""#, "Optional", "String");
    mismatch("maybe_text", r#"{"OPTIONAL":1}"#, "String", "Integer");
    check(
        "inner",
        r#"{"STRUCTURE":{"test.inner":{"numbers":{"OPTIONAL":[1,true]}}}}"#,
        concat!(
            "invalid_argument: vapi.data.structure.field.invalid [\"inner\", \"test.everything\"] ",
            "vapi.data.structure.field.invalid [\"numbers\", \"test.inner\"] vapi.data.optional.validate [] ",
            "vapi.data.list.invalid.entry [\"1\"] vapi.data.validate.mismatch [\"Integer\", \"Boolean\"]"
        ),
    );
    let inner = format!("{INVALID} [\"inner\", \"test.everything\"] ");
    let named = format!("{inner}vapi.data.structure.name.mismatch [\"test.inner\", \"foo\"]");
    check("inner", r#"{"STRUCTURE":{"foo":{}}}"#, &named);
    let long = format!("{INVALID} [\"count\", \"test.everything\"] vapi.data.validate.invalid ");
    let told = "[\"`9223372036854775808` is not a 64-bit integer\"]";
    check("count", "9223372036854775808", &format!("{long}{told}"));
    check(
        "inner",
        r#"{"STRUCTURE":{"test.inner":{"zzz":{"OPTIONAL":1}}}}"#,
        "unexpected_input: vapi.data.structure.field.unexpected [\"{'zzz'}\", \"test.inner\"]",
    );
    check("set", "[1,1]", "invalid_argument: vapi.bindings.typeconverter.set.duplicate.element [\"set[1]\"]");
    let entry = r#"{"STRUCTURE":{"map-entry":{"key":"a","value":{"STRUCTURE":{"test.inner":{}}}}}}"#;
    check(
        "map",
        &format!("[{entry},{entry}]"),
        "invalid_argument: vapi.bindings.typeconverter.map.duplicate.key [\"map[1]\"]",
    );
}

#[test]
fn a_date_has_seconds_and_a_zone() {
    for (date, is_read) in [
        ("2013-06-06T22:13:05.000Z", true),
        ("2013-06-06T22:13:05.1Z", true),
        ("2013-06-06T22:13:05.123456789012Z", true),
        ("2013-06-06T22:13:05+02:00", true),
        ("2013-06-06T22:13:05", false),
        ("2013-06-06t22:13:05z", false),
        ("2013-06-06T22:13:60.000Z", false),
        ("2013-06-06T22:13Z", false),
    ] {
        for unknown in [Unknown::Refuse, Unknown::Ignore] {
            let read = everything_with("at", &format!("{date:?}"), unknown);
            assert_eq!(read.is_ok(), is_read, "{date}: {read:?}");
        }
    }
    let told = everything_with("at", "\"x\"", Unknown::Refuse).unwrap_err();
    let id = "vapi.bindings.typeconverter.datetime.deserialize.invalid.format";
    assert!(told.starts_with(&format!("invalid_argument: {id} [\"x\", \"^")), "{told}");
}

#[test]
fn union_rules_hold_both_ways() {
    let check = |body: &str, id: &str, field: &str| {
        let body = format!(r#"{{"STRUCTURE":{{"test.choice":{{{body}}}}}}}"#);
        for unknown in [Unknown::Refuse, Unknown::Ignore] {
            let options = DecodeOptions { unknown, ..DecodeOptions::default() };
            let error = decode_structure(body.as_bytes(), &mut Choice::empty(), &options).unwrap_err();
            let fault = fault_of(Choice::empty().table(), &BadInput::Decode(error));
            let [message] = fault.messages() else { panic!("{fault:?}") };
            assert_eq!(
                (message.id.as_str(), &*message.args),
                (id, &["test.choice", field].map(String::from)[..])
            );
        }
    };
    check(r#""state":{"OPTIONAL":"ERROR"}"#, "vapi.data.structure.union.missing", "reason");
    check(
        r#""state":{"OPTIONAL":"DONE"},"note":{"OPTIONAL":"n"}"#,
        "vapi.data.structure.union.extra",
        "note",
    );
    check(r#""note":{"OPTIONAL":"n"}"#, "vapi.data.structure.union.extra", "note");
    let broken = Choice { state: Some(State::Error), note: None, reason: None };
    let error = encode_structure(&broken).unwrap_err();
    assert!(matches!(error.reason, EncodeReason::BrokenUnion(_)), "{error}");
}

#[test]
fn what_a_client_puts_up_with() {
    let check = |name: &str, json: &str, holds: fn(&Everything) -> bool| {
        let read = everything_with(name, json, Unknown::Ignore).unwrap();
        assert!(holds(&read), "{name}: {json} became {read:?}");
    };
    check("ratio", "3", |e| e.ratio == 3.0);
    check("ratio", "18446744073709551615", |e| e.ratio == 18_446_744_073_709_551_615.0);
    check("ratio", "123456789012345678901234567890", |e| e.ratio == 1.234_567_890_123_456_8e29);
    check("ratio", "10.0E-2", |e| e.ratio == 0.1);
    check("token", r#""plain""#, |e| e.token == Secret::new("plain"));
    check("blob", r#"{"BINARY":"-_8"}"#, |e| e.blob == [0xFB, 0xFF]);
    check("inner", r#"{"STRUCTURE":{"foo":{"new":1,"name":{"OPTIONAL":"n"}}}}"#, |e| {
        e.inner == Inner::named("n")
    });
    check("error", r#"{"STRUCTURE":{"x.y":{}}}"#, |e| e.error.name.as_deref() == Some("x.y"));
    check("lists", r#"{"STRUCTURE":{"map-struct":{"a":[1]}}}"#, |e| e.lists[&OwnerId::new("a")] == [1]);
    check("lists", r#"[{"STRUCTURE":{"whatever":{"value":[1],"key":"a"}}}]"#, |e| e.lists.len() == 1);
    check("color", r#""BEIGE""#, |e| e.color == Color::Unrecognized("BEIGE".to_owned()));
    for refused in ["null", r#""bare""#] {
        let read = everything_with("maybe_text", refused, Unknown::Ignore);
        assert!(read.is_err(), "{refused}");
    }
}

#[test]
fn what_is_there_twice_is_refused() {
    for (name, twice) in [
        ("inner", r#"{"STRUCTURE":{"test.inner":{"name":{"OPTIONAL":null},"name":{"OPTIONAL":null}}}}"#),
        ("lists", r#"[{"STRUCTURE":{"map-entry":{"key":"a","key":"b","value":[]}}}]"#),
        ("anything", r#"{"STRUCTURE":{"x":{"a":1,"a":2}}}"#),
    ] {
        for unknown in [Unknown::Refuse, Unknown::Ignore] {
            assert!(everything_with(name, twice, unknown).is_err(), "{twice}");
        }
    }
}

/// What the envelope is said to lack, as the reply to it.
fn protocol_failure(body: &str) -> String {
    let failure = decode_request(body.as_bytes()).map(|request| format!("{request:?}")).unwrap_err();
    String::from_utf8(encode_protocol_failure(&failure)).unwrap()
}

const PARAMS: &str = r#""params":{"serviceId":"s","operationId":"o","ctx":{"appCtx":{}}}"#;

#[test]
fn the_id_comes_back_byte_for_byte() {
    for id in [r#""0""#, r#""\u00fc""#, "7", "-1.50", "null"] {
        let body = format!(r#"{{"id": {id} ,"jsonrpc":"2.0","method":"invoke",{PARAMS}}}"#);
        let request = decode_request(body.as_bytes()).unwrap();
        let reply = String::from_utf8(encode_result(&request.id, &Ty::Void, ().view()).unwrap()).unwrap();
        assert_eq!(reply, format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{"output":null}}}}"#));
    }
}

#[test]
fn what_is_no_call_gets_the_protocols_error() {
    let check = |body: &str, id: &str, code: i32| {
        let reply = protocol_failure(body);
        let start = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{{"code":{code},"message":""#);
        assert!(reply.starts_with(&start), "{body}: {reply}");
    };
    let call = |members: &str| format!(r#"{{"jsonrpc":"2.0","method":"invoke",{members}}}"#);
    check("", "null", -32700);
    check("{", "null", -32700);
    check("[]", "null", -32600);
    check("7", "null", -32600);
    check("{}", "null", -32600);
    check(&call(PARAMS), "null", -32600);
    check(&call(&format!(r#""id":{{}},{PARAMS}"#)), "null", -32600);
    check(&call(&format!(r#""id":true,{PARAMS}"#)), "null", -32600);
    check(&call(&format!(r#""id":1,"id":2,{PARAMS}"#)), "null", -32600);
    check(&format!(r#"{{"jsonrpc":2.0,"method":"invoke","id":1,{PARAMS}}}"#), "null", -32600);
    check(&format!(r#"{{"jsonrpc":"2.0","method":1,"id":1,{PARAMS}}}"#), "1", -32601);
    check(&call(r#""id":1"#), "1", -32602);
    let input = |input: &str| {
        call(&format!(r#""id":"a",{}"#, PARAMS.replace("\"ctx\"", &format!("\"input\":{input},\"ctx\""))))
    };
    check(&input(r#"{"STRUCTURE":{}}"#), "\"a\"", -32602);
    check(&input(r#"{"STRUCTURE":{"x":{}},"more":1}"#), "\"a\"", -32602);
    check(&input(r#"{"SECRET":1}"#), "\"a\"", -32602);
    check(&input("{}"), "\"a\"", -32602);
    check(&input("1E999"), "\"a\"", -32602);
    check(&input(&"[".repeat(300)), "null", -32700);
    check(&input(&("[".repeat(300) + &"]".repeat(300))), "\"a\"", -32602);
}

#[test]
fn an_input_that_is_no_structure_is_no_input() {
    for input in ["null", "1", r#"{"OPTIONAL":null}"#] {
        let body = format!(r#"{{"jsonrpc":"2.0","method":"invoke","id":1,{PARAMS}}}"#)
            .replace("\"ctx\"", &format!("\"input\":{input},\"ctx\""));
        let request = decode_request(body.as_bytes()).unwrap();
        let read = decode_input(request.input, &mut FailInput::empty(), &DecodeOptions::default());
        assert_eq!(read, Err(BadInput::Invalid), "{input}");
    }
}

#[test]
fn headers_say_the_same_as_the_envelope_or_nothing() {
    let body = format!(r#"{{"jsonrpc":"2.0","method":"invoke","id":1,{PARAMS}}}"#);
    let request = decode_request(body.as_bytes()).unwrap();
    let check = |headers: &[(&'static str, &str)], is_fine: bool| {
        let headers = headers.iter().map(|(name, value)| {
            (http::HeaderName::from_static(name), http::HeaderValue::from_str(value).unwrap())
        });
        assert_eq!(check_headers(&headers.collect(), &request).is_ok(), is_fine);
    };
    check(&[], true);
    check(&[("vapi-service", "s"), ("vapi-operation", "o")], true);
    check(&[("vapi-service", "s")], false);
    check(&[("vapi-service", "s"), ("vapi-operation", "p")], false);
}

#[test]
fn headers_restore_capitals_and_win_over_the_body() {
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("vapi-ctx-opid", "header"),
        ("vapi-ctx-$donotroute", "1"),
        ("vapi-ctx-own", "2"),
        ("accept-language", "de"),
    ] {
        headers.insert(name, http::HeaderValue::from_static(value));
    }
    let body =
        r#"{"opId":"body","weird key":"ü","twice":"a","twice":"b","number":1,"$donotroute":"as it is"}"#;
    let application: Application = serde_json::from_str(body).unwrap();
    let check = |key: &str, expected| assert_eq!(application.get(&headers, key), expected, "{key}");
    check("$doNotRoute", Some("1"));
    check("$donotroute", Some("as it is"));
    check("locale", Some("de"));
    check("opId", Some("header"));
    check("opid", None);
    check("own", Some("2"));
    check("weird key", Some("ü"));
    check("twice", Some("b"));
    check("number", None);
    check("timezone", None);
}

#[test]
fn a_call_is_written_as_the_official_client_does() {
    let input = FailInput { update_session_id: "obj-103".into(), client_error_message: "ü".to_owned() };
    let security = SecurityContext::UserPassword { user: "u".to_owned(), password: Secret::new("p") };
    let cx = ExecutionContext::new().op_id("o").security(security);
    let call = String::from_utf8(encode_request(Fail::TABLE, &input, &cx, "0").unwrap()).unwrap();
    let expected = concat!(
        r#"{"jsonrpc":"2.0","method":"invoke","params":{"#,
        r#""serviceId":"com.vmware.content.library.item.update_session","operationId":"fail","#,
        r#""input":{"STRUCTURE":{"operation-input":{"update_session_id":"obj-103","client_error_message":"ü"}}},"#,
        r#""ctx":{"appCtx":{"opId":"o"},"securityCtx":{"schemeId":"com.vmware.vapi.std.security.user_pass","#,
        r#""userName":"u","password":"p"}}},"id":"0"}"#
    );
    assert_eq!(call, expected);
    let request = decode_request(call.as_bytes()).unwrap();
    assert!(!format!("{request:?}").contains("\"p\""), "{request:?}");
}

fn reply(body: &str) -> Result<(), Error<<Fail as Operation>::Error>> {
    Fail::response(http::Response::new(body.to_owned().into()), Surface::JsonRpc)
}

#[test]
fn a_reply_is_a_result_an_error_or_neither() {
    let of = |result: &str| reply(&format!(r#"{{"jsonrpc":"2.0","id":"0","result":{result}}}"#));
    assert!(of(r#"{"output":{"STRUCTURE":{"x":{}}},"more":1}"#).is_ok());
    let not_found = r#"{"com.vmware.vapi.std.errors.not_found":{"messages":[],"http_status":404}}"#;
    for tag in ["ERROR", "STRUCTURE"] {
        let told = of(&format!(r#"{{"output":null,"error":{{"{tag}":{not_found}}}}}"#)).unwrap_err();
        let Error::Documented { error, .. } = told else { panic!("{told:?}") };
        let crate::model::FailError::NotFound(error) = error;
        assert_eq!(error, NotFound::empty());
    }
    let told = of(r#"{"error":{"ERROR":{"com.acme.weird":{"foo":{"SECRET":"s"}}}}}"#).unwrap_err();
    let Error::Undocumented { id, error, .. } = told else { panic!("{told:?}") };
    assert_eq!((id.as_str(), error.name.as_deref()), ("com.acme.weird", Some("com.acme.weird")));
    assert_eq!(error.fields["foo"], Value::Secret(Secret::new("s")));
    for bad in ["{}", "null", "7", r#"{"error":1}"#, r#"{"error":{"ERROR":{}}}"#] {
        assert!(matches!(of(bad), Err(Error::BadPayload { .. })), "{bad}");
    }
    for bad in ["", "{}", r#"{"jsonrpc":"2.0","id":0,"result":{"output":null}}"#] {
        assert!(matches!(reply(bad), Err(Error::BadPayload { .. })), "{bad}");
    }
}

/// As deep as it can be written: an optional structure in each level.
fn nested(n_levels: usize) -> Inner {
    (1..n_levels).fold(Inner::empty(), |child, _| Inner { child: Some(Box::new(child)), ..Inner::empty() })
}

#[test]
fn what_can_be_written_can_be_read() {
    let write = |n_levels: usize| {
        let everything = Everything { inner: nested(n_levels), ..Everything::empty() };
        let reply = encode_result(&Id::null(), &EVERYTHING_OPERATION.output, Some(everything.clone()).view());
        (everything, reply)
    };
    let deepest = (1..).take_while(|&n_levels| write(n_levels).1.is_ok()).last().unwrap();
    assert_eq!(deepest, 28);
    let (everything, reply) = write(deepest);
    let reply = String::from_utf8(reply.unwrap()).unwrap().replacen("null", "\"0\"", 1);
    let mut read = Everything::empty();
    let value = reply.split_once("\"output\":{\"OPTIONAL\":").unwrap().1.strip_suffix("}}}").unwrap();
    decode_structure(value.as_bytes(), &mut read, &DecodeOptions::default()).unwrap();
    assert_eq!(read, everything);
    let outcome =
        crate::model::EverythingOperation::response(http::Response::new(reply.into()), Surface::JsonRpc);
    assert_eq!(outcome.unwrap(), Some(everything));
    let error = write(deepest + 1).1.unwrap_err();
    assert!(matches!(error.reason, EncodeReason::TooDeep { .. }), "{error}");
}

#[test]
fn depth_is_bounded() {
    let body = encode_structure(&nested(10)).unwrap();
    for (depth_max, is_read) in [(10, true), (9, false)] {
        let options = DecodeOptions { depth_max, ..DecodeOptions::default() };
        assert_eq!(decode_structure(&body, &mut Inner::empty(), &options).is_ok(), is_read, "{depth_max}");
    }
    let optionals = r#"{"OPTIONAL":"#.repeat(100_000);
    for deep in [optionals, "[".repeat(100_000)] {
        let body = format!(r#"{{"STRUCTURE":{{"test.everything":{{"opaque":{deep}"#);
        let read = decode_structure(body.as_bytes(), &mut Everything::empty(), &DecodeOptions::default());
        assert!(read.is_err());
    }
}
