//! The bytes of published files: brought from where their publisher has them, and continued where they broke off.
//!
//! So many come at a time as the configuration says; others wait. What comes is put together with what is here only if the
//! publisher says that it is of the same file.

use std::sync::Arc;

use tokio::time::sleep;

use super::publisher::Publisher;
use crate::app::{App, fresh_id};
use crate::domain::Caller;
use crate::domain::ids::UpdateSessionId;
use crate::domain::published::Edition;
use crate::domain::session_file::{SessionFile, Source, Status};
use crate::domain::synchronisation::{LocatePublished, Located};
use crate::domain::transfer::{EndTransfer, FileRef, StartTransfer, TransferOutcome};
use crate::ledger::Error;
use crate::metrics::Direction;
use crate::outbound::{Failure, Incoming, Validator};
use crate::transfers::fetching::Fetching;
use crate::transfers::pull::Tries;
use crate::transfers::writer::Writer;

/// Brings a file that a session wants.
pub async fn bring(app: &Arc<App>, session: UpdateSessionId, file: String) -> Result<(), Error> {
    let _place = app.places.enter().await;
    let mut errand =
        Bringing { app, session, name: file, item: String::new(), validator: None, begins_anew: false };
    let mut tries = Tries::default();
    loop {
        let reason = match errand.once().await? {
            End::Over => return Ok(()),
            End::Failed(reason) => reason,
            End::Broken { reason, received } => {
                if let Some(wait) = tries.next_wait(&app.settings.pull, received) {
                    sleep(wait).await;
                    continue;
                }
                reason
            }
        };
        return errand.fail(reason).await;
    }
}

/// How a try ended.
enum End {
    /// There is nothing more to do.
    Over,
    /// Trying again would not help.
    Failed(String),
    /// It may go on.
    Broken { reason: String, received: u64 },
}

struct Bringing<'a> {
    app: &'a Arc<App>,
    session: UpdateSessionId,
    name: String,
    /// What the item is called, for the log.
    item: String,
    /// What the bytes are of that are here.
    validator: Option<Validator>,
    /// Whether they are of something else than what would come next.
    begins_anew: bool,
}

impl Bringing<'_> {
    async fn once(&mut self) -> Result<End, Error> {
        let (app, session) = (self.app, self.session.clone());
        let question = LocatePublished { session, file: self.name.clone() };
        let Located { subscription, item, file } = app.ledger.ask(Caller::Server, app.now(), &question)?;
        self.item = item;
        let Source::Published(at) = &file.source else { return Ok(End::Over) };
        if !matches!(file.status, Status::Waiting | Status::Transferring) {
            return Ok(End::Over);
        }
        let publisher = match Publisher::of(&subscription, &app.outbound, &app.settings.pull) {
            Ok(publisher) => publisher,
            Err(fault) => return Ok(End::Failed(fault.to_string())),
        };
        let address = match publisher.root.resolve(&at.href) {
            Ok(address) => address,
            Err(fault) => return Ok(End::Failed(fault)),
        };
        let bytes_max = file.announced_size.unwrap_or(app.settings.limits.file_bytes_max);
        let mut source = publisher.source(&address, bytes_max);
        // Without a word on what the bytes here are of, they are fetched again; and so they are where there is no rest.
        let is_known = self.validator.is_some() || at.tag.is_some();
        let has_rest = Some(file.durable) != file.announced_size;
        if is_known && has_rest && !self.begins_anew {
            (source.from_offset, source.continues) = (file.durable, self.validator.clone());
        }
        match app.outbound.get(&source).await {
            Ok(incoming) => self.receive(incoming, at, &file).await,
            Err(failure) => {
                self.begins_anew |= matches!(failure, Failure::Replaced { .. });
                Ok(ended(&failure, file.durable))
            }
        }
    }

    /// Takes what comes.
    async fn receive(
        &mut self,
        mut incoming: Incoming,
        at: &Edition,
        file: &SessionFile,
    ) -> Result<End, Error> {
        if let Some(fault) = fault_of_tag(&incoming, at) {
            return Ok(End::Failed(fault));
        }
        let app = self.app;
        let has_tag = at.tag.is_some() && tag_of(&incoming) == at.tag.as_deref();
        if incoming.offset > 0 && self.validator.is_none() && !has_tag {
            self.begins_anew = true;
            let reason = "the publisher does not say what the rest is of".to_owned();
            return Ok(End::Broken { reason, received: file.durable });
        }
        self.validator = incoming.validator.clone();
        self.begins_anew = false;
        let start = StartTransfer {
            session: self.session.clone(),
            file: FileRef::Own(file.name.clone()),
            blob: fresh_id(),
            offset: incoming.offset,
        };
        let grant = app.ledger.run(Caller::Server, app.now(), start).await?;
        if let Some(before) = grant.supersedes {
            app.running.stop(&self.session, before).await;
        }
        let mut fetching = Fetching::new(app, &self.session, &grant);
        let _under_way = app.metrics.transfer(Direction::In);
        let Some(blob) = grant.blob.clone() else { return Ok(End::Over) };
        let writer = Writer::begin(Arc::clone(&app.blobs), blob, &grant, app.settings.transfers.sync_bytes);
        let stop = pour(&mut incoming, &writer, &mut fetching).await;
        let written = writer.finish().await;
        let (outcome, end) = match (stop, written) {
            (Stop::Void, _) => return Ok(End::Over),
            (_, Err(error)) => {
                let reason = format!("the server could not write it: {error}");
                tracing::warn!(file = grant.name, "a published file could not be written: {error}");
                (
                    TransferOutcome::Interrupted { durable: grant.offset },
                    End::Broken { reason, received: grant.offset },
                )
            }
            (Stop::Whole, Ok(written)) => {
                (TransferOutcome::Received { size: written.size, digests: written.digests }, End::Over)
            }
            (Stop::Failed(failure), Ok(written)) => {
                let durable = written.size;
                (TransferOutcome::Interrupted { durable }, ended(&failure, durable))
            }
            (Stop::Disk, Ok(written)) => {
                let reason = "the server could not write it".to_owned();
                let durable = written.size;
                (TransferOutcome::Interrupted { durable }, End::Broken { reason, received: durable })
            }
        };
        let ending = EndTransfer { session: self.session.clone(), attempt: grant.attempt, outcome };
        let ended = app.ledger.run(Caller::Server, app.now(), ending).await;
        drop(fetching);
        ended.map(|_| end)
    }

    /// It will not come.
    async fn fail(&self, reason: String) -> Result<(), Error> {
        let (app, session) = (self.app, self.session.clone());
        tracing::warn!(item = self.item, file = self.name, "a published file does not come: {reason}");
        let file = FileRef::Own(self.name.clone());
        let start = StartTransfer { session: session.clone(), file, blob: fresh_id(), offset: 0 };
        let attempt = app.ledger.run(Caller::Server, app.now(), start).await?.attempt;
        let end = EndTransfer { session, attempt, outcome: TransferOutcome::Failed { reason } };
        app.ledger.run(Caller::Server, app.now(), end).await.map(drop)
    }
}

/// Why no more comes.
enum Stop {
    Whole,
    /// Nobody wants it any more.
    Void,
    Disk,
    Failed(Failure),
}

/// Has all be written that comes.
async fn pour(incoming: &mut Incoming, writer: &Writer, fetching: &mut Fetching<'_>) -> Stop {
    loop {
        let chunk = match fetching.meanwhile(|| writer.durable(), incoming.next()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Stop::Whole,
            Ok(Err(failure)) => return Stop::Failed(failure),
            Err(_stopped_or_void) => return Stop::Void,
        };
        let n_bytes = chunk.len() as u64;
        if !writer.append(chunk).await {
            return Stop::Disk;
        }
        fetching.came(n_bytes);
    }
}

fn ended(failure: &Failure, received: u64) -> End {
    let reason = failure.to_string();
    if failure.may_pass() { End::Broken { reason, received } } else { End::Failed(reason) }
}

fn tag_of(incoming: &Incoming) -> Option<&str> {
    incoming.etag.as_deref().map(|tag| tag.trim_matches('"'))
}

/// Why what comes is not what the publisher listed, where it says so.
fn fault_of_tag(incoming: &Incoming, at: &Edition) -> Option<String> {
    let (listed, found) = (at.tag.as_deref()?, tag_of(incoming)?);
    let is_another = found != listed && found.bytes().all(|b| b.is_ascii_digit());
    is_another.then(|| "the publisher replaced it after it was listed; synchronise again".to_owned())
}
