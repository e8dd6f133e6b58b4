//! What requests a server got, how many of them at once, and what a server of another kind would make of them.

use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Barrier;

/// The requests that a server got. Clones see the same ones.
#[derive(Clone, Default)]
pub(crate) struct Requests {
    seen: Arc<Mutex<Seen>>,
    /// Transfers wait here for others.
    meeting: Option<Arc<Barrier>>,
    meddler: Option<Arc<dyn Meddler>>,
}

/// Makes of a server one that behaves otherwise.
pub(crate) trait Meddler: Send + Sync {
    /// Changes a request, or answers it.
    fn request(&self, request: &mut Request) -> Option<Response>;

    /// Changes the reply to a request of this method.
    fn reply(&self, method: &Method, reply: Response) -> Response;
}

#[derive(Default)]
struct Seen {
    lines: Vec<String>,
    n_transfers: usize,
    n_transfers_max: usize,
}

impl Requests {
    /// Of transfers, so many have to be there at the same time before any of them goes on.
    pub(crate) fn that_meet(n_at_once: usize) -> Requests {
        Requests { meeting: Some(Arc::new(Barrier::new(n_at_once))), ..Requests::default() }
    }

    pub(crate) fn meddled_with(meddler: impl Meddler + 'static) -> Requests {
        Requests { meddler: Some(Arc::new(meddler)), ..Requests::default() }
    }

    pub(crate) async fn seen(self, mut request: Request, next: Next) -> Response {
        let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let is_transfer = path.starts_with("/transfer/");
        {
            let mut seen = self.seen.lock().unwrap();
            seen.lines.push(format!("{} {path}", request.method()));
            seen.n_transfers += usize::from(is_transfer);
            seen.n_transfers_max = seen.n_transfers_max.max(seen.n_transfers);
        }
        if is_transfer && let Some(meeting) = &self.meeting {
            meeting.wait().await;
        }
        let method = request.method().clone();
        let response = match self.meddler.as_ref().and_then(|meddler| meddler.request(&mut request)) {
            Some(response) => response,
            None => next.run(request).await,
        };
        self.seen.lock().unwrap().n_transfers -= usize::from(is_transfer);
        match &self.meddler {
            Some(meddler) => meddler.reply(&method, response),
            None => response,
        }
    }

    /// How many requests there were whose line has this in it.
    pub(crate) fn n_with(&self, part: &str) -> usize {
        self.seen.lock().unwrap().lines.iter().filter(|line| line.contains(part)).count()
    }

    /// How many transfers there were at once at most.
    pub(crate) fn n_transfers_max(&self) -> usize {
        self.seen.lock().unwrap().n_transfers_max
    }

    /// Method and the path's end of each request whose line has this in it.
    pub(crate) fn with(&self, part: &str) -> Vec<String> {
        let short = |line: &String| {
            let (method, path) = line.split_once(' ').unwrap();
            format!("{method} {}", path.rsplit('/').next().unwrap())
        };
        let seen = self.seen.lock().unwrap();
        seen.lines.iter().filter(|line| line.contains(part)).map(short).collect()
    }
}
