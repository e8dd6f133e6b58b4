//! A library that follows another server's: made, got up to date, and refused with what would help.

use std::fs;
use std::process::Command;

use serde_json::json;

use crate::served::{Ended, Served, Start};

/// A server with a published library that has one item.
fn publisher(info: &serde_json::Value) -> (Served, String) {
    let served = Served::start(&Start { has_tls: true, ..Start::default() });
    let pin = served.thumbprint.clone().unwrap();
    let spec = json!({"create_spec": {
        "name": "images",
        "storage_backings": [{"type": "DATASTORE", "datastore_id": "datastore-1"}],
        "publish_info": info,
    }});
    fs::write(served.folder.0.join("spec.json"), spec.to_string()).unwrap();
    served.done(&["call", "local_library", "create", "--input", "spec.json", "--thumbprint", &pin]);
    fs::write(served.folder.0.join("debian.iso"), b"bytes of it").unwrap();
    served.done(&["upload", "images", "debian.iso", "--thumbprint", &pin]);
    let library = served.json(&["info", "images", "--thumbprint", &pin]);
    let url = library["publish_info"]["publish_url"].as_str().unwrap().to_owned();
    (served, url)
}

fn ended(mut command: Command) -> Ended {
    command.output().unwrap().into()
}

#[test]
fn what_is_published_comes_over() {
    let (publisher, url) = publisher(&json!({"published": true, "authentication_method": "NONE"}));
    let pin = publisher.thumbprint.clone().unwrap();
    let follower = Served::start(&Start::default());
    let subscribe = ["subscribe", "copies", &url, "--datastore", "datastore-1"];
    // Nobody vouches for the publisher, and what it shows is what would be pinned.
    let refused = follower.run(&subscribe);
    assert_eq!((refused.code, refused.out.as_str()), (Some(4), ""), "{refused:?}");
    let (_, hint) = refused.err.split_once("--publisher-thumbprint ").unwrap();
    assert_eq!(hint.trim(), pin, "{refused:?}");

    let made = follower.done(&[&subscribe[..], &["--publisher-thumbprint", &pin]].concat());
    assert!(made.starts_with("subscribed "), "{made}");
    let synced = follower.json(&["sync", "copies"]);
    assert!(synced["last_sync_time"].is_string(), "{synced}");
    assert!(follower.done(&["ls", "copies"]).contains("debian"));
    follower.done(&["download", "copies/debian"]);
    assert_eq!(fs::read(follower.folder.0.join("debian.iso")).unwrap(), b"bytes of it");
    // One item, again.
    assert!(follower.done(&["sync", "copies/debian"]).starts_with("synced "));
    follower.done(&["rm", "copies"]);
}

#[test]
fn a_publisher_may_want_a_password() {
    let info = json!({"published": true, "authentication_method": "BASIC", "password": "of-the-publisher"});
    let (publisher, url) = publisher(&info);
    let pin = publisher.thumbprint.clone().unwrap();
    let follower = Served::start(&Start::default());
    let subscribe =
        ["subscribe", "copies", &url, "--datastore", "datastore-1", "--publisher-thumbprint", &pin];
    let refused = follower.run(&subscribe);
    assert!(refused.code == Some(4) && refused.err.contains("CONTENTLIB_PUBLISHER_PASSWORD"), "{refused:?}");
    let mut known =
        follower.command(&[&subscribe[..], &["--publisher-user", "vcsp", "--on-demand"]].concat());
    known.env("CONTENTLIB_PUBLISHER_PASSWORD", "of-the-publisher");
    let made = ended(known);
    assert_eq!(made.code, Some(0), "{made:?}");
    follower.done(&["sync", "copies"]);
    follower.done(&["sync", "copies/debian", "--content"]);
    let files = follower.json(&["ls", "copies/debian"]);
    assert_eq!((&files[0]["name"], &files[0]["cached"]), (&json!("debian.iso"), &json!(true)), "{files}");
}

#[test]
fn a_publisher_that_is_not_there_is_said() {
    let follower = Served::start(&Start::default());
    // Bound and closed again, so nobody listens there.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{address}/lib.json");
    let refused = follower.run(&["subscribe", "copies", &url, "--datastore", "datastore-1"]);
    assert!(refused.code == Some(4) && refused.err.contains(&url), "{refused:?}");
    assert_eq!(follower.done(&["ls"]), "", "no library is left");
}
