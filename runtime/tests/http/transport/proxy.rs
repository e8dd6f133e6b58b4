//! Requests through a proxy: plain ones in the form for proxies, `https` through a tunnel; and what refuses.

use vapi_runtime::client::{Http, HttpOptions, Proxy, TransportErrorKind, Trust};

use super::peer::{Identity, Peer, REPLY};
use super::{check_refused, get, options};

/// As if the environment had these variables, written `NAME=value`.
fn with_variables(variables: &[&str]) -> HttpOptions {
    let value_of = |name: &str| {
        let mut pairs = variables.iter().filter_map(|variable| variable.split_once('='));
        pairs.find(|(variable, _)| *variable == name).map(|(_, value)| value.to_owned())
    };
    options().proxy(Proxy::from_variables(value_of))
}

/// A proxy's name in variables, with credentials.
fn named(proxy: &Peer) -> String {
    format!("ALL_PROXY=http://me:p%40ss@{}", proxy.address)
}

const CREDENTIALS: &str = "Basic bWU6cEBzcw==";

#[tokio::test]
async fn plain_requests_name_their_host() {
    let proxy = Peer::proxy("127.0.0.1:1".parse().unwrap(), REPLY).await;
    let http = Http::with_options(with_variables(&[&named(&proxy)]));
    let reply = get(&http, "http://vc.example:8080/rest?a=b").await.unwrap();
    assert_eq!(reply.body(), "fine");
    let head = format!(
        "GET http://vc.example:8080/rest?a=b HTTP/1.1\r\nproxy-authorization: {CREDENTIALS}\r\n\
         host: vc.example:8080\r\n\r\n"
    );
    assert_eq!(proxy.heads(), [head]);

    let http = Http::with_options(with_variables(&[&format!("http_proxy={}", proxy.address)]));
    get(&http, "http://vc.example/").await.unwrap();
    assert_eq!(proxy.heads()[1], "GET http://vc.example/ HTTP/1.1\r\nhost: vc.example\r\n\r\n");
}

#[tokio::test]
async fn https_goes_through_a_tunnel() {
    let identity = Identity::of_its_own(&["vc.example"]);
    let server = Peer::tls(identity.acceptor()).await;
    let proxy = Peer::proxy(server.address, REPLY).await;
    let trust = Trust::authorities_pem(&identity.pem).unwrap();
    let http = Http::with_options(with_variables(&[&named(&proxy)]).trust(trust));
    for (authority, target) in [("vc.example", "vc.example:443"), ("vc.example:8443", "vc.example:8443")] {
        let reply = get(&http, &format!("https://{authority}/rest")).await.unwrap();
        assert_eq!(reply.body(), "fine");
        let head = format!(
            "CONNECT {target} HTTP/1.1\r\nhost: {target}\r\nproxy-authorization: {CREDENTIALS}\r\n\r\n"
        );
        assert_eq!(proxy.heads().last(), Some(&head));
        // The server learns nothing of the proxy, and its credentials least of all.
        let head = format!("GET /rest HTTP/1.1\r\nhost: {authority}\r\n\r\n");
        assert_eq!(server.heads().last(), Some(&head));
    }
    let result = get(&http, "https://other.example/").await;
    let words =
        ["other.example is not trusted: its certificate is not for other.example, it is for vc.example"];
    let error = check_refused(result, TransportErrorKind::Tls, &words);
    assert_eq!(error.thumbprint(), Some(identity.thumbprint()));
}

#[tokio::test]
async fn what_is_reached_directly() {
    let identity = Identity::of_its_own(&["127.0.0.1"]);
    let (plain, tls) = (Peer::plain(REPLY).await, Peer::tls(identity.acceptor()).await);
    let proxy = Peer::proxy("127.0.0.1:1".parse().unwrap(), REPLY).await;
    let all = named(&proxy);
    for options in [
        with_variables(&[&all, "NO_PROXY=vc.example,127.0.0.1"]),
        with_variables(&[&all, "no_proxy=127.0.0.0/8"]),
        with_variables(&[&all, "NO_PROXY=*"]),
        options(),
    ] {
        let http = Http::with_options(options.trust(Trust::pinned(identity.thumbprint())));
        get(&http, &plain.url("http")).await.unwrap();
        get(&http, &tls.url("https")).await.unwrap();
    }
    assert_eq!((plain.heads().len(), tls.heads().len(), proxy.n_connections()), (4, 4, 0));
    assert!(!plain.heads().concat().contains("proxy"), "{:?}", plain.heads());
}

#[tokio::test]
async fn a_proxys_refusal_is_told_from_its_trouble() {
    use TransportErrorKind::{Connect, Proxy};
    let check = async |status: &str, kind: TransportErrorKind| {
        let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 4\r\n\r\nfine");
        let proxy = Peer::proxy("127.0.0.1:1".parse().unwrap(), &reply).await;
        let http = Http::with_options(with_variables(&[&named(&proxy)]));
        let result = get(&http, "https://vc.example/").await;
        let text =
            format!("no tunnel to vc.example:443 through the proxy {}: it answered {status}", proxy.address);
        let error = check_refused(result, kind, &[&text]);
        assert_eq!(error.is_retryable(), kind == Connect);
        assert!(!format!("{error:?} {http:?}").contains("p@ss"), "{error:?} {http:?}");

        // In a plain reply only 407 is the proxy's for sure.
        let result = get(&http, "http://vc.example/").await;
        if status.starts_with("407") {
            check_refused(result, Proxy, &["no reply from vc.example through the proxy", status]);
        } else {
            assert_eq!(result.unwrap().status().as_str(), &status[..3]);
        }
        assert_eq!(proxy.heads().len(), 2);
    };
    check("407 Proxy Authentication Required", Proxy).await;
    check("403 Forbidden", Proxy).await;
    check("502 Bad Gateway", Connect).await;
}

#[tokio::test]
async fn proxies_that_do_not_carry_anything() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = gone.local_addr().unwrap();
    drop(gone);
    let http = Http::with_options(with_variables(&[&format!("ALL_PROXY=http://{address}")]));
    for url in ["http://vc.example/", "https://vc.example/"] {
        let words = format!("no connection to the proxy {address}");
        let error = check_refused(get(&http, url).await, TransportErrorKind::Connect, &[&words]);
        assert!(error.is_retryable());
    }
    for scheme in ["https", "socks5", "socks4a"] {
        let http =
            Http::with_options(with_variables(&[&format!("ALL_PROXY={scheme}://me:p%40ss@{address}")]));
        let result = get(&http, "http://vc.example/").await;
        let words = [&*format!("{scheme}://{address}/"), "only http:// proxies"];
        let error = check_refused(result, TransportErrorKind::Proxy, &words);
        assert!(!error.is_retryable() && !error.to_string().contains("me:"), "{error}");
    }
}
