//! Why something is refused: the standard error that it is, and words for it.
//!
//! Every text that a client can get from the domain stands in `refusal/catalogue.rs` or `refusal/standing.rs`, or in
//! `refusal/words.rs` if it is kept with something that failed. It says what is wrong and what to do about it; the arguments hold what is particular,
//! so that programs need not read the text. No HTTP here: a kind maps one to one on a standard error, and that error
//! knows its status.
//! The texts are public: they hold what the caller sent, and names and states of what it may see.

mod catalogue;
mod standing;
mod words;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The standard errors that the domain gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// There is one already.
    AlreadyExists,
    /// The call is wrong, and will be however often it is repeated.
    InvalidArgument,
    /// It exists, but is of another kind.
    InvalidElementType,
    /// It exists, and what it is in is of another kind.
    InvalidElementConfiguration,
    /// Not now.
    NotAllowedInCurrentState,
    /// Somebody else is at it.
    ResourceBusy,
    /// It is not what the caller took it for any more.
    ConcurrentChange,
    /// Something behind the server cannot be reached or read.
    ResourceInaccessible,
    /// There is no room for more.
    UnableToAllocateResource,
    /// The caller may not.
    Unauthorized,
    /// This server cannot.
    Unsupported,
}

/// Words for people, with what is particular about them apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Which text it is, the same whatever the arguments.
    pub id: String,
    /// What is particular.
    pub args: Vec<String>,
    /// The text in English, arguments and all.
    pub text: String,
}

impl Message {
    pub(super) fn new(id: &str, args: impl IntoIterator<Item = String>, text: impl Into<String>) -> Message {
        // These two are the ones that clients are known to have met on other servers.
        let known = ["session_has_missing_or_invalid_files", "duplicate_item_name_unsupported_in_library"]
            .contains(&id);
        let space = if known { "com.vmware.vdcs.cls-main" } else { "contentlibd" };
        Message { id: format!("{space}.{id}"), args: args.into_iter().collect(), text: text.into() }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A command or a question that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// As which standard error.
    pub kind: Kind,
    /// For whoever asked.
    pub message: Message,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message.fmt(f)
    }
}

impl std::error::Error for Refusal {}
