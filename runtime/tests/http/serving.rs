//! The server as a whole: stopping with calls under way, bodies it does not want, services mounted twice.

use tokio::net::TcpStream;
use vapi_runtime::client::Local;
use vapi_runtime::{Client, Error, Router};

use crate::parcel::{ParcelClient, ParcelModel, ParcelServer};
use crate::store::{Served, Store};

#[tokio::test]
async fn calls_under_way_end_before_the_server_does() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    let address = served.address;
    let parcel = ParcelClient::new(Client::new(&served.base_url()).unwrap());
    let idle = TcpStream::connect(address).await.unwrap();
    let slow = tokio::spawn(parcel.get("slow").into_future());
    store.begun.notified().await;
    let stopped = served.tell_to_stop();
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopped.is_finished());
    store.may_end.notify_one();
    assert_eq!(slow.await.unwrap().unwrap(), ParcelModel::new(11));
    stopped.await.unwrap().unwrap();
    drop(idle);
}

#[tokio::test]
async fn the_refusal_of_a_large_body_arrives() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    let parcel = ParcelClient::new(Client::new(&served.base_url()).unwrap());
    for n_bytes in [Router::BODY_BYTES_MAX_DEFAULT, 8 * Router::BODY_BYTES_MAX_DEFAULT] {
        let model = ParcelModel::new(1).label("x".repeat(n_bytes));
        match parcel.create(model).await {
            Err(Error::Undocumented { status, id, .. }) => {
                assert_eq!(
                    (status.as_u16(), id.as_str()),
                    (413, "com.vmware.vapi.std.errors.invalid_request")
                );
            }
            other => panic!("{other:?}"),
        }
    }
    // A client that reads nothing before it has written everything.
    let n_bytes = 4 * Router::BODY_BYTES_MAX_DEFAULT;
    for (line, status) in
        [("POST /com/example/store/parcel", "413"), ("PUT /com/example/store/parcel", "405")]
    {
        let mut request =
            format!("{line} HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: {n_bytes}\r\n\r\n")
                .into_bytes();
        request.resize(request.len() + n_bytes, b'x');
        let reply = served.exchange(&request).await;
        assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{reply}");
    }
    let limit = Router::BODY_BYTES_MAX_DEFAULT - r#"{"create_spec":{"label":"","weight":1}}"#.len();
    let model = ParcelModel::new(1).label("x".repeat(limit));
    assert_eq!(parcel.create(model).await.unwrap().as_str(), "p-2");
    drop(parcel);
    served.stop().await;
}

#[tokio::test]
async fn the_service_mounted_last_answers() {
    let (first, last) = (Store::default(), Store::default());
    let router = first.router().mount(ParcelServer(last.clone()));
    let client = Client::with_transport("http://anywhere", Local(router)).unwrap();
    ParcelClient::new(client).list().await.unwrap();
    assert_eq!((first.calls().len(), last.calls().len()), (0, 1));
}

#[tokio::test]
async fn requests_follow_each_other_on_a_connection() {
    let store = Store::default();
    let served = Served::start(store.router()).await;
    let path = "/com/example/store/parcel";
    let requests = [
        // An empty chunked body has no parameters, whatever its type.
        format!(
            "POST {path}/id:p-1?~action=get HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n\
             transfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        format!("PUT {path} HTTP/1.1\r\nhost: h\r\ncontent-length: 2\r\n\r\n{{}}"),
        format!("GET {path}/id:panic HTTP/1.1\r\nhost: h\r\n\r\n"),
        format!(
            "POST {path}?~action=list HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\nconnection: close\r\n\
             transfer-encoding: chunked\r\n\r\n4\r\n{{\"sh\r\nd\r\nelf_id\":\"s\"}}\n\r\n0\r\n\r\n"
        ),
    ];
    let replies = served.exchange(requests.concat().as_bytes()).await;
    let statuses: Vec<_> =
        replies.split("HTTP/1.1 ").skip(1).map(|reply| reply.split(' ').next().unwrap()).collect();
    assert_eq!(statuses, ["200", "405", "500", "200"], "{replies}");
    assert_eq!(store.calls(), ["get p-1", "get panic", "list Some(\"s\")"]);
    served.stop().await;
}
