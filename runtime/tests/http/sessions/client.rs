//! Client and server together: the client logs in by itself, on every surface, and again when its session is over.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use vapi_runtime::client::{BoxFuture, Local, Retry, Transport, TransportError};
use vapi_runtime::server::{SessionLimits, Sessions};
use vapi_runtime::{Client, Error, OperationError, Router, Surface};

use super::{Clock, MINUTE_MS, PASSWORD, USER, log_in, service, sessions};
use crate::parcel::ParcelClient;
use crate::store::Store;

/// Counts the requests that go to a router.
struct Counting(Local, Arc<AtomicUsize>);

impl Transport for Counting {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.send(request)
    }
}

struct Two {
    client: Client,
    n_requests: Arc<AtomicUsize>,
    sessions: Sessions,
    clock: Clock,
}

impl Two {
    fn new() -> Two {
        let (sessions, clock) = sessions(SessionLimits::new());
        let router: Router = Store::default().router().sessions(service(&sessions));
        let n_requests = Arc::new(AtomicUsize::new(0));
        let transport = Counting(Local(router), n_requests.clone());
        let client = Client::with_transport("http://local", transport).unwrap().retry(Retry::never());
        Two { client, n_requests, sessions, clock }
    }

    fn requests(&self) -> usize {
        self.n_requests.swap(0, Ordering::Relaxed)
    }
}

fn parcel(client: &Client, surface: Surface) -> ParcelClient {
    ParcelClient::new(client.clone().surface(surface))
}

/// What a call ended in: `ok`, or the last word of the error.
fn said<T, E: OperationError>(result: Result<T, Error<E>>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            error.id().and_then(|id| id.rsplit('.').next()).unwrap_or("no error of the API").to_owned()
        }
    }
}

#[tokio::test]
async fn a_client_logs_in_once_on_every_surface() {
    for surface in Surface::ALL {
        let two = Two::new();
        let client = two.client.clone().credentials(USER, PASSWORD);
        assert_eq!(said(parcel(&client, surface).list().await), "ok", "{surface:?}");
        assert_eq!(two.requests(), 2, "{surface:?}: a login and a call");
        assert_eq!(said(parcel(&client, surface).get("p-1").await), "ok", "{surface:?}");
        assert_eq!(two.requests(), 1, "{surface:?}: a call");
        // One session serves all surfaces.
        for other in Surface::ALL {
            assert_eq!(said(parcel(&client, other).list().await), "ok", "{surface:?}, then {other:?}");
        }
        assert_eq!(two.requests(), Surface::ALL.len());
    }
}

#[tokio::test]
async fn a_client_logs_in_again_when_its_session_is_over() {
    for surface in Surface::ALL {
        let two = Two::new();
        let client = two.client.clone().credentials(USER, PASSWORD);
        assert_eq!(said(parcel(&client, surface).list().await), "ok");
        two.requests();
        two.clock.set(24 * 60 * MINUTE_MS);
        // Even what may not be repeated: the server did nothing.
        assert_eq!(
            said(parcel(&client, surface).hand_back("p-1", "wrong address").await),
            "ok",
            "{surface:?}"
        );
        assert_eq!(two.requests(), 3, "{surface:?}: refused, a login, and again");
    }
}

#[tokio::test]
async fn calls_at_the_same_time_make_one_session() {
    let two = Two::new();
    let parcel = parcel(&two.client.clone().credentials(USER, PASSWORD), Surface::JsonRpc);
    let calls = [parcel.list().into_future(), parcel.list().into_future(), parcel.list().into_future()];
    let [one, other, third] = calls.map(|call| tokio::spawn(call));
    for call in [one, other, third] {
        assert_eq!(said(call.await.unwrap()), "ok");
    }
    assert_eq!(two.requests(), 4);
}

#[tokio::test]
async fn wrong_credentials_are_tried_once() {
    for surface in Surface::ALL {
        let two = Two::new();
        let client = two.client.clone().credentials(USER, "guess");
        let error = parcel(&client, surface).list().await.unwrap_err();
        assert_eq!(error.id(), Some("com.vmware.vapi.std.errors.unauthenticated"), "{surface:?}: {error}");
        assert_eq!(two.requests(), 1, "{surface:?}");
        assert!(!format!("{client:?} {error:?}").contains("guess"), "{client:?} {error:?}");
    }
}

#[tokio::test]
async fn nobody_gets_nothing() {
    for surface in Surface::ALL {
        let two = Two::new();
        assert_eq!(said(parcel(&two.client, surface).list().await), "unauthenticated", "{surface:?}");
        let stranger = two.client.clone().session_id("0".repeat(32));
        assert_eq!(said(parcel(&stranger, surface).list().await), "unauthenticated", "{surface:?}");
        let login = log_in(&two.sessions, "somebody");
        let known = two.client.clone().session_id(login.id().clone());
        assert_eq!(said(parcel(&known, surface).list().await), "ok", "{surface:?}");
    }
}

#[tokio::test]
async fn a_client_logs_out() {
    for surface in Surface::ALL {
        let two = Two::new();
        let client = two.client.clone().surface(surface).credentials(USER, PASSWORD);
        client.logout().await.unwrap();
        assert_eq!(two.requests(), 0, "{surface:?}: there was no session");
        assert_eq!(said(ParcelClient::new(client.clone()).list().await), "ok");
        client.logout().await.unwrap();
        assert_eq!(two.requests(), 3, "{surface:?}");
        assert_eq!(two.sessions.log_out_user(USER), 0, "{surface:?}: nothing is left");
        assert_eq!(said(ParcelClient::new(client).list().await), "ok", "{surface:?}: a new session");
    }
}

#[tokio::test]
async fn a_client_that_is_not_told_finds_out_the_surface_once() {
    let two = Two::new();
    let parcel = ParcelClient::new(two.client.clone().credentials(USER, PASSWORD));
    assert_eq!(said(parcel.list().await), "ok");
    assert_eq!(two.requests(), 3, "a question, a login and a call");
    assert_eq!(said(parcel.list().await), "ok");
    assert_eq!(two.requests(), 1);
}
