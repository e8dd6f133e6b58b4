//! Marked tree against the language's tables: every unknown, missing or misshapen key of a document, in one go.
//!
//! In: a tree. Out: diagnostics. A tree that passes can be read by serde without a surprise.
//! Not here: what texts say (names, types, request lines), which is for `document` and the rules of `check`.

use super::language::{Construct, DOCUMENT, Key, Text, Value};
use super::scalar::taken_for;
use super::tree::{Entry, Kind, NodeIdx, Scalar, ScalarStyle, Tree};
use crate::diag::{Code, Diagnostic, Report, nearest};
use crate::source::Span;

/// Checks a whole document.
pub(super) fn check_document(tree: &Tree, report: &mut Report) {
    let root = NodeIdx::default();
    Shape { tree, report }.construct(root, &DOCUMENT, root_head(tree));
    if matches!(tree.node(root).kind, Kind::Map(_)) {
        check_companions(tree, report);
    }
}

/// Checks one construct on its own.
#[cfg(test)]
pub(super) fn check_construct(tree: &Tree, construct: &'static Construct, report: &mut Report) {
    Shape { tree, report }.construct(NodeIdx::default(), construct, root_head(tree));
}

fn root_head(tree: &Tree) -> Span {
    tree.head(NodeIdx::default())
}

struct Shape<'a> {
    tree: &'a Tree,
    report: &'a mut Report,
}

impl Shape<'_> {
    /// `owner` is where to point at if the value is not a mapping at all.
    fn construct(&mut self, idx: NodeIdx, construct: &'static Construct, owner: Span) {
        let tree = self.tree;
        if self.is_refused(idx) {
            return;
        }
        let Kind::Map(entries) = &tree.node(idx).kind else {
            let message =
                format!("{} is a mapping of keys, not {}", construct.indefinite, self.describe(idx));
            return self.report.push(
                Diagnostic::new(Code::WrongShape, message)
                    .at(visible(tree.node(idx).span, owner), "not a mapping")
                    .help(for_example(construct)),
            );
        };
        for entry in entries {
            if self.is_refused(entry.value) {
                continue;
            }
            match construct.keys.iter().find(|key| key.name == entry.key) {
                Some(key) => self.value(entry, key),
                None => self.unknown_key(entry, construct),
            }
        }
        // A merge key that was refused may have stood for any other.
        if entries.iter().all(|entry| !entry.key.is_empty()) {
            self.missing_keys(idx, entries, construct);
        }
    }

    fn missing_keys(&mut self, idx: NodeIdx, entries: &[Entry], construct: &'static Construct) {
        let is_there = |key: &Key| entries.iter().any(|entry| entry.key == key.name);
        let missing = construct.keys.iter().filter(|key| key.required && !is_there(key));
        let names: Vec<String> = missing.map(key_title).collect();
        let Some((last, others)) = names.split_last() else { return };
        let (keys, list) = match others {
            [] => ("key", last.clone()),
            _ => ("keys", format!("{} and {last}", others.join(", "))),
        };
        self.report.push(
            Diagnostic::new(Code::MissingKey, format!("{} needs the {keys} {list}", construct.indefinite))
                .at(self.tree.head(idx), format!("no {} here", names.join(", no ")))
                .help(for_example(construct)),
        );
    }

    fn value(&mut self, entry: &Entry, key: &'static Key) {
        match &key.value {
            Value::Text(text) => self.text(entry.value, *text, &key_title(key), entry.key_span),
            Value::Flag => {
                self.plain_word(entry, "is `true` or `false`", |text| matches!(text, "true" | "false"));
            }
            Value::Word(words) => {
                let must_be = format!("is one of {}", words.join(", "));
                self.plain_word(entry, &must_be, |text| words.contains(&text));
            }
            Value::Status => {
                self.plain_word(entry, "is an HTTP status, three digits without quotes", |text| {
                    text.len() == 3 && text.chars().all(|c| c.is_ascii_digit())
                });
            }
            Value::One(construct) => self.construct(entry.value, construct, entry.key_span),
            Value::Many { element, some } => {
                for element_idx in self.elements(entry, *some) {
                    self.construct(element_idx, element, entry.key_span);
                }
            }
            Value::Texts { element, some } => {
                for element_idx in self.elements(entry, *some) {
                    self.text(
                        element_idx,
                        *element,
                        &format!("an element of {}", key_title(key)),
                        entry.key_span,
                    );
                }
            }
        }
    }

    fn elements(&mut self, entry: &Entry, some: bool) -> Vec<NodeIdx> {
        let Kind::List(elements) = &self.tree.node(entry.value).kind else {
            let message = format!("`{}` is a list, not {}", entry.key, self.describe(entry.value));
            let diagnostic = self.wrong_shape(entry.value, entry.key_span, message, "not a list");
            let help = format!(
                "start each element on a line of its own with `- `, also a single one, or leave `{}` out",
                entry.key
            );
            self.report.push(diagnostic.help(help));
            return Vec::new();
        };
        if some && elements.is_empty() {
            let message = format!("`{}` is an empty list", entry.key);
            let diagnostic = self.wrong_shape(entry.value, entry.key_span, message, "nothing in it");
            self.report.push(diagnostic);
        }
        elements.clone()
    }

    fn text(&mut self, idx: NodeIdx, kind: Text, what: &str, owner: Span) {
        if self.is_refused(idx) {
            return;
        }
        let Kind::Scalar(Scalar { text, style }) = &self.tree.node(idx).kind else {
            let message = format!("{what} is text, not {}", self.describe(idx));
            let diagnostic = self.wrong_shape(idx, owner, message, "not text");
            let help =
                "text with `{`, `[` or `: ` in it has to be quoted, or stand in lines of its own after `|`";
            return self.report.push(if kind == Text::Prose { diagnostic.help(help) } else { diagnostic });
        };
        if *style == ScalarStyle::Absent {
            let message = format!("{what} has no value");
            let diagnostic = self.wrong_shape(idx, owner, message, "nothing after it");
            self.report.push(diagnostic.help("write the value, or leave the key out"));
        } else if *style == ScalarStyle::Plain
            && let Some(other) = taken_for(text)
        {
            let span = self.tree.node(idx).span;
            self.report.push(
                Diagnostic::new(
                    Code::AmbiguousScalar,
                    format!("{what} is text, but YAML takes `{text}` for {other}"),
                )
                .at(span, "")
                .help(format!("quote it: \"{text}\"")),
            );
        } else if text.trim().is_empty() {
            let span = visible(self.tree.node(idx).span, owner);
            self.report.push(
                Diagnostic::new(Code::EmptyText, format!("{what} is empty"))
                    .at(span, "nothing in it")
                    .help("write the text, or leave the key out"),
            );
        }
    }

    fn plain_word(&mut self, entry: &Entry, must_be: &str, fits: impl Fn(&str) -> bool) {
        let is_word = match &self.tree.node(entry.value).kind {
            Kind::Scalar(Scalar { text, style }) => *style == ScalarStyle::Plain && fits(text),
            Kind::List(_) | Kind::Map(_) | Kind::Refused => false,
        };
        if !is_word {
            let message = format!("`{}` {must_be}", entry.key);
            let label = format!("this is {}", self.describe(entry.value));
            let diagnostic = self.wrong_shape(entry.value, entry.key_span, message, &label);
            self.report.push(diagnostic);
        }
    }

    fn unknown_key(&mut self, entry: &Entry, construct: &'static Construct) {
        let names = construct.keys.iter().map(|key| key.name);
        let help = match nearest(&entry.key, names.clone()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!(
                "its keys are {}",
                names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.report.push(
            Diagnostic::new(Code::UnknownKey, format!("{} has no key `{}`", construct.indefinite, entry.key))
                .at(entry.key_span, "not known")
                .help(help),
        );
    }

    fn wrong_shape(&self, idx: NodeIdx, owner: Span, message: String, label: &str) -> Diagnostic {
        Diagnostic::new(Code::WrongShape, message).at(visible(self.tree.head(idx), owner), label)
    }

    fn is_refused(&self, idx: NodeIdx) -> bool {
        matches!(self.tree.node(idx).kind, Kind::Refused)
    }

    fn describe(&self, idx: NodeIdx) -> &'static str {
        match &self.tree.node(idx).kind {
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Refused => "something else",
            Kind::Scalar(scalar) => match scalar.style {
                ScalarStyle::Absent => "nothing",
                ScalarStyle::Plain => taken_for(&scalar.text).unwrap_or("text"),
                ScalarStyle::Quoted | ScalarStyle::Block | ScalarStyle::Folded => "text in quotes",
            },
        }
    }
}

/// Keys that only make sense with, or without, another one.
fn check_companions(tree: &Tree, report: &mut Report) {
    let root = NodeIdx::default();
    let has = |map: NodeIdx, key: &str| tree.value(map, key).is_some();
    match (has(root, "service"), has(root, "package")) {
        (true, true) => report.push(
            Diagnostic::new(Code::MisplacedKey, "a document is a service or a package, not both")
                .at(tree.key_span(root, "package"), "a package as well")
                .at(tree.key_span(root, "service"), "a service"),
        ),
        (false, false) => report.push(
            Diagnostic::new(Code::MissingKey, "a document needs the key `service` or the key `package`")
                .at(tree.head(root), "neither here")
                .help("its value is the canonical name: `package: com.vmware.cis.tagging`"),
        ),
        (false, true) => {
            for key in ["client_name", "operations"].into_iter().filter(|key| has(root, key)) {
                report.push(
                    Diagnostic::new(Code::MisplacedKey, format!("a package has no `{key}`"))
                        .at(tree.key_span(root, key), "goes with a service")
                        .at(tree.key_span(root, "package"), "a package"),
                );
            }
        }
        (true, false) => {}
    }
    for &operation in tree.list(root, "operations") {
        if has(operation, "requests_deviate") && !has(operation, "requests") {
            report.push(
                Diagnostic::new(
                    Code::MisplacedKey,
                    "`requests_deviate` goes with `requests`, which is not there",
                )
                .at(tree.key_span(operation, "requests_deviate"), "says why the lines deviate")
                .help("write the page's request lines under `requests`, or leave this out"),
            );
        }
        for key in ["rest_headers", "rest_body"] {
            if has(operation, key) && !has(operation, "rest") {
                let message = format!("`{key}` goes with `rest`, which is not there");
                report.push(
                    Diagnostic::new(Code::MisplacedKey, message)
                        .at(tree.key_span(operation, key), "is about the request below `/api`")
                        .help("write the request line below `/api` under `rest`, or leave this out"),
                );
            }
        }
        for &parameter in
            tree.list(operation, "parameters").iter().filter(|parameter| has(**parameter, "presence"))
        {
            report.push(
                Diagnostic::new(Code::MisplacedKey, "a parameter has no `presence`")
                    .at(tree.key_span(parameter, "presence"), "goes with a field of a structure")
                    .help("`required` says whether it may be left out"),
            );
        }
    }
    check_lenient(tree, report);
}

/// `lenient` gives a missing text a meaning, so it goes with texts that may not be missing.
fn check_lenient(tree: &Tree, report: &mut Report) {
    let root = NodeIdx::default();
    let of = |list: &'static str, members: &'static str| {
        let owners = tree.list(root, list).iter();
        owners.flat_map(move |&owner| tree.list(owner, members)).map(move |&member| (list, member))
    };
    let fields = of("structures", "fields").chain(of("errors", "fields"));
    for (owner, member) in of("operations", "parameters").chain(fields) {
        let is = |key: &str, text: &str| {
            tree.value(member, key).and_then(|value| tree.scalar(value)) == Some(text)
        };
        let goes = owner == "operations" && is("type", "string") && is("required", "true");
        if tree.value(member, "lenient").is_some() && !goes {
            let message = "`lenient` goes with required parameters of type `string`";
            report.push(
                Diagnostic::new(Code::MisplacedKey, message)
                    .at(tree.key_span(member, "lenient"), "this is none")
                    .help("leave it out; it means an empty text where a client sends none"),
            );
        }
    }
}

fn for_example(construct: &Construct) -> String {
    format!("for example:\n{}", construct.example.trim_end())
}

fn key_title(key: &Key) -> String {
    format!("`{}`", key.name)
}

/// A place to point at: nothing can be pointed at where nothing stands.
fn visible(span: Span, owner: Span) -> Span {
    if span.start == span.end { owner } else { span }
}
