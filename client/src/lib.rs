//! Files into a content library and out of it, over the generated client.
//!
//! In: files of this machine, an item. Out: an item that has them all, or one that is as it was and a session that says why.
//! [`Transfers::upload`] and [`Transfers::download`] go on where a connection broke, and tell how far they are to whoever
//! listens ([`Progress`]). Not here: printing, and choosing files; those are for programs.
//!
//! ```no_run
//! use contentlib_client::{Source, Target, Transfers, UploadOptions};
//!
//! # async fn upload(client: vapi::Client, library: vapi::content::LibraryId) -> Result<(), Box<dyn std::error::Error>> {
//! let transfers = Transfers::new(client, vapi::runtime::client::HttpOptions::new());
//! let target = Target::New { library, name: "machine".to_owned() };
//! let uploaded = transfers.upload(target, Source::all_in("machine")?, &UploadOptions::default()).await?;
//! # Ok(())
//! # }
//! ```

mod at_once;
mod bytes_of;
mod checksum;
mod download;
mod error;
mod following;
mod keep_alive;
mod manifest;
mod open;
mod patience;
mod progress;
mod reply;
mod source;
mod upload;

pub use self::checksum::{Checksum, Checksums};
pub use self::download::{DownloadOptions, Downloaded};
pub use self::error::{Cause, TransferError};
pub use self::patience::Patience;
pub use self::progress::{Event, Progress};
pub use self::source::Source;
pub use self::upload::{Target, UploadOptions, Uploaded};

use tokio::sync::watch;
use vapi::runtime::client::{HttpOptions, Streams};

/// Moves files between this machine and one server. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Transfers {
    client: vapi::Client,
    streams: Streams,
    /// How much is under way, what clears up after transfers that were dropped included.
    n_unsettled: watch::Sender<usize>,
}

impl Transfers {
    /// With calls by this client; bytes travel on connections of their own, made with these options.
    #[must_use]
    pub fn new(client: vapi::Client, http: HttpOptions) -> Transfers {
        Transfers { client, streams: Streams::with_options(http), n_unsettled: watch::Sender::new(0) }
    }

    /// Waits until nothing is under way: the server has heard of each transfer that was dropped, as far as it can be told, and
    /// files that were not whole are gone; for programs about to end.
    pub async fn settled(&self) {
        let mut n_unsettled = self.n_unsettled.subscribe();
        // The sender is here, so it cannot go away.
        let _zero = n_unsettled.wait_for(|n_unsettled| *n_unsettled == 0).await;
    }

    fn unsettled(&self) -> Unsettled {
        self.n_unsettled.send_modify(|n| *n += 1);
        Unsettled(self.n_unsettled.clone())
    }
}

/// Something that is under way until it is dropped.
#[derive(Debug)]
struct Unsettled(watch::Sender<usize>);

impl Drop for Unsettled {
    fn drop(&mut self) {
        self.0.send_modify(|n| *n -= 1);
    }
}

/// How many files are on their way at once, unless told otherwise.
const N_AT_ONCE: usize = 4;
