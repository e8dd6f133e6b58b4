//! Bytes that clients fetch: `GET` and `HEAD`, whole or one range, with the checksum as the `ETag`.
//!
//! A download keeps its session alive as long as bytes go out. The files of items can be fetched without a session, too, by
//! those who are logged in.

use std::io::{self, Read};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
    IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use vapi::runtime::server::Presented;

use super::{Incoming, refused, wrong, wrong_method};
use crate::addresses::{DOWNLOADS, ItemFilePlace, Transfer};
use crate::app::App;
use crate::domain::Caller;
use crate::domain::download::{KeepDownloadSession, LocateDownload};
use crate::domain::ids::{BlobId, DownloadSessionId};
use crate::domain::item::{GetItem, ItemFile};
use crate::metrics::{Direction, Metrics, UnderWay};

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 128 << 10;
/// How many chunks wait for the client.
const CHUNKS_MAX: usize = 4;
/// How often a download says that its session is used.
const KEEP_EVERY: Duration = Duration::from_secs(30);

/// Answers whatever is asked of a download address.
pub(super) async fn answer(app: Arc<App>, request: Incoming) -> Response {
    let (request, _no_body) = request.into_parts();
    let Some(transfer) = Transfer::from_path(DOWNLOADS, request.uri.path()) else {
        return nothing_here();
    };
    let session = DownloadSessionId::from(transfer.session);
    let question = LocateDownload { session: session.clone(), secret: transfer.secret };
    let file = match app.ledger.ask(Caller::Server, app.now(), &question) {
        Ok(file) => file,
        Err(error) => return refused(error),
    };
    if let Err(error) = keep(&app, &session).await {
        return refused(error);
    }
    let (Some(blob), Some(checksum)) = (file.blob, file.checksum) else { return nothing_here() };
    let offered = Offered { blob, size: file.size, tag: checksum.hex, session: Some(session) };
    offer(app, &request, offered).await
}

/// Answers whatever is asked of an item's file, by those who are logged in.
pub(super) async fn answer_static(app: Arc<App>, request: Incoming) -> Response {
    let (request, _no_body) = request.into_parts();
    let login = match app.logins.admit(Presented::from_headers(&request.headers)) {
        Ok(login) => login,
        Err(_fault) => {
            let text = "Log in first, and send the session's identifier as vmware-api-session-id.";
            return wrong(StatusCode::UNAUTHORIZED, "nobody", text);
        }
    };
    let Some(place) = ItemFilePlace::from_uri(request.uri.path(), request.uri.query()) else {
        return nothing_here();
    };
    let item = match app.ledger.ask(app.user(&login), app.now(), &GetItem { id: place.item }) {
        Ok(item) => item,
        Err(error) => return refused(error),
    };
    let is_meant = |file: &&ItemFile| place.version.as_ref().is_none_or(|v| *v == file.version.to_string());
    let Some(file) = item.file(&place.name).filter(is_meant).filter(|_| item.library == place.library) else {
        return nothing_here();
    };
    let (Some(blob), Some(checksum)) = (file.blob.clone(), &file.checksum) else {
        let text = "The bytes are still at the publisher. Prepare the file in a download session.";
        return wrong(StatusCode::CONFLICT, "file_not_cached", text);
    };
    offer(app, &request, Offered { blob, size: file.size, tag: checksum.hex.clone(), session: None }).await
}

pub(crate) fn nothing_here() -> Response {
    let text = "This is no address that the server gave out, or what was here has been replaced.";
    wrong(StatusCode::NOT_FOUND, "no_download", text)
}

/// What can be fetched.
pub(crate) struct Offered {
    pub(crate) blob: BlobId,
    pub(crate) size: u64,
    /// What is another text whenever the bytes at the address are others.
    pub(crate) tag: String,
    /// The session that is used with it.
    pub(crate) session: Option<DownloadSessionId>,
}

/// The bytes, or those of them that are wanted.
pub(crate) async fn offer(app: Arc<App>, request: &Parts, offered: Offered) -> Response {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return wrong_method(&request.method, "GET, HEAD");
    }
    let etag = format!("\"{}\"", offered.tag);
    if request.headers.get(IF_NONE_MATCH).is_some_and(|wanted| wanted == etag.as_str()) {
        return described(StatusCode::NOT_MODIFIED, Body::empty(), &etag);
    }
    let size = offered.size;
    let Ok(slice) = Slice::of(&request.headers, &etag, size) else {
        let text = format!("The file has {size} bytes, and none where Range says.");
        let mut response = wrong(StatusCode::RANGE_NOT_SATISFIABLE, "range", &text);
        set(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{size}"));
        return response;
    };
    let body = if request.method == Method::HEAD {
        Body::empty()
    } else {
        match open(app, offered, slice).await {
            Ok(body) => Body::new(body),
            Err(error) => {
                tracing::error!("a file cannot be read: {error}");
                let text = "The server cannot read the file. Try again later.";
                return wrong(StatusCode::SERVICE_UNAVAILABLE, "unreadable", text);
            }
        }
    };
    let status = if slice.is_whole { StatusCode::OK } else { StatusCode::PARTIAL_CONTENT };
    let mut response = described(status, body, &etag);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(slice.n_bytes));
    if !slice.is_whole {
        let last = slice.first + slice.n_bytes - 1;
        set(headers, CONTENT_RANGE, &format!("bytes {}-{last}/{size}", slice.first));
    }
    response
}

async fn keep(app: &App, session: &DownloadSessionId) -> Result<(), crate::ledger::Error> {
    let command = KeepDownloadSession { id: session.clone(), progress: None };
    app.ledger.run(Caller::Server, app.now(), command).await
}

fn described(status: StatusCode, body: Body, etag: &str) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    set(headers, ETAG, etag);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // Whatever is in the file, no browser is to show it as a page of this server's.
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn set(headers: &mut HeaderMap, name: http::HeaderName, text: &str) {
    // Digits and the names of units; there is nothing in them that a header cannot hold.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// Which bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    first: u64,
    n_bytes: u64,
    is_whole: bool,
}

impl Slice {
    /// One range, if it is asked for in a way that is understood; of anything else the whole file, as HTTP has it. An error
    /// where the file has no bytes.
    fn of(headers: &HeaderMap, etag: &str, size: u64) -> Result<Slice, ()> {
        let whole = Slice { first: 0, n_bytes: size, is_whole: true };
        let is_another = headers.get(IF_RANGE).is_some_and(|wanted| wanted != etag);
        let range = headers.get(RANGE).and_then(|range| range.to_str().ok()?.strip_prefix("bytes="));
        let Some((first, last)) = range.filter(|_| !is_another).and_then(|range| range.split_once('-'))
        else {
            return Ok(whole);
        };
        let (first, end) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(first), Ok(last)) if last < first => return Ok(whole),
            (Ok(first), Ok(last)) => (first, last.saturating_add(1).min(size)),
            (Ok(first), Err(_)) if last.trim().is_empty() => (first, size),
            (Err(_), Ok(n_last)) if first.trim().is_empty() => (size.saturating_sub(n_last), size),
            _ => return Ok(whole),
        };
        if first >= end { Err(()) } else { Ok(Slice { first, n_bytes: end - first, is_whole: false }) }
    }
}

/// Bytes of a file as they are read.
struct Outgoing {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    n_left: u64,
    metrics: Metrics,
    _under_way: UnderWay,
}

async fn open(app: Arc<App>, offered: Offered, slice: Slice) -> io::Result<Outgoing> {
    let Offered { blob, session, .. } = offered;
    let (blobs, metrics) = (Arc::clone(&app.blobs), app.metrics.clone());
    let reader = spawn_blocking(move || blobs.read(&blob, slice.first)).await.map_err(io::Error::other)??;
    let (sender, chunks) = mpsc::channel(CHUNKS_MAX);
    tokio::spawn(read_ahead(app, reader.bytes.take(slice.n_bytes), session, sender));
    let _under_way = metrics.transfer(Direction::Out);
    Ok(Outgoing { chunks, n_left: slice.n_bytes, metrics, _under_way })
}

type Bytewise = io::Take<Box<dyn Read + Send>>;

/// Reads as far ahead as there is room; no thread waits for a client that is slow.
async fn read_ahead(
    app: Arc<App>,
    mut bytes: Bytewise,
    session: Option<DownloadSessionId>,
    to: mpsc::Sender<io::Result<Bytes>>,
) {
    let mut kept = Instant::now();
    // Until the client goes away.
    while to.reserve().await.is_ok() {
        let n_chunks = to.capacity();
        let read = spawn_blocking(move || {
            let chunks = read_chunks(&mut bytes, n_chunks);
            (bytes, chunks)
        });
        // What panicked is cut short, and so is the reply.
        let Ok((rest, chunks)) = read.await else { return };
        bytes = rest;
        let is_over = chunks.len() < n_chunks || matches!(chunks.last(), Some(Err(_)));
        for chunk in chunks {
            if to.send(chunk).await.is_err() {
                return;
            }
        }
        if is_over {
            return;
        }
        if let Some(id) = session.clone()
            && kept.elapsed() >= KEEP_EVERY
        {
            kept = Instant::now();
            let command = KeepDownloadSession { id, progress: None };
            // A session that was cancelled lets no more bytes out.
            if app.ledger.run(Caller::Server, app.now(), command).await.is_err() {
                return;
            }
        }
    }
}

/// So many chunks, or fewer at the end; nothing comes after an error.
fn read_chunks(bytes: &mut Bytewise, n_chunks: usize) -> Vec<io::Result<Bytes>> {
    let mut chunks = Vec::with_capacity(n_chunks);
    while chunks.len() < n_chunks {
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        match bytes.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut chunk) {
            Ok(0) => break,
            Ok(_) => chunks.push(Ok(chunk.into())),
            Err(error) => {
                chunks.push(Err(error));
                break;
            }
        }
    }
    chunks
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.chunks.poll_recv(cx).map(|chunk| match chunk {
            Some(Ok(chunk)) => {
                self.n_left = self.n_left.saturating_sub(chunk.len() as u64);
                self.metrics.bytes(Direction::Out, chunk.len() as u64);
                Some(Ok(Frame::data(chunk)))
            }
            Some(Err(error)) => Some(Err(error)),
            // The connection has to break where the file does; what is cut short must not look whole.
            None if self.n_left > 0 => Some(Err(io::ErrorKind::UnexpectedEof.into())),
            None => None,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.n_left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.n_left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood() {
        let slice = |range: &'static str| {
            let headers = HeaderMap::from_iter([(RANGE, HeaderValue::from_static(range))]);
            Slice::of(&headers, "\"x\"", 10).map(|slice| (slice.first, slice.n_bytes, slice.is_whole))
        };
        assert_eq!(slice("bytes=2-4"), Ok((2, 3, false)));
        assert_eq!(slice("bytes=7-"), Ok((7, 3, false)));
        assert_eq!(slice("bytes=-3"), Ok((7, 3, false)));
        assert_eq!(slice("bytes=-30"), Ok((0, 10, false)));
        assert_eq!(slice("bytes=2-99"), Ok((2, 8, false)));
        for beyond in ["bytes=10-", "bytes=10-20", "bytes=-0"] {
            assert_eq!(slice(beyond), Err(()), "{beyond}");
        }
        for whole in ["bytes=4-2", "bytes=1-2,4-5", "lines=1-2", "bytes=x-y", "bytes=-"] {
            assert_eq!(slice(whole), Ok((0, 10, true)), "{whole}");
        }
        let stale = HeaderMap::from_iter([
            (RANGE, HeaderValue::from_static("bytes=2-4")),
            (IF_RANGE, HeaderValue::from_static("\"y\"")),
        ]);
        assert!(Slice::of(&stale, "\"x\"", 10).unwrap().is_whole);
    }
}
