//! Local libraries through the API: how they are made, published and removed.

use contentlibd::domain::following::AddUsage;
use vapi::content::LibraryModel;
use vapi::content::library::{
    PublishInfo, PublishInfoAuthenticationMethod, StorageBacking, StorageBackingType,
};
use vapi::content::local_library::DestinationSpec;
use vapi::content::local_library::UpdateError;
use vapi::runtime::{Error, Surface};

use crate::served::{Served, check_refused, followed};

fn backing() -> StorageBacking {
    StorageBacking::for_create(StorageBackingType::Other).storage_uri("nfs://host/share")
}

fn spec(name: &str) -> LibraryModel {
    LibraryModel::for_create(name, vec![backing()])
}

fn guarded(password: &str) -> PublishInfo {
    PublishInfo::new()
        .authentication_method(PublishInfoAuthenticationMethod::Basic)
        .published(true)
        .password(password)
}

#[tokio::test]
async fn a_library_is_made_once_and_removed_on_every_surface() {
    let served = Served::new();
    for (idx, surface) in Surface::ALL.into_iter().enumerate() {
        let libraries = served.client("ann", surface).local_library();
        let token = format!("00000000-0000-4000-8000-00000000000{idx}");
        let create =
            |name: &str| libraries.create(spec(name)).with(|input| input.client_token(token.as_str()));
        let id = create("images").await.unwrap();
        assert_eq!(create("images").await.unwrap(), id, "{surface:?}");
        check_refused(create("others").await, "invalid_argument", &["client_token"]);
        assert_eq!(libraries.list().await.unwrap(), std::slice::from_ref(&id));

        let library = libraries.get(&id).await.unwrap();
        assert_eq!(library.storage_backings, Some(vec![backing()]));
        let publish = library.publish_info.unwrap();
        assert_eq!((publish.published, publish.publish_url), (Some(false), None));
        check_refused(libraries.create(spec("")).await, "invalid_argument", &["name", "empty"]);
        let twice = LibraryModel::for_create("x", vec![backing(), backing()]);
        check_refused(libraries.create(twice).await, "unsupported", &["2"]);

        libraries.delete(&id).await.unwrap();
        check_refused(libraries.delete(&id).await, "not_found", &[id.as_str()]);
    }
}

#[tokio::test]
async fn who_changes_a_library_has_to_know_how_it_is() {
    let served = Served::new();
    let id = served.library().await;
    for (surface, version) in Surface::ALL.into_iter().zip(1..) {
        let libraries = served.client("ann", surface).local_library();
        let change = |version: String| libraries.update(id.as_str(), LibraryModel::new().version(version));
        change(version.to_string()).await.unwrap();
        let stale = change(version.to_string()).await.unwrap_err();
        assert!(
            matches!(&stale, Error::Documented { error: UpdateError::ConcurrentChange(_), .. }),
            "{surface:?}: {stale:?}"
        );
        check_refused(change("new".to_owned()).await, "invalid_argument", &["version", "new"]);
    }
}

#[tokio::test]
async fn followers_are_of_another_kind() {
    let served = Served::new();
    let id = served.library_of(followed()).await;
    for surface in Surface::ALL {
        let libraries = served.client("ann", surface).local_library();
        assert_eq!(libraries.list().await.unwrap(), [], "{surface:?}");
        check_refused(libraries.get(id.as_str()).await, "invalid_element_type", &["subscribed"]);
        let change = libraries.update(id.as_str(), LibraryModel::new().name("x"));
        check_refused(change.await, "invalid_element_type", &["subscribed"]);
        check_refused(libraries.delete(id.as_str()).await, "invalid_element_type", &["subscribed"]);
    }
}

#[tokio::test]
async fn a_password_is_kept_and_never_shown() {
    let served = Served::new();
    for surface in Surface::ALL {
        let libraries = served.client("ann", surface).local_library();
        let nameless = spec("x").publish_info(guarded("old").user_name("ann"));
        check_refused(libraries.create(nameless).await, "invalid_argument", &["user_name", "vcsp"]);
        let endless = spec("x").publish_info(guarded(&"x".repeat(1_025)));
        check_refused(libraries.create(endless).await, "invalid_argument", &["password", "1024"]);
        let id = libraries.create(spec("x").publish_info(guarded("old"))).await.unwrap();
        let get = async || libraries.get(&id).await.unwrap().publish_info.unwrap();
        let publish = get().await;
        assert_eq!(publish.authentication_method, Some(PublishInfoAuthenticationMethod::Basic));
        assert_eq!(publish.user_name.as_deref(), Some("vcsp"));
        assert_eq!((publish.password.as_ref(), publish.current_password.as_ref()), (None, None));
        let url = format!("https://lib.example:8443/cls/vcsp/lib/{id}/lib.json");
        assert_eq!(publish.publish_url.as_ref().map(|uri| uri.as_str()), Some(url.as_str()), "{surface:?}");

        let update = |info| libraries.update(&id, LibraryModel::new().publish_info(info));
        // What get shows can be sent back as it is.
        update(publish).await.unwrap();
        let unpublished = || PublishInfo::new().published(false);
        for wrong in [unpublished(), guarded("new"), guarded("new").current_password("wrong")] {
            check_refused(update(wrong).await, "invalid_argument", &["current password"]);
        }
        update(guarded("new").current_password("old")).await.unwrap();
        check_refused(
            update(unpublished().current_password("old")).await,
            "invalid_argument",
            &["current password"],
        );
        let none = unpublished().authentication_method(PublishInfoAuthenticationMethod::None);
        update(none.current_password("new")).await.unwrap();
        assert_eq!(get().await.authentication_method, Some(PublishInfoAuthenticationMethod::None));
    }
}

#[tokio::test]
async fn a_library_in_use_goes_only_by_force() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let library = served.library().await;
        let usage = AddUsage { id: "u".into(), library: library.clone(), resource: "urn:cluster-1".into() };
        served.serve(usage).await;
        let libraries = served.client("ann", surface).local_library();
        let used = libraries.delete(library.as_str()).await;
        check_refused(used, "not_allowed_in_current_state", &["urn:cluster-1"]);
        libraries.force_delete(library.as_str()).await.unwrap();
        check_refused(libraries.get(library.as_str()).await, "not_found", &[]);
    }
}

#[tokio::test]
async fn publishing_needs_a_published_library() {
    let served = Served::new();
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let library = served.library().await;
        let libraries = served.client("ann", surface).local_library();
        let publish = || libraries.publish(library.as_str());
        check_refused(publish().await, "not_allowed_in_current_state", &["not published"]);
        let change = LibraryModel::new().publish_info(PublishInfo::new().published(true));
        libraries.update(library.as_str(), change).await.unwrap();
        publish().await.unwrap();
        let to_nobody = publish().with(|input| input.subscriptions(vec![DestinationSpec::new("nobody")]));
        check_refused(to_nobody.await, "invalid_argument", &["subscriptions", "nobody"]);
    }
}
