//! Thumbprints of certificates: what a user reads off a server and pins.
//!
//! In: the usual spellings, or a certificate. Out: a value to compare, shown as vSphere shows it. Not here: what a
//! connection does with one, which is `tls`.

use std::fmt;
use std::str::FromStr;

/// The digest of a whole certificate (its DER), by SHA-256 or SHA-1.
///
/// Errors show SHA-256. SHA-1 is read because vSphere hands it out to this day; what is known against it lets someone
/// make two certificates of one thumbprint, but not a second one for the thumbprint of a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Thumbprint(Digest);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Digest {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// Text that is no thumbprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not the thumbprint of a certificate: 64 hexadecimal digits (SHA-256) or 40 (SHA-1), pairs of them maybe \
     with colons between"
)]
pub struct BadThumbprint(pub String);

/// Why the server is not believed to be the one that was meant; the cause in a
/// [`TransportError`](super::TransportError) of the kind `Tls`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; the certificate that it shows has the thumbprint {thumbprint}")]
pub struct Untrusted {
    reason: String,
    thumbprint: Thumbprint,
    certificate: Option<Vec<u8>>,
}

impl Thumbprint {
    /// The SHA-256 thumbprint of a certificate in DER.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn sha256(certificate: &[u8]) -> Thumbprint {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, certificate).as_ref());
        Thumbprint(Digest::Sha256(bytes))
    }

    /// The SHA-1 thumbprint of a certificate in DER.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn sha1(certificate: &[u8]) -> Thumbprint {
        let mut bytes = [0; 20];
        let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
        bytes.copy_from_slice(digest.as_ref());
        Thumbprint(Digest::Sha1(bytes))
    }

    /// Whether it is the thumbprint of this certificate (in DER).
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn is_of(&self, certificate: &[u8]) -> bool {
        match self.0 {
            Digest::Sha1(_) => *self == Thumbprint::sha1(certificate),
            Digest::Sha256(_) => *self == Thumbprint::sha256(certificate),
        }
    }

    fn bytes(&self) -> &[u8] {
        match &self.0 {
            Digest::Sha1(bytes) => bytes,
            Digest::Sha256(bytes) => bytes,
        }
    }
}

impl FromStr for Thumbprint {
    type Err = BadThumbprint;

    fn from_str(text: &str) -> Result<Thumbprint, BadThumbprint> {
        let digits = text.trim();
        let pairs: Option<Vec<u8>> = if digits.contains(':') {
            digits.split(':').map(|pair| byte(pair.as_bytes())).collect()
        } else {
            digits.as_bytes().chunks(2).map(byte).collect()
        };
        let digest = pairs.and_then(|bytes| match bytes.len() {
            20 => bytes.try_into().ok().map(Digest::Sha1),
            32 => bytes.try_into().ok().map(Digest::Sha256),
            _ => None,
        });
        digest.map(Thumbprint).ok_or_else(|| BadThumbprint(text.to_owned()))
    }
}

/// The byte of two hexadecimal digits.
fn byte(pair: &[u8]) -> Option<u8> {
    let &[high, low] = pair else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? << 4 | digit(low)?).ok()
}

/// Pairs of hexadecimal digits in upper case with colons between.
impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (idx, byte) in self.bytes().iter().enumerate() {
            let colon = if idx == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thumbprint({self})")
    }
}

impl Untrusted {
    /// A server that shows this certificate and is not trusted for this reason.
    pub fn new(reason: impl Into<String>, thumbprint: Thumbprint) -> Untrusted {
        Untrusted { reason: reason.into(), thumbprint, certificate: None }
    }

    /// Adds the certificate itself, in DER.
    #[must_use]
    pub fn showing(mut self, certificate: &[u8]) -> Untrusted {
        self.certificate = Some(certificate.to_vec());
        self
    }

    /// The thumbprint of the certificate that the server shows.
    #[must_use]
    pub fn thumbprint(&self) -> Thumbprint {
        self.thumbprint
    }

    /// The certificate that the server shows, in DER, where it was kept.
    #[must_use]
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::Thumbprint;

    #[test]
    fn spellings() {
        let check = |text: &str, expected: Option<&str>| {
            let shown = text.parse::<Thumbprint>().map(|thumbprint| thumbprint.to_string());
            assert_eq!(shown.as_deref().ok(), expected, "{text}");
        };
        let sha1 = "0A:1B:2C:3D:4E:5F:60:71:82:93:A4:B5:C6:D7:E8:F9:00:FF:10:01";
        let sha256 = format!("{sha1}:{}", &sha1[..35]);
        for shown in [sha1, &sha256] {
            check(shown, Some(shown));
            check(&format!(" {}\n", shown.to_lowercase()), Some(shown));
            check(&shown.replace(':', ""), Some(shown));
            check(&shown.replace(':', "").to_lowercase(), Some(shown));
            check(&shown[3..], None);
            check(&shown[1..], None);
            check(&format!("{shown}:"), None);
            check(&shown.replacen(':', "", 1), None);
            check(&shown.replace(':', " "), None);
            check(&shown.replace("0A", "0G"), None);
            check(&shown.replace("0A", "\u{e9}"), None);
            check(&shown.replace("0A", "+A"), None);
        }
        check("", None);
        check(":", None);
    }

    #[cfg(feature = "tls")]
    #[test]
    fn digests() {
        let (sha1, sha256) = (Thumbprint::sha1(b"abc"), Thumbprint::sha256(b"abc"));
        assert_eq!(sha1.to_string(), "A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Ok(sha256), known.parse());
        for thumbprint in [sha1, sha256] {
            assert!(thumbprint.is_of(b"abc") && !thumbprint.is_of(b"abd"));
        }
    }
}
