//! What virtual machines come in, over real sockets: a descriptor and its disks, one archive, an image cut off.

use http::{Method, Request};
use vapi::content::library::item::updatesession::file::{AddSpec, Info, SourceType};
use vapi::content::library::item::{TransferStatus, UpdateSessionModel};
use vapi::runtime::Surface;

use crate::served::Listening;
use crate::tar;

const DESCRIPTOR: &str = r#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk.vmdk" ovf:size="4"/><File ovf:id="f2" ovf:href="vm.nvram"/></References>
</Envelope>"#;

struct Session {
    listening: Listening,
    client: vapi::Client,
    item: String,
    id: String,
}

impl Session {
    async fn new(type_name: &str) -> Session {
        let listening = Listening::new().await;
        let library = listening.served.library().await;
        let item = listening.served.item_of_type(&library, "vm", type_name).await.to_string();
        let client = listening.served.client("ann", Surface::JsonRpc);
        let id = client.update_session().create(UpdateSessionModel::for_create(item.as_str())).await.unwrap();
        Session { listening, client, item, id: id.to_string() }
    }

    async fn add(&self, name: &str) -> Info {
        let files = self.client.update_session_file();
        files.add(self.id.as_str(), AddSpec::new(name, SourceType::Push)).await.unwrap()
    }

    async fn send(&self, to: &Info, bytes: &[u8]) -> http::Response<String> {
        let uri = to.upload_endpoint.as_ref().unwrap().uri.as_str();
        let request = Request::builder().method(Method::PUT).uri(uri).body(bytes.to_vec()).unwrap();
        self.listening.send(request).await
    }

    async fn file(&self, name: &str) -> Info {
        self.client.update_session_file().get(self.id.as_str(), name).await.unwrap()
    }

    /// The file, once it has been looked at.
    async fn settled(&self, name: &str) -> Info {
        loop {
            let file = self.file(name).await;
            if !matches!(file.status, TransferStatus::Validating | TransferStatus::Transferring) {
                return file;
            }
            tokio::task::yield_now().await;
        }
    }

    async fn names(&self) -> Vec<String> {
        let files = self.client.update_session_file().list(self.id.as_str()).await.unwrap();
        files.into_iter().map(|file| file.name).collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_descriptor_says_at_once_what_is_missing() {
    let session = Session::new("ovf").await;
    let descriptor = session.add("vm.ovf").await;
    assert_eq!(session.send(&descriptor, DESCRIPTOR.as_bytes()).await.status(), 200);
    assert_eq!(session.settled("vm.ovf").await.status, TransferStatus::Ready);
    let disk = session.file("disk.vmdk").await;
    let files = session.client.update_session_file();
    let missing = files.validate(session.id.as_str()).await.unwrap().missing_files;
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), ["disk.vmdk", "vm.nvram"]);
    assert_eq!(session.send(&disk, b"disk").await.status(), 200);
    let refused = session.client.update_session().complete(session.id.as_str()).await.unwrap_err();
    assert!(format!("{refused:?}").contains("vm.nvram"), "{refused:?}");
    let nvram = session.file("vm.nvram").await;
    assert_eq!(session.send(&nvram, b"n").await.status(), 200);
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    assert_eq!(session.names().await.len(), 3);

    let broken = Session::new("ovf").await;
    let descriptor = broken.add("vm.ovf").await;
    assert_eq!(broken.send(&descriptor, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x/>").await.status(), 200);
    let file = broken.settled("vm.ovf").await;
    assert_eq!(file.status, TransferStatus::Error);
    assert!(file.error_message.is_some_and(|words| words.default_message.contains("line 1")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_is_taken_apart_while_it_comes() {
    let whole = tar::archive(&[
        tar::file("vm.ovf", DESCRIPTOR.as_bytes()),
        tar::file("disk.vmdk", b"disk"),
        tar::file("vm.nvram", b"n"),
    ]);
    let session = Session::new("ovf").await;
    let archive = session.add("vm.ova").await;
    // Cut off, nothing of it stays, and the whole can be sent to the same address.
    let cut = session.send(&archive, &whole[..2_100]).await;
    assert_eq!(cut.status(), 400, "{cut:?}");
    assert!(cut.body().contains("cut off"), "{cut:?}");
    assert_eq!(session.names().await, ["vm.ova"]);
    let sent = session.send(&archive, &whole).await;
    assert_eq!(sent.status(), 200, "{sent:?}");
    for name in ["vm.ovf", "disk.vmdk", "vm.nvram"] {
        assert_eq!(session.settled(name).await.status, TransferStatus::Ready, "{name}");
    }
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    let app = &session.listening.served.app;
    let question = contentlibd::domain::item::GetItem { id: session.item.as_str().into() };
    let item = app.ledger.ask(contentlibd::domain::Caller::Server, app.now(), &question).unwrap();
    let mut files: Vec<_> = item.files.iter().map(|file| (file.name.as_str(), file.size)).collect();
    files.sort_unstable();
    assert_eq!(files, [("disk.vmdk", 4), ("vm.nvram", 1), ("vm.ovf", DESCRIPTOR.len() as u64)]);
    while app.blobs.list().unwrap().len() > 3 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_that_was_cut_off_is_refused() {
    let session = Session::new("iso").await;
    let image = session.add("install.iso").await;
    let mut bytes = vec![0; 17 * 2048];
    bytes[16 * 2048..][..7].copy_from_slice(b"\x01CD001\x01");
    bytes[16 * 2048 + 80..][..8].copy_from_slice(&[0, 0, 1, 0, 0, 1, 0, 0]);
    bytes[16 * 2048 + 128..][..4].copy_from_slice(&[0, 8, 8, 0]);
    let reply = session.send(&image, &bytes).await;
    assert_eq!(reply.status(), 400, "{reply:?}");
    assert!(reply.body().contains("cut off"), "{reply:?}");
    assert_eq!(session.file("install.iso").await.status, TransferStatus::Error);
}
