//! The parser with everything a body may not have already refused: what is left are elements and text.
//!
//! In: bytes. Out: [`Token`]s with references resolved and line ends normalized.
//! Refused here: document type declarations, unknown entities, characters and encodings that are not XML 1.0 in UTF-8,
//! undeclared prefixes, anything but comments after the document element.

use std::borrow::Cow;

use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

use super::markup::{XSI, is_blank, uncarriable_char};
use crate::codec::failure::DecodeFailure;
use crate::codec::{DecodeError, DecodeKind, Unknown, place_of, utf_8};

/// What a document is made of.
pub(super) enum Token<'i> {
    /// An element begins.
    Open(BytesStart<'i>),
    /// The element that began last, and has not ended, ends.
    Close,
    /// A piece of text; the next token may go on with it.
    Text(Cow<'i, str>),
    /// The document ends.
    End,
}

/// What the attributes of an element say.
#[derive(Default)]
pub(super) struct Attributes {
    /// `xsi:nil="true"`.
    pub(super) is_nil: bool,
    /// `class`, on dynamic structures.
    pub(super) class: Option<String>,
}

/// An element's name, its namespace in braces where it has one.
pub(super) enum Name<'n> {
    /// Without a namespace, as all elements but the document element are.
    Plain(&'n str),
    /// With one.
    Qualified { namespace: &'n str, local: &'n str },
}

pub(super) struct Source<'i> {
    reader: NsReader<&'i [u8]>,
    text: &'i str,
    /// Whether anything was read: the declaration stands first or not at all.
    has_begun: bool,
}

impl<'i> Source<'i> {
    pub(super) fn new(body: &'i [u8]) -> Result<Source<'i>, DecodeFailure> {
        let text = utf_8(body)?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        Ok(Source { reader, text, has_begun: false })
    }

    /// The next token; the end of the document is one.
    pub(super) fn next(&mut self) -> Result<Token<'i>, DecodeFailure> {
        loop {
            let is_first = !std::mem::replace(&mut self.has_begun, true);
            let event = self.reader.read_event().map_err(|error| self.syntax_failure(&error))?;
            match event {
                Event::Start(start) => return Ok(Token::Open(start)),
                Event::End(_) => return Ok(Token::Close),
                Event::Text(text) => return self.checked_text(text.xml10_content()),
                Event::CData(text) => return self.checked_text(text.xml10_content()),
                Event::GeneralRef(reference) => return self.resolved(&reference),
                Event::Eof => return Ok(Token::End),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Decl(declaration) if is_first => check_declaration(&declaration)?,
                Event::Decl(_) => {
                    return Err(self.failure_here("the XML declaration stands first or not at all"));
                }
                Event::DocType(_) => {
                    return Err(DecodeKind::Forbidden { what: "a document type declaration is" }.into());
                }
                // `expand_empty_elements` turns these into a start and an end.
                Event::Empty(_) => return Err(self.failure_here("an empty element that was not expanded")),
            }
        }
    }

    /// The next token inside an element.
    pub(super) fn next_inside(&mut self) -> Result<Token<'i>, DecodeFailure> {
        match self.next()? {
            Token::End => Err(self.failure_here("the document ends inside an element")),
            token => Ok(token),
        }
    }

    /// The document element.
    pub(super) fn root(&mut self) -> Result<BytesStart<'i>, DecodeFailure> {
        loop {
            match self.next()? {
                Token::Open(start) => return Ok(start),
                Token::Text(text) if is_blank(&text) => {}
                Token::Text(_) | Token::Close => {
                    return Err(self.failure_here("text before the document element"));
                }
                Token::End => return Err(self.failure_here("there is no document element")),
            }
        }
    }

    /// What follows the document element: nothing that matters.
    pub(super) fn end(&mut self) -> Result<(), DecodeFailure> {
        loop {
            match self.next()? {
                Token::End => return Ok(()),
                Token::Text(text) if is_blank(&text) => {}
                _ => return Err(self.failure_here("something follows the document element")),
            }
        }
    }

    /// Passes over the rest of the element that began last, whatever is in it.
    pub(super) fn pass_over(&mut self) -> Result<(), DecodeFailure> {
        let mut n_open = 1_usize;
        while n_open > 0 {
            match self.next_inside()? {
                Token::Open(_) => n_open += 1,
                Token::Close => n_open -= 1,
                Token::Text(_) | Token::End => {}
            }
        }
        Ok(())
    }

    /// The name of an element that has just begun.
    pub(super) fn name<'s>(&'s self, start: &'s BytesStart<'i>) -> Result<Name<'s>, DecodeFailure> {
        let (namespace, local) = self.reader.resolver().resolve_element(start.name());
        match namespace {
            ResolveResult::Unbound => Ok(Name::Plain(local.into_inner())),
            ResolveResult::Bound(namespace) => {
                Ok(Name::Qualified { namespace: namespace.into_inner(), local: local.into_inner() })
            }
            ResolveResult::Unknown(prefix) => {
                Err(self.failure_here(&format!("the prefix `{prefix}` is not declared")))
            }
        }
    }

    /// What the attributes of an element that has just begun say. Those of other namespaces say nothing.
    #[inline]
    pub(super) fn attributes(
        &self,
        start: &BytesStart<'i>,
        unknown: Unknown,
    ) -> Result<Attributes, DecodeFailure> {
        if start.attributes_raw().is_empty() {
            Ok(Attributes::default())
        } else {
            self.read_attributes(start, unknown)
        }
    }

    fn read_attributes(&self, start: &BytesStart<'i>, unknown: Unknown) -> Result<Attributes, DecodeFailure> {
        let mut said = Attributes::default();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.failure_here(&error.to_string()))?;
            if attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .map_err(|error| self.failure_here(&error.to_string()))?;
            self.check_chars(&value)?;
            let (namespace, local) = self.reader.resolver().resolve_attribute(attribute.key);
            match (namespace, local.into_inner()) {
                (ResolveResult::Bound(namespace), "nil") if namespace.into_inner() == XSI => {
                    said.is_nil = matches!(&*value, "true" | "1");
                }
                (ResolveResult::Bound(_), _) => {}
                (ResolveResult::Unbound, "class") => said.class = Some(value.into_owned()),
                (ResolveResult::Unbound, name) => {
                    if unknown == Unknown::Refuse {
                        let field = format!("@{name}");
                        return Err(DecodeKind::UnknownField { structure: "the element", field }.into());
                    }
                }
                (ResolveResult::Unknown(prefix), _) => {
                    return Err(self.failure_here(&format!("the prefix `{prefix}` is not declared")));
                }
            }
        }
        Ok(said)
    }

    fn checked_text(&self, text: Cow<'i, str>) -> Result<Token<'i>, DecodeFailure> {
        self.check_chars(&text)?;
        Ok(Token::Text(text))
    }

    #[inline]
    fn check_chars(&self, text: &str) -> Result<(), DecodeFailure> {
        match uncarriable_char(text) {
            None => Ok(()),
            Some(c) => {
                Err(self.failure_here(&format!("the character U+{:04X} is not allowed", u32::from(c))))
            }
        }
    }

    fn resolved(&self, reference: &BytesRef<'i>) -> Result<Token<'i>, DecodeFailure> {
        let character =
            match reference.resolve_char_ref().map_err(|error| self.failure_here(&error.to_string()))? {
                Some(c) => return self.checked_text(Cow::Owned(c.to_string())),
                None => match &**reference {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    name => return Err(self.failure_here(&format!("the entity `{name}` is not known"))),
                },
            };
        Ok(Token::Text(Cow::Borrowed(character)))
    }

    /// A failure of form, where the parser stands.
    #[cold]
    pub(super) fn failure_here(&self, text: &str) -> DecodeFailure {
        let (line, column) = place_of(self.text.as_bytes(), offset(self.reader.buffer_position()));
        DecodeKind::Syntax { line, column, text: text.to_owned() }.into()
    }

    #[cold]
    fn syntax_failure(&self, error: &quick_xml::Error) -> DecodeFailure {
        let (line, column) = place_of(self.text.as_bytes(), offset(self.reader.error_position()));
        DecodeKind::Syntax { line, column, text: error.to_string() }.into()
    }
}

impl Name<'_> {
    /// As messages show it.
    #[cold]
    pub(super) fn shown(&self) -> String {
        match self {
            Name::Plain(local) => (*local).to_owned(),
            Name::Qualified { namespace, local } => format!("{{{namespace}}}{local}"),
        }
    }
}

fn check_declaration(declaration: &BytesDecl<'_>) -> Result<(), DecodeFailure> {
    let is_utf_8 = match declaration.encoding() {
        None => true,
        Some(Ok(encoding)) => {
            encoding.eq_ignore_ascii_case("utf-8") || encoding.eq_ignore_ascii_case("us-ascii")
        }
        Some(Err(_)) => false,
    };
    if is_utf_8 {
        Ok(())
    } else {
        Err(DecodeKind::Forbidden { what: "an encoding other than UTF-8 is" }.into())
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The failure of text where elements are expected and the like.
#[cold]
pub(super) fn mismatch(expected: &'static str, got: impl Into<String>) -> DecodeFailure {
    DecodeKind::Mismatch { expected, got: got.into() }.into()
}

impl From<DecodeKind> for DecodeError {
    fn from(kind: DecodeKind) -> DecodeError {
        DecodeError { path: String::new(), kind }
    }
}
