//! More of what govc sends below `/rest` and `/api`: changing, copying and publishing, its session commands, imports that
//! the server fetches, and what it lists besides.

use serde_json::{Value, json};

use crate::govc::{Govc, ROOT};
use crate::origin::{self, Origin, raw, whole};
use crate::served::Listening;
use crate::session::settings;

/// `library.update`, of a library and of an item.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_renames_what_there_is() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, _) = govc.import(&library).await;
    let change = json!({"update_spec": {"name": "disks", "description": "of all kinds"}});
    for path in [format!("/library/id:{library}"), format!("/library/item/id:{item}")] {
        govc.patch(&path, change.clone()).await.is_done();
        let shown = govc.get(&path).await.value();
        assert_eq!((&shown["name"], &shown["description"]), (&json!("disks"), &json!("of all kinds")));
    }
    assert_eq!(govc.item(&library, "disks").await["id"], item);
    govc.end().await;
}

/// `library.cp`, into the same library under another name and into another library under the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_copies_items() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let (library, other) = (govc.create("images").await, govc.create("others").await);
    let (item, _) = govc.import(&library).await;
    let path = format!("/library/item/id:{item}?~action=copy");
    for (library, name) in [(&library, "another"), (&other, "image")] {
        let spec = json!({"destination_create_spec": {"library_id": library, "name": name}});
        let copy = govc.post(&path, spec.clone()).await.text();
        let files = format!("/library/item/file?library_item_id={copy}");
        let files = loop {
            let files = govc.get(&files).await.value();
            if files != json!([]) {
                break files;
            }
            tokio::task::yield_now().await;
        };
        assert_eq!((&files[0]["name"], &files[0]["size"]), (&json!("image.iso"), &json!(11)));
        govc.post(&path, spec).await.is_refused("already_exists", name);
    }
    govc.end().await;
}

/// `library.create -pub` and `library.publish`; then `library.create -sub`, `library.sync`, `library.evict` of a library
/// and of an item, and `library.rm`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_publishes_a_library_and_follows_it() {
    let listening = Listening::with(settings()).await;
    let mut govc = Govc::new(&listening).await;
    let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
    let publish = json!({"published": true, "authentication_method": "NONE"});
    let spec =
        json!({"name": "images", "type": "LOCAL", "storage_backings": backings, "publish_info": publish});
    let library = govc.post("/local-library", json!({"create_spec": spec})).await.text();
    let shown = govc.get(&format!("/library/id:{library}")).await.value();
    let url = shown["publish_info"]["publish_url"].as_str().expect("an address").to_owned();
    assert!(url.starts_with(&listening.url) && url.ends_with("lib.json"), "{url}");
    govc.import(&library).await;
    govc.post(&format!("/local-library/id:{library}?~action=publish"), json!({})).await.is_done();
    let plain = govc.create("others").await;
    let refused = govc.post(&format!("/local-library/id:{plain}?~action=publish"), json!({})).await;
    refused.is_refused("not_allowed_in_current_state", "published");

    let info = json!({
        "authentication_method": "NONE", "automatic_sync_enabled": false, "on_demand": true,
        "subscription_url": url,
    });
    let spec = json!({"name": "followed", "type": "SUBSCRIBED", "storage_backings": backings, "subscription_info": info});
    let follower = govc.post("/subscribed-library", json!({"create_spec": spec})).await.text();
    govc.act(&format!("/subscribed-library/id:{follower}?~action=sync")).await.is_done();
    let list = format!("/library/item?library_id={follower}");
    let item = loop {
        let listed = govc.get(&list).await.value();
        if let Some(item) = listed[0].as_str() {
            break item.to_owned();
        }
        tokio::task::yield_now().await;
    };
    let spec = json!({"create_spec": {"name": "mine", "library_id": follower}});
    govc.post("/library/item", spec).await.is_refused("invalid_element_type", "subscribed");
    let sync = format!("/library/subscribed-item/id:{item}?~action=sync");
    govc.post(&sync, json!({"force_sync_content": false})).await.is_done();
    govc.act(&format!("/library/subscribed-item/id:{item}?~action=evict")).await.is_done();
    govc.act(&format!("/subscribed-library/id:{follower}?~action=evict")).await.is_done();
    govc.delete(&format!("/subscribed-library/id:{follower}")).await.is_done();
    govc.delete(&format!("/local-library/id:{library}")).await.is_done();
    govc.end().await;
}

/// `library.session.ls -i`, and `library.session.rm` with a file, with `-f`, and of a download.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_clears_sessions_away() {
    let listening = Listening::new().await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, done) = govc.import(&library).await;
    let spec = json!({"create_spec": {"library_item_id": item}});
    let session = govc.post("/library/item/update-session", spec.clone()).await.text();
    let download = govc.post("/library/item/download-session", spec).await.text();
    let listed = govc.get("/library/item/update-session").await.value();
    assert_eq!(listed.as_array().map(Vec::len), Some(2), "{listed}");
    for id in listed.as_array().unwrap() {
        let shown =
            govc.get(&format!("/library/item/update-session/id:{}", id.as_str().unwrap())).await.value();
        assert_eq!((&shown["id"], &shown["library_item_id"]), (id, &json!(item)));
        govc.get(&format!("/library/item/id:{}", shown["library_item_id"].as_str().unwrap())).await.value();
    }
    let files =
        govc.get(&format!("/library/item/updatesession/file?update_session_id={session}")).await.value();
    assert_eq!((&files[0]["name"], &files[0]["source_type"]), (&json!("image.iso"), &json!("NONE")));

    // A file of a session, which is not possible where it is done.
    let of_file = json!({"file_name": "image.iso"});
    let remove = |id: &str| format!("/library/item/updatesession/file/id:{id}?~action=remove");
    govc.post(&remove(&session), of_file.clone()).await.is_done();
    govc.post(&remove(&done), of_file).await.is_refused("not_allowed_in_current_state", "DONE");

    // `-f` cancels first; an error of that ends it.
    let path = format!("/library/item/update-session/id:{session}");
    assert_eq!(govc.get(&path).await.value()["state"], "ACTIVE");
    govc.act(&format!("{path}?~action=cancel")).await.is_done();
    govc.delete(&path).await.is_done();
    govc.act(&format!("{path}?~action=cancel")).await.is_missing();
    // It asks for an update session first, and takes 404 to mean that it is a download session.
    govc.get(&format!("/library/item/update-session/id:{download}")).await.is_missing();
    let path = format!("/library/item/download-session/id:{download}");
    assert_eq!(govc.get(&path).await.value()["state"], "ACTIVE");
    govc.act(&format!("{path}?~action=cancel")).await.is_done();
    govc.delete(&path).await.is_done();
    assert_eq!(govc.get("/library/item/download-session").await.value(), json!([]));
    govc.end().await;
}

/// `library.import -pull`: it waits for the end of the session, not of the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_has_a_file_fetched() {
    let origin = Origin::plain(|asked| match asked.path() {
        "/image.iso" => whole(b"image bytes"),
        _ => origin::Reply::Raw(raw(&["HTTP/1.1 404 Not Found", "content-length: 0"], b"")),
    })
    .await;
    let listening = Listening::with(settings()).await;
    let mut govc = Govc::new(&listening).await;
    let library = govc.create("images").await;
    let (item, session) = govc.begin(&library, "image", "iso").await;
    let add = format!("/library/item/updatesession/file/id:{session}?~action=add");
    let spec = |path: &str| {
        let from = json!({"uri": origin.url(path)});
        json!({"file_spec": {"name": "image.iso", "size": 11, "source_type": "PULL", "source_endpoint": from}})
    };
    let added = govc.post(&add, spec("/image.iso")).await.value();
    assert_ne!(added["status"], "ERROR", "{added}");
    govc.complete(&session).await;
    let path = format!("/library/item/update-session/id:{session}");
    let ended = govc.ended(&path).await;
    assert_eq!(ended["state"], "DONE", "{ended}");
    let files = govc.get(&format!("/library/item/file?library_item_id={item}")).await.value();
    assert_eq!((&files[0]["name"], &files[0]["size"]), (&json!("image.iso"), &json!(11)));

    // What is not there ends in words, whether that is known when it completes or only later.
    let (_, session) = govc.begin(&library, "another", "iso").await;
    let add = format!("/library/item/updatesession/file/id:{session}?~action=add");
    govc.post(&add, spec("/nothing")).await.value();
    let path = format!("/library/item/update-session/id:{session}");
    let completed = govc.act(&format!("{path}?~action=complete")).await;
    match completed.status {
        200 => {
            let ended = govc.ended(&path).await;
            assert_eq!(ended["state"], "ERROR", "{ended}");
            assert!(ended["error_message"]["default_message"].as_str().unwrap().contains("404"), "{ended}");
        }
        _ => completed.is_refused("not_allowed_in_current_state", "404"),
    }
    govc.end().await;
}

/// `library.policy.ls`, `library.trust.ls`, and what else it asks for below `/api`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn govc_lists_policies_certificates_and_usages() {
    let listening = Listening::new().await;
    let mut govc = Govc::login(&listening, ROOT).await;
    let library = govc.create("images").await;
    for (path, expected) in [
        ("/api/content/security-policies".to_owned(), json!([])),
        ("/api/content/trusted-certificates".to_owned(), json!({"certificates": []})),
        (format!("/api/content/library/{library}/usages"), json!({"library_usage_list": []})),
    ] {
        let reply = govc.send("get", &path, "").await;
        let body: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, &body), (200, &expected), "{path}");
    }
    govc.end().await;
}
