//! Manifests: every shape in use, and what is said of those that are none.

use contentlibd::domain::checksum::{Algorithm, Checksum};
use contentlibd::domain::content::ManifestEntry;
use contentlibd::domain::ids::Secret;
use contentlibd::formats::inspect;

use crate::ovf_descriptors::around;

fn read(text: &[u8]) -> Result<Vec<ManifestEntry>, String> {
    let mut secret = || Secret::from("s");
    let mut circumstances = around(&mut secret);
    inspect("VM.MF", &mut &*text, &mut circumstances).map(|findings| findings.manifest)
}

fn check_refused(text: &str, says: &[&str]) {
    let words = read(text.as_bytes()).expect_err("it is refused");
    for part in says {
        assert!(words.contains(part), "{words} lacks {part}");
    }
}

#[test]
fn all_algorithms_line_ends_blanks_and_names() {
    let text = format!(
        "\u{FEFF}SHA1(vm.ovf)= {}\r\nSHA256(disk (1)=x.vmdk)= {}\n\n  \nSHA-512 (ä b) = {}  \nmd5(x)={}",
        "A".repeat(40),
        "b".repeat(64),
        "c".repeat(128),
        "0".repeat(32)
    );
    let entry = |name: &str, algorithm: Algorithm, digit: &str| ManifestEntry {
        name: name.to_owned(),
        checksum: Checksum { algorithm, hex: digit.repeat(algorithm.n_digits()) },
    };
    assert_eq!(
        read(text.as_bytes()),
        Ok(vec![
            entry("vm.ovf", Algorithm::Sha1, "a"),
            entry("disk (1)=x.vmdk", Algorithm::Sha256, "b"),
            entry("ä b", Algorithm::Sha512, "c"),
            entry("x", Algorithm::Md5, "0"),
        ])
    );
}

#[test]
fn a_file_may_have_several_algorithms_but_one_checksum_of_each() {
    let (sha1, md5) = (format!("SHA1(a)= {}\n", "1".repeat(40)), format!("MD5(a)= {}\n", "2".repeat(32)));
    assert_eq!(read(format!("{sha1}{md5}{sha1}").as_bytes()).map(|entries| entries.len()), Ok(2));
    check_refused(
        &format!("{sha1}{}", sha1.replace('1', "3").replace("SHA3", "SHA1")),
        &["line 2", "a", "twice"],
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    check_refused("", &["no checksum"]);
    check_refused("\n\nhello", &["line 3", "SHA256(name)= checksum"]);
    check_refused("SHA1(a) 12", &["form"]);
    check_refused("SHA384(a)= 12", &["SHA384", "SHA256"]);
    check_refused("SHA1(a)= 12", &["40 digits", "has 2"]);
    check_refused("SHA1(a)= xy", &["hexadecimal"]);
    check_refused("SHA1(../a)= 12", &["../a", "path"]);
    check_refused(&format!("SHA1({})= 12", "a".repeat(5_000)), &["line 1", "4096 bytes"]);
    assert!(read(b"SHA1(\xE4)= 12").expect_err("it is refused").contains("UTF-8"));
    let many: String = (0..20_001).map(|n| format!("MD5({n})= {}\n", "0".repeat(32))).collect();
    check_refused(&many, &["20000 files"]);
}
