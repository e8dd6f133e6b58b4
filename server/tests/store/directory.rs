//! The data directory: made once, one process's at a time.

use contentlibd::store::directory::{DataDirectory, DirectoryError};

use crate::scratch::Scratch;

#[test]
fn it_is_made_on_first_start_and_found_on_the_next() {
    let scratch = Scratch::new();
    let path = scratch.path().join("a").join("b");
    let directory = DataDirectory::open(&path).expect("it is made");
    assert!(directory.blobs().is_dir() && directory.records().parent() == Some(&path));
    drop(directory);
    DataDirectory::open(&path).expect("it is free again");
}

#[test]
fn it_is_one_process_at_a_time() {
    let scratch = Scratch::new();
    let first = DataDirectory::open(scratch.path()).expect("it is free");
    let error = DataDirectory::open(scratch.path()).expect_err("it is taken");
    assert!(error.to_string().contains(&format!("in use by process {};", std::process::id())), "{error}");
    assert!(matches!(error, DirectoryError::InUse { .. }));
    drop(first);
    DataDirectory::open(scratch.path()).expect("it is free again");
}

#[test]
fn a_file_is_no_directory() {
    let scratch = Scratch::new();
    let path = scratch.path().join("a");
    std::fs::write(&path, "x").expect("a file");
    let error = DataDirectory::open(&path).expect_err("it is a file");
    assert!(error.to_string().starts_with("cannot make "), "{error}");
}

#[cfg(unix)]
#[test]
fn only_its_owner_looks_into_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let path = scratch.path().join("a");
    DataDirectory::open(&path).expect("it is made");
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
