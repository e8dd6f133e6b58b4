//! Thousands of requests of every kind, many of them cut off, stalled or too large, leave nothing in a server.
//!
//! `cargo xtask bench --only soak` does the same for longer, and looks at memory and descriptors too.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Handle};
use vapi_runtime::Router;

use crate::store::{Served, Store};

const BODY_BYTES_MAX: usize = 4 << 10;
const N_ROUNDS: usize = 150;

/// A request, how much of it is sent, and the status that it gets; no status where the sender does not wait for it.
struct Sent {
    request: String,
    n_bytes: usize,
    status: Option<&'static str>,
}

fn whole(line: &str, body: &str, status: &'static str) -> Sent {
    let request = format!(
        "{line} HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    Sent { n_bytes: request.len(), request, status: Some(status) }
}

/// What every round sends; where it is cut depends on the round.
fn sent(round: usize) -> Vec<Sent> {
    let rpc = r#"{"jsonrpc":"2.0","method":"invoke","params":{"serviceId":"com.example.store.parcel","operationId":"get","ctx":{},"input":{"STRUCTURE":{"operation-input":{"parcel_id":"p-1"}}}},"id":"1"}"#;
    let large = "x".repeat(BODY_BYTES_MAX + 1 + round);
    let mut sent = vec![
        whole("GET /api/store/parcel/p-1", "", "200"),
        whole("GET /api/store/parcel/p-9", "", "404"),
        whole("POST /api/store/parcel/p-1?action=hand-back", r#"{"reason":"r"}"#, "204"),
        whole("GET /rest/com/example/store/parcel/id:p-1", "", "200"),
        whole("GET /com/example/store/parcel/id:panic", "", "500"),
        whole("POST /com/example/store/parcel?~action=get", "{", "400"),
        whole("PUT /com/example/store/parcel", "{}", "405"),
        whole("POST /api", rpc, "200"),
        whole("POST /api", &large, "200"),
        whole("POST /com/example/store/parcel?~action=get", &large, "413"),
    ];
    for idx in 0..sent.len() {
        // The sender goes anywhere in the request, or right after it.
        let Sent { request, .. } = &sent[idx];
        let n_bytes = (round * 7 + idx) % (request.len().min(400) + 1);
        let cut = Sent { request: request.clone(), n_bytes, status: None };
        sent.push(cut);
    }
    if round.is_multiple_of(10) {
        // The sender waits in the middle of the body until the server has had enough.
        let Sent { request, n_bytes, .. } = whole("POST /com/example/store/parcel?~action=get", "{}", "408");
        sent.push(Sent { request, n_bytes: n_bytes - 1, status: Some("408") });
    }
    sent
}

#[test]
fn nothing_is_left_of_what_clients_do() {
    let server = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let router: Router = Store::default().router();
    let router = router.body_bytes_max(BODY_BYTES_MAX).body_timeout(Duration::from_millis(20));
    let served = server.block_on(Served::start(router));
    let address = served.address;
    let n_tasks_before = server.metrics().num_alive_tasks();

    let clients = Builder::new_current_thread().enable_all().build().unwrap();
    clients.block_on(async {
        let mut waiting = Vec::new();
        for round in 0..N_ROUNDS {
            for Sent { request, n_bytes, status } in sent(round) {
                let mut stream = TcpStream::connect(address).await.unwrap();
                stream.write_all(&request.as_bytes()[..n_bytes]).await.unwrap();
                match status {
                    // It is waited for later, so that others come meanwhile.
                    Some("408") => waiting.push(stream),
                    Some(status) => check_status(stream, status, &request).await,
                    None => drop(stream),
                }
            }
        }
        for stream in waiting {
            check_status(stream, "408", "a stalled body").await;
        }
        // The limit is there for the day when this fails.
        let ended = tokio::time::timeout(Duration::from_secs(60), back_to(server.handle(), n_tasks_before));
        assert!(ended.await.is_ok(), "tasks are left: {}", server.metrics().num_alive_tasks());
    });
    server.block_on(served.stop());
}

async fn back_to(server: &Handle, n_tasks: usize) {
    while server.metrics().num_alive_tasks() != n_tasks {
        tokio::task::yield_now().await;
    }
}

async fn check_status(mut stream: TcpStream, status: &str, request: &str) {
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {reply}");
}
