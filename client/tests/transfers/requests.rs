//! What requests a server got, and how many of them at once.

use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Barrier;

/// The requests that a server got. Clones see the same ones.
#[derive(Clone, Default)]
pub(crate) struct Requests {
    seen: Arc<Mutex<Seen>>,
    /// Transfers wait here for others.
    meeting: Option<Arc<Barrier>>,
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

    pub(crate) async fn seen(self, request: Request, next: Next) -> Response {
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
        let response = next.run(request).await;
        self.seen.lock().unwrap().n_transfers -= usize::from(is_transfer);
        response
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
