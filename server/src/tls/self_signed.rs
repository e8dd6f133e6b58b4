//! A certificate that vouches for itself, for those who have none from an authority.
//!
//! It is made once and kept in the data directory, so that what clients have pinned stays right. It names the host, what
//! the loopback is called, and whatever else it is told. Nobody trusts it unless told to: hence the thumbprints.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};

use crate::private_file;

/// How long it is good. It is pinned rather than renewed, and a server that nobody looks after should not stop one day.
const LIFETIME: Duration = Duration::from_secs(10 * 365 * 24 * 3_600);
/// So that clients whose clocks are behind take it, too.
const HEAD_START: Duration = Duration::from_secs(24 * 3_600);

/// The files of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM; only its owner may read it.
    pub key: PathBuf,
}

impl Files {
    /// Where they are in a data directory.
    pub fn in_directory(directory: &Path) -> Files {
        Files { certificate: directory.join("self-signed.crt"), key: directory.join("self-signed.key") }
    }
}

/// Makes the files in this directory unless they are there; whether it has.
pub fn make(directory: &Path, names: &[String]) -> io::Result<bool> {
    let files = Files::in_directory(directory);
    if files.certificate.exists() && files.key.exists() {
        return Ok(false);
    }
    let key = KeyPair::generate().map_err(io::Error::other)?;
    let certificate =
        parameters(names).and_then(|params| params.self_signed(&key)).map_err(io::Error::other)?;
    // The key first: with both of them there, they are whole.
    private_file::put(&files.key, &key.serialize_pem())?;
    private_file::put(&files.certificate, &certificate.pem())?;
    Ok(true)
}

fn parameters(names: &[String]) -> Result<CertificateParams, rcgen::Error> {
    let mut all = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    all.extend(host_name());
    all.extend(names.iter().cloned());
    all.sort();
    all.dedup();
    let mut params = CertificateParams::new(all)?;
    let now = SystemTime::now();
    params.not_before = (now - HEAD_START).into();
    params.not_after = (now + LIFETIME).into();
    params.distinguished_name.push(DnType::CommonName, "contentlibd, self-signed");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(params)
}

/// What this machine is called, if that can stand in a certificate.
pub(crate) fn host_name() -> Option<String> {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_str().ok()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (!name.is_empty() && name.chars().all(is_plain)).then(|| name.to_owned())
}
