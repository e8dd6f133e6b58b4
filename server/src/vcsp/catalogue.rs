//! Reads what a publisher says of its library, in any version of the format, from bytes that nobody vouches for.
//!
//! Publishers in the wild write numbers as texts and texts as numbers, leave fields out and add some; what is not needed is
//! not looked at. An item that cannot be understood is told apart from the others, so that it spoils nothing but itself.
//! Words about documents name places and never what stands there: whoever may make a server follow an address is not to
//! read there through its errors.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

use super::root::Root;
use crate::domain::ids::ItemId;
use crate::domain::names::{DESCRIPTION_CHARS_MAX, NAME_CHARS_MAX, fault_of_file_name, folded};
use crate::domain::published::{Edition, PublishedFile, PublishedItem};

/// How many items a library may have.
const ITEMS_MAX: usize = 100_000;

/// A published library.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LibraryHead {
    #[serde(default, deserialize_with = "loose")]
    vcsp_version: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    version: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    items_href: Option<String>,
}

impl LibraryHead {
    /// Reads `lib.json`.
    ///
    /// # Errors
    /// Words for why it is none; they are the end of a sentence, without a full stop.
    pub fn read(bytes: &[u8]) -> Result<LibraryHead, String> {
        let head: LibraryHead = read(bytes)?;
        if head.vcsp_version.is_none() || head.items_href.is_none() {
            return Err("it has no vcspVersion or no itemsHref, so it describes no library".to_owned());
        }
        Ok(head)
    }

    /// What is another text whenever anything in the library is other than before.
    pub fn version(&self) -> &str {
        self.version.as_deref().unwrap_or_default()
    }

    /// Where its items are.
    pub fn items_href(&self) -> &str {
        self.items_href.as_deref().unwrap_or_default()
    }
}

#[derive(Deserialize)]
struct Items {
    items: Vec<RawItem>,
}

/// An item as it stands in a document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RawItem {
    #[serde(deserialize_with = "loose")]
    id: Option<String>,
    #[serde(deserialize_with = "loose")]
    name: Option<String>,
    #[serde(deserialize_with = "loose")]
    description: Option<String>,
    #[serde(deserialize_with = "loose")]
    version: Option<String>,
    #[serde(deserialize_with = "loose")]
    content_version: Option<String>,
    #[serde(rename = "type", deserialize_with = "loose")]
    type_name: Option<String>,
    #[serde(deserialize_with = "loose")]
    self_href: Option<String>,
    files: Option<Vec<RawFile>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawFile {
    #[serde(deserialize_with = "loose")]
    name: Option<String>,
    #[serde(deserialize_with = "loose")]
    size: Option<String>,
    #[serde(deserialize_with = "loose")]
    etag: Option<String>,
    #[serde(deserialize_with = "loose")]
    generation_num: Option<String>,
    hrefs: Vec<String>,
}

/// What a publisher has.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Items that are understood.
    pub items: Vec<PublishedItem>,
    /// Those that are not, with why.
    pub faulty: BTreeMap<ItemId, String>,
}

/// Reads `items.json`.
///
/// # Errors
/// Words for why it is none.
pub fn read_items(bytes: &[u8]) -> Result<Vec<RawItem>, String> {
    let items = read::<Items>(bytes)?.items;
    if items.len() > ITEMS_MAX {
        return Err(format!("it has more than {ITEMS_MAX} items"));
    }
    Ok(items)
}

/// Reads `item.json`.
///
/// # Errors
/// Words for why it is none.
pub fn read_item(bytes: &[u8]) -> Result<RawItem, String> {
    read(bytes)
}

impl RawItem {
    /// Where to read what is missing of it, if something is: publishers of the first version tell sizes there alone.
    pub fn incomplete(&self) -> Option<&str> {
        let has_all = |files: &Vec<RawFile>| files.iter().all(|file| number(file.size.as_deref()).is_some());
        self.self_href.as_deref().filter(|_| !self.files.as_ref().is_some_and(has_all))
    }

    /// The same item with what another document says of it.
    #[must_use]
    pub fn completed_by(self, other: RawItem) -> RawItem {
        RawItem {
            description: other.description.or(self.description),
            files: other.files.or(self.files),
            content_version: self.content_version.or(other.content_version),
            ..self
        }
    }

    fn identifier(&self) -> Option<ItemId> {
        let id = self.id.as_deref().map(|id| id.trim().trim_start_matches("urn:uuid:"))?;
        (!id.is_empty() && id.len() <= 255 && !id.chars().any(char::is_control)).then(|| id.into())
    }
}

/// What the items come to, each on its own.
pub fn catalogue(root: &Root, items: Vec<RawItem>, files_max: usize) -> Catalogue {
    let mut catalogue = Catalogue::default();
    let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
    for (idx, raw) in items.into_iter().enumerate() {
        let Some(id) = raw.identifier() else {
            let fault = "it has no id".to_owned();
            catalogue.faulty.insert(format!("number {}", idx + 1).into(), fault);
            continue;
        };
        let understood = understand(root, &id, raw, files_max).and_then(|item| {
            if !ids.insert(id.clone()) {
                Err("another item has its id".to_owned())
            } else if !names.insert(folded(&item.name)) {
                Err("another item bears its name".to_owned())
            } else {
                Ok(item)
            }
        });
        match understood {
            Ok(item) => catalogue.items.push(item),
            Err(fault) => {
                catalogue.faulty.insert(id, fault);
            }
        }
    }
    catalogue
}

fn understand(root: &Root, id: &ItemId, raw: RawItem, files_max: usize) -> Result<PublishedItem, String> {
    let name = raw.name.filter(|name| !name.trim().is_empty()).ok_or("it has no name")?;
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(format!("its name has more than {NAME_CHARS_MAX} characters"));
    }
    let version = number(raw.version.as_deref()).unwrap_or(1);
    let content_version = number(raw.content_version.as_deref());
    let fallback = content_version.unwrap_or(version);
    let files = raw.files.unwrap_or_default();
    if files.len() > files_max {
        return Err(format!("it has more than {files_max} files"));
    }
    let files: Vec<_> =
        files.into_iter().map(|file| understand_file(root, file, fallback)).collect::<Result<_, _>>()?;
    let n_names = files.iter().map(|file| &file.name).collect::<BTreeSet<_>>().len();
    if n_names < files.len() {
        return Err("two of its files bear one name".to_owned());
    }
    let type_name = raw.type_name.as_deref().map(|name| name.trim().trim_start_matches("vcsp."));
    Ok(PublishedItem {
        id: id.clone(),
        name,
        description: raw.description.unwrap_or_default().chars().take(DESCRIPTION_CHARS_MAX).collect(),
        type_name: type_name.filter(|name| *name != "other").unwrap_or_default().to_owned(),
        version,
        content_version,
        files,
    })
}

fn understand_file(root: &Root, raw: RawFile, fallback: u64) -> Result<PublishedFile, String> {
    let name = raw.name.ok_or("one of its files has no name")?;
    if let Some(fault) = fault_of_file_name(&name) {
        return Err(format!("{name:?} names no file, {fault}"));
    }
    let href = raw.hrefs.into_iter().next().ok_or_else(|| format!("{name:?} has no address"))?;
    root.resolve(&href).map_err(|fault| format!("{name:?}: {fault}"))?;
    let size = match raw.size.as_deref() {
        None => None,
        text => Some(number(text).ok_or_else(|| format!("the size of {name:?} is none"))?),
    };
    // Where both are the same number, the file has it as its tag as well; others put there what they like.
    let tag = raw.etag.clone().filter(|etag| number(Some(etag)).is_some() && raw.etag == raw.generation_num);
    let generation = raw.generation_num.or(raw.etag).unwrap_or_else(|| fallback.to_string());
    Ok(PublishedFile { name, size, at: Edition { generation, href, tag } })
}

fn number(text: Option<&str>) -> Option<u64> {
    text?.trim().parse().ok()
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| {
        format!("it is not the JSON that is expected, at line {}, column {}", error.line(), error.column())
    })
}

/// A text, or what stands in the place of one.
fn loose<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Text(String),
        Whole(u64),
        Other(IgnoredAny),
    }
    Ok(match Loose::deserialize(deserializer)? {
        Loose::Text(text) => Some(text),
        Loose::Whole(number) => Some(number.to_string()),
        Loose::Other(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &str) -> Catalogue {
        let root = Root::of("https://host/lib/lib.json").unwrap();
        catalogue(&root, read_items(items.as_bytes()).unwrap(), 3)
    }

    #[test]
    fn items_of_scripts_and_of_servers_are_understood() {
        let read = of(r#"{"unknown": [1], "items": [
            {"id": "urn:uuid:a", "name": "vm", "version": "4", "contentVersion": 3, "type": "vcsp.ovf",
             "description": null, "selfHref": "vm/item.json", "properties": {},
             "files": [{"name": "vm.ovf", "size": 12, "etag": "2", "generationNum": 2, "hrefs": ["vm/vm.ovf"]},
                       {"name": "a b", "size": "0", "etag": "0cc175b9", "hrefs": ["vm/a b"]}]},
            {"id": "b", "name": "old", "version": 7, "type": "vcsp.other",
             "files": [{"name": "x", "etag": 9, "hrefs": ["x", "y"]}, {"name": "y", "hrefs": ["y"]}]}]}"#);
        assert!(read.faulty.is_empty(), "{read:?}");
        let [vm, old] = read.items.as_slice() else { panic!("{read:?}") };
        assert_eq!((vm.id.as_str(), vm.type_name.as_str(), vm.version), ("a", "ovf", 4));
        assert_eq!((vm.content_version, old.content_version), (Some(3), None));
        let files = |item: &PublishedItem| -> Vec<_> {
            let of = |file: &PublishedFile| (file.size, file.at.generation.clone(), file.at.tag.clone());
            item.files.iter().map(of).collect()
        };
        let text = str::to_owned;
        assert_eq!(files(vm), [(Some(12), text("2"), Some(text("2"))), (Some(0), text("0cc175b9"), None)]);
        assert_eq!(files(old), [(None, text("9"), None), (None, text("7"), None)]);
        assert_eq!(old.type_name, "");
    }

    #[test]
    fn one_item_that_makes_no_sense_spoils_only_itself() {
        let file = |file: &str| format!(r#"{{"id": "f", "name": "f", "files": [{file}]}}"#);
        let long = "x".repeat(81);
        let four = r#"{"name": "x", "hrefs": ["x"]},"#.repeat(4);
        for (item, word) in [
            (r#"{"name": "f"}"#.to_owned(), "id"),
            (r#"{"id": "f"}"#.to_owned(), "name"),
            (format!(r#"{{"id": "f", "name": "{long}"}}"#), "80"),
            (r#"{"id": "f", "name": "OK"}"#.to_owned(), "bears its name"),
            (r#"{"id": "ok", "name": "f"}"#.to_owned(), "has its id"),
            (file(r#"{"hrefs": ["x"]}"#), "no name"),
            (file(r#"{"name": "../x", "hrefs": ["x"]}"#), "path"),
            (file(r#"{"name": "x"}"#), "no address"),
            (file(r#"{"name": "x", "hrefs": ["../x"]}"#), "leaves the library"),
            (file(r#"{"name": "x", "hrefs": ["https://evil/x"]}"#), "another server"),
            (file(r#"{"name": "x", "hrefs": ["x"], "size": -1}"#), ""),
            (file(r#"{"name": "x", "hrefs": ["x"], "size": "much"}"#), "size"),
            (file(r#"{"name": "x", "hrefs": ["x"]}, {"name": "x", "hrefs": ["y"]}"#), "one name"),
            (file(four.trim_end_matches(',')), "3 files"),
        ] {
            let read = of(&format!(r#"{{"items": [{{"id": "ok", "name": "ok"}}, {item}]}}"#));
            let fault = read.faulty.values().next().map_or("", String::as_str);
            assert!(fault.contains(word), "{item}: {read:?}");
            assert_eq!(read.items[0].name, "ok");
        }
    }

    #[test]
    fn what_is_no_library_is_said_to_be_none_without_repeating_it() {
        for text in
            ["", "<html>", "[]", "{}", r#"{"vcspVersion": "2"}"#, r#"{"itemsHref": "x"}"#, "\"secret\""]
        {
            let words = LibraryHead::read(text.as_bytes()).expect_err(text);
            assert!(!words.contains("secret") && !words.contains("html"), "{words}");
        }
        let deep = "[".repeat(100_000);
        assert!(LibraryHead::read(deep.as_bytes()).is_err());
        assert!(read_items(format!("{{\"items\": [{{\"id\": {deep}").as_bytes()).is_err());
    }

    #[test]
    fn what_is_missing_is_read_from_the_items_own_document() {
        let raw = |text: &str| read_item(text.as_bytes()).unwrap();
        let item = raw(
            r#"{"id": "a", "name": "a", "selfHref": "a/item.json", "files": [{"name": "x", "hrefs": ["x"]}]}"#,
        );
        assert_eq!(item.incomplete(), Some("a/item.json"));
        let more =
            raw(r#"{"id": "z", "description": "d", "files": [{"name": "x", "size": 5, "hrefs": ["x"]}]}"#);
        let whole = item.completed_by(more);
        assert_eq!((whole.incomplete(), whole.id.as_deref()), (None, Some("a")));
        assert_eq!(raw(r#"{"id": "a", "name": "a", "selfHref": "a", "files": []}"#).incomplete(), None);
        assert_eq!(raw(r#"{"id": "a", "name": "a", "selfHref": "a"}"#).incomplete(), Some("a"));
    }
}
