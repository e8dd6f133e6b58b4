//! The query below `/api`: how each kind of parameter stands in it, and what is refused with which words.

use vapi_runtime::codec::form::{decode_rest_query, encode_rest_query};
use vapi_runtime::codec::{DecodeOptions, Dialect, Unknown};
use vapi_runtime::codegen::Data;
use vapi_runtime::{DateTime, Uri};

use crate::model::{Color, Filter, Inner, Search};

/// Filter and the rest; the parameter with number 4 is in the path.
const IN_QUERY: &[u16] = &[0, 1, 2, 3];

fn decode(query: &str) -> Result<Search, String> {
    let options = DecodeOptions { dialect: Dialect::Rest, ..DecodeOptions::default() };
    let mut search = Search::empty();
    decode_rest_query(query, &mut search, IN_QUERY, &options).map_err(|error| error.to_string())?;
    Ok(search)
}

fn search() -> Search {
    Search { filter: None, names: vec![], colors: None, exact: false, id: String::new() }
}

#[test]
fn each_kind_has_its_spelling() {
    let check = |search: &Search, expected: &str| {
        assert_eq!(encode_rest_query(search, IN_QUERY).unwrap(), expected);
        assert_eq!(decode(expected).as_ref(), Ok(search), "{expected}");
    };
    check(&search(), "exact=false");
    let names = vec!["a b".to_owned(), String::new(), "ä&=".to_owned()];
    check(&Search { names, ..search() }, "names=a%20b&names=&names=%C3%A4%26%3D&exact=false");
    let colors = Some([Color::Red, Color::DarkBlue].into());
    check(&Search { colors, ..search() }, "colors=RED&colors=DARK_BLUE&exact=false");
    let filter = Filter {
        since: DateTime::from_unix_ms(1_370_556_785_000),
        link: Some(Uri::new("http://x")),
        numbers: Some(vec![3, 1]),
        ..Filter::empty()
    };
    let query = "since=2013-06-06T22%3A13%3A05.000Z&link=http%3A%2F%2Fx&numbers=3&numbers=1&exact=false";
    check(&Search { filter: Some(filter), ..search() }, query);
}

#[test]
fn what_has_no_spelling_of_its_own_is_dotted() {
    let filter = Filter {
        inner: Some(Inner { numbers: Some(vec![1]), ..Inner::named("n") }),
        labels: Some([("k".to_owned(), 1)].into()),
        ..Filter::empty()
    };
    let search = Search { filter: Some(filter), ..search() };
    let query = "labels.1.value=1&labels.1.key=k&inner.name=n&inner.numbers.1=1&exact=false";
    assert_eq!(encode_rest_query(&search, IN_QUERY).unwrap(), query);
    assert_eq!(decode(query), Ok(search));
}

#[test]
fn what_is_read_besides_our_own() {
    let check = |query: &str, expected: Search| assert_eq!(decode(query), Ok(expected), "{query}");
    check("exact=TRUE", Search { exact: true, ..search() });
    check("exact=false&~action=x&%7Emethod=y&action=z&vmw-task=true", search());
    check("link=&exact=false", Search { filter: Some(Filter::empty()), ..search() });
    check("exact=false&names.2=b&names.1=a", Search { names: vec!["a".into(), "b".into()], ..search() });
    let numbers = Filter { numbers: Some(vec![1]), ..Filter::empty() };
    check("numbers=1&exact=false", Search { filter: Some(numbers), ..search() });
}

#[test]
fn what_is_refused_says_where_and_why() {
    let check = |query: &str, expected: &str| assert_eq!(decode(query), Err(expected.to_owned()), "{query}");
    check("", "required field `exact` of operation-input is missing");
    check("exact=true&exact=true", "`exact`: expected boolean, got more than one value");
    check("exact=", "`exact`: `` is not a boolean");
    check("exact=true&nope=1", "operation-input has no field `nope`");
    check("exact=true&id=1", "operation-input has no field `id`");
    check("exact=true&filter.link=x", "operation-input has no field `filter`");
    check("exact=true&colors=RED&colors=RED", "`colors[1]`: the set has this element already");
    check("exact=true&numbers=1&numbers=x", "`filter.numbers[1]`: `x` is not a long");
    check("exact=true&since=2013-06-06T22:13:05", "`filter.since`: `2013-06-06T22:13:05` is not a date_time");
    check("exact=true&names=a&names.1=b", "`names`: both a value of its own and names below it are given");
    check("exact=%FF", "`exact=%FF` is not a percent-encoded UTF-8 text");
}

#[test]
fn a_client_passes_over_what_it_does_not_know() {
    let options = DecodeOptions { unknown: Unknown::Ignore, ..DecodeOptions::default() };
    let mut search = Search::empty();
    let seen = decode_rest_query("exact=true&nope=1", &mut search, IN_QUERY, &options).unwrap();
    assert!(seen.contains(3) && !seen.contains(0) && !seen.contains(2));
}
