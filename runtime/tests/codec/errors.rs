//! Envelopes of errors: members in any order, types nobody knows.

use vapi_runtime::codec::{DecodeOptions, json, xml};
use vapi_runtime::codegen::Data;
use vapi_runtime::{DynamicStructure, Value};

use crate::model::NotFound;

const MESSAGE_JSON: &str = r#"{"args":[],"default_message":"Not there.","id":"a.b"}"#;

fn xml_error(content: &str) -> Vec<u8> {
    format!("<e:Error xmlns:e='http://vmware.com/vapi/rest/base'>{content}</e:Error>").into_bytes()
}

#[test]
fn type_and_value_come_in_any_order() {
    let options = DecodeOptions::default();
    let value = format!(r#""value":{{"messages":[{MESSAGE_JSON}]}}"#);
    let value_xml = "<value><messages-array><array-item><args-array/><default_message>Not there.</default_message>\
                     <id>a.b</id></array-item></messages-array></value>";
    for (json_body, xml_body) in [
        (format!(r#"{{"type":"x.y",{value}}}"#), xml_error(&format!("<type>x.y</type>{value_xml}"))),
        (format!(r#"{{{value},"type":"x.y"}}"#), xml_error(&format!("{value_xml}<type>x.y</type>"))),
    ] {
        assert_eq!(json::decode_error_id(json_body.as_bytes(), &options).unwrap(), "x.y");
        assert_eq!(xml::decode_error_id(&xml_body, &options).unwrap(), "x.y");
        let (mut from_json, mut from_xml) = (NotFound::empty(), NotFound::empty());
        json::decode_error(json_body.as_bytes(), &mut from_json, &options).unwrap();
        xml::decode_error(&xml_body, &mut from_xml, &options).unwrap();
        assert_eq!(from_json.messages[0].default_message, "Not there.");
        assert_eq!(from_json, from_xml);
        let unknown = json::decode_unknown_error(json_body.as_bytes(), &options).unwrap();
        assert_eq!(unknown, xml::decode_unknown_error(&xml_body, &options).unwrap());
        assert_eq!(unknown.name.as_deref(), Some("x.y"));
        let message = DynamicStructure {
            name: None,
            fields: [
                ("args".to_owned(), Value::List(vec![])),
                ("default_message".to_owned(), Value::Text("Not there.".into())),
                ("id".to_owned(), Value::Text("a.b".into())),
            ]
            .into(),
        };
        assert_eq!(unknown.fields["messages"], Value::List(vec![Value::Structure(message)]));
    }
}

#[test]
fn broken_envelopes() {
    let options = DecodeOptions::default();
    let check = |body: &str, expected: &str| {
        let told = json::decode_unknown_error(body.as_bytes(), &options).unwrap_err().to_string();
        assert_eq!(told, expected, "{body}");
    };
    check("[]", "expected an object with the members `type` and `value`, got an array");
    check("{}", "required field `type` of the error is missing");
    check(r#"{"type":"x"}"#, "required field `value` of the error is missing");
    check(r#"{"type":1,"value":{}}"#, "`type`: expected string, got the number 1");
    check(r#"{"type":"x","value":[]}"#, "`value`: expected error, got an array");
    check(r#"{"type":"x","type":"y"}"#, "field `type` of the error is there more than once");
    check(
        r#"{"type":"x","value":{"a":[1,{"@class":2}]}}"#,
        "`value.a[1].@class`: expected the name of a structure, got another value",
    );
    let check = |content: &str, expected: &str| {
        let told = xml::decode_unknown_error(&xml_error(content), &options).unwrap_err().to_string();
        assert_eq!(told, expected, "{content}");
    };
    check("", "required field `value` of the error is missing");
    check("<value/>", "required field `type` of the error is missing");
    check("<type/><type/>", "field `type` of the error is there more than once");
    check("<type-array/>", "`type`: expected string, got an element whose name ends in `-array`");
}
