//! Which certificate is accepted, and in plain words why another one is not.
//!
//! Whatever is accepted, the signature of the handshake is verified: it proves that the server has the certificate's key.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use super::{Thumbprint, Untrusted};
use crate::DateTime;

/// Accepts certificates as a [`Trust`](super::Trust) says.
#[derive(Debug)]
pub(super) struct Verifier {
    accepts: Accepts,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Accepts {
    IssuedByAnyOf(Arc<WebPkiServerVerifier>),
    /// There is no authority to trust.
    Nothing,
    Pinned(Thumbprint),
    Anything,
}

impl Verifier {
    pub(super) fn issued_by(roots: &Arc<RootCertStore>, provider: &Arc<CryptoProvider>) -> Verifier {
        let built =
            WebPkiServerVerifier::builder_with_provider(Arc::clone(roots), Arc::clone(provider)).build();
        // Without revocation lists this fails only for want of authorities.
        Verifier::new(built.map_or(Accepts::Nothing, Accepts::IssuedByAnyOf), provider)
    }

    pub(super) fn pinned(thumbprint: Thumbprint, provider: &CryptoProvider) -> Verifier {
        Verifier::new(Accepts::Pinned(thumbprint), provider)
    }

    pub(super) fn any_server(provider: &CryptoProvider) -> Verifier {
        Verifier::new(Accepts::Anything, provider)
    }

    fn new(accepts: Accepts, provider: &CryptoProvider) -> Verifier {
        Verifier { accepts, algorithms: provider.signature_verification_algorithms }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refusal = match &self.accepts {
            Accepts::Anything => None,
            Accepts::Pinned(pinned) if pinned.is_of(end_entity) => None,
            Accepts::Pinned(pinned) => Some(format!("its certificate is not the pinned one, {pinned}")),
            Accepts::Nothing => Some("this system has no certificate of any authority to trust".to_owned()),
            Accepts::IssuedByAnyOf(authorities) => authorities
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .err()
                .map(|error| reason(&error)),
        };
        refusal.map_or(Ok(ServerCertVerified::assertion()), |reason| {
            let untrusted = Untrusted::new(reason, Thumbprint::sha256(end_entity)).showing(end_entity);
            Err(CertificateError::Other(OtherError(Arc::new(untrusted))).into())
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// The refusal of a [`Verifier`] in the error that rustls makes of it.
pub(super) fn untrusted(error: &Error) -> Option<Untrusted> {
    match error {
        Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
            inner.downcast_ref::<Untrusted>().cloned()
        }
        _ => None,
    }
}

fn reason(error: &Error) -> String {
    let Error::InvalidCertificate(error) = error else {
        return format!("its certificate is not accepted: {error}");
    };
    match error {
        CertificateError::UnknownIssuer => "nobody who is trusted vouches for its certificate".to_owned(),
        // webpki's own error, which rustls hands on without a type that could be named here.
        CertificateError::Other(inner) if inner.to_string() == "CaUsedAsEndEntity" => {
            "its certificate is that of an authority, usually one that a server made for itself".to_owned()
        }
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate expired on {}", instant(*not_after))
        }
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is not valid before {}", instant(*not_before))
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let mut text = format!("its certificate is not for {}", expected.to_str());
            if let Some((last, others)) = presented.split_last() {
                text.push_str(", it is for ");
                for other in others {
                    let _infallible = write!(text, "{}, ", name(other));
                }
                text.push_str(name(last));
            }
            text
        }
        other => format!("its certificate is not accepted: {other}"),
    }
}

/// A name that webpki shows as `DnsName("h")` or `IpAddress(127.0.0.1)`.
fn name(presented: &str) -> &str {
    let inner = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(presented).trim_matches('"')
}

fn instant(time: UnixTime) -> String {
    let unix_ms = i64::try_from(time.as_secs()).ok().and_then(|secs| secs.checked_mul(1000));
    match unix_ms.and_then(DateTime::from_unix_ms) {
        Some(instant) => instant.to_string(),
        None => format!("second {} of Unix time", time.as_secs()),
    }
}
