//! Bytes come and go: over real sockets, whole, in parts, wrong, and cut off.

use contentlibd::domain::Caller;
use contentlibd::domain::item::GetItem;
use contentlibd::settings::Settings;
use http::{Method, Request, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use vapi::content::library::ItemModel;
use vapi::content::library::item::downloadsession::file::PrepareStatus;
use vapi::content::library::item::file::ChecksumInfo;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{
    DownloadSessionModel, TransferStatus, UpdateSessionModel, UpdateSessionModelState,
};
use vapi::runtime::Surface;

use crate::served::Listening;

/// Of no bytes at all.
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const BYTES: &[u8] = b"hello, library";

struct Upload {
    listening: Listening,
    client: vapi::Client,
    item: String,
    session: String,
    uri: String,
}

/// A session that waits for a file with this specification.
async fn announced(spec: AddSpec) -> Upload {
    announced_to(Listening::new().await, spec).await
}

async fn announced_to(listening: Listening, spec: AddSpec) -> Upload {
    let library = listening.served.library().await;
    let item = listening.served.item(&library, "disk").await.to_string();
    let client = listening.served.client("ann", Surface::Rest);
    let spec_of_session = UpdateSessionModel::for_create(item.as_str());
    let session = client.update_session().create(spec_of_session).await.unwrap().to_string();
    let info = client.update_session_file().add(session.as_str(), spec).await.unwrap();
    assert_eq!(info.status, TransferStatus::WaitingForTransfer);
    let uri = info.upload_endpoint.unwrap().uri.to_string();
    assert!(uri.starts_with(&listening.url), "{uri}");
    Upload { listening, client, item, session, uri }
}

fn push() -> AddSpec {
    AddSpec::new("a disk.vmdk", SourceType::Push)
}

impl Upload {
    async fn send(&self, method: Method, range: Option<&str>, bytes: &[u8]) -> http::Response<String> {
        let mut request = Request::builder().method(method).uri(&self.uri);
        if let Some(range) = range {
            request = request.header("content-range", range);
        }
        self.listening.send(request.body(bytes.to_vec()).unwrap()).await
    }

    async fn status(&self) -> TransferStatus {
        self.client.update_session_file().get(self.session.as_str(), "a disk.vmdk").await.unwrap().status
    }

    fn n_files_of_item(&self) -> usize {
        let app = &self.listening.served.app;
        let question = GetItem { id: self.item.as_str().into() };
        app.ledger.ask(Caller::Server, app.now(), &question).unwrap().files.len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sent_can_be_fetched_once_the_session_is_complete() {
    for method in [Method::PUT, Method::POST] {
        let upload = announced(push().size(14)).await;
        let reply = upload.send(method, None, BYTES).await;
        assert_eq!(reply.status(), 200, "{reply:?}");
        assert!(reply.body().contains("\"status\":\"READY\""), "{reply:?}");
        assert_eq!(upload.n_files_of_item(), 0, "nothing shows before the end");
        let sessions = upload.client.update_session();
        sessions.complete(upload.session.as_str()).await.unwrap();
        let session = sessions.get(upload.session.as_str()).await.unwrap();
        assert_eq!(session.state, Some(UpdateSessionModelState::Done));
        assert_eq!(upload.n_files_of_item(), 1);
        let late = upload.send(Method::PUT, None, BYTES).await;
        assert_eq!(late.status(), StatusCode::CONFLICT, "{late:?}");

        let downloads = upload.client.download_session();
        let model = DownloadSessionModel::for_create(upload.item.as_str());
        let download = downloads.create(model).await.unwrap();
        let files = upload.client.download_session_file();
        files.prepare(&download, "a disk.vmdk").await.unwrap();
        let prepared = loop {
            let file = files.get(&download, "a disk.vmdk").await.unwrap();
            if file.status == PrepareStatus::Prepared {
                break file;
            }
            tokio::task::yield_now().await;
        };
        let uri = prepared.download_endpoint.unwrap().uri.to_string();
        let fetch = |range: Option<&'static str>| {
            let request = Request::builder().uri(&uri).header("range", range.unwrap_or("bytes=-"));
            upload.listening.send(request.body(Vec::new()).unwrap())
        };
        let whole = fetch(None).await;
        assert_eq!((whole.status(), whole.body().as_bytes()), (StatusCode::OK, BYTES));
        assert_eq!(whole.headers()["content-length"], "14");
        let part = fetch(Some("bytes=7-9")).await;
        assert_eq!((part.status(), part.body().as_str()), (StatusCode::PARTIAL_CONTENT, "lib"));
        assert_eq!(part.headers()["content-range"], "bytes 7-9/14");
        assert_eq!(fetch(Some("bytes=14-")).await.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        downloads.cancel(&download).await.unwrap();
        assert_eq!(fetch(None).await.status(), StatusCode::CONFLICT);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_as_announced_is_never_ready() {
    let wrong_sum = ChecksumInfo::new(SHA256).algorithm("SHA256".into());
    for (spec, status, words) in [
        (push().size(13), StatusCode::PAYLOAD_TOO_LARGE, "13"),
        (push().size(15), StatusCode::BAD_REQUEST, "15"),
        (push().checksum_info(wrong_sum), StatusCode::BAD_REQUEST, "a disk.vmdk"),
    ] {
        let upload = announced(spec).await;
        let reply = upload.send(Method::PUT, None, BYTES).await;
        assert_eq!(reply.status(), status, "{reply:?}");
        assert!(reply.body().contains(words), "{reply:?}");
        assert_eq!(upload.status().await, TransferStatus::Error);
        let refused = upload.client.update_session().complete(upload.session.as_str()).await.unwrap_err();
        assert_eq!(refused.id(), Some("com.vmware.vapi.std.errors.not_allowed_in_current_state"));
        // Announced again it can be sent again, in the same session.
        let again = upload.client.update_session_file().add(upload.session.as_str(), push()).await.unwrap();
        let uri = again.upload_endpoint.unwrap().uri.to_string();
        assert_ne!(uri, upload.uri);
        let upload = Upload { uri, ..upload };
        assert_eq!(upload.send(Method::PUT, None, BYTES).await.status(), 200);
        upload.client.update_session().complete(upload.session.as_str()).await.unwrap();
        assert_eq!(upload.n_files_of_item(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_where_it_broke_off() {
    let upload = announced(push()).await;
    let address = upload.listening.url.trim_start_matches("http://").to_owned();
    let path = upload.uri.strip_prefix(&upload.listening.url).unwrap().to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 14\r\n\r\nhello,");
    socket.write_all(head.as_bytes()).await.unwrap();
    while upload.status().await == TransferStatus::WaitingForTransfer {
        tokio::task::yield_now().await;
    }
    assert_eq!(upload.status().await, TransferStatus::Transferring);
    socket.shutdown().await.unwrap();
    let mut rest = Vec::new();
    let _reset = socket.read_to_end(&mut rest).await;
    while upload.status().await == TransferStatus::Transferring {
        tokio::task::yield_now().await;
    }
    assert_eq!(upload.status().await, TransferStatus::WaitingForTransfer);
    let asked = upload.send(Method::HEAD, None, b"").await;
    assert_eq!(asked.headers()["upload-offset"], "6", "{asked:?}");

    // The server may go down in between.
    let listening = upload.listening.again().await;
    let client = listening.served.client("ann", Surface::Rest);
    let uri = format!("{}{path}", listening.url);
    let upload = Upload { listening, client, uri, ..upload };
    let beyond = upload.send(Method::PUT, Some("bytes 7-13/14"), b"library").await;
    assert_eq!(beyond.status(), StatusCode::BAD_REQUEST, "{beyond:?}");
    let part = upload.send(Method::PUT, Some("bytes 6-9/14"), b" lib").await;
    assert_eq!(part.status(), 200, "{part:?}");
    assert_eq!(part.headers()["upload-offset"], "10");
    let rest = upload.send(Method::PUT, Some("bytes 10-13/14"), b"rary").await;
    assert_eq!(rest.status(), 200, "{rest:?}");
    assert!(rest.body().contains("READY"), "{rest:?}");
    upload.client.update_session().complete(upload.session.as_str()).await.unwrap();
    let app = &upload.listening.served.app;
    let question = GetItem { id: upload.item.as_str().into() };
    let item = app.ledger.ask(Caller::Server, app.now(), &question).unwrap();
    let mut bytes = Vec::new();
    let blob = item.files[0].blob.as_ref().unwrap();
    std::io::Read::read_to_end(&mut app.blobs.read(blob, 0).unwrap().bytes, &mut bytes).unwrap();
    assert_eq!(bytes, BYTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_is_good_for_its_file_and_session_only() {
    let upload = announced(push()).await;
    let other = upload.uri.replace("/transfer/upload/", "/transfer/upload/x");
    for uri in [other.as_str(), &format!("{}/more", upload.uri), &upload.uri.replace(&upload.session, "none")]
    {
        let request = Request::builder().method(Method::PUT).uri(uri).body(BYTES.to_vec()).unwrap();
        let reply = upload.listening.send(request).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{uri}: {reply:?}");
    }
    let deleted = upload.send(Method::DELETE, None, b"").await;
    assert_eq!(deleted.headers()["allow"], "PUT, POST, HEAD");
    assert_eq!(upload.send(Method::PUT, None, BYTES).await.status(), 200);
    assert_eq!(upload.listening.served.app.blobs.list().unwrap().len(), 1);
    upload.client.update_session().fail(upload.session.as_str(), "no more coffee").await.unwrap();
    let late = upload.send(Method::PUT, None, BYTES).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    assert!(late.body().contains("no more coffee"), "{late:?}");
    while !upload.listening.served.app.blobs.list().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_are_logged_in_fetch_files_without_a_session() {
    let upload = announced(push()).await;
    assert_eq!(upload.send(Method::PUT, None, BYTES).await.status(), 200);
    upload.client.update_session().complete(upload.session.as_str()).await.unwrap();
    let file = upload.client.file().get(upload.item.as_str(), "a disk.vmdk").await.unwrap();
    let uri = file.file_download_endpoint.unwrap().to_string();
    let login = upload.listening.login().await;
    let fetch = async |uri: &str, login: &str| {
        let request = Request::builder().uri(uri).header("vmware-api-session-id", login);
        upload.listening.send(request.body(Vec::new()).unwrap()).await
    };
    let reply = fetch(&uri, &login).await;
    assert_eq!((reply.status(), reply.body().as_bytes()), (StatusCode::OK, BYTES));
    assert_eq!(fetch(&uri, "somebody else").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(fetch(&format!("{uri}0"), &login).await.status(), StatusCode::NOT_FOUND);
    let of_another = uri.replace("/cls/static/", "/cls/static/x");
    assert_eq!(fetch(&of_another, &login).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_whose_bytes_are_all_there_is_ended_without_more() {
    let upload = announced(push()).await;
    let part = upload.send(Method::PUT, Some("bytes 0-13/15"), BYTES).await;
    assert_eq!(part.headers()["upload-offset"], "14", "{part:?}");
    let too_early = upload.send(Method::PUT, Some("bytes */15"), b"").await;
    assert_eq!(too_early.status(), StatusCode::BAD_REQUEST, "{too_early:?}");
    let more = upload.send(Method::PUT, Some("bytes */14"), b"").await;
    assert_eq!(more.status(), 200, "{more:?}");
    assert!(more.body().contains("READY"), "{more:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_stands_still_is_ended_and_can_go_on() {
    let mut settings = Settings::new("");
    settings.transfers.idle_ms = 200;
    let upload = announced_to(Listening::with(settings).await, push()).await;
    let address = upload.listening.url.trim_start_matches("http://").to_owned();
    let path = upload.uri.strip_prefix(&upload.listening.url).unwrap().to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!("PUT {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: 14\r\n\r\nhello,");
    socket.write_all(head.as_bytes()).await.unwrap();
    // The rest never comes, and the connection stays open until the server has had enough.
    let mut reply = vec![0; 12];
    socket.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, b"HTTP/1.1 408");
    let asked = upload.send(Method::HEAD, None, b"").await;
    assert_eq!(asked.headers()["upload-offset"], "6", "{asked:?}");
    let rest = upload.send(Method::PUT, Some("bytes 6-13/14"), b" library").await;
    assert!(rest.body().contains("READY"), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_stays_when_its_original_goes_at_once() {
    let listening = Listening::new().await;
    let library = listening.served.library().await;
    let client = listening.served.client("ann", Surface::Rest);
    for idx in 0..20 {
        let original = listening.served.item(&library, &format!("original {idx}")).await.to_string();
        let spec = UpdateSessionModel::for_create(original.as_str());
        let session = client.update_session().create(spec).await.unwrap();
        let info = client.update_session_file().add(&session, push()).await.unwrap();
        let uri = info.upload_endpoint.unwrap().uri.to_string();
        listening.send(Request::put(&uri).body(BYTES.to_vec()).unwrap()).await;
        client.update_session().complete(&session).await.unwrap();
        let spec = ItemModel::for_create(library.as_str(), format!("copy {idx}"));
        let copy = client.item().copy(original.as_str(), spec).await.unwrap();
        client.item().delete(original.as_str()).await.unwrap();
        // If the bytes had gone with the original, so would the copy.
        let files = loop {
            let files = client.file().list(copy.as_str()).await.unwrap();
            if !files.is_empty() {
                break files;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!(files[0].size, 14);
    }
}
