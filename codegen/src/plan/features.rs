//! Which features of the generated crate compile which modules.
//!
//! In: the API, and modules with what they declare. Out: a feature for each service, and for each module those that need it:
//! the service's own, and that of every service that comes to a type in it, or in a module inside it, by whatever way.
//! Modules are the grain: one type of a module brings the others.

use std::collections::BTreeSet;

use super::{Module, Named, Plan};
use crate::ir::{self, Api, Type};

/// Name of the module that a service's own items stand in where others need the types beside them.
const OPERATIONS: &str = "operations";

/// Modules by index.
type Modules = BTreeSet<usize>;

/// The feature of a service: `cis-tagging-tag`.
#[must_use]
pub fn feature(service_id: &str) -> String {
    let local = service_id.strip_prefix(super::modules::VENDOR).unwrap_or(service_id);
    local.replace(['.', '_'], "-").to_ascii_lowercase()
}

/// Fills in [`Module::features`] and [`Module::operations`].
pub(super) fn plan_features(api: &Api, plan: &Plan, modules: &mut [Module]) {
    let needs = Needs { api, plan };
    let needed_by: Vec<Modules> = modules.iter().map(|module| needs.of_module(module, modules)).collect();
    let services = api.services.iter().zip(&plan.services);
    let reached: Vec<Modules> =
        services.map(|(service, planned)| close(&needed_by, needs.of_service(service, planned))).collect();
    // Types that no service comes to are for values whose type only the sender knows.
    let is_idle =
        |idx: &usize| !modules[*idx].is_empty() && reached.iter().all(|reached| !reached.contains(idx));
    let always = close(&needed_by, (0..modules.len()).filter(is_idle).collect());
    for idx in 0..modules.len() {
        let by: Vec<usize> = (0..reached.len()).filter(|service| reached[*service].contains(&idx)).collect();
        let is_shared = match modules[idx].service {
            Some(own) => always.contains(&idx) || by.iter().any(|service| *service != own.get()),
            None => false,
        };
        if is_shared {
            let is_taken = modules[idx]
                .children
                .iter()
                .any(|child| modules[child.0].path.ends_with(&[OPERATIONS.to_owned()]));
            modules[idx].operations = Some(OPERATIONS.to_owned() + if is_taken { "_" } else { "" });
        }
        if by.len() < reached.len() && !always.contains(&idx) {
            modules[idx].features =
                by.iter().map(|service| plan.services[*service].feature.clone()).collect();
        }
    }
}

/// All modules that some of these need in the end.
fn close(needed_by: &[Modules], first: Modules) -> Modules {
    let mut todo: Vec<usize> = first.iter().copied().collect();
    let mut closed = first;
    while let Some(idx) = todo.pop() {
        todo.extend(needed_by[idx].iter().filter(|&&next| closed.insert(next)));
    }
    closed
}

/// What needs what at first hand.
struct Needs<'a> {
    api: &'a Api,
    plan: &'a Plan,
}

impl Needs<'_> {
    /// The modules a module stands in, and those of the types in its types.
    fn of_module(&self, module: &Module, modules: &[Module]) -> Modules {
        let mut needed = Modules::new();
        if let Some((_, parent)) = module.path.split_last() {
            needed.extend(modules.iter().position(|other| other.path == parent));
        }
        for structure in &module.structures {
            self.add_fields(&mut needed, &self.api.structures[structure.get()].fields);
        }
        needed
    }

    /// Its own module, and those of the types in its operations.
    fn of_service(&self, service: &ir::Service, planned: &super::Service) -> Modules {
        let mut needed = Modules::from([planned.named.module.0]);
        for operation in &service.operations {
            self.add_fields(&mut needed, &operation.parameters);
            self.add(&mut needed, &operation.result);
            for error in &operation.errors {
                needed.insert(self.plan.structures[error.structure.get()].named.module.0);
            }
        }
        needed
    }

    fn add_fields(&self, needed: &mut Modules, fields: &[ir::Field]) {
        for field in fields {
            self.add(needed, &field.ty);
        }
    }

    fn add(&self, needed: &mut Modules, ty: &Type) {
        let mut add = |named: &Named| _ = needed.insert(named.module.0);
        match ty {
            Type::Id(idx) => add(&self.plan.resources[idx.get()].id),
            Type::Enumeration(idx) => add(&self.plan.enumerations[idx.get()].named),
            Type::Structure(idx) => add(&self.plan.structures[idx.get()].named),
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) => self.add(needed, inner),
            Type::Map(key, value) => {
                self.add(needed, key);
                self.add(needed, value);
            }
            Type::Void | Type::Boolean | Type::Long | Type::Double | Type::String | Type::Secret => {}
            Type::Binary | Type::DateTime | Type::Uri => {}
            Type::DynamicStructure(_) | Type::AnyError | Type::Opaque => {}
        }
    }
}
