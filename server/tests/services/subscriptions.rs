//! Who follows a library, through the API.

use contentlibd::domain::following::PublishChange;
use contentlibd::domain::library::NewContent;
use vapi::content::library::subscriptions::{
    CreateSpec, CreateSpecNewSubscribedLibrary, CreateSpecPlacement, CreateSpecSubscribedLibrary,
    CreateSpecSubscribedLibraryTarget, CreateSpecVcenter, Location, UpdateSpec, UpdateSpecPlacement,
};
use vapi::content::library::{StorageBacking, StorageBackingType};
use vapi::runtime::Surface;

use crate::served::{Served, check_refused, followed};

/// This service is younger than the surface of 2014.
const SURFACES: [Surface; 3] = [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest];

fn published() -> NewContent {
    NewContent::Local(PublishChange { is_published: Some(true), ..PublishChange::default() })
}

fn existing(id: &str) -> CreateSpecSubscribedLibrary {
    CreateSpecSubscribedLibrary::new(CreateSpecSubscribedLibraryTarget::UseExisting, Location::Local)
        .subscribed_library(id)
}

fn new(name: &str) -> CreateSpecSubscribedLibrary {
    let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
    let library = CreateSpecNewSubscribedLibrary::new(name, vec![backing], true, false);
    CreateSpecSubscribedLibrary::new(CreateSpecSubscribedLibraryTarget::CreateNew, Location::Local)
        .new_subscribed_library(library)
}

#[tokio::test]
async fn a_follower_is_known_until_it_is_removed() {
    let served = Served::new();
    let library = served.library_of(published()).await;
    for (idx, surface) in SURFACES.into_iter().enumerate() {
        let follower = served.library_of(followed()).await;
        let client = served.client("ann", surface);
        let subscriptions = client.subscriptions();
        let token = format!("00000000-0000-4000-8000-00000000000{idx}");
        let create = || {
            let call = subscriptions.create(library.as_str(), CreateSpec::new(existing(follower.as_str())));
            call.with(|input| input.client_token(token.as_str()))
        };
        let id = create().await.unwrap();
        assert_eq!(create().await.unwrap(), id, "{surface:?}");
        let again = subscriptions.create(library.as_str(), CreateSpec::new(existing(follower.as_str())));
        check_refused(again.await, "already_exists", &[follower.as_str()]);

        let list = subscriptions.list(library.as_str()).await.unwrap();
        let [summary] = list.as_slice() else { panic!("{surface:?}: {list:?}") };
        assert_eq!(summary.subscription, id);
        assert_eq!(summary.subscribed_library.as_str(), follower.as_str());
        let info = subscriptions.get(library.as_str(), &id).await.unwrap();
        assert_eq!(info.subscribed_library_name, "images");
        assert_eq!(info.subscribed_library_location, Location::Local);
        client.local_library().publish(library.as_str()).await.unwrap();

        let update = |spec| subscriptions.update(library.as_str(), &id, spec);
        update(UpdateSpec::new()).await.unwrap();
        let placed = UpdateSpec::new().subscribed_library_placement(UpdateSpecPlacement::new());
        check_refused(update(placed).await, "unsupported", &["templates"]);
        subscriptions.delete(library.as_str(), &id).await.unwrap();
        check_refused(subscriptions.get(library.as_str(), &id).await, "not_found", &[id.as_str()]);
        check_refused(update(UpdateSpec::new()).await, "not_found", &[id.as_str()]);
        assert_eq!(subscriptions.list(library.as_str()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_follower_is_made_with_its_subscription_or_not_at_all() {
    let served = Served::new();
    let library = served.library_of(published()).await;
    let guarded = PublishChange {
        is_published: Some(true),
        needs_password: Some(true),
        password: Some("a hash".into()),
        ..PublishChange::default()
    };
    let guarded = served.library_of(NewContent::Local(guarded)).await;
    for surface in SURFACES {
        let client = served.client("ann", surface);
        let create = |id: &str, new| client.subscriptions().create(id, CreateSpec::new(new));
        let n_libraries = client.library().list().await.unwrap().len();
        check_refused(create(library.as_str(), new("")).await, "invalid_argument", &["name"]);
        check_refused(create(guarded.as_str(), new("x")).await, "unsupported", &["password", "USE_EXISTING"]);
        assert_eq!(client.library().list().await.unwrap().len(), n_libraries, "{surface:?}");

        let id = create(library.as_str(), new("follower")).await.unwrap();
        let info = client.subscriptions().get(library.as_str(), &id).await.unwrap();
        assert_eq!(info.subscribed_library_name, "follower");
        let follower = client.library().get(&info.subscribed_library).await.unwrap();
        let url = format!("https://lib.example:8443/cls/vcsp/lib/{library}/lib.json");
        assert_eq!(follower.subscription_info.unwrap().subscription_url.unwrap().as_str(), url);
        // A follower that is gone is still known, until somebody removes it.
        client.library().delete(&info.subscribed_library).await.unwrap();
        let list = client.subscriptions().list(library.as_str()).await.unwrap();
        assert!(list.iter().any(|summary| summary.subscription == id), "{list:?}");
    }
}

#[tokio::test]
async fn what_cannot_follow_is_refused() {
    let served = Served::new();
    let (library, local) = (served.library_of(published()).await, served.library().await);
    let follower = served.library_of(followed()).await;
    for surface in SURFACES {
        let subscriptions = served.client("ann", surface).subscriptions();
        let create = |id: &str, spec| subscriptions.create(id, CreateSpec::new(spec));
        let follow = || existing(follower.as_str());
        let refused = create(local.as_str(), follow()).await;
        check_refused(refused, "not_allowed_in_current_state", &["not published"]);
        check_refused(create("nowhere", follow()).await, "not_found", &["nowhere"]);
        let refused = create(library.as_str(), existing(local.as_str())).await;
        check_refused(refused, "invalid_element_type", &["local"]);
        let refused = create(library.as_str(), existing("nobody")).await;
        check_refused(refused, "not_found", &["nobody"]);
        let placed = follow().placement(CreateSpecPlacement::new());
        check_refused(create(library.as_str(), placed).await, "unsupported", &["templates"]);
        let elsewhere = CreateSpecSubscribedLibrary::new(
            CreateSpecSubscribedLibraryTarget::UseExisting,
            Location::Remote,
        )
        .subscribed_library(follower.as_str())
        .vcenter(CreateSpecVcenter::new("other.example"));
        check_refused(create(library.as_str(), elsewhere).await, "unsupported", &["publish_url"]);
        let list = subscriptions.list(local.as_str()).await;
        check_refused(list, "not_allowed_in_current_state", &["not published"]);
        check_refused(subscriptions.list(follower.as_str()).await, "invalid_element_type", &["subscribed"]);
    }
}
