//! Ctrl-C and SIGTERM where there is no terminal: in scripts and under what stops programs.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::Value;

use crate::gate::Gate;
use crate::served::{Ended, Served, Start, signal};

#[test]
fn signals_fail_the_session_and_have_codes() {
    for (sent, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let gate = Gate::new();
        let served = Served::start(&Start { public_url: Some(gate.url.clone()), ..Start::default() });
        gate.leads_to(served.address);
        served.done(&["mk", "images", "--datastore", "datastore-1"]);
        served.folder.file("disk.iso", 32 << 20);
        let mut command = served.command(&["upload", "images", "disk.iso", "--output", "json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        gate.holds();
        signal(&child, sent);
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{ended:?}");
        let error: Value = serde_json::from_str(&ended.err).unwrap();
        assert_eq!(error["error"]["exit_code"], code);
        let sessions = served.json(&["session", "ls"]);
        assert_eq!(sessions[0]["state"], "ERROR", "{sessions}");
        assert_eq!(served.done(&["ls", "images"]), "", "no empty item is left");
    }
}

#[test]
fn a_second_signal_waits_for_nobody() {
    let gate = Gate::new();
    let served = Served::start(&Start { public_url: Some(gate.url.clone()), ..Start::default() });
    gate.leads_to(served.address);
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    served.folder.file("disk.iso", 32 << 20);
    let mut command = served.command(&["upload", "images", "disk.iso", "-v", "--surface", "rest"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    gate.holds();
    // The server answers nothing any more.
    served.stop();
    signal(&child, Signal::INT);
    assert!(lines.any(|line| line.starts_with("> ") && line.contains("action=fail")), "it is told");
    signal(&child, Signal::INT);
    let last: Vec<String> = lines.collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(last.iter().any(|line| line.contains("the server may not have heard of it")), "{last:?}");
}

#[test]
fn reading_standard_input_is_interrupted_too() {
    let served = Served::start(&Start::default());
    for (sent, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let mut command = served.nobodys(&["login", "--user", "ann"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // More than a pipe holds: once it is written somebody reads, and it is not closed.
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(&vec![b'x'; 1 << 20]).unwrap();
        signal(&child, sent);
        let ended = Ended::from(child.wait_with_output().unwrap());
        assert_eq!((ended.code, ended.err.as_str()), (Some(code), "error: interrupted\n"), "{ended:?}");
    }
}
