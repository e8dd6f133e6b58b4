//! Every command once, in a pipe: what it prints for people and for programs.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::served::{Ended, PASSWORD, Served, Start, USER};

/// A server with a library `images`.
fn served() -> Served {
    let served = Served::start(&Start::default());
    served.done(&["mk", "images", "--datastore", "datastore-1"]);
    served
}

/// Names of the members of an object.
fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn libraries_items_and_files() {
    let served = served();
    let made = served.json(&["mk", "images/empty"]);
    assert_eq!(keys(&made), BTreeSet::from(["made"]));
    let lines = |words: &[&str]| {
        served
            .done(words)
            .lines()
            .map(|line| line.rsplit("  ").next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(lines(&["ls"]), ["images"]);
    assert_eq!(lines(&["ls", "images"]), ["empty"]);
    assert_eq!(served.done(&["ls", "images/empty"]), "");
    assert_eq!(served.json(&["ls", "images/empty"]), json!([]));
    let info = served.done(&["info", "images/empty"]);
    assert!(info.lines().any(|line| line == "name: empty"), "{info}");
    let item = served.json(&["info", "images/empty"]);
    assert_eq!(item["id"], made["made"]);
    // By identifier as well as by name.
    let id = made["made"].as_str().unwrap();
    assert_eq!(served.json(&["info", &format!("images/{id}")]), item);
    assert_eq!(served.json(&["rm", "images/empty"]), json!({"removed": id}));
    let removed = served.done(&["rm", "images"]);
    assert!(removed.starts_with("removed ") && removed.ends_with('\n'), "{removed}");
    assert_eq!(served.done(&["ls"]), "");
}

#[test]
fn files_of_all_kinds_go_there_and_come_back() {
    let served = served();
    let names = ["empty.iso", "mit Blanks und Äöü 字.img", "--leading.txt"];
    for (idx, name) in names.iter().enumerate() {
        fs::write(served.folder.0.join(name), vec![idx as u8 + 1; idx * 70_001]).unwrap();
    }
    let upload = ["upload", "images/all", "--", names[0], names[1], names[2]];
    let sent = served.run(&upload);
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // In a pipe a line for each that begins and ends, and nothing that moves a cursor.
    let n_done = sent.err.lines().filter(|line| line.ends_with(": done")).count();
    assert!(n_done == names.len() && !sent.err.contains(['\r', '\x1b']), "{sent:?}");
    let again = served.command(&["upload", "images/all", names[0], "--output", "json"]).output().unwrap();
    let again = Ended::from(again);
    let printed: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(keys(&printed), BTreeSet::from(["files", "item", "session"]));
    assert_eq!(again.err, "", "nothing but the result, for programs");

    let back = served.folder.0.join("back");
    fs::create_dir(&back).unwrap();
    let fetched = served.json(&["download", "images/all", "back"]);
    assert_eq!(fetched.as_array().unwrap().len(), names.len(), "{fetched}");
    assert_eq!(keys(&fetched[0]), BTreeSet::from(["checked", "name", "path", "size"]));
    for name in names {
        let (there, here) =
            (fs::read(back.join(name)).unwrap(), fs::read(served.folder.0.join(name)).unwrap());
        assert!(there == here, "{name}");
    }
    let listed = served.json(&["ls", "images/all"]);
    assert_eq!(listed.as_array().unwrap().len(), names.len());
}

#[test]
fn sessions_are_looked_after() {
    let served = served();
    let item = served.json(&["mk", "images/one"]);
    let spec = json!({"create_spec": {"library_item_id": item["made"]}}).to_string();
    fs::write(served.folder.0.join("spec.json"), spec).unwrap();
    let create = || {
        let made = served.json(&["call", "update_session", "create", "--input", "spec.json"]);
        made.as_str().unwrap().to_owned()
    };
    let id = create();
    let listed = served.json(&["session", "ls", "--item", item["made"].as_str().unwrap()]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &json!(id)));
    assert!(served.done(&["session", "ls"]).contains("ACTIVE"));
    assert_eq!(served.done(&["session", "fail", &id, "the disk is full"]), format!("failed {id}\n"));
    let shown = served.json(&["session", "show", &id]);
    assert_eq!(shown["error_message"]["default_message"], "the disk is full", "{shown}");
    assert_eq!(served.json(&["session", "rm", &id]), json!({"removed": id}));
    let id = create();
    assert_eq!(served.json(&["session", "cancel", &id]), json!({"canceled": id}));
}

#[test]
fn a_login_serves_later_commands() {
    let served = served();
    assert_eq!(served.done(&["login"]), format!("logged_in {}\n", served.url));
    let nobodys =
        |words: &[&str]| Ended::from(served.nobodys(words).env_remove("CONTENTLIB_URL").output().unwrap());
    assert_eq!(nobodys(&["ls"]).code, Some(0));
    let session = nobodys(&["call", "session", "get", "--output", "json"]);
    let session: Value = serde_json::from_str(&session.out).unwrap();
    assert_eq!(session["user"], USER, "{session}");
    assert_eq!(nobodys(&["logout"]).code, Some(0));
    let none = Ended::from(served.nobodys(&["ls"]).output().unwrap());
    assert!(none.code == Some(6) && none.err.contains("contentlib login"), "{none:?}");
}

#[test]
fn what_follows_from_the_command_line_needs_no_server() {
    let served = Served::start(&Start::default());
    let nobodys =
        |words: &[&str]| Ended::from(served.nobodys(words).env_remove("CONTENTLIB_URL").output().unwrap());
    for shell in ["bash", "zsh", "fish"] {
        let script = nobodys(&["completions", shell]);
        assert!(script.code == Some(0) && script.out.contains("subscribe"), "{shell}");
    }
    assert_eq!(nobodys(&["man", "pages"]).code, Some(0));
    assert!(served.folder.0.join("pages/contentlib-subscribe.1").exists());
    assert_eq!(nobodys(&["--version"]).out, format!("contentlib {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn exchanges_are_shown_without_secrets_for_bytes_too() {
    let served = served();
    served.folder.file("disk.iso", 100_000);
    let sent = served.run(&["upload", "images", "disk.iso", "-v"]);
    let once = served.run(&["upload", "images/disk", "disk.iso", "--read-once", "-v"]);
    let announces = |ended: &Ended| {
        let mut lines = ended.err.lines();
        lines.any(|line| line.starts_with("> {") && line.contains("checksum_info"))
    };
    assert!(announces(&sent) && !announces(&once) && once.code == Some(0), "{once:?}");
    let fetched = served.run(&["download", "images/disk", "-v"]);
    let put = format!("> PUT {}/(secret)", served.url);
    assert!(sent.code == Some(0) && sent.err.contains(&put), "{sent:?}");
    let get = format!("> GET {}/(secret)", served.url);
    assert!(fetched.code == Some(0) && fetched.err.contains(&get), "{fetched:?}");
    assert!(fetched.err.contains("< content-length: 100000"), "{fetched:?}");
    for ended in [sent, fetched] {
        assert!(!ended.err.contains(PASSWORD), "{ended:?}");
        // Of the addresses that the server gives out nothing but the host is there; the calls' own hold no secret.
        let given = ended.err.lines().filter(|line| !line.starts_with("> ") || !line.contains("/api/"));
        for line in given {
            for (at, _) in line.match_indices("http://") {
                let rest = line[at..].strip_prefix(&served.url).unwrap_or(&line[at..]);
                assert!(rest.starts_with("/(secret)"), "{line}");
            }
        }
    }
}
