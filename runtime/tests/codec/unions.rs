//! Union rules, before writing and after reading, in every representation.

use vapi_runtime::codec::{
    BrokenUnion, DecodeKind, DecodeOptions, Dialect, EncodeOptions, EncodeReason, Layout, UnionFault, form,
    json, xml,
};
use vapi_runtime::codegen::Data;

use crate::model::{Choice, EVERYTHING_OPERATION, State};

/// Whether the value may be written and read in all representations, or what is wrong with it.
fn check(state: Option<State>, note: Option<&str>, reason: Option<i64>, expected: Option<(&str, &str)>) {
    let value = Choice { state, note: note.map(str::to_owned), reason };
    let encoded = [
        json::encode_input(&value, &[], &EncodeOptions::default()).map(drop),
        xml::encode_input(&EVERYTHING_OPERATION, &value, &[], Layout::Compact).map(drop),
        form::encode_input(&value, &[], Dialect::Page2014).map(drop),
    ];
    let text = |broken: &BrokenUnion| (broken.field.to_owned(), broken.to_string());
    let expected = expected.map(|(field, text)| (field.to_owned(), text.to_owned()));
    for written in encoded {
        let fault = written.err().map(|error| match error.reason {
            EncodeReason::BrokenUnion(broken) => text(&broken),
            other => panic!("{other}"),
        });
        assert_eq!(fault, expected, "writing {value:?}");
    }
    let mut members = Vec::new();
    let mut elements = String::new();
    let mut pairs = Vec::new();
    for (name, shown) in [
        ("state", value.state.as_ref().map(ToString::to_string)),
        ("note", value.note.clone()),
        ("reason", value.reason.map(|n| n.to_string())),
    ] {
        let Some(shown) = shown else { continue };
        let quote = if name == "reason" { "" } else { "\"" };
        members.push(format!("\"{name}\":{quote}{shown}{quote}"));
        elements.push_str(&format!("<{name}>{shown}</{name}>"));
        pairs.push(format!("{name}={shown}"));
    }
    let options = DecodeOptions::default();
    let mut read = [Choice::empty(), Choice::empty(), Choice::empty()];
    let root = EVERYTHING_OPERATION.xml_input;
    let document = format!("<r:{root} xmlns:r='http://vmware.com/test'>{elements}</r:{root}>");
    let decoded = [
        json::decode_input(format!("{{{}}}", members.join(",")).as_bytes(), &mut read[0], &[], &options)
            .map(drop),
        xml::decode_input(&EVERYTHING_OPERATION, document.as_bytes(), &mut read[1], &[], &options).map(drop),
        form::decode_input(&pairs.join("&"), &mut read[2], &[], &options).map(drop),
    ];
    for (decoded, read) in decoded.into_iter().zip(read) {
        if decoded.is_ok() {
            assert_eq!(read, value);
        }
        let fault = decoded.err().map(|error| match error.kind {
            DecodeKind::BrokenUnion(broken) => text(&broken),
            other => panic!("{other}"),
        });
        assert_eq!(fault, expected, "reading {value:?}");
    }
}

#[test]
fn the_tag_decides() {
    check(Some(State::Active), None, None, None);
    check(Some(State::Active), Some("n"), None, None);
    check(
        Some(State::Active),
        None,
        Some(1),
        Some(("reason", "field `reason` must not be set when `state` is `ACTIVE`")),
    );
    check(Some(State::Error), None, Some(1), None);
    check(
        Some(State::Error),
        None,
        None,
        Some(("reason", "field `reason` must be set when `state` is `ERROR`")),
    );
    check(
        Some(State::Error),
        Some("n"),
        Some(1),
        Some(("note", "field `note` must not be set when `state` is `ERROR`")),
    );
    check(Some(State::Done), None, None, None);
    check(
        Some(State::Done),
        Some("n"),
        None,
        Some(("note", "field `note` must not be set when `state` is `DONE`")),
    );
}

#[test]
fn a_tag_without_a_case_goes_with_no_field_of_any() {
    check(None, None, None, None);
    check(None, Some("n"), None, Some(("note", "field `note` must not be set when `state` is not set")));
    check(Some(State::Canceled), None, None, None);
    check(Some(State::Unrecognized("NEW".into())), None, None, None);
    check(
        Some(State::Unrecognized("NEW".into())),
        None,
        Some(1),
        Some(("reason", "field `reason` must not be set when `state` is `NEW`")),
    );
}

#[test]
fn what_comes_from_the_path_is_not_missed() {
    let mut read = Choice::empty();
    let options = DecodeOptions::default();
    json::decode_input(br#"{"state":"ERROR"}"#, &mut read, &[2], &options).unwrap();
    json::decode_input(br#"{"note":"n"}"#, &mut Choice::empty(), &[0], &options).unwrap();
    let error = json::decode_input(br#"{"note":"n"}"#, &mut Choice::empty(), &[2], &options).unwrap_err();
    let DecodeKind::BrokenUnion(broken) = error.kind else { panic!("{error}") };
    assert_eq!(
        (broken.tag, broken.value, broken.field, broken.fault),
        ("state", None, "note", UnionFault::NotAllowed)
    );
}
