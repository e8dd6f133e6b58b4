//! What the server was told: one structure for each part, with defaults for everything.
//!
//! Where the values come from is not known here.

use sha2::{Digest as _, Sha256};

use crate::domain::Limits;
use crate::ledger::COMMANDS_PER_COMMIT_MAX;
use crate::outbound::OutboundSettings;
use crate::transfers::TransferSettings;
use crate::transfers::pull::PullSettings;

/// What the server was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach the server: scheme, host and port, without a slash at the end.
    pub public_url: String,
    /// What users may use up.
    pub limits: Limits,
    /// How transfers are limited.
    pub transfers: TransferSettings,
    /// How other hosts may be fetched from.
    pub outbound: OutboundSettings,
    /// How files are fetched.
    pub pull: PullSettings,
    /// How many commands are kept with one commit at most.
    pub commands_per_commit_max: usize,
}

impl Settings {
    /// The defaults, for a server that is reached there.
    pub fn new(public_url: impl Into<String>) -> Settings {
        Settings {
            public_url: public_url.into(),
            limits: Limits::default(),
            transfers: TransferSettings::default(),
            outbound: OutboundSettings::default(),
            pull: PullSettings::default(),
            commands_per_commit_max: COMMANDS_PER_COMMIT_MAX,
        }
    }

    /// The whole address of a path of this server's.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// What the server is known by: the same for as long as it is reached at the same address.
    pub fn server_id(&self) -> String {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&Sha256::digest(&self.public_url)[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
    }
}
