//! How one file names what it uses: imports at its top, and whole paths where a name of its own stands in the way.
//!
//! In goes what an item needs, out come the tokens to write there; [`Scope::uses`] gives the `use` items they lean on.
//! A spec may call a structure `String`, an operation `send` or a package `std`; the module's declared names
//! ([`crate::plan::Module::types`]) say so, and the file then writes the prelude's by its path.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::plan::{Module, ModuleIdx, Named, Plan};

/// Names every file has without importing them, as far as generated code uses them, with where they live.
const PRELUDE: &[(&str, &str)] = &[
    ("Box", "std::boxed::Box"),
    ("Default", "std::default::Default"),
    ("Err", "std::result::Result::Err"),
    ("From", "std::convert::From"),
    ("Future", "std::future::Future"),
    ("Into", "std::convert::Into"),
    ("None", "std::option::Option::None"),
    ("Ok", "std::result::Result::Ok"),
    ("Option", "std::option::Option"),
    ("Result", "std::result::Result"),
    ("Send", "std::marker::Send"),
    ("Some", "std::option::Option::Some"),
    ("String", "std::string::String"),
    ("Sync", "std::marker::Sync"),
    ("Vec", "std::vec::Vec"),
];

/// The runtime's door for generated code.
const DOOR: &str = "vapi_runtime::codegen";

/// The names in one file.
pub(super) struct Scope<'a> {
    plan: &'a Plan,
    module: &'a Module,
    /// Whether the file is the module inside, with what belongs to the service alone.
    is_inside: bool,
    /// Short name to whole path.
    imports: RefCell<BTreeMap<String, String>>,
}

/// An identifier; the plan has made sure that it is one.
pub(super) fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

impl<'a> Scope<'a> {
    pub(super) fn new(plan: &'a Plan, module: ModuleIdx) -> Scope<'a> {
        Scope { plan, module: &plan.modules[module.0], is_inside: false, imports: RefCell::default() }
    }

    /// The names in the module inside this one, [`Module::operations`].
    pub(super) fn inside(plan: &'a Plan, module: ModuleIdx) -> Scope<'a> {
        Scope { is_inside: true, ..Scope::new(plan, module) }
    }

    /// The door itself, for `codegen::Structure`.
    pub(super) fn door(&self) -> TokenStream {
        self.import(DOOR)
    }

    /// An item behind the door that is used so often that it is imported: `Ty`.
    pub(super) fn behind_door(&self, name: &str) -> TokenStream {
        if self.is_taken(name) {
            let (door, name) = (self.door(), ident(name));
            return quote!(#door::#name);
        }
        self.import(&format!("{DOOR}::{name}"))
    }

    /// What the runtime gives everybody: `Call`.
    pub(super) fn runtime(&self, name: &str) -> TokenStream {
        self.import(&format!("vapi_runtime::{name}"))
    }

    /// An item of the standard library: `collections::BTreeMap`.
    pub(super) fn std(&self, path: &str) -> TokenStream {
        self.import(&format!("std::{path}"))
    }

    /// A type of the prelude.
    pub(super) fn prelude_type(&self, name: &str) -> TokenStream {
        self.prelude(name, self.module.types.contains(name))
    }

    /// A variant of the prelude, as a function.
    pub(super) fn prelude_value(&self, name: &str) -> TokenStream {
        self.prelude(name, self.module.values.contains(name))
    }

    /// A generated type.
    pub(super) fn named(&self, named: &Named) -> TokenStream {
        self.generated(named.module, &named.name)
    }

    /// The static of a generated type.
    pub(super) fn table(&self, module: ModuleIdx, table: &str) -> TokenStream {
        self.generated(module, table)
    }

    /// A name like this one that nothing in the file has.
    pub(super) fn free(&self, name: &str) -> Ident {
        let mut free = name.to_owned();
        while self.module.types.contains(&free) {
            free.push('_');
        }
        ident(&free)
    }

    /// The imports that what was written so far needs, a `use` for each parent.
    pub(super) fn uses(&self) -> Vec<TokenStream> {
        let imports = self.imports.borrow();
        let mut by_parent: BTreeMap<(u8, &str), Vec<TokenStream>> = BTreeMap::new();
        for (name, path) in imports.iter().filter(|(_, path)| *path != DOOR || !has_door_items(&imports)) {
            let (parent, _) = path.rsplit_once("::").unwrap_or(("", path));
            let name = ident(name);
            by_parent.entry((group(parent), parent)).or_default().push(quote!(#name));
        }
        if imports.values().any(|path| path == DOOR)
            && let Some(names) = by_parent.get_mut(&(group(DOOR), DOOR))
        {
            names.insert(0, quote!(self));
        }
        let uses = by_parent.into_iter().map(|((_, parent), names)| {
            let parent = self.tokens(parent);
            match names.as_slice() {
                [name] => quote!(use #parent::#name;),
                names => quote!(use #parent::{#(#names),*};),
            }
        });
        uses.collect()
    }

    fn prelude(&self, name: &str, is_shadowed: bool) -> TokenStream {
        let path = PRELUDE.iter().find(|(own, _)| *own == name).map(|(_, path)| *path);
        match path {
            Some(path) if is_shadowed => self.tokens(path),
            _ => self.tokens(name),
        }
    }

    fn generated(&self, module: ModuleIdx, name: &str) -> TokenStream {
        let target = &self.plan.modules[module.0];
        if target.path == self.module.path {
            return if self.is_inside { self.tokens(&format!("super::{name}")) } else { self.tokens(name) };
        }
        let path = |first: Option<&str>, modules: &[String]| {
            let modules = modules.iter().map(String::as_str);
            first.into_iter().chain(modules).chain([name]).collect::<Vec<_>>().join("::")
        };
        let tokens = self.import(&path(Some("crate"), &target.path));
        match target.path.strip_prefix(self.module.path.as_slice()) {
            // What is in a module of this one has a shorter path.
            Some(below) if !self.is_inside && !self.is_imported(name, &target.path) => {
                segments(&path(None, below))
            }
            _ => tokens,
        }
    }

    fn is_imported(&self, name: &str, module: &[String]) -> bool {
        let imports = self.imports.borrow();
        imports.get(name).is_some_and(|path| {
            path.strip_suffix(name).is_some_and(|parent| parent == format!("crate::{}::", module.join("::")))
        })
    }

    /// The last segment, imported; the whole path where that segment already means something else in this file.
    fn import(&self, path: &str) -> TokenStream {
        let name = path.rsplit("::").next().unwrap_or(path);
        if self.is_taken(name) {
            return self.tokens(path);
        }
        let mut imports = self.imports.borrow_mut();
        let imported = imports.entry(name.to_owned()).or_insert_with(|| path.to_owned());
        if imported == path { self.tokens(name) } else { self.tokens(path) }
    }

    /// Whether a name means something in this file without any import.
    fn is_taken(&self, name: &str) -> bool {
        self.module.types.contains(name)
            || self.module.values.contains(name)
            || PRELUDE.iter().any(|(own, _)| *own == name)
    }

    /// The tokens of a path; with `::` in front where a module of this file has the crate's name.
    fn tokens(&self, path: &str) -> TokenStream {
        let first = path.split("::").next().unwrap_or(path);
        let is_crate = path.contains("::") || path == "std" || path == "vapi_runtime";
        let leading = (is_crate && self.module.types.contains(first)).then(|| quote!(::));
        let segments = segments(path);
        quote!(#leading #segments)
    }
}

fn segments(path: &str) -> TokenStream {
    let segments = path.split("::").map(ident);
    quote!(#(#segments)::*)
}

fn has_door_items(imports: &BTreeMap<String, String>) -> bool {
    imports.values().any(|path| path.strip_prefix(DOOR).is_some_and(|rest| rest.starts_with("::")))
}

/// Order of the groups of imports: the standard library, the runtime, the crate.
fn group(parent: &str) -> u8 {
    match parent.split("::").next() {
        Some("std") => 0,
        Some("vapi_runtime") => 1,
        _ => 2,
    }
}
