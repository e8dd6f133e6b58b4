//! The static descriptions: one for each structure, parameter list, enumeration, operation and service.
//!
//! In go an element of the API and its plan, out comes its `static`. Structures and operations are texts that the runtime
//! reads (`runtime/src/table/text.rs` has their language), because texts cost the compiler nothing.

use std::fmt::Write as _;
use std::str::FromStr as _;

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::derive::{self, xml_names};
use crate::ir::{self, Place, Type};
use crate::plan;

/// The structures and enumerations that the tables of a file name, each once; nothing where it has no tables.
#[derive(Default)]
pub(super) struct NamedByTables(Option<Vec<Named>>);

#[derive(Clone, Copy, PartialEq)]
enum Named {
    Structure(ir::StructureIdx),
    Enumeration(ir::EnumerationIdx),
}

impl Emitter<'_> {
    /// Table of a structure or an error.
    pub(super) fn structure_table(
        &self,
        structure: &ir::Structure,
        planned: &plan::Structure,
    ) -> TokenStream {
        let mut text = Vec::new();
        text.push(format!("structure {}", structure.id));
        text.push(format!("source {}", source(&structure.place)));
        self.fields(&mut text, &structure.fields, &planned.page_order);
        for union in &structure.unions {
            union_lines(&mut text, &structure.fields, union);
        }
        let visibility = quote!(pub(crate));
        self.written(&visibility, table_of(planned), "StructureTable", &text)
    }

    /// Table of an enumeration.
    pub(super) fn enumeration_table(
        &self,
        enumeration: &ir::Enumeration,
        planned: &plan::Enumeration,
    ) -> TokenStream {
        let door = self.scope.door();
        let table = ident(&planned.table);
        let name = &enumeration.id;
        let values = enumeration.values.iter().map(|value| &value.name);
        let source = source(&enumeration.place);
        quote! {
            pub(crate) static #table: #door::EnumerationTable = #door::EnumerationTable {
                name: #name,
                values: &[#(#values),*],
                source: #source,
            };
        }
    }

    /// Table of a service.
    pub(super) fn service_table(&self, service: &ir::Service, planned: &plan::Service) -> TokenStream {
        let door = self.scope.door();
        let table = ident(plan::Service::TABLE);
        let id = &service.id;
        let operations = planned.operations.iter().map(|operation| ident(&operation.table));
        quote! {
            pub(crate) static #table: #door::ServiceTable = #door::ServiceTable {
                id: #id,
                operations: &[#(&#operations),*],
            };
        }
    }

    /// Table of an operation, with its parameters.
    pub(super) fn operation_table(
        &self,
        service: &ir::Service,
        operation: &ir::Operation,
        planned: &plan::Operation,
    ) -> TokenStream {
        let mut text = Vec::new();
        text.push(format!("operation {} {}", operation.name, service.id));
        text.push(format!("source {}", source(&operation.place)));
        let releases = operation.releases.within(&service.releases);
        if let Some(until) = &releases.until {
            text.push(format!("since {} until {until}", releases.since));
        } else if releases.since.numerals() != [6, 0] {
            text.push(format!("since {}", releases.since));
        }
        self.fields(&mut text, &operation.parameters, &planned.input.page_order);
        let result = self.ty(&operation.result);
        text.push(format!("result {result}"));
        for error in &planned.errors {
            self.error_line(error, &mut text);
        }
        self.privilege_lines(operation, &mut text);
        for line in &operation.requests {
            text.push(format!("page {}", derive::request_line_text(line)));
        }
        rest_lines(operation, &mut text);
        let namespace = xml_names::namespace(&service.id);
        let (input, result) =
            (xml_names::input_root(&operation.name), xml_names::result_root(&operation.name));
        text.push(format!("xml {namespace} {input} {result}"));
        self.written(&TokenStream::new(), &planned.table, "OperationTable", &text)
    }

    fn written(&self, visibility: &TokenStream, table: &str, kind: &str, text: &[String]) -> TokenStream {
        let door = self.scope.door();
        let (table, kind) = (ident(table), ident(kind));
        let written = self.scope.behind_door("Written");
        let (lines, named) = (lines(text), ident(plan::NAMED));
        self.named.borrow_mut().0.get_or_insert_default();
        quote! {
            #visibility static #table: #written<#door::#kind> = #written::new(#lines, #named);
        }
    }

    fn name(&self, named: Named) {
        let mut all = self.named.borrow_mut();
        let all = all.0.get_or_insert_default();
        if !all.contains(&named) {
            all.push(named);
        }
    }

    /// What the tables so far have named: one for a file, because a reference costs the compiler as much as
    /// a small function.
    pub(super) fn named_by_tables(&self) -> Option<TokenStream> {
        let all = self.named.borrow();
        let all = all.0.as_ref()?.iter().map(|&named| self.reference(named));
        let (name, ty) = (ident(plan::NAMED), self.scope.behind_door("Ty"));
        Some(quote!(const #name: &[#ty] = &[#(#all),*];))
    }

    fn reference(&self, named: Named) -> TokenStream {
        let ty = self.scope.behind_door("Ty");
        match named {
            Named::Structure(idx) => {
                let planned = &self.plan.structures[idx.get()];
                let table = self.scope.table(planned.named.module, table_of(planned));
                quote!(#ty::Structure(&#table))
            }
            Named::Enumeration(idx) => {
                let planned = &self.plan.enumerations[idx.get()];
                let table = self.scope.table(planned.named.module, &planned.table);
                quote!(#ty::Enumeration(&#table))
            }
        }
    }

    fn fields(&self, text: &mut Vec<String>, fields: &[ir::Field], page_order: &[usize]) {
        for field in fields {
            let ty = self.ty(&field.ty);
            let needed = usage(&field.presence).map_or(String::new(), |usage| format!(" for {usage}"));
            let lenient = if field.is_lenient { " lenient" } else { "" };
            text.push(format!("{}: {ty}{needed}{lenient}", field.name));
        }
        if !page_order.iter().copied().eq(0..fields.len()) {
            text.push(format!("pages {}", names(fields, page_order)));
        }
    }

    fn privilege_lines(&self, operation: &ir::Operation, text: &mut Vec<String>) {
        if !operation.privileges.is_empty() {
            text.push(format!("privileges {}", operation.privileges.join(" ")));
        }
        for needed in &operation.privileges_on {
            let ir::PrivilegesOn { of, privileges, .. } = needed;
            let resource = &self.api.resources[needed.resource.get()].id;
            text.push(format!("privileges {} on {resource} {of}", privileges.join(" ")));
        }
    }

    fn error_line(&self, error: &plan::ErrorVariant, text: &mut Vec<String>) {
        let id = &self.api.structures[error.structure.get()].id;
        self.name(Named::Structure(error.structure));
        match (error.status, error.rest_status) {
            (status, rest_status) if status == rest_status => text.push(format!("error {status} {id}")),
            (status, rest_status) => text.push(format!("error {status} {rest_status} {id}")),
        }
    }

    /// A type as the texts write it.
    fn ty(&self, ty: &Type) -> String {
        let plain = match ty {
            Type::Void => "VOID",
            Type::Boolean => "boolean",
            Type::Long => "long",
            Type::Double => "double",
            Type::String => "string",
            Type::Secret => "secret",
            Type::Binary => "binary",
            Type::DateTime => "date_time",
            Type::Uri => "URI",
            Type::Id(_) => "ID",
            Type::DynamicStructure(_) => "dynamic_structure",
            Type::AnyError => "error",
            Type::Opaque => "opaque",
            Type::Enumeration(idx) => {
                self.name(Named::Enumeration(*idx));
                &self.api.enumerations[idx.get()].id
            }
            Type::Structure(idx) => {
                self.name(Named::Structure(*idx));
                &self.api.structures[idx.get()].id
            }
            Type::Optional(inner) => return format!("{}?", self.ty(inner)),
            Type::List(inner) => return format!("List<{}>", self.ty(inner)),
            Type::Set(inner) => return format!("Set<{}>", self.ty(inner)),
            Type::Map(key, value) => {
                let (key, value) = (self.ty(key), self.ty(value));
                return format!("Map<{key}, {value}>");
            }
        };
        plain.to_owned()
    }
}

/// The static of a structure; only parameters have none.
pub(super) fn table_of(structure: &plan::Structure) -> &str {
    structure.table.as_deref().unwrap_or_default()
}

/// Which operations need a field although it is optional.
fn usage(presence: &ir::Presence) -> Option<&'static str> {
    let needs = |stated: &Option<String>| stated.as_deref() == Some(ir::Presence::REQUIRED);
    match (needs(&presence.create), needs(&presence.update)) {
        (true, true) => Some("both"),
        (true, false) => Some("create"),
        (false, true) => Some("update"),
        (false, false) => None,
    }
}

/// Where the operation is below `/api`.
fn rest_lines(operation: &ir::Operation, text: &mut Vec<String>) {
    let Some(rest) = derive::rest(operation) else { return };
    let parameters = &operation.parameters;
    text.push(format!("rest {} {}", rest.status, derive::rest_line_text(rest.line)));
    if !rest.query.is_empty() {
        text.push(format!("query {}", names(parameters, &rest.query)));
    }
    match &rest.body {
        derive::RestBody::None => {}
        derive::RestBody::Whole(parameter) => text.push(format!("body {}", parameters[*parameter].name)),
        derive::RestBody::Fields(members) => text.push(format!("members {}", names(parameters, members))),
    }
    for header in rest.headers {
        let parameter = &parameters[header.parameter].name;
        text.push(format!("header {} {parameter}", header.name.to_ascii_lowercase()));
    }
}

fn union_lines(text: &mut Vec<String>, fields: &[ir::Field], union: &ir::Union) {
    let tag = &fields[union.tag].name;
    for case in &union.cases {
        let mut line = format!("union {tag} {}", case.value);
        for (key, numbers) in [("requires", &case.requires), ("allows", &case.allows)] {
            if !numbers.is_empty() {
                let _infallible = write!(line, " {key} {}", names(fields, numbers));
            }
        }
        text.push(line);
    }
}

fn names(fields: &[ir::Field], numbers: &[usize]) -> String {
    let names: Vec<&str> = numbers.iter().map(|&number| fields[number].name.as_str()).collect();
    names.join(" ")
}

/// A text over as many lines, so that it is read and found like any other source.
fn lines(lines: &[String]) -> Literal {
    let mut text = String::from("\"\n");
    for line in lines {
        let _infallible = writeln!(text, "    {}", line.escape_default());
    }
    text.push_str("    \"");
    Literal::from_str(&text).expect("names of the spec make a text")
}

fn source(place: &Place) -> String {
    format!("{}:{}", place.path, place.line)
}
