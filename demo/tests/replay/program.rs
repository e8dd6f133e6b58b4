//! The demo program against contentlibd, as `cargo xtask demo` runs it.

use std::process::Command;

use crate::served::Served;

/// What it prints about a server, and whether it ended well.
fn demo(arguments: &[&str]) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.success())
}

#[test]
fn every_call_is_as_expected() {
    let served = Served::start();
    let (text, is_sound) = demo(&[&served.url, &served.user, &served.password]);
    assert!(is_sound, "{text}");
    assert_eq!(text.matches("\nas expected: ").count(), 30, "{text}");
    assert!(text.ends_with("\n30 calls, all as expected\n"), "{text}");
    assert_eq!(served.client().library().list().wait().unwrap(), [], "the demo leaves nothing");
}

#[test]
fn one_surface_is_shown_alone() {
    let served = Served::start();
    let (text, is_sound) = demo(&[&served.url, &served.user, &served.password, "rest"]);
    assert!(is_sound && text.ends_with("\n3 calls, all as expected\n"), "{text}");
    let (text, is_sound) = demo(&[&served.url, &served.user, &served.password, "soap"]);
    assert!(!is_sound && text.contains("there are json-rpc, rest, legacy-rest, 2014"), "{text}");
}
