//! How stubborn a transfer is: how often it tries again, after which pauses, and how long it waits for the server.
//!
//! Every wait has a limit and says what it waited for; every pause grows. Not here: which failures are worth another try.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use vapi::runtime::client::Call;
use vapi::runtime::{Error, Operation, OperationError};

use crate::error::Cause;

/// How stubborn a transfer is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often something is tried without a byte more than before.
    pub n_tries_max: u32,
    /// How long it waits before the second try; twice as long before the third, and so on, half a minute at most.
    pub pause: Duration,
    /// How long the server may take for what comes after the bytes: to check them, to complete, to prepare.
    pub wait_max: Duration,
    /// How long no byte may move.
    pub idle_max: Duration,
    /// How often the session is told that somebody is there, and how far.
    pub keep_alive_every: Duration,
}

impl Default for Patience {
    /// A server may be gone for two minutes, and may think for half an hour.
    fn default() -> Patience {
        Patience {
            n_tries_max: 8,
            pause: Duration::from_secs(1),
            wait_max: Duration::from_secs(30 * 60),
            idle_max: Duration::from_secs(120),
            keep_alive_every: Duration::from_secs(30),
        }
    }
}

/// However often something is tried, nobody waits longer than this for the next time.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Tries of one thing.
pub(crate) struct Tries<'p> {
    patience: &'p Patience,
    n_vain: u32,
}

impl Tries<'_> {
    pub(crate) fn new(patience: &Patience) -> Tries<'_> {
        Tries { patience, n_vain: 0 }
    }

    /// The last one came further than any before.
    pub(crate) fn came_further(&mut self) {
        self.n_vain = 0;
    }

    /// Whether there is another one.
    pub(crate) fn may_go_on(&self) -> bool {
        self.n_vain < self.patience.n_tries_max
    }

    /// The last one failed; waits before the next one, if there is one.
    pub(crate) async fn pause(&mut self) {
        let longer = 2_u32.saturating_pow(self.n_vain);
        let pause = self.patience.pause.saturating_mul(longer).min(PAUSE_MAX);
        self.n_vain += 1;
        // Even no time at all would be a tick of the clock, which may stand still.
        if self.may_go_on() && !pause.is_zero() {
            sleep(pause).await;
        }
    }
}

/// Asks again and again, at first soon, until there is no more time.
pub(crate) struct Wait {
    what: String,
    limit: Duration,
    deadline: Instant,
    pause: Duration,
}

impl Wait {
    const PAUSE_FIRST: Duration = Duration::from_millis(10);
    const PAUSE_LAST: Duration = Duration::from_secs(1);

    /// For this, as a message has it after "waited for".
    pub(crate) fn new(what: impl Into<String>, patience: &Patience) -> Wait {
        let limit = patience.wait_max;
        Wait { what: what.into(), limit, deadline: Instant::now() + limit, pause: Wait::PAUSE_FIRST }
    }

    /// It is not so yet.
    pub(crate) async fn pause(&mut self) -> Result<(), Cause> {
        if Instant::now() >= self.deadline {
            return Err(Cause::TookTooLong { what: self.what.clone(), limit: self.limit });
        }
        sleep(self.pause).await;
        self.pause = self.pause.saturating_mul(2).min(Wait::PAUSE_LAST);
        Ok(())
    }
}

/// Calls until the answer is one that another try would not change: through a server's restart, for example.
///
/// Only for calls that have the same effect once as twice: those that ask, and those that bear a token.
pub(crate) async fn insist<O: Operation>(
    patience: &Patience,
    call: impl Fn() -> Call<O>,
) -> Result<O::Output, Error<O::Error>> {
    let mut tries = Tries::new(patience);
    loop {
        match call().await {
            Err(error) if may_pass(&error) => {
                tries.pause().await;
                if !tries.may_go_on() {
                    return Err(error);
                }
            }
            ended => return ended,
        }
    }
}

/// Whether the server, or what is on the way to it, is what failed. What somebody else has in use may be in use for long.
pub(crate) fn may_pass<E: OperationError>(error: &Error<E>) -> bool {
    let is_in_use = error.id().is_some_and(|id| id.ends_with(".resource_busy"));
    error.is_retryable() && !is_in_use
}
