//! Uploads that do not come to their end: each leaves a session that says why, and no item that is empty.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use contentlib_client::{Cause, Checksum, DownloadOptions, Event, Progress, Source, Target, UploadOptions};
use tokio::sync::Notify;
use vapi::content::library::ItemModel;
use vapi::content::library::item::file::ChecksumAlgorithm;
use vapi::content::library::item::{DownloadSessionModelState, UpdateSessionModelState};
use vapi::runtime::client::{BoxFuture, Http, Transport, TransportError};

use crate::bytes;
use crate::proxy::Cut;
use crate::served::{Folder, Served, direct, impatient, options};

/// A file whose checksum is said to be another one.
fn wrong(served: &Served) -> Vec<Source> {
    let zeros = Checksum::new(ChecksumAlgorithm::Sha256, "0".repeat(64));
    vec![served.folder.source("disk.vmdk", b"bytes").checksum(zeros)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_fail_the_session_with_the_servers_words() {
    let served = Served::new(&[]).await;
    let error = served.transfers.upload(served.new_item(), wrong(&served), &options()).await.unwrap_err();
    assert_eq!(error.file.as_deref(), Some("disk.vmdk"));
    assert!(matches!(&error.cause, Cause::Refused { status, .. } if *status == 400), "{error}");
    served.check_failed_with(&["disk.vmdk", "400"]).await;
    assert_eq!(served.items().await, [], "no empty item is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_item_stays_only_if_that_is_asked_for() {
    let served = Served::new(&[]).await;
    let options = UploadOptions { keeps_empty_item: true, ..options() };
    served.transfers.upload(served.new_item(), wrong(&served), &options).await.unwrap_err();
    assert_eq!(served.items().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_was_there_stays() {
    let served = Served::new(&[]).await;
    let item = ItemModel::for_create(served.library.clone(), "disk");
    let item = served.client.item().create(item).await.unwrap();
    let target = Target::Item(item.clone());
    served.transfers.upload(target, wrong(&served), &options()).await.unwrap_err();
    served.check_failed_with(&["disk.vmdk"]).await;
    assert_eq!(served.items().await, [item]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_fails_ends_those_beside_it() {
    let served = Served::new(&[Cut::Stall(1 << 20)]).await;
    let mut sources = vec![served.folder.source("stalls.bin", &bytes())];
    sources.extend(wrong(&served));
    let error = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap_err();
    assert_eq!(error.file.as_deref(), Some("disk.vmdk"));
    served.check_failed_with(&["disk.vmdk"]).await;
    assert_eq!(served.items().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_dropped_fails_its_session() {
    let served = Served::new(&[Cut::Stall(1 << 20)]).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let moved = Arc::new(Notify::new());
    let notify = Arc::clone(&moved);
    let progress = Progress::new(move |event| {
        if matches!(event, Event::Moved { .. }) {
            notify.notify_one();
        }
    });
    let options = UploadOptions { progress, ..options() };
    tokio::select! {
        ended = served.transfers.upload(served.new_item(), sources, &options) => panic!("{ended:?}"),
        () = moved.notified() => {}
    }
    served.transfers.settled().await;
    assert_eq!(served.items().await, [], "no empty item is left");
    served.check_failed_with(&["gave the upload up"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_that_is_dropped_fails_its_session_and_leaves_no_file() {
    let served = Served::new(&[]).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let folder = Folder::new();
    let options = DownloadOptions { patience: impatient(), ..DownloadOptions::default() };
    served.proxy.hold_replies();
    tokio::select! {
        ended = served.transfers.download(uploaded.item, folder.path(), &options) => panic!("{ended:?}"),
        () = served.proxy.stalled() => {}
    }
    served.transfers.settled().await;
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let session = served.client.download_session().list().await.unwrap().remove(0);
    let session = served.client.download_session().get(session).await.unwrap();
    assert_eq!(session.state, Some(DownloadSessionModelState::Error));
    assert!(session.error_message.unwrap().default_message.contains("gave the download up"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_begins_nothing() {
    let served = Served::new(&[]).await;
    for absent in ["absent", ""] {
        let sources = vec![Source::new("disk.vmdk", served.folder.path().join(absent))];
        let error = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap_err();
        assert!(matches!(error.cause, Cause::Local(_)), "{error}");
        assert_eq!(served.items().await, []);
        assert_eq!(served.client.update_session().list().await.unwrap(), []);
    }
}

/// Carries calls, but one of them hangs for ever.
struct Hanging {
    http: Http,
    n_calls: AtomicUsize,
    at: usize,
    /// Whether the server hears of it.
    is_heard: bool,
    hangs: Arc<Notify>,
}

impl Transport for Hanging {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let hangs = self.n_calls.fetch_add(1, Ordering::Relaxed) == self.at;
        Box::pin(async move {
            if hangs && !self.is_heard {
                self.hangs.notify_one();
                std::future::pending::<()>().await;
            }
            let reply = self.http.send(request).await;
            if hangs {
                self.hangs.notify_one();
                std::future::pending::<()>().await;
            }
            reply
        })
    }
}

/// Drops an upload at this call; whether it came so far.
async fn drop_at(served: &Served, at: usize, is_heard: bool) -> bool {
    let hangs = Arc::new(Notify::new());
    let http = Http::with_options(direct());
    let n_calls = AtomicUsize::new(0);
    let transfers = served.transfers_over(Hanging { http, n_calls, at, is_heard, hangs: Arc::clone(&hangs) });
    let sources = vec![served.folder.source("disk.bin", b"bytes")];
    let options = options();
    let is_dropped = tokio::select! {
        ended = transfers.upload(served.new_item(), sources, &options) => {
            ended.unwrap();
            false
        }
        () = hangs.notified() => true,
    };
    transfers.settled().await;
    is_dropped
}

/// Looks that each session is over, and that there are the items of those that are done and no others; and clears them away.
async fn check_all_or_nothing(served: &Served, at: usize) {
    let (sessions, mut n_done) = (served.client.update_session(), 0);
    for session in sessions.list().await.unwrap() {
        let state = sessions.get(session.clone()).await.unwrap().state.unwrap();
        n_done += usize::from(state == UpdateSessionModelState::Done);
        let is_over = [UpdateSessionModelState::Done, UpdateSessionModelState::Error].contains(&state);
        assert!(is_over, "call {at} leaves a session {state}");
        sessions.delete(session).await.unwrap();
    }
    let items = served.items().await;
    assert_eq!(items.len(), n_done, "call {at} leaves an item");
    for item in items {
        assert_eq!(served.client.file().list(item.clone()).await.unwrap().len(), 1, "call {at}");
        served.client.item().delete(item).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_call_an_upload_is_dropped_at_all_or_nothing_is_left() {
    let served = Served::new(&[]).await;
    for is_heard in [false, true] {
        let mut at = 0;
        while drop_at(&served, at, is_heard).await {
            check_all_or_nothing(&served, at).await;
            at += 1;
        }
        check_all_or_nothing(&served, at).await;
        assert!(at > 8, "only {at} calls");
    }
}
