//! One file on its way from the address that the server made ready: whole, then on from where it broke off.

use std::path::Path;

use http::header::{CONTENT_RANGE, RANGE};
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt as _, Empty};
use tokio::time::timeout;
use vapi::content::library::item::downloadsession::file::{Info, PrepareStatus};

use super::part::Part;
use super::{Download, Downloaded};
use crate::checksum::Checksum;
use crate::error::Cause;
use crate::patience::{Tries, Wait, insist};
use crate::progress::Mark;
use crate::reply::{may_pass, text_of};

impl Download {
    /// Fetches a file until it is here, whole and right, under its own name.
    pub(super) async fn fetch(&self, name: &str) -> Result<Downloaded, Cause> {
        if Path::new(name).file_name().is_none_or(|own| own != name) || name.contains('\\') {
            return Err(Cause::Wrong("a file here cannot be called that".to_owned()));
        }
        let info = self.prepare(name).await?;
        let Some(endpoint) = &info.download_endpoint else {
            return Err(Cause::Wrong("the server says no address to fetch it from".to_owned()));
        };
        let uri = endpoint.uri.to_string();
        let said = info.checksum_info.as_ref().map(Checksum::from);
        let mut part =
            Part::create(&self.directory, said, self.transfers.unsettled()).await.map_err(Cause::Local)?;
        let n_bytes = info.size.and_then(|size| u64::try_from(size).ok());
        let mark = Mark::new(name, &self.options.progress, &self.tally);
        let (mut furthest, mut tries) = (0, Tries::new(&self.options.patience));
        loop {
            let cause = match self.read_into(&mut part, &uri, n_bytes, &mark).await? {
                None if n_bytes.is_none_or(|n_bytes| n_bytes == part.n_bytes()) => break,
                None => Cause::Wrong(format!("{} bytes came of {}", part.n_bytes(), n_bytes.unwrap_or(0))),
                Some(cause) => cause,
            };
            if part.n_bytes() > furthest {
                furthest = part.n_bytes();
                tries.came_further();
            }
            mark.again(&cause);
            tries.pause().await;
            if !tries.may_go_on() || n_bytes.is_some_and(|n_bytes| part.n_bytes() > n_bytes) {
                return Err(cause);
            }
        }
        let (n_bytes, path) = (part.n_bytes(), self.directory.join(name));
        let is_checked = part.keep(&path).await?;
        mark.end();
        Ok(Downloaded { name: name.to_owned(), path, n_bytes, is_checked })
    }

    /// Has the server make a file ready.
    async fn prepare(&self, name: &str) -> Result<Info, Cause> {
        let (files, patience) = (self.transfers.client.download_session_file(), &self.options.patience);
        let mut wait = Wait::new("the server to prepare it", patience);
        let mut info = insist(patience, || files.prepare(self.session.clone(), name)).await?;
        loop {
            match info.status {
                PrepareStatus::Prepared if info.download_endpoint.is_some() => return Ok(info),
                PrepareStatus::Error => {
                    let words = info.error_message.map(|message| message.default_message);
                    let words = words.unwrap_or_else(|| "the server gives no reason".to_owned());
                    return Err(Cause::Wrong(words));
                }
                _ => {}
            }
            wait.pause().await?;
            info = insist(patience, || files.get(self.session.clone(), name)).await?;
        }
    }

    /// Reads on where the part ends; the cause of a break that may pass.
    async fn read_into(
        &self,
        part: &mut Part,
        uri: &str,
        n_bytes: Option<u64>,
        mark: &Mark,
    ) -> Result<Option<Cause>, Cause> {
        let idle_max = self.options.patience.idle_max;
        mark.begin(part.n_bytes(), n_bytes.unwrap_or(0));
        let mut request = Request::get(uri);
        if part.n_bytes() > 0 {
            request = request.header(RANGE, format!("bytes={}-", part.n_bytes()));
        }
        let request = request.body(Empty::new());
        let request = request.map_err(|_| Cause::Wrong(format!("the server's address is none: {uri:?}")))?;
        let response = match timeout(idle_max, self.transfers.streams.send(request)).await {
            Err(_) => return Ok(Some(self.stalled())),
            Ok(Err(error)) if error.is_retryable() => return Ok(Some(Cause::Transport(error))),
            Ok(Err(error)) => return Err(Cause::Transport(error)),
            Ok(Ok(response)) => response,
        };
        match response.status() {
            StatusCode::PARTIAL_CONTENT if begins_at(&response, part.n_bytes()) => {}
            StatusCode::OK if part.n_bytes() == 0 => {}
            // All of it, so from its beginning.
            StatusCode::OK => {
                part.restart().await?;
                mark.begin(0, n_bytes.unwrap_or(0));
            }
            status => {
                let cause = Cause::Refused { status, text: text_of(response.into_body()).await };
                return if may_pass(status) { Ok(Some(cause)) } else { Err(cause) };
            }
        }
        self.take(part, response.into_body(), mark).await
    }

    /// Takes what comes until no more does.
    async fn take<B>(&self, part: &mut Part, mut body: B, mark: &Mark) -> Result<Option<Cause>, Cause>
    where
        B: Body<Data = bytes::Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        loop {
            let frame = match timeout(self.options.patience.idle_max, body.frame()).await {
                Err(_) => return Ok(Some(self.stalled())),
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => {
                    return Ok(Some(Cause::Wrong(format!("the reply broke off: {error}"))));
                }
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(chunk) = frame.into_data() else { continue };
            let n_more = chunk.len();
            part.append(chunk).await?;
            mark.moved(n_more);
        }
    }

    fn stalled(&self) -> Cause {
        Cause::TookTooLong { what: "bytes of it".to_owned(), limit: self.options.patience.idle_max }
    }
}

fn begins_at<B>(response: &Response<B>, offset: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
    range.is_some_and(|range| range.starts_with(&format!("bytes {offset}-")))
}
