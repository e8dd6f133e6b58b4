//! Texts as they come, a piece at a time: which line is read, and how much may still come.
//!
//! In: a reader of bytes that nobody vouches for. Out: UTF-8 for a parser, without a byte order mark, and an error once the
//! text is longer than a text of its kind ever is, as a whole or between two looks of the parser. No more than one buffer
//! is in memory here.

use std::io::{self, BufRead, Read};

/// Bytes that are read at once; enough for any declaration of an encoding.
const BUFFER_BYTES: usize = 8 << 10;

/// How long a text may be.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    /// As a whole.
    pub(super) text_bytes_max: u64,
    /// Of a piece that a parser has to hold: a line, a tag with its attributes.
    pub(super) piece_bytes_max: u64,
}

/// A text that is being read.
pub(super) struct Source<'r> {
    reader: &'r mut dyn Read,
    bounds: Bounds,
    buffer: Vec<u8>,
    start: usize,
    has_begun: bool,
    is_latin_1: bool,
    /// The number of the line that comes next.
    line: u64,
    n_text_bytes: u64,
    n_piece_bytes: u64,
}

impl<'r> Source<'r> {
    pub(super) fn new(reader: &'r mut dyn Read, bounds: Bounds) -> Source<'r> {
        Source {
            reader,
            bounds,
            buffer: Vec::new(),
            start: 0,
            has_begun: false,
            is_latin_1: false,
            line: 1,
            n_text_bytes: 0,
            n_piece_bytes: 0,
        }
    }

    /// A piece begins; on which line.
    pub(super) fn begin_piece(&mut self) -> u64 {
        self.n_piece_bytes = 0;
        self.line
    }

    /// The line that was reached.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The next line without its end, into a buffer; whether there was one.
    pub(super) fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        self.begin_piece();
        if self.read_until(b'\n', line)? == 0 {
            return Ok(false);
        }
        while let Some(b'\n' | b'\r') = line.last() {
            line.pop();
        }
        Ok(true)
    }

    fn refill(&mut self) -> io::Result<()> {
        self.buffer.resize(BUFFER_BYTES, 0);
        self.start = 0;
        let mut end = 0;
        // A reader may give less than it has, and the first buffer must hold the declaration.
        while end < BUFFER_BYTES {
            match self.reader.read(&mut self.buffer[end..]) {
                Ok(0) => break,
                Ok(n_bytes) => end += n_bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.buffer.truncate(end);
        if !std::mem::replace(&mut self.has_begun, true) {
            self.look_at_encoding()?;
        }
        if self.is_latin_1 {
            let text: String = self.buffer.iter().map(|&byte| char::from(byte)).collect();
            self.buffer = text.into_bytes();
        }
        Ok(())
    }

    fn look_at_encoding(&mut self) -> io::Result<()> {
        let is_utf_16 = matches!(self.buffer.as_slice(), [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..])
            || self.buffer.starts_with(b"<\0");
        if is_utf_16 {
            return Err(io::Error::other("it is written in UTF-16; save it as UTF-8"));
        }
        if self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.start = 3;
        }
        let Some(encoding) = declared_encoding(&self.buffer[self.start..]) else { return Ok(()) };
        match encoding.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(()),
            "iso-8859-1" | "latin1" => {
                self.is_latin_1 = true;
                Ok(())
            }
            _ => Err(io::Error::other(format!("it is written in {encoding:?}; save it as UTF-8"))),
        }
    }
}

/// The encoding that an XML declaration names, if there is one.
fn declared_encoding(text: &[u8]) -> Option<String> {
    let declaration = text.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|pair| pair == b"?>")?;
    let declaration = String::from_utf8_lossy(&declaration[..end]);
    let (_, after) = declaration.split_once("encoding")?;
    let after = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Some(after[1..].split(quote).next()?.to_owned())
}

impl Read for Source<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let n_bytes = available.len().min(into.len());
        into[..n_bytes].copy_from_slice(&available[..n_bytes]);
        self.consume(n_bytes);
        Ok(n_bytes)
    }
}

impl BufRead for Source<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.n_text_bytes > self.bounds.text_bytes_max {
            let words = format!("it is longer than {} bytes", self.bounds.text_bytes_max);
            return Err(io::Error::other(words));
        }
        if self.n_piece_bytes > self.bounds.piece_bytes_max {
            let words = format!("a piece of it is longer than {} bytes", self.bounds.piece_bytes_max);
            return Err(io::Error::other(words));
        }
        if self.start == self.buffer.len() {
            self.refill()?;
        }
        Ok(&self.buffer[self.start..])
    }

    fn consume(&mut self, n_bytes: usize) {
        let consumed = &self.buffer[self.start..self.start + n_bytes];
        self.line += consumed.iter().filter(|&&byte| byte == b'\n').count() as u64;
        self.start += n_bytes;
        self.n_text_bytes += n_bytes as u64;
        self.n_piece_bytes += n_bytes as u64;
    }
}
