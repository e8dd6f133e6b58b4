//! TLS on the listening side: rustls with ring, 1.2 and 1.3, a certificate and a key from files.
//!
//! Both files can be replaced while the server runs; [`Certificate::reload`] takes the new ones, or keeps the old ones if
//! the new ones do not fit. [`self_signed`] makes a pair for those who have none.
//! Not here: client certificates, which no client of this API shows.

pub mod self_signed;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use sha1::Digest as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{self, ServerConfig};

/// A certificate with its key, which can be replaced. Cheap to clone; clones are one.
#[derive(Clone, Debug)]
pub struct Certificate(Arc<Current>);

#[derive(Debug)]
struct Current {
    certificate_file: PathBuf,
    key_file: PathBuf,
    provider: Arc<CryptoProvider>,
    key: RwLock<Arc<CertifiedKey>>,
}

/// Why there is no TLS with these files.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read, or is no PEM.
    #[error("the {what} {} cannot be read: {why}", path.display())]
    Unread {
        /// Certificate or key.
        what: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// They do not belong together.
    #[error("the key {} is not the one of the certificate {}", key.display(), certificate.display())]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// What rustls says.
    #[error("the certificate {} cannot be used: {source}", path.display())]
    Unusable {
        /// The certificate's file.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

/// Digests of a certificate, as clients ask for them: upper-case hexadecimal with colons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbprints {
    /// What to pin.
    pub sha256: String,
    /// What older clients of vSphere pin.
    pub sha1: String,
}

impl Certificate {
    /// Reads both files.
    pub fn read(certificate_file: &Path, key_file: &Path) -> Result<Certificate, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let key = RwLock::new(read(certificate_file, key_file, &provider)?);
        let (certificate_file, key_file) = (certificate_file.to_owned(), key_file.to_owned());
        Ok(Certificate(Arc::new(Current { certificate_file, key_file, provider, key })))
    }

    /// Reads both files again. Connections that are open keep what they have.
    pub fn reload(&self) -> Result<(), TlsError> {
        let Current { certificate_file, key_file, provider, key } = &*self.0;
        let new = read(certificate_file, key_file, provider)?;
        *key.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// Of the certificate that is shown now.
    pub fn thumbprints(&self) -> Thumbprints {
        self.0
            .key()
            .cert
            .first()
            .map_or_else(|| thumbprints_of(&[]), |certificate| thumbprints_of(certificate))
    }

    /// Takes connections with it: TLS 1.2 or 1.3, HTTP/1.1 inside.
    pub fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.0.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|source| TlsError::Unusable { path: self.0.certificate_file.clone(), source })?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&self.0) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl Current {
    fn key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key())
    }
}

fn read(certificate: &Path, key: &Path, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, TlsError> {
    let unread = |what, path: &Path, error: &pem::Error| {
        let why = match error {
            pem::Error::Io(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                format!("{error}; the user that the server runs as must be able to read it")
            }
            pem::Error::Io(error) => error.to_string(),
            pem::Error::NoItemsFound => format!("there is no {what} in it, in PEM"),
            error => error.to_string(),
        };
        TlsError::Unread { what, path: path.to_owned(), why }
    };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .and_then(|chain: Vec<_>| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| unread("certificate", certificate, &error))?;
    let der = PrivateKeyDer::from_pem_file(key).map_err(|error| unread("key", key, &error))?;
    match CertifiedKey::from_der(chain, der, provider) {
        Ok(certified) => Ok(Arc::new(certified)),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned() })
        }
        Err(source) => Err(TlsError::Unusable { path: certificate.to_owned(), source }),
    }
}

/// Of a certificate's bytes.
fn thumbprints_of(der: &[u8]) -> Thumbprints {
    let text = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    Thumbprints { sha256: text(&sha2::Sha256::digest(der)), sha1: text(&sha1::Sha1::digest(der)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_written_as_clients_ask_for_them() {
        let Thumbprints { sha256, sha1 } = thumbprints_of(b"abc");
        assert!(sha256.starts_with("BA:78:16:BF:") && sha256.len() == 95, "{sha256}");
        assert_eq!(sha1, "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D");
    }
}
