//! A server whose disk is full, and files larger than memory.

use std::env;
use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::Arc;

use contentlib_client::{Cause, Source, Target, Transfers, UploadOptions};
use vapi::content::library::ItemModel;
use vapi::runtime::client::Http;

use crate::blobs::Zeros;
use crate::proxy::Cut;
use crate::served::{Folder, Setup, direct, options};
use crate::told::Told;

const N_KIB: usize = 1 << 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_leaves_the_item_as_it_was_and_is_named() {
    let disk = Zeros::up_to(1000 * N_KIB as u64);
    let served = Setup { blobs: Some(Arc::new(disk.clone())), ..Setup::new() }.serve().await;
    let item = ItemModel::for_create(served.library.clone(), "disk");
    let item = served.client.item().create(item).await.unwrap();
    let target = || Target::Item(item.clone());
    let small = vec![served.folder.source("small.vmdk", &[0; 10 * N_KIB])];
    served.transfers.upload(target(), small, &options()).await.unwrap();
    let session = served.client.update_session().list().await.unwrap().remove(0);
    served.client.update_session().delete(session).await.unwrap();

    let told = Told::default();
    let options = UploadOptions { progress: told.progress(), ..options() };
    let large = vec![
        served.folder.source("large.vmdk", &[0; 2000 * N_KIB]),
        served.folder.source("other.vmdk", &[0; 10 * N_KIB]),
    ];
    let error = served.transfers.upload(target(), large, &options).await.unwrap_err();
    assert_eq!(error.file.as_deref(), Some("large.vmdk"));
    assert!(matches!(&error.cause, Cause::Refused { status, .. } if *status == 507), "{error}");
    served.check_failed_with(&["large.vmdk", "no room left"]).await;
    let files = served.client.file().list(item).await.unwrap();
    let files: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(files, ["small.vmdk"]);
    let n_begun = told.offsets().len();
    assert!(n_begun <= 2, "a disk that is full is not tried again: {:?}", told.all());
}

/// What a process may use that sends files of any size.
const MEMORY_MAX: u64 = 32 << 20;

const LARGE_MIB: &str = "CONTENTLIB_TEST_LARGE_MIB";
const LARGE_URL: &str = "CONTENTLIB_TEST_LARGE_URL";
const LARGE_ITEM: &str = "CONTENTLIB_TEST_LARGE_ITEM";

/// How large a large file is: more than 32 bits can count, and no more than that unless somebody has the time.
fn n_large() -> u64 {
    let n_mib = env::var(LARGE_MIB).map_or(4096 + 64, |text| text.parse().expect("a number of MiB"));
    n_mib << 20
}

/// Its own process sends, so that its memory can be told from the server's. The file has no bytes on this disk, and none are kept
/// on the server's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_larger_than_memory_needs_no_more_of_it_than_a_small_one() {
    if let (Ok(url), Ok(item)) = (env::var(LARGE_URL), env::var(LARGE_ITEM)) {
        return send_large(&url, item).await;
    }
    let (disk, n_bytes) = (Zeros::without_end(), n_large());
    let setup = Setup { blobs: Some(Arc::new(disk.clone())), ..Setup::cut(&[Cut::Up(n_bytes - (32 << 20))]) };
    let served = setup.serve().await;
    let item = ItemModel::for_create(served.library.clone(), "large");
    let item = served.client.item().create(item).await.unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    let own = "disks::a_file_larger_than_memory_needs_no_more_of_it_than_a_small_one";
    command.args(["--exact", own, "--nocapture"]).env(LARGE_URL, &served.url).env(LARGE_ITEM, item.as_str());
    let ended = tokio::task::spawn_blocking(move || command.stdout(Stdio::null()).status().unwrap());
    assert!(ended.await.unwrap().success());
    let files = served.client.file().list(item).await.unwrap();
    assert_eq!((files[0].size as u64, disk.n_bytes()), (n_bytes, n_bytes));
}

async fn send_large(url: &str, item: String) {
    let folder = Folder::new();
    let path = folder.path().join("large.vmdk");
    File::create(&path).unwrap().set_len(n_large()).unwrap();
    let client = vapi::runtime::Client::with_transport(url, Http::with_options(direct())).unwrap();
    let transfers = Transfers::new(client.credentials("ann", "a").into(), direct());
    let sources = vec![Source::new("large.vmdk", path)];
    transfers.upload(Target::Item(item.into()), sources, &options()).await.unwrap();
    // The most that it had since it began; other systems do not say that so easily.
    if cfg!(target_os = "linux") {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB"));
        let n_bytes = peak.unwrap().trim().parse::<u64>().unwrap() << 10;
        assert!(n_bytes <= MEMORY_MAX, "{n_bytes} bytes");
    }
}
