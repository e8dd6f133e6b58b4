//! The tests that put generated values of every structure and enumeration through every representation: one test a module.
//!
//! In: the API and its plan. Out: `tests/wire/round_trips.rs`. The values are made by the runtime's `testing`.

use std::collections::BTreeSet;

use askama::Template;

use super::{TESTS, unique};
use crate::File;
use crate::ir::Api;
use crate::plan::{Module, Named, Plan};

/// Name of the module; no service's is the same.
pub(super) const MODULE: &str = "round_trips";

#[derive(Template)]
#[template(path = "wire_round_trips.txt")]
struct RoundTripsFile<'a> {
    modules: Vec<ModuleTests<'a>>,
}

struct ModuleTests<'a> {
    id: &'a str,
    test: String,
    /// The condition that its types are compiled under, if any.
    condition: Option<String>,
    structures: Vec<String>,
    enumerations: Vec<String>,
}

/// The tests of all modules that have types.
pub(super) fn emit_round_trips(api: &Api, plan: &Plan) -> File {
    let has_types = |module: &&Module| !module.structures.is_empty() || !module.enumerations.is_empty();
    let modules: Vec<&Module> = plan.modules.iter().filter(has_types).collect();
    let tests = unique(modules.iter().map(|module| module.path.as_slice()), &[]);
    let path =
        |named: &Named| format!("vapi::{}::{}", plan.modules[named.module.0].path.join("::"), named.name);
    let modules = modules.into_iter().zip(tests).map(|(module, test)| ModuleTests {
        id: module.document.map_or(module.id.as_str(), |idx| &api.documents[idx.get()].id),
        test,
        condition: condition(&module.features),
        structures: module.structures.iter().map(|idx| path(&plan.structures[idx.get()].named)).collect(),
        enumerations: module
            .enumerations
            .iter()
            .map(|idx| path(&plan.enumerations[idx.get()].named))
            .collect(),
    });
    File::from_template(format!("{TESTS}/wire/{MODULE}.rs"), &RoundTripsFile { modules: modules.collect() })
}

fn condition(features: &BTreeSet<String>) -> Option<String> {
    let each: Vec<String> = features.iter().map(|feature| format!("feature = {feature:?}")).collect();
    match &each[..] {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("any({})", each.join(", "))),
    }
}
