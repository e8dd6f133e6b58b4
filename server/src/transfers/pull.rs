//! Files that the server fetches itself (PULL): from other hosts, and from folders of this machine.
//!
//! In: a transfer that was begun. Out: its end. The bytes go where those of uploads go, so they are hashed, measured, read
//! and shown on the way like them. What breaks off goes on where it broke off, if the server there can say that the rest
//! is of the same file, and from the beginning if it cannot; not for ever.
//! Only some are fetched at a time. What waits for its turn, or to try again, keeps its session alive like what comes.
//! After a restart of this server a file is fetched from the beginning: whether it is still the same was known to the
//! connection only.
//! Not here: who may be reached, and what is said when not ([`crate::outbound`]).

mod files;

use std::future::Future;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::sleep;

use super::fetching::Fetching;
use super::sink::Sink;
use super::upload::Ending;
use super::writer::Written;
use crate::app::{App, fresh_id};
use crate::domain::Caller;
use crate::domain::ids::UpdateSessionId;
use crate::domain::session_file::Endpoint;
use crate::domain::transfer::{EndTransfer, FileRef, Grant, StartTransfer, TransferOutcome};
use crate::ledger::Error;
use crate::metrics::Direction;
use crate::outbound::{Failure, Source, Trust, Validator};

/// How many bytes a try has to bring to count as a success, after which there are as many tries as before.
const PROGRESS_BYTES: u64 = 1 << 20;
/// How long is waited before a try at most.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// How files are fetched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PullSettings {
    /// How many at a time.
    pub concurrent_max: usize,
    /// How often it is tried without bringing anything.
    pub tries_max: u32,
    /// How long is waited before the second try; before each further one twice as long.
    pub retry_ms: u64,
    /// Folders that files are fetched from.
    pub file_roots: Vec<PathBuf>,
}

impl Default for PullSettings {
    fn default() -> PullSettings {
        PullSettings { concurrent_max: 4, tries_max: 5, retry_ms: 1_000, file_roots: Vec::new() }
    }
}

/// Files that are being fetched.
#[derive(Debug)]
pub struct Pulls {
    places: Semaphore,
    tasks: Mutex<JoinSet<()>>,
}

impl Pulls {
    /// None yet.
    pub fn new(settings: &PullSettings) -> Pulls {
        Pulls { places: Semaphore::new(settings.concurrent_max.max(1)), tasks: Mutex::default() }
    }

    /// Goes on by itself, until it ends or the server does.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }

    /// Gives all of them up; the next start takes them up again.
    pub async fn end(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
    }
}

/// Brings the bytes of a file whose transfer was begun.
pub(super) async fn bring(
    app: &Arc<App>,
    session: &UpdateSessionId,
    endpoint: &Endpoint,
    mut grant: Grant,
) -> Result<(), Error> {
    let mut tries = Tries::default();
    let mut place = None;
    loop {
        if let Some(before) = grant.supersedes {
            app.running.stop(session, before).await;
        }
        let mut pull = Pull { app, grant: &grant, fetching: Fetching::new(app, session, &grant) };
        if place.is_none() {
            let Ok(acquired) = pull.fetching.meanwhile(|| 0, app.pulls.places.acquire()).await else {
                return Ok(());
            };
            place = acquired.ok();
        }
        // Whoever ended this one before it could be told to stop shows here, before there is a file that nobody erases.
        pull.fetching.report(0).await?;
        let _under_way = app.metrics.transfer(Direction::In);
        let mut sink = Sink::new(app, session, &grant);
        let ending = match pull.take(&mut sink, endpoint, &mut tries).await {
            Ok(()) => Ending::Whole,
            Err(Halt::Ended(ending)) => ending,
            Err(Halt::Anew) => {
                // Nobody wants what came so far.
                let _dropped = sink.finish(Ending::Stopped).await;
                drop(pull);
                let file = FileRef::Own(grant.name);
                let start = StartTransfer { session: session.clone(), file, blob: fresh_id(), offset: 0 };
                grant = app.ledger.run(Caller::Server, app.now(), start).await?;
                continue;
            }
        };
        let (ending, written) = sink.finish(ending).await;
        let Some(outcome) = outcome(ending, written) else { return Ok(()) };
        if let TransferOutcome::Failed { .. } = outcome {
            // Its session says why; where it was fetched from is not for the log, an address may be a secret.
            tracing::info!(session = session.as_str(), file = grant.name, "a file could not be fetched");
        }
        let end = EndTransfer { session: session.clone(), attempt: grant.attempt, outcome };
        return app.ledger.run(Caller::Server, app.now(), end).await.map(drop);
    }
}

/// How the transfer ended; unset if that is of no interest any more.
fn outcome(ending: Ending, written: std::io::Result<Written>) -> Option<TransferOutcome> {
    let reason = match (ending, written) {
        (Ending::Stopped, _) => return None,
        // If it is the transfer itself that is void, ending it does nothing any more.
        (Ending::Void(error), _) => error.to_string().trim_end_matches('.').to_owned(),
        (Ending::Wrong(reason) | Ending::Gone(reason), _) => reason,
        (Ending::TooMany(bytes_max), _) => Failure::TooLarge { bytes_max }.to_string(),
        (_, Err(error)) if error.kind() == std::io::ErrorKind::StorageFull => {
            "the server has no room left; have room made, and add the file again".to_owned()
        }
        (Ending::Disk | Ending::Idle, _) | (Ending::Whole, Err(_)) => {
            "the server cannot write the file; add it again when it can".to_owned()
        }
        (Ending::Whole, Ok(Written { size, digests })) => {
            return Some(TransferOutcome::Received { size, digests });
        }
    };
    Some(TransferOutcome::Failed { reason })
}

/// Why it does not go on.
enum Halt {
    /// This is how it ends.
    Ended(Ending),
    /// What came so far is not the beginning of what would come next.
    Anew,
}

impl Halt {
    fn failed(failure: &Failure) -> Halt {
        Halt::Ended(Ending::Wrong(failure.to_string()))
    }
}

/// Why nothing comes at the moment.
enum Pause {
    Halt(Halt),
    Failure(Failure),
}

impl From<Halt> for Pause {
    fn from(halt: Halt) -> Pause {
        Pause::Halt(halt)
    }
}

impl From<Ending> for Halt {
    fn from(ending: Ending) -> Halt {
        Halt::Ended(ending)
    }
}

/// A file that is being fetched.
struct Pull<'a> {
    app: &'a Arc<App>,
    grant: &'a Grant,
    fetching: Fetching<'a>,
}

impl Pull<'_> {
    /// Has bytes that came be taken.
    async fn put(&mut self, sink: &mut Sink<'_>, chunk: Bytes) -> Result<(), Halt> {
        let n_bytes = chunk.len() as u64;
        sink.append(chunk).await?;
        self.fetching.came(n_bytes);
        Ok(())
    }

    async fn take(
        &mut self,
        sink: &mut Sink<'_>,
        endpoint: &Endpoint,
        tries: &mut Tries,
    ) -> Result<(), Halt> {
        if endpoint.uri.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:")) {
            return self.take_file(sink, &endpoint.uri).await;
        }
        let trust = Trust::of(endpoint.thumbprint.as_deref(), endpoint.certificate.as_deref());
        let trust = trust.map_err(|failure| Halt::failed(&failure))?;
        let mut source = Source { trust, ..Source::new(&endpoint.uri) };
        source.bytes_max = self.grant.size.unwrap_or(u64::MAX).min(self.grant.bytes_max);
        loop {
            source.from_offset = self.fetching.received();
            let failure = match self.take_rest(sink, &source).await {
                Ok(()) => return Ok(()),
                Err((Pause::Halt(halt), _)) => return Err(halt),
                Err((Pause::Failure(failure), validator)) => {
                    source.continues = validator.or(source.continues);
                    failure
                }
            };
            if !failure.may_pass() {
                return Err(Halt::failed(&failure));
            }
            let Some(wait) = tries.next_wait(&self.app.settings.pull, self.fetching.received()) else {
                let reason = format!("{failure} (tried {} times)", tries.n_vain);
                return Err(Halt::Ended(Ending::Wrong(reason)));
            };
            self.fetching.meanwhile(|| sink.durable(), sleep(wait)).await?;
            let is_other = matches!(failure, Failure::Replaced { .. });
            if self.fetching.received() > 0 && (is_other || source.continues.is_none()) {
                return Err(Halt::Anew);
            }
        }
    }

    /// Takes what is not here yet; when it breaks off, also by what the rest can be told to be of the same file.
    async fn take_rest(
        &mut self,
        sink: &mut Sink<'_>,
        source: &Source,
    ) -> Result<(), (Pause, Option<Validator>)> {
        let app = self.app;
        let unknown = |pause: Pause| (pause, None);
        let got = self
            .fetching
            .meanwhile(|| sink.durable(), app.outbound.get(source))
            .await
            .map_err(|ending| unknown(Halt::from(ending).into()))?;
        let mut incoming = got.map_err(|failure| unknown(Pause::Failure(failure)))?;
        if incoming.offset != self.fetching.received() {
            return Err(unknown(Halt::Anew.into()));
        }
        let validator = incoming.validator.clone();
        let known = |pause: Pause| (pause, validator.clone());
        loop {
            let next = self.fetching.meanwhile(|| sink.durable(), incoming.next()).await;
            let next = next.map_err(|ending| known(Halt::from(ending).into()))?;
            let Some(chunk) = next.map_err(|failure| known(Pause::Failure(failure)))? else { return Ok(()) };
            self.put(sink, chunk).await.map_err(|halt| known(halt.into()))?;
        }
    }

    async fn take_file(&mut self, sink: &mut Sink<'_>, uri: &str) -> Result<(), Halt> {
        let wrong = |reason: String| Halt::Ended(Ending::Wrong(reason));
        let panicked = |_| wrong("the server failed".to_owned());
        let (uri, roots) = (uri.to_owned(), self.app.settings.pull.file_roots.clone());
        let opening = spawn_blocking(move || files::open(&uri, &roots));
        let mut file = self.fetching.meanwhile(|| 0, opening).await?.map_err(panicked)?.map_err(wrong)?;
        let bytes_max = self.grant.size.unwrap_or(u64::MAX).min(self.grant.bytes_max);
        loop {
            let reading = spawn_blocking(move || file.next().map(|chunk| (chunk, file)));
            let read = self
                .fetching
                .meanwhile(|| sink.durable(), reading)
                .await?
                .map_err(panicked)?
                .map_err(wrong)?;
            let chunk;
            (chunk, file) = read;
            if chunk.is_empty() {
                return Ok(());
            }
            if self.fetching.received() + chunk.len() as u64 > bytes_max {
                return Err(Halt::Ended(Ending::TooMany(bytes_max)));
            }
            self.put(sink, chunk).await?;
        }
    }
}

/// How often it was tried.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    /// How often without bringing anything that was not here before.
    n_vain: u32,
    /// How many bytes were here at the last success.
    received: u64,
}

impl Tries {
    /// How long to wait before the next one, if there is to be one.
    pub(crate) fn next_wait(&mut self, settings: &PullSettings, received: u64) -> Option<Duration> {
        if received.saturating_sub(self.received) >= PROGRESS_BYTES {
            (self.n_vain, self.received) = (0, received);
        }
        self.n_vain += 1;
        let wait_ms = settings.retry_ms.saturating_mul(1 << (self.n_vain - 1).min(16));
        (self.n_vain < settings.tries_max).then(|| Duration::from_millis(wait_ms).min(WAIT_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_end_unless_they_bring_something() {
        let settings = PullSettings { tries_max: 4, retry_ms: 100, ..PullSettings::default() };
        let mut tries = Tries::default();
        let mut wait_ms = |received: u64| tries.next_wait(&settings, received).map(|wait| wait.as_millis());
        assert_eq!([wait_ms(0), wait_ms(10), wait_ms(PROGRESS_BYTES)], [Some(100), Some(200), Some(100)]);
        assert_eq!([wait_ms(PROGRESS_BYTES), wait_ms(0)], [Some(200), Some(400)]);
        assert_eq!(wait_ms(2 * PROGRESS_BYTES - 1), None);
        let settings = PullSettings { tries_max: 100, retry_ms: 10_000, ..settings };
        let waits = (0..50).map(|_| tries.next_wait(&settings, 0));
        assert_eq!(waits.last(), Some(Some(WAIT_MAX)));
    }
}
