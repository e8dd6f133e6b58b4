//! What the server was told: settings from the command line, the environment and a file, over defaults.
//!
//! A struct a section; [`shape`] asks them which settings there are, [`layers`] puts the places together.
//! What a setting means stands once, in `packaging/contentlibd.example.toml`, which is the documentation, what
//! `contentlibd config default` prints, and held against these structs by a test.

pub mod layers;
pub mod shape;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::Limits;
use crate::ledger::COMMANDS_PER_COMMIT_MAX;
use crate::outbound::OutboundSettings;
use crate::transfers::TransferSettings;
use crate::transfers::pull::PullSettings;
use layers::{Layers, Values, Wrong};

/// Every setting with its default and what it means.
pub const EXAMPLE: &str = include_str!("../packaging/contentlibd.example.toml");

macro_rules! sections {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty = $default:expr;)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $ty,)*
        }

        impl Default for $name {
            fn default() -> $name {
                $name { $($field: $default,)* }
            }
        }
    )*};
}

sections! {
    /// All of it.
    Config {
        /// Where records and bytes are.
        data_directory: PathBuf = PathBuf::from("contentlibd-data");
        /// What clients call the server, if not by the address it listens on.
        public_url: Option<String> = None;
        /// Connections.
        listen: Listen = Listen::default();
        /// Certificates.
        tls: Tls = Tls::default();
        /// Who may log in.
        users: UserSettings = UserSettings::default();
        /// Who is logged in.
        logins: LoginSettings = LoginSettings::default();
        /// The log.
        log: Log = Log::default();
        /// What is told to monitoring.
        metrics: MetricsSettings = MetricsSettings::default();
        /// How records are kept.
        store: StoreSettings = StoreSettings::default();
        /// What the domain allows.
        limits: Limits = Limits::default();
        /// What transfers may do.
        transfers: TransferSettings = TransferSettings::default();
        /// How other hosts may be fetched from.
        outbound: OutboundSettings = OutboundSettings::default();
        /// How files are fetched.
        pull: PullSettings = PullSettings::default();
    }

    /// Connections.
    Listen {
        /// Where.
        address: SocketAddr = SocketAddr::from((Ipv4Addr::LOCALHOST, 8443));
        /// How many at once.
        connections_max: usize = 2_000;
        /// How long a request's head may take, how long a connection may be idle, and how long a TLS handshake may take.
        head_timeout_ms: u64 = 30_000;
        /// How long a client may take nothing of what it is sent.
        stall_timeout_ms: u64 = 60_000;
        /// How long what is under way may go on when the server is told to stop.
        shutdown_grace_ms: u64 = 60_000;
        /// Whether to listen beyond the loopback without TLS.
        insecure_plain_http_beyond_loopback: bool = false;
        /// Whether to listen beyond the loopback although nobody could log in.
        insecure_no_users_beyond_loopback: bool = false;
    }

    /// Certificates.
    Tls {
        /// The certificate and those that vouch for it.
        certificate_file: Option<PathBuf> = None;
        /// Its key.
        key_file: Option<PathBuf> = None;
        /// Whether to make a certificate.
        self_signed: bool = false;
        /// What a certificate that is made names besides the host and the loopback.
        self_signed_names: Vec<String> = Vec::new();
    }

    /// Who may log in.
    UserSettings {
        /// The users file.
        file: Option<PathBuf> = None;
    }

    /// Who is logged in.
    LoginSettings {
        /// How long a login lives without being used.
        idle_ms: u64 = 30 * 60_000;
        /// How long it lives at most, used or not.
        lifetime_max_ms: Option<u64> = None;
        /// How many there may be.
        sessions_max: usize = 10_000;
        /// How many of them may be one user's.
        sessions_per_user_max: usize = 550;
    }

    /// The log.
    Log {
        /// Levels, by target.
        level: String = "info".to_owned();
        /// What it looks like.
        format: LogFormat = LogFormat::Text;
    }

    /// How records are kept.
    StoreSettings {
        /// How many commands are kept with one commit at most.
        commands_per_commit_max: usize = COMMANDS_PER_COMMIT_MAX;
    }

    /// What is told to monitoring.
    MetricsSettings {
        /// Who may read `/metrics`.
        visible_to: VisibleTo = VisibleTo::Loopback;
        /// Free room on the disk below which the server says that it is not well.
        disk_free_bytes_min: u64 = 1 << 30;
    }
}

/// What the log looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// An object a line.
    Json,
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisibleTo {
    /// Nobody.
    Nobody,
    /// Whoever connects from this machine.
    Loopback,
    /// Everybody.
    Everyone,
}

/// A configuration as it was found.
#[derive(Debug)]
pub struct Loaded {
    /// What is in force.
    pub config: Config,
    /// The same with where it came from.
    pub values: Values,
    /// What is odd, but may be meant.
    pub warnings: Vec<String>,
}

/// An option of the command line: as it is written, the setting that it sets, and to what.
pub type OptionSet<'a> = (&'a str, &'a str, String);

impl Config {
    /// Puts together what the places say. The file is there, if it is given.
    pub fn load(
        file: Option<&Path>,
        variables: impl Iterator<Item = (String, String)>,
        options: &[OptionSet<'_>],
    ) -> Result<Loaded, Wrong> {
        let mut layers = Layers::of::<Config>();
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Wrong(vec![format!("the file {} cannot be read: {error}", path.display())])
            })?;
            layers.file::<Config>(path, &text);
        }
        let warnings = layers.environment::<Config>(variables);
        for (option, key, text) in options {
            layers.option::<Config>(option, key, text);
        }
        let (config, values) = layers.finish::<Config>()?;
        config.check().map_err(Wrong)?;
        Ok(Loaded { config, values, warnings })
    }

    /// What cannot be meant although each value for itself can.
    fn check(&self) -> Result<(), Vec<String>> {
        let mut wrong = Vec::new();
        if self.tls.certificate_file.is_some() != self.tls.key_file.is_some() {
            wrong.push("tls.certificate_file and tls.key_file are set both or not at all".to_owned());
        }
        if self.tls.self_signed && self.tls.certificate_file.is_some() {
            wrong.push("tls.self_signed makes a certificate, but tls.certificate_file is there".to_owned());
        }
        if let Some(url) = &self.public_url {
            let rest =
                url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
            if rest.is_empty() || rest.contains(['/', '?', '#', '@', ' ']) {
                wrong.push(format!("public_url is `https://name` or `https://name:port`, not `{url}`"));
            }
        }
        for (key, n) in [
            ("listen.connections_max", self.listen.connections_max),
            ("logins.sessions_max", self.logins.sessions_max),
            ("logins.sessions_per_user_max", self.logins.sessions_per_user_max),
            ("store.commands_per_commit_max", self.store.commands_per_commit_max),
            ("transfers.uploads_max", self.transfers.uploads_max),
        ] {
            if n == 0 {
                wrong.push(format!("{key} is 1 at least"));
            }
        }
        if self.pull.concurrent_max == 0 {
            wrong.push("pull.concurrent_max is 1 at least".to_owned());
        }
        wrong.extend(self.pull.file_roots.iter().filter_map(|root| self.fault_of_root(root)));
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    /// Why no files can be fetched from a folder.
    fn fault_of_root(&self, root: &Path) -> Option<String> {
        let root_shown = root.display();
        if !root.is_absolute() {
            return Some(format!("pull.file_roots has whole paths, not `{root_shown}`"));
        }
        let data = std::path::absolute(&self.data_directory).unwrap_or_default();
        if root.starts_with(&data) || data.starts_with(root) {
            return Some(format!(
                "pull.file_roots has `{root_shown}`; the data directory has to be elsewhere"
            ));
        }
        let kept = [Some(self.users_file()), self.tls.key_file.clone()];
        let kept = kept.into_iter().flatten().find(|file| file.starts_with(root))?;
        Some(format!("pull.file_roots has `{root_shown}`; {} has to be elsewhere", kept.display()))
    }

    /// The users file.
    pub fn users_file(&self) -> PathBuf {
        self.users.file.clone().unwrap_or_else(|| self.data_directory.join("users"))
    }

    /// Whether connections are encrypted.
    pub fn has_tls(&self) -> bool {
        self.tls.self_signed || self.tls.certificate_file.is_some()
    }
}
