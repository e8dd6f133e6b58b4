//! Where pages are, and the links between them.
//!
//! In: the API's declarations. Out: paths under the output root, relative references, texts cut into linked parts.
//! Operations are `NAME.html` beside their service's `index.html`; structures and enumerations carry a suffix with a
//! hyphen, which no name has, so that they cannot meet an operation.

use std::collections::BTreeMap;

use crate::ir::{Api, Document, Enumeration, Field, Operation, Service, Structure, Type};

/// The path of the first page.
pub(super) const INDEX: &str = "docs/api/index.html";

/// A piece of text, maybe a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) href: Option<String>,
}

/// Knows the page of everything that has one.
pub(super) struct Links<'a> {
    api: &'a Api,
    by_name: BTreeMap<&'a str, String>,
}

impl<'a> Links<'a> {
    pub(super) fn new(api: &'a Api) -> Links<'a> {
        let mut links = Links { api, by_name: BTreeMap::new() };
        for document in &api.documents {
            links.by_name.insert(&document.id, links.document(document));
        }
        for structure in &api.structures {
            links.by_name.insert(&structure.id, links.structure(structure));
        }
        for enumeration in &api.enumerations {
            links.by_name.insert(&enumeration.id, links.enumeration(enumeration));
        }
        links
    }

    /// What all pages together are called.
    pub(super) fn title(&self) -> String {
        let release = self.api.as_of.as_ref().map(|release| format!(", release {release}"));
        format!("API reference{}", release.unwrap_or_default())
    }

    pub(super) fn document(&self, document: &Document) -> String {
        format!("{}/index.html", folder(&document.id))
    }

    pub(super) fn operation(&self, service: &Service, operation: &Operation) -> String {
        // The service itself is `index.html`.
        let suffix = if operation.name == "index" { "-operation" } else { "" };
        format!("{}/{}{suffix}.html", folder(&service.id), operation.name)
    }

    pub(super) fn structure(&self, structure: &Structure) -> String {
        let document = &self.api.documents[structure.document.get()];
        format!("{}/{}-structure.html", folder(&document.id), structure.local_name)
    }

    pub(super) fn enumeration(&self, enumeration: &Enumeration) -> String {
        let document = &self.api.documents[enumeration.document.get()];
        format!("{}/{}-enumeration.html", folder(&document.id), enumeration.local_name)
    }

    /// The text with every canonical name that has a page made a link.
    pub(super) fn linked(&self, page: &str, text: &str) -> Vec<Part> {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let mut parts = Vec::new();
        let mut plain = String::new();
        for piece in text.split_inclusive(|c| !is_name(c)) {
            let word = piece.trim_end_matches(|c: char| !is_name(c)).trim_end_matches('.');
            match self.by_name.get(word) {
                Some(target) => {
                    push_plain(&mut parts, &mut plain);
                    parts.push(Part { text: word.to_owned(), href: Some(relative(page, target)) });
                    plain.push_str(&piece[word.len()..]);
                }
                None => plain.push_str(piece),
            }
        }
        push_plain(&mut parts, &mut plain);
        parts
    }

    /// A type in the pages' spelling: structures and enumerations by the last word of their names.
    pub(super) fn ty(&self, page: &str, ty: &Type) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        self.add_type(&mut parts, &mut plain, page, ty);
        push_plain(&mut parts, &mut plain);
        parts
    }

    /// As [`Links::ty`], for a place that states apart whether the value may be left out.
    pub(super) fn field_type(&self, page: &str, field: &Field) -> Vec<Part> {
        self.ty(page, required(&field.ty))
    }

    fn add_type(&self, parts: &mut Vec<Part>, plain: &mut String, page: &str, ty: &Type) {
        let mut around = |open: &str, inner: &[&Type]| {
            plain.push_str(open);
            for (idx, ty) in inner.iter().enumerate() {
                plain.push_str(if idx == 0 { "<" } else { ", " });
                self.add_type(parts, plain, page, ty);
            }
            plain.push('>');
        };
        match ty {
            Type::Optional(inner) => around("Optional", &[inner]),
            Type::List(element) => around("List", &[element]),
            Type::Set(element) => around("Set", &[element]),
            Type::Map(key, value) => around("Map", &[key, value]),
            Type::DynamicStructure(Some(idx)) => around("dynamic_structure", &[&Type::Structure(*idx)]),
            Type::Structure(idx) => self.add_name(parts, plain, page, &self.api.structures[idx.get()].id),
            Type::Enumeration(idx) => self.add_name(parts, plain, page, &self.api.enumerations[idx.get()].id),
            other => plain.push_str(word(other)),
        }
    }

    fn add_name(&self, parts: &mut Vec<Part>, plain: &mut String, page: &str, id: &str) {
        push_plain(parts, plain);
        let text = id.rsplit('.').next().unwrap_or(id).to_owned();
        let href = self.by_name.get(id).map(|target| relative(page, target));
        parts.push(Part { text, href });
    }
}

/// The type of a value that is there.
pub(super) fn required(ty: &Type) -> &Type {
    match ty {
        Type::Optional(inner) => inner,
        other => other,
    }
}

/// `target` as seen from `page`; both are paths under the output root.
pub(super) fn relative(page: &str, target: &str) -> String {
    let mut from: Vec<&str> = page.split('/').collect();
    from.pop();
    let to: Vec<&str> = target.split('/').collect();
    let n_shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut reference = "../".repeat(from.len() - n_shared);
    reference.push_str(&to[n_shared..].join("/"));
    reference
}

fn folder(id: &str) -> String {
    let local = id.strip_prefix("com.vmware.").unwrap_or(id);
    format!("docs/api/{}", local.replace('.', "/"))
}

fn push_plain(parts: &mut Vec<Part>, plain: &mut String) {
    if !plain.is_empty() {
        parts.push(Part { text: std::mem::take(plain), href: None });
    }
}

fn word(ty: &Type) -> &'static str {
    match ty {
        Type::Void => "VOID",
        Type::Boolean => "boolean",
        Type::Long => "long",
        Type::Double => "double",
        Type::String => "string",
        Type::Secret => "secret",
        Type::Binary => "binary",
        Type::DateTime => "date_time",
        Type::Uri => "URI",
        Type::Id(_) => "ID",
        Type::DynamicStructure(_) => "dynamic_structure",
        Type::AnyError => "any_error",
        Type::Opaque => "opaque",
        Type::Enumeration(_) => "enumeration",
        Type::Structure(_) => "structure",
        Type::Optional(_) => "Optional",
        Type::List(_) => "List",
        Type::Set(_) => "Set",
        Type::Map(..) => "Map",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_relative() {
        assert_eq!(relative("docs/api/a/b/x.html", "docs/api/a/b/index.html"), "index.html");
        assert_eq!(relative("docs/api/a/b/x.html", "docs/api/index.html"), "../../index.html");
        assert_eq!(relative("docs/api/index.html", "docs/api/a/y.html"), "a/y.html");
        assert_eq!(relative("docs/api/a/x.html", "docs/api/b/y.html"), "../b/y.html");
    }
}
