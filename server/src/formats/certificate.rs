//! Certificates of OVF packages: who vouches for a manifest, and for which one.
//!
//! In: a line such as `SHA256(vm.mf)= 3a8f...`, the signature of a manifest, and certificates in PEM, the signer's first.
//! Out: what is shown of the signer, what is dubious about it, and what the manifest must hash to.
//! An RSA signature holds the hash of what was signed, so a certificate is read on its own: the hash in it becomes an
//! entry that the manifest is compared with, whichever of the two comes first.
//! Certificates are read by x509-cert, which is small, kept by RustCrypto and knows how names are written; who vouches
//! for whom is webpki's to say, which rustls stands on.

mod signature;

use std::io::Read;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, KeyUsage};
use x509_cert::Certificate as X509;
use x509_cert::der::Decode as _;

use super::manifest::digest_line;
use super::source::{Bounds, Source};
use crate::domain::checksum::{Algorithm, Checksum};
use crate::domain::content::{Certificate, Findings, ManifestEntry, WarningKind};
use crate::domain::ids::Time;

/// A signature of 8,192 bits has 2,048 digits.
const BOUNDS: Bounds = Bounds { text_bytes_max: 256 << 10, piece_bytes_max: 4 << 10 };
const CERTIFICATES_MAX: usize = 16;
/// How many lines of base64 one may have.
const BASE64_BYTES_MAX: usize = 64 << 10;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END CERTIFICATE-----";
/// `id-kp-codeSigning`, what a certificate has to be for if it says what it is for.
const CODE_SIGNING: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 3];

/// Reads a certificate. `trusted` are certificates, in DER, of those whose word counts.
pub(super) fn read(reader: &mut dyn Read, now: Time, trusted: &[Vec<u8>]) -> Result<Findings, String> {
    let Parts { signature_line, certificates } = Parts::read(reader)?;
    let (number, line) = signature_line.ok_or("it has no signature; the first line has to be one")?;
    let at_line = |what: String| format!("line {number}: {what}");
    let signed = digest_line(&line).map_err(at_line)?;
    if signed.algorithm == Algorithm::Md5 {
        return Err(at_line("MD5 can be forged; sign the manifest with SHA256".to_owned()));
    }
    let leaf_der = certificates.first().ok_or("there is no certificate in it")?;
    let leaf = parsed(leaf_der, 1)?;
    let hex = signature::signed_hash(&leaf, signed.algorithm, &signed.hex).map_err(at_line)?;
    let is_self_signed = leaf.tbs_certificate().issuer() == leaf.tbs_certificate().subject();
    let chain: Vec<String> = certificates.iter().map(|der| pem(der)).collect();
    let entry = ManifestEntry {
        name: signed.name.to_owned(),
        checksum: Checksum { algorithm: signed.algorithm, hex },
    };
    Ok(Findings {
        manifest: vec![entry],
        warnings: warnings(&leaf, &certificates, is_self_signed, now, trusted),
        certificate: Some(Certificate {
            issuer: leaf.tbs_certificate().issuer().to_string(),
            subject: leaf.tbs_certificate().subject().to_string(),
            is_self_signed,
            x509: pem(leaf_der),
            chain,
        }),
        references: Vec::new(),
    })
}

/// What a file of this kind consists of.
#[derive(Default)]
struct Parts {
    /// With the number of its line.
    signature_line: Option<(u64, String)>,
    /// In DER, the signer's first.
    certificates: Vec<Vec<u8>>,
}

impl Parts {
    fn read(reader: &mut dyn Read) -> Result<Parts, String> {
        let mut source = Source::new(reader, BOUNDS);
        let mut parts = Parts::default();
        let mut line = Vec::new();
        // The base64 of the certificate that is being read.
        let mut base64: Option<String> = None;
        loop {
            let number = source.line();
            let at_line = |what: String| format!("line {number}: {what}");
            if !source.read_line(&mut line).map_err(|error| at_line(error.to_string()))? {
                break;
            }
            let text = std::str::from_utf8(&line).map_err(|_| at_line("it is not in UTF-8".to_owned()))?;
            base64 = parts.take(number, text.trim(), base64).map_err(at_line)?;
        }
        match base64 {
            None => Ok(parts),
            Some(_) => Err("it ends within a certificate; it was cut off".to_owned()),
        }
    }

    /// Takes a line; what a certificate has so far goes in and out.
    fn take(&mut self, number: u64, line: &str, base64: Option<String>) -> Result<Option<String>, String> {
        match base64 {
            Some(base64) if line == END => {
                if self.certificates.len() == CERTIFICATES_MAX {
                    return Err(format!("it has more than {CERTIFICATES_MAX} certificates"));
                }
                let der =
                    STANDARD.decode(base64).map_err(|_| "the certificate is not in base64".to_owned())?;
                self.certificates.push(der);
                Ok(None)
            }
            Some(base64) if base64.len() + line.len() > BASE64_BYTES_MAX => {
                Err("the certificate is too long to be one".to_owned())
            }
            Some(base64) => Ok(Some(base64 + line)),
            None => self.take_outside(number, line),
        }
    }

    /// Takes a line that is in no certificate.
    fn take_outside(&mut self, number: u64, line: &str) -> Result<Option<String>, String> {
        if let Some(label) = line.strip_prefix(BEGIN) {
            return match label.strip_suffix("-----") {
                Some("CERTIFICATE") => Ok(Some(String::new())),
                _ => Err("only X.509 certificates are read, `-----BEGIN CERTIFICATE-----`".to_owned()),
            };
        }
        // Behind the first certificate, programs write what is in it as text.
        if line.is_empty() || !self.certificates.is_empty() {
            return Ok(None);
        }
        match self.signature_line {
            Some(_) => Err("there is a second line before the certificate".to_owned()),
            None => {
                self.signature_line = Some((number, line.to_owned()));
                Ok(None)
            }
        }
    }
}

fn parsed(der: &[u8], n: usize) -> Result<X509, String> {
    X509::from_der(der).map_err(|error| format!("certificate {n} in it cannot be read: {error}"))
}

/// What is dubious about the signer.
fn warnings(
    leaf: &X509,
    certificates: &[Vec<u8>],
    is_self_signed: bool,
    now: Time,
    trusted: &[Vec<u8>],
) -> Vec<WarningKind> {
    let validity = leaf.tbs_certificate().validity();
    let (first, last) = (validity.not_before.to_unix_duration(), validity.not_after.to_unix_duration());
    let now_ms = u128::try_from(now.0).unwrap_or(0);
    let mut warnings = Vec::new();
    if now_ms > last.as_millis() {
        warnings.push(WarningKind::Expired);
    }
    if now_ms < first.as_millis() {
        warnings.push(WarningKind::NotYetValid);
    }
    // Whether it is trusted is asked as of a time when it was valid; that it is not any more was said.
    let seconds = u64::try_from(now_ms / 1_000).unwrap_or(u64::MAX).min(last.as_secs()).max(first.as_secs());
    if !is_trusted(certificates, trusted, UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    {
        warnings.push(if is_self_signed { WarningKind::SelfSigned } else { WarningKind::Untrusted });
    }
    warnings
}

/// Whether somebody trusted vouches for the first certificate, maybe through the others.
fn is_trusted(certificates: &[Vec<u8>], trusted: &[Vec<u8>], at: UnixTime) -> bool {
    let ders: Vec<CertificateDer<'_>> =
        certificates.iter().map(|der| CertificateDer::from_slice(der)).collect();
    let trusted: Vec<CertificateDer<'_>> =
        trusted.iter().map(|der| CertificateDer::from_slice(der)).collect();
    let anchors: Vec<_> =
        trusted.iter().filter_map(|der| webpki::anchor_from_trusted_cert(der).ok()).collect();
    let Some((leaf, between)) = ders.split_first() else { return false };
    if trusted.contains(leaf) {
        return true;
    }
    let Ok(leaf) = EndEntityCert::try_from(leaf) else { return false };
    let usage = KeyUsage::required_if_present(CODE_SIGNING);
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, between, at, usage, None, None).is_ok()
}

/// A certificate (in DER) as text, in PEM.
pub fn pem(der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(END);
    text.push('\n');
    text
}
