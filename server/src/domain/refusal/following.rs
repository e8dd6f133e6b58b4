//! The refusals that are about libraries that follow each other.

use super::catalogue::refusal;
use super::{Kind, Refusal};
use crate::domain::ids::{ItemId, LibraryId, SubscriptionId};

impl Refusal {
    pub(in crate::domain) fn item_is_local(id: &ItemId) -> Refusal {
        let text = format!("Item {id} is in a local library: it follows none, and always has its files.");
        refusal(Kind::InvalidElementType, "item_is_local", [id.as_str()], text)
    }

    pub(in crate::domain) fn item_always_has_content(id: &ItemId) -> Refusal {
        let text = format!(
            "The library of item {id} does not fetch on demand, so its items always have their files. Set \
                on_demand in its subscription_info first."
        );
        refusal(Kind::InvalidElementConfiguration, "item_not_on_demand", [id.as_str()], text)
    }

    pub(in crate::domain) fn library_always_has_content(id: &LibraryId) -> Refusal {
        let text = format!(
            "Library {id} does not fetch on demand, so its items always have their files. Set on_demand in \
                its subscription_info first."
        );
        Refusal::not_now("library_not_on_demand", [id.as_str()], text)
    }

    pub(in crate::domain) fn content_is_coming(id: &ItemId) -> Refusal {
        let text = format!("Files of item {id} are on their way. Wait until they are here.");
        Refusal::not_now("content_coming", [id.as_str()], text)
    }

    pub(in crate::domain) fn not_cached(name: &str) -> Refusal {
        let text = format!(
            "The bytes of {name:?} are still at the publisher. Synchronise the item with its content, then try \
                again."
        );
        Refusal::not_now("file_not_cached", [name], text)
    }

    pub(in crate::domain) fn sync_is_void() -> Refusal {
        let text = "This synchronisation does not count any more: it ended, or another one began.";
        refusal(Kind::ConcurrentChange, "sync_superseded", [], text.to_owned())
    }

    pub(in crate::domain) fn items_are_the_publishers(library: &LibraryId) -> Refusal {
        let text = format!(
            "Library {library} is a subscribed one: only its publisher makes, changes and removes its \
                items. Change them there and synchronise."
        );
        refusal(Kind::InvalidElementType, "library_is_subscribed", [library.as_str()], text)
    }

    pub(in crate::domain) fn not_published(id: &LibraryId) -> Refusal {
        let text = format!("Library {id} is not published. Publish it first.");
        Refusal::not_now("library_not_published", [id.as_str()], text)
    }

    pub(in crate::domain) fn nothing_to_publish(id: &ItemId) -> Refusal {
        let text = format!("Item {id} has no content. Complete an update session on it first.");
        Refusal::not_now("item_without_content", [id.as_str()], text)
    }

    pub(in crate::domain) fn publish_to_nobody(id: &SubscriptionId) -> Refusal {
        Refusal::invalid(
            "subscriptions",
            &format!("the library has no subscription {id}"),
            "List its subscriptions to see which there are.",
        )
    }

    pub(in crate::domain) fn subscription_exists(subscriber: &LibraryId) -> Refusal {
        let text = format!("The library has a subscription for library {subscriber} already.");
        refusal(Kind::AlreadyExists, "subscription_exists", [subscriber.as_str()], text)
    }

    pub(crate) fn no_subscription(id: &SubscriptionId) -> Refusal {
        let text =
            format!("The library has no subscription {id}. List its subscriptions to see which there are.");
        refusal(Kind::NotFound, "subscription_not_found", [id.as_str()], text)
    }
}
