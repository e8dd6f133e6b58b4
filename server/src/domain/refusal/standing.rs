//! The refusals that are about how things stand: a call that another library, another moment or nobody else at work would
//! let through. One function for each reason, as in `catalogue.rs`.

use super::catalogue::refusal;
use super::{Kind, Message, Refusal};
use crate::domain::content::Validation;
use crate::domain::ids::{BlobId, ItemId, LibraryId};
use crate::domain::update::SessionState;
/// What is of the wrong kind.
impl Refusal {
    pub(crate) fn library_kind(id: &LibraryId, is_local: bool) -> Refusal {
        let (kind, other) =
            if is_local { ("local", "local_library") } else { ("subscribed", "subscribed_library") };
        let text = format!("Library {id} is a {kind} one. Use the operations of {other}.");
        refusal(Kind::InvalidElementType, "library_of_other_kind", [id.as_str(), kind], text)
    }

    pub(in crate::domain) fn items_are_the_publishers(library: &LibraryId) -> Refusal {
        let text = format!(
            "Library {library} is a subscribed one: only its publisher makes, changes and removes its \
                items. Change them there and synchronise."
        );
        refusal(Kind::InvalidElementType, "library_is_subscribed", [library.as_str()], text)
    }

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

    pub(in crate::domain) fn item_is_template(id: &ItemId) -> Refusal {
        let text = format!(
            "Item {id} contains a virtual machine template, whose files cannot be changed by an update \
                session."
        );
        refusal(Kind::InvalidElementType, "item_is_template", [id.as_str()], text)
    }
}

/// What cannot be now.
impl Refusal {
    fn not_now<const N: usize>(id: &str, args: [&str; N], text: String) -> Refusal {
        refusal(Kind::NotAllowedInCurrentState, id, args, text)
    }

    pub(in crate::domain) fn session_ended(
        operation: &str,
        state: SessionState,
        reason: Option<&Message>,
    ) -> Refusal {
        let state = state.name();
        let why = reason.map(|words| format!(" ({words})")).unwrap_or_default();
        let text = format!(
            "{operation} is not possible: the session has ended, its state is {state}{why}. Create a new \
                session."
        );
        let reason = reason.map_or("", |words| &words.text);
        Refusal::not_now("session_not_active", [operation, state, reason], text)
    }

    pub(in crate::domain) fn session_is_active(id: &str) -> Refusal {
        let text =
            format!("Session {id} is ACTIVE and cannot be deleted. Complete, cancel or fail it first.");
        Refusal::not_now("session_active", [id], text)
    }

    pub(in crate::domain) fn session_is_completing(operation: &str) -> Refusal {
        let text = format!(
            "{operation} is not possible: the session is being completed and waits for files that the \
                server fetches. Wait for it to end, or cancel it."
        );
        Refusal::not_now("session_completing", [operation], text)
    }

    pub(in crate::domain) fn not_received(operation: &str, names: &[String]) -> Refusal {
        let names = names.join(", ");
        let text = format!(
            "{operation} is not possible: {names} did not arrive yet. Send it to its upload address, or \
                remove it from the session."
        );
        Refusal::not_now("files_not_received", [operation, &names], text)
    }

    pub(in crate::domain) fn missing_or_invalid(validation: &Validation) -> Refusal {
        let unreceived = validation.unreceived.iter().cloned();
        let missing: Vec<String> = unreceived.chain(validation.missing.iter().cloned()).collect();
        let invalid: Vec<&str> = validation.invalid.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = String::from("The session cannot be completed and stays ACTIVE.");
        if !missing.is_empty() {
            text += &format!(" Missing: {}; send them.", missing.join(", "));
        }
        for (name, words) in &validation.invalid {
            text += &format!(" Invalid: {name}: {words} Send it again, or add it again.");
        }
        let args = [missing.join(", "), invalid.join(", ")];
        Refusal::not_now("session_has_missing_or_invalid_files", [&args[0], &args[1]], text)
    }

    pub(in crate::domain) fn after_the_descriptor(name: &str) -> Refusal {
        let text = format!(
            "{name} says something about the descriptor (.ovf) and has to be added before it. Remove the \
                descriptor from the session, add {name}, then the descriptor."
        );
        Refusal::not_now("added_after_descriptor", [name], text)
    }

    pub(in crate::domain) fn library_is_used(n_usages: usize, resource: &str) -> Refusal {
        let text = format!(
            "The library has {n_usages} usages, the first by {resource}. Remove them, or force the deletion."
        );
        Refusal::not_now("library_in_use", [&n_usages.to_string(), resource], text)
    }

    pub(in crate::domain) fn item_is_used(resource: &str) -> Refusal {
        let text =
            format!("The item is in use together with its library, by {resource}. Remove the usage first.");
        Refusal::not_now("item_in_use", [resource], text)
    }

    pub(in crate::domain) fn in_maintenance(id: &LibraryId) -> Refusal {
        let text = format!("Library {id} is in maintenance. Wait until it is back in service.");
        Refusal::not_now("library_in_maintenance", [id.as_str()], text)
    }

    pub(in crate::domain) fn maintenance_is(on: bool) -> Refusal {
        let text =
            if on { "The library is in maintenance already." } else { "The library is not in maintenance." };
        Refusal::not_now("maintenance_unchanged", [], text.to_owned())
    }

    pub(in crate::domain) fn not_published(id: &LibraryId) -> Refusal {
        let text = format!("Library {id} is not published. Publish it first.");
        Refusal::not_now("library_not_published", [id.as_str()], text)
    }

    pub(in crate::domain) fn nothing_to_publish(id: &ItemId) -> Refusal {
        let text = format!("Item {id} has no content. Complete an update session on it first.");
        Refusal::not_now("item_without_content", [id.as_str()], text)
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

    pub(in crate::domain) fn blob_is_read(blob: &BlobId) -> Refusal {
        let text = format!("{blob} is still being downloaded.");
        Refusal::not_now("blob_in_use", [blob.as_str()], text)
    }
}

/// Who or what else stands in the way.
impl Refusal {
    pub(in crate::domain) fn item_is_busy(other: Option<&str>) -> Refusal {
        let (which, way_out) = match other {
            Some(id) => (
                format!("update session {id}"),
                "Complete, cancel or fail that one, or wait until it expires.",
            ),
            None => ("an update session that is not yours".to_owned(), "Wait until it ends or expires."),
        };
        let text = format!("The item is being changed by {which}, which is ACTIVE. {way_out}");
        refusal(Kind::ResourceBusy, "item_busy", [other.unwrap_or_default()], text)
    }

    pub(in crate::domain) fn sync_is_void() -> Refusal {
        let text = "This synchronisation does not count any more: it ended, or another one began.";
        refusal(Kind::ConcurrentChange, "sync_superseded", [], text.to_owned())
    }

    pub(crate) fn transfer_is_void() -> Refusal {
        let text = "This transfer does not count any more: another one of the same file began, or the file \
            was replaced or removed.";
        refusal(Kind::ConcurrentChange, "transfer_superseded", [], text.to_owned())
    }

    pub(in crate::domain) fn too_many_files(n_files_max: usize) -> Refusal {
        let text = format!(
            "The session has {n_files_max} files, and cannot have more. Complete it and add the others in \
                another one."
        );
        refusal(Kind::UnableToAllocateResource, "too_many_files", [&n_files_max.to_string()], text)
    }

    pub(in crate::domain) fn too_many_downloads(item: &ItemId, n_downloads_max: usize) -> Refusal {
        let text = format!(
            "Item {item} has {n_downloads_max} active download sessions, and cannot have more. Cancel those \
                that nobody needs, or try again later."
        );
        let args = [item.as_str(), &n_downloads_max.to_string()];
        refusal(Kind::UnableToAllocateResource, "too_many_downloads", args, text)
    }

    pub(in crate::domain) fn may_not_read_storage() -> Refusal {
        let text = "The caller may not read the server's storage (ContentLibrary.ReadStorage). Use an \
            address that begins with https:// or http://, and HTTPS for downloads.";
        refusal(Kind::Unauthorized, "may_not_read_storage", [], text.to_owned())
    }

    pub(in crate::domain) fn not_prepared(name: &str, words: &Message) -> Refusal {
        let text = format!("{name} could not be made ready: {words} Prepare it again.");
        refusal(Kind::ResourceInaccessible, "file_not_prepared", [name, &words.text], text)
    }
}
