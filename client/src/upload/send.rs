//! One file on its way to the address that the server gave it: whole, then from where it broke off.

use std::fs::File;
use std::io;

use http::header::CONTENT_RANGE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Empty;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};
use vapi::content::library::item::TransferStatus;
use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};

use super::plan::has_extension;
use super::{Planned, Upload};
use crate::bytes_of::BytesOf;
use crate::checksum::{Checksum, Checksums, Meanwhile, checksum_of};
use crate::error::Cause;
use crate::patience::{Patience, Tries};
use crate::progress::{Event, Mark};
use crate::reply::{may_pass, text_of};

/// Where a server says how much of a file it has for good.
const UPLOAD_OFFSET: &str = "upload-offset";

/// How one try ended.
enum Tried {
    Taken,
    /// It may go better another time.
    BrokeOff(Cause),
}

impl Upload {
    /// Sends a file until the server has it and has checked it.
    pub(super) async fn send(&self, planned: &Planned, uri: &str) -> Result<(), Cause> {
        let patience = &self.options.patience;
        let mark = Mark::new(&planned.name, &self.options.progress, &self.tally);
        let hashed = self.is_compared(planned).then(Meanwhile::new);
        let (mut offset, mut furthest, mut tries) = (0, 0, Tries::new(patience));
        let mut takes_the_end = true;
        loop {
            mark.begin(offset, planned.n_bytes);
            let cause = match self.send_from(uri, planned, offset, &mark, hashed.clone()).await? {
                Tried::Taken => break,
                Tried::BrokeOff(cause) => cause,
            };
            if self.is_there(planned).await? {
                break;
            }
            mark.again(&cause);
            // Also gives the server time to see the break.
            tries.pause().await;
            // What the server has no answer for starts over.
            let durable = offset_of(self, uri).await.unwrap_or(0).min(planned.n_bytes);
            if durable > furthest {
                furthest = durable;
                tries.came_further();
            }
            if !tries.may_go_on() {
                return Err(cause);
            }
            // Where all bytes are there, only the end has to be said; once, since not every server may understand it.
            let is_whole = durable == planned.n_bytes;
            offset = if is_whole && !std::mem::take(&mut takes_the_end) { 0 } else { durable };
        }
        let ready = self.transfers.ready(&self.session, &planned.name, patience).await?;
        if let Some(hashed) = hashed {
            self.compare(planned, ready.and_then(|file| file.checksum_info), &hashed).await?;
        }
        mark.end();
        Ok(())
    }

    /// Whether a file's checksum is found out while it is sent, and compared then. Of an archive nothing is left to compare.
    pub(super) fn is_compared(&self, planned: &Planned) -> bool {
        let is_meanwhile = self.options.checksums == Checksums::Meanwhile;
        is_meanwhile && planned.checksum.is_none() && !has_extension(&planned.name, "ova")
    }

    async fn compare(
        &self,
        planned: &Planned,
        said: Option<ChecksumInfo>,
        hashed: &Meanwhile,
    ) -> Result<(), Cause> {
        let Some(said) = said.as_ref().map(Checksum::from) else {
            let text = "the server does not say what it got; have checksums said before bytes";
            return Err(Cause::Wrong(text.to_owned()));
        };
        let known = hashed.of(planned.n_bytes).filter(|known| known.algorithm == said.algorithm);
        let ours = match known {
            Some(known) => Some(known),
            None => self.read_through(planned, &said.algorithm).await?,
        };
        match ours {
            Some(ours) if ours.hex.eq_ignore_ascii_case(&said.hex) => Ok(()),
            Some(ours) => {
                let text = format!("its checksum is {}, and {} at the server", ours.hex, said.hex);
                Err(Cause::Wrong(text))
            }
            None => Err(Cause::Wrong(format!("the server's checksum is by {}", said.algorithm))),
        }
    }

    /// Reads a file for its checksum; `None` for an algorithm that is not known here.
    pub(super) async fn read_through(
        &self,
        planned: &Planned,
        algorithm: &ChecksumAlgorithm,
    ) -> Result<Option<Checksum>, Cause> {
        let algorithm = algorithm.clone();
        let (path, name, progress) =
            (planned.path.clone(), planned.name.clone(), self.options.progress.clone());
        let read = spawn_blocking(move || {
            let seen = |n_bytes| progress.tell(|| Event::Read { file: name.clone(), n_bytes });
            checksum_of(&mut File::open(path)?, &algorithm, seen)
        });
        read.await.map_err(io::Error::other).flatten().map_err(Cause::Local)
    }

    /// Whether the reply alone was lost.
    async fn is_there(&self, planned: &Planned) -> Result<bool, Cause> {
        let file = self.transfers.session_file(&self.session, &planned.name, &self.options.patience).await?;
        let is_taken = |status| {
            matches!(status, TransferStatus::Ready | TransferStatus::Validating | TransferStatus::Error)
        };
        Ok(file.is_none_or(|file| is_taken(file.status)))
    }

    async fn send_from(
        &self,
        uri: &str,
        planned: &Planned,
        offset: u64,
        mark: &Mark,
        hashed: Option<Meanwhile>,
    ) -> Result<Tried, Cause> {
        let patience = &self.options.patience;
        let body = BytesOf::new(planned.path.clone(), offset, planned.n_bytes - offset, mark.clone(), hashed);
        let unreadable = body.unreadable();
        let mut request = Request::builder().method(Method::PUT).uri(uri);
        if offset > 0 {
            request = request.header(CONTENT_RANGE, range(offset, planned.n_bytes));
        }
        let request = request.body(body).map_err(|_| no_address(uri))?;
        let sent = tokio::select! {
            sent = self.transfers.streams.send(request) => sent,
            () = stalled(mark, patience) => {
                let (what, limit) = ("the server to take more bytes".to_owned(), patience.idle_max);
                return Ok(Tried::BrokeOff(Cause::TookTooLong { what, limit }));
            }
        };
        if let Some(error) = unreadable.take() {
            return Err(Cause::Local(error));
        }
        let response = match sent {
            Err(error) if error.is_retryable() => return Ok(Tried::BrokeOff(Cause::Transport(error))),
            Err(error) => return Err(Cause::Transport(error)),
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
}

/// How much of a file the server has for good, if it says so.
async fn offset_of(upload: &Upload, uri: &str) -> Option<u64> {
    let request = Request::head(uri).body(Empty::new()).ok()?;
    let asked = upload.transfers.streams.send(request);
    let response = timeout(upload.options.patience.idle_max, asked).await.ok()?.ok()?;
    if !response.status().is_success() {
        return None;
    }
    offset_in(&response)
}

fn offset_in<B>(response: &Response<B>) -> Option<u64> {
    response.headers().get(UPLOAD_OFFSET)?.to_str().ok()?.parse().ok()
}

/// From here to the end; where nothing is left, that this is the end.
fn range(offset: u64, n_bytes: u64) -> String {
    if offset == n_bytes {
        return format!("bytes */{n_bytes}");
    }
    format!("bytes {offset}-{}/{n_bytes}", n_bytes - 1)
}

fn no_address(uri: &str) -> Cause {
    Cause::Wrong(format!("the server says to use an address that is none: {uri:?}"))
}

/// Comes back when no byte has moved for too long.
async fn stalled(mark: &Mark, patience: &Patience) {
    loop {
        let before = mark.n_bytes();
        sleep(patience.idle_max).await;
        if mark.n_bytes() == before {
            return;
        }
    }
}
