//! What the server was told: one structure for each part, with defaults for everything.
//!
//! Where the values come from is not known here.

use crate::domain::Limits;
use crate::transfers::TransferSettings;

/// What the server was told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where clients reach the server: scheme, host and port, without a slash at the end.
    pub public_url: String,
    /// What users may use up.
    pub limits: Limits,
    /// How transfers are limited.
    pub transfers: TransferSettings,
}

impl Settings {
    /// The defaults, for a server that is reached there.
    pub fn new(public_url: impl Into<String>) -> Settings {
        Settings {
            public_url: public_url.into(),
            limits: Limits::default(),
            transfers: TransferSettings::default(),
        }
    }

    /// The whole address of a path of this server's.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }
}
