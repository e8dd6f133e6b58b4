//! Bytes that clients send: `PUT` and `POST` of a whole file, or of the rest of one with `Content-Range`; `HEAD` says with
//! `Upload-Offset` where that has to begin.
//!
//! A transfer has an end whatever happens to the connection: it runs on its own, and a sender that goes away leaves what
//! is durable, to be continued.

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_RANGE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::json;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::running::Turn;
use super::sink::Sink;
use super::writer::Written;
use super::{Incoming, answer as json_answer, refused, said, wrong, wrong_method};
use crate::addresses::{Transfer, UPLOADS};
use crate::app::{App, fresh_id};
use crate::domain::ids::UpdateSessionId;
use crate::domain::session_file::{SeenFile, SessionFile, Status};
use crate::domain::transfer::{
    EndTransfer, FileRef, Grant, LocateUpload, ReportBytes, StartTransfer, TransferOutcome,
};
use crate::domain::{Caller, Refusal};
use crate::ledger::Error;
use crate::metrics::Direction;

/// How many bytes of a file are there for good.
const UPLOAD_OFFSET: &str = "upload-offset";

/// Answers whatever is asked of an upload address.
pub(super) async fn answer(app: Arc<App>, request: Incoming) -> Response {
    let Some(transfer) = Transfer::from_path(UPLOADS, request.uri().path()) else {
        return wrong(StatusCode::NOT_FOUND, "no_upload", "This is no address that the server gave out.");
    };
    match *request.method() {
        Method::PUT | Method::POST => {}
        Method::HEAD => return offset_of(&app, transfer),
        ref other => return wrong_method(other, "PUT, POST, HEAD"),
    }
    let part = match Part::of(request.headers()) {
        Ok(part) => part,
        Err(text) => return wrong(StatusCode::BAD_REQUEST, "content_range", &text),
    };
    if app.running.n_running() >= app.settings.transfers.uploads_max {
        return too_many();
    }
    // On its own, so that a sender that goes away does not take the end of the transfer with it.
    let received = tokio::spawn(receive(app, transfer, part, request));
    received.await.unwrap_or_else(|panic| {
        tracing::error!("an upload panicked: {panic}");
        wrong(StatusCode::INTERNAL_SERVER_ERROR, "upload_failed", "The server failed. Send the file again.")
    })
}

fn too_many() -> Response {
    let text = "The server receives as many files as it may. Try again in a moment.";
    let mut response = wrong(StatusCode::SERVICE_UNAVAILABLE, "too_many_uploads", text);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn offset_of(app: &App, transfer: Transfer) -> Response {
    let question = LocateUpload { session: transfer.session.into(), file: FileRef::Secret(transfer.secret) };
    match app.ledger.ask(Caller::Server, app.now(), &question) {
        Err(error) => refused(error),
        Ok(file) => with_offset(json_answer(StatusCode::OK, &json!({})), file.durable),
    }
}

fn with_offset(mut response: Response, offset: u64) -> Response {
    response.headers_mut().insert(UPLOAD_OFFSET, HeaderValue::from(offset));
    response
}

/// Which part of a file a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    /// The first byte's place.
    first: u64,
    /// The place behind the last byte, if the request says it.
    end: Option<u64>,
    /// How many bytes the file has, if the request says it.
    total: Option<u64>,
}

impl Part {
    fn of(headers: &HeaderMap) -> Result<Part, String> {
        let Some(value) = headers.get(CONTENT_RANGE) else {
            return Ok(Part { first: 0, end: None, total: None });
        };
        let text = value.to_str().unwrap_or_default();
        let part = Part::parse(text).filter(|part| part.total.zip(part.end).is_none_or(|(n, end)| end <= n));
        part.ok_or_else(|| {
            format!("Content-Range is {text:?}; it has to be like `bytes 1048576-4194303/4194304`.")
        })
    }

    fn parse(text: &str) -> Option<Part> {
        let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
        if range.trim() == "*" {
            // All bytes are there, and only the end was never said.
            let end = total.trim().parse().ok()?;
            return Some(Part { first: end, end: Some(end), total: Some(end) });
        }
        let (first, last) = range.split_once('-')?;
        let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        let total = if total.trim() == "*" { None } else { Some(total.trim().parse().ok()?) };
        (first <= last).then_some(())?;
        Some(Part { first, end: Some(last.checked_add(1)?), total })
    }

    /// Whether the file is not whole with it.
    fn is_partial(self) -> bool {
        self.end.zip(self.total).is_some_and(|(end, total)| end < total)
    }
}

/// Why no more bytes are taken.
pub(crate) enum Ending {
    /// That was all.
    Whole,
    /// More came than may.
    TooMany(u64),
    /// They are not what they are called.
    Wrong(String),
    /// The disk takes no more; the end of what was written says why.
    Disk,
    /// Somebody else sends the file now, or nobody may any more.
    Stopped,
    /// The sender went away.
    Gone(String),
    /// The sender sent nothing for too long.
    Idle,
    /// The session has ended, or the file is another one now.
    Void(Error),
}

async fn receive(app: Arc<App>, transfer: Transfer, part: Part, request: Incoming) -> Response {
    let _under_way = app.metrics.transfer(Direction::In);
    let session = UpdateSessionId::from(transfer.session);
    let start = StartTransfer {
        session: session.clone(),
        file: FileRef::Secret(transfer.secret),
        blob: fresh_id(),
        offset: part.first,
    };
    let grant = match app.ledger.run(Caller::Server, app.now(), start).await {
        Ok(grant) => grant,
        Err(error) => return refused(error),
    };
    if let Some(before) = grant.supersedes {
        app.running.stop(&session, before).await;
    }
    let mut turn = app.running.begin(&session, &grant);
    // Whoever took this one's place before it could be told to stop shows here.
    if let Err(error) = report(&app, &session, &grant, grant.offset, grant.offset).await {
        return refused(error);
    }
    let mut sink = Sink::new(&app, &session, &grant);
    let ending = take_bytes(&app, &session, &grant, part, &mut turn, &mut sink, request).await;
    let (ending, written) = sink.finish(ending).await;
    conclude(&app, &session, &grant, part, ending, written).await
}

/// Passes bytes on until there are no more.
async fn take_bytes(
    app: &App,
    session: &UpdateSessionId,
    grant: &Grant,
    part: Part,
    turn: &mut Turn<'_>,
    sink: &mut Sink<'_>,
    request: Incoming,
) -> Ending {
    let settings = &app.settings.transfers;
    let end_max = part.end.or(grant.size).unwrap_or(u64::MAX).min(grant.bytes_max);
    let idle = Duration::from_millis(settings.idle_ms);
    let mut body = request.into_body();
    let mut received = grant.offset;
    let mut heard = Instant::now();
    let mut reports = interval(Duration::from_millis(settings.report_ms));
    reports.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let frame = tokio::select! {
            biased;
            () = turn.stopped() => return Ending::Stopped,
            _ = reports.tick() => {
                app.senders.touch(session);
                match report(app, session, grant, received, sink.durable()).await {
                    Ok(()) => continue,
                    Err(error) => return Ending::Void(error),
                }
            }
            frame = body.frame() => frame,
            () = sleep_until(heard + idle) => return Ending::Idle,
        };
        let chunk = match frame {
            None => return Ending::Whole,
            Some(Err(error)) => return Ending::Gone(error.to_string()),
            Some(Ok(frame)) => frame.into_data().unwrap_or_else(|_trailers| Bytes::new()),
        };
        heard = Instant::now();
        received += chunk.len() as u64;
        app.metrics.bytes(Direction::In, chunk.len() as u64);
        if received > end_max {
            return Ending::TooMany(end_max);
        }
        if let Err(ending) = sink.append(chunk).await {
            return ending;
        }
    }
}

pub(super) async fn report(
    app: &App,
    session: &UpdateSessionId,
    grant: &Grant,
    received: u64,
    durable: u64,
) -> Result<(), Error> {
    let report = ReportBytes { session: session.clone(), attempt: grant.attempt, received, durable };
    app.ledger.run(Caller::Server, app.now(), report).await
}

/// Has the transfer end as it did, and tells the sender.
async fn conclude(
    app: &App,
    session: &UpdateSessionId,
    grant: &Grant,
    part: Part,
    ending: Ending,
    written: std::io::Result<Written>,
) -> Response {
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            tracing::warn!(file = grant.name, "an upload could not be written: {error}");
            // What was durable before was reported when it was.
            let durable = grant.offset;
            ended(app, session, grant, TransferOutcome::Interrupted { durable }).await;
            return unwritable(&error);
        }
    };
    // An archive is kept nowhere and begins anew.
    let durable = if grant.blob.is_some() { written.size } else { 0 };
    let interrupted = || TransferOutcome::Interrupted { durable };
    match ending {
        Ending::Whole if part.end.is_some_and(|end| end != written.size) => {
            ended(app, session, grant, interrupted()).await;
            let text = "The body has fewer bytes than Content-Range says. Send the rest.";
            with_offset(wrong(StatusCode::BAD_REQUEST, "body_too_short", text), durable)
        }
        Ending::Whole if part.is_partial() => {
            with_offset(ended(app, session, grant, interrupted()).await, durable)
        }
        Ending::Whole => {
            let outcome = TransferOutcome::Received { size: written.size, digests: written.digests };
            ended(app, session, grant, outcome).await
        }
        Ending::TooMany(n_max) => {
            let reason =
                format!("there are more than {n_max} bytes, which is all that was announced or is allowed");
            let response = ended(app, session, grant, TransferOutcome::Failed { reason }).await;
            with_status(response, StatusCode::PAYLOAD_TOO_LARGE)
        }
        Ending::Wrong(reason) => ended(app, session, grant, TransferOutcome::Failed { reason }).await,
        Ending::Disk => {
            let error = std::io::Error::other("the writer ended early");
            ended(app, session, grant, interrupted()).await;
            unwritable(&error)
        }
        Ending::Stopped => refused(Refusal::transfer_is_void().into()),
        Ending::Void(error) => refused(error),
        Ending::Gone(why) => {
            tracing::info!(file = grant.name, "the sender of an upload went away: {why}");
            ended(app, session, grant, interrupted()).await
        }
        Ending::Idle => {
            ended(app, session, grant, interrupted()).await;
            let text = "Nothing came for too long. What came is kept; ask with HEAD where to go on.";
            with_offset(wrong(StatusCode::REQUEST_TIMEOUT, "idle", text), durable)
        }
    }
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}

fn unwritable(error: &std::io::Error) -> Response {
    if error.kind() == std::io::ErrorKind::StorageFull {
        let text =
            "The server has no room left. Have room made, ask with HEAD where to go on, and send the rest.";
        return wrong(StatusCode::INSUFFICIENT_STORAGE, "no_room", text);
    }
    let text = "The server cannot write the file. Ask with HEAD where to go on, and send the rest.";
    wrong(StatusCode::SERVICE_UNAVAILABLE, "unwritable", text)
}

/// Tells the domain, and the sender what came of it.
async fn ended(app: &App, session: &UpdateSessionId, grant: &Grant, outcome: TransferOutcome) -> Response {
    let end = EndTransfer { session: session.clone(), attempt: grant.attempt, outcome };
    match app.ledger.run(Caller::Server, app.now(), end).await {
        Err(error) => refused(error),
        Ok(None) => json_answer(StatusCode::OK, &json!({"name": grant.name, "status": "READY"})),
        Ok(Some(file)) => told(&file),
    }
}

fn told(file: &SessionFile) -> Response {
    let status = match &file.status {
        Status::Error(words) => {
            let message = said(&words.id, &words.text, &words.args);
            let body = json!({"error_type": "INVALID_ARGUMENT", "messages": [message], "name": file.name});
            return json_answer(StatusCode::BAD_REQUEST, &body);
        }
        Status::Waiting => "WAITING_FOR_TRANSFER",
        Status::Transferring => "TRANSFERRING",
        Status::Validating => "VALIDATING",
        Status::Ready => "READY",
    };
    let checksum = SeenFile::from(file).checksum;
    let checksum = checksum.map(|sum| json!({"algorithm": sum.algorithm.name(), "checksum": sum.hex}));
    let body = json!({"name": file.name, "size": file.received, "status": status, "checksum_info": checksum});
    json_answer(StatusCode::OK, &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_are_none_are_refused() {
        let part = |text: &'static str| {
            Part::of(&HeaderMap::from_iter([(CONTENT_RANGE, HeaderValue::from_static(text))]))
        };
        assert_eq!(part("bytes 5-9/10"), Ok(Part { first: 5, end: Some(10), total: Some(10) }));
        assert_eq!(part("bytes 0-4/*"), Ok(Part { first: 0, end: Some(5), total: None }));
        assert!(part("bytes 0-4/10").unwrap().is_partial());
        assert_eq!(part("bytes */10"), Ok(Part { first: 10, end: Some(10), total: Some(10) }));
        for text in [
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes */*",
            "5-9/10",
            "bytes -1-2/3",
            "bytes 0-18446744073709551615/*",
        ] {
            assert!(part(text).is_err_and(|words| words.contains(text)), "{text}");
        }
        assert_eq!(Part::of(&HeaderMap::new()), Ok(Part { first: 0, end: None, total: None }));
    }
}
