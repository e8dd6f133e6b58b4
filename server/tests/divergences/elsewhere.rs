//! Logins, surfaces, libraries, items and downloads, where another server in wide use goes its own way: rows 34 to 46 of
//! `docs/divergences.md`, over HTTP.

use http::Request;
use serde_json::{Value, json};

use crate::served::Listening;
use crate::session::settings;
use crate::wire::{ROOT, Wire};

#[tokio::test]
async fn w34_only_a_login_is_a_login() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let session = wire.open(&item).await;
    for stranger in [session.as_str(), &item, ""] {
        let path = "/rest/com/vmware/content/library";
        wire.at("GET", path, stranger, Value::Null).await.is_refused("unauthenticated", &[]);
        assert_eq!(wire.at("GET", "/api/content/library", stranger, Value::Null).await.status, 401);
        let security = match stranger {
            "" => Value::Null,
            id => json!({"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": id}),
        };
        let result = wire.json_rpc("com.vmware.content.library", "list", security, json!({})).await;
        let error = &result["error"]["ERROR"]["com.vmware.vapi.std.errors.unauthenticated"];
        assert_eq!(error["error_type"]["OPTIONAL"], "UNAUTHENTICATED", "{result}");
    }
}

#[tokio::test]
async fn w35_json_rpc_has_everything_and_looks_at_passwords() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let user_pass = |password: &str| {
        let scheme = "com.vmware.vapi.std.security.user_pass";
        json!({"schemeId": scheme, "userName": "ann", "password": password})
    };
    let refused = wire.json_rpc("com.vmware.cis.session", "create", user_pass("b"), json!({})).await;
    assert!(refused["error"]["ERROR"]["com.vmware.vapi.std.errors.unauthenticated"].is_object(), "{refused}");
    let made = wire.json_rpc("com.vmware.cis.session", "create", user_pass("a"), json!({})).await;
    let login = made["output"]["SECRET"].as_str().expect("a secret");
    let security = json!({"schemeId": "com.vmware.vapi.std.security.session_id", "sessionId": login});
    let input = json!({"library_item_id": item});
    let got = wire.json_rpc("com.vmware.content.library.item", "get", security, input).await;
    let model = &got["output"]["STRUCTURE"]["com.vmware.content.library.item_model"];
    assert_eq!(model["name"]["OPTIONAL"], "image", "{got}");
}

#[tokio::test]
async fn w36_the_newer_rest_is_there() {
    let wire = Wire::new().await;
    let request = Request::post(format!("{}/api/session", wire.listening.url));
    let made = wire.send(request.header("authorization", "Basic YW5uOmE=").body(Vec::new()).unwrap()).await;
    assert_eq!(made.status, 201);
    let login = made.body.as_str().expect("a text").to_owned();
    let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
    let spec = json!({"name": "images", "storage_backings": backings});
    let library = wire.at("POST", "/api/content/local-library", &login, spec).await;
    assert_eq!(library.status, 201, "{}", library.body);
    let listed = wire.api("GET library", Value::Null).await;
    assert_eq!((listed.status, &listed.body), (200, &json!([library.body])));
    let spec = json!({"name": "image", "library_id": library.body});
    let item = wire.api("POST library/item", spec).await;
    let session = wire.api("POST library/item/update-session", json!({"library_item_id": item.body})).await;
    let session = session.body.as_str().expect("a text");
    let line = format!("POST library/item/update-session/{session}?action=complete");
    assert_eq!(wire.api(&line, Value::Null).await.status, 204);
    let gone = wire.api("GET library/item/nothing", Value::Null).await;
    assert_eq!((gone.status, &gone.body["error_type"]), (404, &json!("NOT_FOUND")));
    assert_eq!(wire.at("DELETE", "/api/session", &login, Value::Null).await.status, 204);
    assert_eq!(wire.at("GET", "/api/session", &login, Value::Null).await.status, 401);
}

#[tokio::test]
async fn w37_configuration_types_and_history_are_there() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let shown = wire.rest("POST configuration?~action=get", Value::Null).await.value();
    assert!(shown["automatic_sync_enabled"].is_boolean(), "{shown}");
    let newer = wire.api("GET configuration", Value::Null).await;
    // The two write maps differently, and there are some beside the settings.
    let settings = |shown: &Value| {
        let members = shown.as_object().into_iter().flatten();
        members
            .filter(|(name, _)| !name.ends_with("_setting"))
            .map(|of| format!("{of:?}"))
            .collect::<Vec<_>>()
    };
    assert_eq!((newer.status, settings(&newer.body)), (200, settings(&shown)));
    let types = wire.rest("GET type", Value::Null).await.value();
    let mut types: Vec<_> = types.as_array().unwrap().iter().map(|of| of["type"].clone()).collect();
    types.sort_by_key(ToString::to_string);
    assert_eq!(types, ["iso", "ovf"]);
    let history = wire.api(&format!("GET library/item/{item}/changes"), Value::Null).await;
    assert_eq!((history.status, history.body.as_array().map(Vec::len)), (200, Some(2)), "{}", history.body);
    assert_eq!(history.body[0]["version"], "0000000002");
}

#[tokio::test]
async fn w38_every_refusal_names_its_error_and_says_why() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    wire.rest("GET library/item/id:nothing", Value::Null).await.is_refused("not_found", &["nothing"]);
    wire.rest("GET library/id:nothing", Value::Null).await.is_refused("not_found", &["nothing"]);
    let spec = json!({"spec": {}});
    wire.rest("POST library?~action=find", spec).await.is_refused("invalid_argument", &["spec"]);
    let usage = json!({"resource_urn": "urn:vmware:cluster:7"});
    let added = wire.api(&format!("POST library/{library}/usages"), usage).await;
    assert_eq!(added.status, 201, "{}", added.body);
    let refused = wire.rest(&format!("DELETE local-library/id:{library}"), Value::Null).await;
    refused.is_refused("not_allowed_in_current_state", &["urn:vmware:cluster:7"]);
    let nowhere = wire.at("GET", "/rest/com/vmware/content/nothing", wire.login(), Value::Null).await;
    assert_eq!(nowhere.status, 404);
    assert_eq!(nowhere.body["name"], "com.vmware.vapi.rest.httpNotFound");
    assert!(nowhere.body["localizableMessages"][0]["defaultMessage"].is_string(), "{}", nowhere.body);
    // The newer surfaces name the error in the body as well.
    let newer = wire.api("GET library/nothing", Value::Null).await;
    assert_eq!((newer.status, &newer.body["error_type"]), (404, &json!("NOT_FOUND")), "{}", newer.body);
}

#[tokio::test]
async fn w39_libraries_of_two_kinds_show_themselves_alone_and_have_versions() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let line = format!("GET subscribed-library/id:{library}");
    let wrong = wire.rest(&line, Value::Null).await;
    assert!([400, 404].contains(&wrong.status), "{}", wrong.body);
    let of_library = format!("library/id:{library}");
    let shown = wire.rest(&format!("GET {of_library}"), Value::Null).await.value();
    for field in shown.as_object().unwrap().keys() {
        assert!(!field.starts_with(char::is_uppercase), "{field} is no field of the API");
    }
    assert_eq!(shown["version"], "1");
    wire.listening.served.clock.pass_ms(5);
    let change = json!({"update_spec": {"name": "disks", "version": "1"}});
    let of_local = format!("PATCH local-library/id:{library}");
    wire.rest(&of_local, change.clone()).await.is_done();
    wire.rest(&of_local, change).await.is_refused("concurrent_change", &[]);
    let after = wire.rest(&format!("GET {of_library}"), Value::Null).await.value();
    assert_eq!((&after["version"], &after["name"]), (&json!("2"), &json!("disks")));
    assert_ne!(after["last_modified_time"], shown["last_modified_time"]);
}

/// A library with one item that others can follow, on a server of its own, and its address.
async fn published() -> (Wire, String, String) {
    let wire = Wire::new().await;
    let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
    let publish = json!({"published": true, "authentication_method": "NONE"});
    let spec =
        json!({"name": "images", "type": "LOCAL", "storage_backings": backings, "publish_info": publish});
    let library = wire.rest("POST local-library", json!({"create_spec": spec})).await.text();
    let item = wire.item(&library, "image", "iso").await;
    let session = wire.open(&item).await;
    wire.push(&session, "a.iso", b"bytes").await;
    wire.complete(&session).await.is_done();
    let shown = wire.rest(&format!("GET library/id:{library}"), Value::Null).await.value();
    let url = shown["publish_info"]["publish_url"].as_str().expect("an address").to_owned();
    (wire, item, url)
}

/// A library on another server that follows it, and its item.
async fn following(url: &str) -> (Wire, String, String) {
    let wire = Wire::to(Listening::with(settings()).await).await;
    let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
    let info = json!({
        "subscription_url": url, "authentication_method": "NONE",
        "automatic_sync_enabled": false, "on_demand": false,
    });
    let spec = json!({"name": "images", "type": "SUBSCRIBED", "storage_backings": backings, "subscription_info": info});
    let library = wire.rest("POST subscribed-library", json!({"create_spec": spec})).await.text();
    wire.rest(&format!("POST subscribed-library/id:{library}?~action=sync"), Value::Null).await.is_done();
    let list = format!("GET library/item?library_id={library}");
    let item = loop {
        let listed = wire.rest(&list, Value::Null).await.value();
        match listed[0].as_str() {
            Some(item) => break item.to_owned(),
            None => tokio::task::yield_now().await,
        }
    };
    // It is there before its files are, and says so.
    while wire.rest(&format!("GET library/item/id:{item}"), Value::Null).await.value()["cached"] != true {
        tokio::task::yield_now().await;
    }
    (wire, library, item)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w04_what_a_library_follows_is_changed_by_its_publisher_alone() {
    let (_publisher, _, url) = published().await;
    let (wire, library, item) = following(&url).await;
    wire.opening(&item).await.is_refused("invalid_element_type", &["publisher"]);
    let spec = json!({"create_spec": {"name": "another", "library_id": library}});
    wire.rest("POST library/item", spec).await.is_refused("invalid_element_type", &["subscribed"]);
    let copy = json!({"destination_create_spec": {"name": "another", "library_id": library}});
    let line = format!("POST library/item/id:{item}?~action=copy");
    wire.rest(&line, copy).await.is_refused("invalid_element_type", &["subscribed"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w40_a_published_library_is_where_it_says_and_followers_have_it() {
    let (publisher, original, url) = published().await;
    assert!(url.ends_with("/lib.json"), "{url}");
    let document = publisher.send(Request::get(&url).body(Vec::new()).unwrap()).await;
    assert_eq!((document.status, &document.body["name"]), (200, &json!("images")), "{}", document.body);
    let (follower, library, item) = following(&url).await;
    assert_eq!(follower.contents(&item).await, json!([["a.iso", "1", 5]]));
    let shown = follower.rest(&format!("GET library/item/id:{item}"), Value::Null).await.value();
    assert_eq!(shown["source_id"], original);
    // It is a copy: what the publisher changes is seen when the follower looks again.
    let session = publisher.open(&original).await;
    publisher.push(&session, "a.iso", b"other bytes").await;
    publisher.complete(&session).await.is_done();
    assert_eq!(follower.contents(&item).await, json!([["a.iso", "1", 5]]));
    let line = format!("POST subscribed-library/id:{library}?~action=sync");
    follower.rest(&line, Value::Null).await.is_done();
    while follower.contents(&item).await[0][2] != 11 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn w41_names_of_items_are_checked_and_versions_move() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    for name in [String::new(), "a".repeat(81)] {
        let spec = json!({"create_spec": {"name": name, "library_id": library}});
        wire.rest("POST library/item", spec).await.is_refused("invalid_argument", &["name"]);
    }
    let item = wire.item(&library, "Image", "iso").await;
    let find = json!({"spec": {"library_id": library, "name": "iMAGE", "type": "ISO"}});
    assert_eq!(wire.rest("POST library/item?~action=find", find).await.value(), json!([item]));
    let get = format!("GET library/item/id:{item}");
    let before = wire.rest(&get, Value::Null).await.value();
    for field in before.as_object().unwrap().keys() {
        assert!(!field.starts_with(char::is_uppercase), "{field} is no field of the API");
    }
    let session = wire.open(&item).await;
    wire.push(&session, "a.iso", b"bytes").await;
    wire.complete(&session).await.is_done();
    let rename = json!({"update_spec": {"name": "b"}});
    wire.rest(&format!("PATCH library/item/id:{item}"), rename).await.is_done();
    let after = wire.rest(&get, Value::Null).await.value();
    for version in ["content_version", "metadata_version", "version"] {
        // The official samples compare them as texts.
        assert!(after[version].as_str() > before[version].as_str(), "{version}: {before} {after}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w42_a_copy_is_called_as_asked_and_has_the_bytes() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let library = wire.rest(&format!("GET library/item/id:{item}"), Value::Null).await.value();
    let library = library["library_id"].clone();
    let line = format!("POST library/item/id:{item}?~action=copy");
    let named = |name: &str| json!({"destination_create_spec": {"library_id": library, "name": name}});
    wire.rest(&line, named("IMAGE")).await.is_refused("already_exists", &["IMAGE"]);
    let copy = wire.rest(&line, named("another")).await.text();
    while wire.contents(&copy).await == json!([]) {
        tokio::task::yield_now().await;
    }
    assert_eq!(wire.contents(&copy).await, json!([["a.iso", "1", 5]]));
    let shown = wire.rest(&format!("GET library/item/id:{copy}"), Value::Null).await.value();
    assert_eq!((&shown["name"], &shown["source_id"]), (&json!("another"), &json!(item)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w43_a_download_has_a_length_ranges_and_a_session_that_stays() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let spec = json!({"create_spec": {"library_item_id": item}});
    let session = wire.rest("POST library/item/download-session", spec).await.text();
    let file = async |action: &str, name: &str| {
        let line = format!("POST library/item/downloadsession/file/id:{session}?~action={action}");
        wire.rest(&line, json!({"file_name": name})).await
    };
    for action in ["prepare", "get"] {
        file(action, "b.iso").await.is_refused("invalid_argument", &["b.iso"]);
    }
    file("prepare", "a.iso").await.value();
    let ready = loop {
        let ready = file("get", "a.iso").await.value();
        if ready["status"] == "PREPARED" {
            break ready;
        }
        tokio::task::yield_now().await;
    };
    let uri = ready["download_endpoint"]["uri"].as_str().expect("an address").to_owned();
    let whole = wire.send(Request::get(&uri).body(Vec::new()).unwrap()).await;
    assert_eq!((whole.status, &whole.headers["content-length"]), (200, &"5".parse().unwrap()));
    assert_eq!(whole.body, "bytes");
    let request = Request::get(&uri).header("range", "bytes=3-").body(Vec::new()).unwrap();
    let part = wire.send(request).await;
    assert_eq!((part.status, &part.body), (206, &json!("es")));
    for action in ["cancel", "fail"] {
        let line = format!("POST library/item/download-session/id:{session}?~action={action}");
        let reply = wire.rest(&line, Value::Null).await;
        match action {
            "cancel" => reply.is_done(),
            _ => reply.is_refused("not_allowed_in_current_state", &["CANCELED"]),
        }
        let shown = wire.rest(&format!("GET library/item/download-session/id:{session}"), Value::Null).await;
        assert_eq!(shown.value()["state"], "CANCELED");
    }
}

#[tokio::test]
async fn w44_places_in_storage_are_addresses_with_the_files_facts() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let wire = wire.of(ROOT).await;
    let line = format!("GET library/item/storage?library_item_id={item}");
    let stored = wire.rest(&line, Value::Null).await.value();
    let uri = stored[0]["storage_uris"][0].as_str().expect("an address");
    assert!(uri.starts_with(&wire.listening.url), "{uri}");
    assert_eq!((&stored[0]["name"], &stored[0]["size"]), (&json!("a.iso"), &json!(5)));
    assert!(stored[0]["checksum_info"]["checksum"].as_str().is_some_and(|sum| !sum.is_empty()), "{stored}");
}

#[tokio::test]
async fn w45_sessions_end_with_their_item() {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let session = wire.open(&item).await;
    let uri = wire.add(&session, "b.iso").await;
    wire.rest(&format!("DELETE library/item/id:{item}"), Value::Null).await.is_done();
    assert_eq!(wire.state(&session).await, "ERROR");
    assert_eq!(wire.put(&uri, b"late").await.status, 409);
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["deleted"]);
}

#[tokio::test]
async fn w46_a_library_in_use_goes_when_it_is_forced() {
    let wire = Wire::new().await;
    for (method, kind, surface) in [
        ("POST", "library", "/api"),
        ("POST", "local-library", "/api"),
        ("POST", "local-library", "/rest"),
        // As govc has it.
        ("DELETE", "local-library", "/rest"),
    ] {
        let library = wire.library("images").await;
        let usage = json!({"resource_urn": "urn:vmware:cluster:7"});
        assert_eq!(wire.api(&format!("POST library/{library}/usages"), usage).await.status, 201);
        let path = match surface {
            "/api" => format!("/api/content/{kind}/{library}?action=force-delete"),
            _ => format!("/rest/com/vmware/content/{kind}/id:{library}?~action=force-delete"),
        };
        let reply = wire.at(method, &path, wire.login(), Value::Null).await;
        assert!([200, 204].contains(&reply.status), "{path}: {}", reply.body);
        assert_eq!(wire.rest("GET library", Value::Null).await.value(), json!([]), "{path}");
        // What does nothing is no success either.
        let unknown = path.replace("force", "burn");
        assert_eq!(wire.at(method, &unknown, wire.login(), Value::Null).await.status, 404, "{unknown}");
    }
}
