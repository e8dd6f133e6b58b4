//! A request's XML as a tree, with little of XML in it: names without prefixes, one attribute, texts.
//!
//! Nothing is refused that a client of the API could send. What it could not is: a document type declaration, references
//! to entities, and more than a request ever has of depth and elements.

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

const DEPTH_MAX: usize = 32;
const ELEMENTS_MAX: usize = 5_000;

/// An element and what is in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    /// Its name, without a prefix.
    pub(super) name: String,
    /// Its attribute `type`, which names the type of what it refers to.
    pub(super) of_type: Option<String>,
    /// Its text, as far as it is its own.
    pub(super) text: String,
    /// The elements in it.
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Reads a document.
    pub(super) fn read(body: &[u8]) -> Result<Element, String> {
        let text = std::str::from_utf8(body).map_err(|_| "it is not in UTF-8".to_owned())?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        let mut open: Vec<Element> = vec![Element::default()];
        let mut n_elements = 0;
        loop {
            match reader.read_event().map_err(|error| format!("it is not XML: {error}"))? {
                Event::Start(start) => {
                    n_elements += 1;
                    if n_elements > ELEMENTS_MAX || open.len() > DEPTH_MAX {
                        return Err("it has more elements than a request has".to_owned());
                    }
                    open.push(Element::begun(&start)?);
                }
                Event::End(_) => {
                    let done = open.pop().filter(|_| !open.is_empty()).ok_or("it is not XML")?;
                    open.last_mut().ok_or("it is not XML")?.children.push(done);
                }
                Event::Text(text) => add_text(&mut open, &text),
                Event::CData(text) => add_text(&mut open, &text),
                Event::GeneralRef(reference) => {
                    let whole = format!("&{};", &*reference);
                    let text = unescape(&whole).map_err(|_| "it has an entity that is not declared")?;
                    add_text(&mut open, &text);
                }
                Event::DocType(_) => return Err("it has a document type declaration".to_owned()),
                Event::Eof => break,
                _ => {}
            }
        }
        let root = open.pop().filter(|_| open.is_empty()).ok_or("it ends before its last element does")?;
        root.children.into_iter().next().ok_or_else(|| "it is empty".to_owned())
    }

    fn begun(start: &BytesStart<'_>) -> Result<Element, String> {
        let mut of_type = None;
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| format!("it is not XML: {error}"))?;
            if attribute.key.into_inner() == "type" {
                of_type = unescape(&attribute.value).ok().map(std::borrow::Cow::into_owned);
            }
        }
        let name = start.local_name().into_inner().to_owned();
        Ok(Element { name, of_type, ..Element::default() })
    }

    /// The first element in it of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements in it of this name.
    pub(super) fn children<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The text of the first element in it of this name; empty if there is none.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.child(name).map_or("", |child| child.text.as_str())
    }

    /// Whether the first element in it of this name says so.
    pub(super) fn is(&self, name: &str) -> bool {
        matches!(self.text_of(name).trim(), "true" | "1")
    }
}

fn add_text(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}
