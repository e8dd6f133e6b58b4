//! Whether a server is believed to be who it says: because an authority vouches for it, or because the user said which
//! certificate it has.

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use vapi::runtime::client::{self, Thumbprint};

use super::Failure;

/// Whom to believe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Servers that an authority of the system's vouches for, or a certificate that this server was told to trust.
    Known,
    /// On the host of the address, the server with this certificate; on others, where a redirect leads, as `Known`.
    Pinned(Thumbprint),
}

impl Trust {
    /// What a user said of a server: the thumbprint of its certificate (SHA-1 or SHA-256), the certificate (PEM), both, or
    /// nothing.
    ///
    /// # Errors
    /// When they are none, or not of each other.
    pub fn of(thumbprint: Option<&str>, certificate: Option<&str>) -> Result<Trust, Failure> {
        let given = |text: &&str| !text.trim().is_empty();
        let bad = |fault: String| Failure::BadPin { fault };
        let thumbprint: Option<Thumbprint> =
            thumbprint.filter(given).map(|text| text.parse()).transpose().map_err(|error| {
                let error: client::BadThumbprint = error;
                bad(error.to_string())
            })?;
        let Some(pem) = certificate.filter(given) else {
            return Ok(thumbprint.map_or(Trust::Known, Trust::Pinned));
        };
        let der = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| bad(format!("the certificate is none in PEM: {error}")))?;
        match thumbprint.filter(|thumbprint| !thumbprint.is_of(&der)) {
            Some(other) => Err(bad(format!("the thumbprint {other} is not that of the certificate"))),
            None => Ok(Trust::Pinned(Thumbprint::sha256(&der))),
        }
    }

    pub(super) fn known_with(certificates: impl IntoIterator<Item = Vec<u8>>) -> client::Trust {
        client::Trust::system_and(certificates)
    }

    pub(super) fn only(pin: Thumbprint) -> client::Trust {
        client::Trust::pinned(pin)
    }
}
