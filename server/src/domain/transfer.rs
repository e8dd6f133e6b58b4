//! How the bytes of a session's files come: what whoever carries them tells, and what follows from it.
//!
//! Whoever carries bytes starts a transfer, gets a [`Grant`] with a number, and reports under that number. A later transfer
//! of the same file makes the number void, so two senders of one file cannot mix (`one-writer`).
//! The bytes are written and hashed outside; sizes and hashes are compared here. A broken transfer never makes a file
//! ready; it can be begun again, or continued where its bytes are durable.

use std::collections::BTreeSet;

use super::checksum::{Algorithm, Digests};
use super::content::{self, Findings};
use super::decision::{Command, Draft, Effect, Question, Stop};
use super::ids::{BlobId, Secret, UpdateSessionId};
use super::item::{self, Item};
use super::names::fault_of_file_name;
use super::refusal::{Message, Refusal};
use super::session_file::{Origin, SessionFile, Source, Status, put_file, take_out};
use super::update::{self, Purpose, UpdateSession};
use super::{completion, references};

/// Which file of a session.
#[derive(Clone, Debug)]
pub enum FileRef {
    /// The one whose address holds this secret.
    Secret(Secret),
    /// The one of this name.
    Name(String),
    /// The one of this name, if the server gets it itself and has not done so yet.
    Own(String),
}

impl FileRef {
    fn find<'s>(&self, session: &'s UpdateSession) -> Result<&'s SessionFile, Refusal> {
        let is_meant = |file: &&SessionFile| match (self, &file.source) {
            (FileRef::Secret(secret), Source::Push(ours)) => ours.matches(secret),
            (FileRef::Secret(_), _) => false,
            (FileRef::Name(name), _) => file.name == *name,
            (FileRef::Own(name), Source::Pull(_) | Source::Copy(_) | Source::Published(_)) => {
                file.name == *name && matches!(file.status, Status::Waiting | Status::Transferring)
            }
            (FileRef::Own(_), Source::Push(_)) => false,
        };
        session.files.iter().find(is_meant).ok_or_else(Refusal::no_upload)
    }
}

/// Begins a transfer.
#[derive(Clone, Debug)]
pub struct StartTransfer {
    /// Which session.
    pub session: UpdateSessionId,
    /// Which file.
    pub file: FileRef,
    /// Where to put the bytes, if the transfer begins at the beginning.
    pub blob: BlobId,
    /// How many bytes are there already and are to stay.
    pub offset: u64,
}

/// A transfer that may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its number.
    pub attempt: u64,
    /// The number of the transfer that it takes the place of, which is to stop before this one writes.
    pub supersedes: Option<u64>,
    /// The file's name.
    pub name: String,
    /// Where the bytes come from.
    pub source: Source,
    /// Where to put them; unset for an archive, whose files are stored and itself is not.
    pub blob: Option<BlobId>,
    /// Where to put the first of them.
    pub offset: u64,
    /// How many there must be in the end.
    pub size: Option<u64>,
    /// How many there may be in the end.
    pub bytes_max: u64,
    /// What to hash all of them with.
    pub algorithms: BTreeSet<Algorithm>,
}

impl Command for StartTransfer {
    type Reply = Grant;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<Grant, Stop> {
        let mut session = update::active(draft, &self.session, "upload")?;
        let file = self.file.find(&session)?.clone();
        if session.is_completing && matches!(file.source, Source::Push(_)) {
            return Err(Refusal::session_is_completing("upload").into());
        }
        let is_archive = is_archive(&session, item::find(draft, &session.item)?, &file.name);
        let is_open = matches!(file.status, Status::Waiting | Status::Transferring);
        let continues_from = if is_open { file.durable } else { 0 };
        if self.offset > continues_from {
            return Err(Refusal::cannot_continue(self.offset, continues_from).into());
        }
        if is_archive {
            drop_members(draft, &mut session, &file.name);
        }
        let begins_anew = (self.offset == 0).then(|| (!is_archive).then(|| self.blob.clone()));
        let grant = begin(draft, &mut session, &file.name, begins_anew, self.offset)?;
        draft.put(session);
        let supersedes = (file.status == Status::Transferring).then_some(file.attempt);
        Ok(Grant { supersedes, ..grant })
    }
}

/// Marks the file as being transferred; `blob` is where its bytes go now, unless they go where they went.
fn begin(
    draft: &mut Draft<'_>,
    session: &mut UpdateSession,
    name: &str,
    blob: Option<Option<BlobId>>,
    offset: u64,
) -> Result<Grant, Stop> {
    session.n_attempts += 1;
    let attempt = session.n_attempts;
    let file = session.file_mut(name).ok_or_else(Refusal::no_upload)?;
    if let Some(blob) = blob
        && let Some(before) = std::mem::replace(&mut file.blob, blob)
    {
        draft.free(before, []);
    }
    file.attempt = attempt;
    file.status = Status::Transferring;
    file.received = offset;
    file.durable = offset;
    file.digests.clear();
    file.findings = None;
    let file = file.clone();
    Ok(Grant {
        attempt,
        supersedes: None,
        algorithms: content::needed_algorithms(session, &file),
        name: file.name,
        source: file.source,
        blob: file.blob,
        offset,
        size: file.announced_size,
        bytes_max: draft.limits().file_bytes_max,
    })
}

/// Drops what came of an archive so far, and what the descriptors in it brought that nobody began to send.
fn drop_members(draft: &mut Draft<'_>, session: &mut UpdateSession, archive: &str) {
    let archive = Origin::Archive(archive.to_owned());
    let names_of = |session: &UpdateSession, is_meant: &dyn Fn(&SessionFile) -> bool| -> Vec<String> {
        session.files.iter().filter(|file| is_meant(file)).map(|file| file.name.clone()).collect()
    };
    let members = names_of(session, &|file| file.origin == archive);
    let spoken_of = names_of(session, &|file| {
        matches!(&file.origin, Origin::Descriptor(name) if members.contains(name))
            && file.status == Status::Waiting
    });
    for name in members.iter().chain(&spoken_of) {
        take_out(draft, session, name);
    }
}

/// Begins the transfer of a file that an archive turned out to hold.
#[derive(Clone, Debug)]
pub struct StartMember {
    /// Which session.
    pub session: UpdateSessionId,
    /// The number of the archive's transfer.
    pub archive: u64,
    /// The file's name.
    pub name: String,
    /// The secret of its address, should it have to be sent again.
    pub secret: Secret,
    /// Where to put its bytes.
    pub blob: BlobId,
}

impl Command for StartMember {
    type Reply = Grant;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<Grant, Stop> {
        let (mut session, archive_idx) = transferring(draft, &self.session, self.archive)?;
        let archive = &session.files[archive_idx];
        if let Some(fault) = fault_of_file_name(&self.name) {
            return Err(Refusal::no_file_name(&self.name, fault).into());
        }
        let item = item::find(draft, &session.item)?.clone();
        if !is_archive(&session, &item, &archive.name) || is_archive(&session, &item, &self.name) {
            return Err(Refusal::no_file_name(&self.name, "it stands in no archive").into());
        }
        let n_files_max = draft.limits().session_files_max;
        if session.file(&self.name).is_none() && session.files.len() >= n_files_max {
            return Err(Refusal::too_many_files(n_files_max).into());
        }
        let origin = Origin::Archive(archive.name.clone());
        let mut file = SessionFile::new(&self.name, Source::Push(self.secret.clone()), origin);
        file.keep_in_storage = content::stays(&item, &self.name);
        put_file(draft, &mut session, file);
        session.removed.remove(&self.name);
        let grant = begin(draft, &mut session, &self.name, Some(Some(self.blob.clone())), 0)?;
        draft.put(session);
        Ok(grant)
    }
}

/// Bytes came. They count as use of the session, however slowly they come.
#[derive(Clone, Debug)]
pub struct ReportBytes {
    /// Which session.
    pub session: UpdateSessionId,
    /// The number of the transfer.
    pub attempt: u64,
    /// How many bytes the file has by now.
    pub received: u64,
    /// How many of them survive a power loss.
    pub durable: u64,
}

impl Command for ReportBytes {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let (mut session, file_idx) = transferring(draft, &self.session, self.attempt)?;
        let file = &mut session.files[file_idx];
        file.received = file.received.max(self.received);
        file.durable = file.durable.max(self.durable.min(file.received));
        draft.put(session);
        Ok(())
    }
}

/// A transfer is over.
#[derive(Clone, Debug)]
pub struct EndTransfer {
    /// Which session.
    pub session: UpdateSessionId,
    /// The number of the transfer.
    pub attempt: u64,
    /// How it ended.
    pub outcome: TransferOutcome,
}

/// How a transfer ended.
#[derive(Clone, Debug)]
pub enum TransferOutcome {
    /// All bytes came and survive a power loss.
    Received {
        /// How many there are.
        size: u64,
        /// What they hash to, with all the algorithms of the grant.
        digests: Digests,
    },
    /// The sender went away. It may come back.
    Interrupted {
        /// How many bytes survive a power loss.
        durable: u64,
    },
    /// It is no use to go on.
    Failed {
        /// Why, for whoever the session is of.
        reason: String,
    },
}

impl Command for EndTransfer {
    /// How the file is now; unset for an archive, in whose place its files are.
    type Reply = Option<SessionFile>;

    fn decide(&self, draft: &mut Draft<'_>) -> Result<Option<SessionFile>, Stop> {
        let (mut session, file_idx) = transferring(draft, &self.session, self.attempt)?;
        let item = item::find(draft, &session.item)?.clone();
        let name = session.files[file_idx].name.clone();
        let is_archive = is_archive(&session, &item, &name);
        let verdict = match &self.outcome {
            TransferOutcome::Received { size, digests } => {
                let file = &mut session.files[file_idx];
                (file.received, file.durable) = (*size, *size);
                file.digests.clone_from(digests);
                verified(file)
            }
            TransferOutcome::Failed { reason } => Err(Message::transfer_failed(reason)),
            TransferOutcome::Interrupted { durable } => {
                let file = &mut session.files[file_idx];
                let durable = if is_archive { 0 } else { file.durable.max(*durable) };
                (file.status, file.received, file.durable) = (Status::Waiting, durable, durable);
                if is_archive {
                    drop_members(draft, &mut session, &name);
                }
                let file = session.file(&name).cloned();
                draft.put(session);
                return Ok(file);
            }
        };
        match verdict {
            Ok(()) if is_archive => close_archive(draft, &mut session, &name),
            Ok(()) => accept(draft, &mut session, &name, content::says_something(&item, &name)),
            Err(words) => {
                if is_archive {
                    drop_members(draft, &mut session, &name);
                }
                reject(draft, &mut session, &name, words);
            }
        }
        let file = session.file(&name).cloned();
        completion::settle(draft, session)?;
        Ok(file)
    }
}

/// Whether the file is taken apart while it comes; what comes from another item or from a publisher is kept as it is.
fn is_archive(session: &UpdateSession, item: &Item, name: &str) -> bool {
    session.purpose == Purpose::Update && content::is_archive(item, name)
}

/// Whether what came is what was announced.
fn verified(file: &SessionFile) -> Result<(), Message> {
    let by = if matches!(file.source, Source::Published(_)) { "the publisher" } else { "the client" };
    if let Some(size) = file.announced_size.filter(|size| *size != file.received) {
        return Err(Message::size_differs(size, file.received, by));
    }
    let Some(announced) = &file.announced_checksum else { return Ok(()) };
    match file.digests.get(&announced.algorithm) {
        Some(found) if *found == announced.hex => Ok(()),
        Some(found) => Err(Message::checksum_differs(announced, found, by)),
        None => Err(Message::checksum_unknown(announced.algorithm)),
    }
}

/// All bytes of a file came, and are those that were announced.
fn accept(draft: &mut Draft<'_>, session: &mut UpdateSession, name: &str, says_something: bool) {
    let Some(file) = session.file(name) else { return };
    let is_hashed = content::needed_algorithms(session, file).iter().all(|a| file.digests.contains_key(a));
    let is_read = !says_something || session.purpose != Purpose::Update;
    let is_ready = is_read && is_hashed;
    if !is_ready {
        draft.effect(Effect::Inspect { session: session.id.clone(), file: name.to_owned() });
    }
    if let Some(file) = session.file_mut(name) {
        file.status = if is_ready { Status::Ready } else { Status::Validating };
    }
}

/// The file is not to be used.
fn reject(draft: &mut Draft<'_>, session: &mut UpdateSession, name: &str, words: Message) {
    if let Some(file) = session.file_mut(name) {
        file.fail(words);
        if let Some(blob) = file.blob.take() {
            draft.free(blob, []);
        }
    }
}

/// An archive came to its end: what it held stands for it.
fn close_archive(draft: &mut Draft<'_>, session: &mut UpdateSession, name: &str) {
    let archive = Origin::Archive(name.to_owned());
    let is_cut = |file: &&SessionFile| file.origin == archive && file.status == Status::Transferring;
    let cut: Vec<String> = session.files.iter().filter(is_cut).map(|file| file.name.clone()).collect();
    for member in cut {
        reject(draft, session, &member, Message::archive_ended(name));
    }
    session.files.retain(|file| file.name != name);
}

/// A file was read.
#[derive(Clone, Debug)]
pub struct Inspected {
    /// Which session.
    pub session: UpdateSessionId,
    /// The number of the transfer that the file came with.
    pub attempt: u64,
    /// What it says, or why it cannot be read.
    pub result: Result<Inspection, String>,
}

/// What reading a file brought to light.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What it says.
    pub findings: Findings,
    /// What it hashes to, with the algorithms that were asked for.
    pub digests: Digests,
}

impl Command for Inspected {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        let (mut session, file_idx) = with_attempt(draft, &self.session, self.attempt, &Status::Validating)?;
        let name = session.files[file_idx].name.clone();
        match &self.result {
            Err(reason) => reject(draft, &mut session, &name, Message::unreadable(reason)),
            Ok(inspection) => {
                let file = &mut session.files[file_idx];
                file.status = Status::Ready;
                file.digests.extend(inspection.digests.clone());
                file.findings = Some(inspection.findings.clone());
                if let Err(words) = references::follow(draft, &mut session, &name)? {
                    reject(draft, &mut session, &name, words);
                }
            }
        }
        completion::settle(draft, session)
    }
}

/// Asks what is known of an upload address, without sending anything to it.
#[derive(Clone, Debug)]
pub struct LocateUpload {
    /// Which session.
    pub session: UpdateSessionId,
    /// Which file.
    pub file: FileRef,
}

impl Question for LocateUpload {
    type Answer = SessionFile;

    fn answer(&self, draft: &Draft<'_>) -> Result<SessionFile, Stop> {
        let session = update::active(draft, &self.session, "upload")?;
        Ok(self.file.find(&session)?.clone())
    }
}

/// Asks what to read of a file that waits for it.
#[derive(Clone, Debug)]
pub struct LocateInspection {
    /// Which session.
    pub session: UpdateSessionId,
    /// The file's name.
    pub file: String,
}

impl Question for LocateInspection {
    /// The file, and what to hash it with.
    type Answer = (SessionFile, BTreeSet<Algorithm>);

    fn answer(&self, draft: &Draft<'_>) -> Result<Self::Answer, Stop> {
        let session = update::active(draft, &self.session, "inspect")?;
        let file = session.file(&self.file).filter(|file| file.status == Status::Validating);
        let file = file.ok_or_else(Refusal::transfer_is_void)?;
        let missing = content::needed_algorithms(&session, file)
            .into_iter()
            .filter(|algorithm| !file.digests.contains_key(algorithm));
        Ok((file.clone(), missing.collect()))
    }
}

fn transferring(
    draft: &Draft<'_>,
    session: &UpdateSessionId,
    attempt: u64,
) -> Result<(UpdateSession, usize), Stop> {
    with_attempt(draft, session, attempt, &Status::Transferring)
}

fn with_attempt(
    draft: &Draft<'_>,
    session: &UpdateSessionId,
    attempt: u64,
    status: &Status,
) -> Result<(UpdateSession, usize), Stop> {
    let session = update::active(draft, session, "upload")?;
    let place = session.files.iter().position(|file| file.attempt == attempt && file.status == *status);
    let file_idx = place.ok_or_else(Refusal::transfer_is_void)?;
    Ok((session, file_idx))
}
