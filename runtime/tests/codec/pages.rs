//! The bytes of the reference pages, both ways.

use vapi_runtime::codec::{DecodeOptions, Dialect, EncodeOptions, Layout, form, json, xml};

const PAGE: EncodeOptions = EncodeOptions { layout: Layout::Page, dialect: Dialect::Page2014 };
use vapi_runtime::codegen::{Data, OperationTable, Structure};
use vapi_runtime::{DateTime, DynamicStructure};

use crate::model::{
    CREATE, CreateInput, FAIL, FailInput, GET, ItemId, LIST, LocalizableMessage, NotFound, State,
    UpdateSessionId, UpdateSessionModel,
};

macro_rules! page {
    ($name:literal) => {
        include_str!(concat!("../fixtures/", $name)).trim_end_matches('\n')
    };
}

fn message() -> LocalizableMessage {
    LocalizableMessage {
        id: "string".into(),
        default_message: "string".into(),
        args: vec!["string".into(), "string".into()],
    }
}

fn session() -> UpdateSessionModel {
    UpdateSessionModel {
        id: Some(UpdateSessionId::new("obj-103")),
        library_item_id: Some(ItemId::new("obj-103")),
        library_item_content_version: Some("string".into()),
        error_message: Some(message()),
        client_progress: Some(10),
        state: Some(State::Active),
        expiration_time: DateTime::parse("2013-06-06T22:13:05", true).ok(),
    }
}

/// Writes an input as the page shows it, and reads the page and the compact bytes.
fn check_input<I: Structure + Data + Clone + PartialEq>(
    operation: &OperationTable,
    input: &I,
    json_page: &str,
    xml_page: &str,
    form_page: &str,
) {
    let form_page: String = form_page.lines().collect::<String>().trim_start_matches(['?', '&']).to_owned();
    let written = json::encode_input(input, &[], &PAGE).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), json_page);
    let written = xml::encode_input(operation, input, &[], Layout::Page).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), xml_page);
    assert_eq!(form::encode_input(input, &[], Dialect::Page2014).unwrap(), form_page);

    let options = DecodeOptions::default();
    let compact_json = json::encode_input(input, &[], &EncodeOptions::default()).unwrap();
    for body in [json_page.as_bytes(), &compact_json] {
        let mut read = I::empty();
        json::decode_input(body, &mut read, &[], &options).unwrap();
        assert_eq!(&read, input);
    }
    let compact_xml = xml::encode_input(operation, input, &[], Layout::Compact).unwrap();
    for body in [xml_page.as_bytes(), &compact_xml] {
        let mut read = I::empty();
        xml::decode_input(operation, body, &mut read, &[], &options).unwrap();
        assert_eq!(&read, input);
    }
    let mut read = I::empty();
    form::decode_input(&form_page, &mut read, &[], &options).unwrap();
    assert_eq!(&read, input);
}

#[test]
fn inputs() {
    let fail = FailInput {
        update_session_id: UpdateSessionId::new("obj-103"),
        client_error_message: "string".into(),
    };
    check_input(
        &FAIL,
        &fail,
        page!("fail.request.json"),
        page!("fail.request.xml"),
        page!("fail.request.form"),
    );
    let create = CreateInput { client_token: Some("string".into()), create_spec: session() };
    check_input(
        &CREATE,
        &create,
        page!("create.request.json"),
        page!("create.request.xml"),
        page!("create.request.form"),
    );
}

/// Writes a result as the page shows it, and reads the page.
fn check_result<R: Data + PartialEq + std::fmt::Debug>(
    operation: &OperationTable,
    result: &R,
    json_page: &str,
    xml_page: &str,
) {
    let written = json::encode_result(&operation.output, result.view(), &PAGE).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), json_page);
    let written = xml::encode_result(operation, result.view(), Layout::Page).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), xml_page);

    let options = DecodeOptions::default();
    let mut read = R::empty();
    json::decode_result(json_page.as_bytes(), &operation.output, read.slot(), &options).unwrap();
    assert_eq!(&read, result);
    let mut read = R::empty();
    xml::decode_result(operation, xml_page.as_bytes(), read.slot(), &options).unwrap();
    assert_eq!(&read, result);
}

#[test]
fn results() {
    let id = UpdateSessionId::new("obj-103");
    check_result(&CREATE, &id, page!("create.response.json"), page!("create.response.xml"));
    check_result(&GET, &session(), page!("get.response.json"), page!("get.response.xml"));
    check_result(&LIST, &vec![id.clone(), id], page!("list.response.json"), page!("list.response.xml"));
    check_result(&FAIL, &(), "", "");
}

#[test]
fn errors() {
    let id = "com.vmware.vapi.std.errors.not_found";
    let payload = NotFound { messages: vec![message(), message()], data: Some(DynamicStructure::default()) };
    let options = DecodeOptions::default();

    let page = page!("not_found.json");
    assert_eq!(String::from_utf8(json::encode_error(id, &payload, &PAGE).unwrap()).unwrap(), page);
    assert_eq!(json::decode_error_id(page.as_bytes(), &options).unwrap(), id);
    let mut read = NotFound::empty();
    json::decode_error(page.as_bytes(), &mut read, &options).unwrap();
    assert_eq!(read, payload);

    let page = page!("not_found.xml");
    assert_eq!(String::from_utf8(xml::encode_error(id, &payload, Layout::Page).unwrap()).unwrap(), page);
    assert_eq!(xml::decode_error_id(page.as_bytes(), &options).unwrap(), id);
    let mut read = NotFound::empty();
    xml::decode_error(page.as_bytes(), &mut read, &options).unwrap();
    assert_eq!(read, payload);
}
