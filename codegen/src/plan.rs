//! Facts the Rust emitters need, computed once: names, modules, boxes, element orders, errors without doubles.
//!
//! In goes the resolved API, out comes a [`Plan`] whose vectors run parallel to the API's, or everything that has no Rust
//! name of its own, as diagnostics. An emitter that has a plan cannot fail.
//! Not here: what a reference page states again, which is [`crate::derive`], and any token of Rust.

mod collisions;
mod features;
mod modules;
mod names;
mod recursion;

pub use features::feature;
pub(crate) use names::NAMED;

use std::collections::BTreeSet;

use crate::derive;
use crate::diag::Diagnostic;
use crate::ir::{self, Api, EnumerationIdx, ResourceIdx, ServiceIdx, StructureIdx, Type};

/// What the Rust emitters know besides the API.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Modules; the crate's root is the first, a parent stands before its children.
    pub modules: Vec<Module>,
    /// By [`ServiceIdx`].
    pub services: Vec<Service>,
    /// By [`StructureIdx`].
    pub structures: Vec<Structure>,
    /// By [`EnumerationIdx`].
    pub enumerations: Vec<Enumeration>,
    /// By [`ResourceIdx`].
    pub resources: Vec<Resource>,
}

/// Index into [`Plan::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleIdx(pub usize);

impl ModuleIdx {
    /// The crate's root.
    pub const ROOT: ModuleIdx = ModuleIdx(0);
}

/// A module: a document's, or the home of resource types or of other modules alone.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Canonical name of the package or service: `com.vmware.content.library.item`; of the root, empty.
    pub id: String,
    /// Segments from the crate's root, as Rust names: `["content", "library", "item"]`.
    pub path: Vec<String>,
    /// The spec file it comes from, where there is one.
    pub document: Option<ir::DocumentIdx>,
    /// Modules in it, by name.
    pub children: Vec<ModuleIdx>,
    /// The service it is of.
    pub service: Option<ServiceIdx>,
    /// Structures and errors, in page order.
    pub structures: Vec<StructureIdx>,
    /// Enumerations, in page order.
    pub enumerations: Vec<EnumerationIdx>,
    /// Resource types whose package this is.
    pub resources: Vec<ResourceIdx>,
    /// What its file declares as a type, trait or module: a name that means something else here than in the prelude.
    pub types: BTreeSet<String>,
    /// What its file declares as a static or as a value of a type.
    pub values: BTreeSet<String>,
    /// The features that need it; empty where every one does, and where none says that it is not needed.
    pub features: BTreeSet<String>,
    /// The module inside it that has what belongs to its service alone, where others need the types beside it.
    pub operations: Option<String>,
}

impl Module {
    /// Whether it declares no type.
    fn is_empty(&self) -> bool {
        self.structures.is_empty() && self.enumerations.is_empty() && self.resources.is_empty()
    }

    /// Path of the file from the crate's `src`: `content/library/item.rs`.
    #[must_use]
    pub fn file(&self) -> String {
        if self.path.is_empty() { "lib.rs".to_owned() } else { format!("{}.rs", self.path.join("/")) }
    }
}

/// A type and where it lives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its module.
    pub module: ModuleIdx,
    /// Its Rust name.
    pub name: String,
}

/// A service in Rust.
#[derive(Clone, Debug)]
pub struct Service {
    /// The server's trait: `Tag`; `TagServer` and `TagClient` go with it.
    pub named: Named,
    /// Method of the API's client that gives the service's: `tag`.
    pub client_method: String,
    /// The crate's feature that compiles it: `cis-tagging-tag`.
    pub feature: String,
    /// Its operations, in page order.
    pub operations: Vec<Operation>,
}

impl Service {
    /// What mounts an implementation: `TagServer`.
    #[must_use]
    pub fn server(&self) -> String {
        format!("{}Server", self.named.name)
    }

    /// Its client: `TagClient`.
    #[must_use]
    pub fn client(&self) -> String {
        format!("{}Client", self.named.name)
    }

    /// The static with its table.
    pub const TABLE: &'static str = names::SERVICE;
}

/// An operation in Rust.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The type that stands for it: `KeepAlive`.
    pub name: String,
    /// Its method, on client and server: `keep_alive`.
    pub method: String,
    /// The static with its table: `KEEP_ALIVE`.
    pub table: String,
    /// Its parameters.
    pub input: Structure,
    /// Its error type: `KeepAliveError`.
    pub error: String,
    /// Its errors, one for each type and status; empty where none are declared.
    pub errors: Vec<ErrorVariant>,
}

/// A variant of an operation's error type.
#[derive(Clone, Debug)]
pub struct ErrorVariant {
    /// Its name: `NotFound`; with the status where the page has another one than the error's own too, `NotFound410`.
    pub name: String,
    /// The error.
    pub structure: StructureIdx,
    /// HTTP status.
    pub status: u16,
    /// HTTP status below `/api`.
    pub rest_status: u16,
    /// Indexes into [`ir::Operation::errors`]: a page may state one error on several lines.
    pub lines: Vec<usize>,
    /// Whether the error converts into this variant: the first of its type does.
    pub converts: bool,
}

/// A structure, error or parameter list in Rust.
#[derive(Clone, Debug)]
pub struct Structure {
    /// Its type.
    pub named: Named,
    /// The static with its table: `UPDATE_SESSION_MODEL`; parameters are in the operation's.
    pub table: Option<String>,
    /// Its fields, in declared order.
    pub fields: Vec<Field>,
    /// Field numbers in the order of the pages.
    pub page_order: Vec<usize>,
    /// Whether every field has a value that says nothing: unset or empty.
    pub has_default: bool,
    /// Whether a create needs more than its type does, so that it has a constructor of its own, [`Structure::FOR_CREATE`].
    pub has_for_create: bool,
}

impl Structure {
    /// The constructor from what a create needs.
    pub const FOR_CREATE: &str = "for_create";
}

/// A field in Rust.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name: `type_`.
    pub name: String,
    /// The method that sets it, if it is optional.
    pub setter: Option<String>,
    /// Whether its structure contains the one it is in, and so stands in a box.
    pub boxed: bool,
}

/// An enumeration in Rust.
#[derive(Clone, Debug)]
pub struct Enumeration {
    /// Its type.
    pub named: Named,
    /// The static with its table.
    pub table: String,
    /// Its variants, in declared order.
    pub variants: Vec<String>,
}

/// A resource type in Rust.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The type of its identifiers: `TagId`.
    pub id: Named,
    /// The type beside it that stands for the resource type: `TagResource`.
    pub marker: String,
}

/// The variant for values that the enumeration does not declare.
pub const UNRECOGNIZED: &str = "Unrecognized";

/// Plans the Rust of the whole API.
///
/// # Errors
/// Everything that has no Rust name of its own.
pub fn plan(api: &Api) -> Result<Plan, Vec<Diagnostic>> {
    let mut modules = modules::plan_modules(api);
    let boxed = recursion::plan_boxes(api);
    let homes = modules::plan_homes(api, &modules);
    let home = |document: ir::DocumentIdx| homes[document.get()];
    let structures: Vec<Structure> = api
        .structures
        .iter()
        .enumerate()
        .map(|(idx, structure)| plan_structure(structure, home(structure.document), &boxed[idx]))
        .collect();
    let services =
        api.services.iter().map(|service| plan_service(api, service, home(service.document))).collect();
    let enumerations = api
        .enumerations
        .iter()
        .map(|enumeration| Enumeration {
            named: Named {
                module: home(enumeration.document),
                name: names::type_name(&enumeration.local_name),
            },
            table: names::table(&enumeration.local_name),
            variants: enumeration.values.iter().map(|value| names::variant(&value.name)).collect(),
        })
        .collect();
    let resources = modules::plan_resources(api, &modules);
    let mut plan = Plan { modules: Vec::new(), services, structures, enumerations, resources };
    let problems = collisions::find_collisions(api, &plan, &mut modules);
    features::plan_features(api, &plan, &mut modules);
    plan.modules = modules;
    if problems.is_empty() { Ok(plan) } else { Err(problems) }
}

fn plan_structure(structure: &ir::Structure, module: ModuleIdx, boxed: &[bool]) -> Structure {
    plan_fields(
        Named { module, name: names::type_name(&structure.local_name) },
        Some(names::table(&structure.local_name)),
        &structure.fields,
        boxed,
    )
}

fn plan_fields(named: Named, table: Option<String>, fields: &[ir::Field], boxed: &[bool]) -> Structure {
    let wire_names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    Structure {
        named,
        table,
        page_order: derive::page_order(&wire_names),
        has_default: fields.iter().all(|field| {
            matches!(field.ty, Type::Optional(_) | Type::List(_) | Type::Set(_) | Type::Map(..))
        }),
        has_for_create: fields
            .iter()
            .any(|field| matches!(field.ty, Type::Optional(_)) && field.presence.is_needed_by_create()),
        fields: fields
            .iter()
            .enumerate()
            .map(|(idx, field)| Field {
                name: names::field(&field.name),
                setter: matches!(field.ty, Type::Optional(_)).then(|| names::setter(&field.name)),
                boxed: boxed.get(idx).copied().unwrap_or(false),
            })
            .collect(),
    }
}

fn plan_service(api: &Api, service: &ir::Service, module: ModuleIdx) -> Service {
    let last_segment = service.id.rsplit('.').next().unwrap_or_default();
    Service {
        named: Named { module, name: names::type_name(last_segment) },
        feature: feature(&service.id),
        client_method: names::operation_method(service.client_name.as_deref().unwrap_or(last_segment)),
        operations: service
            .operations
            .iter()
            .map(|operation| plan_operation(api, operation, module))
            .collect(),
    }
}

fn plan_operation(api: &Api, operation: &ir::Operation, module: ModuleIdx) -> Operation {
    let name = names::type_name(&operation.name);
    let input = plan_fields(Named { module, name: format!("{name}Input") }, None, &operation.parameters, &[]);
    let method = names::operation_method(&operation.name);
    Operation {
        error: format!("{name}Error"),
        errors: plan_errors(api, operation),
        name,
        method,
        table: names::table(&operation.name),
        input,
    }
}

fn plan_errors(api: &Api, operation: &ir::Operation) -> Vec<ErrorVariant> {
    let mut variants: Vec<ErrorVariant> = Vec::new();
    for (line, error) in operation.errors.iter().enumerate() {
        let same = |variant: &&mut ErrorVariant| {
            variant.structure == error.structure && variant.status == error.status
        };
        if let Some(variant) = variants.iter_mut().find(same) {
            variant.lines.push(line);
            continue;
        }
        let structure = &api.structures[error.structure.get()];
        let base = names::type_name(&structure.local_name);
        let own_status =
            matches!(structure.kind, ir::StructureKind::Error { status, .. } if status == error.status);
        let several = operation
            .errors
            .iter()
            .any(|other| other.structure == error.structure && other.status != error.status);
        let name = if several && !own_status { format!("{base}{}", error.status) } else { base };
        let converts = variants.iter().all(|variant| variant.structure != error.structure);
        variants.push(ErrorVariant {
            name,
            structure: error.structure,
            status: error.status,
            rest_status: error.rest_status,
            lines: vec![line],
            converts,
        });
    }
    variants
}
