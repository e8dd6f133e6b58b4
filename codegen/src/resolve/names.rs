//! The declarations of all documents by name, and what was probably meant by a name that there is not.

use std::collections::BTreeMap;

use super::{STANDARD_ERRORS, canonical};
use crate::diag::nearest;
use crate::syntax::{self, Document, GENERICS, NodeIdx, WORDS};

const PREFIX: &str = "com.vmware.";

/// Every declaration.
pub(super) struct Names<'a> {
    by_id: BTreeMap<String, Declared<'a>>,
    /// Documents that could not be read so far that their declarations are known: their ids as far as they are.
    opaque: Vec<Opaque>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Found {
    /// Index of a structure or error.
    Structure(usize),
    /// Index of an enumeration.
    Enumeration(usize),
    /// Something in a document that has mistakes of its own.
    Unread,
    /// Nothing.
    Nothing,
}

struct Declared<'a> {
    found: Found,
    is_error: bool,
    place: Option<(&'a Document<'a>, NodeIdx)>,
}

enum Opaque {
    Id(String),
    /// A path with dots between its parts; the id is an end of it.
    Path(String),
}

impl<'a> Names<'a> {
    pub(super) fn of(parsed: &'a syntax::Parsed<'a>) -> Names<'a> {
        let mut names = Names { by_id: BTreeMap::new(), opaque: Vec::new() };
        let mut n_structures = 0;
        let mut n_enumerations = 0;
        for document in &parsed.documents {
            let body = &document.body;
            for structure in body.structures.iter().chain(&body.errors) {
                let is_error = structure.status.is_some();
                let found = Found::Structure(n_structures);
                n_structures += 1;
                names.declare(
                    document,
                    &structure.name,
                    Declared { found, is_error, place: Some((document, structure.at)) },
                );
            }
            for enumeration in &body.enumerations {
                let found = Found::Enumeration(n_enumerations);
                n_enumerations += 1;
                let place = Some((document, enumeration.at));
                names.declare(document, &enumeration.name, Declared { found, is_error: false, place });
            }
        }
        for unread in &parsed.unread {
            names.note_unread(unread);
        }
        names
    }

    /// The first of two equal names counts; `check` reports the second.
    fn declare(&mut self, document: &Document<'_>, name: &str, declared: Declared<'a>) {
        self.by_id.entry(canonical(document, name)).or_insert(declared);
    }

    fn note_unread(&mut self, unread: &syntax::Unread<'_>) {
        let root = NodeIdx::default();
        let Some(tree) = &unread.tree else {
            let path = unread.source.path.trim_end_matches(".yaml").replace('/', ".");
            return self.opaque.push(Opaque::Path(path));
        };
        let id = ["service", "package"].into_iter().find_map(|key| tree.scalar(tree.value(root, key)?));
        let Some(id) = id else {
            let path = unread.source.path.trim_end_matches(".yaml").replace('/', ".");
            return self.opaque.push(Opaque::Path(path));
        };
        for key in ["structures", "enumerations", "errors"] {
            let is_readable = tree.value(root, key).is_none() || !tree.list(root, key).is_empty();
            let mut names = tree.list(root, key).iter().map(|entry| tree.scalar(tree.value(*entry, "name")?));
            if !is_readable || names.any(|name| name.is_none()) {
                self.opaque.push(Opaque::Id(id.to_owned()));
            }
            for entry in tree.list(root, key) {
                if let Some(name) = tree.value(*entry, "name").and_then(|name| tree.scalar(name)) {
                    let declared = Declared { found: Found::Unread, is_error: key == "errors", place: None };
                    self.by_id.entry(format!("{id}.{name}")).or_insert(declared);
                }
            }
        }
    }

    /// What `name` stands for in document `scope`: something of its own, of a package around it, innermost first, or a canonical name.
    pub(super) fn find(&self, scope: &str, name: &str) -> Found {
        let mut around = Some(scope);
        while let Some(package) = around {
            let found = self.get(&format!("{package}.{name}"));
            if !matches!(found, Found::Nothing) {
                return found;
            }
            around = package.rsplit_once('.').map(|(outer, _)| outer);
        }
        self.get(name)
    }

    fn get(&self, id: &str) -> Found {
        match self.by_id.get(id) {
            Some(declared) => declared.found,
            None if self.opaque.iter().any(|opaque| opaque.may_declare(id)) => Found::Unread,
            None => Found::Nothing,
        }
    }

    /// "did you mean" for a type.
    pub(super) fn meant_type(&self, scope: &str, name: &str) -> Option<String> {
        let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).chain(GENERICS.iter().copied()).collect();
        let is_type = |declared: &Declared<'_>| !declared.is_error;
        if let Some(id) = self.declared_elsewhere(name, is_type) {
            return Some(self.suggest(scope, id));
        }
        let spellings = self.spellings(scope, is_type);
        let candidates = words.into_iter().chain(spellings.iter().map(|(spelling, _)| spelling.as_str()));
        let meant = nearest(name, candidates)?;
        match spellings.iter().find(|(spelling, _)| spelling == meant) {
            Some((_, id)) => Some(self.suggest(scope, id)),
            None => Some(format!("did you mean `{meant}`?")),
        }
    }

    /// "did you mean" for an error.
    pub(super) fn meant_error(&self, scope: &str, name: &str) -> Option<String> {
        let is_error = |declared: &Declared<'_>| declared.is_error;
        if let Some(id) = self.declared_elsewhere(name, is_error) {
            return Some(self.suggest(scope, id));
        }
        let mut spellings = self.spellings(scope, is_error);
        spellings.extend(self.spellings(STANDARD_ERRORS, is_error));
        let meant = nearest(name, spellings.iter().map(|(spelling, _)| spelling.as_str()))?;
        let (_, id) = spellings.iter().find(|(spelling, _)| spelling == meant)?;
        Some(self.suggest(scope, id))
    }

    /// The same name in a document out of reach.
    fn declared_elsewhere(&self, name: &str, fits: impl Fn(&Declared<'_>) -> bool) -> Option<&str> {
        let end = format!(".{name}");
        let mut fitting = self.by_id.iter().filter(|(_, declared)| fits(declared)).map(|(id, _)| id.as_str());
        fitting.find(|id| id.ends_with(&end))
    }

    /// Every declaration that fits, as it can be written in `scope`: the shortest way first.
    fn spellings(&self, scope: &str, fits: impl Fn(&Declared<'_>) -> bool) -> Vec<(String, &str)> {
        let fitting = self.by_id.iter().filter(|(_, declared)| fits(declared)).map(|(id, _)| id);
        let mut spellings: Vec<(String, &str)> =
            fitting.map(|id| (shortest(scope, id).to_owned(), id.as_str())).collect();
        spellings.sort_by_key(|(spelling, _)| spelling.len());
        spellings
    }

    fn suggest(&self, scope: &str, id: &str) -> String {
        let spelling =
            if id.starts_with(STANDARD_ERRORS) { shortest(STANDARD_ERRORS, id) } else { shortest(scope, id) };
        let place =
            self.by_id.get(id).and_then(|declared| declared.place).map(|(document, at)| {
                format!(" ({}:{})", document.source.path, document.tree.line(at, "name"))
            });
        format!("did you mean `{spelling}`?{}", place.unwrap_or_default())
    }
}

impl Opaque {
    fn may_declare(&self, id: &str) -> bool {
        match self {
            Opaque::Id(document) => {
                id.strip_prefix(document.as_str()).is_some_and(|rest| rest.starts_with('.'))
            }
            Opaque::Path(path) => {
                let local = id.strip_prefix(PREFIX).unwrap_or(id);
                let mut ends = local.match_indices('.').map(|(end, _)| &local[..end]);
                ends.any(|owner| {
                    path.strip_suffix(owner).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
                })
            }
        }
    }
}

/// `id` as it can be written in `scope`.
fn shortest<'i>(scope: &str, id: &'i str) -> &'i str {
    let mut around = Some(scope);
    while let Some(package) = around {
        if let Some(local) = id.strip_prefix(package).and_then(|rest| rest.strip_prefix('.')) {
            return local;
        }
        around = package.rsplit_once('.').map(|(outer, _)| outer);
    }
    id
}
