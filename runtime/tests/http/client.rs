//! The client's own doing: deadlines, blocking calls, what goes wrong on the way.

use std::future::{Future as _, IntoFuture as _};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use vapi_runtime::client::{
    BoxFuture, Http, HttpOptions, Local, Retry, Transport, TransportError, TransportErrorKind,
};
use vapi_runtime::{Client, Error, Surface};

use crate::parcel::ParcelClient;
use crate::store::{Served, Store};

/// A server that never answers.
struct Silent;

impl Transport for Silent {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(std::future::pending())
    }
}

/// The call failed on the way, like this.
fn check_transport<T: std::fmt::Debug, E: std::fmt::Debug>(
    result: Result<T, Error<E>>,
    kind: TransportErrorKind,
    retryable: bool,
    words: &str,
) {
    let Err(Error::Transport(error)) = result else { panic!("{result:?}") };
    assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

fn silent() -> ParcelClient {
    ParcelClient::new(Client::with_transport("http://silent", Silent).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    use TransportErrorKind::Timeout;
    check_transport(silent().get("p-1").await, Timeout, true, "no reply within 30000 ms");
    let call = silent().get("p-1").timeout(Duration::from_millis(5));
    check_transport(call.await, Timeout, true, "no reply within 5 ms");
    let client = Client::with_transport("http://silent", Silent).unwrap().timeout(Duration::from_secs(1));
    check_transport(ParcelClient::new(client).list().await, Timeout, true, "no reply within 1000 ms");

    let endless = silent().get("p-1").timeout(Duration::ZERO).into_future();
    let waited = tokio::time::timeout(Duration::from_secs(1_000_000), endless).await;
    assert!(waited.is_err(), "{waited:?}");
}

#[tokio::test]
async fn a_call_that_the_servers_release_has_not_is_not_sent() {
    let store = Store::default();
    let client_of = |release: &str| {
        let client = Client::with_transport("http://local", Local(store.router())).unwrap();
        ParcelClient::new(client.release(release.parse().unwrap()))
    };
    for release in ["6.0", "6.7.1"] {
        let error = client_of(release).hand_back("p-1", "wrong address").await.unwrap_err();
        assert!(matches!(error, Error::NotInRelease { .. }), "{error:?}");
        assert!(!error.is_retryable() && error.status().is_none() && error.id().is_none());
        let text =
            format!("com.example.store.parcel.hand_back is in 6.5 to 6.7, and the server has {release}");
        assert_eq!(error.to_string(), text);
    }
    assert_eq!(store.calls(), [""; 0]);
    for release in ["6.5", "6.7"] {
        let error = client_of(release).hand_back("p-1", "wrong address").await.err();
        assert!(!matches!(error, Some(Error::NotInRelease { .. })), "{error:?}");
    }
    assert_eq!(store.calls().len(), 2);
}

#[test]
fn calls_are_awaited_within_a_runtime() {
    let outside = silent().get("p-1").into_future();
    let Poll::Ready(result) = pin!(outside).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it has no way to wake anybody")
    };
    check_transport(result, TransportErrorKind::Misuse, false, "`.wait()`");
    let http = Client::new("http://127.0.0.1:1").unwrap().timeout(Duration::ZERO);
    let outside = ParcelClient::new(http).get("p-1").into_future();
    let Poll::Ready(result) = pin!(outside).poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it has no way to wake anybody")
    };
    check_transport(result, TransportErrorKind::Misuse, false, "`.wait()`");
}

#[tokio::test]
async fn blocking_calls_wait_on_threads_of_their_own() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    let parcel = ParcelClient::new(Client::new(&served.base_url()).unwrap());

    check_transport(parcel.get("p-1").wait(), TransportErrorKind::Misuse, false, "inside an async runtime");
    assert_eq!(store.calls(), [""; 0]);

    let threads = ["p-1", "p-1", "id"].map(|id| {
        let parcel = parcel.clone();
        std::thread::spawn(move || parcel.get(id).wait().map(|model| model.weight).map_err(|e| e.to_string()))
    });
    let results = tokio::task::spawn_blocking(|| threads.map(|thread| thread.join().unwrap())).await.unwrap();
    let not_found = Err("com.vmware.vapi.std.errors.not_found: no such parcel".to_owned());
    assert_eq!(results, [Ok(10), Ok(10), not_found]);

    let inside = parcel.get("p-1");
    let result = tokio::task::spawn_blocking(|| {
        tokio::runtime::Handle::current().block_on(inside.into_future()).map(|model| model.weight)
    });
    assert_eq!(result.await.unwrap().unwrap(), 10);
    drop(parcel);
    served.stop().await;
}

#[tokio::test]
async fn nobody_answers() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let parcel = ParcelClient::new(Client::new(&base_url).unwrap());
    let hang_up = tokio::spawn(async move {
        let accepted = listener.accept().await;
        drop(accepted);
    });
    check_transport(
        parcel.get("p-1").await,
        TransportErrorKind::Interrupted,
        true,
        "no reply from 127.0.0.1",
    );
    hang_up.await.unwrap();
    check_transport(parcel.get("p-1").await, TransportErrorKind::Connect, true, "no connection to 127.0.0.1");
}

#[tokio::test]
async fn a_reply_may_not_be_larger_than_the_limit() {
    let served = Served::start(Store::default().router()).await;
    let http = Http::with_options(HttpOptions::new().response_bytes_max(20));
    let parcel = ParcelClient::new(Client::with_transport(&served.base_url(), http).unwrap());
    assert_eq!(parcel.list().await.unwrap_err().to_string(), "the reply is over the limit of 20 bytes");
    check_transport(
        parcel.get("p-1").await,
        TransportErrorKind::TooLarge,
        false,
        "over the limit of 20 bytes",
    );
    drop(parcel);
    served.stop().await;
}

#[test]
fn https_needs_nothing_but_the_url() {
    assert!(Client::new("https://localhost").is_ok());
    assert!(Client::with_transport("https://localhost", Silent).is_ok());
}

#[tokio::test]
async fn what_cannot_be_written_is_not_sent() {
    let store = Store::default();
    let client = Client::with_transport("http://anywhere", Local(store.router())).unwrap();
    let result = ParcelClient::new(client).get("").await;
    let Err(Error::Encode(error)) = &result else { panic!("{result:?}") };
    assert_eq!(error.path, "parcel_id");
    assert_eq!(store.calls(), [""; 0]);
}

/// A server that is down for a number of requests.
struct Down(AtomicU32, Local);

impl Transport for Down {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let is_down =
            self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok();
        if !is_down {
            return self.1.send(request);
        }
        let response = http::Response::builder().status(503).body(Bytes::from("<html>maintenance</html>"));
        Box::pin(std::future::ready(Ok(response.unwrap())))
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_out_again_where_that_does_no_harm() {
    for surface in Surface::ALL {
        let store = Store::default();
        let client = |n_down: u32, retry: Retry| {
            let transport = Down(AtomicU32::new(n_down), Local(store.router()));
            let client = Client::with_transport("http://local", transport).unwrap();
            ParcelClient::new(client.surface(surface).retry(retry).timeout(Duration::ZERO))
        };
        assert_eq!(client(3, Retry::new()).get("p-1").await.unwrap().weight, 10, "{surface:?}");
        let error = client(4, Retry::new()).get("p-1").await.unwrap_err();
        assert_eq!(error.status().unwrap(), 503, "{surface:?}: four tries were not enough");
        let error = client(1, Retry::new()).hand_back("p-1", "wrong address").await.unwrap_err();
        assert!(error.is_retryable(), "{surface:?}: whoever called knows whether it may go out again");
        client(1, Retry::new().any_method(true)).hand_back("p-1", "wrong address").await.unwrap();
        assert!(client(1, Retry::never()).get("p-1").await.is_err(), "{surface:?}");
        assert_eq!(store.calls(), ["get p-1", "hand_back p-1 \"wrong address\" None"], "{surface:?}");
    }
}
