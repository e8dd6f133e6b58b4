//! Answers those who follow a published library of this server: its documents, and the bytes of its files.
//!
//! What is not published is not there, whoever asks. A file has its generation as the tag, the one that the documents
//! give, so a follower sees at once when a file is not the one any more that it read about.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde::Serialize;
use tokio::task::spawn_blocking;

use super::document::{self, FILES, ITEM_JSON, ItemDocument, ItemsDocument, LibraryDocument};
use super::gate::Gate;
use crate::addresses::{PUBLISHED, text};
use crate::app::App;
use crate::domain::ids::{ItemId, LibraryId};
use crate::domain::item::Item;
use crate::domain::library::{Content, Library};
use crate::domain::publication::{GetPublication, GetPublishedItem, GetPublishedItems};
use crate::domain::{Caller, Question};
use crate::ledger::Error;
use crate::store::{Fault, FaultKind};
use crate::transfers::download::{Offered, nothing_here, offer};
use crate::transfers::{Incoming, refused, wrong, wrong_method};

/// How long a follower is to wait for a library that is in maintenance.
const MAINTENANCE_SECONDS: u64 = 60;

/// Where published libraries are.
pub fn routes(app: &Arc<App>) -> Router {
    let (app, gate) = (Arc::clone(app), Arc::new(Gate::default()));
    let published = move |request| answer(Arc::clone(&app), Arc::clone(&gate), request);
    Router::new().route(&format!("{PUBLISHED}/{{*rest}}"), axum::routing::any(published))
}

/// What of a published library an address names.
#[derive(Debug, PartialEq, Eq)]
enum Place {
    Library,
    Items,
    Item(ItemId),
    File(ItemId, String),
}

/// The library and the part of it that a path names.
fn place(path: &str) -> Option<(LibraryId, Place)> {
    let segments = path.strip_prefix(PUBLISHED)?.strip_prefix('/')?.split('/').map(text);
    let segments = segments.collect::<Option<Vec<_>>>()?;
    let texts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let (library, place) = match texts.as_slice() {
        // What clients of other servers are used to.
        [library] | [library, "lib.json"] => (library, Place::Library),
        [library, "items.json"] => (library, Place::Items),
        [library, item, ITEM_JSON] => (library, Place::Item(ItemId::from(*item))),
        [library, item, name] | [library, item, FILES, name] => {
            (library, Place::File(ItemId::from(*item), (*name).to_owned()))
        }
        _ => return None,
    };
    Some((LibraryId::from(*library), place))
}

async fn answer(app: Arc<App>, gate: Arc<Gate>, request: Incoming) -> Response {
    let (request, _no_body) = request.into_parts();
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return wrong_method(&request.method, "GET, HEAD");
    }
    let Some((id, place)) = place(request.uri.path()) else { return nothing_here() };
    let library = match ask(&app, GetPublication { library: id }).await {
        Ok(library) => library,
        Err(Error::Refused(_)) => return nothing_here(),
        Err(error) => return refused(error),
    };
    if let Content::Local { publish, .. } = &library.content
        && let Some(hash) = &publish.password
        && !gate.admits(&request.headers, hash).await
    {
        return locked();
    }
    if library.in_maintenance {
        return in_maintenance();
    }
    found(app, &request, library, place).await.unwrap_or_else(|error| match error {
        // It was unpublished or removed meanwhile, or never was.
        Error::Refused(_) => nothing_here(),
        Error::Fault(_) => refused(error),
    })
}

async fn found(app: Arc<App>, request: &Parts, library: Library, place: Place) -> Result<Response, Error> {
    let id = library.id.clone();
    match place {
        Place::Library => {
            Ok(document(request, &library.revision.to_string(), || LibraryDocument::new(&library)))
        }
        Place::Items => {
            let revision = library.revision.to_string();
            if is_known(request, &revision) {
                return Ok(unchanged(&revision));
            }
            let (library, items) = ask(&app, GetPublishedItems { library: id }).await?;
            Ok(document(request, &library.revision.to_string(), || ItemsDocument::new(&items)))
        }
        Place::Item(item) => {
            let item = ask(&app, GetPublishedItem { library: id, item }).await?;
            let version = document::version(&item).to_string();
            Ok(document(request, &version, || ItemDocument::new(&item)))
        }
        Place::File(item, name) => {
            let item = ask(&app, GetPublishedItem { library: id, item }).await?;
            Ok(file(app, request, &item, &name).await)
        }
    }
}

async fn file(app: Arc<App>, request: &Parts, item: &Item, name: &str) -> Response {
    let Some(file) = item.file(name) else { return nothing_here() };
    let Some(blob) = file.blob.clone() else { return nothing_here() };
    let tag = file.generation().to_string();
    offer(app, request, Offered { blob, size: file.size, tag, session: None }).await
}

/// Has a question answered where waiting for the disk keeps nobody.
async fn ask<Q>(app: &Arc<App>, question: Q) -> Result<Q::Answer, Error>
where
    Q: Question + Send + 'static,
    Q::Answer: Send + 'static,
{
    let app = Arc::clone(app);
    spawn_blocking(move || app.ledger.ask(Caller::Server, app.now(), &question))
        .await
        .unwrap_or_else(|panic| Err(Fault::new(FaultKind::Unavailable, panic).into()))
}

fn is_known(request: &Parts, tag: &str) -> bool {
    let known = request.headers.get(IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    known.is_some_and(|known| {
        known
            .split(',')
            .map(|one| one.trim().trim_start_matches("W/").trim_matches('"'))
            .any(|one| one == tag)
    })
}

fn document<D: Serialize>(request: &Parts, tag: &str, make: impl FnOnce() -> D) -> Response {
    if is_known(request, tag) {
        return unchanged(tag);
    }
    let json = serde_json::to_vec(&make()).unwrap_or_default();
    let n_bytes = json.len();
    let body = if request.method == Method::HEAD { Body::empty() } else { Body::from(json) };
    let mut response = tagged(body, tag);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(n_bytes));
    response
}

fn unchanged(tag: &str) -> Response {
    let mut response = tagged(Body::empty(), tag);
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

fn tagged(body: Body, tag: &str) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        headers.insert(ETAG, tag);
    }
    // A follower is to see a change when it looks, whatever is in between.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn locked() -> Response {
    let text = "The library is published with a password. Send it with the user name vcsp.";
    let mut response = wrong(StatusCode::UNAUTHORIZED, "publication_locked", text);
    let challenge = HeaderValue::from_static("Basic realm=\"vcsp\", charset=\"UTF-8\"");
    response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    response
}

fn in_maintenance() -> Response {
    let text = "The library is in maintenance. Try again later.";
    let mut response = wrong(StatusCode::SERVICE_UNAVAILABLE, "library_in_maintenance", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(MAINTENANCE_SECONDS));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_parts_of_a_library() {
        let of = |path: &str| {
            place(&format!("{PUBLISHED}/{path}")).map(|(library, place)| {
                assert_eq!(library.as_str(), "l");
                place
            })
        };
        let file = |name: &str| Some(Place::File("i".into(), name.to_owned()));
        assert_eq!(of("l/lib.json"), Some(Place::Library));
        assert_eq!(of("l"), Some(Place::Library));
        assert_eq!(of("l/items.json"), Some(Place::Items));
        assert_eq!(of("l/i/item.json"), Some(Place::Item("i".into())));
        assert_eq!(of("l/i/a%20b%2F..%3F"), file("a b/..?"));
        assert_eq!(of("l/i/file/item.json"), file("item.json"));
        for nothing in ["l/i", "l/i/file/a/b", "l/i/files/a", "l/i/%ff"] {
            assert_eq!(of(nothing), None, "{nothing}");
        }
    }
}
