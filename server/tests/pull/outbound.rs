//! Fetching from other hosts over sockets: what comes, what is said when it does not, and who is not reached.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use contentlibd::outbound::{
    Basic, Failure, Incoming, Outbound, OutboundSettings, Source, SystemResolver, Trust,
};
use vapi::runtime::client::{BoxFuture, Proxy, Resolver, TransportError};

use crate::origin::{Identity, Origin, Reply, ranged, raw, redirect, whole};

const ENOUGH: &[u8] = b"0123456789";

/// Settings that let this machine be reached, as tests have to, at one address of it.
pub(crate) fn settings() -> OutboundSettings {
    let allowed_networks = vec!["127.0.0.1".parse().unwrap()];
    OutboundSettings { allowed_networks, ..OutboundSettings::default() }
}

fn outbound() -> Outbound {
    Outbound::with(settings(), Arc::new(SystemResolver), Proxy::none())
}

async fn bytes(got: Result<Incoming, Failure>) -> Result<Vec<u8>, Failure> {
    got?.read_all().await.map(|bytes| bytes.to_vec())
}

/// It fails in these words.
#[track_caller]
fn check_failed<T: std::fmt::Debug>(got: Result<T, Failure>, words: &[&str]) -> Failure {
    let failure = got.expect_err("it is to fail");
    let text = failure.to_string();
    for word in words {
        assert!(text.contains(word), "{text:?} does not say {word:?}");
    }
    failure
}

#[tokio::test]
async fn what_is_there_comes_with_what_the_server_says_of_it() {
    let origin = Origin::plain(|asked| ranged(asked, "\"1\"", ENOUGH, None)).await;
    let incoming = outbound().get(&Source::new(origin.url("/x?token=1"))).await.unwrap();
    assert_eq!((incoming.size, incoming.offset, incoming.is_unchanged), (Some(10), 0, false));
    assert_eq!(incoming.etag.as_deref(), Some("\"1\""));
    assert_eq!(incoming.read_all().await.unwrap(), ENOUGH);
    let asked = &origin.asked()[0];
    assert_eq!(asked.path(), "/x?token=1");
    assert_eq!(asked.header("accept-encoding"), Some("identity"));
    assert_eq!((asked.header("authorization"), asked.header("range")), (None, None));
}

#[tokio::test]
async fn what_is_no_success_is_a_failure_that_says_what_to_do() {
    for (line, words, may_pass) in [
        ("404 Not Found", ["404 Not Found", "correct the address"], false),
        ("401 Unauthorized", ["401 Unauthorized", "credentials"], false),
        ("503 Busy", ["503 Service Unavailable", "try again"], true),
        ("206 Partial Content", ["206", "the file itself"], false),
        ("304 Not Modified", ["304", "the file itself"], false),
        ("204 No Content", ["204", "the file itself"], false),
    ] {
        let head = format!("HTTP/1.1 {line}");
        let origin = Origin::plain(move |_| Reply::Raw(raw(&[&head], b"secret"))).await;
        let failure = check_failed(outbound().get(&Source::new(origin.url("/x?token=secret"))).await, &words);
        assert_eq!(failure.may_pass(), may_pass, "{line}");
        assert!(!format!("{failure} {failure:?}").contains("secret"), "{failure:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_an_end() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/a/1" => redirect("2"),
        "/a/2" => redirect("/b?c"),
        "/b?c" => whole(ENOUGH),
        "/round" => redirect("/round"),
        "/nowhere" => Reply::Raw(raw(&["HTTP/1.1 301 Moved"], b"")),
        _ => redirect("ftp://a.example/x"),
    })
    .await;
    let outbound = outbound();
    assert_eq!(bytes(outbound.get(&Source::new(origin.url("/a/1"))).await).await.unwrap(), ENOUGH);
    let n_before = origin.asked().len();
    check_failed(outbound.get(&Source::new(origin.url("/round"))).await, &["/round", "more than 5 times"]);
    assert_eq!(origin.asked().len() - n_before, 6);
    check_failed(outbound.get(&Source::new(origin.url("/nowhere"))).await, &["to nowhere"]);
    check_failed(outbound.get(&Source::new(origin.url("/other"))).await, &["no address"]);
}

#[tokio::test]
async fn credentials_stay_with_the_host_that_they_are_for() {
    let other = Origin::plain(|_| whole(ENOUGH)).await;
    let elsewhere = other.url("/x");
    let origin = Origin::plain(move |asked| match asked.path() {
        "/here" => redirect("/away"),
        _ => redirect(&elsewhere),
    })
    .await;
    let basic = Basic { user: "vcsp".to_owned(), password: "secret".into() };
    let source = Source { credentials: Some(basic), ..Source::new(origin.url("/here")) };
    assert_eq!(bytes(outbound().get(&source).await).await.unwrap(), ENOUGH);
    let told = |origin: &Origin| -> Vec<bool> {
        origin.asked().iter().map(|asked| asked.header("authorization").is_some()).collect()
    };
    assert_eq!((told(&origin), told(&other)), (vec![true, true], vec![false]));
    assert_eq!(origin.asked()[0].header("authorization"), Some("Basic dmNzcDpzZWNyZXQ="));

    // In an address they are the same, and are no part of what is asked for.
    let uri = origin.url("/here").replace("://", "://vcsp:secret@");
    assert_eq!(bytes(outbound().get(&Source::new(uri)).await).await.unwrap(), ENOUGH);
    assert_eq!(origin.asked()[2].header("authorization"), Some("Basic dmNzcDpzZWNyZXQ="));
    assert_eq!(origin.asked()[2].header("host"), Some(origin.address.to_string().as_str()));
    assert_eq!(told(&other), [false, false]);
}

#[tokio::test]
async fn no_redirect_leads_from_https_to_http() {
    let plain = Origin::plain(|_| whole(ENOUGH)).await;
    let (identity, elsewhere) = (Identity::new(&["127.0.0.1"]), plain.url("/x"));
    let origin = Origin::tls(&identity, move |_| redirect(&elsewhere)).await;
    let outbound = outbound();
    outbound.trust_also([identity.authority.clone()]);
    let words = ["from https to http://127.0.0.1", "give the address that it leads to"];
    check_failed(outbound.get(&Source::new(origin.url("/x"))).await, &words);
    assert_eq!(plain.asked().len(), 0);
}

/// Names that a test makes up, and what was asked for.
#[derive(Debug, Default)]
struct Names {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: Mutex<Vec<String>>,
}

impl Names {
    /// One answer after the other, whatever is asked.
    fn new(answers: &[&[&str]]) -> Arc<Names> {
        let answer = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Names { answers: Mutex::new(answers.iter().map(answer).collect()), asked: Mutex::default() })
    }
}

impl Resolver for Names {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, Result<Vec<SocketAddr>, TransportError>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or_default();
        Box::pin(
            async move { Ok(answer.into_iter().map(|address| SocketAddr::from((address, port))).collect()) },
        )
    }
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to() {
    let origin = Origin::plain(|_| whole(ENOUGH)).await;
    let check = async |addresses: &[&str], words: &[&str]| {
        let names = Names::new(&[addresses]);
        let outbound = Outbound::with(settings(), names, Proxy::none());
        let source = Source::new(origin.url_by_name("files.example", "/x"));
        let failure = check_failed(outbound.get(&source).await, words);
        assert!(!failure.may_pass());
    };
    check(&["127.0.0.2"], &["files.example is 127.0.0.2, the server itself", "outbound.allowed_networks"])
        .await;
    check(&["10.0.0.5"], &["10.0.0.5, in a private network"]).await;
    check(&["169.254.169.254"], &["169.254.169.254, link-local"]).await;
    check(&["::ffff:10.0.0.5"], &["in a private network"]).await;
    check(&["::1"], &["::1, the server itself"]).await;
    check(&["fe80::1", "10.0.0.1"], &["fe80::1, link-local"]).await;
    check(&[], &["the name files.example cannot be resolved", "no address"]).await;
    assert_eq!(origin.asked().len(), 0);
}

#[tokio::test]
async fn the_address_that_was_looked_at_is_the_one_that_is_connected_to() {
    let origin = Origin::plain(|_| whole(ENOUGH)).await;
    // A name server that changes its mind has nothing to say any more, and an address beside a good one is left out.
    let names = Names::new(&[&["10.0.0.1", "127.0.0.1"], &["10.0.0.1"]]);
    let outbound = Outbound::with(settings(), Arc::<Names>::clone(&names), Proxy::none());
    let source = Source::new(origin.url_by_name("files.example", "/x"));
    assert_eq!(bytes(outbound.get(&source).await).await.unwrap(), ENOUGH);
    assert_eq!(*names.asked.lock().unwrap(), ["files.example"]);
    check_failed(outbound.get(&source).await, &["10.0.0.1, in a private network"]);
}

#[tokio::test]
async fn no_spelling_of_an_address_and_no_redirect_leads_inside() {
    let inside = Origin::plain(|_| whole(ENOUGH)).await;
    let port = inside.address.port();
    let origin =
        Origin::plain(move |asked| redirect(&format!("http://{}:{port}/", &asked.path()[1..]))).await;
    let outbound = outbound();
    for host in [
        "127.0.0.2",
        "2130706434",
        "0x7f000002",
        "017700000002",
        "127.2",
        "0177.0.0.2",
        "127.0.0.2.",
        "[::1]",
        "[::]",
        "0",
        "[::ffff:127.0.0.2]",
        "[::ffff:7f00:2]",
        "[64:ff9b::7f00:2]",
        "[2002:7f00:2::]",
        "169.254.169.254",
        "10.0.0.1",
        "[fd00:ec2::254]",
        "224.0.0.1",
    ] {
        for uri in [format!("http://{host}:{port}/"), origin.url(&format!("/{host}"))] {
            let failure =
                check_failed(outbound.get(&Source::new(uri)).await, &["from there nothing is fetched"]);
            assert!(matches!(failure, Failure::Forbidden { .. }), "{host}: {failure}");
        }
    }
    assert_eq!(inside.asked().len(), 0);
}

#[tokio::test]
async fn a_proxy_is_asked_for_names_and_not_for_addresses_inside() {
    let proxy = Origin::plain(|_| whole(ENOUGH)).await;
    let variable = format!("http://{}", proxy.address);
    let of_env = move |name: &str| (name == "HTTP_PROXY").then(|| variable.clone());
    let outbound =
        Outbound::with(OutboundSettings::default(), Names::new(&[]), Proxy::from_variables(of_env));
    for host in ["10.0.0.1", "localhost", "0x7f.1", "[::1]", "169.254.169.254"] {
        check_failed(outbound.get(&Source::new(format!("http://{host}/"))).await, &["nothing is fetched"]);
    }
    assert_eq!(proxy.asked().len(), 0);
    assert_eq!(bytes(outbound.get(&Source::new("http://files.example/x")).await).await.unwrap(), ENOUGH);
    assert!(proxy.asked()[0].head.starts_with("GET http://files.example/x "), "{:?}", proxy.asked());
}

#[tokio::test]
async fn who_is_not_trusted_is_named_by_thumbprint_and_can_be_pinned() {
    let (identity, other) = (Identity::new(&["127.0.0.1"]), Identity::new(&["127.0.0.1"]));
    let origin = Origin::tls(&identity, |_| whole(ENOUGH)).await;
    let outbound = outbound();
    let (sha1, sha256) = (identity.sha1().to_string(), identity.sha256().to_string());
    let failure = check_failed(
        outbound.get(&Source::new(origin.url("/x"))).await,
        &["is not trusted", &sha256, "ssl_certificate_thumbprint"],
    );
    let Failure::Untrusted { thumbprint, certificate, .. } = failure else { panic!("{failure:?}") };
    assert_eq!((thumbprint, certificate.as_deref()), (identity.sha256(), Some(&identity.certificate[..])));

    for (thumbprint, certificate) in [
        (Some(sha1.as_str()), None),
        (Some(sha256.as_str()), None),
        (None, Some(identity.pem.as_str())),
        (Some(sha1.as_str()), Some(identity.pem.as_str())),
        (Some(sha256.as_str()), Some("")),
    ] {
        let trust = Trust::of(thumbprint, certificate).unwrap();
        let source = Source { trust, ..Source::new(origin.url("/x")) };
        assert_eq!(
            bytes(outbound.get(&source).await).await.unwrap(),
            ENOUGH,
            "{thumbprint:?} {certificate:?}"
        );
    }
    for trust in [Trust::of(Some(&other.sha256().to_string()), None), Trust::of(None, Some(&other.pem))] {
        let source = Source { trust: trust.unwrap(), ..Source::new(origin.url("/x")) };
        check_failed(outbound.get(&source).await, &["not the pinned one", &sha256]);
    }
    assert_eq!(origin.asked().len(), 5);

    outbound.trust_also([identity.authority.clone()]);
    assert_eq!(bytes(outbound.get(&Source::new(origin.url("/x"))).await).await.unwrap(), ENOUGH);
    outbound.trust_also([]);
    check_failed(outbound.get(&Source::new(origin.url("/x"))).await, &["is not trusted"]);
}

#[tokio::test]
async fn a_pin_that_says_nothing_is_refused() {
    let identity = Identity::new(&["127.0.0.1"]);
    let other = Identity::new(&["127.0.0.1"]);
    check_failed(Trust::of(Some("12:34"), None), &["not the thumbprint", "SHA-256"]);
    check_failed(Trust::of(None, Some("MIIB")), &["none in PEM"]);
    check_failed(
        Trust::of(Some(&other.sha1().to_string()), Some(&identity.pem)),
        &["is not that of the certificate"],
    );
    assert_eq!(Trust::of(Some(" "), None), Ok(Trust::Known));
    let plain = Origin::plain(|_| whole(ENOUGH)).await;
    let source = Source { trust: Trust::Pinned(identity.sha256()), ..Source::new(plain.url("/x")) };
    check_failed(outbound().get(&source).await, &["http has none", "https"]);
    assert_eq!(plain.asked().len(), 0);
}

#[tokio::test]
async fn what_breaks_off_says_how_far_it_came() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/cut" => ranged(asked, "\"1\"", ENOUGH, Some(4)),
        "/chunked" => Reply::Raw(raw(&["HTTP/1.1 200 OK", "transfer-encoding: chunked"], b"4\r\n0123\r\n")),
        "/silent" => Reply::Hanging(raw(&["HTTP/1.1 200 OK", "content-length: 10"], b"0123")),
        "/nothing" => Reply::Raw(Vec::new()),
        _ => Reply::Hanging(Vec::new()),
    })
    .await;
    let settings = OutboundSettings { idle_ms: 300, connect_ms: 300, ..settings() };
    let outbound = Outbound::with(settings, Arc::new(SystemResolver), Proxy::none());
    let check = async |path: &str, words: &[&str]| {
        let got = bytes(outbound.get(&Source::new(origin.url(path))).await).await;
        assert!(check_failed(got, words).may_pass());
    };
    check("/cut", &["cut off at 4 of 10 bytes", "try again"]).await;
    check("/chunked", &["cut off at 4 of unknown bytes"]).await;
    check("/silent", &["cut off at 4 of 10 bytes", "nothing came"]).await;
    check("/nothing", &["cut off at 0 of unknown bytes"]).await;
    check("/never", &["answers nothing within"]).await;
}

#[tokio::test]
async fn who_is_not_there_is_told_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let failure = check_failed(outbound().get(&Source::new(url)).await, &["refused", "firewall"]);
    assert!(failure.may_pass());
    let plain = Origin::plain(|_| whole(ENOUGH)).await;
    check_failed(
        outbound().get(&Source::new(plain.url("/").replace("http", "https"))).await,
        &["no TLS with 127.0.0.1", "is it an http:// server?"],
    );
    for uri in ["", "x", "file:///etc/passwd", "ds:///vmfs/x", "gopher://a.example", "http://"] {
        check_failed(
            outbound().get(&Source::new(uri)).await,
            &["cannot be fetched", "give an http or https address"],
        );
    }
}

#[tokio::test]
async fn the_rest_comes_only_of_the_same_file() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/good" => ranged(asked, "\"1\"", ENOUGH, None),
        "/changed" => ranged(asked, "\"2\"", ENOUGH, None),
        "/deaf" => whole(ENOUGH),
        "/gone" => Reply::Raw(raw(&["HTTP/1.1 416 Range Not Satisfiable", "content-range: bytes */3"], b"")),
        path => {
            let range = format!("content-range: bytes {}", path[1..].replace('_', "/"));
            Reply::Raw(raw(&["HTTP/1.1 206 Partial Content", "etag: \"1\"", &range], &ENOUGH[4..]))
        }
    })
    .await;
    let outbound = outbound();
    let whole_file = outbound.get(&Source::new(origin.url("/good"))).await.unwrap();
    let continues = whole_file.validator.clone();
    let rest = async |path: &str| {
        let source = Source { from_offset: 4, continues: continues.clone(), ..Source::new(origin.url(path)) };
        outbound.get(&source).await
    };
    let good = rest("/good").await.unwrap();
    assert_eq!((good.offset, good.size), (4, Some(10)));
    assert_eq!(good.read_all().await.unwrap(), &ENOUGH[4..]);
    let asked = origin.asked().pop().unwrap();
    assert_eq!((asked.header("range"), asked.header("if-range")), (Some("bytes=4-"), Some("\"1\"")));

    for path in ["/changed", "/deaf"] {
        let begun_anew = rest(path).await.unwrap();
        assert_eq!((begun_anew.offset, begun_anew.size), (0, Some(10)), "{path}");
    }
    for path in ["/gone", "/3-9_10", "/5-9_10", "/4-8_10", "/4-9", "/x", "/4-18446744073709551615_10"] {
        let failure = check_failed(rest(path).await, &["was replaced while it was fetched"]);
        assert!(failure.may_pass(), "{path}");
    }
    assert_eq!(rest("/4-9_*").await.unwrap().size, None);
}

#[tokio::test]
async fn what_is_here_already_does_not_come_again() {
    let origin = Origin::plain(|asked| match asked.header("if-none-match") {
        Some("\"1\"") => Reply::Raw(raw(&["HTTP/1.1 304 Not Modified", "etag: \"1\""], b"")),
        _ => ranged(asked, "\"1\"", ENOUGH, None),
    })
    .await;
    let source = |tag: &str| Source { if_none_match: Some(tag.to_owned()), ..Source::new(origin.url("/x")) };
    let same = outbound().get(&source("\"1\"")).await.unwrap();
    assert!(same.is_unchanged);
    assert_eq!(same.read_all().await.unwrap(), "");
    let other = outbound().get(&source("\"0\"")).await.unwrap();
    assert!(!other.is_unchanged);
    assert_eq!(other.read_all().await.unwrap(), ENOUGH);
    let words = ["cannot be sent"];
    check_failed(outbound().get(&source("\"\r\nx: y\"")).await, &words);
}

#[tokio::test]
async fn what_is_too_large_or_in_another_form_is_not_taken() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/announced" => whole(ENOUGH),
        "/chunked" => Reply::Raw(raw(
            &["HTTP/1.1 200 OK", "transfer-encoding: chunked"],
            b"a\r\n0123456789\r\n0\r\n\r\n",
        )),
        _ => Reply::Raw(raw(&["HTTP/1.1 200 OK", "content-encoding: gzip", "content-length: 1"], b"x")),
    })
    .await;
    let outbound = outbound();
    for path in ["/announced", "/chunked"] {
        let source = |bytes_max: u64| Source { bytes_max, ..Source::new(origin.url(path)) };
        check_failed(bytes(outbound.get(&source(9)).await).await, &["more than 9 bytes"]);
        assert_eq!(bytes(outbound.get(&source(10)).await).await.unwrap(), ENOUGH, "{path}");
    }
    check_failed(outbound.get(&Source::new(origin.url("/gzip"))).await, &["encoded as gzip"]);
}
