//! Filling libraries with bytes, as clients do, and reading them as followers do.

use contentlibd::domain::following::PublishChange;
use contentlibd::domain::ids::{ItemId, LibraryId};
use contentlibd::domain::library::NewContent;
use http::{Method, Request};
use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::runtime::Surface;

use crate::served::Listening;

/// A library that everybody may follow.
pub(crate) fn published() -> NewContent {
    NewContent::Local(PublishChange { is_published: Some(true), ..PublishChange::default() })
}

/// Changes an item's files: these come, those go, all at once.
pub(crate) async fn change(listening: &Listening, item: &ItemId, come: &[(&str, &[u8])], go: &[&str]) {
    let client = listening.served.client("ann", Surface::Rest);
    let spec = UpdateSessionModel::for_create(item.as_str());
    let session = client.update_session().create(spec).await.unwrap();
    for name in go {
        client.update_session_file().remove(&session, *name).await.unwrap();
    }
    for (name, bytes) in come {
        let spec = AddSpec::new(*name, SourceType::Push);
        let info = client.update_session_file().add(&session, spec).await.unwrap();
        let uri = info.upload_endpoint.unwrap().uri.to_string();
        let request = Request::builder().method(Method::PUT).uri(uri).body(bytes.to_vec()).unwrap();
        let reply = listening.send(request).await;
        assert_eq!(reply.status(), 200, "{reply:?}");
    }
    client.update_session().complete(&session).await.unwrap();
}

/// Path of something of a published library.
pub(crate) fn path(library: &LibraryId, below: &str) -> String {
    format!("/cls/vcsp/lib/{library}/{below}")
}

/// What a path of the server gives.
pub(crate) async fn get(
    listening: &Listening,
    path: &str,
    headers: &[(&str, &str)],
) -> http::Response<String> {
    request(listening, Method::GET, path, headers).await
}

pub(crate) async fn request(
    listening: &Listening,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> http::Response<String> {
    let mut request = Request::builder().method(method).uri(format!("{}{path}", listening.url));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    listening.send(request.body(Vec::new()).unwrap()).await
}
