//! What all parts of the running server share: what is kept, the clock, who is logged in, and the settings.
//!
//! Not here: how it is read from a configuration, and how it is served.

use std::sync::Arc;

use vapi::runtime::DateTime;
use vapi::runtime::server::{Caller as Login, Sessions};

use crate::domain::Caller;
use crate::domain::configuration::{Configuration, GetConfiguration};
use crate::domain::ids::{Secret, Time, UserName};
use crate::hashing::hex;
use crate::ledger::{Error, Ledger};
use crate::metrics::Metrics;
use crate::outbound::Outbound;
use crate::settings::Settings;
use crate::store::blobs::Blobs;
use crate::transfers::pull::Pulls;
use crate::transfers::running::{Running, Senders};
use crate::trust::TrustStore;
use crate::vcsp::places::Places;

/// The running server.
pub struct App {
    /// Decides, and answers questions.
    pub ledger: Ledger,
    /// The bytes of files.
    pub blobs: Arc<dyn Blobs>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Who is logged in, on whatever surface.
    pub logins: Sessions,
    /// What users may do.
    pub directory: Arc<dyn Directory>,
    /// What the server was told.
    pub settings: Settings,
    /// Fetches from other hosts.
    pub outbound: Outbound,
    /// Certificates that it was told to trust.
    pub trust: TrustStore,
    /// Who may fetch from a publisher at the moment.
    pub places: Places,
    /// Files that the server fetches itself.
    pub pulls: Pulls,
    /// Transfers under way.
    pub running: Running,
    /// Whose login is to live on while bytes come.
    pub senders: Senders,
    /// What is counted.
    pub metrics: Metrics,
}

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Time;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time(DateTime::now().unix_ms())
    }
}

/// Knows what users may do.
pub trait Directory: Send + Sync + 'static {
    /// What this user may do, beyond calling operations.
    fn rights(&self, user: &str) -> Rights;
}

/// What a user may do, beyond calling operations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Whether other users' sessions are its business too.
    pub is_administrator: bool,
    /// Whether it may read the server's storage by address.
    pub reads_storage: bool,
}

impl App {
    /// The instant that decisions are made at.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// The settings that are changed by calls.
    pub fn rules(&self) -> Result<Configuration, Error> {
        self.ledger.ask(Caller::Server, self.now(), &GetConfiguration)
    }

    /// A logged in user, as the domain knows it.
    pub fn user(&self, login: &Login) -> Caller {
        let rights = self.directory.rights(login.user());
        Caller::User {
            name: UserName::from(login.user()),
            is_administrator: rights.is_administrator,
            reads_storage: rights.reads_storage,
        }
    }
}

/// An identifier that nothing else has.
pub fn fresh_id<I: From<String>>() -> I {
    uuid::Uuid::new_v4().to_string().into()
}

/// 128 bits that nobody guesses, as hexadecimal digits.
///
/// # Panics
/// When the operating system has no random numbers; nothing secret could be made then.
pub fn fresh_secret() -> Secret {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    Secret::from(hex(&bytes))
}
