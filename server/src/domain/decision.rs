//! How a command is decided: on a state, by a caller, at an instant, into changes.
//!
//! In: the records that are known. Out: an [`Outcome`] with whole records in place of those before, what is to be done
//! outside, and the answer; or the one thing that has to be looked up first. The state stays as it is.
//! The decisions themselves stand with what they are about.

use serde::{Deserialize, Serialize};

use super::freed::FreedBlob;
use super::ids::{BlobId, DownloadSessionId, ItemId, LibraryId, Time, UpdateSessionId, UserName};
use super::record::{Record, Records, State, Unloaded};
use super::refusal::Refusal;

/// Something that can be asked to be done.
pub trait Command {
    /// What is answered when it is done.
    type Reply;

    /// Decides it. What was written into the draft counts unless the decision stops with a refusal.
    fn decide(&self, draft: &mut Draft<'_>) -> Result<Self::Reply, Stop>;
}

/// Something that can be asked to be told. Changes nothing.
pub trait Question {
    /// What is told.
    type Answer;

    /// Answers it.
    fn answer(&self, draft: &Draft<'_>) -> Result<Self::Answer, Stop>;
}

/// Decides a command.
pub fn apply<C: Command>(
    state: &State,
    situation: &Situation,
    command: &C,
) -> Result<Outcome<C::Reply>, Unloaded> {
    let mut draft = Draft::new(state, situation);
    match command.decide(&mut draft) {
        Ok(reply) => Ok(Outcome { changes: draft.changes, effects: draft.effects, answer: Ok(reply) }),
        Err(Stop::Ended(refusal)) => {
            Ok(Outcome { changes: draft.changes, effects: draft.effects, answer: Err(refusal) })
        }
        Err(Stop::Refused(refusal)) => {
            Ok(Outcome { changes: Records::default(), effects: Vec::new(), answer: Err(refusal) })
        }
        Err(Stop::Unloaded(unloaded)) => Err(unloaded),
    }
}

/// Answers a question.
pub fn ask<Q: Question>(
    state: &State,
    situation: &Situation,
    question: &Q,
) -> Result<Result<Q::Answer, Refusal>, Unloaded> {
    match question.answer(&Draft::new(state, situation)) {
        Ok(answer) => Ok(Ok(answer)),
        Err(Stop::Refused(refusal) | Stop::Ended(refusal)) => Ok(Err(refusal)),
        Err(Stop::Unloaded(unloaded)) => Err(unloaded),
    }
}

/// Who asks, when, and within which limits.
#[derive(Clone, Debug)]
pub struct Situation {
    /// Who asks.
    pub by: Caller,
    /// When. Instants of successive commands should not go back; where they do, nothing gets younger.
    pub now: Time,
    /// What the server was configured to allow.
    pub limits: Limits,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The server itself: transfers, inspections, clean-up.
    Server,
    /// A user. Whether it may call the operation at all was checked before.
    User {
        /// The name that it logged in with.
        name: UserName,
        /// Whether other users' sessions are its business too.
        is_administrator: bool,
        /// Whether it may read the server's storage by address.
        reads_storage: bool,
    },
}

/// What the server was configured to allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// How long an active session lives without being used.
    pub session_idle_ms: u64,
    /// How long a session can still be read after it ended.
    pub session_kept_ms: u64,
    /// How many files a session may have.
    pub session_files_max: usize,
    /// How large a file may be.
    pub file_bytes_max: u64,
    /// How many download sessions of an item may be active at a time.
    pub item_downloads_max: usize,
    /// How many changes an item remembers.
    pub item_changes_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            session_idle_ms: 300_000,
            session_kept_ms: 24 * 3_600_000,
            session_files_max: 1_000,
            file_bytes_max: 64 << 40,
            item_downloads_max: 1_000,
            item_changes_max: 100,
        }
    }
}

/// What a decision comes to.
#[derive(Debug)]
pub struct Outcome<R> {
    /// The records that are different now. To be kept, all or none, before anybody is answered.
    pub changes: Records,
    /// What is to be done outside, once the changes are kept. Whoever restarts finds the same in the records.
    pub effects: Vec<Effect>,
    /// For whoever asked. A refusal can come with changes: a session that fails when it is to be completed.
    pub answer: Result<R, Refusal>,
}

/// Something to be done outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Bring the bytes of a file that the server gets itself.
    Fetch {
        /// The session.
        session: UpdateSessionId,
        /// The file's name.
        file: String,
    },
    /// Bring the bytes of a published file.
    Bring {
        /// The session.
        session: UpdateSessionId,
        /// The file's name.
        file: String,
    },
    /// Read what the publisher of a library has, and say it with `TakeOver`.
    Follow(LibraryId),
    /// Read what a file says, and say it with `Inspected`.
    Inspect {
        /// The session.
        session: UpdateSessionId,
        /// The file's name.
        file: String,
    },
    /// Give up a transfer, or all of a session.
    Stop {
        /// The session.
        session: UpdateSessionId,
        /// The transfer's number; a name would not do, because a file of the same name may come anew by then. Unset, all
        /// of them.
        attempt: Option<u64>,
    },
    /// Make a file ready to be downloaded, with `MakeReady`.
    Prepare {
        /// The session.
        session: DownloadSessionId,
        /// The file's name.
        file: String,
    },
    /// Erase the bytes, and say so with `ForgetBlobs`.
    Erase(BlobId),
}

/// Why a decision does not end as it should.
#[derive(Clone, Debug)]
pub enum Stop {
    /// Nothing happens.
    Refused(Refusal),
    /// What was written counts, and whoever asked is told why it is not what was asked for.
    Ended(Refusal),
    /// It cannot be decided yet.
    Unloaded(Unloaded),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Refused(refusal)
    }
}

impl From<Unloaded> for Stop {
    fn from(unloaded: Unloaded) -> Stop {
        Stop::Unloaded(unloaded)
    }
}

/// The state as a decision leaves it, so far.
pub struct Draft<'s> {
    state: &'s State,
    situation: &'s Situation,
    changes: Records,
    effects: Vec<Effect>,
}

impl<'s> Draft<'s> {
    fn new(state: &'s State, situation: &'s Situation) -> Draft<'s> {
        Draft { state, situation, changes: Records::default(), effects: Vec::new() }
    }

    pub(super) fn now(&self) -> Time {
        self.situation.now
    }

    pub(super) fn limits(&self) -> &'s Limits {
        &self.situation.limits
    }

    pub(super) fn by(&self) -> &'s Caller {
        &self.situation.by
    }

    /// Who asks, if it is a user.
    pub(super) fn user(&self) -> Option<&'s UserName> {
        match &self.situation.by {
            Caller::Server => None,
            Caller::User { name, .. } => Some(name),
        }
    }

    /// The record as it is by now.
    pub(super) fn get<R: Record>(&self, id: &R::Id) -> Result<Option<&R>, Unloaded> {
        match self.changes.get(id) {
            Some(row) => Ok(row),
            None => self.state.get(id),
        }
    }

    /// Puts a record in the place of the one before.
    pub(super) fn put<R: Record>(&mut self, record: R) {
        self.changes.put(record);
    }

    /// Puts a record where there must not be one yet.
    pub(super) fn insert<R: Record>(&mut self, record: R) -> Result<(), Stop> {
        if self.get::<R>(record.id())?.is_some() {
            return Err(Refusal::id_taken().into());
        }
        self.put(record);
        Ok(())
    }

    pub(super) fn remove<R: Record>(&mut self, id: &R::Id) {
        self.changes.put_none::<R>(id);
    }

    /// The item of the library that had this name before this decision, without regard to capitals.
    pub(super) fn item_named(&self, library: &LibraryId, name: &str) -> Result<Option<&ItemId>, Unloaded> {
        self.state.item_named(library, name)
    }

    /// The items that the library had before this decision.
    pub(super) fn items_of(&self, library: &LibraryId) -> Result<Vec<ItemId>, Unloaded> {
        self.state.items_of(library)
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Gives a blob up. It is erased when nobody downloads it any more.
    pub(super) fn free(&mut self, blob: BlobId, readers: impl IntoIterator<Item = DownloadSessionId>) {
        let freed = FreedBlob { id: blob, since: self.now(), readers: readers.into_iter().collect() };
        if freed.readers.is_empty() {
            self.effect(Effect::Erase(freed.id.clone()));
        }
        self.put(freed);
    }
}
