//! Bytes: written in order, continued where they are durable, read from anywhere, erased for good.

use std::io::{ErrorKind, Read as _};

use contentlibd::domain::ids::BlobId;
use contentlibd::store::blobs::{Blobs, FileBlobs};

use crate::faults::{FaultyBlobs, WriteFault};
use crate::scratch::Scratch;

fn blob(name: &str) -> BlobId {
    BlobId::from(name)
}

fn write(blobs: &dyn Blobs, name: &str, offset: u64, bytes: &[u8]) -> u64 {
    let mut writer = blobs.write(&blob(name), offset).expect("a writer");
    writer.append(bytes).expect("room");
    writer.sync().expect("a disk")
}

fn read(blobs: &dyn Blobs, name: &str, offset: u64) -> (Vec<u8>, u64) {
    let mut reader = blobs.read(&blob(name), offset).expect("a reader");
    let mut bytes = Vec::new();
    reader.bytes.read_to_end(&mut bytes).expect("bytes");
    (bytes, reader.size)
}

fn with_blobs() -> (Scratch, FileBlobs) {
    let scratch = Scratch::new();
    let blobs = FileBlobs::new(scratch.path().to_owned());
    (scratch, blobs)
}

#[test]
fn what_was_written_is_read() {
    let (_scratch, blobs) = with_blobs();
    assert_eq!(write(&blobs, "a", 0, b"0123456789"), 10);
    assert_eq!(read(&blobs, "a", 0), (b"0123456789".to_vec(), 10));
    assert_eq!(read(&blobs, "a", 7), (b"789".to_vec(), 10));
    assert_eq!(blobs.list().expect("a list"), [blob("a")]);
}

#[test]
fn a_blob_is_continued_and_what_was_behind_is_dropped() {
    let (_scratch, blobs) = with_blobs();
    write(&blobs, "a", 0, b"0123456789");
    assert_eq!(write(&blobs, "a", 4, b"xy"), 6);
    assert_eq!(read(&blobs, "a", 0).0, b"0123xy");
    assert_eq!(write(&blobs, "a", 0, b"z"), 1);
    assert_eq!(read(&blobs, "a", 0).0, b"z");
    let too_far = blobs.write(&blob("a"), 2).err().expect("it has one byte");
    assert!(too_far.to_string().contains("has 1 bytes"), "{too_far}");
    assert_eq!(blobs.write(&blob("b"), 1).err().map(|error| error.kind()), Some(ErrorKind::NotFound));
}

#[test]
fn a_copy_is_another_blob() {
    let (_scratch, blobs) = with_blobs();
    write(&blobs, "a", 0, b"0123");
    assert_eq!(blobs.copy(&blob("a"), &blob("b")).expect("a copy"), 4);
    blobs.erase(&[blob("a")]).expect("it goes");
    assert_eq!(read(&blobs, "b", 0).0, b"0123");
    assert!(blobs.copy(&blob("a"), &blob("c")).is_err());
}

#[test]
fn what_is_erased_is_gone_and_twice_does_no_harm() {
    let (_scratch, blobs) = with_blobs();
    write(&blobs, "a", 0, b"0123");
    let mut reader = blobs.read(&blob("a"), 0).expect("a reader");
    blobs.erase(&[blob("a"), blob("never")]).expect("they go");
    blobs.erase(&[blob("a")]).expect("it is gone");
    assert_eq!(blobs.read(&blob("a"), 0).err().map(|error| error.kind()), Some(ErrorKind::NotFound));
    let mut bytes = Vec::new();
    reader.bytes.read_to_end(&mut bytes).expect("who reads reads on");
    assert_eq!((bytes, blobs.list().expect("a list")), (b"0123".to_vec(), Vec::new()));
}

#[test]
fn no_name_leads_out_of_the_directory() {
    let (_scratch, blobs) = with_blobs();
    for name in ["", ".", "..", "../x", "/x", "a/b", "a\\b", "a\0", "ä", &"a".repeat(129)] {
        for error in [
            blobs.write(&blob(name), 0).err(),
            blobs.read(&blob(name), 0).err(),
            blobs.copy(&blob(name), &blob("a")).err(),
            blobs.copy(&blob("a"), &blob(name)).err(),
            blobs.erase(&[blob(name)]).err(),
        ] {
            assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::InvalidInput), "{name:?}");
        }
    }
}

#[test]
fn a_full_disk_is_an_error_and_what_was_durable_can_be_continued() {
    let (_scratch, blobs) = with_blobs();
    let faulty = FaultyBlobs::new(blobs.clone());
    let mut writer = faulty.write(&blob("a"), 0).expect("a writer");
    writer.append(b"0123").expect("room");
    let durable = writer.sync().expect("a disk");
    for fault in [WriteFault::Full, WriteFault::Short] {
        faulty.fail_next(fault);
        let error = writer.append(b"4567").expect_err("no room");
        assert_eq!(error.kind(), ErrorKind::StorageFull);
        drop(writer);
        writer = faulty.write(&blob("a"), durable).expect("it is continued");
    }
    writer.append(b"4567").expect("room");
    faulty.fail_next(WriteFault::Sync);
    writer.sync().expect_err("nothing is said to be durable that is not");
    writer.sync().expect("a disk");
    assert_eq!(read(&blobs, "a", 0).0, b"01234567");
}
