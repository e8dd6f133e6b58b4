//! Update sessions, where another server in wide use goes its own way: rows 1 to 16 of `docs/divergences.md`, over HTTP.

use serde_json::{Value, json};

use crate::wire::{BOB, Wire};

/// An item with a file, and a session on it.
async fn with_session() -> (Wire, String, String) {
    let wire = Wire::new().await;
    let item = wire.filled().await;
    let session = wire.open(&item).await;
    (wire, item, session)
}

const TOKEN: &str = "6fcb30b4-5b70-4a09-8a15-0f5d2a4f7c11";

#[tokio::test]
async fn w01_a_second_active_session_finds_the_item_busy() {
    let (wire, item, session) = with_session().await;
    wire.opening(&item).await.is_refused("resource_busy", &[]);
    wire.act(&session, "cancel", Value::Null).await.is_done();
    assert_ne!(wire.open(&item).await, session);
}

#[tokio::test]
async fn w02_a_token_makes_one_thing_and_has_to_be_a_uuid() {
    let wire = Wire::new().await;
    let backings = json!([{"datastore_id": "datastore-1", "type": "DATASTORE"}]);
    let library = json!({"name": "images", "type": "LOCAL", "storage_backings": backings});
    let library = twice(&wire, "POST local-library", library).await;
    let item = twice(&wire, "POST library/item", json!({"name": "image", "library_id": library})).await;
    for kind in ["update-session", "download-session"] {
        twice(&wire, &format!("POST library/item/{kind}"), json!({"library_item_id": item})).await;
    }
}

/// The same call with a token, two times, and with one that is none.
async fn twice(wire: &Wire, line: &str, spec: Value) -> String {
    let body = |token: &str| json!({"client_token": token, "create_spec": spec});
    let id = wire.rest(line, body(TOKEN)).await.text();
    assert_eq!(wire.rest(line, body(TOKEN)).await.text(), id, "{line}");
    wire.rest(line, body("7")).await.is_refused("invalid_argument", &["UUID"]);
    id
}

#[tokio::test]
async fn w03_a_session_on_no_item_is_refused_with_words() {
    let wire = Wire::new().await;
    wire.opening("nowhere").await.is_refused("not_found", &["nowhere"]);
    assert_eq!(wire.rest("GET library", Value::Null).await.value(), json!([]));
}

#[tokio::test]
async fn w05_a_session_that_nobody_uses_is_gone_after_five_minutes() {
    let (wire, item, session) = with_session().await;
    let clock = &wire.listening.served.clock;
    clock.pass_ms(299_999);
    assert_eq!(wire.state(&session).await, "ACTIVE");
    clock.pass_ms(1);
    wire.session(&session).await.is_refused("not_found", &["expired"]);
    wire.complete(&session).await.is_refused("not_found", &[]);
    wire.open(&item).await;
}

#[tokio::test]
async fn w06_the_list_has_ones_own_sessions_of_the_item_asked_for() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let item = wire.item(&library, "image", "").await;
    let session = wire.open(&item).await;
    let other = wire.item(&library, "other", "").await;
    let second = wire.open(&other).await;
    let list = "GET library/item/update-session";
    let all = wire.rest(list, Value::Null).await.value();
    let all: Vec<_> = all.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(all.len() == 2 && all.contains(&session.as_str()) && all.contains(&second.as_str()), "{all:?}");
    let of_item = |item: &str| format!("{list}?library_item_id={item}");
    assert_eq!(wire.rest(&of_item(&item), Value::Null).await.value(), json!([session]));
    assert_eq!(wire.rest(&of_item(&other), Value::Null).await.value(), json!([second]));
    wire.rest(&of_item("nowhere"), Value::Null).await.is_refused("not_found", &["nowhere"]);
    let wire = wire.of(BOB).await;
    assert_eq!(wire.rest(list, Value::Null).await.value(), json!([]));
}

#[tokio::test]
async fn w07_a_session_shows_a_preview_and_what_is_done_about_warnings() {
    let (wire, item, session) = with_session().await;
    let shown = wire.session(&session).await.value();
    assert_eq!(shown["preview_info"]["state"], "UNAVAILABLE", "{shown}");
    wire.add(&session, "b.iso").await;
    assert_eq!(wire.session(&session).await.value()["preview_info"]["state"], "NOT_APPLICABLE");
    let behavior = json!([{"type": "SELF_SIGNED_CERTIFICATE", "ignored": true}]);
    let spec = json!({"update_spec": {"warning_behavior": behavior}});
    let line = format!("PATCH library/item/update-session/id:{session}");
    wire.rest(&line, spec.clone()).await.is_done();
    assert_eq!(wire.session(&session).await.value()["warning_behavior"], behavior);
    wire.act(&session, "cancel", Value::Null).await.is_done();
    assert!(wire.session(&session).await.value()["preview_info"].is_null());
    wire.rest(&line, spec).await.is_refused("not_allowed_in_current_state", &["CANCELED"]);
    let spec = json!({"create_spec": {"library_item_id": item, "warning_behavior": behavior}});
    let session = wire.rest("POST library/item/update-session", spec).await.text();
    assert_eq!(wire.session(&session).await.value()["warning_behavior"], behavior);
}

#[tokio::test]
async fn w08_an_ended_session_does_nothing_any_more() {
    let (wire, item, mut session) = with_session().await;
    for (action, state) in [("complete", "DONE"), ("cancel", "CANCELED"), ("fail", "ERROR")] {
        wire.act(&session, action, Value::Null).await.is_done();
        for again in ["complete", "cancel", "fail", "keep-alive"] {
            let refused = wire.act(&session, again, Value::Null).await;
            refused.is_refused("not_allowed_in_current_state", &[state]);
        }
        assert_eq!(wire.state(&session).await, state);
        session = wire.open(&item).await;
    }
}

#[tokio::test]
async fn w09_an_action_that_does_not_exist_is_an_error() {
    let (wire, _, session) = with_session().await;
    let reply = wire.act(&session, "finish", Value::Null).await;
    assert_eq!(reply.status, 404, "{}", reply.body);
    let text = reply.body.to_string();
    assert!(text.contains("finish") && text.contains("complete"), "{text}");
    assert_eq!(wire.state(&session).await, "ACTIVE");
}

#[tokio::test]
async fn w10_complete_waits_for_what_was_announced() {
    let (wire, item, session) = with_session().await;
    let uri = wire.add(&session, "b.iso").await;
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["b.iso"]);
    assert_eq!(wire.state(&session).await, "ACTIVE");
    assert_eq!(wire.put(&uri, b"more").await.status, 200);
    wire.complete(&session).await.is_done();
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5], ["b.iso", "1", 4]]));
}

#[tokio::test]
async fn w11_all_is_there_when_complete_returns() {
    let (wire, item, session) = with_session().await;
    wire.push(&session, "b.iso", b"more").await;
    wire.complete(&session).await.is_done();
    assert_eq!(wire.state(&session).await, "DONE");
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5], ["b.iso", "1", 4]]));
}

#[tokio::test]
async fn w12_what_a_client_fails_with_is_kept_and_said_again() {
    let (wire, _, session) = with_session().await;
    let words = json!({"client_error_message": "the cable was cut"});
    wire.act(&session, "fail", words).await.is_done();
    let shown = wire.session(&session).await.value();
    assert_eq!(shown["state"], "ERROR");
    assert_eq!(shown["error_message"]["default_message"], "the cable was cut");
    wire.complete(&session).await.is_refused("not_allowed_in_current_state", &["the cable was cut"]);
}

#[tokio::test]
async fn w13_keeping_alive_tells_progress_and_moves_the_end() {
    let (wire, _, session) = with_session().await;
    let before = wire.session(&session).await.value();
    wire.listening.served.clock.pass_ms(200_000);
    wire.act(&session, "keep-alive", json!({"client_progress": 30})).await.is_done();
    wire.listening.served.clock.pass_ms(200_000);
    let after = wire.session(&session).await.value();
    assert_eq!(after["client_progress"], 30);
    let end = |shown: &Value| shown["expiration_time"].as_str().unwrap().to_owned();
    assert!(end(&after) > end(&before), "{before} {after}");
}

#[tokio::test]
async fn w14_an_active_session_is_not_deleted() {
    let (wire, _, session) = with_session().await;
    let line = format!("DELETE library/item/update-session/id:{session}");
    wire.rest(&line, Value::Null).await.is_refused("not_allowed_in_current_state", &["ACTIVE"]);
    wire.complete(&session).await.is_done();
    wire.rest(&line, Value::Null).await.is_done();
    wire.session(&session).await.is_refused("not_found", &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn w15_what_a_given_up_session_received_is_erased() {
    let (wire, item, session) = with_session().await;
    wire.push(&session, "b.iso", b"more").await;
    let uri = wire.add(&session, "c.iso").await;
    wire.n_blobs_become(2).await;
    wire.act(&session, "cancel", Value::Null).await.is_done();
    wire.n_blobs_become(1).await;
    assert_eq!(wire.put(&uri, b"late").await.status, 409);
    assert_eq!(wire.contents(&item).await, json!([["a.iso", "1", 5]]));
}

#[tokio::test]
async fn w16_what_is_zero_is_there() {
    let (wire, _, session) = with_session().await;
    let uri = wire.add(&session, "b.iso").await;
    assert_eq!(wire.session(&session).await.value()["client_progress"], 0);
    assert_eq!(wire.file(&session, "b.iso").await.value()["bytes_transferred"], 0);
    assert_eq!(wire.put(&uri, b"").await.status, 200);
    let file = wire.file(&session, "b.iso").await.value();
    assert_eq!((&file["bytes_transferred"], &file["size"]), (&json!(0), &json!(0)), "{file}");
}
