//! Files into a content library and out of it, over the generated client.
//!
//! In: files of this machine, an item. Out: an item that has them all, or one that is as it was and a session that says why.
//! [`Transfers::upload`] and [`Transfers::download`] go on where a connection broke, and tell how far they are to whoever
//! listens ([`Progress`]). Not here: printing, and choosing files; those are for programs.

mod bytes_of;
mod download;
mod error;
mod progress;
mod reply;
mod source;
mod upload;

pub use self::download::{DownloadOptions, Downloaded};
pub use self::error::{Cause, TransferError};
pub use self::progress::{Event, Progress};
pub use self::source::Source;
pub use self::upload::{Target, UploadOptions, Uploaded};

use std::time::Duration;

use tokio::sync::watch;
use vapi::runtime::client::{HttpOptions, Streams};

/// Moves files between this machine and one server. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Transfers {
    client: vapi::Client,
    streams: Streams,
    /// How many uploads were given up of which the server has not heard yet.
    n_unsettled: watch::Sender<usize>,
}

impl Transfers {
    /// With calls by this client; bytes travel on connections of their own, made with these options.
    #[must_use]
    pub fn new(client: vapi::Client, http: HttpOptions) -> Transfers {
        Transfers { client, streams: Streams::with_options(http), n_unsettled: watch::Sender::new(0) }
    }

    /// Waits until the server has heard of each upload that was dropped, as far as it can be told; for programs about to end.
    pub async fn settled(&self) {
        let mut n_unsettled = self.n_unsettled.subscribe();
        // The sender is here, so it cannot go away.
        let _zero = n_unsettled.wait_for(|n_unsettled| *n_unsettled == 0).await;
    }
}

/// How stubborn a transfer is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often a file is tried again without a byte more than before.
    pub n_tries_max: u32,
    /// How long it waits before it tries again.
    pub pause: Duration,
    /// How long the server may take for what comes after the bytes: to check them, to complete, to prepare.
    pub wait_max: Duration,
    /// How long no byte may move.
    pub idle_max: Duration,
    /// How often the session is told that somebody is there.
    pub keep_alive_every: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            n_tries_max: 5,
            pause: Duration::from_secs(1),
            wait_max: Duration::from_secs(30 * 60),
            idle_max: Duration::from_secs(120),
            keep_alive_every: Duration::from_secs(30),
        }
    }
}

/// How long it is until the server is asked again whether it is done.
const ASK_EVERY: Duration = Duration::from_millis(200);
