//! Libraries of either kind through the API.

use contentlibd::app::fresh_id;
use vapi::content::library::{
    ConversionSpec, ConversionSpecConversionType, FindSpec, MigrateSpec, StateInfoState, StorageBacking,
    StorageBackingType, SubscriptionInfoAuthenticationMethod,
};
use vapi::content::{LibraryId, LibraryModel, LibraryModelLibraryType};
use vapi::runtime::Surface;

use crate::served::{Served, check_refused, followed};

#[tokio::test]
async fn a_library_is_seen_found_changed_and_removed_on_every_surface() {
    let served = Served::new();
    for surface in Surface::ALL {
        let libraries = served.client("ann", surface).library();
        let id = LibraryId::from(served.library().await.as_str());
        assert_eq!(libraries.list().await.unwrap(), std::slice::from_ref(&id), "{surface:?}");

        let library = libraries.get(&id).await.unwrap();
        assert_eq!(library.id, Some(id.clone()));
        assert_eq!(library.name.as_deref(), Some("images"));
        assert_eq!(library.version.as_deref(), Some("1"));
        assert_eq!(library.type_, Some(LibraryModelLibraryType::Local));
        assert_eq!(library.creation_time, library.last_modified_time);
        assert_eq!(library.server_guid.map(|id| id.as_str().len()), Some(36));
        let backing = StorageBacking::for_create(StorageBackingType::Datastore).datastore_id("datastore-1");
        assert_eq!(library.storage_backings.as_deref(), Some(std::slice::from_ref(&backing)));
        // The surface of 2014 has neither.
        if !matches!(surface, Surface::Rest2014(_)) {
            assert_eq!(library.state_info.unwrap().state, Some(StateInfoState::Active), "{surface:?}");
            assert_eq!(library.configuration_info.unwrap().apply_library_usage_to_items, Some(false));
        }

        served.clock.pass_ms(5);
        let change = LibraryModel::new().name("Disks").description("for all").version("1");
        libraries.update(&id, change.clone()).await.unwrap();
        check_refused(libraries.update(&id, change).await, "invalid_argument", &["version", "1", "2"]);
        let library = libraries.get(&id).await.unwrap();
        assert_eq!(library.description.as_deref(), Some("for all"));
        assert_eq!(library.version.as_deref(), Some("2"));
        assert!(library.creation_time < library.last_modified_time);

        let by_name = FindSpec::new().name("dISKs");
        assert_eq!(libraries.find(by_name.clone()).await.unwrap(), std::slice::from_ref(&id));
        let elsewhere = by_name.type_(LibraryModelLibraryType::Subscribed);
        assert_eq!(libraries.find(elsewhere).await.unwrap(), []);
        check_refused(libraries.find(FindSpec::new()).await, "invalid_argument", &["spec", "list"]);

        served.client("ann", Surface::Rest).library().delete(&id).await.unwrap();
        check_refused(libraries.get(&id).await, "not_found", &[id.as_str()]);
        assert_eq!(libraries.list().await.unwrap(), []);
    }
}

#[tokio::test]
async fn libraries_are_found_by_their_storage() {
    let served = Served::new();
    let id = served.library().await;
    let libraries = served.client("ann", Surface::JsonRpc).library();
    let find = |backing| libraries.find(FindSpec::new().storage_backing(backing));
    let datastore = |id: &str| StorageBacking::for_create(StorageBackingType::Datastore).datastore_id(id);
    assert_eq!(find(datastore("datastore-1")).await.unwrap(), [LibraryId::from(id.as_str())]);
    assert_eq!(find(datastore("datastore-2")).await.unwrap(), []);
    let nameless = StorageBacking::for_create(StorageBackingType::Other);
    check_refused(find(nameless).await, "invalid_argument", &["storage_uri"]);
}

#[tokio::test]
async fn a_follower_shows_what_it_follows_and_no_secret() {
    let served = Served::new();
    let id = served.library_of(followed()).await;
    for surface in Surface::ALL {
        let libraries = served.client("ann", surface).library();
        let library = libraries.get(id.as_str()).await.unwrap();
        assert_eq!(library.type_, Some(LibraryModelLibraryType::Subscribed), "{surface:?}");
        assert_eq!(library.publish_info, None);
        let subscription = library.subscription_info.unwrap();
        assert_eq!(subscription.authentication_method, Some(SubscriptionInfoAuthenticationMethod::Basic));
        assert_eq!(subscription.subscription_url.unwrap().as_str(), "https://publisher.example/lib.json");
        assert_eq!((subscription.automatic_sync_enabled, subscription.on_demand), (Some(true), Some(false)));
        assert_eq!((subscription.password, subscription.ssl_thumbprint), (None, None));
    }
}

#[tokio::test]
async fn maintenance_keeps_changes_out() {
    let served = Served::new();
    let id = served.library().await;
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let libraries = served.client("root", surface).library();
        libraries.enter_maintenance(id.as_str()).await.unwrap();
        let state = libraries.get(id.as_str()).await.unwrap().state_info.unwrap().state;
        assert_eq!(state, Some(StateInfoState::Maintenance), "{surface:?}");
        let again = libraries.enter_maintenance(id.as_str()).await;
        check_refused(again, "not_allowed_in_current_state", &["already"]);
        let change = libraries.update(id.as_str(), LibraryModel::new().name("x")).await;
        check_refused(change, "not_allowed_in_current_state", &["maintenance"]);
        libraries.exit_maintenance(id.as_str()).await.unwrap();
        let again = libraries.exit_maintenance(id.as_str()).await;
        check_refused(again, "not_allowed_in_current_state", &["not in maintenance"]);
    }
}

#[tokio::test]
async fn what_the_server_cannot_do_is_said_in_words() {
    let served = Served::new();
    let (local, follower) = (served.library().await, served.library_of(followed()).await);
    let nobody: LibraryId = fresh_id();
    let to_published = || ConversionSpec::new(ConversionSpecConversionType::ToPublishedLibrary);
    let move_to = |id: &str| {
        MigrateSpec::new(vec![StorageBacking::for_create(StorageBackingType::Datastore).datastore_id(id)])
    };
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let libraries = served.client("root", surface).library();
        let moved = libraries.migrate(local.as_str(), move_to("datastore-2")).await;
        check_refused(moved, "unsupported", &["data directory"]);
        check_refused(libraries.migrate(&nobody, move_to("datastore-2")).await, "not_found", &[]);
        let local = libraries.convert(local.as_str(), to_published()).await;
        check_refused(local, "invalid_element_type", &["local"]);
        let follower = libraries.convert(follower.as_str(), to_published()).await;
        check_refused(follower, "unsupported", &["copy the items"]);
    }
}
