//! TLS under the built-in transport: whom to trust, and the handshake.
//!
//! In: a [`Trust`], a host, a connection. Out: an encrypted stream, or an error that says why there is none and names the
//! certificate that the server showed. rustls does the work, with ring. Not here: what makes a certificate good, which
//! is `verify`.

mod verify;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::OnceCell;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, InvalidMessage, RootCertStore};

use self::verify::Verifier;
use super::{Thumbprint, TransportError, TransportErrorKind, Untrusted};

/// Which servers are believed to be who they say they are.
#[derive(Clone, Debug)]
pub struct Trust(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    SystemAnd(Vec<CertificateDer<'static>>),
    Authorities(Arc<RootCertStore>),
    Pinned(Thumbprint),
    AnyServer,
}

/// Text or a file that names no authority to trust.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadTrust {
    /// There is no such file, or it cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// There is no certificate in it.
    #[error("there is no certificate in it: a line `-----BEGIN CERTIFICATE-----` is missing")]
    NoCertificate,
    /// One of the certificates cannot be used.
    #[error("certificate {number} of it is damaged: {cause}")]
    BadCertificate {
        /// Which one, from 1.
        number: usize,
        /// What is wrong with it.
        cause: String,
    },
}

impl Trust {
    /// Servers whose certificates an authority vouches for that this system trusts; the default.
    ///
    /// The system's certificates are read when they are first needed, from where they are on the platform or where the
    /// variables `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
    #[must_use]
    pub fn system() -> Trust {
        Trust(Kind::System)
    }

    /// As [`Trust::system`], and those that one of these certificates (in DER) vouches for; what is no certificate is passed
    /// over.
    #[must_use]
    pub fn system_and(certificates: impl IntoIterator<Item = Vec<u8>>) -> Trust {
        Trust(Kind::SystemAnd(certificates.into_iter().map(CertificateDer::from).collect()))
    }

    /// Servers whose certificates one of these authorities vouches for, and no others; their certificates as PEM.
    ///
    /// # Errors
    /// When there is none in the text, or one is damaged.
    pub fn authorities_pem(pem: &str) -> Result<Trust, BadTrust> {
        let mut roots = RootCertStore::empty();
        for (idx, certificate) in CertificateDer::pem_slice_iter(pem.as_bytes()).enumerate() {
            let damaged = |cause: String| BadTrust::BadCertificate { number: idx + 1, cause };
            let certificate = certificate.map_err(|error: pem::Error| damaged(error.to_string()))?;
            roots.add(certificate).map_err(|error| damaged(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(BadTrust::NoCertificate);
        }
        Ok(Trust(Kind::Authorities(Arc::new(roots))))
    }

    /// As [`Trust::authorities_pem`], of a file.
    ///
    /// # Errors
    /// When it cannot be read, has no certificate in it, or a damaged one.
    pub fn authorities_file(path: impl AsRef<Path>) -> Result<Trust, BadTrust> {
        let path = path.as_ref();
        let pem = std::fs::read_to_string(path)
            .map_err(|cause| BadTrust::Unreadable { path: path.to_owned(), cause })?;
        Trust::authorities_pem(&pem)
    }

    /// The server that has the certificate with this thumbprint, and its key; whatever names, dates and issuer stand in
    /// the certificate.
    #[must_use]
    pub fn pinned(thumbprint: Thumbprint) -> Trust {
        Trust(Kind::Pinned(thumbprint))
    }

    /// Any server, so also one that is in the way and reads along, credentials first.
    #[must_use]
    pub fn insecure_any_server() -> Trust {
        Trust(Kind::AnyServer)
    }
}

/// Encrypts connections for one transport.
#[derive(Debug)]
pub(super) struct Tls {
    trust: Trust,
    config: OnceCell<Arc<ClientConfig>>,
}

impl Tls {
    pub(super) fn new(trust: Trust) -> Tls {
        Tls { trust, config: OnceCell::new() }
    }

    /// Shakes hands with `host`; `place` is what messages call it.
    pub(super) async fn connect<S>(
        &self,
        host: &str,
        place: &str,
        stream: S,
    ) -> Result<TlsStream<S>, TransportError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let bare_host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare_host.to_owned()).map_err(|_| {
            let text = format!("no TLS with {place}: a certificate cannot be for `{bare_host}`");
            TransportError::new(TransportErrorKind::Tls, text)
        })?;
        let config = self.config.get_or_init(|| config(self.trust.clone())).await;
        let connected = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
        connected.map_err(|error| no_tls(place, error))
    }
}

async fn config(trust: Trust) -> Arc<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let verifier = match trust.0 {
        Kind::System => Verifier::issued_by(&Arc::new(system_roots().await), &provider),
        Kind::SystemAnd(certificates) => {
            let mut roots = system_roots().await;
            roots.add_parsable_certificates(certificates);
            Verifier::issued_by(&Arc::new(roots), &provider)
        }
        Kind::Authorities(roots) => Verifier::issued_by(&roots, &provider),
        Kind::Pinned(thumbprint) => Verifier::pinned(thumbprint, &provider),
        Kind::AnyServer => Verifier::any_server(&provider),
    };
    Arc::new(config_with(verifier, provider))
}

fn config_with(verifier: Verifier, provider: Arc<CryptoProvider>) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring has what TLS 1.2 and 1.3 need")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// What the system trusts, as far as it can be read; maybe nothing.
async fn system_roots() -> RootCertStore {
    // Some hundred files at worst, so not on a thread that others wait for.
    let roots = tokio::task::spawn_blocking(|| {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!("a certificate that the system trusts is left out: {error}");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        roots
    });
    roots.await.unwrap_or_else(|_| RootCertStore::empty())
}

/// Why a handshake failed: for good, or because the connection broke.
fn no_tls(place: &str, error: io::Error) -> TransportError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    if let Some(untrusted) = inner.and_then(verify::untrusted) {
        let text = format!("{place} is not trusted");
        return TransportError::new(TransportErrorKind::Tls, text).caused_by(untrusted);
    }
    match inner {
        Some(rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType)) => {
            let text =
                format!("no TLS with {place}: what it answers is something else; is it an http:// server?");
            TransportError::new(TransportErrorKind::Tls, text)
        }
        Some(inner) => TransportError::new(TransportErrorKind::Tls, format!("no TLS with {place}"))
            .caused_by(inner.clone()),
        None => {
            let text = format!("no connection to {place}: it broke in the TLS handshake");
            TransportError::new(TransportErrorKind::Connect, text).caused_by(error)
        }
    }
}
