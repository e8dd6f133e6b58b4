//! OVA archives: a tar with a descriptor first, taken apart while its bytes come.
//!
//! In: bytes, cut anywhere. Out: [`Event`]s, and the members' bytes as they came, without a copy. A member's name is the
//! name of a file; links, devices and folders are refused, and so is what would be read differently by others.
//! The tar crate reads from a reader that it blocks on, and lets paths through that have to be looked at anyway; what is
//! needed of tar here, a header and two kinds of extensions, is less than a bridge to it would be.
//! Not here: what the members say. They are files of their session like any other.

mod extension;
mod header;

use std::collections::HashSet;
use std::fmt;

use self::extension::Extension;
use self::header::{BLOCK_BYTES, Header, Kind};
use crate::domain::names::{fault_of_file_name, has_extension};

/// How many members an archive may have; more than a session takes.
const MEMBERS_MAX: usize = 10_000;
/// How many headers may stand before a member that only say something about it.
const EXTENSIONS_MAX: usize = 8;
/// How long what they say may be.
const EXTENSION_BYTES_MAX: u64 = 64 << 10;

/// What comes out of an archive, in this order: members, each with its data and its end, and the archive's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'b> {
    /// A file begins.
    Member {
        /// Its name.
        name: String,
        /// How many bytes it has.
        size: u64,
    },
    /// Bytes of the file that began last; never none.
    Data(&'b [u8]),
    /// All bytes of the file came.
    MemberEnd,
    /// All members came. What follows is padding.
    End,
}

/// Why this is no archive, or none that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(String);

impl Fault {
    fn new(words: impl Into<String>) -> Fault {
        Fault(words.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// An archive that is being taken apart.
pub struct Unpacker {
    state: State,
    /// Where in the archive the next byte stands.
    position: u64,
    member_bytes_max: u64,
    names: HashSet<String>,
    /// What is known of the next member from the headers before its own.
    ahead: Ahead,
}

#[derive(Default)]
struct Ahead {
    n_extensions: usize,
    name: Option<String>,
    size: Option<u64>,
}

/// What the next bytes are.
enum State {
    /// A header.
    Header(Vec<u8>),
    /// What a header says about the next member.
    Extension { kind: Extension, text: Vec<u8>, n_left: u64 },
    /// A member's.
    Data { n_left: u64, n_padding: u64 },
    /// Zeros up to the next block.
    Padding { n_left: u64 },
    /// The second of the two empty blocks at the end.
    LastBlock(Vec<u8>),
    /// Nothing that matters.
    Over,
    /// Nothing that could be understood any more.
    Broken(Fault),
}

impl Unpacker {
    /// Begins; no member may be longer than so many bytes.
    pub fn new(member_bytes_max: u64) -> Unpacker {
        Unpacker {
            state: State::Header(Vec::with_capacity(BLOCK_BYTES)),
            position: 0,
            member_bytes_max,
            names: HashSet::new(),
            ahead: Ahead::default(),
        }
    }

    /// Takes from the front of `bytes` up to the next event; without one, all of them. To be called until there is none.
    pub fn next<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Event<'b>>, Fault> {
        let next = self.step(bytes);
        if let Err(fault) = &next {
            self.state = State::Broken(fault.clone());
        }
        next
    }

    /// The bytes are over: whether they were a whole archive.
    pub fn finish(&self) -> Result<(), Fault> {
        match &self.state {
            // Some programs write one empty block only.
            State::Over => Ok(()),
            State::LastBlock(block) if block.is_empty() => Ok(()),
            State::Broken(fault) => Err(fault.clone()),
            State::Header(block) if self.position == 0 && block.is_empty() => {
                Err(Fault::new("the archive is empty"))
            }
            _ => Err(Fault::new(format!(
                "the archive was cut off after {} bytes, before its end; send it again as a whole",
                self.position
            ))),
        }
    }

    fn step<'b>(&mut self, bytes: &mut &'b [u8]) -> Result<Option<Event<'b>>, Fault> {
        loop {
            match &mut self.state {
                State::Broken(fault) => return Err(fault.clone()),
                State::Over => {
                    self.position += std::mem::take(bytes).len() as u64;
                    return Ok(None);
                }
                State::Data { n_left: 0, n_padding } => {
                    self.state = State::Padding { n_left: *n_padding };
                    return Ok(Some(Event::MemberEnd));
                }
                State::Padding { n_left: 0 } => self.state = State::Header(Vec::with_capacity(BLOCK_BYTES)),
                State::Extension { n_left: 0, .. } => self.close_extension()?,
                _ if bytes.is_empty() => return Ok(None),
                State::Data { n_left, .. } => {
                    let data = take(bytes, *n_left);
                    *n_left -= data.len() as u64;
                    self.position += data.len() as u64;
                    return Ok(Some(Event::Data(data)));
                }
                State::Padding { n_left } => {
                    let padding = take(bytes, *n_left);
                    *n_left -= padding.len() as u64;
                    self.position += padding.len() as u64;
                }
                State::Extension { text, n_left, .. } => {
                    let piece = take(bytes, *n_left);
                    *n_left -= piece.len() as u64;
                    self.position += piece.len() as u64;
                    text.extend_from_slice(piece);
                }
                State::Header(block) | State::LastBlock(block) => {
                    let piece = take(bytes, (BLOCK_BYTES - block.len()) as u64);
                    self.position += piece.len() as u64;
                    block.extend_from_slice(piece);
                    if block.len() == BLOCK_BYTES
                        && let Some(event) = self.close_block()?
                    {
                        return Ok(Some(event));
                    }
                }
            }
        }
    }

    /// A block is whole that is a header or stands for the end.
    fn close_block(&mut self) -> Result<Option<Event<'static>>, Fault> {
        let at = self.position - BLOCK_BYTES as u64;
        match std::mem::replace(&mut self.state, State::Over) {
            State::Header(block) if block.iter().all(|&byte| byte == 0) => {
                if self.ahead.n_extensions > 0 {
                    return Err(Fault::new("the archive ends where a file was announced"));
                }
                if self.names.is_empty() {
                    return Err(Fault::new("there is no file in the archive"));
                }
                self.state = State::LastBlock(Vec::with_capacity(BLOCK_BYTES));
                Ok(None)
            }
            State::Header(block) => {
                let header = Header::read(&block).map_err(|what| {
                    Fault::new(format!("this is no archive of the tar format: at byte {at}, {what}"))
                })?;
                self.open(header).map_err(|Fault(what)| Fault(format!("at byte {at}, {what}")))
            }
            _ => Ok(Some(Event::End)),
        }
    }

    /// What a header announces begins.
    fn open(&mut self, header: Header) -> Result<Option<Event<'static>>, Fault> {
        let n_padding = |size: u64| (BLOCK_BYTES as u64 - size % BLOCK_BYTES as u64) % BLOCK_BYTES as u64;
        if let Kind::Extension(kind) = header.kind {
            self.ahead.n_extensions += 1;
            if self.ahead.n_extensions > EXTENSIONS_MAX {
                return Err(Fault::new(format!("more than {EXTENSIONS_MAX} headers stand before a file")));
            }
            if header.size > EXTENSION_BYTES_MAX {
                return Err(Fault::new(format!("a header of {} bytes stands before a file", header.size)));
            }
            self.state = State::Extension { kind, text: Vec::new(), n_left: header.size };
            return Ok(None);
        }
        let ahead = std::mem::take(&mut self.ahead);
        let path = ahead.name.unwrap_or(header.path);
        if let Kind::Folder = header.kind {
            // What `tar cf x.ova .` begins with.
            let is_here = matches!(path.as_str(), "." | "./");
            if !is_here || ahead.size.unwrap_or(header.size) != 0 {
                let path = shown(&path);
                return Err(Fault::new(format!(
                    "there is a folder in the archive, {path}; put files into it alone"
                )));
            }
            self.state = State::Header(Vec::with_capacity(BLOCK_BYTES));
            return Ok(None);
        }
        let name = self.checked_name(&path)?;
        if let Kind::Other(what) = header.kind {
            let name = shown(&name);
            return Err(Fault::new(format!("{name} is {what}; an archive may have files only")));
        }
        let size = ahead.size.unwrap_or(header.size);
        if size > self.member_bytes_max {
            let (name, max) = (shown(&name), self.member_bytes_max);
            return Err(Fault::new(format!("{name} has {size} bytes; {max} are the most")));
        }
        self.names.insert(name.clone());
        self.state = State::Data { n_left: size, n_padding: n_padding(size) };
        Ok(Some(Event::Member { name, size }))
    }

    /// The name that a path stands for, which may come next.
    fn checked_name(&self, path: &str) -> Result<String, Fault> {
        let name = path.strip_prefix("./").unwrap_or(path);
        let shown = shown(name);
        if let Some(fault) = fault_of_file_name(name) {
            return Err(Fault::new(format!("{shown} is no name for a file of an archive: {fault}")));
        }
        let is_descriptor = has_extension(name, "ovf");
        if self.names.is_empty() && !is_descriptor {
            return Err(Fault::new(format!(
                "{shown} comes first, and the descriptor (.ovf) has to; pack the archive in that order"
            )));
        }
        if !self.names.is_empty() && is_descriptor {
            return Err(Fault::new(format!("{shown} is a second descriptor")));
        }
        if self.names.contains(name) {
            return Err(Fault::new(format!("{shown} is there twice")));
        }
        if self.names.len() == MEMBERS_MAX {
            return Err(Fault::new(format!("there are more than {MEMBERS_MAX} files")));
        }
        Ok(name.to_owned())
    }

    /// A header that says something about the next member is whole.
    fn close_extension(&mut self) -> Result<(), Fault> {
        if let State::Extension { kind, text, .. } = &self.state {
            let said = extension::read(*kind, text)?;
            let n_padding = BLOCK_BYTES - 1 - (text.len() + BLOCK_BYTES - 1) % BLOCK_BYTES;
            self.ahead.name = said.path.or(self.ahead.name.take());
            self.ahead.size = said.size.or(self.ahead.size);
            self.state = State::Padding { n_left: n_padding as u64 };
        }
        Ok(())
    }
}

fn take<'b>(bytes: &mut &'b [u8], n_bytes_max: u64) -> &'b [u8] {
    let n_bytes = usize::try_from(n_bytes_max).unwrap_or(usize::MAX).min(bytes.len());
    let (front, rest) = bytes.split_at(n_bytes);
    *bytes = rest;
    front
}

/// Names out of hostile hands, short enough for a sentence and without what terminals obey.
fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(128).collect::<String>())
}
