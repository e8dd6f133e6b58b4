//! Names that two declarations would share, and names that the generated code needs itself.
//!
//! In goes the API with its planned names, out come the problems; on the way each module learns what it declares, which is
//! what an emitter asks before it writes a name of the prelude.

use std::collections::{BTreeMap, BTreeSet};

use super::{Module, ModuleIdx, Plan, Service, Structure, UNRECOGNIZED, modules};
use crate::diag::{Code, Diagnostic};
use crate::ir::{self, Api, Place};

/// Finds all problems with names, module by module.
pub(super) fn find_collisions(api: &Api, plan: &Plan, modules: &mut [Module]) -> Vec<Diagnostic> {
    let mut problems = find_shared_modules(api, modules);
    for idx in 0..modules.len() {
        let mut names = Names::default();
        collect_module(api, plan, modules, ModuleIdx(idx), &mut names);
        problems.append(&mut names.problems);
        modules[idx].types = names.types.into_keys().collect();
        modules[idx].values = names.values.into_keys().collect();
    }
    for (service, planned) in api.services.iter().zip(&plan.services) {
        find_in_service(api, service, planned, &mut problems);
    }
    for (structure, planned) in api.structures.iter().zip(&plan.structures) {
        let owner = format!("structure `{}`", structure.id);
        find_in_fields(&owner, &structure.fields, planned, &mut problems);
    }
    for (enumeration, planned) in api.enumerations.iter().zip(&plan.enumerations) {
        find_in_values(enumeration, &planned.variants, &mut problems);
    }
    let mut clients = Scope::default();
    for (service, planned) in api.services.iter().zip(&plan.services) {
        let declared = service_declared(api, service);
        clients.add(&planned.client_method, || declared, &mut problems);
    }
    problems
}

/// A declaration, as diagnostics speak of it.
#[derive(Clone)]
struct Declared {
    /// What it is and its name in the spec: "structure `com.vmware.a.b`".
    what: String,
    /// Its place; a resource type has none.
    place: Place,
}

impl Declared {
    fn label(&self, diagnostic: Diagnostic, text: &str) -> Diagnostic {
        match self.place.line {
            0 => diagnostic,
            line => diagnostic.at_line(&self.place.path, line, text),
        }
    }
}

fn collision(name: &str, first: &Declared, second: &Declared) -> Diagnostic {
    let message = format!("{} and {} are both `{name}` in Rust", first.what, second.what);
    let diagnostic = second.label(Diagnostic::new(Code::NameCollision, message), "");
    let diagnostic =
        if first.place == second.place { diagnostic } else { first.label(diagnostic, "the first is here") };
    diagnostic.help("rename one of them, or, for two services, give one another `client_name`")
}

fn reserved(name: &str, declared: &Declared, stands_for: &str) -> Diagnostic {
    let message = format!("{} would be `{name}` in Rust, which stands for {stands_for}", declared.what);
    declared.label(Diagnostic::new(Code::ReservedName, message), "")
}

/// One set of names that must differ.
#[derive(Default)]
struct Scope(BTreeMap<String, Declared>);

impl Scope {
    fn add(&mut self, name: &str, declared: impl FnOnce() -> Declared, problems: &mut Vec<Diagnostic>) {
        let Some(first) = self.0.get(name) else {
            self.0.insert(name.to_owned(), declared());
            return;
        };
        problems.push(collision(name, first, &declared()));
    }
}

/// What a module's file declares.
#[derive(Default)]
struct Names {
    types: BTreeMap<String, Declared>,
    values: BTreeMap<String, Declared>,
    problems: Vec<Diagnostic>,
    reported: BTreeSet<(String, String)>,
}

impl Names {
    fn add_type(&mut self, name: &str, declared: &Declared) {
        if let Some(first) = self.types.get(name).cloned() {
            self.report(name, &first, declared);
        } else {
            self.types.insert(name.to_owned(), declared.clone());
        }
    }

    fn add_value(&mut self, name: &str, declared: &Declared) {
        if let Some(first) = self.values.get(name).cloned() {
            self.report(name, &first, declared);
        } else {
            self.values.insert(name.to_owned(), declared.clone());
        }
    }

    /// Two declarations that share one name share several: a type and its table.
    fn report(&mut self, name: &str, first: &Declared, second: &Declared) {
        if self.reported.insert((first.what.clone(), second.what.clone())) {
            self.problems.push(collision(name, first, second));
        }
    }

    fn add_table(&mut self, structure: &Structure, declared: &Declared) {
        self.add_type(&structure.named.name, declared);
        if let Some(table) = &structure.table {
            self.add_value(table, declared);
        }
    }
}

fn collect_module(api: &Api, plan: &Plan, modules: &[Module], idx: ModuleIdx, names: &mut Names) {
    let module = &modules[idx.0];
    if idx == ModuleIdx::ROOT {
        for (name, stands_for) in [("runtime", "the crate `vapi_runtime`"), ("Client", "the API's client")] {
            let declared = Declared { what: stands_for.to_owned(), place: Place::default() };
            names.types.insert(name.to_owned(), declared);
        }
    }
    if let Some(service_idx) = module.service {
        collect_service(api, &api.services[service_idx.get()], &plan.services[service_idx.get()], names);
    }
    for &structure in &module.structures {
        let declared = Declared {
            what: format!("structure `{}`", api.structures[structure.get()].id),
            place: api.structures[structure.get()].place.clone(),
        };
        names.add_table(&plan.structures[structure.get()], &declared);
    }
    for &enumeration in &module.enumerations {
        let declared = Declared {
            what: format!("enumeration `{}`", api.enumerations[enumeration.get()].id),
            place: api.enumerations[enumeration.get()].place.clone(),
        };
        let planned = &plan.enumerations[enumeration.get()];
        names.add_type(&planned.named.name, &declared);
        names.add_value(&planned.table, &declared);
    }
    for &resource in &module.resources {
        let what = format!("resource type `{}`", api.resources[resource.get()].id);
        let declared = Declared { what, place: Place::default() };
        let planned = &plan.resources[resource.get()];
        names.add_type(&planned.id.name, &declared);
        names.add_type(&planned.marker, &declared);
    }
    for &child in &module.children {
        let child = &modules[child.0];
        let place = child.document.map(|idx| api.documents[idx.get()].place.clone()).unwrap_or_default();
        let declared = Declared { what: format!("package `{}`", child.id), place };
        names.add_type(child.path.last().map_or("", String::as_str), &declared);
    }
}

fn collect_service(api: &Api, service: &ir::Service, planned: &Service, names: &mut Names) {
    let declared = service_declared(api, service);
    names.add_type(&planned.named.name, &declared);
    for tuple in [planned.server(), planned.client()] {
        names.add_type(&tuple, &declared);
        names.add_value(&tuple, &declared);
    }
    names.add_value(Service::TABLE, &declared);
    for (operation, planned) in service.operations.iter().zip(&planned.operations) {
        let declared = operation_declared(service, operation);
        names.add_type(&planned.name, &declared);
        names.add_value(&planned.name, &declared);
        names.add_value(&planned.table, &declared);
        names.add_table(&planned.input, &declared);
        if !planned.errors.is_empty() {
            names.add_type(&planned.error, &declared);
        }
    }
}

/// Documents whose module is another's.
fn find_shared_modules(api: &Api, modules: &[Module]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (idx, document) in modules::numbered(&api.documents, ir::DocumentIdx) {
        if modules.iter().any(|module| module.document == Some(idx)) {
            continue;
        }
        let path = modules::path_of(&document.id);
        let other = modules.iter().find(|module| module.path == path);
        let other = other.and_then(|module| module.document).map(|idx| &api.documents[idx.get()]);
        let declared = |document: &ir::Document| Declared {
            what: format!("`{}`", document.id),
            place: document.place.clone(),
        };
        let name = path.join("::");
        problems.push(match other {
            Some(other) => collision(&name, &declared(other), &declared(document)),
            None => reserved(&name, &declared(document), "another package"),
        });
    }
    problems
}

fn find_in_service(api: &Api, service: &ir::Service, planned: &Service, problems: &mut Vec<Diagnostic>) {
    let mut methods = Scope::default();
    for (operation, planned) in service.operations.iter().zip(&planned.operations) {
        let owner = format!("operation `{}`", operation.name);
        methods.add(&planned.method, || operation_declared(service, operation), problems);
        find_in_fields(&owner, &operation.parameters, &planned.input, problems);
        let mut variants = Scope::default();
        for variant in &planned.errors {
            let error = &operation.errors[variant.lines[0]];
            let declared = || Declared {
                what: format!("error `{}` of {owner}", api.structures[variant.structure.get()].id),
                place: error.place.clone(),
            };
            variants.add(&variant.name, declared, problems);
        }
    }
}

fn find_in_fields(owner: &str, fields: &[ir::Field], planned: &Structure, problems: &mut Vec<Diagnostic>) {
    let (mut names, mut setters) = (Scope::default(), Scope::default());
    for (field, planned) in fields.iter().zip(&planned.fields) {
        let declared =
            || Declared { what: format!("`{}` of {owner}", field.name), place: field.place.clone() };
        let n_before = problems.len();
        names.add(&planned.name, declared, problems);
        if let Some(setter) = &planned.setter
            && problems.len() == n_before
        {
            setters.add(setter, declared, problems);
        }
    }
}

fn find_in_values(enumeration: &ir::Enumeration, variants: &[String], problems: &mut Vec<Diagnostic>) {
    let mut names = Scope::default();
    for (value, variant) in enumeration.values.iter().zip(variants) {
        let declared = || Declared {
            what: format!("value `{}` of enumeration `{}`", value.name, enumeration.id),
            place: value.place.clone(),
        };
        if variant == UNRECOGNIZED {
            problems.push(reserved(variant, &declared(), "values that the enumeration does not declare"));
        } else {
            names.add(variant, declared, problems);
        }
    }
}

fn service_declared(api: &Api, service: &ir::Service) -> Declared {
    let place = api.documents[service.document.get()].place.clone();
    Declared { what: format!("service `{}`", service.id), place }
}

fn operation_declared(service: &ir::Service, operation: &ir::Operation) -> Declared {
    Declared {
        what: format!("operation `{}` of `{}`", operation.name, service.id),
        place: operation.place.clone(),
    }
}
