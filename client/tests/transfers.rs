//! Transfers against the server, over real sockets: whole, cut off, wrong, and given up.
#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

#[path = "transfers/proxy.rs"]
mod proxy;
#[path = "transfers/served.rs"]
mod served;

use std::fs;
use std::sync::{Arc, Mutex};

use contentlib_client::{
    Cause, DownloadOptions, Event, Patience, Progress, Source, Target, TransferError, UploadOptions, Uploaded,
};
use contentlibd::domain::Caller;
use contentlibd::domain::transfer::{FileRef, LocateUpload};
use vapi::content::library::ItemModel;

use self::proxy::Cut;
use self::served::{Served, impatient};

/// Many chunks, and hashed quickly enough without optimisation.
const N_BYTES: usize = 3 << 20;

fn bytes() -> Vec<u8> {
    (0..N_BYTES).map(|idx| (idx * 7 + idx / 251) as u8).collect()
}

/// Collects what is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    fn progress(&self) -> Progress {
        let told = self.clone();
        Progress::new(move |event| told.add(event))
    }

    fn add(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }

    fn offsets(&self) -> Vec<u64> {
        let told = self.0.lock().unwrap();
        told.iter()
            .filter_map(|event| match event {
                Event::Begun { offset, .. } => Some(*offset),
                _ => None,
            })
            .collect()
    }
}

fn with(progress: Progress) -> UploadOptions {
    UploadOptions { progress, patience: impatient(), ..UploadOptions::default() }
}

async fn upload(served: &Served, sources: Vec<Source>) -> Result<Uploaded, TransferError> {
    served.transfers.upload(served.new_item(), sources, &with(Progress::default())).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_uploaded_can_be_downloaded() {
    let served = Served::new(&[]).await;
    let contents =
        [("a disk.vmdk", bytes()), ("Größe 文 100%.iso", b"some bytes".to_vec()), ("empty.bin", Vec::new())];
    let sources =
        contents.iter().map(|(name, bytes)| Source::at(served.folder.file(name, bytes)).unwrap()).collect();
    let uploaded = upload(&served, sources).await.unwrap();
    assert_eq!(uploaded.files.len(), 3);
    let elsewhere = served::Folder::new();
    let options = DownloadOptions { patience: impatient(), ..DownloadOptions::default() };
    let fetched = served.transfers.download(uploaded.item, elsewhere.path(), &options).await.unwrap();
    assert_eq!(fetched.len(), 3);
    for (name, bytes) in &contents {
        let file = fetched.iter().find(|file| file.name == *name).unwrap();
        assert!(file.is_checked);
        assert_eq!(fs::read(&file.path).unwrap(), *bytes, "{name}");
    }
    let left = fs::read_dir(elsewhere.path()).unwrap().count();
    assert_eq!(left, 3, "nothing under a temporary name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_where_it_broke_off() {
    let served = Served::new(&[Cut::Up(N_BYTES as u64 / 2)]).await;
    let (told, app) = (Told::default(), Arc::clone(&served.app));
    let (listening, session) = (told.clone(), Mutex::new(String::new()));
    let progress = Progress::new(move |event| {
        match &event {
            Event::Session { id } => session.lock().unwrap().clone_from(id),
            // Until the server has seen the break, it has nothing to go on from.
            Event::Again { file, .. } => tokio::task::block_in_place(|| {
                let session = session.lock().unwrap().as_str().into();
                let question = LocateUpload { session, file: FileRef::Name(file.clone()) };
                while app.ledger.ask(Caller::Server, app.now(), &question).unwrap().durable == 0 {
                    std::thread::yield_now();
                }
            }),
            _ => {}
        }
        listening.add(event);
    });
    let path = served.folder.file("disk.vmdk", &bytes());
    let sources = vec![Source::at(path).unwrap()];
    let uploaded = served.transfers.upload(served.new_item(), sources, &with(progress)).await.unwrap();
    let offsets = told.offsets();
    assert_eq!((offsets.len(), offsets[0]), (2, 0), "{offsets:?}");
    assert!(offsets[1] > 0, "{offsets:?}");
    let files = served.client.file().list(uploaded.item).await.unwrap();
    assert_eq!(files[0].size, N_BYTES as i64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_goes_on_where_it_broke_off() {
    // The first connection is the upload's, and is kept for what comes next.
    let served = Served::new(&[Cut::Down(N_BYTES as u64 / 2)]).await;
    let path = served.folder.file("disk.vmdk", &bytes());
    let uploaded = upload(&served, vec![Source::at(path).unwrap()]).await.unwrap();
    let (elsewhere, told) = (served::Folder::new(), Told::default());
    let options = DownloadOptions { patience: impatient(), progress: told.progress(), only: None };
    let fetched = served.transfers.download(uploaded.item, elsewhere.path(), &options).await.unwrap();
    assert_eq!(fs::read(&fetched[0].path).unwrap(), bytes());
    let offsets = told.offsets();
    assert!(offsets.len() == 2 && offsets[1] > 0, "{offsets:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_fail_the_session_with_the_servers_words() {
    let served = Served::new(&[]).await;
    let source = || Source::at(served.folder.file("disk.vmdk", b"bytes")).unwrap().sha256("0".repeat(64));
    let error = upload(&served, vec![source()]).await.unwrap_err();
    assert_eq!(error.file.as_deref(), Some("disk.vmdk"));
    assert!(matches!(&error.cause, Cause::Refused { status, .. } if *status == 400), "{error}");
    served.check_failed_with(&["disk.vmdk", "400"]).await;
    assert_eq!(served.items().await, [], "no empty item is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_that_was_there_stays() {
    let served = Served::new(&[]).await;
    let item = ItemModel::for_create(served.library.clone(), "disk");
    let item = served.client.item().create(item).await.unwrap();
    let source = Source::at(served.folder.file("disk.vmdk", b"bytes")).unwrap().sha256("0".repeat(64));
    let target = Target::Item(item.clone());
    served.transfers.upload(target, vec![source], &with(Progress::default())).await.unwrap_err();
    served.check_failed_with(&["disk.vmdk"]).await;
    assert_eq!(served.items().await, [item]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_always_breaks_ends_the_upload() {
    let served = Served::new(&[Cut::Up(0); 12]).await;
    let source = Source::at(served.folder.file("disk.vmdk", b"bytes")).unwrap();
    let error = upload(&served, vec![source]).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Transport(_)), "{error}");
    served.check_failed_with(&["disk.vmdk", "no reply"]).await;
    assert_eq!(served.items().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_takes_nothing_more_is_not_waited_for_without_end() {
    let served = Served::new(&[Cut::Stall(1 << 20); 12]).await;
    let source = Source::at(served.folder.file("disk.vmdk", &bytes())).unwrap();
    let patience = Patience { idle_max: std::time::Duration::from_millis(50), ..impatient() };
    let options = UploadOptions { patience, ..UploadOptions::default() };
    let error = served.transfers.upload(served.new_item(), vec![source], &options).await.unwrap_err();
    assert!(matches!(error.cause, Cause::TookTooLong { .. }), "{error}");
    served.check_failed_with(&["waited", "more bytes"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_is_dropped_fails_its_session() {
    let served = Served::new(&[Cut::Stall(1 << 20)]).await;
    let source = Source::at(served.folder.file("disk.vmdk", &bytes())).unwrap();
    let moved = Arc::new(tokio::sync::Notify::new());
    let notify = Arc::clone(&moved);
    let options = with(Progress::new(move |event| {
        if matches!(event, Event::Moved { .. }) {
            notify.notify_one();
        }
    }));
    tokio::select! {
        ended = served.transfers.upload(served.new_item(), vec![source], &options) => panic!("{ended:?}"),
        () = moved.notified() => {}
    }
    served.transfers.settled().await;
    assert_eq!(served.items().await, [], "no empty item is left");
    served.check_failed_with(&["gave the upload up"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_begins_nothing() {
    let served = Served::new(&[]).await;
    let source = Source::new("disk.vmdk", served.folder.path().join("absent"));
    let error = upload(&served, vec![source]).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Local(_)), "{error}");
    assert_eq!(served.items().await, []);
    assert_eq!(served.client.update_session().list().await.unwrap(), []);
}
