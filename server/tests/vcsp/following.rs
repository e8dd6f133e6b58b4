//! One server follows a library of another one, over sockets.

use std::collections::BTreeMap;

use contentlibd::domain::following::PublishChange;
use contentlibd::domain::item::{DeleteItem, UpdateItem};
use contentlibd::domain::library::{DeleteLibrary, UpdateLibrary, Via};
use vapi::content::library::ItemModel;
use vapi::content::library::SubscriptionInfoAuthenticationMethod;
use vapi::content::library::item::UpdateSessionModel;
use vapi::content::library::subscriptions::{
    CreateSpec, CreateSpecSubscribedLibrary, CreateSpecSubscribedLibraryTarget, Location,
};
use vapi::content::subscribed_library::ProbeResultStatus;
use vapi::runtime::Surface;

use crate::served::{Listening, check_refused};
use crate::session;
use crate::shelf::{
    change, content, download, follower, guarded, info, items, model, publish_url, published, settled,
    subscribe, sync,
};

fn of(files: &[(&str, &str)]) -> BTreeMap<String, Option<Vec<u8>>> {
    files.iter().map(|(name, bytes)| ((*name).to_owned(), Some(bytes.as_bytes().to_vec()))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_is_followed_through_all_its_changes() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(published()).await;
    let vm = publisher.served.item_of_type(&theirs, "vm", "ovf").await;
    let other = publisher.served.item(&theirs, "other").await;
    let descriptor = r#"<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1"/>"#;
    change(&publisher, &vm, &[("vm.ovf", descriptor.as_bytes()), ("a disk.vmdk", b"one")], &[]).await;
    change(&publisher, &other, &[("item.json", b"not what you think")], &[]).await;
    let ours = subscribe(&follower, &publish_url(&publisher, &theirs), false).await;
    let following = sync(&follower, &ours).await;
    assert_eq!((following.error, following.last_sync.is_some()), (None, true));
    let found = items(&follower, &ours);
    assert_eq!(content(&follower, &found["vm"]), of(&[("vm.ovf", descriptor), ("a disk.vmdk", "one")]));
    assert_eq!(content(&follower, &found["other"]), of(&[("item.json", "not what you think")]));

    // What the samples of the official SDK compare.
    let client = follower.served.client("ann", Surface::JsonRpc);
    let compare = async |their_id: &str, our_id: &str| {
        let theirs = publisher.served.client("ann", Surface::JsonRpc).item().get(their_id).await.unwrap();
        let ours = client.item().get(our_id).await.unwrap();
        let versions = |item: &ItemModel| {
            (item.content_version.clone(), item.metadata_version.clone(), item.type_.clone(), item.size)
        };
        assert_eq!(versions(&ours), versions(&theirs));
        assert_eq!((ours.source_id, ours.cached), (theirs.id, Some(true)));
        assert!(ours.last_sync_time.is_some());
    };
    compare(vm.as_str(), found["vm"].id.as_str()).await;

    change(&publisher, &vm, &[("a disk.vmdk", b"two!"), ("new", b"")], &[]).await;
    let name = Some("renamed".to_owned());
    let rename = UpdateItem { id: vm.clone(), version: None, name, description: None, type_name: None };
    publisher.served.serve(rename).await;
    publisher.served.serve(DeleteItem { id: other }).await;
    follower.served.clock.pass_ms(1);
    let again = sync(&follower, &ours).await;
    assert!(again.error.is_none() && again.last_sync > following.last_sync);
    let now = items(&follower, &ours);
    assert_eq!(now.keys().collect::<Vec<_>>(), ["renamed"]);
    assert_eq!(now["renamed"].id, found["vm"].id);
    let expected = of(&[("vm.ovf", descriptor), ("a disk.vmdk", "two!"), ("new", "")]);
    assert_eq!(content(&follower, &now["renamed"]), expected);
    compare(vm.as_str(), found["vm"].id.as_str()).await;

    // Nothing has changed: nothing is fetched, and it is known to be so.
    follower.served.clock.pass_ms(1);
    let third = sync(&follower, &ours).await;
    assert!(third.last_sync > again.last_sync);
    assert_eq!(items(&follower, &ours), now);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_demand_bytes_come_when_somebody_wants_them() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(published()).await;
    let item = publisher.served.item(&theirs, "disk").await;
    change(&publisher, &item, &[("a", b"first"), ("b", b"second")], &[]).await;
    let ours = subscribe(&follower, &publish_url(&publisher, &theirs), true).await;
    sync(&follower, &ours).await;
    let id = items(&follower, &ours)["disk"].id.clone();
    for surface in Surface::ALL {
        let client = follower.served.client("ann", surface);
        let seen = client.item().get(id.as_str()).await.unwrap();
        assert_eq!((seen.cached, seen.size), (Some(false), Some(0)), "{surface:?}");
        let file = client.file().get(id.as_str(), "a").await.unwrap();
        assert_eq!((file.cached, file.size, file.file_download_endpoint), (false, 5, None), "{surface:?}");
    }
    assert_eq!(download(&follower, &id, "a").await, "first");
    let disk = &items(&follower, &ours)["disk"];
    assert_eq!(
        content(&follower, disk),
        BTreeMap::from([("a".into(), Some(b"first".to_vec())), ("b".into(), None)])
    );

    let client = follower.served.client("ann", Surface::Rest);
    client.subscribed_item().sync(id.as_str(), true).await.unwrap();
    settled(&follower, &ours).await;
    assert!(items(&follower, &ours)["disk"].is_cached());
    client.subscribed_item().evict(id.as_str()).await.unwrap();
    assert!(items(&follower, &ours)["disk"].files.iter().all(|file| !file.is_cached()));
    client.subscribed_item().sync(id.as_str(), false).await.unwrap();
    settled(&follower, &ours).await;
    assert_eq!(client.item().get(id.as_str()).await.unwrap().cached, Some(false));
    assert_eq!(download(&follower, &id, "b").await, "second");
    client.subscribed_library().evict(ours.as_str()).await.unwrap();
    assert!(items(&follower, &ours)["disk"].files.iter().all(|file| !file.is_cached()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_lets_in_and_a_wrong_one_is_said_to_be_wrong() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(guarded("a good secret")).await;
    let item = publisher.served.item(&theirs, "disk").await;
    change(&publisher, &item, &[("a", b"bytes")], &[]).await;
    let url = publish_url(&publisher, &theirs);
    let with = |password: &str| {
        info(&url, false)
            .authentication_method(SubscriptionInfoAuthenticationMethod::Basic)
            .user_name("vcsp")
            .password(password)
    };
    for surface in [Surface::JsonRpc, Surface::Rest, Surface::LegacyRest] {
        let client = follower.served.client("ann", surface).subscribed_library();
        let probe = async |info| client.probe(info).await.unwrap();
        let right = probe(with("a good secret")).await;
        assert_eq!((right.status, right.error_messages), (ProbeResultStatus::Success, Vec::new()));
        for wrong in [with("a bad secret"), info(&url, false)] {
            let result = probe(wrong.clone()).await;
            assert_eq!(result.status, ProbeResultStatus::InvalidCredentials, "{surface:?}");
            assert!(result.error_messages[0].default_message.contains("401"), "{result:?}");
            check_refused(client.create(model(wrong)).await, "resource_inaccessible", &["401"]);
        }
        let lost = probe(info(&url.replace(theirs.as_str(), "nowhere"), false)).await;
        assert_eq!(lost.status, ProbeResultStatus::ResourceNotFound);
        let host = probe(info("http://nowhere.invalid/lib.json", false)).await;
        assert_eq!(host.status, ProbeResultStatus::HostNotFound, "{host:?}");
        let none = probe(info(&format!("{}/healthz", publisher.url), false)).await;
        assert!(none.status != ProbeResultStatus::Success && !none.error_messages.is_empty());
    }
    let client = follower.served.client("ann", Surface::Rest);
    let id = client.subscribed_library().create(model(with("a good secret"))).await.unwrap();
    let ours = id.as_str().into();
    assert_eq!(sync(&follower, &ours).await.error, None);
    assert!(items(&follower, &ours)["disk"].is_cached());
    let seen = client.subscribed_library().get(&id).await.unwrap().subscription_info.unwrap();
    assert_eq!((seen.password, seen.user_name.as_deref()), (None, Some("vcsp")));

    let change = model(with("a bad secret"));
    check_refused(client.subscribed_library().update(&id, change).await, "resource_inaccessible", &["401"]);
    assert_eq!(sync(&follower, &ours).await.error, None, "the right one stays");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_the_publishers_is_changed_there_only() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(published()).await;
    let item = publisher.served.item(&theirs, "disk").await;
    change(&publisher, &item, &[("a", b"bytes")], &[]).await;
    let ours = subscribe(&follower, &publish_url(&publisher, &theirs), false).await;
    sync(&follower, &ours).await;
    let id = items(&follower, &ours)["disk"].id.to_string();
    let id = id.as_str();
    for surface in Surface::ALL {
        let client = follower.served.client("root", surface);
        let session = client.update_session().create(UpdateSessionModel::for_create(id)).await;
        check_refused(session, "invalid_element_type", &["publisher"]);
        let new = ItemModel::for_create(ours.as_str(), "new");
        check_refused(client.item().create(new).await, "invalid_element_type", &["publisher"]);
        let update = client.item().update(id, ItemModel::new().description("x")).await;
        check_refused(update, "invalid_element_type", &["publisher"]);
        check_refused(client.item().delete(id).await, "invalid_element_type", &["publisher"]);
        check_refused(
            client.subscribed_item().evict(id).await,
            "invalid_element_configuration",
            &["on_demand"],
        );
        let evict = client.subscribed_library().evict(ours.as_str()).await;
        check_refused(evict, "not_allowed_in_current_state", &["on_demand"]);
        let local = client.local_library().get(ours.as_str()).await;
        check_refused(local, "invalid_element_type", &["subscribed"]);
        check_refused(client.subscribed_library().sync("nowhere").await, "not_found", &["nowhere"]);
        assert_eq!(client.subscribed_library().list().await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_publisher_that_is_gone_leaves_what_was_followed() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(published()).await;
    let item = publisher.served.item(&theirs, "disk").await;
    change(&publisher, &item, &[("a", b"bytes")], &[]).await;
    let ours = subscribe(&follower, &publish_url(&publisher, &theirs), false).await;
    let before = sync(&follower, &ours).await;
    let off = PublishChange { is_published: Some(false), ..PublishChange::default() };
    let mut unpublish = UpdateLibrary::new(theirs.clone(), Via::LocalLibrary);
    unpublish.publish = Some(off);
    publisher.served.serve(unpublish).await;
    let client = follower.served.client("ann", Surface::Rest);
    let refused = client.subscribed_library().sync(ours.as_str()).await;
    check_refused(refused, "resource_inaccessible", &["404", "lib.json"]);
    publisher.served.serve(DeleteLibrary { id: theirs, via: Via::LocalLibrary, force: true }).await;
    // As if its time had come.
    follower.served.serve(contentlibd::domain::synchronisation::StartSync { library: ours.clone() }).await;
    let after = settled(&follower, &ours).await;
    assert!(after.error.is_some_and(|words| words.text.contains("404")));
    assert_eq!(after.last_sync, before.last_sync);
    assert!(items(&follower, &ours)["disk"].is_cached());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_follows_itself_and_its_followers_are_told() {
    let listening = follower().await;
    let theirs = listening.served.library_of(published()).await;
    let item = listening.served.item(&theirs, "disk").await;
    change(&listening, &item, &[("a", b"one")], &[]).await;
    let ours = subscribe(&listening, &publish_url(&listening, &theirs), true).await;
    let client = listening.served.client("ann", Surface::Rest);
    let target = CreateSpecSubscribedLibraryTarget::UseExisting;
    let spec = CreateSpecSubscribedLibrary::new(target, Location::Local).subscribed_library(ours.as_str());
    client.subscriptions().create(theirs.as_str(), CreateSpec::new(spec)).await.unwrap();

    client.local_library().publish(theirs.as_str()).await.unwrap();
    assert_eq!(settled(&listening, &ours).await.error, None);
    let disk = items(&listening, &ours)["disk"].clone();
    assert_eq!((disk.source.as_ref(), disk.is_cached()), (Some(&item), false));
    client.item().publish(item.as_str(), true).await.unwrap();
    settled(&listening, &ours).await;
    let disk = &items(&listening, &ours)["disk"];
    assert_eq!(content(&listening, disk), of(&[("a", "one")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn libraries_that_ask_for_it_are_synchronised_when_it_is_time() {
    let (publisher, follower) = (Listening::new().await, follower().await);
    let theirs = publisher.served.library_of(published()).await;
    let item = publisher.served.item(&theirs, "disk").await;
    change(&publisher, &item, &[("a", b"one")], &[]).await;
    let url = publish_url(&publisher, &theirs);
    let client = follower.served.client("ann", Surface::Rest);
    let automatic = info(&url, false).automatic_sync_enabled(true);
    let id = client.subscribed_library().create(model(automatic)).await.unwrap();
    let ours = id.as_str().into();
    let first = settled(&follower, &ours).await;
    assert!(first.last_sync.is_some(), "the first one begins at once");
    let quiet = subscribe(&follower, &url, false).await;
    assert_eq!(settled(&follower, &quiet).await.last_sync, None, "whoever does not ask for it waits");

    let due = async || {
        contentlibd::vcsp::follow::start_due(&follower.served.app).await.unwrap();
        settled(&follower, &ours).await.n_syncs
    };
    assert_eq!(due().await, 1, "it is not time yet");
    follower.served.clock.pass_ms(240 * 60_000);
    let settings = vapi::content::ConfigurationModel::new;
    let configuration = follower.served.client("root", Surface::Rest).configuration();
    configuration.update(settings().automatic_sync_start_hour(3).automatic_sync_stop_hour(4)).await.unwrap();
    assert_eq!(due().await, 1, "it is not the hour");
    configuration.update(settings().automatic_sync_stop_hour(3)).await.unwrap();
    assert_eq!(due().await, 2, "all day is the hour");
    follower.served.clock.pass_ms(240 * 60_000);
    configuration.update(settings().automatic_sync_enabled(false)).await.unwrap();
    assert_eq!(due().await, 2, "nothing by itself");
    assert_eq!(settled(&follower, &quiet).await.n_syncs, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_networks_are_followed_only_where_the_settings_allow_it() {
    let publisher = Listening::new().await;
    let theirs = publisher.served.library_of(published()).await;
    let mut settings = session::settings();
    (settings.outbound.allow_private_networks, settings.outbound.allowed_networks) = (false, Vec::new());
    let follower = Listening::with(settings).await;
    let client = follower.served.client("root", Surface::Rest);
    let create =
        client.subscribed_library().create(model(info(&publish_url(&publisher, &theirs), false))).await;
    check_refused(create, "resource_inaccessible", &["127.0.0.1", "allowed_networks"]);
    assert_eq!(client.subscribed_library().list().await.unwrap(), []);
}
