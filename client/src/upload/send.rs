//! One file on its way to the address that the server gave it: whole, then from where it broke off.

use std::sync::{Arc, Mutex, PoisonError};

use http::header::CONTENT_RANGE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Empty;
use tokio::time::{sleep, timeout};
use vapi::content::library::item::{TransferStatus, UpdateSessionId};

use super::UploadOptions;
use crate::bytes_of::{Seen, bytes_of};
use crate::error::Cause;
use crate::progress::Event;
use crate::reply::{may_pass, text_of};
use crate::source::Surveyed;
use crate::{Patience, Transfers};

/// Where a server says how much of a file it has for good.
const UPLOAD_OFFSET: &str = "upload-offset";

/// How one try ended.
enum Tried {
    Taken,
    /// It may go better another time.
    BrokeOff(Cause),
}

impl Transfers {
    /// Sends a file until the server has it and has checked it.
    pub(super) async fn send(
        &self,
        session: &UpdateSessionId,
        source: &Surveyed,
        options: &UploadOptions,
    ) -> Result<(), Cause> {
        let uri = self.address(session, source).await?;
        let (mut offset, mut n_tries) = (0, 0);
        loop {
            let file = || source.name.clone();
            options.progress.tell(|| Event::Begun { file: file(), n_bytes: source.n_bytes, offset });
            let cause = match self.send_from(&uri, source, offset, options).await? {
                Tried::Taken => return self.ready(session, source, &options.patience).await,
                Tried::BrokeOff(cause) => cause,
            };
            if self.is_there(session, source).await? {
                return self.ready(session, source, &options.patience).await;
            }
            options.progress.tell(|| Event::Again { file: file(), reason: cause.to_string() });
            // Also gives the server time to see the break.
            sleep(options.patience.pause).await;
            // What the server has no answer for starts over; so does what it has all of and still does not take.
            let durable = self.offset_of(&uri, &options.patience).await.unwrap_or(0);
            let durable = if durable < source.n_bytes { durable } else { 0 };
            n_tries = if durable > offset { 0 } else { n_tries + 1 };
            if n_tries >= options.patience.n_tries_max {
                return Err(cause);
            }
            offset = durable;
        }
    }

    async fn address(&self, session: &UpdateSessionId, source: &Surveyed) -> Result<String, Cause> {
        let file = self.client.update_session_file().get(session.clone(), source.name.as_str()).await?;
        let endpoint = file.upload_endpoint;
        let uri = endpoint.map(|endpoint| endpoint.uri.to_string());
        uri.ok_or_else(|| Cause::Wrong("the server says no address to send it to".to_owned()))
    }

    /// Whether the reply alone was lost.
    async fn is_there(&self, session: &UpdateSessionId, source: &Surveyed) -> Result<bool, Cause> {
        let file = self.client.update_session_file().get(session.clone(), source.name.as_str()).await?;
        Ok(matches!(file.status, TransferStatus::Ready | TransferStatus::Validating | TransferStatus::Error))
    }

    async fn send_from(
        &self,
        uri: &str,
        source: &Surveyed,
        offset: u64,
        options: &UploadOptions,
    ) -> Result<Tried, Cause> {
        let (body, seen) = bytes_of(source, offset, &options.progress);
        let mut request = Request::builder().method(Method::PUT).uri(uri);
        if offset > 0 {
            let range = format!("bytes {offset}-{}/{}", source.n_bytes - 1, source.n_bytes);
            request = request.header(CONTENT_RANGE, range);
        }
        let request = request.body(body).map_err(|_| no_address(uri))?;
        let sent = tokio::select! {
            sent = self.streams.send(request) => sent,
            () = stalled(&seen, &options.patience) => {
                let (what, limit) = ("the server to take more bytes".to_owned(), options.patience.idle_max);
                return Ok(Tried::BrokeOff(Cause::TookTooLong { what, limit }));
            }
        };
        if let Some(error) = seen.lock().unwrap_or_else(PoisonError::into_inner).error.take() {
            return Err(Cause::Local(error));
        }
        let response = match sent {
            Err(error) => return Ok(Tried::BrokeOff(Cause::Transport(error))),
            Ok(response) => response,
        };
        let status = response.status();
        if status.is_success() {
            return Ok(Tried::Taken);
        }
        let cause = Cause::Refused { status, text: text_of(response.into_body()).await };
        // A cut that the server noticed first, or a place that is another one by now.
        let is_of_the_place = offset > 0 && matches!(status, StatusCode::CONFLICT | StatusCode::BAD_REQUEST);
        if may_pass(status) || is_of_the_place { Ok(Tried::BrokeOff(cause)) } else { Err(cause) }
    }

    /// How much of a file the server has for good, if it says so.
    async fn offset_of(&self, uri: &str, patience: &Patience) -> Option<u64> {
        let request = Request::head(uri).body(Empty::new()).ok()?;
        let response = timeout(patience.idle_max, self.streams.send(request)).await.ok()?.ok()?;
        if !response.status().is_success() {
            return None;
        }
        offset_in(&response)
    }
}

fn offset_in<B>(response: &Response<B>) -> Option<u64> {
    response.headers().get(UPLOAD_OFFSET)?.to_str().ok()?.parse().ok()
}

fn no_address(uri: &str) -> Cause {
    Cause::Wrong(format!("the server says to use an address that is none: {uri:?}"))
}

/// Comes back when no byte has moved for too long.
async fn stalled(seen: &Arc<Mutex<Seen>>, patience: &Patience) {
    let n_bytes = || seen.lock().unwrap_or_else(PoisonError::into_inner).n_bytes;
    loop {
        let before = n_bytes();
        sleep(patience.idle_max).await;
        if n_bytes() == before {
            return;
        }
    }
}
