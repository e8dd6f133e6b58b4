//! How commands fail: the code, and a text that names what it is about, the server's words, and what to try.

use std::fs;

use serde_json::Value;

use crate::served::{Ended, Served, Start};

/// Looks at a command that fails, for people and for programs.
fn check(served: &Served, words: &[&str], code: i32, said: &[&str]) {
    let ended = served.run(words);
    assert_eq!((ended.code, ended.out.as_str()), (Some(code), ""), "{words:?} {ended:?}");
    assert!(ended.err.contains("error: "), "{words:?} {ended:?}");
    for text in said {
        assert!(ended.err.contains(text), "{words:?} does not say {text:?}: {ended:?}");
    }
    let json = served.run(&[words, &["--output", "json"]].concat());
    assert_eq!((json.code, json.out.as_str()), (Some(code), ""), "{words:?} {json:?}");
    let error: Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!(error["error"]["exit_code"], code, "{error}");
}

#[test]
fn what_is_not_there_has_its_code() {
    let served = Served::start(&Start::default());
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    check(&served, &["ls", "absent"], 3, &["no library `absent`", "hint: `contentlib ls`"]);
    check(&served, &["info", "images/absent"], 3, &["no item `absent`", "hint: "]);
    check(&served, &["download", "images/absent"], 3, &["no item `absent`"]);
    check(&served, &["session", "show", "no-such-session"], 3, &["no-such-session"]);
    check(&served, &["rm", "absent"], 3, &["`absent`"]);
}

#[test]
fn what_the_server_refuses_is_said_in_its_words() {
    let served = Served::start(&Start::default());
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    let item = served.json(&["mk", "images/one"]);
    check(&served, &["mk", "images/ONE"], 4, &["ONE"]);
    // A session that is open keeps others out.
    let item = item["made"].as_str().unwrap();
    let create = ["call", "update_session", "create", "--create-spec.library-item-id", item];
    let session = served.json(&create);
    served.folder.file("one.iso", 10);
    check(&served, &["upload", "images/one", "one.iso"], 4, &["session"]);
    let session = session.as_str().unwrap();
    served.done(&["session", "fail", session, "enough"]);
    check(&served, &["session", "fail", session, "again"], 4, &["ERROR"]);
}

#[test]
fn a_broken_package_names_file_session_and_reason() {
    let served = Served::start(&Start::default());
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    served.done(&["mk", "images/machine", "--type", "ovf"]);
    fs::write(served.folder.0.join("machine.ovf"), "this is no descriptor").unwrap();
    let ended = served.run(&["upload", "images/machine", "machine.ovf"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.err.contains("machine.ovf"), "{ended:?}");
    let session = served.json(&["session", "ls"]);
    let id = session[0]["id"].as_str().unwrap();
    assert!(ended.err.contains(&format!("(session {id})")), "{ended:?}");
    assert!(ended.err.contains(&format!("hint: `contentlib session show {id}`")), "{ended:?}");
    assert_eq!(session[0]["state"], "ERROR");
    let reason = session[0]["error_message"]["default_message"].as_str().unwrap();
    assert!(reason.contains("machine.ovf"), "{session}");
    assert_eq!(served.done(&["ls", "images/machine"]), "", "the item is as it was");
}

#[test]
fn files_of_this_side_are_named() {
    let served = Served::start(&Start::default());
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    check(&served, &["upload", "images", "absent.iso"], 1, &["absent.iso", "No such file"]);
    check(&served, &["upload", "images", "/"], 2, &["name"]);
    served.folder.file("one.iso", 10);
    served.done(&["upload", "images", "one.iso"]);
    check(&served, &["download", "images/one", "absent/folder"], 1, &["one.iso", "No such file"]);
    check(&served, &["call", "library", "list", "--input", "absent.json"], 1, &["absent.json"]);
}

#[test]
fn callers_servers_and_command_lines_that_are_wrong() {
    let served = Served::start(&Start::default());
    check(&served, &["ls", "--user", "mallory"], 6, &["hint: "]);
    let none = Ended::from(served.nobodys(&["ls"]).output().unwrap());
    assert!(none.code == Some(6) && none.err.contains("contentlib login"), "{none:?}");
    // Bound and closed again, so nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}");
    check(&served, &["ls", "--url", &url], 5, &[&address.to_string(), "--url"]);
    check(&served, &["mk", "images"], 2, &["--datastore"]);
    check(&served, &["mk", "images/one", "--datastore", "datastore-1"], 2, &["is for a library"]);
    check(&served, &["mk", "images", "--datastore", "datastore-1", "--type", "iso"], 2, &["is for an item"]);
    check(&served, &["ls", "--surface", "rest", "--representation", "xml"], 2, &["JSON alone"]);
    let usage = served.run(&["uplaod"]);
    assert!(usage.code == Some(2) && usage.err.contains("upload"), "{usage:?}");
}
