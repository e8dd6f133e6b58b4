//! OVF descriptors: what is read of them, what is said of those that are wrong, and what hostile ones cost.

use contentlibd::domain::content::Reference;
use contentlibd::domain::ids::{Secret, Time};
use contentlibd::formats::{Circumstances, inspect};
use proptest::prelude::*;

const OVF_1: &str = "http://schemas.dmtf.org/ovf/envelope/1";

/// Circumstances that say nothing.
pub(crate) fn around(secret: &mut dyn FnMut() -> Secret) -> Circumstances<'_> {
    Circumstances { fetched_from: None, secret, now: Time(0), trusted: &[] }
}

fn read(text: impl AsRef<[u8]>, fetched_from: Option<&str>) -> Result<Vec<Reference>, String> {
    let mut n_secrets = 0;
    let mut secret = || {
        n_secrets += 1;
        Secret::from(n_secrets.to_string())
    };
    let mut circumstances = Circumstances { fetched_from, ..around(&mut secret) };
    inspect("vm.ovf", &mut text.as_ref(), &mut circumstances).map(|findings| findings.references)
}

/// A descriptor with this between the tags of its references.
fn with_references(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Envelope xmlns=\"{OVF_1}\" xmlns:ovf=\"{OVF_1}\">\r\n\
         <References>{inside}</References>\r\n<DiskSection/></Envelope>"
    )
}

/// Names and sizes.
fn files(text: impl AsRef<[u8]>) -> Vec<(String, Option<u64>)> {
    let references = read(text, None).expect("it is read");
    references.into_iter().map(|reference| (reference.name, reference.size)).collect()
}

fn check_refused(text: impl AsRef<[u8]>, says: &[&str]) {
    let words = read(text, None).expect_err("it is refused");
    for part in says {
        assert!(words.contains(part), "{words} lacks {part}");
    }
    assert!(words.len() < 1_000 && !words.ends_with('.'), "{words}");
}

#[test]
fn files_come_with_sizes_secrets_and_addresses() {
    let text = with_references(
        "<File ovf:id=\"a\" ovf:href=\"d 1.vmdk\" ovf:size=\"42\"/><File ovf:href=\"vm.nvram\"></File>",
    );
    let reference = |name: &str, size, secret: &str, uri: &str| Reference {
        name: name.to_owned(),
        size,
        secret: Secret::from(secret),
        uri: Some(uri.to_owned()),
    };
    assert_eq!(
        read(text, Some("https://h/x/vm.ovf")),
        Ok(vec![
            reference("d 1.vmdk", Some(42), "1", "https://h/x/d%201.vmdk"),
            reference("vm.nvram", None, "2", "https://h/x/vm.nvram"),
        ])
    );
}

#[test]
fn prefixes_are_free_and_only_references_count() {
    let text = format!(
        "<e:Envelope xmlns:e=\"{OVF_1}\" xmlns:x=\"urn:x\"><e:References><x:File e:href=\"no\"/>\
         <e:File e:href=\"yes\" x:size=\"1\"/><e:File href=\"a&amp;b&#x21;\"/><e:A><e:File e:href=\"no\"/></e:A>\
         </e:References><x:References><e:File e:href=\"no\"/></x:References>\
         <e:DiskSection><e:File e:href=\"no\"/></e:DiskSection></e:Envelope>"
    );
    assert_eq!(files(text), [("yes".to_owned(), None), ("a&b!".to_owned(), None)]);
}

#[test]
fn chunks_are_files_and_compressed_sizes_are_not_compared() {
    let text = with_references(
        "<File href=\"d\" size=\"25\" chunkSize=\"10\"/><File href=\"z.gz\" size=\"9\" compression=\"gzip\"/>\
         <File href=\"i\" size=\"9\" compression=\"identity\"/><File href=\"i\" size=\"9\"/>",
    );
    let expected = [
        ("d.000000000", Some(10)),
        ("d.000000001", Some(10)),
        ("d.000000002", Some(5)),
        ("z.gz", None),
        ("i", Some(9)),
    ];
    assert_eq!(files(text), expected.map(|(name, size)| (name.to_owned(), size)));
}

#[test]
fn encodings() {
    let text = with_references("<File href=\"ä.vmdk\"/>");
    let expected = [("ä.vmdk".to_owned(), None)];
    assert_eq!(files(format!("\u{FEFF}{text}")), expected);
    let latin: Vec<u8> = text
        .replace("UTF-8", "ISO-8859-1")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("in Latin-1"))
        .collect();
    assert_eq!(files(latin), expected);
    check_refused(text.replace("UTF-8", "EBCDIC"), &["EBCDIC", "save it as UTF-8"]);
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_refused(&utf_16, &["UTF-16"]);
    check_refused([&b"\xFF\xFE"[..], &utf_16].concat(), &["UTF-16"]);
    let broken = text.replace('ä', "?").into_bytes().into_iter().map(|b| if b == b'?' { 0xE4 } else { b });
    // The question marks of the declaration stay.
    let broken: Vec<u8> = broken.collect();
    let broken =
        [&b"<?xml version=\"1.0\"?>"[..], &broken[broken.iter().position(|&b| b == b'\n').unwrap()..]]
            .concat();
    check_refused(broken, &["line 3", "UTF-8"]);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (inside, says) in [
        ("\r\n\r\n<File id=\"x\"/>", &["line 5", "href"][..]),
        ("<File href=\"../x\"/>", &["line 3", "../x", "path"]),
        ("<File href=\"a\\b\"/>", &["path"]),
        ("<File href=\"http://elsewhere/x.vmdk\"/>", &["elsewhere", "beside the descriptor"]),
        ("<File href=\"\"/>", &["empty"]),
        ("<File href=\"a\" size=\"-1\"/>", &["size of a", "-1"]),
        ("<File href=\"a\" size=\"99999999999999999999\"/>", &["size of a"]),
        ("<File href=\"a\" size=\"5\" chunkSize=\"0\"/>", &["chunkSize"]),
        ("<File href=\"a\" chunkSize=\"1\"/>", &["chunks", "size"]),
        ("<File href=\"a\" size=\"18446744073709551615\" chunkSize=\"1\"/>", &["chunks", "10000"]),
        ("<File href=\"a\" size=\"1\"/><File href=\"a\" size=\"2\"/>", &["twice"]),
        ("<File href=\"a\" href=\"b\"/>", &["href twice"]),
        ("<y:File/>", &["`y`"]),
        ("<File href=\"&x;\"/>", &["href"]),
        ("&x;", &["&x;", "not declared"]),
        ("<File", &["line 4", "</File"]),
        ("<A></B>", &["line 3", "XML"]),
    ] {
        check_refused(with_references(inside), says);
    }
}

#[test]
fn what_is_no_descriptor_is_told() {
    check_refused("", &["line 1", "Envelope"]);
    check_refused("MZ\0\0", &["Envelope"]);
    check_refused("<html></html>", &["html", "Envelope"]);
    check_refused("<Envelope xmlns=\"urn:x\"/>", &[OVF_1]);
    check_refused(format!("<Envelope xmlns=\"{OVF_1}\"/>x"), &["outside"]);
    check_refused(format!("<Envelope xmlns=\"{OVF_1}\"/><Envelope xmlns=\"{OVF_1}\"/>"), &["second root"]);
    check_refused(format!("<Envelope xmlns=\"{OVF_1}\"><References>"), &["cut off"]);
}

#[test]
fn bombs_are_refused_early() {
    let doctype = "<!DOCTYPE x [<!ENTITY a \"&b;&b;\"><!ENTITY b \"bang\">]>";
    check_refused(
        format!("{doctype}{}", with_references("&a;").split_once("\r\n").unwrap().1),
        &["document type"],
    );
    check_refused(with_references(&"<a>".repeat(1_000_000)), &["64 deep"]);
    check_refused(with_references(&"<a/>".repeat(1_000_000)), &["200000 elements"]);
    let many: String = (0..150_000).map(|n| format!(" a{n}=''")).collect();
    check_refused(with_references(&format!("<File{many}/>")), &["1048576 bytes"]);
    let some: String = (0..300).map(|n| format!(" a{n}=''")).collect();
    check_refused(with_references(&format!("<File{some}/>")), &["256 attributes"]);
    let bindings: String = (0..300).map(|n| format!(" xmlns:a{n}='u'")).collect();
    check_refused(with_references(&format!("<File{bindings}/>")), &["line 3"]);
    check_refused(with_references(&format!("<A a=\"{}\"/>", "x".repeat(2 << 20))), &["1048576 bytes"]);
    check_refused(with_references(&"<A>x</A>\n".repeat(3 << 20)), &["elements"]);
    check_refused(with_references(&"<!-- 0123456789 -->\n".repeat(1 << 20)), &["16777216 bytes"]);
    check_refused(with_references(&format!("<{}></b>", "a".repeat(1_000_000))), &["XML", "…"]);
    let files: String = (0..10_001).map(|n| format!("<File href='{n}'/>")).collect();
    check_refused(with_references(&files), &["10000 files"]);
}

/// Gives its bytes in pieces of these lengths, over and over.
struct Pieces<'b> {
    bytes: &'b [u8],
    lengths: Vec<usize>,
    n_reads: usize,
}

impl std::io::Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let length = self.lengths[self.n_reads % self.lengths.len()];
        self.n_reads += 1;
        let n_bytes = length.min(into.len()).min(self.bytes.len());
        into[..n_bytes].copy_from_slice(&self.bytes[..n_bytes]);
        self.bytes = &self.bytes[n_bytes..];
        Ok(n_bytes)
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        for name in ["a.ovf", "a.mf", "a.cert", "a.vmdk"] {
            let mut secret = || Secret::from("s");
            let mut circumstances = around(&mut secret);
            let _ = inspect(name, &mut bytes.as_slice(), &mut circumstances);
        }
    }

    #[test]
    fn a_changed_descriptor_is_read_or_refused(place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = with_references("<File ovf:href=\"a&amp;b\" ovf:size=\"25\" ovf:chunkSize=\"10\"/>").into_bytes();
        let place = place.index(text.len());
        text[place] = byte;
        let _ = read(&text, Some("https://h/x"));
        let _ = read(&text[..place], Some("https://h/x"));
    }

    #[test]
    fn pieces_make_no_difference(lengths in proptest::collection::vec(1..4_000_usize, 1..5)) {
        let inside: String = (0..400).map(|n| format!("<File href=\"disk ä {n}.vmdk\" size=\"{n}\"/>\n")).collect();
        let text = with_references(&inside);
        let mut pieces = Pieces { bytes: text.as_bytes(), lengths, n_reads: 0 };
        let mut secret = || Secret::from("1");
        let mut circumstances = around(&mut secret);
        let references = inspect("vm.ovf", &mut pieces, &mut circumstances).expect("it is read").references;
        prop_assert_eq!(references.len(), 400);
        let is_nth = |(n, r): (usize, &Reference)| r.name == format!("disk ä {n}.vmdk") && r.size == Some(n as u64);
        prop_assert!(references.iter().enumerate().all(is_nth));
    }
}
