//! The refusals that are about a call: what it lacks, what it names that is not there, what is wrong with it. One function
//! for each reason, with its standard error, its arguments and its text. What is about how things stand is in `standing.rs`.

use super::{Kind, Message, Refusal};
use crate::domain::checksum::Algorithm;
use crate::domain::content::WarningKind;
use crate::domain::ids::{ItemId, LibraryId, SubscriptionId, UsageId, Version};
use crate::domain::library::Via;

pub(super) fn refusal<const N: usize>(kind: Kind, id: &str, args: [&str; N], text: String) -> Refusal {
    Refusal { kind, message: Message::new(id, args.map(str::to_owned), text) }
}

/// What keeps a call from being one at all.
impl Refusal {
    pub(crate) fn lacks(field: &str) -> Refusal {
        refusal(
            Kind::InvalidArgument,
            "field_missing",
            [field],
            format!("{field} has to be set for this call."),
        )
    }

    pub(crate) fn unknown_endpoint(kind: &str) -> Refusal {
        let text = format!("{kind:?} is no kind of address. Use HTTPS or DIRECT.");
        refusal(Kind::InvalidArgument, "unknown_endpoint_type", [kind], text)
    }

    pub(crate) fn nobody() -> Refusal {
        let text = "It is not known who calls. Log in first.";
        refusal(Kind::Unauthorized, "nobody", [], text.to_owned())
    }

    pub(crate) fn finds_everything() -> Refusal {
        Refusal::invalid("spec", "nothing in it is set", "Set what to look for; list shows everything.")
    }

    pub(crate) fn no_version(text: &str) -> Refusal {
        Refusal::invalid("version", &format!("{text:?} is none"), "Give the one that get shows, or none.")
    }

    pub(crate) fn unsupported(what: &str, way_out: &str) -> Refusal {
        refusal(Kind::Unsupported, "unsupported", [what], format!("This server cannot {what}. {way_out}"))
    }

    pub(crate) fn storage_stays() -> Refusal {
        let way_out = "All its libraries have their bytes in its data directory; move that one instead.";
        Refusal::unsupported("move a library to other storage", way_out)
    }
}

/// What there is not, or there is already.
impl Refusal {
    pub(in crate::domain) fn no_library(id: &LibraryId) -> Refusal {
        let text = format!("There is no library {id}. List the libraries to see which there are.");
        refusal(Kind::NotFound, "library_not_found", [id.as_str()], text)
    }

    pub(in crate::domain) fn no_item(id: &ItemId) -> Refusal {
        let text = format!("There is no library item {id}. List the library to see which there are.");
        refusal(Kind::NotFound, "item_not_found", [id.as_str()], text)
    }

    pub(crate) fn no_item_file(name: &str) -> Refusal {
        let text = format!("The item has no file named {name:?}. List its files to see which there are.");
        refusal(Kind::NotFound, "file_not_found", [name], text)
    }

    pub(in crate::domain) fn no_item_version(version: &str) -> Refusal {
        let text = format!(
            "The item has no content version {version:?}, or forgot it. List its changes to see which there \
                are."
        );
        refusal(Kind::NotFound, "version_not_found", [version], text)
    }

    pub(crate) fn no_certificate(id: &str) -> Refusal {
        let text = format!("The server trusts no certificate {id}.");
        refusal(Kind::NotFound, "certificate_not_found", [id], text)
    }

    pub(in crate::domain) fn no_session(id: &str) -> Refusal {
        let text = format!(
            "There is no session {id}: it never was, has expired, was deleted, or is not yours. Create a \
                new one."
        );
        refusal(Kind::NotFound, "session_not_found", [id], text)
    }

    pub(in crate::domain) fn no_usage(id: &UsageId) -> Refusal {
        let text = format!("The library has no usage {id}. List its usages to see which there are.");
        refusal(Kind::NotFound, "usage_not_found", [id.as_str()], text)
    }

    pub(crate) fn no_subscription(id: &SubscriptionId) -> Refusal {
        let text =
            format!("The library has no subscription {id}. List its subscriptions to see which there are.");
        refusal(Kind::NotFound, "subscription_not_found", [id.as_str()], text)
    }

    pub(in crate::domain) fn no_upload() -> Refusal {
        let text = "Nothing can be sent to this address: the session has no file for it any more. Get the \
            file from the session for the address of now.";
        refusal(Kind::NotFound, "upload_not_found", [], text.to_owned())
    }

    pub(in crate::domain) fn no_download() -> Refusal {
        let text = "Nothing can be fetched from this address: no file was prepared for it. Prepare the file \
            in a download session.";
        refusal(Kind::NotFound, "download_not_found", [], text.to_owned())
    }

    pub(in crate::domain) fn item_name_taken(name: &str) -> Refusal {
        let text = format!(
            "The library has an item named {name:?} already; capitals make no difference. Choose another \
                name, or update that item."
        );
        refusal(Kind::AlreadyExists, "duplicate_item_name_unsupported_in_library", [name], text)
    }

    pub(in crate::domain) fn id_taken() -> Refusal {
        let text = "What was to be made has an identifier that is in use. Repeat the call.";
        refusal(Kind::AlreadyExists, "identifier_in_use", [], text.to_owned())
    }

    pub(in crate::domain) fn usage_exists(resource: &str) -> Refusal {
        let text = format!("The library has a usage by {resource} already.");
        refusal(Kind::AlreadyExists, "usage_exists", [resource], text)
    }

    pub(in crate::domain) fn subscription_exists(subscriber: &LibraryId) -> Refusal {
        let text = format!("The library has a subscription for library {subscriber} already.");
        refusal(Kind::AlreadyExists, "subscription_exists", [subscriber.as_str()], text)
    }
}

/// What is wrong with a call, whatever the state.
impl Refusal {
    pub(crate) fn invalid(field: &str, what: &str, way_out: &str) -> Refusal {
        let text = format!("The {field} is not valid: {what}. {way_out}");
        refusal(Kind::InvalidArgument, "invalid_argument", [field, what], text)
    }

    pub(in crate::domain) fn token_is_no_uuid(token: &str) -> Refusal {
        Refusal::invalid(
            "client_token",
            &format!("{token:?} is no UUID"),
            "Draw one for each call, and repeat it with that call.",
        )
    }

    pub(in crate::domain) fn token_is_used(token: &str) -> Refusal {
        let what = format!("{token} came before with a call that asked for something else");
        Refusal::invalid("client_token", &what, "Draw a new one for a new call.")
    }

    pub(in crate::domain) fn no_file_name(name: &str, fault: &str) -> Refusal {
        Refusal::invalid(
            "name",
            &format!("{name:?} names no file, {fault}"),
            "Give the plain name that the file is to have in the item.",
        )
    }

    pub(in crate::domain) fn no_session_file(name: &str) -> Refusal {
        let what = format!("neither the item nor the session has a file {name:?}");
        Refusal::invalid("file_name", &what, "List the files of the session to see which there are.")
    }

    pub(in crate::domain) fn no_download_file(name: &str) -> Refusal {
        let what = format!("the session offers no file {name:?}");
        Refusal::invalid("file_name", &what, "List the files of the session to see which there are.")
    }

    pub(in crate::domain) fn no_file_to_leave(name: &str) -> Refusal {
        let what = format!("NONE leaves a file of the item alone, and the item has none named {name:?}");
        Refusal::invalid("source_type", &what, "Use PUSH to send the file, or PULL to have it fetched.")
    }

    pub(in crate::domain) fn unknown_source(kind: &str) -> Refusal {
        Refusal::invalid(
            "source_type",
            &format!("{kind:?} is none"),
            "Use PUSH to send the file, or PULL to have it fetched.",
        )
    }

    pub(in crate::domain) fn pull_from_nowhere(name: &str) -> Refusal {
        let what = format!("it is not set, and {name:?} is to be fetched");
        Refusal::invalid("source_endpoint", &what, "Say from where, or use PUSH to send the file.")
    }

    pub(in crate::domain) fn unknown_scheme(uri: &str) -> Refusal {
        let what = format!("this server cannot fetch from {uri:?}");
        Refusal::invalid(
            "source_endpoint",
            &what,
            "Give an address that begins with https://, http:// or file://.",
        )
    }

    pub(in crate::domain) fn no_datastores(uri: &str) -> Refusal {
        let what = format!("{uri:?} is in a datastore, and this server has none");
        Refusal::invalid(
            "source_endpoint",
            &what,
            "Give an address that begins with https://, http:// or file://.",
        )
    }

    pub(in crate::domain) fn file_too_large(size: u64, bytes_max: u64) -> Refusal {
        let what = format!("{size} bytes are more than the {bytes_max} that this server takes");
        Refusal::invalid("size", &what, "Send a smaller file, or have the limit raised.")
    }

    pub(in crate::domain) fn no_policy(id: &str) -> Refusal {
        let what = format!("there is no policy {id:?}");
        Refusal::invalid("security_policy_id", &what, "List the policies, or leave it out.")
    }

    pub(in crate::domain) fn unknown_algorithm(name: &str) -> Refusal {
        Refusal::invalid(
            "checksum_info",
            &format!("{name:?} is no algorithm that this server has"),
            "Use SHA1, MD5, SHA256 or SHA512.",
        )
    }

    pub(in crate::domain) fn no_checksum(
        algorithm: Algorithm,
        n_digits: usize,
        other: Option<Algorithm>,
    ) -> Refusal {
        let (name, n_wanted) = (algorithm.name(), algorithm.n_digits());
        let what = format!(
            "a checksum of {name} has {n_wanted} hexadecimal digits, and this text of {n_digits} is none"
        );
        let way_out = match other {
            Some(other) if other != algorithm => {
                format!("It looks like one of {}; say so with the algorithm.", other.name())
            }
            _ => "Give the whole checksum, and its algorithm.".to_owned(),
        };
        Refusal::invalid("checksum_info", &what, &way_out)
    }

    pub(in crate::domain) fn unknown_warning(kind: &str) -> Refusal {
        let names = WarningKind::ALL.map(WarningKind::name).join(", ");
        Refusal::invalid(
            "warning_behavior",
            &format!("{kind:?} is no kind of warning"),
            &format!("There are {names}."),
        )
    }

    pub(in crate::domain) fn warning_twice(kind: WarningKind) -> Refusal {
        Refusal::invalid(
            "warning_behavior",
            &format!("it has {} twice", kind.name()),
            "Say for each kind once what is to become of it.",
        )
    }

    pub(in crate::domain) fn no_password(field: &str) -> Refusal {
        Refusal::invalid(field, "BASIC needs a password and none is set", "Set one, or use NONE.")
    }

    pub(in crate::domain) fn password_for_nothing() -> Refusal {
        Refusal::invalid(
            "publish_info",
            "it has a password, and NONE asks for none",
            "Use BASIC, or leave the password out.",
        )
    }

    pub(in crate::domain) fn password_not_proven() -> Refusal {
        let what = "the current password is missing or wrong";
        Refusal::invalid(
            "publish_info",
            what,
            "Give it to change the password, to switch to NONE, or to stop publishing.",
        )
    }

    pub(in crate::domain) fn publish_to_nobody(id: &SubscriptionId) -> Refusal {
        Refusal::invalid(
            "subscriptions",
            &format!("the library has no subscription {id}"),
            "List its subscriptions to see which there are.",
        )
    }

    pub(in crate::domain) fn not_of_this_kind(field: &str, kind: &str) -> Refusal {
        Refusal::invalid(field, &format!("the library is a {kind} one, which has none"), "Leave it out.")
    }

    pub(in crate::domain) fn stale_item(theirs: Version, ours: Version) -> Refusal {
        let what = format!("the item has version {ours} by now, not {theirs}");
        Refusal::invalid("version", &what, "Get the item and repeat the change.")
    }

    pub(in crate::domain) fn stale_library(via: Via, theirs: Version, ours: Version) -> Refusal {
        let (kind, id) = match via {
            Via::Library => (Kind::InvalidArgument, "invalid_argument"),
            Via::LocalLibrary | Via::SubscribedLibrary => (Kind::ConcurrentChange, "library_changed"),
        };
        let text = format!(
            "The library has version {ours} by now, not {theirs}. Get the library and repeat the change."
        );
        refusal(kind, id, [&theirs.to_string(), &ours.to_string()], text)
    }

    pub(in crate::domain) fn cannot_continue(offset: u64, durable: u64) -> Refusal {
        let what = format!(
            "the file cannot be continued at byte {offset}, since the server has {durable} bytes of it"
        );
        Refusal::invalid("offset", &what, "Continue there, or send the file from the beginning.")
    }

    pub(in crate::domain) fn backings(n_backings: usize) -> Refusal {
        match n_backings {
            0 => Refusal::invalid("storage_backings", "it is empty", "Name the storage of the library."),
            n => {
                let text =
                    format!("A library has its bytes in one storage, and {n} are given. Choose one of them.");
                refusal(Kind::Unsupported, "several_backings", [&n.to_string()], text)
            }
        }
    }
}
