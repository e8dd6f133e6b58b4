//! OVF descriptors: which files a virtual machine is made of.
//!
//! In: XML, an element at a time. Out: a [`Reference`] for each file that it speaks of, in its order; a file in chunks is
//! as many references. The document is held to well-formedness, to the root element and to what `References` says; the
//! rest of a descriptor matters to whoever deploys it. A document type declaration is refused, so there are no entities
//! to expand; depth, numbers and lengths are bounded.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Read;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::source::{Bounds, Source};
use crate::domain::content::Reference;
use crate::domain::ids::Secret;
use crate::domain::names::fault_of_file_name;

/// Of OVF 1 and 2, and of what some old VMware tools write.
const NAMESPACES: [&str; 3] = [
    "http://schemas.dmtf.org/ovf/envelope/1",
    "http://schemas.dmtf.org/ovf/envelope/2",
    "http://www.vmware.com/schema/ovf/1/envelope",
];
/// Licenses stand in descriptors, as one text each.
const BOUNDS: Bounds = Bounds { text_bytes_max: 16 << 20, piece_bytes_max: 1 << 20 };
const DEPTH_MAX: usize = 64;
const ELEMENTS_MAX: usize = 200_000;
const ATTRIBUTES_MAX: usize = 256;
/// More than any session takes.
const FILES_MAX: usize = 10_000;

/// What does not stand for itself in the last segment of a path; a `%` is looked at on its own.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'%');

/// Reads the files that a descriptor speaks of. `fetched_from` is the descriptor's address, if it has one; `secret` draws
/// one for each file.
pub(super) fn read(
    reader: &mut dyn Read,
    fetched_from: Option<&str>,
    secret: &mut dyn FnMut() -> Secret,
) -> Result<Vec<Reference>, String> {
    let mut xml = NsReader::from_reader(Source::new(reader, BOUNDS));
    let mut walk =
        Walk { depth: 0, n_elements: 0, is_in_references: false, has_root: false, files: Files::default() };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let line = xml.get_mut().begin_piece();
        let event = match xml.read_event_into(&mut buffer) {
            Ok(event) => event,
            Err(error) => return Err(format!("line {}: {}", xml.get_ref().line(), words_for(&error))),
        };
        let is_end = matches!(event, Event::Eof);
        walk.look_at(event, &xml).map_err(|what| format!("line {line}: {what}"))?;
        if is_end {
            break;
        }
    }
    Ok(walk.files.references(fetched_from, secret))
}

fn words_for(error: &quick_xml::Error) -> String {
    match error {
        quick_xml::Error::Io(error) => error.to_string(),
        quick_xml::Error::Encoding(_) => "it is not in UTF-8".to_owned(),
        quick_xml::Error::Namespace(error) => error.to_string(),
        error => format!("this is not XML: {}", shown(&error.to_string(), 200)),
    }
}

/// Where in the document reading is.
struct Walk {
    depth: usize,
    n_elements: usize,
    is_in_references: bool,
    has_root: bool,
    files: Files,
}

impl Walk {
    fn look_at(&mut self, event: Event<'_>, xml: &NsReader<Source<'_>>) -> Result<(), String> {
        match event {
            Event::Start(start) => {
                self.open(&start, xml)?;
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err(format!("its elements are nested more than {DEPTH_MAX} deep"));
                }
                Ok(())
            }
            Event::Empty(start) => self.open(&start, xml),
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                self.is_in_references &= self.depth >= 2;
                Ok(())
            }
            Event::DocType(_) => Err("it has a document type declaration; remove it".to_owned()),
            Event::GeneralRef(reference) => check_reference(&reference),
            Event::Text(text) if self.depth == 0 && !text.trim().is_empty() => {
                Err("there is text outside the Envelope element".to_owned())
            }
            Event::CData(_) if self.depth == 0 => {
                Err("there is text outside the Envelope element".to_owned())
            }
            Event::Eof if self.depth > 0 => {
                Err("it ends before its last element does; it was cut off".to_owned())
            }
            Event::Eof if !self.has_root => Err("there is no Envelope element in it".to_owned()),
            _ => Ok(()),
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, xml: &NsReader<Source<'_>>) -> Result<(), String> {
        self.n_elements += 1;
        if self.n_elements > ELEMENTS_MAX {
            return Err(format!("it has more than {ELEMENTS_MAX} elements"));
        }
        let (namespace, local) = xml.resolver().resolve_element(start.name());
        let local = local.into_inner();
        let is_ovf = match namespace {
            ResolveResult::Bound(namespace) => NAMESPACES.contains(&namespace.into_inner()),
            ResolveResult::Unbound => false,
            ResolveResult::Unknown(prefix) => return Err(undeclared(&prefix)),
        };
        let attributes = Attributes::read(start, xml)?;
        match self.depth {
            0 if self.has_root => Err(format!("a second root element `{}` begins", shown(local, NAME_CHARS))),
            0 if local != "Envelope" => Err(format!(
                "this is no OVF descriptor: its root element is `{}`, not `Envelope`",
                shown(local, NAME_CHARS)
            )),
            0 if !is_ovf => Err(format!("the Envelope element is not in the namespace {}", NAMESPACES[0])),
            0 => {
                self.has_root = true;
                Ok(())
            }
            1 => {
                self.is_in_references = is_ovf && local == "References";
                Ok(())
            }
            2 if self.is_in_references && is_ovf && local == "File" => self.files.add(&attributes),
            _ => Ok(()),
        }
    }
}

/// Without a document type declaration, only the five entities of XML and numbers of characters are known.
fn check_reference(reference: &str) -> Result<(), String> {
    let whole = format!("&{reference};");
    unescape(&whole)
        .map(drop)
        .map_err(|_| format!("the entity `&{};` is not declared", shown(reference, NAME_CHARS)))
}

fn undeclared(prefix: &str) -> String {
    format!("the prefix `{}` is not declared", shown(prefix, NAME_CHARS))
}

/// How much of a name is shown.
const NAME_CHARS: usize = 64;

/// Texts out of hostile hands, short enough for a sentence.
fn shown(name: &str, n_chars_max: usize) -> String {
    match name.char_indices().nth(n_chars_max) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// What a `File` element says.
#[derive(Default)]
struct Attributes {
    href: Option<String>,
    size: Option<String>,
    chunk_size: Option<String>,
    compression: Option<String>,
}

impl Attributes {
    /// Those that matter, in the descriptor's namespace or in none.
    fn read(start: &BytesStart<'_>, xml: &NsReader<Source<'_>>) -> Result<Attributes, String> {
        let mut found = Attributes::default();
        // The parser's own look for attributes that are there twice compares each with each.
        for (attribute_idx, attribute) in start.attributes().with_checks(false).enumerate() {
            if attribute_idx == ATTRIBUTES_MAX {
                return Err(format!("an element has more than {ATTRIBUTES_MAX} attributes"));
            }
            let attribute =
                attribute.map_err(|error| format!("this is not XML: {}", shown(&error.to_string(), 200)))?;
            let (namespace, local) = xml.resolver().resolve_attribute(attribute.key);
            let is_ours = match namespace {
                ResolveResult::Bound(namespace) => NAMESPACES.contains(&namespace.into_inner()),
                ResolveResult::Unbound => true,
                ResolveResult::Unknown(prefix) => {
                    return Err(format!("the prefix `{prefix}` is not declared"));
                }
            };
            let name = local.into_inner();
            let place = match name {
                "href" => &mut found.href,
                "size" => &mut found.size,
                "chunkSize" => &mut found.chunk_size,
                "compression" => &mut found.compression,
                _ => continue,
            };
            if !is_ours {
                continue;
            }
            let value = unescape(&attribute.value)
                .map_err(|error| format!("the attribute {name}: {}", shown(&error.to_string(), 200)))?;
            if place.replace(value.into_owned()).is_some() {
                return Err(format!("an element has the attribute {name} twice"));
            }
        }
        Ok(found)
    }
}

/// The files so far, by name and in order.
#[derive(Default)]
struct Files {
    sizes: HashMap<String, Option<u64>>,
    names: Vec<String>,
}

impl Files {
    fn add(&mut self, attributes: &Attributes) -> Result<(), String> {
        let href = attributes.href.as_deref().ok_or("a File element has no href")?;
        if let Some((scheme, _)) = href.split_once("://") {
            return Err(format!(
                "the file {} is elsewhere ({}); put it beside the descriptor and refer to it by its name",
                shown(href, NAME_CHARS),
                shown(scheme, NAME_CHARS)
            ));
        }
        if let Some(fault) = fault_of_file_name(href) {
            return Err(format!("the name of the file {:?}: {fault}", shown(href, NAME_CHARS)));
        }
        let size = attributes.size.as_deref().map(|text| number("size", href, text)).transpose()?;
        // Tools disagree whether the size of a compressed file is the one before or after.
        let is_plain = matches!(attributes.compression.as_deref(), None | Some("" | "identity"));
        let size = size.filter(|_| is_plain);
        match &attributes.chunk_size {
            None => self.put(href, size),
            Some(text) => self.put_chunks(href, size, number("chunkSize", href, text)?),
        }
    }

    /// A file in chunks: `name.000000000` and so on, of the same size but for the last.
    fn put_chunks(&mut self, href: &str, size: Option<u64>, chunk_size: u64) -> Result<(), String> {
        let size =
            size.ok_or_else(|| format!("{href} is in chunks, and its size does not say of how many"))?;
        if chunk_size == 0 {
            return Err(format!("the chunkSize of {href} is 0"));
        }
        let n_chunks = size.div_ceil(chunk_size);
        if n_chunks > FILES_MAX as u64 {
            return Err(format!("{href} is in {n_chunks} chunks; {FILES_MAX} are the most"));
        }
        for chunk_idx in 0..n_chunks {
            let rest = size - chunk_idx * chunk_size;
            self.put(&format!("{href}.{chunk_idx:09}"), Some(rest.min(chunk_size)))?;
        }
        Ok(())
    }

    fn put(&mut self, name: &str, size: Option<u64>) -> Result<(), String> {
        if let Some(before) = self.sizes.get(name) {
            return match *before == size {
                true => Ok(()),
                false => Err(format!("{name} is there twice, with different sizes")),
            };
        }
        if self.names.len() == FILES_MAX {
            return Err(format!("it speaks of more than {FILES_MAX} files"));
        }
        if let Some(fault) = fault_of_file_name(name) {
            return Err(format!("the name of the file {:?}: {fault}", shown(name, NAME_CHARS)));
        }
        self.sizes.insert(name.to_owned(), size);
        self.names.push(name.to_owned());
        Ok(())
    }

    fn references(self, fetched_from: Option<&str>, secret: &mut dyn FnMut() -> Secret) -> Vec<Reference> {
        let Files { sizes, names } = self;
        let refer = |name: String| Reference {
            size: sizes.get(&name).copied().flatten(),
            secret: secret(),
            uri: fetched_from.and_then(|base| beside(base, &name)),
            name,
        };
        names.into_iter().map(refer).collect()
    }
}

fn number(what: &str, href: &str, text: &str) -> Result<u64, String> {
    let trimmed = text.trim();
    let is_number = trimmed.bytes().all(|byte| byte.is_ascii_digit());
    trimmed.parse().ok().filter(|_| is_number).ok_or_else(|| {
        format!(
            "the {what} of {} is {:?}, which is no number of bytes",
            shown(href, NAME_CHARS),
            shown(text, NAME_CHARS)
        )
    })
}

/// The address of the file of this name in the folder of an address.
fn beside(base: &str, name: &str) -> Option<String> {
    let path = base.split(['?', '#']).next()?;
    let authority = path.find("://")? + 3;
    let folder = match path[authority..].rfind('/') {
        Some(slash) => &path[..=authority + slash],
        None => return Some(format!("{path}/{}", segment(name))),
    };
    Some(format!("{folder}{}", segment(name)))
}

/// The name in a path. What was escaped already, as some tools write names, stays so.
fn segment(name: &str) -> String {
    let mut segment = String::with_capacity(name.len());
    let escaped = utf8_percent_encode(name, ESCAPED).to_string();
    for (start, character) in escaped.char_indices() {
        let hex = escaped.as_bytes().get(start + 1..start + 3);
        let is_escape = hex.is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        match character {
            '%' if !is_escape => segment.push_str("%25"),
            character => {
                let _ = segment.write_char(character);
            }
        }
    }
    segment
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_beside_their_descriptor() {
        for (base, name, uri) in [
            ("https://h/a/b.ovf", "d.vmdk", "https://h/a/d.vmdk"),
            ("https://h/a/b.ovf?x=/y#/z", "d e.vmdk", "https://h/a/d%20e.vmdk"),
            ("https://h", "ä.vmdk", "https://h/%C3%A4.vmdk"),
            ("file:///srv/b.ovf", "a%20b#c?", "file:///srv/a%20b%23c%3F"),
            ("http://h/b.ovf", "100%", "http://h/100%25"),
        ] {
            assert_eq!(beside(base, name).as_deref(), Some(uri));
        }
        assert_eq!(beside("nothing", "d"), None);
    }
}
