//! Archives: what comes out of them, however they are cut, and what is said of those that are not taken.

use contentlibd::formats::ova::{Event, Unpacker};
use proptest::prelude::*;

use crate::tar::{Block, archive, file, member, pax};

/// What came out: members with their bytes, and whether the archive came to its end.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unpacked {
    members: Vec<(String, u64, Vec<u8>)>,
    n_ended: usize,
    has_ended: bool,
}

/// Pushes these pieces.
fn unpack<'b>(pieces: impl IntoIterator<Item = &'b [u8]>) -> Result<Unpacked, String> {
    let mut unpacker = Unpacker::new(1 << 40);
    let mut unpacked = Unpacked::default();
    for mut piece in pieces {
        while let Some(event) = unpacker.next(&mut piece).map_err(|fault| fault.to_string())? {
            match event {
                Event::Member { name, size } => unpacked.members.push((name, size, Vec::new())),
                Event::Data(bytes) => {
                    assert!(!bytes.is_empty(), "data is never nothing");
                    unpacked.members.last_mut().expect("a member").2.extend_from_slice(bytes);
                }
                Event::MemberEnd => unpacked.n_ended += 1,
                Event::End => unpacked.has_ended = true,
            }
        }
        assert!(piece.is_empty(), "all is taken");
    }
    unpacker.finish().map_err(|fault| fault.to_string()).map(|()| unpacked)
}

fn check_refused(bytes: &[u8], says: &[&str]) {
    let words = unpack([bytes]).expect_err("it is refused");
    for part in says {
        assert!(words.contains(part), "{words} lacks {part}");
    }
}

fn names(bytes: &[u8]) -> Vec<String> {
    unpack([bytes]).expect("it is unpacked").members.into_iter().map(|member| member.0).collect()
}

/// Everything in one: a folder, GNU and pax names, a pax size, an empty file, padding behind the end.
fn of_all_kinds() -> Vec<u8> {
    let long = format!("{}.vmdk", "l".repeat(150));
    let mut sized = Block::new("short", 0, b'0');
    sized.put(124, b"00000000000\0");
    let mut bytes = archive(&[
        member("./", b'5', b""),
        file("./vm.ovf", b"descriptor"),
        member("././@LongLink", b'L', format!("{long}\0").as_bytes()),
        file(&long[..99], &[7; 1_000]),
        pax(&[("mtime", "1.5"), ("path", "ä.mf"), ("size", "3")]),
        sized.bytes(),
        [b"abc".to_vec(), vec![0; 509]].concat(),
        member("pax_global_header", b'g', b"52 comment=0123456789012345678901234567890123456789\n"),
        file("empty", b""),
    ]);
    bytes.resize(10_240, 0);
    bytes
}

#[test]
fn members_come_with_names_sizes_and_bytes() {
    let unpacked = unpack([of_all_kinds().as_slice()]).expect("it is unpacked");
    let expected = [
        ("vm.ovf".to_owned(), 10, b"descriptor".to_vec()),
        (format!("{}.vmdk", "l".repeat(150)), 1_000, vec![7; 1_000]),
        ("ä.mf".to_owned(), 3, b"abc".to_vec()),
        ("empty".to_owned(), 0, Vec::new()),
    ];
    assert_eq!(unpacked, Unpacked { members: expected.to_vec(), n_ended: 4, has_ended: true });
}

#[test]
fn old_headers_and_sizes_in_bytes_are_read() {
    let mut old = Block::new("a.ovf", 0, 0);
    old.put(257, &[0; 8]);
    let mut large = Block::new("d", 0, b'0');
    large.put(124, &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
    let mut blank = Block::new("b", 0, b'0');
    blank.put(124, b"      3 \0\0\0\0");
    let bytes = archive(&[old.bytes(), large.bytes(), vec![1; 512], blank.bytes(), vec![0; 512]]);
    let sizes: Vec<u64> = unpack([bytes.as_slice()]).unwrap().members.iter().map(|member| member.1).collect();
    assert_eq!(sizes, [0, 512, 3]);
}

#[test]
fn the_checksum_may_be_of_signed_bytes() {
    let mut block = Block::new("ä.ovf", 0, b'0').bytes();
    block[148..156].fill(b' ');
    let sum: i64 = block.iter().map(|&byte| i64::from(byte.cast_signed())).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(names(&archive(&[block])), ["ä.ovf"]);
}

#[test]
fn the_descriptor_is_first_and_alone() {
    check_refused(
        &archive(&[file("d.vmdk", b"x"), file("vm.ovf", b"x")]),
        &["d.vmdk", "descriptor", "first"],
    );
    check_refused(&archive(&[file("vm.ovf", b"x"), file("b.ovf", b"x")]), &["b.ovf", "second descriptor"]);
    check_refused(&archive(&[file("vm.ovf", b"x"), file("d", b"x"), file("d", b"x")]), &["\"d\"", "twice"]);
    check_refused(&archive(&[]), &["no file"]);
    check_refused(b"", &["empty"]);
}

#[test]
fn only_files_with_plain_names_are_taken() {
    let after = |part: Vec<u8>| archive(&[file("vm.ovf", b"x"), part]);
    for path in ["../x", "/etc/x", "a/x", "..", "./../x", "a\\x", "a\nb"] {
        check_refused(&after(file(path, b"x")), &["no name"]);
    }
    check_refused(&after(pax(&[("path", "../x")])), &["ends where a file was announced"]);
    check_refused(&after([pax(&[("path", "../x")]), file("x", b"")].concat()), &["../x", "path"]);
    for (kind, what) in [
        (b'1', "link"),
        (b'2', "symbolic"),
        (b'3', "device"),
        (b'6', "pipe"),
        (b'S', "sparse"),
        (b'Z', "unknown"),
    ] {
        check_refused(&after(member("x", kind, b"")), &["\"x\"", what]);
    }
    for path in ["a", "a/", "..", "./a/"] {
        check_refused(&after(member(path, b'5', b"")), &["folder"]);
    }
    let mut prefixed = Block::new("x", 0, b'0');
    prefixed.put(345, b"folder");
    check_refused(&after(prefixed.bytes()), &["folder/x"]);
    let mut not_utf_8 = Block::new("", 0, b'0');
    not_utf_8.put(0, b"\xE4.vmdk");
    check_refused(&after(not_utf_8.bytes()), &["UTF-8"]);
}

#[test]
fn absurd_sizes_are_refused() {
    let sized = |field: &[u8]| {
        let mut block = Block::new("d", 0, b'0');
        block.put(124, field);
        archive(&[file("vm.ovf", b"x"), block.bytes()])
    };
    check_refused(&sized(&[0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0]), &["size", "no number"]);
    check_refused(&sized(&[0x80, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]), &["no number"]);
    check_refused(&sized(&[0xFF; 12]), &["no number"]);
    check_refused(&sized(b"-0000000001\0"), &["no number"]);
    check_refused(&sized(b"\0\0\0\0\0\0\0\0\0\0\0\0"), &["no number"]);
    check_refused(&sized(&[0x80, 0, 0, 0, 0x7F, 0, 0, 0, 0, 0, 0, 0]), &["1099511627776 are the most"]);
    for size in ["9223372036854775808", "-1", "", "1e3"] {
        let bytes = archive(&[file("vm.ovf", b"x"), pax(&[("size", size)]), file("d", b"")]);
        check_refused(&bytes, &["no number"]);
    }
}

#[test]
fn extensions_are_bounded_and_whole() {
    let looped = [pax(&[("path", "x")]).repeat(9), file("vm.ovf", b"x")];
    check_refused(&archive(&looped), &["more than 8 headers"]);
    let long = member("x", b'x', &[b'1'; 65_537]);
    check_refused(&archive(&[long]), &["65537 bytes"]);
    for text in
        ["5 a=b\n", "99 a=b\n", "6 a=b", "x a=b\n", "6 abc\n", "99999999999999999999 a=b\n", "0 a=b\n"]
    {
        check_refused(&archive(&[member("x", b'x', text.as_bytes()), file("vm.ovf", b"x")]), &["record"]);
    }
    check_refused(&archive(&[pax(&[("GNU.sparse.major", "1")]), file("vm.ovf", b"x")]), &["sparse"]);
}

#[test]
fn what_was_cut_off_is_told_as_such() {
    let whole = archive(&[file("vm.ovf", b"descriptor"), file("d.vmdk", &[1; 700])]);
    for n_bytes in [1, 511, 512, 517, 1_024, 1_600, 2_500, whole.len() - 1_024] {
        check_refused(&whole[..n_bytes], &["cut off", &n_bytes.to_string()]);
    }
    assert!(unpack([&whole[..whole.len() - 512]]).is_ok(), "one empty block is an end");
    check_refused(&whole[..whole.len() - 1], &["cut off"]);
}

#[test]
fn what_is_no_archive_is_told_with_its_place() {
    check_refused(&[b'x'; 512], &["byte 0", "no archive"]);
    let mut bytes = archive(&[file("vm.ovf", b"x"), file("d", b"x")]);
    bytes[1_024] = b'e';
    check_refused(&bytes, &["byte 1024", "checksum"]);
}

#[test]
fn a_fault_stays() {
    let mut unpacker = Unpacker::new(1);
    let fault = unpacker.next(&mut &[b'x'; 512][..]).expect_err("it is refused");
    assert_eq!(unpacker.next(&mut &archive(&[file("a.ovf", b"x")])[..]), Err(fault.clone()));
    assert_eq!(unpacker.finish(), Err(fault));
}

proptest! {
    #[test]
    fn cuts_make_no_difference(lengths in proptest::collection::vec(1..1_500_usize, 1..40)) {
        let bytes = of_all_kinds();
        let mut rest = bytes.as_slice();
        let mut pieces = Vec::new();
        for &length in lengths.iter().cycle() {
            let (piece, after) = rest.split_at(length.min(rest.len()));
            pieces.push(piece);
            rest = after;
            if rest.is_empty() { break }
        }
        prop_assert_eq!(unpack(pieces), unpack([bytes.as_slice()]));
    }

    #[test]
    fn any_change_is_unpacked_or_refused_the_same_whatever_the_cut(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        length in 1..700_usize,
    ) {
        let mut bytes = of_all_kinds();
        for (place, byte) in changes {
            let place = place.index(6_000);
            bytes[place] = byte;
            // Its header's checksum is mended, so that what is behind it is reached.
            let header = place / 512 * 512;
            bytes[header + 148..header + 156].fill(b' ');
            let sum: u32 = bytes[header..header + 512].iter().map(|&byte| u32::from(byte)).sum();
            bytes[header + 148..header + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        prop_assert_eq!(unpack(bytes.chunks(length)), unpack([bytes.as_slice()]));
    }

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 1..2_000)) {
        prop_assert!(unpack([bytes.as_slice()]).is_err());
    }
}
