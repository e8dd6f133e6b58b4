//! The dumped API against an inventory of the same service that was made of another implementation, version 9.1.

#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use vapi_codegen::emit::dump::{dump_api, dump_ir, dump_plan};

/// Where we say something else on purpose: start and end of a path, and why.
const DEVIATIONS: [(&str, &str, &str); 6] = [
    ("/errors/", "/http_status", "the inventory keeps statuses in a table of their own"),
    (
        "/errors/",
        "/fields/error_type/added_in",
        "the inventory dates nothing in com.vmware.vapi.std; the 2014 pages lack it",
    ),
    ("/structures/com.vmware.vapi.std.", "/added_in", "as above"),
    ("/enumerations/com.vmware.vapi.std.", "/added_in", "as above"),
    (
        "/structures/com.vmware.content.library.item.update_session_model/fields/state/",
        "added_in",
        "the inventory dates it 6.8, but the 2014 pages show it",
    ),
    (
        "/services/com.vmware.content.library.item.update_session/operations/list/params/library_item_id/",
        "type",
        "the parameter is an item's identifier; the inventory names the type of sessions",
    ),
];

#[test]
fn our_api_is_that_of_the_inventory() {
    let theirs: Value = serde_json::from_str(&support::fixture("facts/api-update_session.json")).unwrap();
    let ours: Value = serde_json::from_str(&dump_api(&support::api())).unwrap();
    let (theirs, all_ours) = (flattened(&theirs), flattened(&ours));
    // The spec may hold more than this service needs.
    let in_theirs = |path: &str| {
        let mut parts = path.splitn(4, '/');
        let declared = format!("/{}/{}/", parts.nth(1).unwrap(), parts.next().unwrap());
        theirs.keys().any(|path| path.starts_with(&declared))
    };
    let ours: BTreeMap<&String, &String> = all_ours.iter().filter(|(path, _)| in_theirs(path)).collect();

    let mut n_hits = [0; DEVIATIONS.len()];
    let mut unexpected = Vec::new();
    let paths = ours.keys().copied().chain(theirs.keys().filter(|path| !ours.contains_key(path)));
    for path in paths {
        let (our, their) = (ours.get(path).copied(), theirs.get(path));
        if our == their {
            continue;
        }
        match DEVIATIONS.iter().position(|(start, end, _)| path.starts_with(start) && path.ends_with(end)) {
            Some(deviation) => n_hits[deviation] += 1,
            None => unexpected.push(format!("{path}: ours {our:?}, theirs {their:?}")),
        }
    }
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    assert!(theirs.len() > 300, "{}", theirs.len());
    for ((start, end, why), n_hits) in DEVIATIONS.iter().zip(n_hits) {
        assert!(n_hits > 0, "{start}*{end} deviates no more: {why}");
    }
}

#[test]
fn the_text_dump_has_a_line_for_every_declaration() {
    let api = support::api();
    let dump = dump_ir(&api);
    let n_lines = |word: &str| dump.lines().filter(|line| line.trim_start().starts_with(word)).count();
    assert_eq!(n_lines("document "), api.documents.len());
    assert_eq!(
        n_lines("operation "),
        api.services.iter().map(|service| service.operations.len()).sum::<usize>()
    );
    assert_eq!(
        n_lines("field "),
        api.structures.iter().map(|structure| structure.fields.len()).sum::<usize>()
    );
    assert_eq!(
        n_lines("value "),
        api.enumerations.iter().map(|enumeration| enumeration.values.len()).sum::<usize>()
    );
}

#[test]
fn the_plan_dump_names_everything() {
    let api = support::api();
    let plan = vapi_codegen::plan::plan(&api).unwrap_or_else(|problems| panic!("{problems:?}"));
    let dump = dump_plan(&api, &plan);
    let n_lines = |word: &str| dump.lines().filter(|line| line.trim_start().starts_with(word)).count();
    assert_eq!(n_lines("module "), plan.modules.len());
    assert_eq!(n_lines("structure "), api.structures.len());
    assert_eq!(
        n_lines("operation "),
        api.services.iter().map(|service| service.operations.len()).sum::<usize>()
    );
}

/// Leaves by path; an element of a list is named by what names it in the API, and counted where nothing does.
fn flattened(value: &Value) -> BTreeMap<String, String> {
    let mut leaves = BTreeMap::new();
    add_leaves(&mut leaves, String::new(), value);
    leaves
}

fn add_leaves(leaves: &mut BTreeMap<String, String>, path: String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                add_leaves(leaves, format!("{path}/{name}"), member);
            }
        }
        Value::Array(elements) => {
            // The lists of declarations themselves are of different lengths: the spec holds more.
            if path.matches('/').count() > 1 {
                leaves.insert(format!("{path}/#"), elements.len().to_string());
            }
            for (idx, element) in elements.iter().enumerate() {
                let name =
                    ["name", "id", "value", "field", "tag"].iter().find_map(|key| element.get(key)?.as_str());
                let name = name.map_or_else(|| idx.to_string(), str::to_owned);
                add_leaves(leaves, format!("{path}/{name}"), element);
            }
        }
        leaf => {
            leaves.insert(path, leaf.to_string());
        }
    }
}
