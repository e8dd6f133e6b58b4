//! From a data directory to a running server, and what it does by itself while it runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{MissedTickBehavior, interval};
use vapi::runtime::server::Sessions;

use crate::app::{App, Clock, Directory};
use crate::domain::configuration::GetConfiguration;
use crate::domain::{Caller, Effect};
use crate::housekeeping;
use crate::ledger::{Error, Ledger};
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::settings::Settings;
use crate::store::Fault;
use crate::store::blobs::FileBlobs;
use crate::store::directory::{DataDirectory, DirectoryError};
use crate::store::sqlite::SqliteStore;
use crate::transfers::effects;
use crate::transfers::pull::Pulls;
use crate::transfers::running::{Running, Senders};
use crate::trust::TrustStore;
use crate::vcsp::follow;
use crate::vcsp::places::Places;

/// How often what expired is cleared away.
const ROUND: Duration = Duration::from_secs(30);

/// A server that has its data and does not work yet.
pub struct Opened {
    /// The server.
    pub app: Arc<App>,
    to_do: UnboundedReceiver<Effect>,
    /// Keeps others away as long as it is there.
    directory: DataDirectory,
}

/// A server that works until it is dropped.
pub struct Working {
    app: Arc<App>,
    tasks: JoinSet<()>,
    _directory: DataDirectory,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its directory cannot be used.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Its records cannot.
    #[error("the records cannot be used: {0:?}")]
    Records(#[from] Fault),
    /// What was under way could not be taken up.
    #[error("what was under way cannot be taken up: {0:?}")]
    TakingUp(Error),
}

impl Opened {
    /// Opens the directory, which is made if it is not there.
    pub fn new(
        path: &Path,
        settings: Settings,
        clock: Arc<dyn Clock>,
        logins: Sessions,
        users: Arc<dyn Directory>,
    ) -> Result<Opened, StartError> {
        let directory = DataDirectory::open(path)?;
        let store = SqliteStore::open(&directory.records())?;
        let n_commands_max = settings.commands_per_commit_max;
        let (ledger, to_do) =
            Ledger::with_commits_of(n_commands_max, Arc::new(store), settings.limits.clone());
        let rules =
            ledger.ask(Caller::Server, clock.now(), &GetConfiguration).map_err(StartError::TakingUp)?;
        let app = App {
            metrics: Metrics::new(ledger.figures()),
            ledger,
            blobs: Arc::new(FileBlobs::new(directory.blobs())),
            clock,
            logins,
            directory: users,
            outbound: Outbound::new(settings.outbound.clone()),
            trust: TrustStore::default(),
            pulls: Pulls::new(&settings.pull),
            settings,
            places: Places::new(rules.syncs_max),
            running: Running::default(),
            senders: Senders::default(),
        };
        app.trust.read(&app.ledger, &app.outbound)?;
        Ok(Opened { app: Arc::new(app), to_do, directory })
    }

    /// Takes up what was under way when the server went down, and works from then on.
    pub async fn work(self) -> Result<Working, StartError> {
        let Opened { app, to_do, directory } = self;
        let (of_before, now) = (Arc::clone(&app), app.now());
        let left = spawn_blocking(move || housekeeping::take_up(&of_before.ledger, now)).await;
        let left = left.map_err(|panic| Fault::new(crate::store::FaultKind::Corrupt, panic))?;
        let mut tasks = JoinSet::new();
        for effect in left.map_err(StartError::TakingUp)? {
            effects::perform(&app, effect).await;
        }
        tasks.spawn(effects::work(Arc::clone(&app), to_do));
        tasks.spawn(rounds(Arc::clone(&app)));
        Ok(Working { app, tasks, _directory: directory })
    }
}

impl Working {
    /// Ends what goes on by itself. Calls that are under way are somebody else's.
    pub async fn end(mut self) {
        self.tasks.shutdown().await;
        self.app.pulls.end().await;
    }
}

/// Clears away what expired, and erases what an effect could not.
async fn rounds(app: Arc<App>) {
    let mut ticks = interval(ROUND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        app.logins.sweep();
        let (of_now, now) = (Arc::clone(&app), app.now());
        let round = spawn_blocking(move || {
            housekeeping::sweep(&of_now.ledger, now)?;
            housekeeping::erase_left(&of_now.ledger, now)
        });
        match round.await {
            Ok(Ok(())) => {
                if let Err(error) = follow::start_due(&app).await {
                    tracing::error!("libraries do not synchronise by themselves: {error:?}");
                }
            }
            Ok(Err(error)) => tracing::error!("a round of housekeeping failed and is tried again: {error:?}"),
            Err(panic) => tracing::error!("a round of housekeeping panicked: {panic}"),
        }
    }
}
