//! Packages: the descriptor goes first, its manifest says the checksums, and what is missing shows at once.

use contentlib_client::{Cause, Source};
use vapi::content::library::item::file::ChecksumAlgorithm;

use crate::served::{Served, options};

const DISK: &[u8] = b"bytes of a disk";
/// Of `DISK`, by `openssl dgst -sha1`.
const DISK_SHA1: &str = "5692ca7de0f3833236c210781c060cfaf42567fe";

fn descriptor(names: &[&str]) -> String {
    let files: String = names
        .iter()
        .enumerate()
        .map(|(idx, name)| format!("<File ovf:id=\"file{idx}\" ovf:href=\"{name}\"/>"))
        .collect();
    format!(
        "<Envelope xmlns=\"http://schemas.dmtf.org/ovf/envelope/1\" \
         xmlns:ovf=\"http://schemas.dmtf.org/ovf/envelope/1\"><References>{files}</References></Envelope>"
    )
}

/// Two disks and what speaks of them, in the order of their names.
fn package(served: &Served, manifest: &str) -> Vec<Source> {
    let descriptor = descriptor(&["disk 1.vmdk", "disk2.vmdk"]);
    vec![
        served.folder.source("disk 1.vmdk", DISK),
        served.folder.source("disk2.vmdk", b"bytes of another one"),
        served.folder.source("machine.mf", manifest.as_bytes()),
        served.folder.source("machine.ovf", descriptor.as_bytes()),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_descriptor_goes_first() {
    let served = Served::new(&[]).await;
    let sources = package(&served, &format!("SHA1(disk 1.vmdk)= {DISK_SHA1}\n"));
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let sent = served.requests.with("/transfer/");
    assert_eq!(sent[..2], ["PUT machine.ovf", "PUT machine.mf"], "{sent:?}");
    let mut disks = sent[2..].to_vec();
    disks.sort_unstable();
    assert_eq!(disks, ["PUT disk%201.vmdk", "PUT disk2.vmdk"]);
    let item = served.client.item().get(uploaded.item).await.unwrap();
    assert_eq!(item.type_.as_deref(), Some("ovf"));
    let mut files = uploaded.files;
    files.sort_unstable();
    assert_eq!(files, ["disk 1.vmdk", "disk2.vmdk", "machine.ovf"], "a manifest is only there to be read");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_manifest_says_is_announced() {
    let served = Served::new(&[]).await;
    let sources = package(&served, &format!("SHA1(disk 1.vmdk)= {DISK_SHA1}\n"));
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let files = served.client.update_session_file().list(uploaded.session).await.unwrap();
    for (name, algorithm) in
        [("disk 1.vmdk", ChecksumAlgorithm::Sha1), ("disk2.vmdk", ChecksumAlgorithm::Sha256)]
    {
        let file = files.iter().find(|file| file.name == name).unwrap();
        assert_eq!(file.checksum_info.as_ref().unwrap().algorithm, Some(algorithm), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_what_the_manifest_says_fails_the_session() {
    let served = Served::new(&[]).await;
    let sources = package(&served, &format!("SHA256(disk2.vmdk)= {}\n", "0".repeat(64)));
    let error = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap_err();
    assert_eq!(error.file.as_deref(), Some("disk2.vmdk"), "{error}");
    served.check_failed_with(&["disk2.vmdk"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_shows_before_disks_are_sent() {
    let served = Served::new(&[]).await;
    let mut sources = package(&served, &format!("SHA1(disk 1.vmdk)= {DISK_SHA1}\n"));
    sources.remove(0);
    let error = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap_err();
    assert!(matches!(&error.cause, Cause::Wrong(text) if text.contains("disk 1.vmdk")), "{error}");
    assert_eq!(served.requests.with("/transfer/"), ["PUT machine.ovf", "PUT machine.mf"]);
    served.check_failed_with(&["disk 1.vmdk"]).await;
    assert_eq!(served.items().await, []);
}

/// A member of an archive.
fn member(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut block = vec![0_u8; 512];
    let mut put =
        |place: usize, text: &str| block[place..place + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(124, &format!("{:011o}\0", bytes.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend_from_slice(bytes);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_archive_becomes_what_is_in_it() {
    let served = Served::new(&[]).await;
    let descriptor = descriptor(&["disk 1.vmdk"]);
    let mut archive = member("machine.ovf", descriptor.as_bytes());
    archive.extend(member("disk 1.vmdk", DISK));
    archive.extend([0; 1024]);
    let sources = vec![served.folder.source("machine.ova", &archive)];
    let uploaded = served.transfers.upload(served.new_item(), sources, &options()).await.unwrap();
    let mut files = uploaded.files;
    files.sort_unstable();
    assert_eq!(files, ["disk 1.vmdk", "machine.ovf"]);
    let shown = served.client.file().list(uploaded.item).await.unwrap();
    assert!(
        shown.iter().any(|file| file.name == "disk 1.vmdk" && file.size == DISK.len() as i64),
        "{shown:?}"
    );
}
