//! Libraries that follow another one of the same server.

use std::time::Duration;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use contentlib_client::{Cause, DownloadOptions, Patience, Target};
use vapi::content::library::{
    PublishInfo, PublishInfoAuthenticationMethod, StorageBacking, StorageBackingType, SubscriptionInfo,
    SubscriptionInfoAuthenticationMethod,
};
use vapi::content::{LibraryId, LibraryModel};

use crate::requests::{Meddler, Requests};
use crate::served::{Folder, Served, Setup, impatient, options};

/// A server that may ask itself, a library of its that is published, and that one's address.
async fn publishing(requests: Requests) -> (Served, LibraryId, String) {
    let settings = |settings: &mut contentlibd::settings::Settings| {
        settings.outbound.allowed_networks = vec!["127.0.0.1".parse().unwrap()];
    };
    let served = Setup { settings, requests, ..Setup::new() }.serve().await;
    let mut model = LibraryModel::for_create("published", vec![backing()]);
    let info = PublishInfo::new().published(true);
    model.publish_info = Some(info.authentication_method(PublishInfoAuthenticationMethod::None));
    let library = served.client.local_library().create(model).await.unwrap();
    let shown = served.client.local_library().get(library.clone()).await.unwrap();
    let url = shown.publish_info.unwrap().publish_url.unwrap().to_string();
    (served, library, url)
}

fn backing() -> StorageBacking {
    StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1")
}

async fn follow(served: &Served, url: &str, on_demand: bool) -> LibraryId {
    let method = SubscriptionInfoAuthenticationMethod::None;
    let info = SubscriptionInfo::for_create(method, false, on_demand, url);
    let model = LibraryModel::for_create("following", vec![backing()]).subscription_info(info);
    served.client.subscribed_library().create(model).await.unwrap()
}

async fn publish(served: &Served, library: &LibraryId, name: &str) {
    let target = Target::New { library: library.clone(), name: name.to_owned() };
    let sources = vec![served.folder.source(&format!("{name}.bin"), name.as_bytes())];
    served.transfers.upload(target, sources, &options()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_has_everything_once_it_is_synchronised() {
    let (served, library, url) = publishing(Requests::default()).await;
    let following = follow(&served, &url, false).await;
    let mut n_items = 0;
    let mut before = None;
    for name in ["one", "two"] {
        publish(&served, &library, name).await;
        n_items += 1;
        let synced = served.transfers.sync_library(following.clone(), &impatient()).await.unwrap();
        assert!(before.is_none_or(|before| before != synced));
        before = Some(synced);
        let items = served.client.item().list(following.clone()).await.unwrap();
        assert_eq!(items.len(), n_items);
        for item in items {
            let folder = Folder::new();
            let options = DownloadOptions { patience: impatient(), ..DownloadOptions::default() };
            let fetched = served.transfers.download(item, folder.path(), &options).await.unwrap();
            let name = fetched[0].name.strip_suffix(".bin").unwrap();
            assert_eq!(std::fs::read_to_string(&fetched[0].path).unwrap(), name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_has_its_files_once_it_is_synchronised_with_them() {
    let (served, library, url) = publishing(Requests::default()).await;
    publish(&served, &library, "one").await;
    let following = follow(&served, &url, true).await;
    served.transfers.sync_library(following.clone(), &impatient()).await.unwrap();
    let item = served.client.item().list(following).await.unwrap().remove(0);
    assert_eq!(served.client.item().get(item.clone()).await.unwrap().cached, Some(false));
    served.transfers.sync_item(item.clone(), true, &impatient()).await.unwrap();
    assert_eq!(served.client.item().get(item).await.unwrap().cached, Some(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_nothing_is_refused() {
    let (served, library, _) = publishing(Requests::default()).await;
    let refused = served.transfers.sync_library(library, &impatient()).await.unwrap_err();
    assert!(matches!(refused.cause, Cause::Call { .. }), "{refused}");
}

/// Does not say which items it has.
struct Secretive;

impl Meddler for Secretive {
    fn request(&self, request: &mut Request) -> Option<Response> {
        request.uri().path().ends_with("/items.json").then(|| StatusCode::FORBIDDEN.into_response())
    }

    fn reply(&self, _: &Method, reply: Response) -> Response {
        reply
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_synchronisation_that_is_never_done_is_not_waited_for_without_end() {
    let (served, library, url) = publishing(Requests::meddled_with(Secretive)).await;
    publish(&served, &library, "one").await;
    let following = follow(&served, &url, false).await;
    let hasty = Patience { wait_max: Duration::ZERO, ..impatient() };
    let error = served.transfers.sync_library(following, &hasty).await.unwrap_err();
    assert!(error.to_string().contains("the library to be synchronised"), "{error}");
}
