//! The generated crate's sources: a file for each module.
//!
//! In go the API and its plan, out come files under `generated/src`; nothing can fail any more.
//! Each construct has a file of its own here; this one says what stands in a module and in which order.

mod client;
mod docs;
mod enums;
mod errors;
mod example;
mod operations;
mod root;
mod scope;
mod server;
mod tables;
mod types;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proc_macro2::TokenStream;
use quote::quote;

use self::docs::{Docs, Links};
use self::scope::{Scope, ident};
use self::tables::NamedByTables;
use crate::File;
use crate::ir::{self, Api};
use crate::plan::{Module, ModuleIdx, Plan};
use crate::print::{self, Items};

/// Where the crate's sources are, under the output root.
const SRC: &str = "generated/src";

/// Threads that write modules: printing Rust is most of the generator's time, and a module needs no other.
const N_WORKERS: usize = 4;

/// Writes the sources of the generated crate.
#[must_use]
pub fn emit_rust(api: &Api, plan: &Plan) -> Vec<File> {
    let links = Links::new(api, plan);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut files = Vec::new();
        loop {
            let idx = next.fetch_add(1, Ordering::Relaxed);
            if idx >= plan.modules.len() {
                return files;
            }
            files.extend(emit_module(api, plan, &links, ModuleIdx(idx)));
        }
    };
    // Who writes which module depends on the machine; the sorted files do not.
    let mut files: Vec<File> = thread::scope(|scope| {
        let workers: Vec<_> = (0..N_WORKERS).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    files.sort();
    files
}

/// What the emission of one module looks at.
struct Emitter<'a> {
    api: &'a Api,
    plan: &'a Plan,
    links: &'a Links,
    scope: Scope<'a>,
    /// What the file's tables name.
    named: RefCell<NamedByTables>,
}

/// Which of a module's items a file has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    All,
    /// What others may need too.
    Types,
    /// What belongs to the service alone.
    Service,
}

/// The file of a module, and the one of the module inside it where it has one.
fn emit_module(api: &Api, plan: &Plan, links: &Links, idx: ModuleIdx) -> Vec<File> {
    let module = &plan.modules[idx.0];
    let emitter = Emitter::new(api, plan, links, Scope::new(plan, idx));
    let mut own = Items::default();
    let mut items = Items::default();
    if idx == ModuleIdx::ROOT {
        items.push(root::attributes());
        own.extend(emitter.root());
    }
    let part = if module.operations.is_some() { Part::Types } else { Part::All };
    own.append(emitter.module_items(module, part));
    items.extend(emitter.scope.uses());
    items.extend(emitter.modules_inside(module));
    items.append(own);
    let docs = emitter.module_docs(module);
    let file = emitter.file(module, &module.file(), docs, items);
    let inside = module.operations.as_ref().map(|name| {
        let emitter = Emitter::new(api, plan, links, Scope::inside(plan, idx));
        let own = emitter.module_items(module, Part::Service);
        let docs =
            emitter.docs().markdown("What belongs to the service alone; the module it stands in has it all.");
        let mut items = Items::default();
        items.extend(emitter.scope.uses());
        items.append(own);
        emitter.file(module, &format!("{}/{name}.rs", module.path.join("/")), docs, items)
    });
    std::iter::once(file).chain(inside).collect()
}

impl<'a> Emitter<'a> {
    fn new(api: &'a Api, plan: &'a Plan, links: &'a Links, scope: Scope<'a>) -> Emitter<'a> {
        Emitter { api, plan, links, scope, named: RefCell::default() }
    }
}

impl Emitter<'_> {
    fn file(&self, module: &Module, path: &str, docs: Docs<'_>, items: Items) -> File {
        let text = print::print_rust(&sources(self.api, module), &docs.into_lines(), items);
        File { path: format!("{SRC}/{path}"), text }
    }

    /// The modules inside one: those of the API's names, and that of its service's own items.
    fn modules_inside(&self, module: &Module) -> Vec<TokenStream> {
        let child = |child: &ModuleIdx| {
            let child = &self.plan.modules[child.0];
            let name = ident(child.path.last().map_or("", String::as_str));
            let only_with = only_with(&child.features);
            quote!(#only_with pub mod #name;)
        };
        let mut items: Vec<TokenStream> = module.children.iter().map(child).collect();
        if let (Some(name), Some(service)) = (&module.operations, module.service) {
            let name = ident(name);
            let only_with = only_with(&[self.plan.services[service.get()].feature.clone()].into());
            items.push(quote!(#only_with mod #name;));
            items.push(quote!(#only_with pub use self::#name::*;));
        }
        items
    }

    /// What people look for first: client and server, then the types, then what belongs to single operations, tables last.
    fn module_items(&self, module: &Module, part: Part) -> Items {
        let (mut items, mut tables) = (Items::default(), Items::default());
        let service = module.service.filter(|_| part != Part::Types);
        let service = service.map(|idx| (&self.api.services[idx.get()], &self.plan.services[idx.get()]));
        if let Some((service, planned)) = service {
            items.extend(self.client(service, planned));
            items.extend(self.server(service, planned));
            tables.push(self.service_table(service, planned));
        }
        if part != Part::Service {
            self.add_types(&mut items, &mut tables, module);
        }
        if let Some((service, planned)) = service {
            for (operation, planned) in service.operations.iter().zip(&planned.operations) {
                items.extend(self.operation(operation, planned));
                tables.push(self.operation_table(service, operation, planned));
            }
        }
        items.extend(self.named_by_tables());
        items.append(tables);
        items
    }

    fn add_types(&self, items: &mut Items, tables: &mut Items, module: &Module) {
        for idx in &module.resources {
            items.extend(self.resource(&self.api.resources[idx.get()], &self.plan.resources[idx.get()]));
        }
        for idx in &module.structures {
            let (declared, planned) = (&self.api.structures[idx.get()], &self.plan.structures[idx.get()]);
            items.extend(self.structure(declared, planned));
            tables.push(self.structure_table(declared, planned));
        }
        for idx in &module.enumerations {
            let (declared, planned) = (&self.api.enumerations[idx.get()], &self.plan.enumerations[idx.get()]);
            items.extend(self.enumeration(declared, planned));
            tables.push(self.enumeration_table(declared, planned));
        }
    }

    fn module_docs(&self, module: &Module) -> Docs<'_> {
        if module.path.is_empty() {
            return self
                .docs()
                .markdown("The API as Rust: types, a client and server traits, one module for each package and service.")
                .markdown("Everything travels through [`runtime`], which knows the representations and HTTP.");
        }
        let instead = format!("Package `{}`.", module.id);
        match module.document.map(|idx| &self.api.documents[idx.get()]) {
            Some(document) => self.docs().text(&document.doc, &instead),
            None => self.docs().markdown(&instead),
        }
    }

    fn docs(&self) -> Docs<'_> {
        Docs::new(self.links)
    }

    fn service_docs(&self, service: &ir::Service) -> Docs<'_> {
        let doc = &self.api.documents[service.document.get()].doc;
        // The whole of it stands at the module's top.
        let first = ir::Doc(doc.0.iter().take(1).cloned().collect());
        self.docs().text(&first, &format!("Service `{}`.", service.id)).releases(&service.releases)
    }
}

/// What a file is generated from, for its mark.
fn sources(api: &Api, module: &Module) -> String {
    match module.document {
        Some(idx) => api.documents[idx.get()].place.path.clone(),
        None => "spec".to_owned(),
    }
}

/// The attribute of what some features need; nothing where all do.
fn only_with(features: &BTreeSet<String>) -> Option<TokenStream> {
    let mut each = features.iter();
    match (each.next(), features.len()) {
        (None, _) => None,
        (Some(feature), 1) => Some(quote!(#[cfg(feature = #feature)])),
        _ => Some(quote!(#[cfg(any(#(feature = #features),*))])),
    }
}
