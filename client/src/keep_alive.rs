//! Has a session and the login live on while a transfer goes on, whatever else it waits for.

use tokio::time::{Interval, MissedTickBehavior, interval};
use vapi::content::library::item::{DownloadSessionId, UpdateSessionId, UpdateSessionModelState};
use vapi::runtime::Error;
use vapi::runtime::OperationError;

use crate::Transfers;
use crate::error::Cause;
use crate::patience::{Patience, may_pass};
use crate::progress::Tally;

impl Transfers {
    /// Says how far an upload is until the server no longer wants to hear it, and why that is.
    pub(crate) async fn keep_update(
        &self,
        session: &UpdateSessionId,
        tally: &Tally,
        patience: &Patience,
    ) -> Cause {
        let mut ticks = ticks(patience).await;
        loop {
            ticks.tick().await;
            let call = self.client.update_session().keep_alive(session.clone());
            let Some(error) = of_weight(call.with(|input| input.client_progress(tally.percent())).await)
            else {
                continue;
            };
            // A session that ended well meanwhile is about to be seen.
            match self.state(session, patience).await {
                Ok(Some(UpdateSessionModelState::Done)) => std::future::pending::<()>().await,
                Ok(_) => return error,
                Err(cause) => return cause,
            }
        }
    }

    /// The same for a download.
    pub(crate) async fn keep_download(
        &self,
        session: &DownloadSessionId,
        tally: &Tally,
        patience: &Patience,
    ) -> Cause {
        let mut ticks = ticks(patience).await;
        loop {
            ticks.tick().await;
            let call = self.client.download_session().keep_alive(session.clone());
            if let Some(error) = of_weight(call.with(|input| input.progress(tally.percent())).await) {
                return error;
            }
        }
    }
}

/// What cannot be heard now may be heard next time.
fn of_weight<E: OperationError>(said: Result<(), Error<E>>) -> Option<Cause> {
    said.err().filter(|error| !may_pass(error)).map(Cause::from)
}

async fn ticks(patience: &Patience) -> Interval {
    // None there is no time between.
    let mut ticks = interval(patience.keep_alive_every.max(std::time::Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first one is at once, and nothing has happened yet.
    ticks.tick().await;
    ticks
}
