//! Blocking calls: one background runtime for the whole process, started by the first.

use std::sync::OnceLock;

use tokio::runtime::{Builder, Handle, Runtime};

use super::{Answered, Exchange, NoReply, TransportError, TransportErrorKind};

/// Runs a call to its end on this thread.
pub(super) fn wait(exchange: Exchange) -> Result<Answered, NoReply> {
    if Handle::try_current().is_ok() {
        // `block_on` would panic here.
        return Err(NoReply::Transport(TransportError::new(
            TransportErrorKind::Misuse,
            "`.wait()` blocks and was called inside an async runtime; `.await` the call there",
        )));
    }
    background().map_err(NoReply::Transport)?.block_on(exchange)
}

/// One worker: it only moves bytes between calls, each call runs on the thread that waits for it.
fn background() -> Result<&'static Runtime, TransportError> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    RUNTIME
        .get_or_init(|| {
            Builder::new_multi_thread()
                .worker_threads(1)
                .thread_name("vapi-client")
                .enable_all()
                .build()
                .map_err(|error| error.to_string())
        })
        .as_ref()
        .map_err(|error| {
            let text = format!("the background runtime of blocking calls does not start: {error}");
            TransportError::new(TransportErrorKind::Other, text)
        })
}
