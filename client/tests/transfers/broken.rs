//! Connections that break, and that stall.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use contentlib_client::{Cause, Checksums, DownloadOptions, Event, Progress, UploadOptions};
use contentlibd::domain::Caller;
use contentlibd::domain::transfer::{FileRef, LocateUpload};

use crate::proxy::Cut;
use crate::served::{Folder, Served, impatient, options};
use crate::told::Told;
use crate::{N_BYTES, bytes};

/// Tells `told`, and holds the transfer after each break until the server has seen it and kept some bytes: until then it has
/// nothing to go on from.
pub(crate) fn once_the_break_is_seen(served: &Served, told: &Told) -> Progress {
    let (app, told, session) = (Arc::clone(&served.app), told.clone(), Mutex::new(String::new()));
    Progress::new(move |event| {
        match &event {
            Event::Session { id } => session.lock().unwrap().clone_from(id),
            Event::Again { file, .. } => tokio::task::block_in_place(|| {
                let session = session.lock().unwrap().as_str().into();
                let question = LocateUpload { session, file: FileRef::Name(file.clone()) };
                while app.ledger.ask(Caller::Server, app.now(), &question).unwrap().durable == 0 {
                    std::thread::yield_now();
                }
            }),
            _ => {}
        }
        told.add(event);
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_where_it_broke_off() {
    let served = Served::new(&[Cut::Up(N_BYTES as u64 / 2)]).await;
    let told = Told::default();
    let options = UploadOptions { progress: once_the_break_is_seen(&served, &told), ..options() };
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let uploaded = served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
    let offsets = told.offsets();
    assert_eq!((offsets.len(), offsets[0]), (2, 0), "{offsets:?}");
    assert!(offsets[1] > 0, "{offsets:?}");
    let files = served.client.file().list(uploaded.item).await.unwrap();
    assert_eq!(files[0].size, N_BYTES as i64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_broke_off_is_read_once_if_it_is_hashed_while_it_is_sent() {
    let served = Served::new(&[Cut::Up(N_BYTES as u64 / 2)]).await;
    let told = Told::default();
    let progress = once_the_break_is_seen(&served, &told);
    let options = UploadOptions { progress, checksums: Checksums::Meanwhile, ..options() };
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
    assert_eq!(told.offsets().len(), 2);
    assert!(!told.all().iter().any(|event| matches!(event, Event::Read { .. })), "{:?}", told.all());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_goes_on_where_it_broke_off() {
    // The upload's connection may be kept for the download, or not.
    let served = Served::new(&[Cut::Down(N_BYTES as u64 / 2); 2]).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let (elsewhere, told) = (Folder::new(), Told::default());
    let options = DownloadOptions { progress: told.progress(), patience: impatient(), ..Default::default() };
    let fetched = served.transfers.download(uploaded.item, elsewhere.path(), &options).await.unwrap();
    assert_eq!(fs::read(&fetched[0].path).unwrap(), bytes());
    assert!(fetched[0].is_checked);
    let offsets = told.offsets();
    assert!(offsets.len() >= 2 && offsets[1] > 0, "{offsets:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wherever_an_upload_or_a_download_is_cut_it_ends_whole() {
    let bytes = &bytes()[..1 << 20];
    for tenth in 0..=10 {
        let n_bytes = bytes.len() as u64 * tenth / 10;
        // The second connection is that of the upload's other tries and of the download.
        let served = Served::new(&[Cut::Up(n_bytes), Cut::Down(n_bytes)]).await;
        let sources = vec![served.folder.source("disk.vmdk", bytes)];
        let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
        let elsewhere = Folder::new();
        let options = DownloadOptions { patience: impatient(), ..Default::default() };
        let fetched = served.transfers.download(uploaded.item, elsewhere.path(), &options).await.unwrap();
        assert!(fs::read(&fetched[0].path).unwrap() == bytes, "{tenth} tenths");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_always_breaks_ends_the_upload() {
    let served = Served::new(&[Cut::Up(0); 12]).await;
    let sources = vec![served.folder.source("disk.vmdk", b"bytes")];
    let error = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Transport(_)), "{error}");
    served.check_failed_with(&["disk.vmdk", "no reply"]).await;
    assert_eq!(served.items().await, []);
}

/// As long as this is there, time does not pass by itself: tokio lets none pass while a thread of its is busy.
struct Stopped {
    _held: std::sync::mpsc::Sender<()>,
}

impl Stopped {
    fn now() -> Stopped {
        tokio::time::pause();
        let (held, waits) = std::sync::mpsc::channel();
        tokio::task::spawn_blocking(move || waits.recv());
        Stopped { _held: held }
    }
}

#[tokio::test]
async fn a_server_that_takes_nothing_more_is_not_waited_for_without_end() {
    let served = Served::new(&[Cut::Stall(1 << 20); 12]).await;
    let sources = vec![served.folder.source("disk.vmdk", &bytes())];
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let progress = Progress::new(move |event| {
        if matches!(event, Event::Again { .. }) {
            over.store(true, Ordering::Relaxed);
        }
    });
    let options = UploadOptions { progress, ..options() };
    let transfers = served.transfers_without_limits();
    let _stopped = Stopped::now();
    let time_passes = async {
        loop {
            // Only where it stalls, so that nothing else can take too long.
            served.proxy.stalled().await;
            while !is_over.swap(false, Ordering::Relaxed) {
                tokio::time::advance(options.patience.idle_max).await;
            }
        }
    };
    let error = tokio::select! {
        ended = transfers.upload(served.new_item(), sources, &options) => ended.unwrap_err(),
        () = time_passes => unreachable!("it has no end"),
    };
    assert!(matches!(error.cause, Cause::TookTooLong { .. }), "{error}");
    served.check_failed_with(&["waited", "more bytes"]).await;
}
