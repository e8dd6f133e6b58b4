//! Files of source PULL, from a call to the item: what comes, what goes wrong on the way, and what is left then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contentlibd::outbound::OutboundSettings;
use contentlibd::settings::Settings;
use tokio::sync::Semaphore;
use vapi::content::library::item::file::ChecksumInfo;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{TransferEndpoint, TransferStatus, UpdateSessionModelState};
use vapi::runtime::Surface;

use crate::origin::{Asked, Identity, Origin, Reply, ranged, raw, redirect, whole};
use crate::session::{Session, pull, settings};
use crate::tar;

const BYTES: &[u8] = b"hello, library";
const DESCRIPTOR: &str = r#"<?xml version="1.0"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
<References><File ovf:id="f1" ovf:href="disk 1.vmdk" ovf:size="4"/><File ovf:id="f2" ovf:href="vm.nvram"/></References>
</Envelope>"#;

type Answer = fn(&Asked) -> Reply;

/// Answers one after the other, the last of them from then on.
fn in_turn(answers: Vec<Answer>) -> impl Fn(&Asked) -> Reply {
    let n_asked = AtomicUsize::new(0);
    move |asked| {
        let answer_idx = n_asked.fetch_add(1, Ordering::Relaxed).min(answers.len() - 1);
        answers[answer_idx](asked)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_fetched_and_shows_in_the_item() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/images/a.iso?token=1" => redirect("/b"),
        _ => whole(BYTES),
    })
    .await;
    let session = Session::new("", settings()).await;
    let uri = origin.url("/images/a.iso?token=1");
    let added = session.add(pull("a.iso", &uri).size(14)).await;
    assert_eq!(added.source_type, SourceType::Pull);
    assert_eq!(added.source_endpoint.unwrap().uri.as_str(), uri);
    assert!(added.upload_endpoint.is_none());
    let file = session.settled("a.iso").await;
    assert_eq!((file.status, file.size, file.bytes_transferred), (TransferStatus::Ready, Some(14), 14));
    assert!(session.content().is_empty(), "nothing shows before the end");
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a.iso"], BYTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_completed_early_is_done_with_the_last_byte() {
    let gate = Arc::new(Semaphore::new(0));
    let of_origin = Arc::clone(&gate);
    let head = raw(&["HTTP/1.1 200 OK", "content-length: 14"], &BYTES[..5]);
    let origin =
        Origin::plain(move |_| Reply::Gated(head.clone(), Arc::clone(&of_origin), BYTES[5..].to_vec())).await;
    let session = Session::new("", settings()).await;
    session.add(pull("a.iso", &origin.url("/"))).await;
    let file = session.file_when("a.iso", |file| file.bytes_transferred == 5).await;
    assert_eq!(file.status, TransferStatus::Transferring);
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    assert_eq!(session.state().await, UpdateSessionModelState::Active);
    gate.add_permits(1);
    assert_eq!(session.ended().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a.iso"], BYTES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_as_announced_or_not_there_is_in_error_with_the_reason() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/a" => whole(BYTES),
        _ => Reply::Raw(raw(&["HTTP/1.1 404 Not Found", "content-length: 4"], b"page")),
    })
    .await;
    let session = Session::new("", settings()).await;
    let (here, gone) = (origin.url("/a"), origin.url("/gone?token=secret"));
    let text =
        session.check_failed(pull("a", &gone), &["404 Not Found", &origin.url("/gone"), "correct"]).await;
    assert!(!text.contains("secret"), "{text}");
    let refused = session.client.update_session().complete(session.id.as_str()).await.unwrap_err();
    assert!(format!("{refused:?}").contains("404 Not Found"), "{refused:?}");
    session.check_failed(pull("a", &here).size(13), &["more than 13 bytes"]).await;
    session.check_failed(pull("a", &here).size(15), &["15 bytes", "14 arrived"]).await;
    session.check_failed(pull("a", &here).checksum_info(ChecksumInfo::new("0".repeat(40))), &["SHA1"]).await;
    session.check_failed(pull("a", "http:///x"), &["give an http or https address"]).await;
    session.only_blobs(0).await;
    // The name can be used again.
    assert_eq!(session.fetch(pull("a", &here)).await.status, TransferStatus::Ready);
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);

    // Nobody is there to mend what goes wrong after the end was asked for.
    let gate = Arc::new(Semaphore::new(0));
    let of_origin = Arc::clone(&gate);
    let head = raw(&["HTTP/1.1 200 OK", "content-length: 15"], BYTES);
    let origin = Origin::plain(move |_| Reply::Gated(head.clone(), Arc::clone(&of_origin), Vec::new())).await;
    let session = Session::new("", settings()).await;
    session.add(pull("a", &origin.url("/"))).await;
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    gate.add_permits(10);
    assert_eq!(session.ended().await, UpdateSessionModelState::Error);
    let ended = session.client.update_session().get(session.id.as_str()).await.unwrap();
    let words = ended.error_message.unwrap().default_message;
    assert!(words.contains("cut off at 14 of 15 bytes") && words.contains("tried 3 times"), "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_off_goes_on_where_it_was() {
    let origin = Origin::plain(in_turn(vec![
        |asked| ranged(asked, "\"1\"", BYTES, Some(3)),
        |_| Reply::Raw(raw(&["HTTP/1.1 503 Busy"], b"")),
        |asked| ranged(asked, "\"1\"", BYTES, Some(8)),
        |asked| ranged(asked, "\"1\"", BYTES, None),
    ]))
    .await;
    let mut settings = settings();
    settings.pull.tries_max = 10;
    let session = Session::new("", settings).await;
    assert_eq!(session.fetch(pull("a", &origin.url("/"))).await.status, TransferStatus::Ready);
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a"], BYTES);
    let asked: Vec<_> = origin.asked().iter().map(|asked| asked.header("range").map(str::to_owned)).collect();
    assert_eq!(
        asked,
        [None, Some("bytes=3-".to_owned()), Some("bytes=3-".to_owned()), Some("bytes=8-".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_another_file_meanwhile_begins_anew() {
    const OTHER: &[u8] = b"HELLO, OTHER ONE";
    let without_tag = |body: &[u8], n_bytes: usize| {
        Reply::Raw(raw(&["HTTP/1.1 200 OK", &format!("content-length: {}", body.len())], &body[..n_bytes]))
    };
    let checked: Vec<Vec<Answer>> = vec![
        // The tag is another one: the condition is not met, and the whole comes.
        vec![|asked| ranged(asked, "\"1\"", BYTES, Some(6)), |asked| ranged(asked, "\"2\"", OTHER, None)],
        // A server that does not look at the condition.
        vec![
            |asked| ranged(asked, "\"1\"", BYTES, Some(6)),
            |_| {
                let lines = ["HTTP/1.1 206 Partial Content", "etag: \"2\"", "content-range: bytes 6-15/16"];
                Reply::Raw(raw(&lines, &OTHER[6..]))
            },
            |asked| ranged(asked, "\"2\"", OTHER, None),
        ],
        // A server that knows no ranges.
        vec![|asked| ranged(asked, "\"1\"", BYTES, Some(6)), |_| whole(OTHER)],
    ];
    for answers in checked {
        let origin = Origin::plain(in_turn(answers)).await;
        let session = Session::new("", settings()).await;
        assert_eq!(session.fetch(pull("a", &origin.url("/"))).await.status, TransferStatus::Ready);
        assert_eq!(session.complete().await, UpdateSessionModelState::Done);
        assert_eq!(session.content()["a"], OTHER);
        assert_eq!(origin.asked().len(), 3);
        session.only_blobs(1).await;
    }
    // Nothing says which file it is, so nothing is put together.
    let n_asked = AtomicUsize::new(0);
    let origin = Origin::plain(move |_| match n_asked.fetch_add(1, Ordering::Relaxed) {
        0 => without_tag(BYTES, 6),
        _ => without_tag(OTHER, OTHER.len()),
    })
    .await;
    let session = Session::new("", settings()).await;
    session.fetch(pull("a", &origin.url("/"))).await;
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a"], OTHER);
    assert_eq!(origin.asked()[1].header("range"), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_gets_well_is_given_up() {
    let origin = Origin::plain(|_| Reply::Raw(raw(&["HTTP/1.1 503 Busy"], b""))).await;
    let session = Session::new("", settings()).await;
    let words = ["503 Service Unavailable", "tried 3 times"];
    session.check_failed(pull("a", &origin.url("/")), &words).await;
    assert_eq!(origin.asked().len(), 3);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    session.check_failed(pull("a", &url), &["refused", "tried 3 times"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_ends_the_session_ends_the_fetching() {
    let origin =
        Origin::plain(|_| Reply::Hanging(raw(&["HTTP/1.1 200 OK", "content-length: 14"], &BYTES[..5]))).await;
    for how in ["cancel", "fail", "remove", "replace"] {
        let session = Session::new("", settings()).await;
        session.add(pull("a", &origin.url("/"))).await;
        session.file_when("a", |file| file.bytes_transferred == 5).await;
        let (sessions, files) = (session.client.update_session(), session.client.update_session_file());
        let id = session.id.as_str();
        match how {
            "cancel" => sessions.cancel(id).await.unwrap(),
            "fail" => sessions.fail(id, "enough").await.unwrap(),
            "remove" => files.remove(id, "a").await.unwrap(),
            _ => drop(files.add(id, AddSpec::new("a", SourceType::Push)).await.unwrap()),
        }
        session.only_blobs(0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_keeps_its_session_alive_and_comes_in_its_turn() {
    let gate = Arc::new(Semaphore::new(0));
    let of_origin = Arc::clone(&gate);
    let head = raw(&["HTTP/1.1 200 OK", "content-length: 14"], &BYTES[..5]);
    let origin =
        Origin::plain(move |_| Reply::Gated(head.clone(), Arc::clone(&of_origin), BYTES[5..].to_vec())).await;
    let mut settings = settings();
    settings.pull.concurrent_max = 1;
    let session = Session::new("", settings).await;
    for name in ["a", "b"] {
        session.add(pull(name, &origin.url("/"))).await;
    }
    session.file_when("b", |file| file.status == TransferStatus::Transferring).await;
    while origin.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    let sessions = session.client.update_session();
    for _ in 0..4 {
        let before = sessions.get(session.id.as_str()).await.unwrap().expiration_time;
        // Nothing comes, and three minutes of it are less than a session lives.
        session.listening.served.clock.pass_ms(180_000);
        while sessions.get(session.id.as_str()).await.unwrap().expiration_time == before {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(origin.asked().len(), 1);
    gate.add_permits(2);
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);
    assert_eq!(origin.asked().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_under_way_is_taken_up_after_a_restart() {
    let origin = Origin::plain(in_turn(vec![
        |_| Reply::Hanging(raw(&["HTTP/1.1 200 OK", "content-length: 14"], &BYTES[..5])),
        |asked| ranged(asked, "\"1\"", BYTES, None),
    ]))
    .await;
    let session = Session::new("", settings()).await;
    session.add(pull("a", &origin.url("/"))).await;
    session.file_when("a", |file| file.bytes_transferred == 5).await;
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    let session = session.again().await;
    assert_eq!(session.ended().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a"], BYTES);
    session.only_blobs(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_descriptor_has_what_is_beside_it_fetched() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/vm/vm.ovf?x" => whole(DESCRIPTOR.as_bytes()),
        "/vm/disk%201.vmdk" => whole(b"disk"),
        "/vm/vm.nvram" => whole(b"n"),
        _ => Reply::Raw(raw(&["HTTP/1.1 404 Not Found"], b"")),
    })
    .await;
    let session = Session::new("ovf", settings()).await;
    session.add(pull("vm.ovf", &origin.url("/vm/vm.ovf?x"))).await;
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    assert_eq!(session.ended().await, UpdateSessionModelState::Done);
    let content = session.content();
    assert_eq!(content.keys().collect::<Vec<_>>(), ["disk 1.vmdk", "vm.nvram", "vm.ovf"]);
    assert_eq!(content["disk 1.vmdk"], b"disk");

    let session = Session::new("ovf", settings()).await;
    let descriptor = whole_of("/other/vm.ovf", DESCRIPTOR.as_bytes());
    let origin = Origin::plain(descriptor).await;
    session.add(pull("vm.ovf", &origin.url("/other/vm.ovf"))).await;
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    assert_eq!(session.ended().await, UpdateSessionModelState::Error);
}

/// One file, and nothing beside it.
fn whole_of(path: &'static str, bytes: &'static [u8]) -> impl Fn(&Asked) -> Reply {
    move |asked| match asked.path() == path {
        true => whole(bytes),
        false => Reply::Raw(raw(&["HTTP/1.1 404 Not Found"], b"")),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_is_taken_apart_while_it_is_fetched() {
    let archive = tar::archive(&[
        tar::file("vm.ovf", DESCRIPTOR.as_bytes()),
        tar::file("disk 1.vmdk", b"disk"),
        tar::file("vm.nvram", b"n"),
    ]);
    let n_asked = AtomicUsize::new(0);
    let origin = Origin::plain(move |asked| {
        let cut_at = (n_asked.fetch_add(1, Ordering::Relaxed) == 0).then_some(1_700);
        ranged(asked, "\"1\"", &archive, cut_at)
    })
    .await;
    let session = Session::new("ovf", settings()).await;
    session.add(pull("vm.ova", &origin.url("/vm.ova"))).await;
    session.client.update_session().complete(session.id.as_str()).await.unwrap();
    assert_eq!(session.ended().await, UpdateSessionModelState::Done);
    assert_eq!(session.content().keys().collect::<Vec<_>>(), ["disk 1.vmdk", "vm.nvram", "vm.ovf"]);
    assert_eq!(origin.asked()[1].header("range"), Some("bytes=1700-"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_that_cannot_be_taken_apart_is_in_error() {
    let archive = tar::archive(&[tar::file("vm.ovf", DESCRIPTOR.as_bytes()), tar::file("a", b"a")]);
    let (whole_one, cut) = (archive.clone(), archive[..700].to_vec());
    let origin = Origin::plain(move |asked| match asked.path() {
        "/cut.ova" => whole(&cut),
        _ => whole(&whole_one),
    })
    .await;
    let mut settings = settings();
    settings.limits.session_files_max = 2;
    let session = Session::new("ovf", settings).await;
    for (path, words) in [("/cut.ova", "cut off"), ("/vm.ova", "2 files")] {
        session.check_failed(pull("vm.ova", &origin.url(path)), &[words]).await;
        session.only_blobs(0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_trusted_by_its_thumbprint_or_its_certificate() {
    let (identity, other) = (Identity::new(&["127.0.0.1"]), Identity::new(&["127.0.0.1"]));
    let origin = Origin::tls(&identity, |_| whole(BYTES)).await;
    let session = Session::new("", settings()).await;
    let endpoint = || TransferEndpoint::new(origin.url("/"));
    let spec = |endpoint: TransferEndpoint| AddSpec::new("a", SourceType::Pull).source_endpoint(endpoint);
    let shown = identity.sha256().to_string();
    session.check_failed(spec(endpoint()), &["not trusted", &shown, "ssl_certificate_thumbprint"]).await;
    let wrong = endpoint().ssl_certificate_thumbprint(other.sha1().to_string());
    session.check_failed(spec(wrong), &["not the pinned one", &shown]).await;
    session.check_failed(spec(endpoint().ssl_certificate(other.pem.as_str())), &["not the pinned one"]).await;
    session.check_failed(spec(endpoint().ssl_certificate_thumbprint("12:34")), &["not the thumbprint"]).await;
    assert_eq!(origin.asked().len(), 0);
    for endpoint in [
        endpoint().ssl_certificate_thumbprint(identity.sha1().to_string()),
        endpoint().ssl_certificate_thumbprint(shown.as_str()),
        endpoint().ssl_certificate(identity.pem.as_str()),
    ] {
        assert_eq!(session.fetch(spec(endpoint)).await.status, TransferStatus::Ready);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_reaches_through_the_server_what_only_it_can_reach() {
    let inside = Origin::plain(|_| whole(BYTES)).await;
    let session = Session::new("", Settings { outbound: OutboundSettings::default(), ..settings() }).await;
    let port = inside.address.port();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1"]
    {
        let uri = format!("http://{host}:{port}/");
        session
            .check_failed(pull("a", &uri), &["from there nothing is fetched", "outbound.allowed_networks"])
            .await;
    }
    // By a redirect neither: this one may be reached, and what it points to may not.
    let metadata = Origin::plain(|_| redirect("http://169.254.169.254/latest/meta-data/")).await;
    let session = Session::new("", settings()).await;
    session.check_failed(pull("a", &metadata.url("/")), &["169.254.169.254, link-local"]).await;
    assert_eq!(inside.asked().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_the_server_come_from_folders_that_are_meant_for_it() {
    let scratch = crate::scratch::Scratch::new();
    let (root, secret) = (scratch.path().join("images"), scratch.path().join("secret"));
    std::fs::create_dir_all(root.join("sub")).unwrap();
    std::fs::create_dir(&secret).unwrap();
    std::fs::write(root.join("sub/a b.iso"), BYTES).unwrap();
    std::fs::write(secret.join("key"), "secret").unwrap();
    std::os::unix::fs::symlink(&secret, root.join("way")).unwrap();
    std::os::unix::fs::symlink(secret.join("key"), root.join("link")).unwrap();
    let uri = |path: &str| format!("file://{}/{path}", root.display());

    let mut with_root = settings();
    with_root.pull.file_roots = vec![root.clone()];
    let session = Session::new("", with_root).await;
    let file = session.fetch(pull("a", &uri("sub/a%20b.iso")).size(14)).await;
    assert_eq!((file.status, file.size), (TransferStatus::Ready, Some(14)));
    for (path, words) in [
        ("link", "symbolic link"),
        ("way/key", "symbolic link"),
        ("../secret/key", "not a plain one"),
        ("%2e%2e/secret/key", "not a plain one"),
        ("sub", "is no file"),
        ("gone", "is not there"),
        ("", "in no folder that this server reads"),
    ] {
        session.check_failed(pull("b", &uri(path)), &[words]).await;
    }
    let key = format!("file://{}", secret.join("key").display());
    let text = session.check_failed(pull("b", &key), &["in no folder", "pull.file_roots"]).await;
    assert_eq!(
        text,
        session.check_failed(pull("b", &key.replace("key", "kez")), &[]).await.replace("kez", "key")
    );
    session.check_failed(pull("b", &uri("sub/a%20b.iso")).size(13), &["more than 13 bytes"]).await;
    session.client.update_session_file().remove(session.id.as_str(), "b").await.unwrap();
    assert_eq!(session.complete().await, UpdateSessionModelState::Done);
    assert_eq!(session.content()["a"], BYTES);

    // Without being told so, the server reads none, and only administrators may ask.
    let session = Session::new("", settings()).await;
    session.check_failed(pull("a", &uri("sub/a%20b.iso")), &["no files of its own", "PUSH"]).await;
    let of_ann = session.listening.served.client("ann", Surface::Rest);
    let library = session.listening.served.library().await;
    let item = session.listening.served.item(&library, "other").await;
    let model = vapi::content::library::item::UpdateSessionModel::for_create(item.as_str());
    let id = of_ann.update_session().create(model).await.unwrap();
    let added = of_ann.update_session_file().add(id.as_str(), pull("a", &uri("sub/a%20b.iso"))).await;
    crate::served::check_refused(added, "unauthorized", &[]);
    let of_root = session.client.update_session_file();
    let added = of_root.add(session.id.as_str(), pull("a", "ds:///vmfs/volumes/1/a.iso")).await;
    crate::served::check_refused(added, "invalid_argument", &["ds:"]);
}
