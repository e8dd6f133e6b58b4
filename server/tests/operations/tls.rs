//! TLS: a pair of files that belong together, made or given, replaced while it is used.

use std::fs;
use std::sync::Arc;

use contentlibd::tls::self_signed::{Files, make};
use contentlibd::tls::{Certificate, TlsError};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto};

use crate::scratch::Scratch;

fn self_signed(scratch: &Scratch) -> (Files, Certificate) {
    make(scratch.path(), &["library.example".to_owned()]).expect("a certificate");
    let files = Files::in_directory(scratch.path());
    let certificate = Certificate::read(&files.certificate, &files.key).expect("a pair");
    (files, certificate)
}

/// Whether a client that trusts the certificate in this file gets through.
async fn is_trusted(
    files: &Files,
    certificate: &Certificate,
    name: &'static str,
    version: &'static SupportedProtocolVersion,
) -> bool {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.certificate).expect("a certificate")).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let (near, far) = tokio::io::duplex(1 << 14);
    let name = ServerName::try_from(name).expect("a name");
    let acceptor = certificate.acceptor().expect("an acceptor");
    let (client, _) =
        tokio::join!(TlsConnector::from(Arc::new(config)).connect(name, near), acceptor.accept(far));
    client.is_ok()
}

#[tokio::test]
async fn a_self_signed_certificate_is_good_for_its_names() {
    let scratch = Scratch::new();
    let (files, certificate) = self_signed(&scratch);
    for (name, is_good) in [
        ("localhost", true),
        ("127.0.0.1", true),
        ("::1", true),
        ("library.example", true),
        ("other.example", false),
    ] {
        for version in [&TLS12, &TLS13] {
            assert_eq!(is_trusted(&files, &certificate, name, version).await, is_good, "{name} {version:?}");
        }
    }
}

#[test]
fn it_is_made_once() {
    let scratch = Scratch::new();
    assert!(make(scratch.path(), &[]).expect("a certificate"));
    let files = Files::in_directory(scratch.path());
    let before = fs::read(&files.certificate).expect("a certificate");
    assert!(!make(scratch.path(), &[]).expect("it is there"));
    assert_eq!(fs::read(&files.certificate).expect("a certificate"), before);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_the_key() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    let (files, _) = self_signed(&scratch);
    assert_eq!(fs::metadata(&files.key).expect("a key").permissions().mode() & 0o777, 0o600);
}

#[test]
fn new_files_are_taken_and_bad_ones_are_not() {
    let (scratch, other) = (Scratch::new(), Scratch::new());
    let (files, certificate) = self_signed(&scratch);
    let (other_files, other_certificate) = self_signed(&other);
    let first = certificate.thumbprints();

    fs::copy(&other_files.certificate, &files.certificate).expect("another certificate");
    let error = certificate.reload().expect_err("not its key");
    assert!(matches!(error, TlsError::Mismatch { .. }), "{error}");
    assert_eq!(certificate.thumbprints(), first);

    fs::copy(&other_files.key, &files.key).expect("its key");
    certificate.reload().expect("a pair");
    assert_eq!(certificate.thumbprints(), other_certificate.thumbprints());
}

#[test]
fn an_error_says_which_file_and_why() {
    let scratch = Scratch::new();
    let (files, _) = self_signed(&scratch);
    let missing = scratch.path().join("missing");
    let error = Certificate::read(&missing, &files.key).expect_err("no certificate").to_string();
    assert!(error.starts_with(&format!("the certificate {} cannot be read: ", missing.display())), "{error}");
    let error = Certificate::read(&files.certificate, &files.certificate).expect_err("no key").to_string();
    assert!(error.ends_with("there is no key in it, in PEM"), "{error}");
    let error = Certificate::read(&files.key, &files.key).expect_err("no certificate").to_string();
    assert!(error.ends_with("there is no certificate in it, in PEM"), "{error}");
}
