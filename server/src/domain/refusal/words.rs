//! Why a session or a file is in error: words that are kept with it and shown as its error message.

use super::Message;
use crate::domain::checksum::{Algorithm, Checksum};
use crate::domain::content::{Validation, Warning, WarningKind};
use crate::domain::ids::{ItemId, LibraryId};

fn words<const N: usize>(id: &str, args: [&str; N], text: impl Into<String>) -> Message {
    Message::new(id, args.map(str::to_owned), text)
}

impl Message {
    /// The client's own words come through as they are.
    pub(in crate::domain) fn client_failed(message: Option<&str>) -> Message {
        let text = message.unwrap_or("The client gave the session up and did not say why.");
        words("client_failed", [text], text)
    }

    pub(in crate::domain) fn session_canceled() -> Message {
        words("session_canceled", [], "The session was cancelled.")
    }

    pub(in crate::domain) fn session_expired() -> Message {
        words("session_expired", [], "The session expired.")
    }

    pub(in crate::domain) fn item_deleted(id: &ItemId) -> Message {
        words("item_deleted", [id.as_str()], format!("Item {id} was deleted."))
    }

    pub(in crate::domain) fn library_deleted(id: &LibraryId) -> Message {
        words("library_deleted", [id.as_str()], format!("Library {id} was deleted."))
    }

    pub(in crate::domain) fn transfer_failed(reason: &str) -> Message {
        words("transfer_failed", [reason], format!("The transfer failed: {reason}."))
    }

    pub(in crate::domain) fn unreadable(reason: &str) -> Message {
        words("file_unreadable", [reason], format!("The file arrived and cannot be read: {reason}."))
    }

    pub(in crate::domain) fn archive_ended(archive: &str) -> Message {
        words("archive_ended", [archive], format!("{archive} ended within the file."))
    }

    pub(in crate::domain) fn reference(name: &str, fault: &str) -> Message {
        words(
            "bad_reference",
            [name, fault],
            format!("The descriptor speaks of {name:?}, which names no file: {fault}."),
        )
    }

    pub(in crate::domain) fn size_differs(wanted: u64, found: u64, by: &str) -> Message {
        let text = format!("{by} announced {wanted} bytes, and {found} arrived.");
        words("size_differs", [&wanted.to_string(), &found.to_string()], capitalised(&text))
    }

    pub(in crate::domain) fn checksum_differs(wanted: &Checksum, found: &str, by: &str) -> Message {
        let (name, hex) = (wanted.algorithm.name(), &wanted.hex);
        let text = format!("{by} announced {name} {hex}, and what arrived has {found}.");
        words("checksum_differs", [name, hex, found], capitalised(&text))
    }

    pub(in crate::domain) fn not_signed(manifest: &str) -> Message {
        let text = format!(
            "The manifest {manifest} was signed and does not list it; whoever signed vouches for the others."
        );
        words("not_signed", [manifest], text)
    }

    pub(in crate::domain) fn checksum_unknown(algorithm: Algorithm) -> Message {
        let name = algorithm.name();
        words("checksum_unknown", [name], format!("The file could not be compared with its {name} checksum."))
    }

    pub(in crate::domain) fn file_at_fault(name: &str, reason: &Message) -> Message {
        words("file_at_fault", [name, &reason.text], format!("{name}: {reason}"))
    }

    pub(in crate::domain) fn files_missing(validation: &Validation) -> Message {
        let names: Vec<&str> =
            validation.missing.iter().chain(&validation.unreceived).map(String::as_str).collect();
        let names = names.join(", ");
        words("files_missing", [&names], format!("The content is not whole: {names} is missing."))
    }

    pub(in crate::domain) fn not_prepared(reason: &str) -> Message {
        words("preparation_failed", [reason], format!("{reason}."))
    }

    pub(crate) fn publisher_unreached(reason: &str) -> Message {
        words("publisher_unreached", [reason], reason)
    }

    pub(in crate::domain) fn publisher_unread(reason: &str) -> Message {
        words("publisher_unread", [reason], format!("The published library could not be read: {reason}."))
    }

    pub(in crate::domain) fn publisher_moved_on() -> Message {
        words("publisher_moved_on", [], "The publisher has other files by now.")
    }

    pub(in crate::domain) fn item_withdrawn(id: &ItemId) -> Message {
        words("item_withdrawn", [id.as_str()], format!("Item {id} is not published any more."))
    }

    pub(in crate::domain) fn item_not_understood(id: &ItemId, fault: &str) -> Message {
        words("item_not_understood", [id.as_str(), fault], format!("Published item {id}: {fault}."))
    }

    pub(in crate::domain) fn item_not_synchronised(name: &str, reason: &Message) -> Message {
        words("item_not_synchronised", [name, &reason.text], format!("Item {name:?}: {reason}"))
    }

    pub(in crate::domain) fn warning(kind: WarningKind) -> Message {
        let text = match kind {
            WarningKind::SelfSigned => "The certificate of the content is signed with its own key.",
            WarningKind::Expired => "The certificate of the content has expired.",
            WarningKind::NotYetValid => "The certificate of the content is not valid yet.",
            WarningKind::Untrusted => {
                "Nobody that this server trusts vouches for the certificate of the content."
            }
        };
        words("content_warning", [kind.name()], text)
    }

    pub(in crate::domain) fn unignored(warning: &Warning) -> Message {
        let (name, what) = (warning.kind.name(), &warning.message);
        let text = format!("{what} Send the content again in a new session that ignores {name}.");
        words("content_warning_not_ignored", [name], text)
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
