//! What an RSA signature signs.
//!
//! Raised to the public exponent, a signature by PKCS #1 v1.5 is the hash that was signed, in a frame of fixed bytes. ring
//! verifies a signature of a message that is at hand; here the message, a manifest, may come later or in another session's
//! hands, and what is wanted is its hash. Everything here is public, so nothing has to take constant time.

use num_bigint::BigUint;
use x509_cert::Certificate as X509;
use x509_cert::der::asn1::UintRef;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::{self, Decode as _, Reader as _, SliceReader};

use crate::domain::checksum::Algorithm;
use crate::hashing::hex;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// What ring takes for old signatures, too; shorter keys can be broken, longer ones only cost time.
const KEY_BITS: std::ops::RangeInclusive<u64> = 1_024..=8_192;
/// What ring takes; all that are in use are 65,537 or less.
const EXPONENT_BITS_MAX: u64 = 33;
/// How many bytes of filling there are at least.
const FILLING_BYTES_MIN: usize = 8;

/// The hash that was signed, in hexadecimal digits, if the signature was made with the certificate's key.
pub(super) fn signed_hash(signer: &X509, algorithm: Algorithm, signature: &str) -> Result<String, String> {
    let key = signer.tbs_certificate().subject_public_key_info();
    if key.algorithm.oid != RSA {
        return Err("the signature is not by RSA, and OVF knows no other".to_owned());
    }
    let bits = key.subject_public_key.as_bytes().unwrap_or_default();
    let (modulus, exponent) =
        rsa_key(bits).map_err(|_| "the key of the certificate cannot be read".to_owned())?;
    if !KEY_BITS.contains(&modulus.bits()) {
        let (min, max, n) = (KEY_BITS.start(), KEY_BITS.end(), modulus.bits());
        return Err(format!("the key of the certificate has {n} bits; {min} to {max} are taken"));
    }
    if exponent.bits() > EXPONENT_BITS_MAX || !exponent.bit(0) || !modulus.bit(0) {
        return Err("the key of the certificate is no RSA key".to_owned());
    }
    let foreign = || "the signature was not made with the key of the certificate".to_owned();
    let length = usize::try_from(modulus.bits().div_ceil(8)).map_err(|_| foreign())?;
    let number = BigUint::parse_bytes(signature.as_bytes(), 16).filter(|number| *number < modulus);
    let number = number.filter(|_| signature.len() == 2 * length).ok_or_else(foreign)?;
    let opened = number.modpow(&exponent, &modulus).to_bytes_be();
    // The first byte of the frame is zero, which a number does not show.
    let hash = framed_hash(&opened, length - 1, algorithm).ok_or_else(foreign)?;
    Ok(hex(hash))
}

/// Modulus and exponent.
fn rsa_key(der: &[u8]) -> der::Result<(BigUint, BigUint)> {
    let number = |reader: &mut SliceReader<'_>| {
        UintRef::decode(reader).map(|number| BigUint::from_bytes_be(number.as_bytes()))
    };
    let mut reader = SliceReader::new(der)?;
    let key = reader.sequence(|reader| Ok::<_, der::Error>((number(reader)?, number(reader)?)))?;
    reader.finish()?;
    Ok(key)
}

/// Takes the hash out of `01 FF .. FF 00 algorithm hash`; nothing in the frame is left to the signer.
fn framed_hash(frame: &[u8], length: usize, algorithm: Algorithm) -> Option<&[u8]> {
    let n_hash_bytes = algorithm.n_digits() / 2;
    let start = frame.len().checked_sub(n_hash_bytes)?;
    let (front, hash) = frame.split_at(start);
    let filling = front.strip_suffix(prefix(algorithm))?.strip_suffix(&[0])?.strip_prefix(&[1])?;
    let is_framed = frame.len() == length
        && filling.len() >= FILLING_BYTES_MIN
        && filling.iter().all(|&byte| byte == 0xFF);
    is_framed.then_some(hash)
}

/// The DER in front of a hash, of RFC 8017.
fn prefix(algorithm: Algorithm) -> &'static [u8] {
    match algorithm {
        Algorithm::Md5 => b"\x30\x20\x30\x0C\x06\x08\x2A\x86\x48\x86\xF7\x0D\x02\x05\x05\x00\x04\x10",
        Algorithm::Sha1 => b"\x30\x21\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00\x04\x14",
        Algorithm::Sha256 => b"\x30\x31\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20",
        Algorithm::Sha512 => b"\x30\x51\x30\x0D\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40",
    }
}
