//! Any bytes as content and as calls of `/sdk`: no panic, and an archive gives the same however it is cut.
#![no_main]

use contentlibd::domain::ids::{Secret, Time};
use contentlibd::formats::ova::{Event, Unpacker};
use contentlibd::formats::{Circumstances, inspect, iso};
use contentlibd::soap::Call;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&first, content)) = bytes.split_first() else { return };
    match first & 7 {
        0 => read("a.ovf", content),
        1 => read("a.mf", content),
        2 => read("a.cert", content),
        3 => {
            let mut watch = iso::Watch::default();
            content.chunks(usize::from(first).max(1)).for_each(|piece| watch.update(piece));
            let _ = watch.finish();
        }
        4 => {
            let _ = Call::read(content);
        }
        _ => {
            let length = usize::from(first >> 3) * 37 + 1;
            assert_eq!(unpack(content.chunks(length)), unpack([content].into_iter()));
        }
    }
});

fn read(name: &str, mut content: &[u8]) {
    let mut secret = || Secret::from("s");
    let mut circumstances =
        Circumstances { fetched_from: Some("https://h/a"), secret: &mut secret, now: Time(0), trusted: &[] };
    let _ = inspect(name, &mut content, &mut circumstances);
}

/// What came out, or why nothing more did.
fn unpack<'b>(pieces: impl Iterator<Item = &'b [u8]>) -> (Vec<(String, u64)>, Vec<u8>, Result<(), String>) {
    let (mut members, mut data) = (Vec::new(), Vec::new());
    let mut unpacker = Unpacker::new(1 << 40);
    for mut piece in pieces {
        loop {
            match unpacker.next(&mut piece) {
                Ok(Some(Event::Member { name, size })) => members.push((name, size)),
                Ok(Some(Event::Data(bytes))) => data.extend_from_slice(bytes),
                Ok(Some(Event::MemberEnd | Event::End)) => {}
                Ok(None) => break,
                Err(fault) => return (members, data, Err(fault.to_string())),
            }
        }
    }
    (members, data, unpacker.finish().map_err(|fault| fault.to_string()))
}
