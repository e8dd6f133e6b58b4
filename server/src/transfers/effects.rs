//! Does what the domain wants done outside: stops transfers, erases bytes, makes files ready, reads what came.
//!
//! Stopping and erasing go one after the other, so that nobody writes what is being erased; what takes long goes on by
//! itself. Whatever is not done when the server goes down is found in the records when it comes back.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::spawn_blocking;

use super::pull;
use crate::app::{App, fresh_id, fresh_secret};
use crate::domain::checksum::{Algorithm, Digests};
use crate::domain::ids::{BlobId, UpdateSessionId};
use crate::domain::on_demand::MakeReady;
use crate::domain::session_file::{SessionFile, Source};
use crate::domain::transfer::{
    EndTransfer, FileRef, Grant, Inspected, Inspection, LocateInspection, LocateUpload, StartTransfer,
    TransferOutcome,
};
use crate::domain::{Caller, Effect};
use crate::formats::{self, Circumstances};
use crate::hashing::Hasher;
use crate::housekeeping;
use crate::ledger::Error;
use crate::store::blobs::Blobs;
use crate::store::{Fault, FaultKind};
use crate::vcsp::{bring, follow};

/// Does what comes out of the receiver, until nothing can come any more.
pub async fn work(app: Arc<App>, mut effects: UnboundedReceiver<Effect>) {
    while let Some(effect) = effects.recv().await {
        perform(&app, effect).await;
    }
}

/// Does one thing, or has it begun.
pub async fn perform(app: &Arc<App>, effect: Effect) {
    let done = match effect {
        Effect::Stop { session, attempt } => {
            match attempt {
                Some(attempt) => app.running.stop(&session, attempt).await,
                None => app.running.stop_all(&session).await,
            }
            Ok(())
        }
        Effect::Erase(blob) => erase(app, blob).await,
        Effect::Prepare { session, file } => {
            let make = MakeReady { session, name: file, bringing: fresh_id() };
            app.ledger.run(Caller::Server, app.now(), make).await
        }
        Effect::Follow(library) => {
            let of_task = Arc::clone(app);
            app.pulls.spawn(async move { note(follow::read_publisher(&of_task, library).await) });
            Ok(())
        }
        Effect::Bring { session, file } => {
            let of_task = Arc::clone(app);
            app.pulls.spawn(async move { note(bring::bring(&of_task, session, file).await) });
            Ok(())
        }
        Effect::Fetch { session, file } => begin_fetching(app, session, file).await,
        Effect::Inspect { session, file } => {
            let app = Arc::clone(app);
            tokio::spawn(async move { note(inspect(&app, session, file).await) });
            Ok(())
        }
    };
    note(done);
}

/// A session that has ended meanwhile needs nothing any more; a store that fails is worth a line.
fn note(done: Result<(), Error>) {
    if let Err(Error::Fault(fault)) = done {
        tracing::error!("something is left to do until the next start: {fault:?}");
    }
}

async fn erase(app: &Arc<App>, blob: BlobId) -> Result<(), Error> {
    app.running.stop_writing(&blob).await;
    let (of_now, now) = (Arc::clone(app), app.now());
    // Where it fails the record stays, and a later round tries again.
    spawn_blocking(move || housekeeping::erase(&of_now.ledger, of_now.blobs.as_ref(), vec![blob], now))
        .await
        .unwrap_or_else(|panic| Err(Fault::new(FaultKind::Unavailable, panic).into()))
}

/// Has bytes brought that the server gets itself.
///
/// A copy takes its bytes before the next effect is performed: that may be to erase what it is a copy of, since nobody who
/// was told of the copy has to keep the original.
async fn begin_fetching(app: &Arc<App>, session: UpdateSessionId, file: String) -> Result<(), Error> {
    let question = LocateUpload { session: session.clone(), file: FileRef::Own(file.clone()) };
    let is_copy = matches!(app.ledger.ask(Caller::Server, app.now(), &question)?.source, Source::Copy(_));
    let of_task = Arc::clone(app);
    if !is_copy {
        app.pulls.spawn(async move { note(fetch(&of_task, session, file).await) });
        return Ok(());
    }
    let grant = start(app, &session, file).await?;
    let taken = take_copy(app, &grant).await;
    app.pulls.spawn(async move { note(end_copy(&of_task, session, &grant, taken).await) });
    Ok(())
}

async fn start(app: &App, session: &UpdateSessionId, file: String) -> Result<Grant, Error> {
    let start =
        StartTransfer { session: session.clone(), file: FileRef::Own(file), blob: fresh_id(), offset: 0 };
    app.ledger.run(Caller::Server, app.now(), start).await
}

async fn fetch(app: &Arc<App>, session: UpdateSessionId, file: String) -> Result<(), Error> {
    let grant = start(app, &session, file).await?;
    match grant.source.clone() {
        Source::Pull(endpoint) => pull::bring(app, &session, &endpoint, grant).await,
        _ => end_copy(app, session, &grant, Err("it is no file to be fetched".to_owned())).await,
    }
}

/// Has the bytes of another blob; how many there are.
async fn take_copy(app: &App, grant: &Grant) -> Result<u64, String> {
    let (Source::Copy(from), Some(to)) = (grant.source.clone(), grant.blob.clone()) else {
        return Err("it is no copy of a file".to_owned());
    };
    let blobs = Arc::clone(&app.blobs);
    let copied = spawn_blocking(move || blobs.copy(&from, &to).map_err(|error| error.to_string()));
    copied.await.unwrap_or_else(|_panic| Err("the server failed".to_owned()))
}

/// Hashes what was copied, and has the transfer end.
async fn end_copy(
    app: &Arc<App>,
    session: UpdateSessionId,
    grant: &Grant,
    taken: Result<u64, String>,
) -> Result<(), Error> {
    let turn = app.running.begin(&session, grant);
    let outcome = match (taken, grant.blob.clone()) {
        (Ok(size), Some(blob)) => {
            let (blobs, algorithms) = (Arc::clone(&app.blobs), grant.algorithms.clone());
            match spawn_blocking(move || hash(blobs.as_ref(), &blob, &algorithms)).await {
                Ok(Ok(digests)) => TransferOutcome::Received { size, digests },
                Ok(Err(error)) => TransferOutcome::Failed { reason: error.to_string() },
                Err(_panic) => TransferOutcome::Failed { reason: "the server failed".to_owned() },
            }
        }
        (Err(reason), _) => TransferOutcome::Failed { reason },
        (Ok(_), None) => TransferOutcome::Failed { reason: "it has no place".to_owned() },
    };
    let end = EndTransfer { session, attempt: grant.attempt, outcome };
    let ended = app.ledger.run(Caller::Server, app.now(), end).await;
    drop(turn);
    ended.map(drop)
}

/// Reads what a file says, and hashes it once more where others say what it has to hash to.
async fn inspect(app: &Arc<App>, session: UpdateSessionId, file: String) -> Result<(), Error> {
    let question = LocateInspection { session: session.clone(), file };
    let (file, algorithms) = app.ledger.ask(Caller::Server, app.now(), &question)?;
    let result = match file.blob.clone() {
        None => Err("its bytes are gone".to_owned()),
        Some(blob) => {
            let (of_now, of_file) = (Arc::clone(app), file.clone());
            spawn_blocking(move || read(&of_now, &of_file, &blob, &algorithms))
                .await
                .unwrap_or_else(|_panic| Err("the server failed".to_owned()))
        }
    };
    app.ledger.run(Caller::Server, app.now(), Inspected { session, attempt: file.attempt, result }).await
}

/// What a file says, and what it hashes to.
fn read(
    app: &App,
    file: &SessionFile,
    blob: &BlobId,
    algorithms: &BTreeSet<Algorithm>,
) -> Result<Inspection, String> {
    let words = |error: std::io::Error| error.to_string();
    let digests = hash(app.blobs.as_ref(), blob, algorithms).map_err(words)?;
    let fetched_from = match &file.source {
        Source::Pull(endpoint) => Some(endpoint.uri.as_str()),
        Source::Push(_) | Source::Copy(_) | Source::Published(_) => None,
    };
    let trusted = app.trust.certificates();
    let mut circumstances =
        Circumstances { fetched_from, secret: &mut fresh_secret, now: app.now(), trusted: &trusted };
    let mut reader = app.blobs.read(blob, 0).map_err(words)?;
    let findings = formats::inspect(&file.name, &mut reader.bytes, &mut circumstances)?;
    Ok(Inspection { findings, digests })
}

fn hash(blobs: &dyn Blobs, blob: &BlobId, algorithms: &BTreeSet<Algorithm>) -> std::io::Result<Digests> {
    let mut reader = blobs.read(blob, 0)?;
    let mut hasher = Hasher::new(algorithms);
    if !algorithms.is_empty() {
        hasher.update_from(&mut reader.bytes, reader.size)?;
    }
    Ok(hasher.finish())
}
