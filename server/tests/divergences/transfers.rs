//! Files of sessions and their bytes, where another server in wide use goes its own way: rows 17 to 33 of
//! `docs/divergences.md`, over HTTP.

use http::{Method, Request};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::Wire;

/// An item with a file, and a session on it.
async fn with_session() -> (Wire, String, String) {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let session = wire.open(&item).await;
    (wire, item, session)
}

/// A session on an item that is a virtual machine.
async fn of_machine() -> (Wire, String, String) {
    let wire = Wire::new().await;
    let library = wire.library("machines").await;
    let item = wire.item(&library, "vm", "ovf").await;
    let session = wire.open(&item).await;
    (wire, item, session)
}

const DESCRIPTOR: &[u8] = br#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk.vmdk"/></References>
</Envelope>"#;

/// Of no bytes at all.
const SHA1: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

fn named(files: &[[String; 3]]) -> Vec<[&str; 3]> {
    files.iter().map(|file| file.each_ref().map(String::as_str)).collect()
}

#[tokio::test]
async fn w17_what_is_no_file_is_not_added() {
    let (wire, _, session) = with_session().await;
    for (spec, words) in [
        (json!({"name": "", "source_type": "PUSH"}), "name"),
        (json!({"name": "b.iso", "source_type": "THROW"}), "THROW"),
        (json!({"name": "b.iso", "source_type": "PULL"}), "source_endpoint"),
        (json!({"name": "b.iso", "source_type": "PUSH", "size": -1}), "size"),
    ] {
        wire.adding(&session, spec).await.is_refused("invalid_argument", &[words]);
    }
    wire.complete(&session).await.is_done();
    let late = wire.adding(&session, json!({"name": "b.iso", "source_type": "PUSH"})).await;
    late.is_refused("not_allowed_in_current_state", &["DONE"]);
}

#[tokio::test]
async fn w18_a_file_that_is_added_again_is_another_one() {
    let (wire, _, session) = with_session().await;
    let first = wire.add(&session, "b.iso").await;
    let second = wire.add(&session, "b.iso").await;
    assert_ne!(first, second);
    let files = wire.files(&session).await;
    assert_eq!(named(&files), [["a.iso", "NONE", "READY"], ["b.iso", "PUSH", "WAITING_FOR_TRANSFER"]]);
    assert_eq!(wire.put(&first, b"old").await.status, 404);
    assert_eq!(wire.put(&second, b"new").await.status, 200);
}

#[tokio::test]
async fn w19_a_size_that_was_announced_has_to_come() {
    let (wire, _, session) = with_session().await;
    for (bytes, status) in [(&b"123"[..], 400), (&b"12345"[..], 413)] {
        let spec = json!({"name": "b.iso", "source_type": "PUSH", "size": 4});
        let added = wire.adding(&session, spec).await.value();
        let reply = wire.put(added["upload_endpoint"]["uri"].as_str().unwrap(), bytes).await;
        assert_eq!(reply.status, status, "{}", reply.body);
        let file = wire.file(&session, "b.iso").await.value();
        assert_eq!(file["status"], "ERROR");
        assert!(file["error_message"]["default_message"].as_str().unwrap().contains('4'), "{file}");
        wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["b.iso"]);
    }
}

#[tokio::test]
async fn w20_a_checksum_that_was_announced_has_to_fit() {
    let (wire, _, session) = with_session().await;
    let add = async |name: &str| {
        let sum = json!({"algorithm": "SHA1", "checksum": SHA1.to_ascii_uppercase()});
        let spec = json!({"name": name, "source_type": "PUSH", "checksum_info": sum});
        let added = wire.adding(&session, spec).await.value();
        added["upload_endpoint"]["uri"].as_str().unwrap().to_owned()
    };
    assert_eq!(wire.put(&add("empty").await, b"").await.status, 200);
    let reply = wire.put(&add("b.iso").await, b"bytes").await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.to_string().contains(SHA1), "{}", reply.body);
    assert_eq!(wire.file(&session, "b.iso").await.value()["status"], "ERROR");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["b.iso"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w21_a_transfer_is_seen_while_it_goes_on() {
    let (wire, _, session) = with_session().await;
    let uri = wire.add(&session, "b.iso").await;
    let mut sender = wire.begin_upload(&uri, 8, b"half").await;
    let file = loop {
        let file = wire.file(&session, "b.iso").await.value();
        if file["bytes_transferred"] == 4 {
            break file;
        }
        tokio::task::yield_now().await;
    };
    assert_eq!((&file["status"], &file["size"]), (&json!("TRANSFERRING"), &Value::Null));
    sender.write_all(b"half").await.unwrap();
    let mut reply = [0; 12];
    sender.read_exact(&mut reply).await.unwrap();
    assert_eq!(&reply, b"HTTP/1.1 200");
    let file = wire.file(&session, "b.iso").await.value();
    assert_eq!((&file["status"], &file["size"]), (&json!("READY"), &json!(8)));
    assert!(file["checksum_info"]["checksum"].is_string(), "{file}");
}

#[tokio::test]
async fn w22_a_file_that_nobody_added_is_an_error() {
    let (wire, _, session) = with_session().await;
    wire.file(&session, "b.iso").await.is_refused("invalid_argument", &["b.iso"]);
}

#[tokio::test]
async fn w23_remove_takes_one_file_and_at_the_end() {
    let (wire, item, session) = with_session().await;
    let line = format!("POST library/item/updatesession/file/id:{session}?~action=remove");
    wire.rest(&line, json!({"file_name": "b.iso"})).await.is_refused("invalid_argument", &["b.iso"]);
    wire.rest(&line, json!({"file_name": "a.iso"})).await.is_done();
    assert_eq!(wire.state(&session).await, "ACTIVE");
    assert_eq!(wire.files(&session).await.len(), 0);
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([]));
    wire.rest(&line, json!({"file_name": "a.iso"}))
        .await
        .is_refused("not_allowed_in_current_state", &["DONE"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w24_validate_names_what_is_missing_and_what_is_wrong() {
    let (wire, _, session) = of_machine().await;
    let validate = format!("POST library/item/updatesession/file/id:{session}?~action=validate");
    let uri = wire.add(&session, "vm.ovf").await;
    wire.rest(&validate, Value::Null).await.is_refused("not_allowed_in_current_state", &["vm.ovf"]);
    assert_eq!(wire.put(&uri, b"<Envelope>").await.status, 200);
    wire.settled(&session, "vm.ovf").await;
    let found = wire.rest(&validate, Value::Null).await.value();
    assert_eq!((&found["has_errors"], &found["invalid_files"][0]["name"]), (&json!(true), &json!("vm.ovf")));
    assert!(found["invalid_files"][0]["error_message"]["default_message"].is_string(), "{found}");
    wire.push(&session, "vm.ovf", DESCRIPTOR).await;
    wire.settled(&session, "vm.ovf").await;
    let found = wire.rest(&validate, Value::Null).await.value();
    assert_eq!((&found["has_errors"], &found["missing_files"]), (&json!(true), &json!(["disk.vmdk"])));
    wire.push(&session, "disk.vmdk", b"disk").await;
    let found = wire.rest(&validate, Value::Null).await.value();
    assert_eq!(found, json!({"has_errors": false, "missing_files": [], "invalid_files": []}));
}

#[tokio::test]
async fn w25_files_that_a_session_leaves_alone_are_listed() {
    let (wire, _, session) = with_session().await;
    assert_eq!(named(&wire.files(&session).await), [["a.iso", "NONE", "READY"]]);
    let file = wire.file(&session, "a.iso").await.value();
    assert!(file["upload_endpoint"].is_null() && file["source_endpoint"].is_null(), "{file}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w26_a_descriptor_brings_its_files_and_a_manifest_comes_first_and_goes() {
    let (wire, item, session) = of_machine().await;
    let manifest = wire.add(&session, "vm.mf").await;
    wire.push(&session, "vm.ovf", DESCRIPTOR).await;
    wire.settled(&session, "vm.ovf").await;
    let late = wire.adding(&session, json!({"name": "vm.cert", "source_type": "PUSH"})).await;
    late.is_refused("not_allowed_in_current_state", &["before"]);
    let disk = wire.file(&session, "disk.vmdk").await.value();
    assert_eq!((&disk["source_type"], &disk["status"]), (&json!("PUSH"), &json!("WAITING_FOR_TRANSFER")));
    assert_eq!(
        wire.put(&manifest, b"SHA1(disk.vmdk)= a07bdcbcbb025d14688be45f90b3b7128d4f9170\n").await.status,
        200
    );
    wire.settled(&session, "vm.mf").await;
    let disk = disk["upload_endpoint"]["uri"].as_str().unwrap();
    wire.put(disk, b"dusk").await;
    assert_ne!(wire.settled(&session, "disk.vmdk").await["status"], "WAITING_FOR_TRANSFER");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["disk.vmdk"]);
    assert_eq!(wire.put(disk, b"disk").await.status, 200);
    wire.complete(&session).await.is_done();
    let files = wire.contents(&item).await;
    assert_eq!(files, json!([["disk.vmdk", "1", 4], ["vm.ovf", "1", DESCRIPTOR.len()]]));
}

#[tokio::test]
async fn w27_nothing_shows_before_complete() {
    let (wire, item, session) = with_session().await;
    let of_item = format!("GET library/item/id:{item}");
    let before = wire.rest(&of_item, Value::Null).await.value();
    wire.push(&session, "a.iso", b"other bytes").await;
    wire.push(&session, "b.iso", b"more").await;
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
    assert_eq!(wire.rest(&of_item, Value::Null).await.value(), before);
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "2", 11], ["b.iso", "1", 4]]));
}

#[tokio::test]
async fn w28_a_file_of_the_same_name_takes_the_place_of_the_old_one() {
    let (wire, item, session) = with_session().await;
    wire.push(&session, "a.iso", b"other bytes").await;
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "2", 11]]));
}

#[tokio::test]
async fn w31_whoever_has_the_address_sends_with_put_or_post() {
    let (wire, _, session) = with_session().await;
    for method in [Method::PUT, Method::POST] {
        let uri = wire.add(&session, "b.iso").await;
        // As urllib and requests do it: no login, a type of its own.
        let request = Request::builder().method(&method).uri(&uri).header("content-type", "text/ovf");
        let reply = wire.send(request.body(b"bytes".to_vec()).unwrap()).await;
        assert_eq!(reply.status, 200, "{method}: {}", reply.body);
    }
    let uri = wire.add(&session, "b.iso").await;
    let reply = wire.send(Request::delete(&uri).body(Vec::new()).unwrap()).await;
    assert_eq!((reply.status, &reply.headers["allow"]), (405, &"PUT, POST, HEAD".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w32_an_upload_is_its_sessions_and_a_broken_one_is_no_file() {
    let (wire, item, session) = with_session().await;
    let uri = wire.add(&session, "b.iso").await;
    // Another name at the end names no other file.
    let sent = wire.put(&uri.replace("b.iso", "c.iso"), b"bytes").await;
    assert_eq!((sent.status, &sent.body["name"]), (200, &json!("b.iso")));
    let uri = wire.add(&session, "b.iso").await;
    let request = Request::put(&uri).header("content-range", "bytes 0-3/8").body(b"half".to_vec()).unwrap();
    assert_eq!(wire.send(request).await.body["status"], "WAITING_FOR_TRANSFER");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["b.iso"]);
    let sender = wire.begin_upload(&uri, 8, b"half").await;
    while wire.file(&session, "b.iso").await.value()["status"] != "TRANSFERRING" {
        tokio::task::yield_now().await;
    }
    drop(sender);
    assert_eq!(wire.settled(&session, "b.iso").await["status"], "WAITING_FOR_TRANSFER");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["b.iso"]);
    wire.act(&session, "cancel", Value::Null).await.is_done();
    assert_eq!(wire.put(&uri, b"late").await.status, 409);
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w33_a_slow_upload_holds_nobody_up() {
    let (wire, item, session) = with_session().await;
    let library = wire.library("others").await;
    let uri = wire.add(&session, "b.iso").await;
    let _sender = wire.begin_upload(&uri, 8, b"half").await;
    while wire.file(&session, "b.iso").await.value()["status"] != "TRANSFERRING" {
        tokio::task::yield_now().await;
    }
    // The half that is missing never comes; all of this is answered meanwhile.
    let other = wire.item(&library, "other", "").await;
    let second = wire.open(&other).await;
    wire.push(&second, "c.iso", b"bytes").await;
    wire.complete(&second).await.is_done();
    assert_eq!(wire.contents(&other).await, json!([["c.iso", "1", 5]]));
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
    assert_eq!(wire.file(&session, "b.iso").await.value()["status"], "TRANSFERRING");
}
