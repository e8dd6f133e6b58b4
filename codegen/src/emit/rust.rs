//! The generated crate's sources: a file for each module.
//!
//! In go the API and its plan, out come files under `generated/src`; nothing can fail any more.
//! Each construct has a file of its own here; this one says what stands in a module and in which order.

mod client;
mod docs;
mod enums;
mod errors;
mod operations;
mod root;
mod scope;
mod server;
mod tables;
mod types;

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proc_macro2::TokenStream;
use quote::quote;

use self::docs::{Docs, Links};
use self::scope::{Scope, ident};
use crate::File;
use crate::ir::{self, Api};
use crate::plan::{Module, ModuleIdx, Plan};
use crate::print;

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
            files.push(emit_module(api, plan, &links, ModuleIdx(idx)));
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
}

fn emit_module(api: &Api, plan: &Plan, links: &Links, idx: ModuleIdx) -> File {
    let module = &plan.modules[idx.0];
    let emitter = Emitter { api, plan, links, scope: Scope::new(plan, idx) };
    let mut own = Vec::new();
    let mut items = Vec::new();
    if idx == ModuleIdx::ROOT {
        items.push(root::attributes());
        own.extend(emitter.root());
    }
    own.extend(emitter.module_items(module));
    items.extend(emitter.scope.uses());
    items.extend(module.children.iter().map(|child| {
        let name = ident(plan.modules[child.0].path.last().map_or("", String::as_str));
        quote!(pub mod #name;)
    }));
    items.extend(own);
    let docs = emitter.module_docs(module).into_lines();
    File {
        path: format!("{SRC}/{}", module.file()),
        text: print::print_rust(&sources(api, module), &docs, items),
    }
}

impl Emitter<'_> {
    /// What people look for first: client and server, then the types, then what belongs to single operations, tables last.
    fn module_items(&self, module: &Module) -> Vec<TokenStream> {
        let (mut items, mut tables) = (Vec::new(), Vec::new());
        let service =
            module.service.map(|idx| (&self.api.services[idx.get()], &self.plan.services[idx.get()]));
        if let Some((service, planned)) = service {
            items.extend(self.client(service, planned));
            items.extend(self.server(service, planned));
            tables.push(self.service_table(service, planned));
        }
        for idx in &module.resources {
            items.push(self.resource(&self.api.resources[idx.get()], &self.plan.resources[idx.get()]));
        }
        for idx in &module.structures {
            let (declared, planned) = (&self.api.structures[idx.get()], &self.plan.structures[idx.get()]);
            items.extend(self.structure(declared, planned));
            let (id, fields, unions) = (&declared.id, &declared.fields, &declared.unions);
            tables.push(self.structure_table(id, fields, unions, planned, &declared.place));
        }
        for idx in &module.enumerations {
            let (declared, planned) = (&self.api.enumerations[idx.get()], &self.plan.enumerations[idx.get()]);
            items.extend(self.enumeration(declared, planned));
            tables.push(self.enumeration_table(declared, planned));
        }
        if let Some((service, planned)) = service {
            for (operation, planned) in service.operations.iter().zip(&planned.operations) {
                items.extend(self.operation(operation, planned));
                tables.push(self.operation_table(service, operation, planned));
                let (fields, place) = (&operation.parameters, &operation.place);
                tables.push(self.structure_table("operation-input", fields, &[], &planned.input, place));
            }
        }
        items.extend(tables);
        items
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
