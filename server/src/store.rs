//! What keeps records: a small interface, so that one file of this machine and a database of many can stand behind it.
//!
//! A store looks records up for a decision, and keeps the changes of decisions, all of them or none. Nothing in the
//! interface depends on there being one process: what a decision saw comes back with the changes as [`Guard`]s, and a
//! store that others write to as well keeps the changes only if all of that is as it was (`optimistic`).
//! What `commit` has returned from survives a power loss.
//!
//! In here: [`sqlite`], the store of one machine; [`blobs`], the bytes; [`directory`], where both are.

pub mod blobs;
pub mod directory;
pub mod sqlite;

use std::fmt;
use std::sync::Arc;

use crate::domain::ids::{
    BlobId, CertificateId, DownloadSessionId, ItemId, LibraryId, Time, UpdateSessionId, UserName,
};
use crate::domain::update::SessionState;
use crate::domain::{Key, Records};

/// Keeps records.
pub trait Store: Send + Sync + 'static {
    /// Whether nobody else writes to it. Then what was looked up once is right until this process changes it.
    fn is_sole_writer(&self) -> bool;

    /// Looks up what a decision needs.
    fn look_up(&self, key: &Key) -> Result<Found, Fault>;

    /// Keeps all changes, if all that was seen is as it was seen; else nothing, and [`FaultKind::Conflict`].
    fn commit(&self, seen: &[Guard], changes: &Records) -> Result<(), Fault>;

    /// What is kept now, for as long as it is held; what is committed meanwhile does not show.
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, Fault>;
}

/// What was kept at an instant.
pub trait Snapshot {
    /// Looks up what an answer needs.
    fn look_up(&mut self, key: &Key) -> Result<Found, Fault>;

    /// Libraries, by identifier.
    fn libraries(&mut self, filter: &LibraryFilter) -> Result<Vec<LibraryId>, Fault>;

    /// Items, by identifier.
    fn items(&mut self, filter: &ItemFilter) -> Result<Vec<ItemId>, Fault>;

    /// Update sessions, by identifier.
    fn update_sessions(&mut self, filter: &SessionFilter) -> Result<Vec<UpdateSessionId>, Fault>;

    /// Download sessions, by identifier.
    fn download_sessions(&mut self, filter: &SessionFilter) -> Result<Vec<DownloadSessionId>, Fault>;

    /// How many sessions of each kind are in which state; for monitoring.
    fn n_sessions(&mut self) -> Result<Vec<SessionCount>, Fault>;

    /// Certificates that are trusted, by identifier.
    fn trusted_certificates(&mut self) -> Result<Vec<CertificateId>, Fault>;

    /// Sessions whose time is over, those that have waited longest first; so many of each kind at most.
    fn due(&mut self, now: Time, n_max: usize) -> Result<Due, Fault>;

    /// Blobs that can be erased, those that have waited longest first; so many at most.
    fn erasable(&mut self, n_max: usize) -> Result<Vec<BlobId>, Fault>;

    /// Every record there is. For checks and copies; it takes its time and its memory.
    fn everything(&mut self) -> Result<Records, Fault>;
}

/// What was found under a key.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The records.
    pub records: Records,
    /// What says whether they were changed since; see [`Guard`].
    pub revisions: Vec<i64>,
}

/// What was seen under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The key.
    pub key: Key,
    /// The revisions of the records that were found, in the order of their identifiers. No record has a revision twice.
    pub revisions: Vec<i64>,
}

/// Which libraries; unset means any.
#[derive(Clone, Debug, Default)]
pub struct LibraryFilter {
    /// Local ones, or subscribed ones.
    pub is_local: Option<bool>,
    /// Those of this name, without regard to capitals.
    pub name: Option<String>,
}

/// Which items; unset means any.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// Those of this library.
    pub library: Option<LibraryId>,
    /// Those of this name, without regard to capitals.
    pub name: Option<String>,
    /// Those of this type, without regard to capitals.
    pub type_name: Option<String>,
    /// Those that come from this item.
    pub source: Option<ItemId>,
}

/// Which sessions; unset means any.
#[derive(Clone, Debug, Default)]
pub struct SessionFilter {
    /// Those of this user.
    pub owner: Option<UserName>,
    /// Those on this item.
    pub item: Option<ItemId>,
    /// Only those that have not ended.
    pub is_active: bool,
    /// Only those whose time is not over then.
    pub alive_at: Option<Time>,
}

/// Sessions whose time is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// Update sessions.
    pub updates: Vec<UpdateSessionId>,
    /// Download sessions.
    pub downloads: Vec<DownloadSessionId>,
}

/// Sessions of one kind in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionCount {
    /// `update` or `download`.
    pub kind: &'static str,
    /// What state they are in.
    pub state: SessionState,
    /// How many there are.
    pub n: u64,
}

/// A store that could not do what it was asked to. What was to be kept is not kept.
#[derive(Clone)]
pub struct Fault {
    /// What can be done about it.
    pub kind: FaultKind,
    /// For the log, not for clients.
    pub detail: Arc<str>,
}

/// What can be done about a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Somebody else changed what the decision saw; decide again.
    Conflict,
    /// There is no room; make some.
    Full,
    /// It cannot be reached, read or written at the moment; try again.
    Unavailable,
    /// What is kept makes no sense; have somebody look.
    Corrupt,
}

impl Fault {
    /// A fault with words for the log.
    pub fn new(kind: FaultKind, detail: impl fmt::Display) -> Fault {
        Fault { kind, detail: detail.to_string().into() }
    }

    /// For clients.
    pub fn public(&self) -> &'static str {
        match self.kind {
            FaultKind::Conflict => "Others keep changing what the call is about. Try again.",
            FaultKind::Full => {
                "The server has no room left. Nothing was changed; have room made and try again."
            }
            FaultKind::Unavailable => {
                "The server cannot read or write its records. Nothing was changed; try again."
            }
            FaultKind::Corrupt => {
                "The server's records are damaged. Nothing was changed; ask its administrator."
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.public())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.detail)
    }
}

impl std::error::Error for Fault {}
