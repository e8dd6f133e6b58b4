//! Publishers that are not what they should be: they lie, break off, are slow to prepare, and want to be asked elsewhere.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use contentlibd::domain::ids::LibraryId;
use contentlibd::domain::published::Following;
use contentlibd::domain::synchronisation::StartSync;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::origin::{Asked, Origin, Reply, ranged, raw, whole};
use crate::served::Listening;
use crate::shelf::{content, follower, items, settled, subscribe, sync};

/// What is at which path.
type Shelf = Arc<Mutex<BTreeMap<&'static str, Vec<u8>>>>;

fn lib(version: u64) -> Vec<u8> {
    json!({"vcspVersion": "2", "version": version.to_string(), "itemsHref": "items.json"})
        .to_string()
        .into_bytes()
}

fn item(id: &str, files: &Value) -> Value {
    json!({"id": format!("urn:uuid:{id}"), "name": format!("item {id}"), "version": "2", "contentVersion": "2",
        "type": "vcsp.other", "selfHref": format!("{id}/item.json"), "files": files})
}

fn file(name: &str, size: usize, href: &str) -> Value {
    json!({"name": name, "size": size, "etag": "abc", "generationNum": 1, "hrefs": [href]})
}

fn listing(items: &[Value]) -> Vec<u8> {
    json!({"items": items}).to_string().into_bytes()
}

fn missing() -> Reply {
    Reply::Raw(raw(&["HTTP/1.1 404 Not Found", "content-length: 0"], b""))
}

fn on_shelf(shelf: &Shelf, asked: &Asked) -> Reply {
    let shelf = shelf.lock().unwrap();
    shelf.get(asked.path()).map_or_else(missing, |bytes| whole(bytes))
}

/// A publisher with this on its shelf, answering some paths in its own way.
async fn publisher(
    items: &[Value],
    files: &[(&'static str, &[u8])],
    own: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static,
) -> (Origin, Shelf) {
    let shelf = Shelf::default();
    shelf.lock().unwrap().extend([("/l/lib.json", lib(1)), ("/l/items.json", listing(items))]);
    shelf.lock().unwrap().extend(files.iter().map(|(path, bytes)| (*path, bytes.to_vec())));
    let of_answers = Arc::clone(&shelf);
    let origin = Origin::plain(move |asked| own(asked).unwrap_or_else(|| on_shelf(&of_answers, asked))).await;
    (origin, shelf)
}

async fn followed(origin: &Origin) -> (Listening, LibraryId, Following) {
    let follower = follower().await;
    let library = subscribe(&follower, &origin.url("/l/lib.json"), false).await;
    let following = sync(&follower, &library).await;
    (follower, library, following)
}

fn words(following: &Following) -> &str {
    following.error.as_ref().map_or("", |words| words.text.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_not_what_was_listed_spoil_their_item_alone() {
    let listed = [
        item("short", &json!([file("f", 9, "short/f")])),
        item("long", &json!([file("f", 2, "long/f")])),
        item("gone", &json!([file("f", 5, "gone/f")])),
        item("good", &json!([file("f", 5, "good/f")])),
    ];
    let files: &[(&str, &[u8])] =
        &[("/l/short/f", b"bytes"), ("/l/long/f", b"bytes"), ("/l/good/f", b"bytes")];
    let (origin, shelf) = publisher(&listed, files, |_| None).await;
    let (follower, library, following) = followed(&origin).await;
    assert!(following.last_sync.is_none() && words(&following).contains("f:"), "{following:?}");
    let found = items(&follower, &library);
    assert!(found["item good"].is_cached());
    for (name, why) in [("item short", "9 bytes"), ("item long", "more than 2 bytes"), ("item gone", "404")] {
        let item = &found[name];
        let error = item.followed.as_ref().and_then(|followed| followed.error.clone()).unwrap();
        assert!(
            !item.is_cached() && error.text.contains(why) && error.text.contains("f:"),
            "{name}: {error}"
        );
        assert!(item.session.is_none() && !error.text.contains("bytes\""), "{error}");
    }
    // When the publisher mends it, the next one finds it.
    shelf.lock().unwrap().extend([
        ("/l/short/f", b"123456789".to_vec()),
        ("/l/long/f", b"12".to_vec()),
        ("/l/gone/f", b"12345".to_vec()),
    ]);
    let following = sync(&follower, &library).await;
    assert_eq!((following.error, following.last_sync.is_some()), (None, true));
    assert!(items(&follower, &library).values().all(contentlibd::domain::item::Item::is_cached));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_outside_of_the_library_is_asked_for() {
    let elsewhere = Origin::plain(|_| whole(b"bytes")).await;
    let (url, redirect) = (elsewhere.url("/x"), elsewhere.url("/y"));
    let listed = [
        item("above", &json!([file("f", 5, "../secret")])),
        item("encoded", &json!([file("f", 5, "x/%2e%2e/%2e%2e/secret")])),
        item("absolute", &json!([file("f", 5, &url)])),
        item("rooted", &json!([file("f", 5, "/secret")])),
        item("sent", &json!([file("f", 5, "sent/f")])),
        item("named", &json!([file("../f", 5, "named/f")])),
        item("good", &json!([file("f", 5, "good/f")])),
    ];
    let files: &[(&str, &[u8])] = &[("/secret", b"bytes"), ("/l/good/f", b"bytes"), ("/l/named/f", b"bytes")];
    let (origin, _) = publisher(&listed, files, move |asked| {
        let location = format!("location: {redirect}");
        let lines = ["HTTP/1.1 302 Found", &location, "content-length: 0"];
        (asked.path() == "/l/sent/f").then(|| Reply::Raw(raw(&lines, b"")))
    })
    .await;
    let (follower, library, following) = followed(&origin).await;
    assert!(!words(&following).is_empty());
    let found = items(&follower, &library);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["item good", "item sent"]);
    let sent = found["item sent"].followed.clone().unwrap().error.unwrap();
    assert!(found["item good"].is_cached() && sent.text.contains("redirected to another server"), "{sent}");
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());
    assert!(origin.asked().iter().all(|asked| asked.path().starts_with("/l/")), "{:?}", origin.asked());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_are_none_change_nothing() {
    let good = [item("a", &json!([file("f", 5, "a/f")]))];
    let (origin, shelf) = publisher(&good, &[("/l/a/f", b"bytes")], |_| None).await;
    let (follower, library, following) = followed(&origin).await;
    assert_eq!(following.error, None);
    let before = items(&follower, &library);
    let huge = format!("{{\"items\": [{}]}}", "null,".repeat(8 << 20)).into_bytes();
    let deep = format!("{{\"items\": {}", "[".repeat(100_000)).into_bytes();
    let wrong: [(Vec<u8>, &str); 5] = [
        (b"<html>root:x:0:0</html>".to_vec(), "JSON"),
        (b"{\"items\": 5}".to_vec(), "JSON"),
        (deep, "JSON"),
        (huge, "more than"),
        (Vec::new(), "JSON"),
    ];
    for (version, (items_json, why)) in (2..).zip(wrong) {
        shelf.lock().unwrap().extend([("/l/lib.json", lib(version)), ("/l/items.json", items_json)]);
        let following = sync(&follower, &library).await;
        let text = words(&following);
        assert!(text.contains(why) && !text.contains("root:x"), "{text}");
        assert_eq!(items(&follower, &library), before);
    }
    shelf.lock().unwrap().extend([("/l/lib.json", lib(9)), ("/l/items.json", listing(&[]))]);
    assert_eq!(sync(&follower, &library).await.error, None);
    assert!(items(&follower, &library).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_of_the_first_version_that_is_still_preparing_is_waited_for() {
    let (n_asked, n_prepared) = (AtomicUsize::new(0), 2);
    let old = json!({"version": 7, "id": "urn:uuid:old", "name": "old", "created": "x", "type": "vcsp.iso",
        "files": [{"etag": 3, "name": "f", "hrefs": ["old/f"]}], "selfHref": "old/item", "vms": []});
    let own = json!({"version": 7, "id": "urn:uuid:old", "name": "old", "description": "d", "type": "vcsp.iso",
        "files": [{"etag": 3, "name": "f", "size": 5, "hrefs": ["old/f"]}]});
    let head =
        json!({"vcspVersion": "1", "version": 7, "itemsHref": "items", "itemType": "vcsp.CatalogItem"});
    let bytes = |value: &Value| value.to_string().into_bytes();
    let files: &[(&str, &[u8])] = &[
        ("/l", &bytes(&head)),
        ("/l/items", &bytes(&json!({"items": [old], "version": 7}))),
        ("/l/old/item", &bytes(&own)),
        ("/l/old/f", b"bytes"),
    ];
    let (origin, _) = publisher(&[], files, move |asked| {
        let is_early = asked.path() == "/l/old/f" && n_asked.fetch_add(1, Ordering::Relaxed) < n_prepared;
        let body = br#"{"status": "RUNNING", "progress": 50, "message": ""}"#;
        let lines = ["HTTP/1.1 503 Service Unavailable", "content-length: 52"];
        is_early.then(|| Reply::Raw(raw(&lines, body)))
    })
    .await;
    let follower = follower().await;
    let library = subscribe(&follower, &origin.url("/l"), false).await;
    assert_eq!(sync(&follower, &library).await.error, None);
    let old = &items(&follower, &library)["old"];
    assert_eq!((old.type_name.as_str(), old.description.as_str()), ("iso", "d"));
    assert_eq!(content(&follower, old)["f"].as_deref(), Some(&b"bytes"[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_off_goes_on_there() {
    let listed = [item("a", &json!([file("f", 10, "a/f")]))];
    let n_asked = AtomicUsize::new(0);
    let (origin, _) = publisher(&listed, &[], move |asked| {
        (asked.path() == "/l/a/f").then(|| {
            let n_before = n_asked.fetch_add(1, Ordering::Relaxed);
            ranged(asked, "\"tag\"", b"0123456789", (n_before < 2).then_some(4 + n_before * 2))
        })
    })
    .await;
    let (follower, library, following) = followed(&origin).await;
    assert_eq!(following.error, None);
    let found = content(&follower, &items(&follower, &library)["item a"]);
    assert_eq!(found["f"].as_deref(), Some(&b"0123456789"[..]));
    let ranges: Vec<_> =
        origin.asked().iter().filter_map(|asked| asked.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, ["bytes=4-", "bytes=6-"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_in_the_middle_goes_on_where_it_was() {
    // A publisher that has its generations as tags, as another contentlibd does.
    let tagged = json!([{"name": "f", "size": 10, "etag": "3", "generationNum": 3, "hrefs": ["a/f"]}]);
    let listed = [item("a", &tagged), item("b", &json!([file("g", 5, "b/g")]))];
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let n_asked = AtomicUsize::new(0);
    let (origin, _) = publisher(&listed, &[("/l/b/g", b"bytes")], move |asked| {
        if asked.path() != "/l/a/f" {
            return None;
        }
        if n_asked.fetch_add(1, Ordering::Relaxed) > 0 {
            return Some(ranged(asked, "\"3\"", b"0123456789", None));
        }
        let lines = ["HTTP/1.1 200 OK", "etag: \"3\"", "content-length: 10"];
        Some(Reply::Gated(raw(&lines, b"0123"), Arc::clone(&held), b"456789".to_vec()))
    })
    .await;
    let mut settings = crate::session::settings();
    settings.transfers.sync_bytes = 1;
    let follower = Listening::with(settings).await;
    let library = subscribe(&follower, &origin.url("/l/lib.json"), false).await;
    follower.served.serve(StartSync { library: library.clone() }).await;
    let durable = |follower: &Listening| {
        let app = &follower.served.app;
        let found = items(follower, &library);
        let session = found.get("item a")?.session.clone()?;
        let question = contentlibd::domain::update::GetUpdateSession { id: session };
        let seen = app.ledger.ask(contentlibd::domain::Caller::Server, app.now(), &question).ok()?;
        seen.session.file("f").map(|file| file.durable)
    };
    while durable(&follower) != Some(4) {
        tokio::task::yield_now().await;
    }
    let follower = follower.again().await;
    let following = settled(&follower, &library).await;
    assert_eq!((following.error, following.last_sync.is_some()), (None, true));
    let found = items(&follower, &library);
    assert_eq!(content(&follower, &found["item a"])["f"].as_deref(), Some(&b"0123456789"[..]));
    assert!(found["item b"].is_cached());
    let asked = origin.asked();
    let ranges: Vec<_> = asked.iter().filter_map(|asked| asked.header("range")).collect();
    assert_eq!(ranges, ["bytes=4-"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_replaced_after_it_was_listed_is_not_taken_for_the_listed_one() {
    let tagged = json!([{"name": "f", "size": 5, "etag": "3", "generationNum": 3, "hrefs": ["a/f"]}]);
    let (origin, _) = publisher(&[item("a", &tagged)], &[], |asked| {
        (asked.path() == "/l/a/f").then(|| ranged(asked, "\"4\"", b"other", None))
    })
    .await;
    let (follower, library, following) = followed(&origin).await;
    assert!(words(&following).contains("replaced it after it was listed"), "{following:?}");
    assert!(!items(&follower, &library)["item a"].is_cached());
}
