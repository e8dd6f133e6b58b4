//! Which features compile which modules: a service brings what it uses, and is not brought by it.

use std::collections::BTreeMap;

use vapi_codegen::{Source, generate};

const DESK: &str = "\
service: com.vmware.shop.desk
operations:
  - {name: list, result: {type: List<info>}}
structures:
  - name: info
    fields:
      - {name: lamp, type: com.vmware.shop.parts.lamp, required: true}
";
const DRAWER: &str = "\
service: com.vmware.shop.desk.drawer_2
operations:
  - {name: open, parameters: [{name: id, type: ID<com.vmware.shop.keys.Key>, required: true}]}
";
const OPERATIONS: &str = "\
service: com.vmware.shop.desk.operations
operations:
  - {name: count}
";
const TILL: &str = "\
service: com.vmware.shop.till
operations:
  - {name: desk, result: {type: com.vmware.shop.desk.info}}
";
const PARTS: &str = "\
package: com.vmware.shop.parts
structures:
  - {name: lamp, fields: []}
";
const LOOSE: &str = "\
package: com.vmware.shop.loose
structures:
  - {name: end, fields: []}
";

fn files(specs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let source = |(path, text): &(&str, &str)| Source {
        path: format!("spec/shop/{path}.yaml"),
        text: (*text).to_owned(),
    };
    let sources: Vec<Source> = specs.iter().map(source).collect();
    let outcome = generate(&sources);
    assert!(outcome.diagnostics.is_empty(), "{:?}", outcome.diagnostics);
    outcome.files.into_iter().map(|file| (file.path, file.text)).collect()
}

/// The attribute in front of an item.
#[track_caller]
fn check_attribute(text: &str, item: &str, attribute: &str) {
    let (before, _) =
        text.split_once(&format!("{item}\n")).unwrap_or_else(|| panic!("no {item} in:\n{text}"));
    let last = before.lines().next_back().unwrap_or_default();
    let found = if last.starts_with("#[cfg") || last == ")]" { last } else { "" };
    assert_eq!(found, attribute, "{item} in:\n{text}");
}

#[test]
fn a_service_brings_what_it_uses() {
    let files = files(&[
        ("desk", DESK),
        ("desk/drawer_2", DRAWER),
        ("desk/operations", OPERATIONS),
        ("till", TILL),
        ("parts", PARTS),
        ("loose", LOOSE),
    ]);
    let source = |path: &str| &files[&format!("generated/src/shop{path}.rs")];
    // Types that nobody uses are there always, and so is what they stand in.
    check_attribute(&files["generated/src/lib.rs"], "pub mod shop;", "");
    check_attribute(source(""), "pub mod loose;", "");
    // Every service is in the desk or uses its structure, which needs the lamp.
    check_attribute(source(""), "pub mod desk;", "");
    check_attribute(source(""), "pub mod parts;", "");
    check_attribute(source(""), "pub mod till;", "#[cfg(feature = \"shop-till\")]");
    check_attribute(source(""), "pub mod keys;", "#[cfg(feature = \"shop-desk-drawer-2\")]");
    check_attribute(source("/desk"), "pub mod drawer_2;", "#[cfg(feature = \"shop-desk-drawer-2\")]");
    // So its own items stand apart, under a name that no module of the spec has.
    check_attribute(source("/desk"), "mod operations_;", "#[cfg(feature = \"shop-desk\")]");
    check_attribute(source("/desk"), "pub use self::operations_::*;", "#[cfg(feature = \"shop-desk\")]");
    assert!(source("/desk").contains("pub struct Info"));
    let inside = source("/desk/operations_");
    assert!(inside.contains("pub struct DeskClient") && inside.contains("super::Info"), "{inside}");
    assert!(source("/till").contains("pub struct TillClient"));

    let manifest = &files["generated/Cargo.toml"];
    for feature in ["shop-desk", "shop-desk-drawer-2", "shop-desk-operations", "shop-till"] {
        assert!(manifest.contains(&format!("    \"{feature}\",\n")), "{manifest}");
        assert!(manifest.contains(&format!("\n{feature} = []\n")), "{manifest}");
    }
    let wire = &files["generated/tests/wire.rs"];
    assert!(wire.contains("#[cfg(feature = \"shop-till\")]\n    mod shop_till;"), "{wire}");
}

#[test]
fn a_crate_of_one_service_has_nothing_to_leave_out() {
    let files = files(&[("desk", DESK), ("parts", PARTS)]);
    assert!(files["generated/Cargo.toml"].contains("\nshop-desk = []\n"));
    for (path, text) in &files {
        assert!(!text.contains("cfg(feature"), "{path}:\n{text}");
    }
    assert!(!files.contains_key("generated/src/shop/desk/operations.rs"));
}
