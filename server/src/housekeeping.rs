//! What the server does by itself: clears sessions away whose time is over, erases bytes that nothing refers to, and takes
//! up after a start what was under way before it.
//!
//! All of it can be interrupted anywhere and done again. Here is one round of each; when is somebody else's business.
//! These functions wait for the disk; call them where waiting is no harm.

use crate::domain::download::{DownloadSession, ExpireDownloadSession};
use crate::domain::freed::{EraseBlobs, ForgetBlobs};
use crate::domain::ids::{BlobId, Time};
use crate::domain::library::Library;
use crate::domain::session_file::{SessionFile, Source, Status};
use crate::domain::transfer::{EndTransfer, TransferOutcome};
use crate::domain::update::{ExpireUpdateSession, UpdateSession};
use crate::domain::{Caller, Command, Effect, Record as _};
use crate::ledger::{Error, Ledger};
use crate::store::blobs::Blobs;
use crate::store::{Fault, FaultKind, LibraryFilter, SessionFilter};

/// How many sessions or blobs are looked for at once.
const ROUND_MAX: usize = 1_000;

/// Clears sessions away whose time is over. How many there were.
///
/// One that cannot be cleared away does not keep the others; the fault is told when all have been tried.
pub fn sweep(ledger: &Ledger, now: Time) -> Result<usize, Error> {
    let due = ledger.snapshot()?.due(now, ROUND_MAX)?;
    let n_due = due.updates.len() + due.downloads.len();
    let mut first_fault = None;
    for id in due.updates {
        first_fault = first_fault.or(serve(ledger, now, ExpireUpdateSession { id }).err());
    }
    for id in due.downloads {
        first_fault = first_fault.or(serve(ledger, now, ExpireDownloadSession { id }).err());
    }
    first_fault.map_or(Ok(n_due), Err)
}

/// Bytes that nothing refers to and that nobody reads any more; so many at once at most.
pub fn erasable(ledger: &Ledger) -> Result<Vec<BlobId>, Error> {
    Ok(ledger.snapshot()?.erasable(ROUND_MAX)?)
}

/// Has what is left of them erased, in its turn: a copy of such bytes that is on its way comes first.
pub fn erase_left(ledger: &Ledger, now: Time) -> Result<(), Error> {
    let blobs = erasable(ledger)?;
    if blobs.is_empty() { Ok(()) } else { serve(ledger, now, EraseBlobs { blobs }) }
}

/// Erases such bytes. Nobody may be writing them any more.
pub fn erase(ledger: &Ledger, blobs: &dyn Blobs, erasable: Vec<BlobId>, now: Time) -> Result<(), Error> {
    if erasable.is_empty() {
        return Ok(());
    }
    // Gone first and forgotten then (`no-orphans`).
    blobs.erase(&erasable).map_err(|error| Fault::new(FaultKind::Unavailable, error))?;
    serve(ledger, now, ForgetBlobs { blobs: erasable })
}

/// Takes up after a start what was under way: nobody sends any more, so what was being sent waits to be continued. What is
/// to be done outside is the same as before.
pub fn take_up(ledger: &Ledger, now: Time) -> Result<Vec<Effect>, Error> {
    let (updates, downloads) = active_sessions(ledger, now)?;
    let mut to_do = Vec::new();
    for session in updates {
        let is_sent = |file: &&SessionFile| {
            file.status == Status::Transferring && matches!(file.source, Source::Push(_))
        };
        for file in session.files.iter().filter(is_sent) {
            let outcome = TransferOutcome::Interrupted { durable: file.durable };
            let end = EndTransfer { session: session.id.clone(), attempt: file.attempt, outcome };
            match serve(ledger, now, end) {
                // A member of an archive is over with its archive, and then there is nothing left to end.
                Ok(_) | Err(Error::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        to_do.extend(session.unfinished());
    }
    to_do.extend(downloads.iter().flat_map(DownloadSession::unfinished));
    to_do.extend(followers(ledger)?.iter().filter_map(Library::unfinished));
    Ok(to_do)
}

/// The libraries that follow others.
pub fn followers(ledger: &Ledger) -> Result<Vec<Library>, Fault> {
    let mut snapshot = ledger.snapshot()?;
    let mut followers = Vec::new();
    for id in snapshot.libraries(&LibraryFilter { is_local: Some(false), name: None })? {
        followers.extend(snapshot.look_up(&Library::key(&id))?.records.all().cloned());
    }
    Ok(followers)
}

fn active_sessions(ledger: &Ledger, now: Time) -> Result<(Vec<UpdateSession>, Vec<DownloadSession>), Fault> {
    let active = SessionFilter { is_active: true, alive_at: Some(now), ..SessionFilter::default() };
    let mut snapshot = ledger.snapshot()?;
    let (mut updates, mut downloads) = (Vec::new(), Vec::new());
    for id in snapshot.update_sessions(&active)? {
        updates.extend(snapshot.look_up(&UpdateSession::key(&id))?.records.all().cloned());
    }
    for id in snapshot.download_sessions(&active)? {
        downloads.extend(snapshot.look_up(&DownloadSession::key(&id))?.records.all().cloned());
    }
    Ok((updates, downloads))
}

fn serve<C>(ledger: &Ledger, now: Time, command: C) -> Result<C::Reply, Error>
where
    C: Command + Send + 'static,
    C::Reply: Send + 'static,
{
    ledger.run_blocking(Caller::Server, now, command)
}
