//! A server whose disk fails, over HTTP: what is said to the sender, that nothing is half there, and that all goes on once
//! the disk is well again.

use http::{Method, Request};
use serde_json::{Value, json};

use crate::failing_blobs::{Fault, Faults};
use crate::served::Listening;
use crate::tar;
use crate::wire::{Reply, Wire};

const BYTES: &[u8] = b"twenty bytes of file";

const DESCRIPTOR: &[u8] = br#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk.vmdk"/></References>
</Envelope>"#;

/// A server on a disk that may fail, an item on it, and a session.
struct Ill {
    faults: Faults,
    wire: Wire,
    item: String,
    session: String,
}

impl Ill {
    async fn new(type_name: &str) -> Ill {
        let faults = Faults::default();
        let wire = Wire::to(Listening::failing(&faults).await).await;
        let library = wire.library("images").await;
        let item = wire.item(&library, "image", type_name).await;
        let session = wire.open(&item).await;
        Ill { faults, wire, item, session }
    }

    /// Bytes up to here, from where `HEAD` says.
    async fn send_on(&self, uri: &str, bytes: &[u8], to: usize) -> Reply {
        let asked = Request::builder().method(Method::HEAD).uri(uri).body(Vec::new()).unwrap();
        let offset = self.wire.send(asked).await.headers["upload-offset"].to_str().unwrap().to_owned();
        let from: usize = offset.parse().unwrap();
        let range = format!("bytes {from}-{}/{}", to - 1, bytes.len());
        let request = Request::put(uri).header("content-range", range).body(bytes[from..to].to_vec());
        self.wire.send(request.unwrap()).await
    }

    /// The sender is told, the file waits, and nobody sees anything of it.
    async fn check_waits(&self, reply: &Reply, status: u16, words: &str, name: &str) {
        let text = reply.body["messages"][0]["default_message"].as_str().expect("words");
        assert!(reply.status == status && text.contains(words), "{} {}", reply.status, reply.body);
        let file = self.wire.file(&self.session, name).await.value();
        assert_eq!(file["status"], "WAITING_FOR_TRANSFER", "{file}");
        let refused = self.wire.complete(&self.session).await;
        refused.is_refused("not_allowed_in_current_state", &[name]);
        assert_eq!(self.wire.contents(&self.item).await, json!([]));
    }

    /// The item's bytes, from the disk.
    fn bytes(&self, name: &str) -> Vec<u8> {
        let app = &self.wire.listening.served.app;
        let question = contentlibd::domain::item::GetItem { id: self.item.as_str().into() };
        let item = app.ledger.ask(contentlibd::domain::Caller::Server, app.now(), &question).unwrap();
        let file = item.files.iter().find(|file| file.name == name).expect("a file");
        let blob = file.blob.as_ref().expect("bytes");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut app.blobs.read(blob, 0).unwrap().bytes, &mut bytes).unwrap();
        bytes
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_waits_for_a_disk_that_failed_and_goes_on() {
    for (fault, status, words) in [
        (Fault::FullAt(0), 507, "no room"),
        (Fault::FullAt(7), 507, "no room"),
        (Fault::FullAt(13), 507, "no room"),
        (Fault::Short, 503, "cannot write"),
        (Fault::Sync, 503, "cannot write"),
        (Fault::Open, 503, "cannot write"),
    ] {
        let ill = Ill::new("").await;
        let uri = ill.wire.add(&ill.session, "a.iso").await;
        // From the first byte, and then again where a part is there already.
        ill.faults.begin(fault);
        let reply = ill.send_on(&uri, BYTES, BYTES.len()).await;
        ill.faults.end();
        ill.check_waits(&reply, status, words, "a.iso").await;
        let part = ill.send_on(&uri, BYTES, 10).await;
        assert_eq!((part.status, &part.headers["upload-offset"]), (200, &"10".parse().unwrap()), "{fault:?}");
        ill.faults.begin(fault);
        let reply = ill.send_on(&uri, BYTES, BYTES.len()).await;
        ill.faults.end();
        ill.check_waits(&reply, status, words, "a.iso").await;
        let file = ill.wire.file(&ill.session, "a.iso").await.value();
        assert_eq!(file["bytes_transferred"], 10, "{fault:?}");

        let rest = ill.send_on(&uri, BYTES, BYTES.len()).await;
        assert_eq!((rest.status, &rest.body["status"]), (200, &json!("READY")), "{fault:?}: {}", rest.body);
        ill.wire.complete(&ill.session).await.is_done();
        assert_eq!(ill.bytes("a.iso"), BYTES, "{fault:?}");
        ill.wire.n_blobs_become(1).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_an_archive_without_room_is_a_full_disk_too() {
    let archive = tar::archive(&[tar::file("vm.ovf", DESCRIPTOR), tar::file("disk.vmdk", &[b'd'; 3_000])]);
    for (fault, status, words) in [
        (Fault::FullAt(100), 507, "no room"),
        (Fault::FullAt(2_000), 507, "no room"),
        (Fault::Sync, 503, "cannot write"),
        (Fault::Open, 503, "cannot write"),
    ] {
        let ill = Ill::new("ovf").await;
        let uri = ill.wire.add(&ill.session, "vm.ova").await;
        ill.faults.begin(fault);
        let reply = ill.wire.put(&uri, &archive).await;
        ill.faults.end();
        ill.check_waits(&reply, status, words, "vm.ova").await;
        assert_eq!(ill.wire.files(&ill.session).await.len(), 1, "{fault:?}: members stay");
        ill.wire.n_blobs_become(0).await;

        let whole = ill.wire.put(&uri, &archive).await;
        assert_eq!(whole.status, 200, "{fault:?}: {}", whole.body);
        ill.wire.settled(&ill.session, "vm.ovf").await;
        ill.wire.complete(&ill.session).await.is_done();
        assert_eq!(ill.bytes("disk.vmdk"), [b'd'; 3_000]);
        ill.wire.n_blobs_become(2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failing_disk_took_goes_with_its_session() {
    for fault in [Fault::FullAt(7), Fault::Short, Fault::Sync] {
        let ill = Ill::new("").await;
        let uri = ill.wire.add(&ill.session, "a.iso").await;
        ill.faults.begin(fault);
        assert!([503, 507].contains(&ill.wire.put(&uri, BYTES).await.status), "{fault:?}");
        ill.wire.act(&ill.session, "cancel", Value::Null).await.is_done();
        ill.faults.end();
        ill.wire.n_blobs_become(0).await;
        let session = ill.wire.open(&ill.item).await;
        ill.wire.push(&session, "a.iso", BYTES).await;
        ill.wire.complete(&session).await.is_done();
        assert_eq!(ill.bytes("a.iso"), BYTES, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_without_room_is_no_item() {
    let ill = Ill::new("").await;
    ill.wire.push(&ill.session, "a.iso", BYTES).await;
    ill.wire.complete(&ill.session).await.is_done();
    let of_item = format!("library/item/id:{}", ill.item);
    let library = ill.wire.rest(&format!("GET {of_item}"), Value::Null).await.value()["library_id"].take();
    let spec = json!({"destination_create_spec": {"name": "another", "library_id": library}});
    let copy = async || ill.wire.rest(&format!("POST {of_item}?~action=copy"), spec.clone()).await.text();
    ill.faults.begin(Fault::Copy);
    let id = copy().await;
    while ill.wire.rest(&format!("GET library/item/id:{id}"), Value::Null).await.status == 200 {
        tokio::task::yield_now().await;
    }
    ill.faults.end();
    ill.wire.n_blobs_become(1).await;
    let id = copy().await;
    while ill.wire.contents(&id).await == json!([]) {
        tokio::task::yield_now().await;
    }
    assert_eq!(ill.wire.contents(&id).await, json!([["a.iso", "1", 20]]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_said_and_can_be_read_later() {
    let ill = Ill::new("ovf").await;
    let uri = ill.wire.add(&ill.session, "vm.ovf").await;
    ill.faults.begin(Fault::Read);
    assert_eq!(ill.wire.put(&uri, DESCRIPTOR).await.status, 200);
    let file = ill.wire.settled(&ill.session, "vm.ovf").await;
    ill.faults.end();
    assert_eq!(file["status"], "ERROR");
    assert!(
        file["error_message"]["default_message"].as_str().is_some_and(|text| text.contains("cannot be read")),
        "{file}"
    );
    // Nobody refers to the disk as long as the descriptor could not be read.
    assert_eq!(ill.wire.files(&ill.session).await.len(), 1);
    ill.wire.push(&ill.session, "vm.ovf", DESCRIPTOR).await;
    assert_eq!(ill.wire.settled(&ill.session, "vm.ovf").await["status"], "READY");
    ill.wire.push(&ill.session, "disk.vmdk", BYTES).await;
    ill.wire.complete(&ill.session).await.is_done();

    let path = format!("GET library/item/file?library_item_id={}", ill.item);
    assert_eq!(ill.wire.rest(&path, Value::Null).await.value().as_array().map(Vec::len), Some(2));
    let spec = json!({"create_spec": {"library_item_id": ill.item}});
    let download = ill.wire.rest("POST library/item/download-session", spec).await.text();
    let line = |action| format!("POST library/item/downloadsession/file/id:{download}?~action={action}");
    let named = json!({"file_name": "disk.vmdk"});
    ill.wire.rest(&line("prepare"), named.clone()).await.value();
    let uri = loop {
        let file = ill.wire.rest(&line("get"), named.clone()).await.value();
        if let Some(uri) = file["download_endpoint"]["uri"].as_str() {
            break uri.to_owned();
        }
        tokio::task::yield_now().await;
    };
    let fetch = async || ill.wire.send(Request::get(&uri).body(Vec::new()).unwrap()).await;
    ill.faults.begin(Fault::Read);
    let reply = fetch().await;
    ill.faults.end();
    assert_eq!(reply.status, 503, "{}", reply.body);
    let reply = fetch().await;
    assert_eq!((reply.status, reply.body), (200, json!(std::str::from_utf8(BYTES).unwrap())));
}
