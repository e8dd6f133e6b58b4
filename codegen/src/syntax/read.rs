//! Text -> marked tree: the strict pass over YAML, before anything else looks at a document.
//!
//! In: a source. Out: its [`Tree`], and a diagnostic for everything YAML has but the spec language does without:
//! duplicate keys, anchors, aliases, merge keys, tags, directives, several documents, keys that are not scalars.
//! Size, depth and characters are bounded here, so that what follows need not be careful.
//! Not here: which keys there are (`shape`).

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle as Written, ScanError, StrInput};

use super::tree::{Entry, Kind, Node, NodeIdx, Scalar, ScalarStyle, Tree};
use crate::diag::{Code, Diagnostic, Report};
use crate::source::{Source, SourceIdx, Span};

/// Largest document in bytes.
const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// No construct has so many keys; what comes after these is not looked at, nor compared with those before.
const N_KEYS_MAX: usize = 64;
/// Deepest nesting of lists and mappings.
const DEPTH_MAX: usize = 64;

/// The tree of a source; none where the text cannot be read to its end.
pub(super) fn read(source_idx: SourceIdx, source: &Source, report: &mut Report) -> Option<Tree> {
    let text = &source.text;
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!("the document has {} bytes; {DOCUMENT_BYTES_MAX} are the most", text.len());
        report.push(
            Diagnostic::new(Code::TooLarge, message)
                .at(Span::new(source_idx, 0, 0), "starts here")
                .help("a document is one service or one package; divide what is in this one"),
        );
        return None;
    }
    let is_plain = text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~'));
    let mut characters = text.char_indices().filter(|_| !is_plain);
    if let Some((position, character)) = characters.find(|(_, character)| !is_agreed(*character)) {
        report.push(bad_character(source_idx, position, character));
        return None;
    }
    let mut reader = Reader {
        source: source_idx,
        text,
        tree: Tree::new(source_idx),
        open: Vec::new(),
        root: None,
        report,
    };
    let is_complete = reader.run();
    let root = reader.root?;
    let root = reader.tree.take(root);
    reader.tree.set_root(root);
    is_complete.then_some(reader.tree)
}

struct Reader<'a> {
    source: SourceIdx,
    text: &'a str,
    tree: Tree,
    open: Vec<Open>,
    root: Option<NodeIdx>,
    report: &'a mut Report,
}

/// A collection whose end has not been read.
struct Open {
    start: usize,
    line: u32,
    content: Content,
}

enum Content {
    List(Vec<NodeIdx>),
    Map { entries: Vec<Entry>, key: Option<Key> },
}

enum Key {
    Named {
        key: String,
        span: Span,
    },
    /// Its value is refused with it.
    Refused(Span),
    /// Its value is read and dropped.
    Dropped,
}

impl Reader<'_> {
    /// Whether the text was read to its end.
    fn run(&mut self) -> bool {
        let mut options: Options = granit_parser::options! { emit_unresolved_aliases: true };
        options.disallow_directives = true;
        options.emit_comments = false;
        options.emit_anchor_events = true;
        options.flow_nesting_limit = DEPTH_MAX;
        options.block_nesting_limit = DEPTH_MAX;
        let parser: Parser<'_, StrInput<'_>> = Parser::new_from_str_with_options(self.text, options);
        let mut n_documents = 0;
        for next in parser {
            let (event, marks) = match next {
                Ok(next) => next,
                Err(error) => {
                    self.refuse_syntax(&error);
                    return false;
                }
            };
            let range = marks.byte_range().unwrap_or(0..0);
            let line = u32::try_from(marks.start.line()).unwrap_or(u32::MAX);
            if let Some(tag) = marks.tag_span().and_then(|tag| tag.byte_range()) {
                let span = Span::new(self.source, tag.start, tag.end);
                self.refuse_feature(
                    span,
                    "a tag",
                    "the spec language says itself what a value is; leave the tag out",
                );
            }
            if let Event::DocumentStart(..) = event {
                n_documents += 1;
                if n_documents > 1 {
                    let span = Span::new(self.source, range.start, range.end.max(range.start + 1));
                    self.refuse_feature(
                        span,
                        "a second document",
                        "a file is one document; give this one its own file",
                    );
                    return false;
                }
            }
            if !self.event(event, range.start, range.end, line) {
                return false;
            }
        }
        if self.root.is_none() {
            self.report.push(
                Diagnostic::new(Code::MissingKey, "the document is empty")
                    .at(Span::new(self.source, 0, 0), "nothing here")
                    .help("a document starts with `service:` or `package:` and its canonical name"),
            );
        }
        true
    }

    fn event(&mut self, event: Event<'_>, start: usize, end: usize, line: u32) -> bool {
        let span = Span::new(self.source, start, end);
        match event {
            Event::Scalar(text, style, ..) => self.scalar(text.into_owned(), style, span, line),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse_feature(span, "an alias", "write the value again; a page repeats itself too");
                match self.open.last_mut() {
                    Some(Open { content: Content::Map { key: key @ None, .. }, .. }) => {
                        *key = Some(Key::Refused(span));
                    }
                    _ => {
                        let node = self.tree.add(Node { span, line, kind: Kind::Refused });
                        self.put(node);
                    }
                }
            }
            Event::Anchor(..) => {
                self.refuse_feature(
                    span,
                    "an anchor",
                    "values are not shared in a spec; leave the anchor out",
                );
            }
            Event::SequenceStart(..) => return self.open(span, line, Content::List(Vec::new())),
            Event::MappingStart(..) => {
                return self.open(span, line, Content::Map { entries: Vec::new(), key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(end),
            _ => {}
        }
        true
    }

    fn scalar(&mut self, text: String, written: Written, span: Span, line: u32) {
        let style = match written {
            Written::Plain if span.start == span.end => ScalarStyle::Absent,
            Written::Plain => ScalarStyle::Plain,
            Written::Literal => ScalarStyle::Block,
            Written::Folded => ScalarStyle::Folded,
            _ => ScalarStyle::Quoted,
        };
        if let Some(Open { content: Content::Map { entries, key: key @ None }, .. }) = self.open.last_mut() {
            let first = entries.iter().find(|entry| entry.key == text).map(|entry| entry.key_span);
            let is_merge = text == "<<" && style == ScalarStyle::Plain;
            *key = Some(match first {
                _ if is_merge => Key::Refused(span),
                Some(_) => Key::Dropped,
                None if entries.len() >= N_KEYS_MAX => Key::Dropped,
                None => Key::Named { key: text.clone(), span },
            });
            if is_merge {
                self.refuse_feature(span, "a merge key", "write the keys out; a page repeats itself too");
            } else if let Some(first) = first {
                self.refuse_duplicate(&text, span, first);
            }
            return;
        }
        let span = match style {
            ScalarStyle::Block | ScalarStyle::Folded => self.trimmed(span),
            _ => span,
        };
        let node = self.tree.add(Node { span, line, kind: Kind::Scalar(Scalar { text, style }) });
        self.put(node);
    }

    fn open(&mut self, span: Span, line: u32, content: Content) -> bool {
        if let Some(Open { content: Content::Map { key: None, .. }, .. }) = self.open.last_mut() {
            // The key's own value comes next and would be taken for the value of the key.
            self.refuse_feature(span, "a list or mapping as a key", "a key is a word");
            return false;
        }
        if self.open.len() >= DEPTH_MAX {
            self.refuse_depth(span);
            return false;
        }
        self.open.push(Open { start: span.start as usize, line, content });
        true
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let kind = match open.content {
            Content::List(elements) => Kind::List(elements),
            Content::Map { entries, .. } => Kind::Map(entries),
        };
        let span = self.trimmed(Span::new(self.source, open.start, end));
        let node = self.tree.add(Node { span, line: open.line, kind });
        self.put(node);
    }

    fn put(&mut self, node: NodeIdx) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { content: Content::List(elements), .. }) => elements.push(node),
            Some(Open { content: Content::Map { entries, key }, .. }) => match key.take() {
                Some(Key::Named { key, span }) => entries.push(Entry { key, key_span: span, value: node }),
                Some(Key::Refused(key_span)) => {
                    self.tree.refuse(node);
                    entries.push(Entry { key: String::new(), key_span, value: node });
                }
                Some(Key::Dropped) | None => {}
            },
        }
    }

    /// A block ends where the next thing starts; what lies between is nobody's.
    fn trimmed(&self, span: Span) -> Span {
        let written = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
        span.part(0, written.trim_end().len())
    }

    fn refuse_duplicate(&mut self, key: &str, span: Span, first: Span) {
        self.report.push(
            Diagnostic::new(Code::DuplicateKey, format!("the key `{key}` is there twice"))
                .at(span, "again")
                .at(first, "first here"),
        );
    }

    fn refuse_feature(&mut self, span: Span, what: &str, help: &str) {
        self.report.push(
            Diagnostic::new(Code::YamlFeature, format!("{what} is not part of the spec language"))
                .at(span, "")
                .help(help),
        );
    }

    fn refuse_depth(&mut self, span: Span) {
        let message = format!("lists and mappings are nested more than {DEPTH_MAX} deep");
        self.report.push(Diagnostic::new(Code::TooDeep, message).at(span.part(0, 1), "one more"));
    }

    fn refuse_syntax(&mut self, error: &ScanError) {
        let offset = error.marker().byte_offset().unwrap_or(0);
        let width = self.text.get(offset..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let span = Span::new(self.source, offset, offset + width);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return self.refuse_depth(span);
        }
        if matches!(error.kind(), ErrorKind::DirectiveDisallowed) {
            return self.refuse_feature(span, "a directive", "leave the line out");
        }
        let diagnostic =
            Diagnostic::new(Code::YamlSyntax, format!("this is not YAML: {}", error.kind())).at(span, "");
        self.report.push(match help_on(error.kind()) {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
    }
}

fn help_on(kind: &ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => Some("indent with blanks"),
        ErrorKind::MappingValueNotAllowed | ErrorKind::SimpleKeyExpected => {
            Some("text with `: ` in it has to be quoted, or stand in lines of its own after `|`")
        }
        _ => None,
    }
}

/// Characters that every reader of YAML takes for the same thing.
fn is_agreed(character: char) -> bool {
    match character {
        '\n' | '\t' => true,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => !character.is_control(),
    }
}

fn bad_character(source: SourceIdx, position: usize, character: char) -> Diagnostic {
    let name = character.escape_unicode().to_string();
    let help = match character {
        '\r' => "end lines with a line feed alone",
        '\u{feff}' => "save the file without a byte order mark",
        _ => "leave it out; in a quoted text it can be written with an escape",
    };
    Diagnostic::new(Code::BadCharacter, format!("the character {name} may not stand in a spec"))
        .at(Span::new(source, position, position + character.len_utf8()), "")
        .help(help)
}
