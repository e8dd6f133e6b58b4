//! Any value survives every representation; no bytes make a decoder panic.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use vapi_runtime::codec::json_rpc::Id;
use vapi_runtime::codec::text::to_text;
use vapi_runtime::codec::{
    DecodeOptions, Dialect, EncodeOptions, EncodeReason, Layout, Unknown, form, json, json_rpc, xml,
};
use vapi_runtime::codegen::Data;
use vapi_runtime::table::RestBody;
use vapi_runtime::{
    DateTime, DynamicStructure, ExecutionContext, Operation as _, Secret, Surface, Uri, Value,
};

use crate::model::{
    Color, EVERYTHING_OPERATION, Everything, EverythingOperation, Fail, Inner, LocalizableMessage, NotFound,
    OwnerId,
};

/// Text that XML can carry, with what is special to any representation.
fn text() -> impl Strategy<Value = String> {
    let special = proptest::sample::select(vec![
        '&',
        '<',
        '>',
        '"',
        '\'',
        ']',
        '=',
        '+',
        '%',
        '.',
        '~',
        ' ',
        '\t',
        '\n',
        '\r',
        '\\',
        '\u{85}',
        '\u{2028}',
        'é',
        '\u{FFFD}',
        '\u{1F600}',
        '0',
    ]);
    let character = prop_oneof![3 => special, 2 => proptest::char::range('a', 'z'), 1 => proptest::char::range('\u{E000}', '\u{FFFD}')];
    vec(character, 0..8).prop_map(String::from_iter)
}

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    NORMAL | SUBNORMAL | ZERO | POSITIVE | NEGATIVE
}

/// Instants of the years 0 to 9999, which is what the wire's four digits can say.
fn instant() -> impl Strategy<Value = DateTime> {
    (-62_167_219_200_000_i64..253_402_207_200_000)
        .prop_map(|unix_ms| DateTime::from_unix_ms(unix_ms).unwrap())
}

fn color() -> impl Strategy<Value = Color> {
    prop_oneof![Just(Color::Red), Just(Color::DarkBlue), text().prop_map(|wire| Color::from(wire.as_str()))]
}

fn inner() -> impl Strategy<Value = Inner> {
    let leaf = (option::of(text()), option::of(vec(any::<i64>(), 0..3))).prop_map(|(name, numbers)| Inner {
        name,
        child: None,
        numbers,
    });
    leaf.prop_recursive(3, 4, 1, |child| {
        (option::of(text()), option::of(child.prop_map(Box::new))).prop_map(|(name, child)| Inner {
            name,
            child,
            numbers: None,
        })
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Boolean),
        any::<i64>().prop_map(Value::Long),
        finite().prop_map(Value::Double),
        text().prop_map(Value::Text),
        text().prop_map(|text| Value::Secret(Secret::new(text))),
        vec(any::<u8>(), 0..5).prop_map(Value::Binary),
    ];
    leaf.prop_recursive(4, 12, 3, |value| {
        prop_oneof![
            vec(value.clone(), 0..3).prop_map(Value::List),
            value.clone().prop_map(|value| Value::Optional(Box::new(value))),
            structure_of(value.clone()).prop_map(Value::Structure),
            structure_of(value).prop_map(Value::Error),
        ]
    })
}

fn structure_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = DynamicStructure> {
    // A name that means "no name" comes back as none, so it is not among them.
    let name =
        text().prop_filter("stands for no name", |name| name != "dynamic_structure" && name != "exception");
    (option::of(name), btree_map("[a-zA-Z_é][a-z0-9_é-]{0,4}", value, 0..3))
        .prop_map(|(name, fields)| DynamicStructure { name, fields })
}

fn scalars() -> impl Strategy<Value = Everything> {
    let numbers =
        (any::<bool>(), any::<i64>(), finite(), vec(any::<u8>(), 0..5), instant(), option::of(instant()));
    (numbers, [text(), text(), text(), text()], color(), option::of(text())).prop_map(
        |((flag, count, ratio, blob, at, maybe_at), [text, token, link, owner], color, maybe_text)| {
            Everything {
                flag,
                count,
                ratio,
                blob,
                at,
                maybe_at,
                text,
                token: Secret::new(token),
                link: Uri::new(link),
                owner: OwnerId::new(owner),
                color,
                maybe_text,
                ..Everything::empty()
            }
        },
    )
}

pub(crate) fn everything() -> impl Strategy<Value = Everything> {
    let lists = (
        vec(text(), 0..3),
        vec(vec(any::<i64>(), 0..3), 0..3),
        vec(option::of(text()), 0..3),
        btree_set(any::<i64>(), 0..3),
        btree_set(color(), 0..3),
        option::of(vec(inner(), 0..3)),
    );
    let maps = (
        btree_map(text(), inner(), 0..3),
        btree_map(text().prop_map(OwnerId::new), vec(any::<i64>(), 0..3), 0..3),
        option::of(btree_map(any::<i64>(), option::of(any::<bool>()), 0..3)),
    );
    let dynamics = (
        structure_of(value()),
        structure_of(value()),
        value(),
        option::of(value()),
        option::of(structure_of(value())),
    );
    (scalars(), inner(), option::of(inner()), lists, maps, dynamics).prop_map(
        |(scalars, inner, maybe_inner, lists, maps, dynamics)| {
            let (list, nested, gaps, set, colors, maybe_list) = lists;
            let (map, lists, maybe_flags) = maps;
            let (anything, error, opaque, maybe_value, maybe_any) = dynamics;
            Everything {
                inner,
                maybe_inner,
                list,
                nested,
                gaps,
                set,
                colors,
                maybe_list,
                map,
                lists,
                maybe_flags,
                anything,
                error,
                opaque,
                // Null in an optional means that it is unset.
                maybe_value: maybe_value.filter(|value| plain(value) != Value::Null),
                maybe_any,
                ..scalars
            }
        },
    )
}

/// The value as it comes back from JSON, which does not tell what JSON-RPC does.
fn plain(value: &Value) -> Value {
    match value {
        Value::Secret(text) => Value::Text(text.expose().to_owned()),
        Value::Binary(bytes) => {
            let text = to_text(bytes.view(), Dialect::Page2014).unwrap().into_owned();
            Value::Text(text)
        }
        Value::Optional(value) => plain(value),
        Value::List(list) => Value::List(list.iter().map(plain).collect()),
        Value::Structure(dynamic) | Value::Error(dynamic) => Value::Structure(plain_fields(dynamic)),
        Value::Null | Value::Boolean(_) | Value::Long(_) | Value::Double(_) | Value::Text(_) => value.clone(),
    }
}

fn plain_fields(dynamic: &DynamicStructure) -> DynamicStructure {
    let fields = dynamic.fields.iter().map(|(name, value)| (name.clone(), plain(value)));
    DynamicStructure { name: dynamic.name.clone(), fields: fields.collect() }
}

fn plain_of(everything: &Everything) -> Everything {
    let mut copy = everything.clone();
    for dynamic in [&mut copy.anything, &mut copy.error].into_iter().chain(copy.maybe_any.as_mut()) {
        *dynamic = plain_fields(dynamic);
    }
    for value in [&mut copy.opaque].into_iter().chain(copy.maybe_value.as_mut()) {
        *value = plain(value);
    }
    copy
}

/// The value as it comes back from a representation without types.
fn untyped(everything: &Everything, empty_list: &Value) -> Everything {
    let mut copy = plain_of(everything);
    for dynamic in [&mut copy.anything, &mut copy.error].into_iter().chain(copy.maybe_any.as_mut()) {
        untype_fields(dynamic, empty_list);
    }
    for value in [&mut copy.opaque].into_iter().chain(copy.maybe_value.as_mut()) {
        untype(value, empty_list);
    }
    copy
}

fn untype(value: &mut Value, empty_list: &Value) {
    match value {
        Value::Null | Value::Text(_) => {}
        Value::Boolean(flag) => *value = Value::Text(flag.to_string()),
        Value::Long(number) => *value = Value::Text(number.to_string()),
        Value::Double(number) => *value = Value::Text(format!("{number:?}")),
        Value::List(list) if list.is_empty() => *value = empty_list.clone(),
        Value::List(list) => list.iter_mut().for_each(|value| untype(value, empty_list)),
        Value::Structure(dynamic) => untype_fields(dynamic, empty_list),
        Value::Secret(_) | Value::Binary(_) | Value::Optional(_) | Value::Error(_) => {
            unreachable!("a plain value has none of these")
        }
    }
}

fn untype_fields(dynamic: &mut DynamicStructure, empty_list: &Value) {
    dynamic.fields.values_mut().for_each(|value| untype(value, empty_list));
}

const DIALECTS: [Dialect; 3] = [Dialect::Page2014, Dialect::Legacy, Dialect::Rest];

fn options() -> impl Strategy<Value = DecodeOptions> {
    let unknown = prop_oneof![Just(Unknown::Refuse), Just(Unknown::Ignore)];
    let dialect = proptest::sample::select(DIALECTS.to_vec());
    (unknown, dialect).prop_map(|(unknown, dialect)| DecodeOptions { depth_max: 8, unknown, dialect })
}

fn reading(dialect: Dialect) -> DecodeOptions {
    DecodeOptions { dialect, ..DecodeOptions::default() }
}

/// All fields of everything that can stand in one query: the fields of `maybe_inner` have the names of those of `inner`.
fn queried() -> Vec<u16> {
    (0..28).filter(|&field_idx| field_idx != 24).collect()
}

/// The value as it comes back from a query: without types, without empty lists and texts where these are unset.
fn queried_of(everything: &Everything) -> Everything {
    let is_set = |text: &String| !text.is_empty();
    let mut copy = untyped(everything, &Value::Text(String::new()));
    copy.maybe_inner = None;
    copy.maybe_text = copy.maybe_text.filter(is_set);
    copy.maybe_list = copy.maybe_list.filter(|list| !list.is_empty());
    copy.inner.name = copy.inner.name.filter(is_set);
    copy.inner.numbers = copy.inner.numbers.filter(|numbers| !numbers.is_empty());
    copy
}

fn read_json(body: &[u8], dialect: Dialect) -> Everything {
    let mut read = Everything::empty();
    json::decode_input(body, &mut read, &[], &reading(dialect))
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)));
    read
}

fn read_xml(body: &[u8]) -> Everything {
    let mut read = Everything::empty();
    xml::decode_input(&EVERYTHING_OPERATION, body, &mut read, &[], &DecodeOptions::default())
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(body)));
    read
}

fn read_form(pairs: &str) -> Everything {
    let mut read = Everything::empty();
    form::decode_input(pairs, &mut read, &[], &DecodeOptions::default())
        .unwrap_or_else(|error| panic!("{error}: {pairs}"));
    read
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_survives_json(everything in everything()) {
        for dialect in DIALECTS {
            for layout in [Layout::Compact, Layout::Page] {
                let body = json::encode_input(&everything, &[], &EncodeOptions { layout, dialect }).unwrap();
                prop_assert_eq!(read_json(&body, dialect), plain_of(&everything));
            }
        }
    }

    #[test]
    fn any_value_survives_json_rpc(everything in everything(), unset in option::of(everything())) {
        let call = json_rpc::encode_request(&EVERYTHING_OPERATION, &everything, &ExecutionContext::default(), "0");
        let call = call.unwrap();
        let request = json_rpc::decode_request(&call).unwrap();
        let mut read = Everything::empty();
        json_rpc::decode_input(request.input, &mut read, &DecodeOptions::default())
            .unwrap_or_else(|error| panic!("{error:?}: {}", String::from_utf8_lossy(&call)));
        prop_assert_eq!(read, everything);

        let reply = json_rpc::encode_result(&request.id, &EVERYTHING_OPERATION.output, unset.view()).unwrap();
        prop_assert_eq!(EverythingOperation::response(http::Response::new(reply.into()), Surface::JsonRpc).unwrap(), unset);
    }

    #[test]
    fn any_value_survives_a_query_below_api(everything in everything()) {
        let query = form::encode_rest_query(&everything, &queried()).unwrap();
        let mut read = Everything::empty();
        form::decode_rest_query(&query, &mut read, &queried(), &reading(Dialect::Rest))
            .unwrap_or_else(|error| panic!("{error}: {query}"));
        prop_assert_eq!(read, queried_of(&everything));
    }

    #[test]
    fn any_value_survives_as_the_body_below_api(everything in everything()) {
        // Bare, because that is what the whole body is.
        let options = EncodeOptions { dialect: Dialect::Rest, ..EncodeOptions::default() };
        let whole = json::encode_rest_body(&everything, RestBody::Whole(10), &options).unwrap();
        let fields = RestBody::Fields(&[0, 3, 6, 11, 19, 20, 23]);
        let some = json::encode_rest_body(&everything, fields, &options).unwrap();
        let mut read = Everything::empty();
        let options = reading(Dialect::Rest);
        json::decode_rest_body(&whole, &mut read, RestBody::Whole(10), &options).unwrap();
        json::decode_rest_body(&some, &mut read, fields, &options).unwrap();
        let Everything { flag, text, at, inner, anything, map, lists, maybe_flags, .. } = plain_of(&everything);
        let expected =
            Everything { flag, text, at, inner, anything, map, lists, maybe_flags, ..Everything::empty() };
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn errors_survive(texts in vec(text(), 0..4), data in option::of(structure_of(value()))) {
        let messages = vec![LocalizableMessage { id: texts.concat(), default_message: texts.join(" "), args: texts }];
        let (id, error) = ("com.vmware.vapi.std.errors.not_found", NotFound { messages, data });
        for dialect in DIALECTS {
            let options = EncodeOptions { dialect, ..EncodeOptions::default() };
            let body = json::encode_error(id, &error, &options).unwrap();
            prop_assert_eq!(json::decode_error_id(&body, &reading(dialect)).unwrap(), id);
            let mut read = NotFound::empty();
            json::decode_error(&body, &mut read, &reading(dialect)).unwrap();
            let plain = NotFound { data: error.data.as_ref().map(plain_fields), ..error.clone() };
            prop_assert_eq!(read, plain);
            let read = json::decode_unknown_error(&body, &reading(dialect)).unwrap();
            prop_assert_eq!(read.name.as_deref(), Some(id));
        }
    }

    #[test]
    fn any_value_survives_xml(everything in everything()) {
        let expected = untyped(&everything, &Value::List(vec![]));
        for layout in [Layout::Compact, Layout::Page] {
            let body = xml::encode_input(&EVERYTHING_OPERATION, &everything, &[], layout).unwrap();
            prop_assert_eq!(read_xml(&body), expected.clone());
        }
    }

    #[test]
    fn any_value_survives_a_form(everything in everything()) {
        let expected = untyped(&everything, &Value::Text(String::new()));
        prop_assert_eq!(read_form(&form::encode_input(&everything, &[], Dialect::Page2014).unwrap()), expected);
    }

    #[test]
    fn the_order_of_a_form_does_not_matter(everything in everything(), keys in vec(any::<u32>(), 200)) {
        let pairs = form::encode_input(&everything, &[], Dialect::Page2014).unwrap();
        let mut shuffled: Vec<_> = pairs.split('&').zip(keys.iter().cycle()).collect();
        shuffled.sort_by_key(|&(pair, key)| key.wrapping_mul(pair.len() as u32));
        let shuffled: Vec<_> = shuffled.into_iter().map(|(pair, _)| pair).collect();
        prop_assert_eq!(read_form(&shuffled.join("&")), read_form(&pairs));
    }

    #[test]
    fn results_survive(everything in option::of(everything())) {
        let (operation, options) = (&EVERYTHING_OPERATION, DecodeOptions::default());
        for dialect in DIALECTS {
            let written = EncodeOptions { dialect, ..EncodeOptions::default() };
            let body = json::encode_result(&operation.output, everything.view(), &written).unwrap();
            let mut read = Option::<Everything>::empty();
            json::decode_result(&body, &operation.output, read.slot(), &reading(dialect)).unwrap();
            prop_assert_eq!(read, everything.as_ref().map(plain_of));
        }
        let body = xml::encode_result(operation, everything.view(), Layout::Compact).unwrap();
        let mut read = Option::<Everything>::empty();
        xml::decode_result(operation, &body, read.slot(), &options).unwrap();
        prop_assert_eq!(read, everything.map(|e| untyped(&e, &Value::List(vec![]))));
    }

    #[test]
    fn any_text_survives_or_is_refused_with_its_place(text in any::<String>()) {
        let everything = Everything { text: text.clone(), ..Everything::empty() };
        let body = json::encode_input(&everything, &[], &EncodeOptions::default()).unwrap();
        prop_assert_eq!(&read_json(&body, Dialect::Page2014).text, &text);
        prop_assert_eq!(&read_form(&form::encode_input(&everything, &[], Dialect::Page2014).unwrap()).text, &text);
        match xml::encode_input(&EVERYTHING_OPERATION, &everything, &[], Layout::Page) {
            Ok(body) => prop_assert_eq!(&read_xml(&body).text, &text),
            Err(error) => {
                prop_assert_eq!(error.path, "text");
                let EncodeReason::Character(c) = error.reason else { panic!("{}", error.reason) };
                prop_assert!(text.contains(c));
            }
        }
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in vec(any::<u8>(), 0..64), options in options()) {
        decode_all(&bytes, &options);
    }

    #[test]
    fn no_damage_makes_a_decoder_panic(
        everything in everything(),
        options in options(),
        cuts in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let operation = &EVERYTHING_OPERATION;
        let bodies = [
            json::encode_input(&everything, &[], &EncodeOptions::default()).unwrap(),
            xml::encode_input(&EVERYTHING_OPERATION, &everything, &[], Layout::Compact).unwrap(),
            form::encode_input(&everything, &[], Dialect::Page2014).unwrap().into_bytes(),
            form::encode_rest_query(&everything, &queried()).unwrap().into_bytes(),
            json_rpc::encode_request(operation, &everything, &ExecutionContext::default(), "0").unwrap(),
            json_rpc::encode_result(&Id::null(), &operation.output, everything.view()).unwrap(),
            json::encode_input(&everything, &[], &EncodeOptions { dialect: Dialect::Rest, ..EncodeOptions::default() }).unwrap(),
        ];
        for mut body in bodies {
            for (from, to, byte) in &cuts {
                let (from, to) = (from.index(body.len()), to.index(body.len()));
                let n_cut = (from.max(to) - from.min(to)).min(8);
                body.splice(from.min(to)..from.min(to) + n_cut, [*byte]);
            }
            decode_all(&body, &options);
        }
    }
}

/// Every decoder over the bytes; what comes of it does not matter.
fn decode_all(bytes: &[u8], options: &DecodeOptions) {
    let (operation, pairs) = (&EVERYTHING_OPERATION, String::from_utf8_lossy(bytes));
    let _ = json::decode_input(bytes, &mut Everything::empty(), &[], options);
    let _ = json::decode_result(bytes, &operation.output, Option::<Everything>::empty().slot(), options);
    let _ = json::decode_rest_body(bytes, &mut Everything::empty(), RestBody::Whole(22), options);
    let _ = json::decode_error_id(bytes, options);
    let _ = json::decode_error(bytes, &mut NotFound::empty(), options);
    let _ = json::decode_unknown_error(bytes, options);
    let _ = json_rpc::decode_request(bytes)
        .map(|request| json_rpc::decode_input(request.input, &mut Everything::empty(), options));
    let reply = || http::Response::new(bytes.to_vec().into());
    let _ = EverythingOperation::response(reply(), Surface::JsonRpc);
    let _ = Fail::response(reply(), Surface::JsonRpc);
    let _ = xml::decode_input(operation, bytes, &mut Everything::empty(), &[], options);
    let _ = xml::decode_result(operation, bytes, Option::<Everything>::empty().slot(), options);
    let _ = xml::decode_error(bytes, &mut NotFound::empty(), options);
    let _ = xml::decode_unknown_error(bytes, options);
    let _ = form::decode_input(&pairs, &mut Everything::empty(), &[], options);
    let _ = form::decode_rest_query(&pairs, &mut Everything::empty(), &queried(), options);
}
