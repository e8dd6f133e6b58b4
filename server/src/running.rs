//! Starting the server, and stopping it: what is opened in which order, and which signal does what.
//!
//! In: a configuration. Out: when it has stopped, whether everything that was under way came to its end.
//! What can be in the way of a start is told with what to do about it.

mod descriptors;
mod notify;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use vapi::runtime::server::{SessionLimits, Sessions};

use crate::app::{Directory, Rights, SystemClock};
use crate::config::{Config, LoginSettings};
use crate::life::{Opened, StartError};
use crate::settings::Settings;
use crate::tls::self_signed::{self, Files};
use crate::tls::{Certificate, TlsError};
use crate::users::Users;
use crate::users::authenticator::UsersFile;
use crate::users::file::UsersError;
use crate::users::role::{ByRole, Role};
use crate::{front, health, listen, logs};

/// What a process ends with when it is told to stop twice.
pub const STOPPED_AT_ONCE: i32 = 5;

/// Why the server did not start, or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Something that was given is wrong.
    #[error("{0}")]
    Wrong(String),
    /// Something is in the way here.
    #[error("{0}")]
    InTheWay(String),
}

impl From<TlsError> for RunError {
    fn from(error: TlsError) -> RunError {
        RunError::Wrong(error.to_string())
    }
}

impl From<UsersError> for RunError {
    fn from(error: UsersError) -> RunError {
        RunError::Wrong(error.to_string())
    }
}

impl From<StartError> for RunError {
    fn from(error: StartError) -> RunError {
        RunError::InTheWay(error.to_string())
    }
}

/// A server that is ready to serve: it has its directory and its address.
pub struct Ready {
    config: Config,
    opened: Opened,
    users: Users,
    listener: TcpListener,
    certificate: Option<Certificate>,
    stop: Stop,
    hangup: Signal,
    /// Where it listens; the port is a real one.
    pub address: SocketAddr,
    /// What clients call it.
    pub url: String,
}

/// Opens everything.
pub async fn ready(config: Config) -> Result<Ready, RunError> {
    let signals = |error: io::Error| RunError::InTheWay(format!("signals cannot be received: {error}"));
    // Before anybody is told that the server is there.
    let (stop, hangup) = (Stop::new().map_err(signals)?, signal(SignalKind::hangup()).map_err(signals)?);
    let users = Users::open(&config.users_file())?;
    let has_users = !users.current().users().is_empty();
    listen::check_exposure(&config, has_users).map_err(RunError::Wrong)?;
    if let Some(warning) = descriptors::raise(config.listen.connections_max) {
        tracing::warn!("{warning}");
    }
    if !has_users {
        tracing::warn!("there are no users yet; add one with `contentlibd user add`");
    }
    let listener = TcpListener::bind(config.listen.address).await.map_err(|error| in_use(&config, &error))?;
    let address = listener.local_addr().map_err(|error| RunError::InTheWay(error.to_string()))?;
    let url = config.public_url.clone().unwrap_or_else(|| url_of(address, config.has_tls()));
    let settings = Settings {
        limits: config.limits.clone(),
        transfers: config.transfers.clone(),
        outbound: config.outbound.clone(),
        pull: config.pull.clone(),
        commands_per_commit_max: config.store.commands_per_commit_max,
        ..Settings::new(url.clone())
    };
    let (logins, directory) = (Sessions::new(login_limits(&config.logins)), Arc::new(users.clone()));
    let opened = Opened::new(&config.data_directory, settings, Arc::new(SystemClock), logins, directory)?;
    let certificate = certificate(&config)?;
    Ok(Ready { config, opened, users, listener, certificate, stop, hangup, address, url })
}

impl Ready {
    /// Serves until a signal; how many connections were cut off at the end.
    pub async fn serve(self) -> Result<usize, RunError> {
        let logins = UsersFile::new(self.users.clone())
            .map_err(|error| RunError::InTheWay(format!("passwords cannot be checked: {error}")))?;
        let app = Arc::clone(&self.opened.app);
        let logins = Arc::new(logins);
        let api = front::api(&app, Arc::clone(&logins)).authorizer(ByRole(self.users));
        let router = front::routes(&app, api, &logins)
            .merge(health::routes(&app, &self.config.metrics, &self.config.data_directory))
            .layer(axum::middleware::from_fn_with_state(app.metrics.clone(), logs::observe));
        let tls = self.certificate.as_ref().map(Certificate::acceptor).transpose()?;
        reload_on_hangup(self.certificate, self.hangup);
        let working = self.opened.work().await?;
        tracing::info!(address = %self.address, url = self.url, "contentlibd listens");
        notify::tell("READY=1");
        let stop = self.stop.asked();
        let n_cut_off = listen::serve(self.listener, tls, router, &self.config.listen, stop).await;
        working.end().await;
        Ok(n_cut_off)
    }

    /// What to pin, if there is a certificate.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

impl Directory for Users {
    fn rights(&self, user: &str) -> Rights {
        let is_administrator = self.role_of(user) == Some(Role::Administrator);
        Rights { is_administrator, reads_storage: is_administrator }
    }
}

fn login_limits(settings: &LoginSettings) -> SessionLimits {
    let limits = SessionLimits::new()
        .idle_timeout(Duration::from_millis(settings.idle_ms))
        .n_sessions_max(settings.sessions_max)
        .n_sessions_per_user_max(settings.sessions_per_user_max);
    match settings.lifetime_max_ms {
        Some(ms) => limits.lifetime_max(Duration::from_millis(ms)),
        None => limits,
    }
}

fn certificate(config: &Config) -> Result<Option<Certificate>, RunError> {
    let tls = &config.tls;
    if let (Some(certificate), Some(key)) = (&tls.certificate_file, &tls.key_file) {
        return Ok(Some(Certificate::read(certificate, key)?));
    }
    if !tls.self_signed {
        return Ok(None);
    }
    let folder: &Path = &config.data_directory;
    self_signed::make(folder, &tls.self_signed_names).map_err(|error| {
        RunError::Wrong(format!("no certificate can be made in {}: {error}", folder.display()))
    })?;
    let files = Files::in_directory(folder);
    Ok(Some(Certificate::read(&files.certificate, &files.key)?))
}

fn in_use(config: &Config, error: &io::Error) -> RunError {
    let address = config.listen.address;
    RunError::InTheWay(match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!("{address} is in use by another program; stop that one, or give another --listen")
        }
        io::ErrorKind::PermissionDenied => {
            format!(
                "{address} is not for this user; ports below 1024 need CAP_NET_BIND_SERVICE, others do not"
            )
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{address} is no address of this machine; give another --listen")
        }
        _ => format!("{address} cannot be listened on: {error}"),
    })
}

/// What clients call a server at this address, if nobody says otherwise.
fn url_of(address: SocketAddr, has_tls: bool) -> String {
    let scheme = if has_tls { "https" } else { "http" };
    if address.ip().is_unspecified() {
        let host = self_signed::host_name().unwrap_or_else(|| "localhost".to_owned());
        return format!("{scheme}://{host}:{}", address.port());
    }
    format!("{scheme}://{address}")
}

/// Without a certificate a hangup does nothing; it would end the process if nobody listened for it.
fn reload_on_hangup(certificate: Option<Certificate>, mut hangup: Signal) {
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            let Some(certificate) = &certificate else { continue };
            match certificate.reload() {
                Ok(()) => tracing::info!(sha256 = certificate.thumbprints().sha256, "certificate read again"),
                Err(error) => tracing::error!("the certificate stays as it was: {error}"),
            }
        }
    });
}

/// The signals that stop the server.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn new() -> io::Result<Stop> {
        let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(Stop { terminate, interrupt })
    }

    async fn one(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.interrupt.recv() => {} }
    }

    /// Ends with the first; the second ends the process.
    async fn asked(mut self) {
        self.one().await;
        tracing::info!("stopping; what is under way may finish, and a second signal ends it");
        notify::tell("STOPPING=1");
        tokio::spawn(async move {
            self.one().await;
            tracing::warn!("stopped at once");
            process::exit(STOPPED_AT_ONCE);
        });
    }
}
