//! The built-in transport over sockets: limits, kept connections, and (in the modules) TLS and proxies.

mod peer;
mod proxy;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpListener;
use vapi_runtime::client::{Http, HttpOptions, Proxy, Transport as _, TransportError, TransportErrorKind};

use self::peer::{Peer, REPLY};

/// The defaults, whatever the environment says of proxies.
fn options() -> HttpOptions {
    HttpOptions::new().proxy(Proxy::none())
}

async fn get(http: &Http, url: &str) -> Result<Response<Bytes>, TransportError> {
    http.send(Request::get(url).body(Bytes::new()).unwrap()).await
}

/// The request fails like this, and its text says all of that.
#[track_caller]
fn check_refused(
    result: Result<Response<Bytes>, TransportError>,
    kind: TransportErrorKind,
    words: &[&str],
) -> TransportError {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let text = error.to_string();
    for words in words {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    error
}

#[tokio::test]
async fn a_head_may_not_be_larger_than_the_limit() {
    let reply_with_head_of = |n_bytes: usize| {
        let blank = "HTTP/1.1 200 OK\r\nfiller: \r\ncontent-length: 0\r\n\r\n";
        blank.replacen("filler: ", &format!("filler: {}", "x".repeat(n_bytes - blank.len())), 1)
    };
    let check = async |options: HttpOptions, n_bytes: usize, limit: Option<usize>| {
        let peer = Peer::plain(reply_with_head_of(n_bytes)).await;
        let result = get(&Http::with_options(options), &peer.url("http")).await;
        match limit {
            None => assert!(result.is_ok(), "{n_bytes}: {result:?}"),
            Some(limit) => {
                let words = format!("head is over the limit of {limit} bytes");
                check_refused(result, TransportErrorKind::TooLarge, &[&words]);
            }
        }
    };
    check(options(), HttpOptions::HEAD_BYTES_MAX_DEFAULT - 100, None).await;
    check(options(), HttpOptions::HEAD_BYTES_MAX_DEFAULT * 2, Some(HttpOptions::HEAD_BYTES_MAX_DEFAULT))
        .await;
    check(options().head_bytes_max(20 << 10), 19 << 10, None).await;
    check(options().head_bytes_max(20 << 10), 48 << 10, Some(20 << 10)).await;
    // Less than a buffer is not possible, and no reason to panic.
    check(options().head_bytes_max(1), 4 << 10, None).await;
    check(options().head_bytes_max(1), 32 << 10, Some(HttpOptions::HEAD_BYTES_LEAST)).await;
}

#[tokio::test]
async fn connections_are_kept_unless_told_otherwise() {
    for (idle_timeout, n_connections) in [(HttpOptions::IDLE_TIMEOUT_DEFAULT, 1), (Duration::ZERO, 3)] {
        let peer = Peer::plain(REPLY).await;
        let http = Http::with_options(options().idle_timeout(idle_timeout));
        for _ in 0..3 {
            assert_eq!(get(&http, &peer.url("http")).await.unwrap().body(), "fine");
        }
        assert_eq!((peer.heads().len(), peer.n_connections()), (3, n_connections), "{idle_timeout:?}");
        if idle_timeout.is_zero() {
            // The limit is there for the day when this fails.
            let closed = tokio::time::timeout(Duration::from_secs(60), peer.all_closed()).await;
            assert!(closed.is_ok(), "a connection is kept");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn connecting_ends_in_time() {
    // Takes connections, and says nothing on them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = silent.local_addr().unwrap().to_string();
    let through = format!("http://{authority}");
    let proxy = Proxy::from_variables(|name| (name == "ALL_PROXY").then(|| through.clone()));
    let in_ms = |timeout_ms| Duration::from_millis(timeout_ms);
    for (options, host, timeout_ms) in [
        (options(), &*authority, 10_000),
        (options().connect_timeout(in_ms(5)), &*authority, 5),
        (options().proxy(proxy).connect_timeout(in_ms(7)), "vc.example", 7),
    ] {
        let result = get(&Http::with_options(options), &format!("https://{host}/")).await;
        let words = format!("no connection to {host} within {timeout_ms} ms");
        let error = check_refused(result, TransportErrorKind::Connect, &[&words]);
        assert!(error.is_retryable());
    }

    let endless = Http::with_options(options().connect_timeout(Duration::ZERO));
    let url = format!("https://{authority}/");
    let waited = tokio::time::timeout(Duration::from_secs(1_000_000), get(&endless, &url)).await;
    assert!(waited.is_err(), "{waited:?}");
}
