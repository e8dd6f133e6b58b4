//! Everything that is too large: names, texts, heads, and very many of whatever there can be many of.

use http::Request;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::Wire;

#[tokio::test]
async fn what_is_too_long_is_refused_by_its_name() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let item = wire.item(&library, "image", "").await;
    let session = wire.open(&item).await;
    let spec = |field: &str, n_chars: usize| {
        let mut spec = json!({"name": "another", "library_id": library});
        spec[field] = "x".repeat(n_chars).into();
        json!({"create_spec": spec})
    };
    for (field, n_max) in [("name", 80), ("description", 2_000)] {
        let refused = wire.rest("POST library/item", spec(field, n_max + 1)).await;
        refused.is_refused("invalid_argument", &[field]);
        let made = wire.rest("POST library/item", spec(field, n_max)).await.text();
        wire.rest(&format!("DELETE library/item/id:{made}"), Value::Null).await.is_done();
    }
    let file = json!({"name": "x".repeat(256), "source_type": "PUSH"});
    wire.adding(&session, file).await.is_refused("invalid_argument", &["name"]);
    let token = json!({"client_token": "x".repeat(100_000), "create_spec": {"library_item_id": item}});
    let refused = wire.rest("POST library/item/update-session", token).await;
    refused.is_refused("invalid_argument", &["client_token"]);
    let warnings = vec![json!({"type": "SELF_SIGNED_CERTIFICATE", "ignored": true}); 10_000];
    let spec = json!({"update_spec": {"warning_behavior": warnings}});
    let refused = wire.rest(&format!("PATCH library/item/update-session/id:{session}"), spec).await;
    refused.is_refused("invalid_argument", &["SELF_SIGNED_CERTIFICATE"]);
    assert_eq!(wire.state(&session).await, "ACTIVE");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_has_so_many_files_and_no_more() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let item = wire.item(&library, "image", "").await;
    let session = wire.open(&item).await;
    let n_files_max = wire.listening.served.app.settings.limits.session_files_max;
    for file_idx in 0..n_files_max {
        wire.add(&session, &format!("{file_idx}.iso")).await;
    }
    let one_more = wire.adding(&session, json!({"name": "more.iso", "source_type": "PUSH"})).await;
    one_more.is_refused("unable_to_allocate_resource", &[&n_files_max.to_string()]);
    assert_eq!(wire.state(&session).await, "ACTIVE");
}

/// Sends as much as is taken, and reads what comes.
async fn exchange(wire: &Wire, text: &str) -> String {
    let address = wire.listening.url.strip_prefix("http://").unwrap();
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    // It may be refused before all of it was sent.
    let _cut = socket.write_all(text.as_bytes()).await;
    let mut reply = Vec::new();
    let _reset = socket.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_too_large_end_their_connection_alone() {
    let wire = Wire::new().await;
    let long = "x".repeat(2 << 20);
    for request in [
        format!("GET /api/content/library HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: {long}\r\n\r\n"),
        format!("GET /{long} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{}\r\n", "x: y\r\n".repeat(50_000)),
    ] {
        let reply = exchange(&wire, &request).await;
        let status = reply.split(' ').nth(1).unwrap_or_default();
        assert!(["", "400", "404", "414", "431"].contains(&status), "{}", &reply[..reply.len().min(200)]);
    }
    assert_eq!(wire.rest("GET library", Value::Null).await.value(), json!([]));
}

#[tokio::test]
async fn what_a_client_sends_ends_no_header_and_no_line() {
    let wire = Wire::new().await;
    let library = wire.library("images\r\nset-cookie: x=y").await;
    let shown = wire.rest(&format!("GET library/id:{library}"), Value::Null).await;
    assert!(shown.headers.get("set-cookie").is_none_or(|cookie| !cookie.as_bytes().starts_with(b"x=y")));
    let request =
        Request::get(format!("{}/api/content/library/a%0d%0aset-cookie:%20x=y", wire.listening.url))
            .header("vmware-api-session-id", wire.login())
            .header("x-request-id", "op%0d%0aset-cookie: x=y");
    let reply = wire.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(reply.status, 404, "{}", reply.body);
    assert!(!reply.headers.contains_key("set-cookie"), "{:?}", reply.headers);
    let text = reply.body.to_string();
    assert!(!text.contains('\n') && !text.contains('\r'), "{text}");
}
