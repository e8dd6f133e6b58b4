//! A file that the server fetches itself, while it comes: how far it is, and whether anybody still wants it.
//!
//! In: a transfer that was begun. While something is waited for, it is told how far the file is, and the waiting ends when
//! somebody stops the transfer. Not here: where the bytes come from, and where they go.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::running::Turn;
use super::upload::{Ending, report};
use crate::app::App;
use crate::domain::ids::UpdateSessionId;
use crate::domain::transfer::Grant;
use crate::ledger::Error;
use crate::metrics::Direction;

/// A file that is coming.
pub(crate) struct Fetching<'a> {
    app: &'a App,
    session: &'a UpdateSessionId,
    grant: &'a Grant,
    turn: Turn<'a>,
    reports: Interval,
    received: u64,
}

impl<'a> Fetching<'a> {
    pub(crate) fn new(app: &'a App, session: &'a UpdateSessionId, grant: &'a Grant) -> Fetching<'a> {
        let mut reports = interval(Duration::from_millis(app.settings.transfers.report_ms));
        reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let turn = app.running.begin(session, grant);
        Fetching { app, session, grant, turn, reports, received: grant.offset }
    }

    /// How many bytes of the file are here.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// So many more bytes came.
    pub(crate) fn came(&mut self, n_bytes: u64) {
        self.app.metrics.bytes(Direction::In, n_bytes);
        self.received += n_bytes;
    }

    /// Tells how far it is, and how many bytes are safe.
    pub(crate) async fn report(&self, durable: u64) -> Result<(), Error> {
        report(self.app, self.session, self.grant, self.received, durable).await
    }

    /// Waits for something, tells meanwhile how far it is, and goes on waiting only as long as somebody wants it.
    /// Bytes become safe while others are waited for, so `durable` is asked each time.
    pub(crate) async fn meanwhile<T>(
        &mut self,
        durable: impl Fn() -> u64,
        work: impl Future<Output = T>,
    ) -> Result<T, Ending> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                () = self.turn.stopped() => return Err(Ending::Stopped),
                _ = self.reports.tick() => self.report(durable()).await.map_err(Ending::Void)?,
                done = &mut work => return Ok(done),
            }
        }
    }
}
