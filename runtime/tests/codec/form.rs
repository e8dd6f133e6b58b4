//! What a form accepts besides what we write, and what it refuses with which words.

use vapi_runtime::Value;
use vapi_runtime::codec::form::{decode_input, encode_input};
use vapi_runtime::codec::{DecodeOptions, Dialect, Unknown};
use vapi_runtime::codegen::Data;

use crate::model::{Everything, FailInput, Inner};

/// Reads Everything with the pairs for one name replaced or added.
fn read_with(name: &str, pairs: &str, unknown: Unknown) -> Result<Everything, String> {
    let rest = encode_input(&Everything::empty(), &[], Dialect::Page2014).unwrap();
    let is_other =
        |pair: &&str| !pair.starts_with(&format!("{name}=")) && !pair.starts_with(&format!("{name}."));
    let body: Vec<&str> = std::iter::once(pairs).chain(rest.split('&').filter(is_other)).collect();
    let mut everything = Everything::empty();
    let options = DecodeOptions { unknown, ..DecodeOptions::default() };
    decode_input(&body.join("&"), &mut everything, &[], &options).map_err(|error| error.to_string())?;
    Ok(everything)
}

#[test]
fn what_is_refused_says_where_and_why() {
    let check = |name: &str, pairs: &str, expected: &str| {
        assert_eq!(read_with(name, pairs, Unknown::Refuse), Err(expected.to_owned()), "{pairs}");
    };
    check("count", "count=10.0", "`count`: `10.0` is not a long");
    check("count", "count=", "`count`: `` is not a long");
    check("count", "count=1&count=2", "`count`: expected long, got more than one value");
    check("count", "count.a=1", "`count`: expected long, got names below it");
    check("count", "count=1&count.a=2", "`count`: both a value of its own and names below it are given");
    check("count", "", "required field `count` of test.everything is missing");
    check("ratio", "ratio=nan", "`ratio`: `nan` is not a double");
    check("text", "text=%FF", "`text=%FF` is not a percent-encoded UTF-8 text");
    check("inner", "inner=x", "`inner`: expected structure, got a single value");
    check("inner", "inner=&inner.name=a", "`inner`: both a value of its own and names below it are given");
    check("inner", "inner.child.nome=", "`inner.child`: test.inner has no field `nome`");
    check("inner", "inner.=", "`inner`: test.inner has no field ``");
    check(
        "list",
        "list.1=a&list.3=b",
        "`list`: expected the index 2, got `3`: indexes are 1, 2, 3 and so on",
    );
    check(
        "list",
        "list.999999999=a",
        "`list`: expected the index 1, got `999999999`: indexes are 1, 2, 3 and so on",
    );
    check("list", "list.0=a", "`list`: expected the index 1, got `0`: indexes are 1, 2, 3 and so on");
    check("list", "list.01=a", "`list`: expected the index 1, got `01`: indexes are 1, 2, 3 and so on");
    check(
        "list",
        "list.99999999999999999999999=a",
        "`list`: expected the index 1, got `99999999999999999999999`: indexes are 1, 2, 3 and so on",
    );
    check("list", "list=a&list.1=b", "`list`: both a value of its own and names below it are given");
    check("list", "list.1=a&list.1=b", "`list[0]`: expected string, got more than one value");
    check("set", "set=1&set=1", "`set[1]`: the set has this element already");
    check("map", "map.1.key=a", "`map[0]`: required field `value` of the map entry is missing");
    check(
        "map",
        "map.1.key=a&map.1.value=&map.2.key=a&map.2.value=",
        "`map[1]`: the map has this key already",
    );
    check("map", "map.a=b", "`map`: expected the index 1, got `a`: indexes are 1, 2, 3 and so on");
    check("map", "map=a", "`map`: expected map, got a single value");
    check("text", "text=&surplus=1", "test.everything has no field `surplus`");
    check("opaque", "opaque=1&opaque.2=3", "`opaque`: both a value of its own and names below it are given");
    check(
        "opaque",
        "opaque.1=a&opaque.3=b",
        "`opaque`: expected the index 2, got `3`: indexes are 1, 2, 3 and so on",
    );
}

#[test]
fn what_is_accepted_besides_our_own() {
    let check = |name: &str, pairs: &str, holds: fn(&Everything) -> bool| {
        let everything = read_with(name, pairs, Unknown::Refuse).unwrap();
        assert!(holds(&everything), "{pairs} became {everything:?}");
    };
    check("text", "text=a+b%20c%2B", |e| e.text == "a b c+");
    check("text", "text", |e| e.text.is_empty());
    check("text", "&&text=a=b&", |e| e.text == "a=b");
    check("text", "text=a&~action=fail&%7Emethod=x&vmw-task=true", |e| e.text == "a");
    check("flag", "flag=True", |e| e.flag);
    check("list", "list=a", |e| e.list == ["a"]);
    check("list", "list=b&list=a", |e| e.list == ["b", "a"]);
    check("list", "list=", |e| e.list.is_empty());
    check("list", "list=&list=", |e| e.list == ["", ""]);
    check(
        "list",
        "list.10=j&list.9=i&list.8=h&list.7=g&list.6=f&list.5=e&list.4=d&list.3=c&list.2=b&list.1=a",
        |e| e.list.concat() == "abcdefghij",
    );
    check("nested", "nested.2.1=3&nested.1=", |e| e.nested == [vec![], vec![3]]);
    check("gaps", "gaps.1.@nil=true&gaps.2=", |e| e.gaps == [None, Some(String::new())]);
    check("maybe_text", "maybe_text.%40nil=true", |e| e.maybe_text.is_none());
    check("map", "map.1.key=a&map.1.value.name=b", |e| e.map["a"] == Inner::named("b"));
    check("anything", "anything.@class=a.b&anything.c.1=d", |e| {
        e.anything.name.as_deref() == Some("a.b")
            && e.anything.fields["c"] == Value::List(vec![Value::Text("d".into())])
    });
    check("opaque", "opaque=a&opaque=b", |e| {
        e.opaque == Value::List(vec![Value::Text("a".into()), Value::Text("b".into())])
    });
}

#[test]
fn a_newer_peer_may_say_more() {
    let everything = read_with("surplus", "surplus=1&surplus.2=3&inner.nome=4", Unknown::Ignore);
    assert!(everything.is_err(), "the empty structure has a value of its own");
    let everything = read_with("inner", "inner.nome=4&surplus=1&surplus.2=3", Unknown::Ignore);
    assert_eq!(everything, Ok(Everything::empty()));
}

#[test]
fn depth_is_bounded() {
    let check = |n_levels: usize, depth_max: usize, expected: Result<(), &str>| {
        let pairs = format!("{}name=x", "child.".repeat(n_levels - 1));
        let options = DecodeOptions { depth_max, ..DecodeOptions::default() };
        let read = decode_input(&pairs, &mut Inner::empty(), &[], &options);
        assert_eq!(read.map(drop).map_err(|error| error.kind.to_string()), expected.map_err(str::to_owned));
    };
    check(64, 64, Ok(()));
    check(65, 64, Err("nested deeper than 64 levels"));
    check(120, usize::MAX, Ok(()));
    check(100_000, usize::MAX, Err("nested deeper than 120 levels"));
}

#[test]
fn what_cannot_be_written_says_where_and_why() {
    let check = |everything: Everything, expected: &str| {
        assert_eq!(encode_input(&everything, &[], Dialect::Page2014).unwrap_err().to_string(), expected);
    };
    check(Everything { ratio: f64::NAN, ..Everything::empty() }, "`ratio`: NaN is not a finite number");
    for name in ["", "a.b", "@a"] {
        let mut everything = Everything::empty();
        everything.anything.fields.insert(name.to_owned(), Value::Null);
        check(
            everything,
            &format!(
                "`anything`: `{name}` cannot be the name of a field of a dynamic structure in this representation"
            ),
        );
    }
    let deep = (0..121).fold(Value::Null, |value, _| Value::List(vec![value]));
    let error = encode_input(&Everything { opaque: deep, ..Everything::empty() }, &[], Dialect::Page2014)
        .unwrap_err();
    assert_eq!(error.reason.to_string(), "the value is nested deeper than 120 levels");
}

#[test]
fn the_path_may_have_the_rest() {
    let (mut fail, options) = (FailInput::empty(), DecodeOptions::default());
    let seen = decode_input("client_error_message=m", &mut fail, &[0], &options).unwrap();
    assert_eq!((seen.contains(0), seen.contains(1)), (false, true));
    assert_eq!(encode_input(&fail, &[0], Dialect::Page2014).unwrap(), "client_error_message=m");
}
