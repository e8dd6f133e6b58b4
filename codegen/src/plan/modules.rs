//! The module tree: one module for each document, for each package that has only resource types, and for each parent of these.
//!
//! In goes the API, out come the modules with what each declares; what they are called when two meet is
//! [`super::collisions`]' to judge.

use std::collections::BTreeMap;

use super::names;
use super::{Module, ModuleIdx, Named, Resource};
use crate::ir::{Api, DocumentIdx, EnumerationIdx, ResourceIdx, StructureIdx};

/// What every canonical name begins with and no module has.
pub(super) const VENDOR: &str = "com.vmware.";

/// The modules, the root first and parents before children, siblings by name; nothing in [`Module::types`] yet.
pub(super) fn plan_modules(api: &Api) -> Vec<Module> {
    let mut tree: BTreeMap<Vec<String>, Module> = BTreeMap::new();
    let ids = std::iter::once("").chain(api.documents.iter().map(|document| document.id.as_str()));
    for id in ids.chain(api.resources.iter().map(|resource| package(&resource.id))) {
        add_with_parents(&mut tree, id);
    }
    let by_id: BTreeMap<&str, DocumentIdx> =
        numbered(&api.documents, DocumentIdx).map(|(idx, document)| (document.id.as_str(), idx)).collect();
    let mut resources: BTreeMap<Vec<String>, Vec<ResourceIdx>> = BTreeMap::new();
    for (idx, resource) in numbered(&api.resources, ResourceIdx) {
        resources.entry(path_of(package(&resource.id))).or_default().push(idx);
    }
    let mut modules: Vec<Module> = tree.into_values().collect();
    for module in &mut modules {
        module.document = by_id.get(module.id.as_str()).copied();
        module.service = module.document.and_then(|idx| api.documents[idx.get()].service);
        module.resources = resources.remove(&module.path).unwrap_or_default();
    }
    let by_path: BTreeMap<Vec<String>, usize> =
        modules.iter().enumerate().map(|(idx, module)| (module.path.clone(), idx)).collect();
    for idx in 1..modules.len() {
        let path = &modules[idx].path;
        let parent = by_path[&path[..path.len() - 1]];
        modules[parent].children.push(ModuleIdx(idx));
    }
    let homes = plan_homes(api, &modules);
    for (idx, structure) in numbered(&api.structures, StructureIdx) {
        modules[homes[structure.document.get()].0].structures.push(idx);
    }
    for (idx, enumeration) in numbered(&api.enumerations, EnumerationIdx) {
        modules[homes[enumeration.document.get()].0].enumerations.push(idx);
    }
    modules
}

/// The identifier types, by [`ResourceIdx`].
pub(super) fn plan_resources(api: &Api, modules: &[Module]) -> Vec<Resource> {
    let mut homes = vec![ModuleIdx::ROOT; api.resources.len()];
    for (module, idx) in modules
        .iter()
        .enumerate()
        .flat_map(|(idx, module)| module.resources.iter().map(move |resource| (ModuleIdx(idx), *resource)))
    {
        homes[idx.get()] = module;
    }
    let planned = api.resources.iter().zip(homes).map(|(resource, module)| {
        let name = names::type_name(resource.id.rsplit('.').next().unwrap_or_default());
        Resource { id: Named { module, name: format!("{name}Id") }, marker: format!("{name}Resource") }
    });
    planned.collect()
}

/// The module of each document, by [`DocumentIdx`]; the root where another document has it.
pub(super) fn plan_homes(api: &Api, modules: &[Module]) -> Vec<ModuleIdx> {
    let mut homes = vec![ModuleIdx::ROOT; api.documents.len()];
    for (idx, module) in modules.iter().enumerate() {
        if let Some(document) = module.document {
            homes[document.get()] = ModuleIdx(idx);
        }
    }
    homes
}

/// The elements of a vector of the API with their indexes.
pub(super) fn numbered<T, I>(all: &[T], idx: fn(u32) -> I) -> impl Iterator<Item = (I, &T)> {
    (0..).map(idx).zip(all)
}

fn add_with_parents(tree: &mut BTreeMap<Vec<String>, Module>, id: &str) {
    let mut path = path_of(id);
    let mut id = id;
    loop {
        let module = Module { id: id.to_owned(), path: path.clone(), ..Module::default() };
        tree.entry(path.clone()).or_insert(module);
        if path.pop().is_none() {
            return;
        }
        id = if path.is_empty() { "" } else { package(id) };
    }
}

/// Path of the module for a canonical name of a package or service.
pub(super) fn path_of(id: &str) -> Vec<String> {
    let local = id.strip_prefix(VENDOR).unwrap_or(id);
    let mut path: Vec<String> =
        local.split('.').filter(|segment| !segment.is_empty()).map(names::module).collect();
    match path.first_mut() {
        // These two files at the root are the crate itself.
        Some(first) if first == "lib" || first == "main" => first.push('_'),
        _ => {}
    }
    path
}

fn package(id: &str) -> &str {
    id.rsplit_once('.').map_or("", |(package, _)| package)
}
