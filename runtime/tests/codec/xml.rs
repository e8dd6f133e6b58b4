//! What XML accepts besides what we write, and what it refuses with which words.

use vapi_runtime::codec::xml::{decode_input, decode_result, encode_input};
use vapi_runtime::codec::{DecodeOptions, Layout, Unknown};
use vapi_runtime::codegen::Data;
use vapi_runtime::{DynamicStructure, Value};

use crate::model::{EVERYTHING_OPERATION, Everything, Inner, LIST, UpdateSessionId};

const ROOT: &str = "r:Everything-Input xmlns:r='http://vmware.com/test'";

fn document(content: &str) -> String {
    format!("<{ROOT}>{content}</r:Everything-Input>")
}

fn read_inner(body: &str, unknown: Unknown) -> Result<Inner, String> {
    let mut inner = Inner::empty();
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    decode_input(&EVERYTHING_OPERATION, body.as_bytes(), &mut inner, &[], &options)
        .map_err(|error| error.to_string())?;
    Ok(inner)
}

/// Reads Everything with one element replaced or added.
fn read_with(name: &str, element: &str) -> Result<Everything, String> {
    let body = encode_input(&EVERYTHING_OPERATION, &Everything::empty(), &[], Layout::Page).unwrap();
    let body = String::from_utf8(body).unwrap().replace(" xmlns:xsi=", "\n xmlns:x='urn:x' xmlns:xsi=");
    let mut lines: Vec<&str> = body.lines().collect();
    for suffix in ["", "-array"] {
        for end in [">", " "] {
            let start = format!("  <{name}{suffix}{end}");
            if let Some(at) = lines.iter().position(|line| line.starts_with(&start)) {
                let is_whole = lines[at].contains("</") || lines[at].ends_with("/>");
                lines.drain(at..=at + usize::from(!is_whole));
            }
        }
    }
    lines.insert(lines.len() - 1, element);
    let mut everything = Everything::empty();
    decode_input(
        &EVERYTHING_OPERATION,
        lines.join("\n").as_bytes(),
        &mut everything,
        &[],
        &DecodeOptions::default(),
    )
    .map_err(|error| error.to_string())?;
    Ok(everything)
}

#[test]
fn roots_are_compared_by_namespace_and_local_name() {
    let check = |body: &str, expected: Result<(), &str>| {
        let told = read_inner(body, Unknown::Refuse).map(drop);
        assert_eq!(told, expected.map_err(str::to_owned), "{body}");
    };
    check("<ns0:Everything-Input xmlns:ns0='http://vmware.com/test'/>", Ok(()));
    check("<Everything-Input xmlns='http://vmware.com/test'/>", Ok(()));
    check(
        "\u{FEFF}<?xml version='1.0' encoding='utf-8'?>\n<!-- x --><?pi x?><a:Everything-Input xmlns:a='http://vmware.com/test'> </a:Everything-Input>\n<!-- y -->\n",
        Ok(()),
    );
    let wrong = "expected the document element {http://vmware.com/test}Everything-Input, got ";
    check("<Everything-Input/>", Err(&format!("{wrong}Everything-Input")));
    check("<a:Everything-Input xmlns:a='urn:a'/>", Err(&format!("{wrong}{{urn:a}}Everything-Input")));
    check(
        "<a:Fail-Input xmlns:a='http://vmware.com/test'/>",
        Err(&format!("{wrong}{{http://vmware.com/test}}Fail-Input")),
    );
    check(
        "<b:Everything-Input xmlns:a='http://vmware.com/test'/>",
        Err("line 1, column 55: the prefix `b` is not declared"),
    );
}

#[test]
fn what_is_malformed_says_where_and_why() {
    let check = |body: &str, expected: &str| {
        assert_eq!(read_inner(body, Unknown::Ignore), Err(expected.to_owned()), "{body}");
    };
    let root = ROOT;
    check("x", "line 1, column 2: text before the document element");
    check("<!-- -->", "line 1, column 9: there is no document element");
    check(&format!("<{root}>"), "line 1, column 54: the document ends inside an element");
    check(
        &format!("<{root}>\n<name>a</nome>"),
        "`name`: line 2, column 8: ill-formed document: expected `</name>`, but `</nome>` was found",
    );
    check(&format!("{}x", document("")), "line 1, column 76: something follows the document element");
    check(&format!("{}<a/>", document("")), "line 1, column 79: something follows the document element");
    check(
        &format!("<!DOCTYPE a [<!ENTITY b 'c'>]>{}", document("")),
        "a document type declaration is not allowed here",
    );
    check(&document("<name>&b;</name>"), "`name`: line 1, column 63: the entity `b` is not known");
    check(&document("<name>&#1;</name>"), "`name`: line 1, column 64: the character U+0001 is not allowed");
    check(&document("<name>\u{1}</name>"), "`name`: line 1, column 61: the character U+0001 is not allowed");
    check(&document("<name a='&#14;'/>"), "`name`: line 1, column 71: the character U+000E is not allowed");
    check("<?xml version='1.0' encoding='latin1'?><a/>", "an encoding other than UTF-8 is not allowed here");
    check(
        &format!(" <?xml version='1.0'?>{}", document("")),
        "line 1, column 23: the XML declaration stands first or not at all",
    );
    check(
        &document("<name b='c' b='d'>e</name>"),
        "`name`: line 1, column 72: position 11: duplicated attribute, previous declaration at position 5",
    );
    let latin = [b"<a>\n".as_slice(), b"\xE9</a>"].concat();
    let error =
        decode_input(&EVERYTHING_OPERATION, &latin, &mut Inner::empty(), &[], &DecodeOptions::default());
    assert_eq!(error.unwrap_err().to_string(), "line 2, column 1: the bytes are not UTF-8");
}

#[test]
fn what_is_refused_says_where_and_why() {
    let check = |name: &str, element: &str, expected: &str| {
        assert_eq!(read_with(name, element), Err(expected.to_owned()), "{element}");
    };
    check("count", "<count>10.0</count>", "`count`: `10.0` is not a long");
    check("count", "<count>9223372036854775808</count>", "`count`: `9223372036854775808` is not a long");
    check("count", "<count/>", "`count`: `` is not a long");
    check("count", "<count><a/></count>", "`count`: expected long, got an element");
    check("count", "<count-array/>", "`count`: expected long, got an element whose name ends in `-array`");
    check("flag", "<flag>1</flag>", "`flag`: `1` is not a boolean");
    check("ratio", "<ratio>INF</ratio>", "`ratio`: `INF` is not a double");
    check("ratio", "<ratio>1e999</ratio>", "`ratio`: `1e999` is not a double");
    check("text", "<text>a</text><text>b</text>", "field `text` of test.everything is there more than once");
    check("text", "<text xsi:nil='true'/>", "`text`: expected string, got xsi:nil");
    check("text", "", "required field `text` of test.everything is missing");
    check(
        "maybe_text",
        "<maybe_text xsi:nil='true'>x</maybe_text>",
        "`maybe_text`: expected string, got text between elements",
    );
    check("inner", "<inner>x</inner>", "`inner`: expected structure, got text between elements");
    check("inner", "<inner id='7'/>", "`inner`: the element has no field `@id`");
    check("inner", "<inner><x:name/></inner>", "`inner`: test.inner has no field `{urn:x}name`");
    check("list", "<list/>", "`list`: expected list, got an element whose name does not end in `-array`");
    check("list", "<list-array><item/></list-array>", "`list`: the list has no field `item`");
    check(
        "nested",
        "<nested-array><array-item/><array-item><array-item>x</array-item></array-item></nested-array>",
        "`nested[1][0]`: `x` is not a long",
    );
    check(
        "set",
        "<set-array><array-item>1</array-item><array-item> 1 </array-item></set-array>",
        "`set[1]`: the set has this element already",
    );
    check(
        "map",
        "<map-array><array-item><key/></array-item></map-array>",
        "`map[0]`: required field `value` of the map entry is missing",
    );
    check("surplus", "<surplus/>", "test.everything has no field `surplus`");
    check("opaque", "<opaque>a<b/></opaque>", "`opaque`: expected value, got text between elements");
    check(
        "anything",
        "<anything><a/><a/></anything>",
        "`anything`: field `a` of the dynamic structure is there more than once",
    );
}

#[test]
fn what_is_accepted_besides_our_own() {
    let check = |name: &str, element: &str, holds: fn(&Everything) -> bool| {
        let everything = read_with(name, element).unwrap();
        assert!(holds(&everything), "{element} became {everything:?}");
    };
    check("count", "<count>\n  10\r\n</count>", |e| e.count == 10);
    check("flag", "<flag> TRUE </flag>", |e| e.flag);
    check("text", "<text> a\r\nb\rc&#13;\t</text>", |e| e.text == " a\nb\nc\r\t");
    check("text", "<text>&lt;a&amp;&#x1F600;<![CDATA[<&]]><!-- no --> b</text>", |e| {
        e.text == "<a&\u{1F600}<& b"
    });
    check("text", "<text x:a='b' class='c'>d</text>", |e| e.text == "d");
    check("maybe_text", "<maybe_text xsi:nil='1'> </maybe_text>", |e| e.maybe_text.is_none());
    check("maybe_text", "<maybe_text/>", |e| e.maybe_text.as_deref() == Some(""));
    check("gaps", "<gaps-array><array-item xsi:nil='true'/><array-item/></gaps-array>", |e| {
        e.gaps == [None, Some(String::new())]
    });
    check(
        "nested",
        "<nested-array><array-item-array><array-item>1</array-item></array-item-array><array-item><array-item>2</array-item></array-item></nested-array>",
        |e| e.nested == [[1], [2]],
    );
    check(
        "lists",
        "<lists-array><array-item><key>k</key><value-array><array-item>1</array-item></value-array></array-item></lists-array>",
        |e| e.lists.values().flatten().eq(&[1]),
    );
    check("anything", "<anything class='a.b'>\n</anything>", |e| {
        e.anything.name.as_deref() == Some("a.b") && e.anything.fields.is_empty()
    });
    check("opaque", "<opaque><a-array><array-item><b>c</b></array-item></a-array></opaque>", |e| {
        let fields = [("b".to_owned(), Value::Text("c".into()))].into();
        let item = Value::Structure(DynamicStructure { name: None, fields });
        let fields = [("a".to_owned(), Value::List(vec![item]))].into();
        e.opaque == Value::Structure(DynamicStructure { name: None, fields })
    });
}

#[test]
fn a_newer_peer_may_say_more() {
    let body = document(
        "<surplus><name>no</name></surplus><name d='e'>yes</name><x:name xmlns:x='urn:x'>no</x:name>",
    );
    assert_eq!(read_inner(&body, Unknown::Ignore), Ok(Inner::named("yes")));
}

#[test]
fn depth_is_bounded() {
    let check = |n_levels: usize, depth_max: usize, expected: Result<(), &str>| {
        let body =
            document(&format!("{}{}", "<child>".repeat(n_levels - 1), "</child>".repeat(n_levels - 1)));
        let options = DecodeOptions { depth_max, ..DecodeOptions::default() };
        let read = decode_input(&EVERYTHING_OPERATION, body.as_bytes(), &mut Inner::empty(), &[], &options);
        assert_eq!(read.map(drop).map_err(|error| error.kind.to_string()), expected.map_err(str::to_owned));
    };
    check(64, 64, Ok(()));
    check(65, 64, Err("nested deeper than 64 levels"));
    check(120, usize::MAX, Ok(()));
    check(10_000, usize::MAX, Err("nested deeper than 120 levels"));
    // What is passed over takes no stack.
    let body = document(&format!("{}{}", "<x>".repeat(10_000), "</x>".repeat(10_000)));
    assert_eq!(read_inner(&body, Unknown::Ignore), Ok(Inner::empty()));
}

#[test]
fn what_cannot_be_written_says_where_and_why() {
    let check = |everything: Everything, expected: &str| {
        let error = encode_input(&EVERYTHING_OPERATION, &everything, &[], Layout::Compact).unwrap_err();
        assert_eq!(error.to_string(), expected);
    };
    let inner = Inner { child: Some(Box::new(Inner::named("a\u{B}"))), ..Inner::empty() };
    check(
        Everything { inner, ..Everything::empty() },
        "`inner.child.name`: XML cannot carry the character U+000B",
    );
    check(Everything { ratio: f64::INFINITY, ..Everything::empty() }, "`ratio`: inf is not a finite number");
    let deep = (0..121).fold(Value::Null, |value, _| Value::List(vec![value]));
    let error = encode_input(
        &EVERYTHING_OPERATION,
        &Everything { opaque: deep, ..Everything::empty() },
        &[],
        Layout::Compact,
    );
    assert_eq!(error.unwrap_err().reason.to_string(), "the value is nested deeper than 120 levels");
    for name in ["", "a b", "1", "a:b", "a-array", "<"] {
        let mut everything = Everything::empty();
        everything.anything.fields.insert(name.to_owned(), Value::Null);
        check(
            everything,
            &format!(
                "`anything`: `{name}` cannot be the name of a field of a dynamic structure in this representation"
            ),
        );
    }
}

#[test]
fn the_path_may_have_the_rest() {
    let (mut inner, options) = (Inner::empty(), DecodeOptions::default());
    let seen = decode_input(&EVERYTHING_OPERATION, b" \n", &mut inner, &[], &options).unwrap();
    assert!(!seen.contains(0));
    let body =
        document("<name>a</name><numbers xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/>");
    let seen = decode_input(&EVERYTHING_OPERATION, body.as_bytes(), &mut inner, &[], &options).unwrap();
    assert_eq!((seen.contains(0), seen.contains(2)), (true, false));
    let written = encode_input(&EVERYTHING_OPERATION, &inner, &[0], Layout::Page).unwrap();
    assert!(String::from_utf8(written).unwrap().ends_with("instance\">\n</ns0:Everything-Input>"));
}

#[test]
fn results() {
    let check = |content: &str, expected: Result<Vec<UpdateSessionId>, &str>| {
        let body = format!("<a:List-Result xmlns:a='{}'>{content}</a:List-Result>", LIST.xml_namespace);
        let mut read = Vec::<UpdateSessionId>::empty();
        let told = decode_result(&LIST, body.as_bytes(), read.slot(), &DecodeOptions::default());
        assert_eq!(
            told.map(|()| read).map_err(|error| error.to_string()),
            expected.map_err(str::to_owned),
            "{content}"
        );
    };
    check("<value-array><array-item>a</array-item></value-array>", Ok(vec![UpdateSessionId::new("a")]));
    check("<value-array/>", Ok(vec![]));
    check("", Err("required field `value` of the result is missing"));
    check("<value/>", Err("`value`: expected list, got an element whose name does not end in `-array`"));
    check("<value-array/><more/>", Err("the result has no field `more`"));
}
