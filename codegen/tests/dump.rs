//! The dumped API against an inventory of the same services that was made of another implementation, version 9.1.

#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

mod support;

use std::collections::BTreeMap;

use serde_json::Value;
use vapi_codegen::derive::as_of;
use vapi_codegen::emit::dump::{dump_api, dump_ir, dump_plan};

/// Keys that the inventory has and the dump has not, with the reason.
const NOT_DUMPED: [(&str, &str); 8] = [
    ("generated_from", "where the inventory comes from"),
    ("counts", "follows from the rest"),
    ("resource_types", "follows from the identifiers"),
    ("python", "a name of another implementation"),
    ("extends", "the spec repeats the fields that errors have in common"),
    ("rest_format", "a note on the inventory's own form"),
    ("model", "follows from the fields that say which use they are for"),
    ("model_keys", "as above"),
];

const UNDATED: &str = "the inventory does not date it, and the 2014 pages lack it";

/// Where we say something else on purpose: start and end of a path, and why.
const DEVIATIONS: [(&str, &str, &str); 18] = [
    ("/services/", "/rest/status", "the inventory has no statuses of success"),
    ("/errors/", "/http_status", "the inventory keeps statuses in a table of their own"),
    ("/errors/", "/fields/error_type/added_in", UNDATED),
    ("/errors/", "/fields/challenge/added_in", UNDATED),
    ("/structures/com.vmware.vapi.std.", "/added_in", UNDATED),
    ("/enumerations/com.vmware.vapi.std.", "/added_in", UNDATED),
    ("/structures/com.vmware.content.library.item.storage.info/fields/", "/added_in", UNDATED),
    ("/structures/com.vmware.content.library.optimization_info", "/added_in", UNDATED),
    ("/structures/com.vmware.content.library_model/fields/optimization_info", "/added_in", UNDATED),
    ("/structures/com.vmware.content.library.publish_info/fields/current_password", "/added_in", UNDATED),
    ("/structures/com.vmware.content.type.ovf.", "/added_in", UNDATED),
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
    (
        "/services/com.vmware.content.library.item.update_session/operations/list/privileges/on/0/",
        "resource",
        "as above",
    ),
    (
        "/structures/com.vmware.content.library.subscriptions.create_spec_placement/fields/",
        "/type",
        "the inventory leaves open what is identified",
    ),
    ("/structures/com.vmware.content.library.subscriptions.placement_info/fields/", "/type", "as above"),
    (
        "/structures/com.vmware.content.library.subscriptions.update_spec_placement/fields/",
        "/type",
        "as above",
    ),
    (
        "/structures/com.vmware.vapi.std.dynamic_ID/fields/id/",
        "type",
        "the type that another field names cannot be declared",
    ),
];

#[test]
fn our_api_is_that_of_the_inventory() {
    let mut theirs: Value = serde_json::from_str(&support::fixture("facts/api-content.json")).unwrap();
    let mut ours: Value = serde_json::from_str(&dump_api(&support::api())).unwrap();
    name_structures(&mut theirs);
    place_constants(&mut theirs);
    simplify_rest(&mut theirs);
    for (key, why) in NOT_DUMPED {
        assert!(n_removed(&mut theirs, key) > 0, "the inventory has no {key}: {why}");
        assert_eq!(n_removed(&mut ours, key), 0, "{key} is dumped: {why}");
    }
    theirs.as_object_mut().unwrap().remove("http_status");
    let (ours, theirs) = (flattened(&ours), flattened(&theirs));

    let mut n_hits = [0; DEVIATIONS.len()];
    let mut unexpected = Vec::new();
    let paths = ours.keys().chain(theirs.keys().filter(|path| !ours.contains_key(*path)));
    for path in paths {
        let (our, their) = (ours.get(path), theirs.get(path));
        if our == their {
            continue;
        }
        match DEVIATIONS.iter().position(|(start, end, _)| path.starts_with(start) && path.ends_with(end)) {
            Some(deviation) => n_hits[deviation] += 1,
            None => unexpected.push(format!("{path}: ours {our:?}, theirs {their:?}")),
        }
    }
    assert!(unexpected.is_empty(), "{unexpected:#?}");
    assert!(theirs.len() > 2_000, "{}", theirs.len());
    for ((start, end, why), n_hits) in DEVIATIONS.iter().zip(n_hits) {
        assert!(n_hits > 0, "{start}*{end} deviates no more: {why}");
    }
}

/// Says where an ID stands by the structure, as we do, instead of a class of another implementation.
fn name_structures(inventory: &mut Value) {
    let class_of = |structure: &Value| {
        let class = structure["python"].as_str().unwrap().replace(':', ".");
        (class, structure["name"].as_str().unwrap().to_owned())
    };
    let structures: Vec<(String, String)> =
        inventory["structures"].as_array().unwrap().iter().map(class_of).collect();
    let services = inventory["services"].as_array_mut().unwrap().iter_mut();
    for operation in services.flat_map(|service| service["operations"].as_array_mut().unwrap()) {
        let on = operation.pointer_mut("/privileges/on").and_then(Value::as_array_mut);
        for of in on.into_iter().flatten().map(|needed| &mut needed["of"]) {
            if let Some((class, field)) = of.as_str().unwrap().rsplit_once('.') {
                let is_it =
                    |(full, _): &&(String, String)| full == class || full.ends_with(&format!(".{class}"));
                let (_, name) = structures.iter().find(is_it).unwrap();
                *of = format!("{name}.{field}").into();
            }
        }
    }
}

/// Puts constants into the structures that they are of, as we do. Those of services name their resource type, which ours have
/// with the identifiers: `LibraryId::RESOURCE_TYPE`.
fn place_constants(inventory: &mut Value) {
    let constants = inventory.as_object_mut().unwrap().remove("constants").unwrap();
    let resources: Vec<String> = support::api().resources.into_iter().map(|resource| resource.id).collect();
    for (owner, constants) in constants.as_object().unwrap() {
        if let Some(resource) = constants.get("RESOURCE_TYPE") {
            assert!(resources.iter().any(|own| own == resource), "no identifier of a {resource}");
            continue;
        }
        let structures = inventory["structures"].as_array_mut().unwrap().iter_mut();
        let structure = structures.into_iter().find(|structure| structure["name"] == **owner).unwrap();
        structure["constants"] = constants.clone();
    }
}

/// Says where an operation is in the newer URL space as we do: parameters' names in the path, and a query without a second list
/// of the keys that tell operations apart.
fn simplify_rest(inventory: &mut Value) {
    let services = inventory["services"].as_array_mut().unwrap().iter_mut();
    for operation in services.flat_map(|service| service["operations"].as_array_mut().unwrap()) {
        let rest = operation["rest"].as_object_mut().unwrap();
        let mut url = rest["url"].as_str().unwrap().to_owned();
        for (parameter, variable) in members(rest.remove("path_variables").as_ref()) {
            url = url.replace(&format!("{{{variable}}}"), &format!("{{{parameter}}}"));
        }
        let mut query: Vec<Value> = Vec::new();
        for (parameter, key) in members(rest.remove("query").as_ref()) {
            assert_eq!(parameter, key);
            query.push(key.into());
        }
        for key in rest.remove("query_from_dispatch").iter().flat_map(|keys| keys.as_array().unwrap()) {
            url = url.strip_suffix(&format!("?{}", key.as_str().unwrap())).unwrap().to_owned();
            query.push(key.clone());
        }
        for (key, action) in members(rest.remove("dispatch").as_ref()) {
            assert_eq!(url.split_once('?').unwrap().1, format!("{key}={action}"));
        }
        for style in members(rest.remove("query_styles").as_ref()) {
            assert_eq!(style.1, "form");
        }
        rest.remove("status_to_std_error_map").unwrap();
        rest.insert("url".to_owned(), url.into());
        if !query.is_empty() {
            rest.insert("query".to_owned(), query.into());
        }
    }
}

fn members(object: Option<&Value>) -> Vec<(String, String)> {
    let member = |(key, value): (&String, &Value)| (key.clone(), value.as_str().unwrap().to_owned());
    object.into_iter().flat_map(|object| object.as_object().unwrap()).map(member).collect()
}

/// Removes a key everywhere; how often it was there.
fn n_removed(value: &mut Value, key: &str) -> usize {
    match value {
        Value::Object(members) => {
            let here = usize::from(members.remove(key).is_some());
            here + members.values_mut().map(|member| n_removed(member, key)).sum::<usize>()
        }
        Value::Array(elements) => elements.iter_mut().map(|element| n_removed(element, key)).sum(),
        _ => 0,
    }
}

#[test]
fn our_errors_have_the_statuses_of_the_inventory() {
    let theirs: Value = serde_json::from_str(&support::fixture("facts/api-content.json")).unwrap();
    let ours: Value = serde_json::from_str(&dump_api(&support::api())).unwrap();
    let status_of = |error: &Value| (error["name"].clone(), error["http_status"].clone());
    let ours: Vec<(Value, Value)> = ours["errors"].as_array().unwrap().iter().map(status_of).collect();
    let theirs = theirs["http_status"]["vapi_to_http"].as_object().unwrap();
    assert!(theirs.len() > 20, "{}", theirs.len());
    for (name, status) in theirs {
        assert!(ours.contains(&(name.as_str().into(), status.clone())), "{name} {status}");
    }
}

#[test]
fn a_release_has_what_came_with_it_or_before() {
    let dumped = |release: &str| -> Value {
        let release = vapi_codegen::release(release).unwrap();
        serde_json::from_str(&dump_api(&as_of(&support::api(), &release))).unwrap()
    };
    let n_leaves = |dump: &Value| flattened(dump).len();
    let (first, last) = (dumped("6.0"), dumped("9.1"));
    let everything: Value = serde_json::from_str(&dump_api(&support::api())).unwrap();
    assert!(flattened(&last) == flattened(&everything), "the inventory's own release has everything");
    assert!(n_leaves(&first) < n_leaves(&dumped("6.8")), "releases add things");
    // Nothing of the first release has a date.
    assert!(!flattened(&first).keys().any(|path| path.ends_with("/added_in")));
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
            let name_of = |element: &Value| {
                let keys = ["name", "id", "value", "field", "tag"];
                keys.iter().find_map(|key| element.get(key)?.as_str()).map(str::to_owned)
            };
            // Declarations may stand in any order, and so may operations, which have that of their page here.
            let is_ordered = path.matches('/').count() > 1 && !path.ends_with("/operations");
            if is_ordered {
                let names: Vec<String> = elements.iter().filter_map(name_of).collect();
                leaves.insert(format!("{path}/#"), format!("{} {}", elements.len(), names.join(" ")));
            }
            for (idx, element) in elements.iter().enumerate() {
                let name = name_of(element).unwrap_or_else(|| idx.to_string());
                add_leaves(leaves, format!("{path}/{name}"), element);
            }
        }
        leaf => {
            leaves.insert(path, leaf.to_string());
        }
    }
}
