//! One user's sessions and another user: every operation on every surface; and identifiers that are guessed.

use std::collections::BTreeSet;

use http::Request;
use serde_json::{Value, json};
use vapi::content::library::item::download_session::DownloadSessionClient;
use vapi::content::library::item::downloadsession::file::EndpointType;
use vapi::content::library::item::update_session::UpdateSessionClient;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{
    DownloadSessionModel, UpdateSessionModel, downloadsession, updatesession,
};
use vapi::runtime::{Error, OperationError, Surface};

use crate::served::Listening;
use crate::wire::{ANN, BOB, Wire};

/// The refusals that a user met, by operation, with the identifier taken out.
#[derive(Debug, Default, PartialEq)]
struct Met(Vec<(&'static str, String)>);

impl Met {
    #[track_caller]
    fn refused<T: std::fmt::Debug, E: OperationError>(
        &mut self,
        operation: &'static str,
        id: &str,
        result: Result<T, Error<E>>,
    ) {
        let refusal = result.expect_err(operation);
        assert_eq!(refusal.id(), Some("com.vmware.vapi.std.errors.not_found"), "{operation}: {refusal:?}");
        self.0.push((operation, format!("{refusal:?}").replace(id, "ID")));
    }
}

/// Everything that can be done with an update session that has an identifier.
async fn try_update(client: &vapi::Client, id: &str) -> Met {
    let (sessions, files) = (client.update_session(), client.update_session_file());
    let mut met = Met::default();
    met.refused("get", id, sessions.get(id).await);
    met.refused("keep_alive", id, sessions.keep_alive(id).await);
    met.refused("update", id, sessions.update(id, UpdateSessionModel::new()).await);
    met.refused("complete", id, sessions.complete(id).await);
    met.refused("fail", id, sessions.fail(id, "because").await);
    met.refused("cancel", id, sessions.cancel(id).await);
    met.refused("delete", id, sessions.delete(id).await);
    met.refused("file.list", id, files.list(id).await);
    met.refused("file.get", id, files.get(id, "disk.vmdk").await);
    met.refused("file.add", id, files.add(id, AddSpec::new("mine", SourceType::Push)).await);
    met.refused("file.remove", id, files.remove(id, "disk.vmdk").await);
    met.refused("file.validate", id, files.validate(id).await);
    met
}

async fn try_download(client: &vapi::Client, id: &str) -> Met {
    let (sessions, files) = (client.download_session(), client.download_session_file());
    let mut met = Met::default();
    met.refused("get", id, sessions.get(id).await);
    met.refused("keep_alive", id, sessions.keep_alive(id).await);
    met.refused("fail", id, sessions.fail(id, "because").await);
    met.refused("cancel", id, sessions.cancel(id).await);
    met.refused("delete", id, sessions.delete(id).await);
    met.refused("file.list", id, files.list(id).await);
    met.refused("file.get", id, files.get(id, "disk.vmdk").await);
    let prepare = files.prepare(id, "disk.vmdk").with(|input| input.endpoint_type(EndpointType::Https));
    met.refused("file.prepare", id, prepare.await);
    met
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_operation_tells_sessions_of_others_from_none() {
    let listening = Listening::new().await;
    let library = listening.served.library().await;
    let item = listening.served.item(&library, "disk").await.to_string();
    let ann = listening.served.client("ann", Surface::Rest);
    let update = ann.update_session().create(UpdateSessionModel::for_create(item.as_str())).await.unwrap();
    let file = AddSpec::new("disk.vmdk", SourceType::Push);
    ann.update_session_file().add(&update, file).await.unwrap();
    let download = DownloadSessionModel::for_create(item.as_str());
    let download = ann.download_session().create(download).await.unwrap();
    for surface in Surface::ALL {
        let bob = listening.served.client("bob", surface);
        let theirs = try_update(&bob, update.as_str()).await;
        assert_eq!(theirs, try_update(&bob, "none").await, "{surface:?}");
        // All but create and list; of files, all that this server has. A new operation belongs in the list above.
        let n_operations = UpdateSessionClient::TABLE.operations.len() - 2;
        let files = updatesession::file::FileClient::TABLE.operations;
        let n_of_files = files.iter().filter(|operation| operation.name != "probe").count();
        assert_eq!(theirs.0.len(), n_operations + n_of_files);
        let theirs = try_download(&bob, download.as_str()).await;
        assert_eq!(theirs, try_download(&bob, "none").await, "{surface:?}");
        let n_operations = DownloadSessionClient::TABLE.operations.len() - 2;
        let n_of_files = downloadsession::file::FileClient::TABLE.operations.len();
        assert_eq!(theirs.0.len(), n_operations + n_of_files);
        assert_eq!(bob.update_session().list().await.unwrap(), []);
        assert_eq!(bob.download_session().list().await.unwrap(), []);
    }
    // Nothing came of it.
    let files = ann.update_session_file().list(&update).await.unwrap();
    assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["disk.vmdk"]);
    ann.update_session().keep_alive(&update).await.unwrap();
    ann.download_session().keep_alive(&download).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_drawn_can_be_guessed() {
    let wire = Wire::new().await;
    let library = wire.library("images").await;
    let item = wire.item(&library, "image", "").await;
    let session = wire.open(&item).await;
    let mut drawn = BTreeSet::from([library, item, session.clone()]);
    for id in &drawn {
        let id: uuid::Uuid = id.parse().expect("a UUID");
        assert_eq!(id.get_version_num(), 4, "all of it is random");
    }
    let mut secrets = BTreeSet::new();
    for _ in 0..50 {
        let uri = wire.add(&session, "a.iso").await;
        let secret = uri.rsplit('/').nth(1).unwrap().to_owned();
        assert!(secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit()), "{uri}");
        secrets.insert(secret);
        drawn.insert(wire.login_of(ANN).await);
    }
    assert_eq!((secrets.len(), drawn.len()), (50, 53), "some were drawn twice");
    // Each digit counts.
    let uri = wire.add(&session, "a.iso").await;
    let secret = uri.rsplit('/').nth(1).unwrap();
    for place in 0..secret.len() {
        let mut guess = secret.as_bytes().to_vec();
        guess[place] = if guess[place] == b'0' { b'1' } else { b'0' };
        let guess = uri.replace(secret, std::str::from_utf8(&guess).unwrap());
        assert_eq!(wire.put(&guess, b"bytes").await.status, 404, "{guess}");
    }
    assert_eq!(wire.put(&uri.replace(secret, ""), b"bytes").await.status, 404);
    assert_eq!(wire.put(&uri, b"bytes").await.status, 200);
}

#[tokio::test]
async fn a_login_is_another_one_each_time_and_never_one_that_was_brought() {
    let wire = Wire::new().await;
    let chosen = "00112233445566778899aabbccddeeff";
    let before = wire.login_of(BOB).await;
    for brought in [chosen, before.as_str(), wire.login()] {
        for (path, status) in [("/api/session", 201), ("/rest/com/vmware/cis/session", 200)] {
            let request = Request::post(format!("{}{path}", wire.listening.url))
                .header("authorization", format!("Basic {ANN}"))
                .header("vmware-api-session-id", brought)
                .header("cookie", format!("vmware-api-session-id={brought}"));
            let reply = wire.send(request.body(Vec::new()).unwrap()).await;
            assert_eq!(reply.status, status, "{}", reply.body);
            let id = reply.body.as_str().or_else(|| reply.body["value"].as_str()).expect("a login");
            assert_ne!(id, brought);
            let shown = wire.at("GET", "/api/session", id, Value::Null).await;
            assert_eq!(shown.body["user"], "ann", "{}", shown.body);
        }
    }
    // What a stranger chose is no login, and a login does not become another user's by logging in with it.
    assert_eq!(wire.at("GET", "/api/session", chosen, Value::Null).await.status, 401);
    assert_eq!(wire.at("GET", "/api/session", &before, Value::Null).await.body["user"], "bob");
    let scheme = "com.vmware.vapi.std.security.user_pass";
    let security = json!({"schemeId": scheme, "userName": "ann", "password": "a", "sessionId": chosen});
    let made = wire.json_rpc("com.vmware.cis.session", "create", security, json!({})).await;
    assert_ne!(made["output"]["SECRET"], chosen, "{made}");
    assert_eq!(wire.at("GET", "/api/session", chosen, Value::Null).await.status, 401);
}

#[tokio::test]
async fn what_was_logged_out_is_good_for_nothing() {
    let wire = Wire::new().await;
    let login = wire.login().to_owned();
    assert_eq!(wire.at("DELETE", "/api/session", &login, Value::Null).await.status, 204);
    for line in ["GET /api/session", "GET /api/content/library", "POST /api/content/library/item?action=find"]
    {
        let (method, path) = line.split_once(' ').unwrap();
        assert_eq!(wire.at(method, path, &login, Value::Null).await.status, 401, "{line}");
    }
    wire.rest("GET library", Value::Null).await.is_refused("unauthenticated", &[]);
}
