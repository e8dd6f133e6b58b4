//! Archives made for tests, a block at a time, right or wrong.

/// A header, without its checksum.
pub(crate) struct Block(pub(crate) [u8; 512]);

impl Block {
    pub(crate) fn new(path: &str, size: u64, kind: u8) -> Block {
        let mut block = Block([0; 512]);
        block.put(0, path.as_bytes());
        block.put(100, b"0000644\0");
        block.put(124, format!("{size:011o}\0").as_bytes());
        block.put(136, b"00000000000\0");
        block.0[156] = kind;
        block.put(257, b"ustar\x0000");
        block
    }

    pub(crate) fn put(&mut self, place: usize, bytes: &[u8]) {
        self.0[place..place + bytes.len()].copy_from_slice(bytes);
    }

    /// With its checksum.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        self.put(148, b"        ");
        let sum: u32 = self.0.iter().map(|&byte| u32::from(byte)).sum();
        self.put(148, format!("{sum:06o}\0 ").as_bytes());
        self.0.to_vec()
    }
}

/// A member whole, with its padding.
pub(crate) fn member(path: &str, kind: u8, data: &[u8]) -> Vec<u8> {
    let mut bytes = Block::new(path, data.len() as u64, kind).bytes();
    bytes.extend_from_slice(data);
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

pub(crate) fn file(path: &str, data: &[u8]) -> Vec<u8> {
    member(path, b'0', data)
}

/// A pax header with these records.
pub(crate) fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |&(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let length = (rest.len()..).find(|length| length.to_string().len() + rest.len() == *length);
        format!("{}{rest}", length.expect("a length"))
    };
    member("PaxHeaders/x", b'x', records.iter().map(record).collect::<String>().as_bytes())
}

/// An archive of these parts, with its end.
pub(crate) fn archive(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), vec![0; 1024]].concat()
}
