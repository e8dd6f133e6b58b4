//! Files go there and come back, several at once.

use std::fs;

use contentlib_client::{DownloadOptions, Event, UploadOptions};

use crate::bytes;
use crate::requests::Requests;
use crate::served::{Folder, Served, Setup, impatient, options};
use crate::told::Told;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_uploaded_can_be_downloaded() {
    let served = Served::new(&[]).await;
    let contents =
        [("a disk.vmdk", bytes()), ("Größe 文 100%.iso", b"some bytes".to_vec()), ("empty.bin", Vec::new())];
    let sources = contents.iter().map(|(name, bytes)| served.folder.source(name, bytes)).collect();
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    assert_eq!(uploaded.files.len(), 3);
    let elsewhere = Folder::new();
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
async fn files_go_at_once_and_not_too_many() {
    // If fewer were on their way at once, none would ever go on.
    let served = Setup { requests: Requests::that_meet(3), ..Setup::new() }.serve().await;
    let sources = (0..6).map(|idx| served.folder.source(&format!("{idx}.bin"), &[idx; 1000])).collect();
    let options = UploadOptions { n_at_once: 3, ..options() };
    let uploaded = served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
    assert_eq!(served.requests.n_transfers_max(), 3);
    let elsewhere = Folder::new();
    let options = DownloadOptions { n_at_once: 3, patience: impatient(), ..DownloadOptions::default() };
    let fetched = served.transfers.download(uploaded.item, elsewhere.path(), &options).await.unwrap();
    assert_eq!(served.requests.n_transfers_max(), 3);
    let mut names: Vec<_> = fetched.iter().map(|file| file.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["0.bin", "1.bin", "2.bin", "3.bin", "4.bin", "5.bin"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_file_tells_how_far_it_is_in_order() {
    let served = Served::new(&[]).await;
    let (told, n_bytes) = (Told::default(), bytes().len() as u64);
    let sources = (0..4).map(|idx| served.folder.source(&format!("{idx}.bin"), &bytes())).collect();
    let options = UploadOptions { progress: told.progress(), ..options() };
    served.transfers.upload(served.new_item(), sources, &options).await.unwrap();
    let told = told.all();
    assert_eq!(told[0], Event::Planned { n_files: 4, n_bytes: 4 * n_bytes });
    assert!(matches!(told[1], Event::Session { .. }), "{:?}", told[1]);
    for idx in 0..4 {
        let file = format!("{idx}.bin");
        let (mut n_read, mut n_moved, mut steps) = (0, 0, Vec::new());
        for event in &told {
            match event {
                Event::Read { file: of, n_bytes } if *of == file => {
                    assert!(*n_bytes > n_read && steps.is_empty(), "{told:?}");
                    n_read = *n_bytes;
                }
                Event::Moved { file: of, n_bytes } if *of == file => {
                    assert!(*n_bytes > n_moved && steps == ["begun"], "{told:?}");
                    n_moved = *n_bytes;
                }
                Event::Begun { file: of, .. } if *of == file => steps.push("begun"),
                Event::Ended { file: of } if *of == file => steps.push("ended"),
                _ => {}
            }
        }
        assert_eq!((n_read, n_moved, &steps[..]), (n_bytes, n_bytes, &["begun", "ended"][..]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_uploaded_without_what_an_item_has_no_place_for() {
    let served = Served::new(&[]).await;
    for name in ["b.bin", "a.bin", ".hidden"] {
        served.folder.file(name, name.as_bytes());
    }
    fs::create_dir(served.folder.path().join("folder")).unwrap();
    let sources = contentlib_client::Source::all_in(served.folder.path()).unwrap();
    let names: Vec<_> = sources.iter().map(|source| source.name().to_owned()).collect();
    assert_eq!(names, ["a.bin", "b.bin"]);
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let mut files = uploaded.files;
    files.sort_unstable();
    assert_eq!(files, names);
}
