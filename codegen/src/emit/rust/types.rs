//! Structures, errors and parameter lists as plain structs, identifiers, and the Rust type of each spec type.
//!
//! In go a structure and its plan, out come the struct with its constructor and setters and its access by field number.
//! Not here: its table, which is in [`super::tables`].

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::docs::Docs;
use super::scope::ident;
use super::tables::table_of;
use crate::ir::{self, StructureKind, Type};
use crate::plan;

/// How many fields the runtime reaches as one tuple; those of larger structures come in groups of as many.
const N_IN_TUPLE: usize = 16;

/// A field together with its plan.
struct Field<'a> {
    declared: &'a ir::Field,
    planned: &'a plan::Field,
}

impl Emitter<'_> {
    /// A structure or error.
    pub(super) fn structure(&self, declared: &ir::Structure, planned: &plan::Structure) -> Vec<TokenStream> {
        let docs = self
            .docs()
            .text(&declared.doc, &format!("`{}`.", declared.local_name))
            .releases(&declared.releases);
        let docs = self.union_docs(docs, declared);
        let docs = docs.markdown(&format!("Canonical name `{}`.", declared.id));
        let table = ident(table_of(planned));
        let mut items = self.struct_items(&docs, &declared.fields, planned, &quote!(#table));
        items.extend(self.constants(declared, planned));
        if matches!(declared.kind, StructureKind::Error { .. }) {
            let (door, name) = (self.scope.door(), ident(&planned.named.name));
            items.push(quote!(impl #door::ErrorCase for #name {}));
        }
        items
    }

    /// The texts that have a name.
    fn constants(&self, declared: &ir::Structure, planned: &plan::Structure) -> Option<TokenStream> {
        let constants = declared.constants.iter().map(|constant| {
            let docs = self.docs().text(&constant.doc, &format!("`{}`.", constant.value)).tokens();
            let (name, value) = (ident(&constant.name), &constant.value);
            quote!(#docs pub const #name: &'static str = #value;)
        });
        let name = ident(&planned.named.name);
        (!declared.constants.is_empty()).then(|| quote!(impl #name { #(#constants)* }))
    }

    /// The parameters of an operation.
    pub(super) fn input(&self, operation: &ir::Operation, planned: &plan::Operation) -> Vec<TokenStream> {
        let docs = self.docs().markdown(&format!("Parameters of [`{0}`](struct@{0}).", planned.name));
        let table = ident(&planned.table);
        self.struct_items(&docs, &operation.parameters, &planned.input, &quote!(#table.input))
    }

    /// The identifier of a resource type, and the marker that sets it apart from others.
    pub(super) fn resource(&self, declared: &ir::Resource, planned: &plan::Resource) -> Vec<TokenStream> {
        let (name, marker, id) = (ident(&planned.id.name), ident(&planned.marker), &declared.id);
        let (generic, resource) = (self.scope.runtime("Id"), self.scope.runtime("Resource"));
        let docs = self.docs().markdown(&format!("Identifier of a resource of type `{id}`.")).tokens();
        let marker_docs = format!("The resource type of [`{name}`]: `{id}`.");
        let marker_docs = self.docs().markdown(&marker_docs).tokens();
        let alias = quote! {
            #docs
            pub type #name = #generic<#marker>;
        };
        let definition = quote! {
            #marker_docs
            pub enum #marker {}
        };
        let implementation = quote! {
            impl #resource for #marker {
                const TYPE: &'static str = #id;
            }
        };
        vec![alias, definition, implementation]
    }

    /// The Rust type of a spec type.
    pub(super) fn rust_type(&self, ty: &Type) -> TokenStream {
        let scope = &self.scope;
        match ty {
            Type::Void => quote!(()),
            Type::Boolean => quote!(bool),
            Type::Long => quote!(i64),
            Type::Double => quote!(f64),
            Type::String => scope.prelude_type("String"),
            Type::Secret => scope.runtime("Secret"),
            Type::Binary => {
                let vec = scope.prelude_type("Vec");
                quote!(#vec<u8>)
            }
            Type::DateTime => scope.runtime("DateTime"),
            Type::Uri => scope.runtime("Uri"),
            Type::Id(idx) => scope.named(&self.plan.resources[idx.get()].id),
            Type::Enumeration(idx) => scope.named(&self.plan.enumerations[idx.get()].named),
            Type::Structure(idx) => scope.named(&self.plan.structures[idx.get()].named),
            Type::DynamicStructure(_) | Type::AnyError => scope.runtime("DynamicStructure"),
            Type::Opaque => scope.runtime("Value"),
            Type::Optional(inner) => self.optional(&self.rust_type(inner)),
            Type::List(element) => {
                let (vec, element) = (scope.prelude_type("Vec"), self.rust_type(element));
                quote!(#vec<#element>)
            }
            Type::Set(element) => {
                let (set, element) = (scope.std("collections::BTreeSet"), self.rust_type(element));
                quote!(#set<#element>)
            }
            Type::Map(key, value) => {
                let map = scope.std("collections::BTreeMap");
                let (key, value) = (self.rust_type(key), self.rust_type(value));
                quote!(#map<#key, #value>)
            }
        }
    }

    /// The type of an argument: whatever converts into text, anything else as it is.
    pub(super) fn argument_type(&self, ty: &Type) -> TokenStream {
        let rust_type = self.rust_type(ty);
        if is_text(ty) {
            let into = self.scope.prelude_type("Into");
            quote!(impl #into<#rust_type>)
        } else {
            rust_type
        }
    }

    fn optional(&self, inner: &TokenStream) -> TokenStream {
        let option = self.scope.prelude_type("Option");
        quote!(#option<#inner>)
    }

    fn struct_items(
        &self,
        docs: &Docs<'_>,
        fields: &[ir::Field],
        planned: &plan::Structure,
        table: &TokenStream,
    ) -> Vec<TokenStream> {
        let fields: Vec<Field<'_>> = fields
            .iter()
            .zip(&planned.fields)
            .map(|(declared, planned)| Field { declared, planned })
            .collect();
        let mut items = vec![self.definition(docs, &fields, planned), self.constructors(&fields, planned)];
        items.extend(self.default(planned));
        items.push(self.access(&fields, planned, table));
        items
    }

    fn definition(&self, docs: &Docs<'_>, fields: &[Field<'_>], planned: &plan::Structure) -> TokenStream {
        let (docs, name) = (docs.tokens(), ident(&planned.named.name));
        let fields = fields.iter().map(|field| {
            let docs = self.field_docs(field.declared).tokens();
            let (name, ty) = (ident(&field.planned.name), self.field_type(field));
            quote!(#docs pub #name: #ty)
        });
        quote! {
            #docs
            #[non_exhaustive]
            pub struct #name { #(#fields),* }
        }
    }

    fn field_docs(&self, field: &ir::Field) -> Docs<'_> {
        let docs = self.docs().text(&field.doc, &format!("`{}`.", field.name)).releases(&field.releases);
        let uses: Vec<String> =
            field.presence.stated().map(|(word, stated)| format!("{word} {stated}")).collect();
        match uses.is_empty() {
            true => docs,
            false => docs.markdown(&format!("Presence: {}.", uses.join(", "))),
        }
    }

    fn field_type(&self, field: &Field<'_>) -> TokenStream {
        match &field.declared.ty {
            Type::Optional(inner) if field.planned.boxed => {
                let (boxed, inner) = (self.scope.prelude_type("Box"), self.rust_type(inner));
                self.optional(&quote!(#boxed<#inner>))
            }
            ty => self.rust_type(ty),
        }
    }

    /// The default of a structure that may be without anything; derived, it would cost the compiler a call for each field.
    fn default(&self, planned: &plan::Structure) -> Option<TokenStream> {
        let (door, name) = (self.scope.door(), ident(&planned.named.name));
        let default = self.scope.prelude_type("Default");
        planned.has_default.then(|| {
            quote! {
                impl #default for #name {
                    fn default() -> Self {
                        #door::empty()
                    }
                }
            }
        })
    }

    fn constructors(&self, fields: &[Field<'_>], planned: &plan::Structure) -> TokenStream {
        let name = ident(&planned.named.name);
        let (arguments, values) = self.constructor_parts(fields, is_required);
        let for_create = planned.has_for_create.then(|| self.for_create(fields));
        let setters = fields.iter().filter_map(|field| self.setter(field));
        let docs = self.docs().markdown(if fields.iter().all(|field| is_required(field)) {
            "From its fields."
        } else {
            "From what is required; the rest is unset."
        });
        let docs = docs.tokens();
        let door = self.scope.door();
        let value = if arguments.is_empty() { quote!(#door::empty()) } else { quote!(Self { #(#values),* }) };
        quote! {
            impl #name {
                #docs
                #[must_use]
                pub fn new(#(#arguments),*) -> Self {
                    #value
                }
                #for_create
                #(#setters)*
            }
        }
    }

    /// A constructor that also asks for what a create needs.
    fn for_create(&self, fields: &[Field<'_>]) -> TokenStream {
        let is_needed =
            |field: &Field<'_>| is_required(field) || field.declared.presence.is_needed_by_create();
        let (arguments, values) = self.constructor_parts(fields, is_needed);
        let for_create = ident(plan::Structure::FOR_CREATE);
        quote! {
            /// From what has to be set to create one; the rest is unset.
            #[must_use]
            pub fn #for_create(#(#arguments),*) -> Self {
                Self { #(#values),* }
            }
        }
    }

    /// Arguments for some fields, and the values of all.
    fn constructor_parts(
        &self,
        fields: &[Field<'_>],
        is_asked_for: impl Fn(&Field<'_>) -> bool,
    ) -> (Vec<TokenStream>, Vec<TokenStream>) {
        let asked_for = fields.iter().filter(|field| is_asked_for(field));
        let arguments = asked_for.map(|field| {
            let (name, ty) = (ident(&field.planned.name), self.argument_type(field.declared.ty.required()));
            quote!(#name: #ty)
        });
        let values = fields.iter().map(|field| {
            let name = ident(&field.planned.name);
            match &field.declared.ty {
                Type::Optional(inner) if is_asked_for(field) => {
                    let value = self.optional_value(field, inner);
                    quote!(#name: #value)
                }
                Type::Optional(_) => {
                    let none = self.scope.prelude_value("None");
                    quote!(#name: #none)
                }
                ty if is_text(ty) => quote!(#name: #name.into()),
                _ => quote!(#name),
            }
        });
        (arguments.collect(), values.collect())
    }

    /// The argument that is named as the field, as the field's value.
    fn optional_value(&self, field: &Field<'_>, inner: &Type) -> TokenStream {
        let (name, some) = (ident(&field.planned.name), self.scope.prelude_value("Some"));
        if is_text(inner) {
            quote!(#some(#name.into()))
        } else if field.planned.boxed {
            let boxed = self.scope.prelude_type("Box");
            quote!(#some(#boxed::new(#name)))
        } else {
            quote!(#some(#name))
        }
    }

    fn setter(&self, field: &Field<'_>) -> Option<TokenStream> {
        let Type::Optional(inner) = &field.declared.ty else { return None };
        let setter = ident(field.planned.setter.as_deref()?);
        let (name, ty) = (ident(&field.planned.name), self.argument_type(inner));
        let value = self.optional_value(field, inner);
        let docs = self.docs().markdown(&format!("Sets `{}`.", field.planned.name)).tokens();
        Some(quote! {
            #docs
            #[must_use]
            pub fn #setter(mut self, #name: #ty) -> Self {
                self.#name = #value;
                self
            }
        })
    }

    /// Access by field number.
    fn access(&self, fields: &[Field<'_>], planned: &plan::Structure, table: &TokenStream) -> TokenStream {
        let door = self.scope.door();
        let name = ident(&planned.named.name);
        let fields: Vec<_> = fields.iter().map(|field| ident(&field.planned.name)).collect();
        if fields.len() <= N_IN_TUPLE {
            return quote!(#door::structure!(#name, #table #(, #fields)*););
        }
        let groups = fields.chunks(N_IN_TUPLE).enumerate().map(|(idx, fields)| {
            let idx = Literal::usize_unsuffixed(idx);
            quote!(#idx => [#(#fields),*])
        });
        quote!(#door::structure!(#name, #table #(, #groups)*);)
    }

    fn union_docs<'d>(&self, docs: Docs<'d>, structure: &ir::Structure) -> Docs<'d> {
        let names = |fields: &[usize]| {
            let names: Vec<String> =
                fields.iter().map(|&idx| format!("`{}`", structure.fields[idx].name)).collect();
            names.join(", ")
        };
        structure.unions.iter().fold(docs, |docs, union| {
            let title = format!("What goes with a value of `{}`:", structure.fields[union.tag].name);
            let cases = union.cases.iter().map(|case| {
                let rule = match (case.requires.is_empty(), case.allows.is_empty()) {
                    (true, true) => "nothing more".to_owned(),
                    (false, true) => format!("requires {}", names(&case.requires)),
                    (true, false) => format!("allows {}", names(&case.allows)),
                    (false, false) => {
                        format!("requires {}, allows {}", names(&case.requires), names(&case.allows))
                    }
                };
                (format!("`{}`: {rule}.", case.value), String::new())
            });
            docs.list(&title, cases)
        })
    }
}

fn is_required(field: &Field<'_>) -> bool {
    !matches!(field.declared.ty, Type::Optional(_))
}

/// What people write as a string literal.
fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::String | Type::Secret | Type::Uri | Type::Id(_))
}
