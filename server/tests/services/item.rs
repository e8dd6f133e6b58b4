//! Items through the API: how they are made, found, changed, published and removed.

use contentlibd::domain::following::{AddUsage, PublishChange};
use contentlibd::domain::library::{NewContent, UpdateLibrary, Via};
use vapi::content::library::ItemModel;
use vapi::content::library::item::{DestinationSpec, FindSpec};
use vapi::runtime::Surface;

use crate::served::{Served, check_refused, followed};

#[tokio::test]
async fn an_item_is_made_once_changed_and_removed_on_every_surface() {
    let served = Served::new();
    let library = served.library().await;
    for (idx, surface) in Surface::ALL.into_iter().enumerate() {
        let items = served.client("ann", surface).item();
        let token = format!("00000000-0000-4000-8000-00000000000{idx}");
        let spec = |name: &str| ItemModel::for_create(library.as_str(), name).type_("iso");
        let create = |name: &str| items.create(spec(name)).with(|input| input.client_token(token.as_str()));
        let id = create("disk").await.unwrap();
        assert_eq!(create("disk").await.unwrap(), id, "{surface:?}");
        check_refused(create("other").await, "invalid_argument", &["client_token"]);
        check_refused(items.create(spec("DISK")).await, "already_exists", &["DISK"]);
        check_refused(items.create(spec(&"x".repeat(81))).await, "invalid_argument", &["name", "81"]);
        assert_eq!(items.list(library.as_str()).await.unwrap(), std::slice::from_ref(&id));

        let item = items.get(&id).await.unwrap();
        assert_eq!(item.id, Some(id.clone()));
        assert_eq!(item.library_id.map(|id| id.to_string()), Some(library.to_string()));
        assert_eq!(item.content_version.map(|id| id.to_string()).as_deref(), Some("0000000001"));
        assert_eq!((item.version.as_deref(), item.metadata_version.as_deref()), (Some("1"), Some("1")));
        assert_eq!((item.cached, item.size), (Some(true), Some(0)));
        assert_eq!((item.type_.as_deref(), item.source_id, item.last_sync_time), (Some("iso"), None, None));
        assert_eq!(item.creation_time, item.last_modified_time);

        served.clock.pass_ms(5);
        let change = ItemModel::new().name("Disk").description("a disk").version("1");
        items.update(&id, change.clone()).await.unwrap();
        check_refused(items.update(&id, change).await, "invalid_argument", &["version", "1", "2"]);
        let item = items.get(&id).await.unwrap();
        assert_eq!((item.name.as_deref(), item.description.as_deref()), (Some("Disk"), Some("a disk")));
        assert_eq!((item.version.as_deref(), item.metadata_version.as_deref()), (Some("2"), Some("2")));
        assert!(item.creation_time < item.last_modified_time);

        items.delete(&id).await.unwrap();
        check_refused(items.get(&id).await, "not_found", &[id.as_str()]);
        check_refused(items.list("nowhere").await, "not_found", &["nowhere"]);
    }
}

#[tokio::test]
async fn items_are_found_by_all_that_is_asked_for() {
    let served = Served::new();
    let (library, other) = (served.library().await, served.library().await);
    let disk = served.item(&library, "disk").await;
    served.item(&other, "disk").await;
    served.item(&library, "else").await;
    for surface in Surface::ALL {
        let items = served.client("ann", surface).item();
        let spec = || FindSpec::new().name("DISK");
        assert_eq!(items.find(spec()).await.unwrap().len(), 2, "{surface:?}");
        let found = items.find(spec().library_id(library.as_str())).await.unwrap();
        assert_eq!(found.iter().map(|id| id.as_str()).collect::<Vec<_>>(), [disk.as_str()]);
        assert_eq!(items.find(spec().type_("iso")).await.unwrap(), []);
        assert_eq!(items.find(spec().cached(false)).await.unwrap(), []);
        assert_eq!(items.find(FindSpec::new().cached(true)).await.unwrap().len(), 3);
        check_refused(items.find(FindSpec::new()).await, "invalid_argument", &["spec"]);
    }
}

#[tokio::test]
async fn a_copy_is_what_its_source_was_and_says_so() {
    let served = Served::new();
    let library = served.library().await;
    let source = served.item(&library, "disk").await;
    for (idx, surface) in Surface::ALL.into_iter().enumerate() {
        let items = served.client("ann", surface).item();
        let name = format!("copy-{idx}");
        let token = format!("00000000-0000-4000-8000-00000000000{idx}");
        let copy = |name: &str| {
            let spec = ItemModel::for_create(library.as_str(), name);
            items.copy(source.as_str(), spec).with(|input| input.client_token(token.as_str()))
        };
        let id = copy(&name).await.unwrap();
        assert_eq!(copy(&name).await.unwrap(), id, "{surface:?}");
        let item = items.get(&id).await.unwrap();
        assert_eq!(item.name.as_deref(), Some(name.as_str()));
        assert_eq!(item.source_id.map(|id| id.to_string()), Some(source.to_string()));
        let spec = ItemModel::for_create(library.as_str(), "x");
        check_refused(items.copy("nothing", spec).await, "not_found", &["nothing"]);
    }
}

#[tokio::test]
async fn items_of_a_follower_are_its_publishers() {
    let served = Served::new();
    let follower = served.library_of(followed()).await;
    for surface in Surface::ALL {
        let items = served.client("ann", surface).item();
        let made = items.create(ItemModel::for_create(follower.as_str(), "x")).await;
        check_refused(made, "invalid_element_type", &["subscribed"]);
        let nowhere = items.create(ItemModel::for_create("nowhere", "x")).await;
        check_refused(nowhere, "not_found", &["nowhere"]);
    }
}

#[tokio::test]
async fn an_item_in_use_stays() {
    let served = Served::new();
    let library = served.library().await;
    let item = served.item(&library, "disk").await;
    let usage = AddUsage { id: "u".into(), library: library.clone(), resource: "urn:cluster-1".into() };
    served.serve(usage).await;
    let applied = UpdateLibrary::new(library, Via::Library);
    served.serve(UpdateLibrary { applies_usages_to_items: Some(true), ..applied }).await;
    for surface in Surface::ALL {
        let refused = served.client("ann", surface).item().delete(item.as_str()).await;
        check_refused(refused, "not_allowed_in_current_state", &["urn:cluster-1"]);
    }
}

#[tokio::test]
async fn only_what_has_content_is_published() {
    let served = Served::new();
    let hidden = served.library().await;
    let published = PublishChange { is_published: Some(true), ..PublishChange::default() };
    let library = served.library_of(NewContent::Local(published)).await;
    let unpublished = served.item(&hidden, "disk").await;
    let empty = served.item(&library, "empty").await;
    let full = served.item(&library, "full").await;
    served.fill(&full, &["a.iso"]).await;
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let items = served.client("ann", surface).item();
        let refused = items.publish(unpublished.as_str(), false).await;
        check_refused(refused, "not_allowed_in_current_state", &["not published"]);
        let refused = items.publish(empty.as_str(), false).await;
        check_refused(refused, "not_allowed_in_current_state", &["no content"]);
        items.publish(full.as_str(), true).await.unwrap();
        let to_nobody = vec![DestinationSpec::new("nobody")];
        let to_nobody = items.publish(full.as_str(), false).with(|input| input.subscriptions(to_nobody));
        check_refused(to_nobody.await, "invalid_argument", &["nobody"]);
    }
}
