//! Whether the server can do its work: `/healthz` for whoever watches over it, and `/metrics`.
//!
//! Health is looked at for every question, but not by several at once: a file is written and synced in the data directory,
//! records are read, and the room on the disk is asked for. What is wrong is said in words without paths, since nobody has to
//! log in to ask.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use serde_json::json;
use tokio::sync::Mutex;

use crate::app::App;
use crate::config::{MetricsSettings, VisibleTo};
use crate::listen::Peer;
use crate::metrics::{self, Levels};

/// What is looked at.
#[derive(Clone)]
struct Watch {
    app: Arc<App>,
    settings: MetricsSettings,
    directory: Arc<PathBuf>,
    turn: Arc<Mutex<()>>,
}

/// Both routes, about this data directory.
pub fn routes(app: &Arc<App>, settings: &MetricsSettings, directory: &Path) -> Router {
    let watch = Watch {
        app: Arc::clone(app),
        settings: settings.clone(),
        directory: Arc::new(directory.to_owned()),
        turn: Arc::default(),
    };
    Router::new().route("/healthz", get(health)).route("/metrics", get(figures)).with_state(watch)
}

async fn health(State(watch): State<Watch>) -> Response {
    let _turn = watch.turn.lock().await;
    let looked_at = watch.clone();
    let problems = tokio::task::spawn_blocking(move || looked_at.problems()).await;
    let problems = problems.unwrap_or_else(|_| vec!["the server cannot look after itself".to_owned()]);
    let (status, word) = match problems.is_empty() {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "unwell"),
    };
    let body = json!({ "status": word, "problems": problems });
    (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}

async fn figures(State(watch): State<Watch>, peer: Option<Extension<Peer>>) -> Response {
    let is_near = peer.is_some_and(|Extension(Peer(address))| is_loopback(address.ip()));
    let may_see = match watch.settings.visible_to {
        VisibleTo::Nobody => false,
        VisibleTo::Loopback => is_near,
        VisibleTo::Everyone => true,
    };
    if !may_see {
        return StatusCode::NOT_FOUND.into_response();
    }
    let looked_at = watch.clone();
    // Counting sessions reads them.
    let levels = tokio::task::spawn_blocking(move || looked_at.levels()).await.unwrap_or_default();
    watch.app.metrics.look(&levels);
    match watch.app.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// An address of IPv4 may come as one of IPv6.
fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

impl Watch {
    /// How things stand; what cannot be told is left out, and the log says why.
    fn levels(&self) -> Levels {
        let app = &self.app;
        let untold = |what: &str, why: &dyn std::fmt::Debug| tracing::warn!("{what} cannot be told: {why:?}");
        let sessions = app.ledger.snapshot().and_then(|mut snapshot| snapshot.n_sessions());
        Levels {
            disk_free_bytes: free_bytes(&self.directory)
                .inspect_err(|error| untold("room on the disk", error))
                .ok(),
            n_logins: app.logins.sweep(),
            n_waiting: app.ledger.n_waiting(),
            sessions: sessions
                .inspect_err(|fault| untold("how many sessions there are", fault))
                .unwrap_or_default(),
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(error) = probe(&self.directory) {
            tracing::error!("the data directory cannot be written: {error}");
            problems.push("files cannot be written".to_owned());
        }
        if let Err(fault) = self.app.ledger.snapshot() {
            tracing::error!("the records cannot be read: {fault:?}");
            problems.push("records cannot be read".to_owned());
        }
        match free_bytes(&self.directory) {
            Ok(n_bytes) if n_bytes >= self.settings.disk_free_bytes_min => {}
            Ok(n_bytes) => problems.push(format!("there are only {} MiB left on the disk", n_bytes >> 20)),
            Err(error) => {
                tracing::error!("the room on the disk cannot be told: {error}");
                problems.push("the room on the disk cannot be told".to_owned());
            }
        }
        problems
    }
}

/// Writes a file, for good, and takes it away again.
fn probe(directory: &Path) -> io::Result<()> {
    let path = directory.join("health");
    let mut file = File::create(&path)?;
    file.write_all(b"ok")?;
    file.sync_data()?;
    fs::remove_file(&path)
}

/// Room that is left for this process.
fn free_bytes(directory: &Path) -> io::Result<u64> {
    let status = rustix::fs::statvfs(directory)?;
    Ok(status.f_bavail.saturating_mul(status.f_frsize))
}
