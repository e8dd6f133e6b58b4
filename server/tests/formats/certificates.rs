//! Certificates of packages: who signed what, what is dubious about it, and which signatures are none.
//!
//! The fixtures were made by openssl: a root, a signer that it vouches for, one that vouches for itself, one with a key
//! on a curve, and their signatures of `vm.mf`.

use contentlibd::domain::checksum::Algorithm;
use contentlibd::domain::content::{Findings, WarningKind};
use contentlibd::domain::ids::{Secret, Time};
use contentlibd::formats::{Circumstances, inspect};
use contentlibd::hashing::Hasher;

use crate::ovf_descriptors::around;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!("../fixtures/signed/", $name))
    };
}

const LEAF: &str = fixture!("leaf.pem");
const SELF: &str = fixture!("self.pem");
const ROOT: &str = fixture!("root.pem");
const LEAF_SHA256: &str = fixture!("leaf.sha256");
/// 2027, 2020 and 2050; the certificates were made in 2026, for ten years.
const IN_TIME: Time = Time(1_798_761_600_000);
const BEFORE: Time = Time(1_577_836_800_000);
const AFTER: Time = Time(2_524_608_000_000);

/// A file of this signature and these certificates.
fn signed(algorithm: &str, signature: &str, certificates: &[&str]) -> String {
    format!("{algorithm}(vm.mf)= {signature}\n{}", certificates.concat())
}

fn der(pem: &str) -> Vec<u8> {
    let (label, rest) = pem.split_once('\n').expect("lines");
    assert_eq!(label, "-----BEGIN CERTIFICATE-----");
    let base64: String = rest.lines().take_while(|line| !line.starts_with('-')).collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, base64).expect("base64")
}

fn read(text: &str, now: Time, trusted: &[Vec<u8>]) -> Result<Findings, String> {
    let mut secret = || Secret::from("s");
    inspect("vm.cert", &mut text.as_bytes(), &mut Circumstances { now, trusted, ..around(&mut secret) })
}

fn warnings(text: &str, now: Time, trusted: &[&str]) -> Vec<WarningKind> {
    let trusted: Vec<_> = trusted.iter().map(|pem| der(pem)).collect();
    read(text, now, &trusted).expect("it is read").warnings
}

fn check_refused(text: &str, says: &[&str]) {
    let words = read(text, IN_TIME, &[]).expect_err("it is refused");
    for part in says {
        assert!(words.contains(part), "{words} lacks {part}");
    }
}

#[test]
fn the_signer_is_shown() {
    let text = signed("SHA256", LEAF_SHA256, &[LEAF, ROOT]).replace('\n', "\r\n");
    let certificate = read(&text, IN_TIME, &[]).expect("it is read").certificate.expect("a certificate");
    assert_eq!(certificate.subject, "CN=Image Signer,O=Example\\, Inc.,C=DE");
    assert_eq!(certificate.issuer, "CN=Example Root,O=Example,C=DE");
    assert!(!certificate.is_self_signed);
    assert_eq!(certificate.x509, LEAF);
    assert_eq!(certificate.chain, [LEAF, ROOT]);
}

#[test]
fn what_was_signed_is_what_the_manifest_must_hash_to() {
    for (algorithm, signature) in [
        (Algorithm::Sha1, fixture!("leaf.sha1")),
        (Algorithm::Sha256, LEAF_SHA256),
        (Algorithm::Sha512, fixture!("leaf.sha512")),
    ] {
        let mut hasher = Hasher::new(&[algorithm].into());
        hasher.update(fixture!("vm.mf").as_bytes());
        let found = read(&signed(algorithm.name(), signature, &[LEAF]), IN_TIME, &[]).expect("it is read");
        let [entry] = found.manifest.as_slice() else { panic!("one entry: {found:?}") };
        assert_eq!((entry.name.as_str(), entry.checksum.algorithm), ("vm.mf", algorithm));
        assert_eq!(hasher.finish()[&algorithm], entry.checksum.hex);
    }
}

#[test]
fn a_signature_of_somebody_else_is_refused() {
    let foreign = "not made with the key";
    check_refused(&signed("SHA256", LEAF_SHA256, &[ROOT, LEAF]), &["line 1", foreign]);
    check_refused(&signed("SHA1", LEAF_SHA256, &[LEAF]), &[foreign]);
    check_refused(&signed("SHA256", &LEAF_SHA256.trim()[2..], &[LEAF]), &[foreign]);
    check_refused(&signed("SHA256", &"f".repeat(512), &[LEAF]), &[foreign]);
    check_refused(&signed("SHA256", &"0".repeat(512), &[LEAF]), &[foreign]);
    check_refused(&signed("SHA256", &format!("{:0>512}", 1), &[LEAF]), &[foreign]);
    let changed = if LEAF_SHA256.starts_with('1') { "2" } else { "1" };
    check_refused(&signed("SHA256", &format!("{changed}{}", &LEAF_SHA256[1..]), &[LEAF]), &[foreign]);
    check_refused(&signed("MD5", fixture!("leaf.md5"), &[LEAF]), &["MD5", "SHA256"]);
    check_refused(&signed("SHA256", fixture!("ec.sha256"), &[fixture!("ec.pem")]), &["RSA"]);
}

#[test]
fn what_is_dubious_about_a_signer() {
    let text = signed("SHA256", LEAF_SHA256, &[LEAF]);
    assert_eq!(warnings(&text, IN_TIME, &[]), [WarningKind::Untrusted]);
    assert_eq!(warnings(&text, IN_TIME, &[SELF]), [WarningKind::Untrusted]);
    assert_eq!(warnings(&text, IN_TIME, &[ROOT]), []);
    assert_eq!(warnings(&text, IN_TIME, &[LEAF]), []);
    assert_eq!(warnings(&text, AFTER, &[ROOT]), [WarningKind::Expired]);
    assert_eq!(warnings(&text, BEFORE, &[ROOT]), [WarningKind::NotYetValid]);
    assert_eq!(warnings(&text, AFTER, &[]), [WarningKind::Expired, WarningKind::Untrusted]);
    let text = signed("SHA256", fixture!("self.sha256"), &[SELF]);
    assert_eq!(warnings(&text, IN_TIME, &[]), [WarningKind::SelfSigned]);
    assert_eq!(warnings(&text, IN_TIME, &[SELF]), []);
    assert!(read(&text, IN_TIME, &[]).expect("read").certificate.expect("one").is_self_signed);
}

#[test]
fn a_certificate_that_comes_along_is_no_reason_to_trust() {
    let text = signed("SHA256", LEAF_SHA256, &[LEAF, ROOT]);
    assert_eq!(warnings(&text, IN_TIME, &[]), [WarningKind::Untrusted]);
}

#[test]
fn what_is_no_certificate_is_told() {
    check_refused("", &["no signature"]);
    check_refused(LEAF, &["no signature"]);
    check_refused(&signed("SHA256", LEAF_SHA256, &[]), &["no certificate"]);
    check_refused(&format!("SHA1(a)= 1\nSHA1(b)= 2\n{LEAF}"), &["line 2", "second line"]);
    check_refused(&format!("hello\n{LEAF}"), &["line 1", "SHA256(name)= checksum"]);
    check_refused("-----BEGIN PKCS7-----\n", &["line 1", "X.509"]);
    check_refused(&signed("SHA256", LEAF_SHA256, &[&LEAF[..200]]), &["cut off"]);
    check_refused(&signed("SHA256", LEAF_SHA256, &[&LEAF.replacen("MII", "M!I", 1)]), &["base64"]);
    check_refused(&signed("SHA256", LEAF_SHA256, &[&LEAF.replacen("MII", "MIA", 1)]), &["certificate 1"]);
    check_refused(&signed("SHA256", LEAF_SHA256, &[&LEAF.repeat(17)]), &["16 certificates"]);
    let long = format!("-----BEGIN CERTIFICATE-----\n{}", format!("{}\n", "A".repeat(1_000)).repeat(100));
    check_refused(&long, &["too long"]);
}
