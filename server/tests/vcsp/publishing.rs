//! What those who follow a published library read of it.

use contentlibd::domain::following::PublishChange;
use contentlibd::domain::item::{DeleteItem, UpdateItem};
use contentlibd::domain::library::{NewContent, SetMaintenance, UpdateLibrary, Via};
use contentlibd::users::password;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::served::Listening;
use crate::shelf::{change, get, path, published, request};

/// `vcsp:a good secret`.
const RIGHT: &str = "Basic dmNzcDphIGdvb2Qgc2VjcmV0";
/// `vcsp:a bad secret`.
const WRONG: &str = "Basic dmNzcDphIGJhZCBzZWNyZXQ=";

async fn json_at(listening: &Listening, path: &str) -> Value {
    let reply = get(listening, path, &[]).await;
    assert_eq!(reply.status(), StatusCode::OK, "{path}: {reply:?}");
    assert_eq!(reply.headers()["content-type"], "application/json");
    serde_json::from_str(reply.body()).unwrap()
}

fn number(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documents_are_what_subscribers_of_the_format_read() {
    let listening = Listening::new().await;
    let library = listening.served.library_of(published()).await;
    let item = listening.served.item_of_type(&library, "tiny vm", "ovf").await;
    let empty = listening.served.item(&library, "nothing in it yet").await;
    let iso = listening.served.item_of_type(&library, "disc", "ISO").await;
    change(&listening, &iso, &[("a disc.txt", b"bytes")], &[]).await;
    let descriptor: &[u8] = br#"<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>"#;
    change(&listening, &item, &[("tiny.ovf", descriptor), ("item.json", b"{}")], &[]).await;

    let document = json_at(&listening, &path(&library, "lib.json")).await;
    let expected = json!({
        "vcspVersion": "2",
        "version": document["version"],
        "contentVersion": "1",
        "name": "images",
        "id": format!("urn:uuid:{library}"),
        "created": "2014-05-13T16:53Z",
        "capabilities": {"transferIn": ["httpGet"], "transferOut": ["httpGet"]},
        "itemsHref": "items.json",
    });
    assert_eq!(document, expected);
    assert!(number(&document["version"]) > 1);

    let items = json_at(&listening, &path(&library, "items.json")).await;
    let items = items["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{empty} has no content: {items:?}");
    let disc = items.iter().find(|item| item["name"] == "disc").unwrap();
    let expected = json!({
        "created": "2014-05-13T16:53Z",
        "description": "",
        "version": "2",
        "contentVersion": "2",
        "files": [{
            "name": "a disc.txt", "size": 5, "etag": "2", "generationNum": 2,
            "hrefs": [format!("{iso}/a%20disc.txt")],
        }],
        "id": format!("urn:uuid:{iso}"),
        "name": "disc",
        "properties": {},
        "selfHref": format!("{iso}/item.json"),
        "type": "vcsp.iso",
    });
    assert_eq!(disc, &expected);

    let vm = items.iter().find(|item| item["name"] == "tiny vm").unwrap();
    assert_eq!(vm["type"], "vcsp.ovf");
    let [metadatum] = vm["metadata"].as_array().unwrap().as_slice() else { panic!("{vm}") };
    assert_eq!((&metadatum["key"], &metadatum["domain"]), (&json!("type-metadata"), &json!("SYSTEM")));
    let value: Value = serde_json::from_str(metadatum["value"].as_str().unwrap()).unwrap();
    assert_eq!(value["id"], vm["id"]);
    for item in items {
        let alone = json_at(&listening, &path(&library, item["selfHref"].as_str().unwrap())).await;
        assert_eq!(&alone, item, "an item is the same alone");
        for file in item["files"].as_array().unwrap() {
            let href = file["hrefs"][0].as_str().unwrap();
            let reply = get(&listening, &path(&library, href), &[]).await;
            assert_eq!(reply.status(), StatusCode::OK, "{href}");
            assert_eq!(reply.headers()["etag"], format!("\"{}\"", file["etag"].as_str().unwrap()).as_str());
            assert_eq!(reply.body().len() as u64, file["size"].as_u64().unwrap(), "{href}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_changes_is_seen_in_numbers_that_only_grow() {
    let listening = Listening::new().await;
    let served = &listening.served;
    let library = served.library_of(published()).await;
    let item = served.item(&library, "disk").await;
    let other = served.item(&library, "other").await;
    change(&listening, &other, &[("x", b"x")], &[]).await;
    let mut before = (0, 0, 0, 0);
    for step in 0..6 {
        match step {
            0 => change(&listening, &item, &[("a", b"1"), ("b", b"1")], &[]).await,
            1 => change(&listening, &item, &[("a", b"2")], &[]).await,
            2 => change(&listening, &item, &[], &["a"]).await,
            // The same bytes again, under a name that was free meanwhile.
            3 => change(&listening, &item, &[("a", b"2")], &[]).await,
            4 => {
                let name = Some("renamed".to_owned());
                let id = item.clone();
                served
                    .serve(UpdateItem { id, version: None, name, description: None, type_name: None })
                    .await;
            }
            _ => served.serve(DeleteItem { id: other.clone() }).await,
        }
        let lib = json_at(&listening, &path(&library, "lib.json")).await;
        let own = json_at(&listening, &path(&library, &format!("{item}/item.json"))).await;
        let files = own["files"].as_array().unwrap();
        let generation = files.iter().find(|file| file["name"] == "a").map(|file| &file["generationNum"]);
        let generation = generation.map_or(before.3, |generation| generation.as_u64().unwrap());
        let now =
            (number(&lib["version"]), number(&own["version"]), number(&own["contentVersion"]), generation);
        assert!(now.0 > before.0, "step {step}: {before:?} {now:?}");
        assert_eq!(now.1 > before.1, step < 5, "step {step}: {before:?} {now:?}");
        assert_eq!(now.2 > before.2, step < 4, "step {step}: {before:?} {now:?}");
        assert_eq!(now.3 > before.3, [0, 1, 3].contains(&step), "step {step}: {before:?} {now:?}");
        before = now;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_known_is_not_sent_again_and_files_come_in_parts() {
    let listening = Listening::new().await;
    let library = listening.served.library_of(published()).await;
    let item = listening.served.item(&library, "disk").await;
    change(&listening, &item, &[("a", b"0123456789")], &[]).await;
    for below in ["lib.json", "items.json", &format!("{item}/item.json"), &format!("{item}/a")] {
        let path = path(&library, below);
        let whole = get(&listening, &path, &[]).await;
        let tag = whole.headers()["etag"].to_str().unwrap();
        let known = get(&listening, &path, &[("if-none-match", tag)]).await;
        assert_eq!((known.status(), known.body().as_str()), (StatusCode::NOT_MODIFIED, ""), "{below}");
        let head = request(&listening, Method::HEAD, &path, &[]).await;
        assert_eq!((head.status(), head.body().as_str()), (StatusCode::OK, ""), "{below}");
        assert_eq!(head.headers()["content-length"], whole.body().len().to_string().as_str());
        let put = request(&listening, Method::PUT, &path, &[]).await;
        assert_eq!(
            (put.status(), &put.headers()["allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD".parse().unwrap())
        );
    }
    let part = get(&listening, &path(&library, &format!("{item}/a")), &[("range", "bytes=4-")]).await;
    assert_eq!((part.status(), part.body().as_str()), (StatusCode::PARTIAL_CONTENT, "456789"));
    change(&listening, &item, &[("b", b"")], &[]).await;
    let items = path(&library, "items.json");
    let changed = get(&listening, &items, &[("if-none-match", "\"2\", W/\"3\"")]).await;
    assert_eq!(changed.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_published_is_not_there() {
    let listening = Listening::new().await;
    let served = &listening.served;
    let library = served.library_of(published()).await;
    let item = served.item(&library, "disk").await;
    change(&listening, &item, &[("a", b"1")], &[]).await;
    let local = served.library().await;
    let hidden = served.item(&local, "disk").await;
    change(&listening, &hidden, &[("a", b"1")], &[]).await;
    let belows = |item: &str| {
        ["lib.json".into(), "items.json".into(), format!("{item}/item.json"), format!("{item}/a")]
    };
    for below in belows(hidden.as_str()) {
        for library in [&local, &"nowhere".into()] {
            let reply = get(&listening, &path(library, &below), &[("authorization", RIGHT)]).await;
            assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{below}");
        }
    }
    // Nor is it by way of one that is published.
    for below in [format!("{hidden}/item.json"), format!("{hidden}/a"), format!("{item}/b"), "x".into()] {
        let reply = get(&listening, &path(&library, &below), &[]).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{below}");
    }
    let off = PublishChange { is_published: Some(false), ..PublishChange::default() };
    let mut unpublish = UpdateLibrary::new(library.clone(), Via::LocalLibrary);
    unpublish.publish = Some(off);
    served.serve(unpublish).await;
    for below in belows(item.as_str()) {
        let reply = get(&listening, &path(&library, &below), &[]).await;
        assert_eq!(reply.status(), StatusCode::NOT_FOUND, "{below}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_asked_for_wherever_there_is_one() {
    let listening = Listening::new().await;
    let served = &listening.served;
    let guarded = PublishChange {
        is_published: Some(true),
        needs_password: Some(true),
        password: Some(password::hash(&"a good secret".into()).unwrap()),
        ..PublishChange::default()
    };
    let library = served.library_of(NewContent::Local(guarded)).await;
    let item = served.item(&library, "disk").await;
    change(&listening, &item, &[("a", b"1")], &[]).await;
    for below in ["lib.json", "items.json", &format!("{item}/item.json"), &format!("{item}/a"), "nowhere/a"] {
        let path = path(&library, below);
        for wrong in [&[][..], &[("authorization", WRONG)], &[("if-none-match", "\"1\"")]] {
            let reply = get(&listening, &path, wrong).await;
            assert_eq!(reply.status(), StatusCode::UNAUTHORIZED, "{below}");
            assert!(reply.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic realm="));
        }
        let reply = get(&listening, &path, &[("authorization", RIGHT)]).await;
        let expected = if below == "nowhere/a" { StatusCode::NOT_FOUND } else { StatusCode::OK };
        assert_eq!(reply.status(), expected, "{below}");
    }
    served.serve(SetMaintenance { id: library.clone(), on: true }).await;
    let reply = get(&listening, &path(&library, "lib.json"), &[("authorization", RIGHT)]).await;
    assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(reply.headers().contains_key("retry-after"));
}
