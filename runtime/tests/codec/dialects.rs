//! What differs between the dialects of JSON: dates, envelopes, maps, class markers, and the bodies below `/api`.

use vapi_runtime::codec::json::{
    decode_error, decode_error_id, decode_input, decode_rest_body, decode_result, decode_unknown_error,
    encode_error, encode_input, encode_rest_body, encode_result,
};
use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeOptions, Layout, Unknown, form, text};
use vapi_runtime::codegen::{Data, Structure, Ty};
use vapi_runtime::table::RestBody;
use vapi_runtime::{DateTime, DynamicStructure, Value};

use crate::model::{
    CreateInput, Everything, FailInput, Inner, LocalizableMessage, NotFound, OwnerId, UpdateSessionModel,
};

const REST: EncodeOptions = EncodeOptions { layout: Layout::Compact, dialect: Dialect::Rest };
const ALL: [Dialect; 3] = [Dialect::Page2014, Dialect::Legacy, Dialect::Rest];

fn reading(dialect: Dialect) -> DecodeOptions {
    DecodeOptions { dialect, ..DecodeOptions::default() }
}

fn written(input: &dyn Structure, dialect: Dialect) -> String {
    let options = EncodeOptions { dialect, ..EncodeOptions::default() };
    String::from_utf8(encode_input(input, &[], &options).unwrap()).unwrap()
}

/// The member of everything with nothing in it but what `set` sets.
fn member(name: &str, dialect: Dialect, set: fn(&mut Everything)) -> String {
    let mut everything = Everything::empty();
    set(&mut everything);
    let members: serde_json::Value = serde_json::from_str(&written(&everything, dialect)).unwrap();
    members[name].to_string()
}

#[test]
fn dates_have_milliseconds_and_a_zone_but_on_the_pages() {
    let model = UpdateSessionModel {
        expiration_time: DateTime::from_unix_ms(1_370_556_785_000),
        ..UpdateSessionModel::empty()
    };
    let (page, zoned) = ("2013-06-06T22:13:05", "2013-06-06T22:13:05.000Z");
    let check = |dialect: Dialect, spelling: &str, reads_page: bool| {
        let body = written(&model, dialect);
        assert_eq!(body, format!(r#"{{"expiration_time":"{spelling}"}}"#));
        let text = text::to_text(model.expiration_time.view(), dialect);
        assert_eq!(text.as_deref(), Some(spelling));
        let mut instant = DateTime::UNIX_EPOCH;
        let from_text = text::from_text(&Ty::DateTime, page, instant.slot(), dialect);
        assert_eq!(from_text.is_ok(), reads_page, "{dialect:?}");
        let read = |date: &str| {
            let body = format!(r#"{{"expiration_time":"{date}"}}"#);
            let mut read = UpdateSessionModel::empty();
            decode_input(body.as_bytes(), &mut read, &[], &reading(dialect)).map(|_| read)
        };
        assert_eq!(read(zoned).unwrap(), model);
        assert_eq!(read(page).is_ok(), reads_page, "{dialect:?}");
    };
    check(Dialect::Page2014, page, true);
    check(Dialect::Legacy, zoned, false);
    check(Dialect::Rest, zoned, false);
}

#[test]
fn maps_with_keys_of_text_are_objects_below_api() {
    let check = |name: &str, set: fn(&mut Everything), entries: &str, rest: &str| {
        assert_eq!(member(name, Dialect::Page2014, set), entries);
        assert_eq!(member(name, Dialect::Legacy, set), entries);
        assert_eq!(member(name, Dialect::Rest, set), rest);
    };
    let map: fn(&mut Everything) = |e| {
        e.map.insert("a".to_owned(), Inner::named("b"));
    };
    check("map", map, r#"[{"key":"a","value":{"name":"b"}}]"#, r#"{"a":{"name":"b"}}"#);
    let lists: fn(&mut Everything) = |e| {
        e.lists.insert(OwnerId::new("o"), vec![1]);
    };
    check("lists", lists, r#"[{"key":"o","value":[1]}]"#, r#"{"o":[1]}"#);
    let flags: fn(&mut Everything) = |e| e.maybe_flags = Some([(1, None)].into());
    check("maybe_flags", flags, r#"[{"key":1,"value":null}]"#, r#"[{"key":1,"value":null}]"#);
    check("map", |_| {}, "[]", "{}");
}

#[test]
fn both_spellings_of_a_map_are_read() {
    let everything = serde_json::to_value(vapi_runtime::codec::json::AsSerialize(&Everything::empty()));
    for dialect in ALL {
        for map in [r#"{"a":{"name":"b"}}"#, r#"[{"key":"a","value":{"name":"b"}}]"#] {
            let mut members = everything.as_ref().unwrap().clone();
            members["map"] = serde_json::from_str(map).unwrap();
            members["at"] = "1970-01-01T00:00:00Z".into();
            let mut read = Everything::empty();
            decode_input(members.to_string().as_bytes(), &mut read, &[], &reading(dialect)).unwrap();
            assert_eq!(read.map["a"], Inner::named("b"), "{dialect:?}: {map}");
        }
    }
}

#[test]
fn a_dynamic_structure_without_a_name_has_no_class_below_api() {
    let check = |set: fn(&mut Everything), name: &str, page: &str, rest: &str| {
        assert_eq!(member(name, Dialect::Page2014, set), page);
        assert_eq!(member(name, Dialect::Legacy, set), page);
        assert_eq!(member(name, Dialect::Rest, set), rest);
    };
    check(|_| {}, "anything", r#"{"@class":"dynamic_structure"}"#, "{}");
    check(|_| {}, "error", r#"{"@class":"exception"}"#, "{}");
    let named: fn(&mut Everything) = |e| e.anything.name = Some("x.y".to_owned());
    check(named, "anything", r#"{"@class":"x.y"}"#, r#"{"@class":"x.y"}"#);
}

#[test]
fn the_type_of_an_error_without_a_class_is_its_name_below_api() {
    let everything = r#"{"error":{"error_type":"RESOURCE_BUSY"}}"#;
    let check = |dialect: Dialect, expected: Option<&str>| {
        let mut read = Everything::empty();
        let all_but_the_error: Vec<u16> = (0..28).filter(|&idx| idx != 12).collect();
        decode_input(everything.as_bytes(), &mut read, &all_but_the_error, &reading(dialect)).unwrap();
        assert_eq!(read.error.name.as_deref(), expected, "{dialect:?}");
    };
    check(Dialect::Rest, Some("com.vmware.vapi.std.errors.resource_busy"));
    check(Dialect::Legacy, None);
}

#[test]
fn results_below_api_are_bare() {
    let body = |ty: &Ty, value: &dyn Data| {
        String::from_utf8(encode_result(ty, value.view(), &REST).unwrap()).unwrap()
    };
    assert_eq!(body(&Ty::Id, &"obj-103".to_owned()), r#""obj-103""#);
    assert_eq!(body(&Ty::List(&Ty::Long), &vec![1_i64, 2]), "[1,2]");
    assert_eq!(body(&Ty::Optional(&Ty::Long), &None::<i64>), "null");
    assert_eq!(body(&Ty::Void, &()), "");

    let read = |body: &str| {
        let mut value = None::<i64>;
        let ty = Ty::Optional(&Ty::Long);
        decode_result(body.as_bytes(), &ty, value.slot(), &reading(Dialect::Rest)).map(|()| value)
    };
    assert_eq!(read("10").unwrap(), Some(10));
    assert_eq!(read("null").unwrap(), None);
    assert_eq!(read(" \n").unwrap(), None);
    assert_eq!(read(r#"{"value":10}"#).unwrap_err().to_string(), "expected long, got an object");
    let mut required = 0_i64;
    let refused = decode_result(b"null", &Ty::Long, required.slot(), &reading(Dialect::Rest)).unwrap_err();
    assert_eq!(refused.to_string(), "expected long, got null");
}

fn not_found() -> NotFound {
    let message = LocalizableMessage {
        id: "com.x.nf".to_owned(),
        default_message: "not there".to_owned(),
        args: vec!["obj-103".to_owned()],
    };
    NotFound { messages: vec![message], data: None }
}

#[test]
fn errors_below_api_are_flat_and_led_by_their_type() {
    let id = "com.vmware.vapi.std.errors.not_found";
    let body = encode_error(id, &not_found(), &REST).unwrap();
    let expected = concat!(
        r#"{"error_type":"NOT_FOUND","messages":"#,
        r#"[{"args":["obj-103"],"default_message":"not there","id":"com.x.nf"}]}"#
    );
    assert_eq!(String::from_utf8(body).unwrap(), expected);

    // The payload of the model has no field for the type, that of the newer API has.
    for unknown in [Unknown::Refuse, Unknown::Ignore] {
        let options = DecodeOptions { unknown, ..reading(Dialect::Rest) };
        assert_eq!(decode_error_id(expected.as_bytes(), &options).unwrap(), id);
        let mut read = NotFound::empty();
        decode_error(expected.as_bytes(), &mut read, &options).unwrap();
        assert_eq!(read, not_found());
        let read = decode_unknown_error(expected.as_bytes(), &options).unwrap();
        assert_eq!(read.name.as_deref(), Some(id));
        assert_eq!(read.fields["error_type"], Value::Text("NOT_FOUND".to_owned()));
        assert!(read.fields.contains_key("messages"));
    }
}

#[test]
fn an_error_type_that_nobody_knows_survives() {
    let body = br#"{"messages":[],"error_type":"OUT_OF_Cheese"}"#;
    let read = decode_unknown_error(body, &reading(Dialect::Rest)).unwrap();
    assert_eq!(read.name.as_deref(), Some("com.vmware.vapi.std.errors.out_of_cheese"));
    assert_eq!(read.fields["error_type"], Value::Text("OUT_OF_Cheese".to_owned()));
}

#[test]
fn what_is_no_error_below_api_says_why() {
    let check = |body: &str, expected: &str| {
        let options = DecodeOptions { unknown: Unknown::Ignore, ..reading(Dialect::Rest) };
        let told = decode_error_id(body.as_bytes(), &options).unwrap_err().to_string();
        assert_eq!(told, expected, "{body}");
        let told = decode_unknown_error(body.as_bytes(), &options).map(|_: DynamicStructure| ());
        assert!(told.is_err(), "{body}");
    };
    check("{}", "required field `error_type` of the error is missing");
    check(r#"{"type":"x","value":{}}"#, "required field `error_type` of the error is missing");
    check(r#"{"error_type":null}"#, "`error_type`: expected string, got null");
    check(
        r#"{"error_type":"A","error_type":"B"}"#,
        "field `error_type` of the error is there more than once",
    );
    check("[]", "expected an object with the members `type` and `value`, got an array");
}

fn create() -> CreateInput {
    let create_spec = UpdateSessionModel { client_progress: Some(10), ..UpdateSessionModel::empty() };
    CreateInput { client_token: Some("t".to_owned()), create_spec }
}

#[test]
fn a_parameter_can_be_the_whole_body() {
    let body = encode_rest_body(&create(), RestBody::Whole(1), &REST).unwrap();
    assert_eq!(String::from_utf8(body.clone()).unwrap(), r#"{"client_progress":10}"#);
    let mut read = CreateInput::empty();
    let options = reading(Dialect::Rest);
    let seen = decode_rest_body(&body, &mut read, RestBody::Whole(1), &options).unwrap();
    assert!(seen.contains(1) && !seen.contains(0));
    assert_eq!(read, CreateInput { client_token: None, ..create() });

    let told = |body: &str| {
        let mut read = CreateInput::empty();
        decode_rest_body(body.as_bytes(), &mut read, RestBody::Whole(1), &options).unwrap_err().to_string()
    };
    assert_eq!(told(""), "required field `create_spec` of operation-input is missing");
    assert_eq!(told("null"), "`create_spec`: expected structure, got null");
    assert_eq!(
        told(r#"{"client_progress":"x"}"#),
        "`create_spec.client_progress`: expected long, got a string"
    );
    assert_eq!(
        told(r#"{"nope":1}"#),
        "`create_spec`: com.vmware.content.library.item.update_session_model has no field `nope`"
    );
}

#[test]
fn a_body_that_is_an_optional_parameter_may_be_missing() {
    let options = reading(Dialect::Rest);
    let mut input = CreateInput::empty();
    for (body, is_set) in [("", false), ("null", false), (r#""t""#, true)] {
        input.client_token = None;
        let seen = decode_rest_body(body.as_bytes(), &mut input, RestBody::Whole(0), &options).unwrap();
        assert_eq!((seen.contains(0), input.client_token.is_some()), (is_set, is_set), "{body}");
    }
    input.client_token = None;
    assert_eq!(encode_rest_body(&input, RestBody::Whole(0), &REST).unwrap(), b"");
}

#[test]
fn some_parameters_can_be_members_of_the_body() {
    let input = FailInput { update_session_id: "s".into(), client_error_message: "m".to_owned() };
    let fields = RestBody::Fields(&[1]);
    let body = encode_rest_body(&input, fields, &REST).unwrap();
    assert_eq!(String::from_utf8(body.clone()).unwrap(), r#"{"client_error_message":"m"}"#);
    let options = reading(Dialect::Rest);
    let mut read = FailInput::empty();
    let seen = decode_rest_body(&body, &mut read, fields, &options).unwrap();
    assert!(seen.contains(1) && !seen.contains(0));
    assert_eq!(read.client_error_message, "m");

    let told = |body: &str, parameters: RestBody| {
        let read = &mut FailInput::empty();
        decode_rest_body(body.as_bytes(), read, parameters, &options).unwrap_err().to_string()
    };
    assert_eq!(told("", fields), "required field `client_error_message` of operation-input is missing");
    // What stands in the path does not stand in the body.
    assert_eq!(
        told(r#"{"client_error_message":"m","update_session_id":"s"}"#, fields),
        "operation-input has no field `update_session_id`"
    );
    assert_eq!(told(r#"{"x":1}"#, RestBody::None), "operation-input has no field `x`");
    for nothing in ["", "{}", "\r\n"] {
        decode_rest_body(nothing.as_bytes(), &mut FailInput::empty(), RestBody::None, &options).unwrap();
    }
}

#[test]
fn queries_of_the_legacy_rest_have_dotted_names_and_repeat_lists() {
    let mut everything = Everything::empty();
    everything.list = vec!["a".to_owned(), "b".to_owned()];
    let pairs = form::encode_input(&everything, &[], Dialect::Legacy).unwrap();
    assert!(pairs.contains("at=1970-01-01T00%3A00%3A00.000Z"), "{pairs}");
    let repeated = pairs.replace("list.1=a&list.2=b", "list=a&list=b");
    assert_ne!(repeated, pairs);
    for pairs in [pairs, repeated] {
        let mut read = Everything::empty();
        form::decode_input(&pairs, &mut read, &[], &reading(Dialect::Legacy)).unwrap();
        assert_eq!(read, everything);
    }
}
