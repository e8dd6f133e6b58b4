//! Certificates that the server trusts: they vouch for servers that files are fetched from, and for signers of content.
//!
//! Not here: what stands in one; whoever adds it has read it, and its identifier is made from it.

use serde::{Deserialize, Serialize};

use super::decision::{Command, Draft, Question, Stop};
use super::ids::CertificateId;
use super::refusal::Refusal;

/// A certificate that the server trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustedCertificate {
    /// Its identifier, the SHA-256 of its DER.
    pub id: CertificateId,
    /// The certificate, in PEM.
    pub pem: String,
}

/// Has the server trust a certificate; one that it trusts already does no harm.
#[derive(Clone, Debug)]
pub struct TrustCertificate {
    /// Which one.
    pub certificate: TrustedCertificate,
}

impl Command for TrustCertificate {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        if draft.get::<TrustedCertificate>(&self.certificate.id)?.is_none() {
            draft.put(self.certificate.clone());
        }
        Ok(())
    }
}

/// Has the server trust a certificate no more.
#[derive(Clone, Debug)]
pub struct DistrustCertificate {
    /// Which one.
    pub id: CertificateId,
}

impl Command for DistrustCertificate {
    type Reply = ();

    fn decide(&self, draft: &mut Draft<'_>) -> Result<(), Stop> {
        find(draft, &self.id)?;
        draft.remove::<TrustedCertificate>(&self.id);
        Ok(())
    }
}

/// Asks for a certificate.
#[derive(Clone, Debug)]
pub struct GetCertificate {
    /// Which one.
    pub id: CertificateId,
}

impl Question for GetCertificate {
    type Answer = TrustedCertificate;

    fn answer(&self, draft: &Draft<'_>) -> Result<TrustedCertificate, Stop> {
        find(draft, &self.id).cloned()
    }
}

fn find<'d>(draft: &'d Draft<'_>, id: &CertificateId) -> Result<&'d TrustedCertificate, Stop> {
    let found = draft.get::<TrustedCertificate>(id)?;
    found.ok_or_else(|| Refusal::no_certificate(id.as_str()).into())
}
