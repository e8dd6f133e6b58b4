//! What users of other servers complain about, over HTTP; the second table of `docs/divergences.md` is the list.

use contentlibd::domain::Caller;
use contentlibd::domain::session_file::GetSessionFile;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::{ANN, ROOT, Wire};

/// An empty item and a session on it.
async fn with_session() -> (Wire, String, String) {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let item = wire.item(&library, "image", "iso").await;
    let session = wire.open(&item).await;
    (wire, item, session)
}

/// Waits until so many bytes were noted, without a call, which would keep the login alive itself.
async fn noted(wire: &Wire, session: &str, n_bytes: u64) {
    let app = &wire.listening.served.app;
    let question = GetSessionFile { session: session.into(), name: "a.iso".to_owned() };
    while app.ledger.ask(Caller::Server, app.now(), &question).unwrap().received < n_bytes {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c01_a_long_upload_keeps_its_session_and_its_login() {
    let (wire, item, session) = with_session().await;
    let uri = wire.add(&session, "a.iso").await;
    let mut sender = wire.begin_upload(&uri, 13, b".").await;
    // A session lives for 5 minutes without use and a login for 30; this takes 48.
    for n_bytes in 1..=12 {
        noted(&wire, &session, n_bytes).await;
        wire.listening.served.clock.pass_ms(240_000);
        sender.write_all(b".").await.unwrap();
    }
    let mut reply = [0; 12];
    sender.read_exact(&mut reply).await.unwrap();
    assert_eq!(&reply, b"HTTP/1.1 200");
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 13]]));
}

#[tokio::test]
async fn c01_who_logs_in_again_goes_on() {
    let (wire, item, session) = with_session().await;
    wire.push(&session, "a.iso", b"bytes").await;
    wire.at("DELETE", "/rest/com/vmware/cis/session", wire.login(), Value::Null).await.is_done();
    wire.complete(&session).await.is_refused("unauthenticated", &[]);
    let wire = wire.of(ANN).await;
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
}

#[tokio::test]
async fn c02_a_failed_import_can_be_taken_up_again() {
    let (wire, item, session) = with_session().await;
    let item_of = format!("GET library/item/id:{item}");
    let library = wire.rest(&item_of, Value::Null).await.value()["library_id"].take();
    let spec = json!({"create_spec": {"name": "image", "library_id": library}});
    wire.rest("POST library/item", spec).await.is_refused("already_exists", &["image", "update that item"]);
    let spec = json!({"spec": {"library_id": library, "name": "image"}});
    assert_eq!(wire.rest("POST library/item?~action=find", spec).await.value(), json!([item]));
    wire.opening(&item).await.is_refused("resource_busy", &[&session, "cancel"]);
    wire.act(&session, "cancel", Value::Null).await.is_done();
    let session = wire.open(&item).await;
    wire.push(&session, "a.iso", b"bytes").await;
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
}

#[tokio::test]
async fn c03_the_reason_is_wherever_a_client_looks() {
    let (wire, _, session) = with_session().await;
    let sum = json!({"algorithm": "MD5", "checksum": "0".repeat(32)});
    let spec = json!({"name": "a.iso", "source_type": "PUSH", "checksum_info": sum});
    let added = wire.adding(&session, spec).await.value();
    let sent = wire.put(added["upload_endpoint"]["uri"].as_str().unwrap(), b"bytes").await;
    let reason = "what arrived has 4b3a6218bb3e3a7303e8a171a60fcf92";
    let said = sent.body["messages"][0]["default_message"].as_str().unwrap();
    assert!(sent.status == 400 && said.contains(reason), "{}", sent.body);
    assert_eq!(sent.body["name"], "a.iso");
    let file = wire.file(&session, "a.iso").await.value();
    assert!(file["error_message"]["default_message"].as_str().unwrap().contains(reason), "{file}");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["a.iso", reason]);
}

#[tokio::test]
async fn c11_a_datastore_is_no_source_and_that_is_said() {
    let (wire, _, session) = with_session().await;
    let from = json!({"uri": "ds:///vmfs/volumes/store/a.iso"});
    let spec = json!({"name": "a.iso", "source_type": "PULL", "source_endpoint": from});
    wire.adding(&session, spec.clone()).await.is_refused("unauthorized", &["ContentLibrary.ReadStorage"]);
    let wire = wire.of(ROOT).await;
    wire.adding(&session, spec).await.is_refused("invalid_argument", &["datastore", "https://"]);
    assert_eq!(wire.files(&session).await.len(), 0);
}

#[tokio::test]
async fn c12_an_image_is_not_read_as_a_descriptor() {
    let (wire, item, session) = with_session().await;
    // No file of a virtual machine, and named like one.
    wire.push(&session, "a.ovf", b"<no descriptor").await;
    wire.push(&session, "a.iso", b"bytes").await;
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5], ["a.ovf", "1", 14]]));
}

#[tokio::test]
async fn c19_other_storage_is_refused_and_not_ignored() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    for kind in ["local-library", "library"] {
        let change = async |datastore: &str| {
            let backings = json!([{"type": "DATASTORE", "datastore_id": datastore}]);
            let spec = json!({"update_spec": {"name": "disks", "storage_backings": backings}});
            wire.rest(&format!("PATCH {kind}/id:{library}"), spec).await
        };
        change("datastore-1").await.is_done();
        change("datastore-2").await.is_refused("unsupported", &["storage"]);
    }
    let shown = wire.rest(&format!("GET library/id:{library}"), Value::Null).await.value();
    assert_eq!(shown["storage_backings"][0]["datastore_id"], "datastore-1");
    assert_eq!(shown["version"], "3");
}

#[tokio::test]
async fn c22_what_is_not_known_in_a_query_is_named() {
    let (wire, item, _) = with_session().await;
    let refused = wire.api(&format!("GET library/item/{item}?colour=red"), Value::Null).await;
    assert_eq!((refused.status, &refused.body["error_type"]), (400, &json!("UNEXPECTED_INPUT")));
    let text = refused.body["messages"][0]["default_message"].as_str().unwrap();
    assert!(text.contains("\"colour\""), "{text}");
}
