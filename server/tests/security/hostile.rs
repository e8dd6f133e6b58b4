//! What strangers and other users try, over real sockets; `docs/security.md` is the list.

use contentlibd::domain::ids::LibraryId;
use http::{Method, Request, StatusCode};
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{DownloadSessionModel, UpdateSessionModel};
use vapi::runtime::Surface;

use crate::served::{Listening, check_refused};

/// A server, an item on it, and Ann's session on that with a file that waits.
struct Target {
    listening: Listening,
    ann: vapi::Client,
    library: LibraryId,
    item: String,
    session: String,
    uri: String,
}

fn push(name: &str) -> AddSpec {
    AddSpec::new(name, SourceType::Push)
}

/// A session of Ann's, and the address of its file.
async fn announce(ann: &vapi::Client, item: &str) -> (String, String) {
    let session =
        ann.update_session().create(UpdateSessionModel::for_create(item)).await.unwrap().to_string();
    let info = ann.update_session_file().add(session.as_str(), push("disk.vmdk")).await.unwrap();
    (session, info.upload_endpoint.unwrap().uri.to_string())
}

impl Target {
    async fn new() -> Target {
        let listening = Listening::new().await;
        let library = listening.served.library().await;
        let item = listening.served.item(&library, "disk").await.to_string();
        let ann = listening.served.client("ann", Surface::Rest);
        let (session, uri) = announce(&ann, &item).await;
        Target { listening, ann, library, item, session, uri }
    }

    async fn send(&self, method: Method, uri: &str) -> http::Response<String> {
        let request = Request::builder().method(method).uri(uri).body(b"bytes".to_vec()).unwrap();
        self.listening.send(request).await
    }

    fn n_blobs(&self) -> usize {
        self.listening.served.app.blobs.list().unwrap().len()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_of_files_lead_nowhere() {
    let target = Target::new().await;
    let files = target.ann.update_session_file();
    for name in ["..", "../users", "/etc/passwd", "a/../../b", "a\\b", "a\0.vmdk", "a\r\nSet-Cookie: x=y"] {
        let added = files.add(target.session.as_str(), push(name)).await;
        check_refused(added, "invalid_argument", &[]);
    }
    assert_eq!(files.list(target.session.as_str()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn addresses_lead_nowhere_but_to_their_file() {
    let target = Target::new().await;
    let (base, secret) = (&target.listening.url, target.uri.rsplit('/').nth(1).unwrap().to_owned());
    for below in ["/transfer/upload", "/transfer/download"] {
        for rest in [
            "/../../users",
            "/%2e%2e/%2e%2e/users",
            "/..%2f..%2fusers/x/y",
            "/x/../records.sqlite",
            "//etc/passwd",
            "/%00/%00/%00",
            "/%ff/%ff/%ff",
        ] {
            for method in [Method::GET, Method::HEAD, Method::PUT] {
                let reply = target.send(method.clone(), &format!("{base}{below}{rest}")).await;
                let status = reply.status();
                assert!(
                    [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&status),
                    "{method} {below}{rest}: {reply:?}"
                );
            }
        }
    }
    assert_eq!(target.n_blobs(), 0);
    // The name in an address is for people: another one changes nothing, and names no other file.
    let renamed = format!("{base}/transfer/upload/{}/{secret}/..%2f..%2fusers", target.session);
    let reply = target.send(Method::PUT, &renamed).await;
    assert!(reply.body().contains(r#""name":"disk.vmdk""#), "{reply:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_of_another_or_an_ended_session_takes_no_bytes() {
    let target = Target::new().await;
    let item = target.listening.served.item(&target.library, "another").await.to_string();
    let (other, other_uri) = announce(&target.ann, &item).await;
    let foreign = target.uri.replace(&target.session, &other);
    assert_eq!(target.send(Method::PUT, &foreign).await.status(), StatusCode::NOT_FOUND);
    let sessions = target.ann.update_session();
    sessions.cancel(other.as_str()).await.unwrap();
    assert_eq!(target.send(Method::PUT, &other_uri).await.status(), StatusCode::CONFLICT);
    sessions.delete(other.as_str()).await.unwrap();
    assert_eq!(target.send(Method::PUT, &other_uri).await.status(), StatusCode::NOT_FOUND);
    let guessed = target.uri.replace(target.uri.rsplit('/').nth(1).unwrap(), &"0".repeat(32));
    assert_eq!(target.send(Method::PUT, &guessed).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(target.n_blobs(), 0);
    // The one that is good still is.
    assert_eq!(target.send(Method::PUT, &target.uri).await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_of_others_cannot_be_told_from_none() {
    let target = Target::new().await;
    let (ann, id) = (&target.ann, target.session.as_str());
    let download = DownloadSessionModel::for_create(target.item.as_str());
    let download = ann.download_session().create(download).await.unwrap();
    for surface in Surface::ALL {
        let bob = target.listening.served.client("bob", surface);
        let (sessions, files) = (bob.update_session(), bob.update_session_file());
        assert_eq!(sessions.list().await.unwrap(), []);
        check_refused(sessions.get(id).await, "not_found", &[]);
        let [theirs, none] = [id, "none"].map(|id| sessions.get(id));
        let [theirs, none] = [theirs.await, none.await].map(|refused| format!("{refused:?}"));
        assert_eq!(theirs.replace(id, "none"), none);
        check_refused(sessions.keep_alive(id).await, "not_found", &[]);
        check_refused(sessions.complete(id).await, "not_found", &[]);
        check_refused(sessions.fail(id, "because").await, "not_found", &[]);
        check_refused(sessions.cancel(id).await, "not_found", &[]);
        check_refused(sessions.delete(id).await, "not_found", &[]);
        check_refused(files.list(id).await, "not_found", &[]);
        check_refused(files.get(id, "disk.vmdk").await, "not_found", &[]);
        check_refused(files.add(id, push("mine")).await, "not_found", &[]);
        check_refused(files.remove(id, "disk.vmdk").await, "not_found", &[]);
        check_refused(files.validate(id).await, "not_found", &[]);
        check_refused(bob.download_session().get(&download).await, "not_found", &[]);
        check_refused(bob.download_session().cancel(&download).await, "not_found", &[]);
        check_refused(bob.download_session_file().list(&download).await, "not_found", &[]);
    }
    assert_eq!(target.send(Method::PUT, &target.uri).await.status(), StatusCode::OK);
    ann.update_session().complete(id).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_is_no_page_and_its_name_in_no_header() {
    let target = Target::new().await;
    let odd = "a\"; filename=b.exe é.html";
    let added = target.ann.update_session_file().add(target.session.as_str(), push(odd)).await.unwrap();
    let uri = added.upload_endpoint.unwrap().uri.to_string();
    for uri in [&target.uri, &uri] {
        assert_eq!(target.send(Method::PUT, uri).await.status(), StatusCode::OK);
    }
    target.ann.update_session().complete(target.session.as_str()).await.unwrap();
    let downloads = target.ann.download_session();
    let id = downloads.create(DownloadSessionModel::for_create(target.item.as_str())).await.unwrap();
    let files = target.ann.download_session_file();
    let mut info = files.prepare(&id, odd).await.unwrap();
    while info.download_endpoint.is_none() {
        info = files.get(&id, odd).await.unwrap();
    }
    let reply = target.send(Method::GET, &info.download_endpoint.unwrap().uri.to_string()).await;
    let headers = reply.headers();
    assert_eq!((reply.status(), reply.body().as_str()), (StatusCode::OK, "bytes"));
    assert_eq!(
        (&headers["content-disposition"], &headers["x-content-type-options"]),
        (&"attachment".parse().unwrap(), &"nosniff".parse().unwrap())
    );
    assert_eq!(headers["content-type"], "application/octet-stream");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_too_many_bytes_is_refused() {
    let target = Target::new().await;
    let spec = push(&"x".repeat(1 << 20));
    // The surface of 2014 has this call in the request line, which is too long for the client already.
    for surface in Surface::ALL.into_iter().filter(|surface| !matches!(surface, Surface::Rest2014(_))) {
        let ann = target.listening.served.client("ann", surface);
        let refused = ann.update_session_file().add(target.session.as_str(), spec.clone()).await;
        let text = format!("{refused:?}");
        assert!(
            text.contains("over the limit of 1048576 bytes"),
            "{surface:?}: {}",
            &text[..text.len().min(900)]
        );
    }
    // Whoever has no login is told that first.
    let login = format!("{}/api/session", target.listening.url);
    let reply = target.listening.send(Request::post(login).body(vec![b' '; 1 << 21]).unwrap()).await;
    assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "{reply:?}");
}
