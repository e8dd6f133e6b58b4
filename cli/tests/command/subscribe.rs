//! `subscribe` and `sync`: what is sent, what is waited for, and what is said of publishers that cannot be followed.

use contentlib::Written;
use serde_json::Value;
use vapi::content::library::item::{Find as FindItem, Get as GetItem};
use vapi::content::library::subscribed_item::Sync as SyncItem;
use vapi::content::library::{Find, Get, ItemModel, SubscriptionInfoAuthenticationMethod};
use vapi::content::subscribed_library::{
    Create, Get as GetSubscribed, Probe, ProbeResult, ProbeResultStatus, Sync,
};
use vapi::content::{LibraryModel, LibraryModelLibraryType};
use vapi::runtime::mock::Mock;
use vapi::vapi::std::LocalizableMessage;
use vapi::vapi::std::errors::ResourceInaccessible;

use super::{World, check_code, mock, world};

const PUBLISHER: &str = "https://pub.test/cls/vcsp/lib/l-7/lib.json";

fn subscribe(world: &World, mock: &Mock, more: &[&str]) -> Written {
    let words = ["subscribe", "copies", PUBLISHER, "--datastore", "datastore-1", "--surface", "rest"];
    world.run(mock, &[&words, more].concat())
}

#[test]
fn a_subscription_is_what_was_said() {
    let mock = mock();
    mock.on::<Create>().returns("l-1".into());
    let plain = subscribe(&world(), &mock, &[]);
    assert_eq!((plain.code, plain.out.as_str()), (0, "subscribed l-1\n"), "{plain:?}");
    let mut asking = world();
    asking.stdin = "of-the-publisher\n".to_owned();
    let more =
        ["--on-demand", "--automatic", "--publisher-user", "bob", "--publisher-thumbprint", "AB:CD", "-v"];
    let full = subscribe(&asking, &mock, &more);
    assert_eq!(full.code, 0, "{full:?}");
    assert!(!full.err.contains("of-the-publisher"), "{full:?}");

    let calls = mock.calls::<Create>();
    let info_of = |idx: usize| calls[idx].create_spec.subscription_info.as_ref().unwrap();
    let (plain, full) = (info_of(0), info_of(1));
    assert_eq!(plain.subscription_url.as_ref().map(ToString::to_string).as_deref(), Some(PUBLISHER));
    assert_eq!(plain.authentication_method, Some(SubscriptionInfoAuthenticationMethod::None));
    assert_eq!((plain.on_demand, plain.automatic_sync_enabled), (Some(false), Some(false)));
    assert_eq!(full.authentication_method, Some(SubscriptionInfoAuthenticationMethod::Basic));
    assert_eq!((full.on_demand, full.automatic_sync_enabled), (Some(true), Some(true)));
    assert_eq!(full.user_name.as_deref(), Some("bob"));
    assert_eq!(full.password.as_ref().map(|password| password.expose()), Some("of-the-publisher"));
    assert_eq!(full.ssl_thumbprint.as_deref(), Some("AB:CD"));
}

#[test]
fn a_publisher_that_cannot_be_followed_is_explained() {
    let words = LocalizableMessage::new("id", "nobody vouches for it", vec![]);
    let check = |status, thumbprint: Option<&str>, said: &[&str]| {
        let mock = mock();
        mock.on::<Create>().fails(ResourceInaccessible::new(vec![]));
        let mut probed = ProbeResult::new(status, vec![words.clone()]);
        probed.ssl_thumbprint = thumbprint.map(str::to_owned);
        mock.on::<Probe>().returns(probed);
        check_code(&subscribe(&world(), &mock, &[]), 4, said);
    };
    check(
        ProbeResultStatus::CertificateError,
        Some("AB:CD"),
        &["nobody vouches", "--publisher-thumbprint AB:CD"],
    );
    check(ProbeResultStatus::InvalidCredentials, None, &[PUBLISHER, "CONTENTLIB_PUBLISHER_PASSWORD"]);
    check(ProbeResultStatus::HostNotFound, None, &["HOST_NOT_FOUND", "publish_url"]);
}

fn library(kind: LibraryModelLibraryType) -> LibraryModel {
    LibraryModel::new().id("l-1").name("copies").type_(kind)
}

#[test]
fn sync_waits_until_the_time_of_the_last_one_is_another() {
    let mock = mock();
    let (before, after) = ("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z");
    let synced =
        |time: &str| library(LibraryModelLibraryType::Subscribed).last_sync_time(time.parse().unwrap());
    mock.on::<Find>().returns(vec!["l-1".into()]);
    mock.on::<Sync>().when(|input| input.library_id.as_str() == "l-1").returns(());
    mock.on::<Get>().returns(synced(before));
    // Looked at, asked too early, and then it is done.
    mock.on::<GetSubscribed>().times(2).returns(synced(before));
    mock.on::<GetSubscribed>().returns(synced(after));
    let written = world().run(&mock, &["sync", "copies", "--surface", "rest", "--output", "json"]);
    assert_eq!(written.code, 0, "{written:?}");
    let printed: Value = serde_json::from_str(&written.out).unwrap();
    assert_eq!(printed["synced"], "l-1");
    assert!(printed["last_sync_time"].as_str().unwrap().starts_with("2024-01-02T00:00:00"), "{printed}");
    assert_eq!(mock.calls::<GetSubscribed>().len(), 3);
    let begun = world().run(&mock, &["sync", "copies", "--no-wait", "--surface", "rest"]);
    assert_eq!((begun.code, begun.out.as_str()), (0, "syncing l-1\n"), "{begun:?}");
    // Nothing changes any more.
    let words = ["sync", "copies", "--wait-max", "0", "--surface", "rest"];
    check_code(&world().run(&mock, &words), 5, &["waited 0 s", "--wait-max"]);
}

#[test]
fn an_item_is_got_up_to_date_with_its_files() {
    let mock = mock();
    let item = || ItemModel::new().id("i-1").name("debian").library_id("l-1");
    mock.on::<Find>().returns(vec!["l-1".into()]);
    mock.on::<Get>().returns(library(LibraryModelLibraryType::Subscribed));
    mock.on::<FindItem>().returns(vec!["i-1".into()]);
    mock.on::<GetItem>().times(2).returns(item());
    mock.on::<GetItem>().returns(item().last_sync_time("2024-01-02T00:00:00Z".parse().unwrap()));
    mock.on::<SyncItem>().returns(());
    let written = world().run(&mock, &["sync", "copies/debian", "--content", "--surface", "rest"]);
    assert_eq!((written.code, written.out.as_str()), (0, "synced i-1\n"), "{written:?}");
    assert!(mock.calls::<SyncItem>()[0].force_sync_content);
    check_code(
        &world().run(&mock, &["sync", "copies", "--content", "--surface", "rest"]),
        2,
        &["LIBRARY/ITEM"],
    );
}

#[test]
fn a_library_that_follows_none_is_told_apart() {
    let mock = mock();
    mock.on::<Find>().returns(vec!["l-1".into()]);
    mock.on::<Get>().returns(library(LibraryModelLibraryType::Local));
    let local = world().run(&mock, &["sync", "copies", "--surface", "rest"]);
    check_code(&local, 4, &["follows no other", "contentlib subscribe"]);
    assert_eq!(mock.all_calls().len(), 2, "nothing else is asked");
}
