//! Filling libraries with bytes, as clients do, and reading them as followers do.

use std::collections::BTreeMap;

use contentlibd::domain::Caller;
use contentlibd::domain::following::PublishChange;
use contentlibd::domain::ids::{BlobId, ItemId, LibraryId};
use contentlibd::domain::item::{GetItem, Item};
use contentlibd::domain::library::{Content, GetLibrary, NewContent, Via};
use contentlibd::domain::published::Following;
use contentlibd::store::ItemFilter;
use contentlibd::users::password;
use http::{Method, Request};
use vapi::content::LibraryModel;
use vapi::content::library::item::downloadsession::file::PrepareStatus;
use vapi::content::library::item::updatesession::file::{AddSpec, SourceType};
use vapi::content::library::item::{DownloadSessionModel, UpdateSessionModel};
use vapi::content::library::{
    StorageBacking, StorageBackingType, SubscriptionInfo, SubscriptionInfoAuthenticationMethod,
};
use vapi::runtime::Surface;

use crate::served::Listening;
use crate::session;

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

/// A library that needs a password.
pub(crate) fn guarded(password: &str) -> NewContent {
    NewContent::Local(PublishChange {
        is_published: Some(true),
        needs_password: Some(true),
        password: Some(password::hash(&password.into()).unwrap()),
        ..PublishChange::default()
    })
}

/// Where a library of a server is published.
pub(crate) fn publish_url(listening: &Listening, library: &LibraryId) -> String {
    format!("{}{}", listening.url, path(library, "lib.json"))
}

/// A server whose libraries follow others, on this machine too.
pub(crate) async fn follower() -> Listening {
    Listening::with(session::settings()).await
}

/// How to follow what is published there.
pub(crate) fn info(url: &str, on_demand: bool) -> SubscriptionInfo {
    SubscriptionInfo::new()
        .authentication_method(SubscriptionInfoAuthenticationMethod::None)
        .subscription_url(url)
        .on_demand(on_demand)
        .automatic_sync_enabled(false)
}

pub(crate) fn model(info: SubscriptionInfo) -> LibraryModel {
    let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
    LibraryModel::new().name("follower").storage_backings(vec![backing]).subscription_info(info)
}

/// A library that follows what is published there, as a client makes one.
pub(crate) async fn subscribe(listening: &Listening, url: &str, on_demand: bool) -> LibraryId {
    let client = listening.served.client("ann", Surface::Rest);
    let id = client.subscribed_library().create(model(info(url, on_demand))).await.unwrap();
    id.as_str().into()
}

/// How far a library is with following, when nothing of it is under way any more.
pub(crate) async fn settled(listening: &Listening, library: &LibraryId) -> Following {
    let app = &listening.served.app;
    loop {
        let question = GetLibrary { id: library.clone(), via: Via::SubscribedLibrary };
        let library = app.ledger.ask(Caller::Server, app.now(), &question).unwrap();
        match library.content {
            Content::Subscribed { following, .. } if following.sync.is_none() => return *following,
            _ => tokio::task::yield_now().await,
        }
    }
}

/// The same after a synchronisation that somebody asked for.
pub(crate) async fn sync(listening: &Listening, library: &LibraryId) -> Following {
    let client = listening.served.client("ann", Surface::Rest);
    client.subscribed_library().sync(library.as_str()).await.unwrap();
    settled(listening, library).await
}

/// The items of a library by name.
pub(crate) fn items(listening: &Listening, library: &LibraryId) -> BTreeMap<String, Item> {
    let app = &listening.served.app;
    let filter = ItemFilter { library: Some(library.clone()), ..ItemFilter::default() };
    let ids = app.ledger.snapshot().unwrap().items(&filter).unwrap();
    let get = |id: &ItemId| app.ledger.ask(Caller::Server, app.now(), &GetItem { id: id.clone() }).unwrap();
    ids.iter().map(get).map(|item| (item.name.clone(), item)).collect()
}

/// Names and bytes of an item's files; unset where the bytes are not here.
pub(crate) fn content(listening: &Listening, item: &Item) -> BTreeMap<String, Option<Vec<u8>>> {
    let read = |blob: &BlobId| {
        let mut bytes = Vec::new();
        listening.served.app.blobs.read(blob, 0).unwrap().bytes.read_to_end(&mut bytes).unwrap();
        bytes
    };
    item.files.iter().map(|file| (file.name.clone(), file.blob.as_ref().map(read))).collect()
}

/// The bytes that a client gets of a file that it prepares and downloads.
pub(crate) async fn download(listening: &Listening, item: &ItemId, name: &str) -> String {
    let client = listening.served.client("ann", Surface::Rest);
    let spec = DownloadSessionModel::for_create(item.as_str());
    let session = client.download_session().create(spec).await.unwrap();
    client.download_session_file().prepare(&session, name).await.unwrap();
    let endpoint = loop {
        let file = client.download_session_file().get(&session, name).await.unwrap();
        if file.status == PrepareStatus::Prepared {
            break file.download_endpoint.unwrap();
        }
        tokio::task::yield_now().await;
    };
    let request = Request::get(endpoint.uri.as_str()).body(Vec::new()).unwrap();
    listening.send(request).await.into_body()
}
