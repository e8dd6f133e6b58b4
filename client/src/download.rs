//! Files out of an item: each under a temporary name until it is whole and what it should be.
//!
//! In: an item, a folder. Out: files in it. A connection that breaks goes on where it broke.

mod part;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use http::header::{CONTENT_RANGE, RANGE};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout};
use vapi::content::library::ItemId;
use vapi::content::library::item::downloadsession::file::{Info, PrepareStatus};
use vapi::content::library::item::{DownloadSessionId, DownloadSessionModel};

use self::part::Part;
use crate::error::{Cause, TransferError};
use crate::progress::{Event, Progress};
use crate::reply::{may_pass, text_of};
use crate::{ASK_EVERY, Patience, Transfers};

/// How a download goes.
#[derive(Clone, Debug, Default)]
pub struct DownloadOptions {
    /// Whoever is told.
    pub progress: Progress,
    /// When it gives up.
    pub patience: Patience,
    /// Names of the files that are fetched; all of the item's unless set.
    pub only: Option<BTreeSet<String>>,
}

/// A file that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downloaded {
    /// Its name in the item.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// How many bytes it has.
    pub n_bytes: u64,
    /// Whether the server had a checksum to compare with.
    pub is_checked: bool,
}

impl Transfers {
    /// Fetches the files of an item into a folder; files of the same names there are replaced.
    ///
    /// # Errors
    /// When a file cannot be written, the server refuses, or what came is not what the server says; files that were whole
    /// before stay.
    pub async fn download(
        &self,
        item: impl Into<ItemId>,
        directory: &Path,
        options: &DownloadOptions,
    ) -> Result<Vec<Downloaded>, TransferError> {
        let sessions = self.client.download_session();
        let session = sessions.create(DownloadSessionModel::for_create(item)).await?;
        options.progress.tell(|| Event::Session { id: session.to_string() });
        let fetched = self.fetch_all(&session, directory, options).await;
        match fetched {
            Ok(fetched) => {
                // It is fetched whether the session is removed or expires.
                let _removed_or_not = sessions.delete(session).await;
                Ok(fetched)
            }
            Err(mut error) => {
                let _heard_or_not = sessions.fail(session.clone(), error.to_string()).await;
                error.session = Some(session.to_string());
                Err(error)
            }
        }
    }

    async fn fetch_all(
        &self,
        session: &DownloadSessionId,
        directory: &Path,
        options: &DownloadOptions,
    ) -> Result<Vec<Downloaded>, TransferError> {
        let files = self.client.download_session_file().list(session.clone()).await?;
        let is_wanted = |name: &String| options.only.as_ref().is_none_or(|only| only.contains(name));
        let names: Vec<String> = files.into_iter().map(|file| file.name).filter(is_wanted).collect();
        if let Some(absent) = options.only.iter().flatten().find(|name| !names.contains(name)) {
            return Err(Cause::Wrong("the item has no such file".to_owned()).with(absent));
        }
        let mut fetched = Vec::with_capacity(names.len());
        for name in names {
            let file = self.fetch(session, &name, directory, options).await;
            fetched.push(file.map_err(|cause| cause.with(&name))?);
            options.progress.tell(|| Event::Ended { file: name });
        }
        Ok(fetched)
    }

    async fn fetch(
        &self,
        session: &DownloadSessionId,
        name: &str,
        directory: &Path,
        options: &DownloadOptions,
    ) -> Result<Downloaded, Cause> {
        if Path::new(name).file_name().is_none_or(|own| own != name) || name.contains('\\') {
            return Err(Cause::Wrong("a file here cannot be called that".to_owned()));
        }
        let info = self.prepare(session, name, &options.patience).await?;
        let Some(endpoint) = &info.download_endpoint else {
            return Err(Cause::Wrong("the server says no address to fetch it from".to_owned()));
        };
        let uri = endpoint.uri.to_string();
        let target = directory.join(name);
        let mut part = Part::create(directory).await.map_err(Cause::Local)?;
        let n_bytes = info.size.and_then(|size| u64::try_from(size).ok());
        let mut n_tries = 0;
        loop {
            let offset = part.n_bytes();
            let begun = || Event::Begun { file: name.to_owned(), n_bytes: n_bytes.unwrap_or(0), offset };
            options.progress.tell(begun);
            let read = self.read_into(&mut part, &uri, session, name, options).await;
            let cause = match read? {
                None if n_bytes.is_none_or(|n_bytes| n_bytes == part.n_bytes()) => break,
                None => {
                    let text = format!("{} bytes came of {n_bytes:?}", part.n_bytes());
                    Cause::Wrong(text)
                }
                Some(cause) => cause,
            };
            n_tries = if part.n_bytes() > offset { 0 } else { n_tries + 1 };
            if n_tries >= options.patience.n_tries_max || n_bytes.is_some_and(|n| part.n_bytes() > n) {
                return Err(cause);
            }
            options.progress.tell(|| Event::Again { file: name.to_owned(), reason: cause.to_string() });
            sleep(options.patience.pause).await;
        }
        let is_checked = part.check(info.checksum_info.as_ref()).await?;
        let n_bytes = part.n_bytes();
        let path = target.clone();
        spawn_blocking(move || part.keep(&path))
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(Cause::Local)?;
        Ok(Downloaded { name: name.to_owned(), path: target, n_bytes, is_checked })
    }

    /// Has the server make a file ready.
    async fn prepare(
        &self,
        session: &DownloadSessionId,
        name: &str,
        patience: &Patience,
    ) -> Result<Info, Cause> {
        let files = self.client.download_session_file();
        let deadline = Instant::now() + patience.wait_max;
        let mut info = files.prepare(session.clone(), name).await?;
        loop {
            match info.status {
                PrepareStatus::Prepared if info.download_endpoint.is_some() => return Ok(info),
                PrepareStatus::Error => {
                    let words = info.error_message.map(|message| message.default_message);
                    return Err(Cause::Wrong(
                        words.unwrap_or_else(|| "the server gives no reason".to_owned()),
                    ));
                }
                _ if Instant::now() >= deadline => {
                    let what = "the server to prepare it".to_owned();
                    return Err(Cause::TookTooLong { what, limit: patience.wait_max });
                }
                _ => {}
            }
            info = files.get(session.clone(), name).await?;
            if info.status != PrepareStatus::Prepared {
                sleep(ASK_EVERY).await;
            }
        }
    }

    /// Reads on where the part ends; the cause of a break that may pass.
    async fn read_into(
        &self,
        part: &mut Part,
        uri: &str,
        session: &DownloadSessionId,
        name: &str,
        options: &DownloadOptions,
    ) -> Result<Option<Cause>, Cause> {
        let idle_max = options.patience.idle_max;
        let stalled = || Cause::TookTooLong { what: "bytes of it".to_owned(), limit: idle_max };
        let mut request = Request::get(uri);
        if part.n_bytes() > 0 {
            request = request.header(RANGE, format!("bytes={}-", part.n_bytes()));
        }
        let request = request.body(Empty::new());
        let request = request.map_err(|_| Cause::Wrong(format!("the server's address is none: {uri:?}")))?;
        let response = match timeout(idle_max, self.streams.send(request)).await {
            Err(_) => return Ok(Some(stalled())),
            Ok(Err(error)) => return Ok(Some(Cause::Transport(error))),
            Ok(Ok(response)) => response,
        };
        match response.status() {
            StatusCode::PARTIAL_CONTENT if begins_at(&response, part.n_bytes()) => {}
            // All of it, so from its beginning.
            StatusCode::OK => part.restart().await.map_err(Cause::Local)?,
            status => {
                let cause = Cause::Refused { status, text: text_of(response.into_body()).await };
                return if may_pass(status) { Ok(Some(cause)) } else { Err(cause) };
            }
        }
        let mut body = response.into_body();
        let mut kept = Instant::now();
        loop {
            let frame = match timeout(idle_max, body.frame()).await {
                Err(_) => return Ok(Some(stalled())),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => {
                    return Ok(Some(Cause::Wrong(format!("the reply broke off: {error}"))));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(chunk) = frame.into_data() else { continue };
            part.append(chunk).await.map_err(Cause::Local)?;
            options.progress.tell(|| Event::Moved { file: name.to_owned(), n_bytes: part.n_bytes() });
            if kept.elapsed() >= options.patience.keep_alive_every {
                kept = Instant::now();
                self.client.download_session().keep_alive(session.clone()).await?;
            }
        }
    }
}

fn begins_at<B>(response: &http::Response<B>, offset: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {offset}-")))
}
