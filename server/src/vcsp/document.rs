//! What a published library says of itself: `lib.json`, `items.json` and each item's `item.json`, in version 2 of the format.
//!
//! They are made from the records whenever they are asked for, so they cannot lag behind them. Numbers only grow: followers
//! compare them. Generations and tags of files are decimal numbers, because vCenter reads either as a number.
//! Not here: reading such documents of others.

use serde::Serialize;

use crate::addresses::segment;
use crate::domain::ids::Time;
use crate::domain::item::{Item, ItemFile};
use crate::domain::library::Library;
use crate::services::date_time;

/// What the document of an item is called. A file of the item may be called the same.
pub const ITEM_JSON: &str = "item.json";
/// Where such a file is.
pub const FILES: &str = "file";

/// `lib.json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LibraryDocument {
    vcsp_version: &'static str,
    version: String,
    content_version: &'static str,
    name: String,
    id: String,
    created: String,
    capabilities: Capabilities,
    items_href: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Capabilities {
    transfer_in: [&'static str; 1],
    transfer_out: [&'static str; 1],
}

/// `items.json`.
#[derive(Debug, Serialize)]
pub struct ItemsDocument {
    items: Vec<ItemDocument>,
}

/// An item, alone or among others.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemDocument {
    created: String,
    description: String,
    version: String,
    content_version: String,
    files: Vec<FileDocument>,
    id: String,
    name: String,
    properties: serde_json::Map<String, serde_json::Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metadata: Vec<Metadatum>,
    self_href: String,
    #[serde(rename = "type")]
    type_name: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FileDocument {
    name: String,
    size: u64,
    etag: String,
    generation_num: u64,
    hrefs: [String; 1],
}

/// Something that the follower's own reader of the type wants to know.
#[derive(Debug, Serialize)]
struct Metadatum {
    #[serde(rename = "type")]
    type_name: &'static str,
    domain: &'static str,
    visibility: &'static str,
    key: &'static str,
    value: String,
}

impl LibraryDocument {
    /// Of this library.
    pub fn new(library: &Library) -> LibraryDocument {
        LibraryDocument {
            vcsp_version: "2",
            version: library.revision.to_string(),
            content_version: "1",
            name: library.name.clone(),
            id: urn(library.id.as_str()),
            created: minute(library.created),
            capabilities: Capabilities { transfer_in: ["httpGet"], transfer_out: ["httpGet"] },
            items_href: "items.json",
        }
    }
}

impl ItemsDocument {
    /// Of these items.
    pub fn new(items: &[Item]) -> ItemsDocument {
        ItemsDocument { items: items.iter().map(ItemDocument::new).collect() }
    }
}

impl ItemDocument {
    /// Of this item.
    pub fn new(item: &Item) -> ItemDocument {
        let kind = Kind::of(item);
        let metadata = if kind == Kind::Ovf { vec![type_metadata(item)] } else { Vec::new() };
        ItemDocument {
            created: minute(item.created),
            description: item.description.clone(),
            version: version(item).to_string(),
            content_version: item.content_version.0.to_string(),
            files: item.files.iter().map(|file| FileDocument::new(item, file)).collect(),
            id: urn(item.id.as_str()),
            name: item.name.clone(),
            properties: serde_json::Map::new(),
            metadata,
            self_href: format!("{}/{ITEM_JSON}", segment(item.id.as_str())),
            type_name: kind.name(),
        }
    }
}

impl FileDocument {
    fn new(item: &Item, file: &ItemFile) -> FileDocument {
        let (folder, name) = (segment(item.id.as_str()), segment(&file.name));
        let href = if file.name == ITEM_JSON {
            format!("{folder}/{FILES}/{name}")
        } else {
            format!("{folder}/{name}")
        };
        FileDocument {
            name: file.name.clone(),
            size: file.size,
            etag: file.generation().to_string(),
            generation_num: file.generation(),
            hrefs: [href],
        }
    }
}

/// How often anything of the item changed: its properties or its files.
pub fn version(item: &Item) -> u64 {
    item.metadata_version.0.saturating_add(item.content_version.0.saturating_sub(1))
}

/// Types as the format has them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ovf,
    Iso,
    Other,
}

impl Kind {
    fn of(item: &Item) -> Kind {
        if item.is_of_type("ovf") {
            Kind::Ovf
        } else if item.is_of_type("iso") {
            Kind::Iso
        } else {
            Kind::Other
        }
    }

    fn name(self) -> &'static str {
        match self {
            Kind::Ovf => "vcsp.ovf",
            Kind::Iso => "vcsp.iso",
            Kind::Other => "vcsp.other",
        }
    }
}

/// What a vCenter shows of a virtual machine before it has the files. Only that it is one is told: what is in the
/// descriptor, the follower reads there.
fn type_metadata(item: &Item) -> Metadatum {
    let value = serde_json::json!({
        "id": urn(item.id.as_str()),
        "version": version(item).to_string(),
        "libraryIdParent": urn(item.library.as_str()),
        "isVappTemplate": "",
        "vmTemplate": null,
        "vappTemplate": null,
        "networks": [],
        "storagePolicyGroups": null,
    });
    Metadatum {
        type_name: "STRING",
        domain: "SYSTEM",
        visibility: "READONLY",
        key: "type-metadata",
        value: value.to_string(),
    }
}

fn urn(id: &str) -> String {
    format!("urn:uuid:{id}")
}

/// An instant without its seconds, which the format leaves out.
fn minute(time: Time) -> String {
    let text = date_time(time).to_string();
    format!("{}Z", text.get(..16).unwrap_or(&text))
}
