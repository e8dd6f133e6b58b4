//! The static descriptions: one for each structure, parameter list, enumeration, operation and service.
//!
//! In go an element of the API and its plan, out comes its `static`.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::derive::{self, xml_names};
use crate::ir::{self, Place, Type};
use crate::plan;

impl Emitter<'_> {
    /// Table of a structure, an error or, under its fixed name, of the parameters of an operation.
    pub(super) fn structure_table(
        &self,
        name: &str,
        fields: &[ir::Field],
        unions: &[ir::Union],
        planned: &plan::Structure,
        place: &Place,
    ) -> TokenStream {
        let door = self.scope.door();
        let table = ident(&planned.table);
        let rows = fields.iter().map(|field| {
            let row = self.scope.behind_door("Field");
            let (name, ty) = (&field.name, self.ty(&field.ty));
            match self.usage(&field.presence) {
                Some(usage) => quote!(#row::new(#name, #ty).needed_by(#usage)),
                None if field.is_lenient => quote!(#row::new(#name, #ty).lenient()),
                None => quote!(#row::new(#name, #ty)),
            }
        });
        let rows: Vec<TokenStream> = rows.collect();
        let by_name = numbers(&planned.by_name);
        let page_order = numbers(&planned.page_order);
        let unions = unions.iter().map(|union| self.union(union));
        let source = source(place);
        quote! {
            pub(crate) static #table: #door::StructureTable = #door::StructureTable {
                name: #name,
                fields: &[#(#rows),*],
                by_name: #by_name,
                page_order: #page_order,
                unions: &[#(#unions),*],
                source: #source,
            };
        }
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

    /// Table of an operation.
    pub(super) fn operation_table(
        &self,
        service: &ir::Service,
        operation: &ir::Operation,
        planned: &plan::Operation,
    ) -> TokenStream {
        let door = self.scope.door();
        let table = ident(&planned.table);
        let (service_id, name) = (&service.id, &operation.name);
        let input = ident(&planned.input.table);
        let output = self.ty(&operation.result);
        let errors = planned.errors.iter().map(|error| self.error_row(error));
        let routes = operation.requests.iter().map(|line| self.route(line));
        let rest = self.rest(operation);
        let xml_namespace = xml_names::namespace(&service.id);
        let xml_input = xml_names::input_root(&operation.name);
        let xml_result = xml_names::result_root(&operation.name);
        let source = source(&operation.place);
        let privileges = self.privileges(operation);
        let releases = self.releases(&operation.releases.within(&service.releases));
        quote! {
            static #table: #door::OperationTable = #door::OperationTable {
                service: #service_id,
                name: #name,
                releases: #releases,
                input: &#input,
                output: #output,
                privileges: &[#(#privileges),*],
                errors: &[#(#errors),*],
                routes: &[#(#routes),*],
                rest: #rest,
                xml_namespace: #xml_namespace,
                xml_input: #xml_input,
                xml_result: #xml_result,
                source: #source,
            };
        }
    }

    /// Which operations need a field although it is optional.
    fn usage(&self, presence: &ir::Presence) -> Option<TokenStream> {
        let door = self.scope.door();
        let needs = |stated: &Option<String>| stated.as_deref() == Some(ir::Presence::REQUIRED);
        match (needs(&presence.create), needs(&presence.update)) {
            (true, true) => Some(quote!(#door::Usage::Both)),
            (true, false) => Some(quote!(#door::Usage::Create)),
            (false, true) => Some(quote!(#door::Usage::Update)),
            (false, false) => None,
        }
    }

    fn releases(&self, releases: &ir::Releases) -> TokenStream {
        let door = self.scope.door();
        let release = |release: &ir::Release| {
            let numerals = release.numerals().iter().copied().chain([0; 4]).take(4);
            let numerals = numerals.map(Literal::u32_unsuffixed);
            quote!(#door::Release::new(#(#numerals),*))
        };
        let since = release(&releases.since);
        match &releases.until {
            None if releases.since.numerals() == [6, 0] => quote!(#door::Releases::ALL),
            None => quote!(#door::Releases::since(#since)),
            Some(until) => {
                let until = release(until);
                quote!(#door::Releases::between(#since, #until))
            }
        }
    }

    fn privileges(&self, operation: &ir::Operation) -> Vec<TokenStream> {
        let door = self.scope.door();
        let (names, on) = (&operation.privileges, &operation.privileges_on);
        let as_a_whole = (!names.is_empty()).then(|| quote!(#door::Privileges::new(&[#(#names),*])));
        let on = on.iter().map(|needed| {
            let ir::PrivilegesOn { of, privileges, .. } = needed;
            let resource = &self.api.resources[needed.resource.get()].id;
            quote!(#door::Privileges::on(#resource, #of, &[#(#privileges),*]))
        });
        as_a_whole.into_iter().chain(on).collect()
    }

    fn error_row(&self, error: &plan::ErrorVariant) -> TokenStream {
        let door = self.scope.door();
        let structure = &self.plan.structures[error.structure.get()];
        let status = Literal::u16_unsuffixed(error.status);
        let payload = self.scope.table(structure.named.module, &structure.table);
        if error.rest_status == error.status {
            return quote!(#door::ErrorTable::new(#status, &#payload));
        }
        let rest_status = Literal::u16_unsuffixed(error.rest_status);
        quote!(#door::ErrorTable::new(#status, &#payload).below_api(#rest_status))
    }

    fn route(&self, line: &ir::RequestLine) -> TokenStream {
        let door = self.scope.door();
        let line = self.line(line);
        quote!(#door::Route::new(#line))
    }

    /// The arguments that make a request line.
    fn line(&self, line: &ir::RequestLine) -> TokenStream {
        let door = self.scope.door();
        let method = ident(match line.method {
            ir::Method::Get => "Get",
            ir::Method::Post => "Post",
            ir::Method::Put => "Put",
            ir::Method::Patch => "Patch",
            ir::Method::Delete => "Delete",
        });
        let path = &line.path;
        let path_params = numbers(&line.path_params);
        let action = match &line.action {
            Some(action) => {
                let some = self.scope.prelude_value("Some");
                quote!(#some(#action))
            }
            None => self.scope.prelude_value("None"),
        };
        quote!(#door::Method::#method, #path, #path_params, #action)
    }

    /// Where the operation is below `/api`.
    fn rest(&self, operation: &ir::Operation) -> TokenStream {
        let Some(rest) = derive::rest(operation) else { return self.scope.prelude_value("None") };
        let door = self.scope.door();
        let status = Literal::u16_unsuffixed(rest.status);
        let line = self.line(rest.line);
        let mut row = quote!(#door::RestRoute::new(#status, #line));
        if !rest.query.is_empty() {
            let query = numbers(&rest.query);
            row = quote!(#row.query(#query));
        }
        row = match &rest.body {
            derive::RestBody::None => row,
            derive::RestBody::Whole(parameter) => {
                let parameter = number(*parameter);
                quote!(#row.body(#parameter))
            }
            derive::RestBody::Fields(parameters) => {
                let parameters = numbers(parameters);
                quote!(#row.body_fields(#parameters))
            }
        };
        if !rest.headers.is_empty() {
            let headers = rest.headers.iter().map(|header| {
                let (name, parameter) = (header.name.to_ascii_lowercase(), number(header.parameter));
                quote!((#name, #parameter))
            });
            row = quote!(#row.headers(&[#(#headers),*]));
        }
        let some = self.scope.prelude_value("Some");
        quote!(#some(#row))
    }

    fn union(&self, union: &ir::Union) -> TokenStream {
        let door = self.scope.door();
        let tag = number(union.tag);
        let cases = union.cases.iter().map(|case| {
            let value = &case.value;
            let (requires, allows) = (numbers(&case.requires), numbers(&case.allows));
            quote!(#door::UnionCase::new(#value, #requires, #allows))
        });
        quote!(#door::Union { tag: #tag, cases: &[#(#cases),*] })
    }

    fn ty(&self, ty: &Type) -> TokenStream {
        let own = self.scope.behind_door("Ty");
        match ty {
            Type::Void => quote!(#own::Void),
            Type::Boolean => quote!(#own::Boolean),
            Type::Long => quote!(#own::Long),
            Type::Double => quote!(#own::Double),
            Type::String => quote!(#own::String),
            Type::Secret => quote!(#own::Secret),
            Type::Binary => quote!(#own::Binary),
            Type::DateTime => quote!(#own::DateTime),
            Type::Uri => quote!(#own::Uri),
            Type::Id(_) => quote!(#own::Id),
            Type::Enumeration(idx) => {
                let planned = &self.plan.enumerations[idx.get()];
                let table = self.scope.table(planned.named.module, &planned.table);
                quote!(#own::Enumeration(&#table))
            }
            Type::Structure(idx) => {
                let planned = &self.plan.structures[idx.get()];
                let table = self.scope.table(planned.named.module, &planned.table);
                quote!(#own::Structure(&#table))
            }
            Type::DynamicStructure(_) => quote!(#own::DynamicStructure),
            Type::AnyError => quote!(#own::AnyError),
            Type::Opaque => quote!(#own::Opaque),
            Type::Optional(inner) => {
                let inner = self.ty(inner);
                quote!(#own::Optional(&#inner))
            }
            Type::List(inner) => {
                let inner = self.ty(inner);
                quote!(#own::List(&#inner))
            }
            Type::Set(inner) => {
                let inner = self.ty(inner);
                quote!(#own::Set(&#inner))
            }
            Type::Map(key, value) => {
                let (key, value) = (self.ty(key), self.ty(value));
                quote!(#own::Map(&#key, &#value))
            }
        }
    }
}

fn number(number: usize) -> Literal {
    Literal::usize_unsuffixed(number)
}

fn numbers(numbers: &[usize]) -> TokenStream {
    let numbers = numbers.iter().copied().map(number);
    quote!(&[#(#numbers),*])
}

fn source(place: &Place) -> String {
    format!("{}:{}", place.path, place.line)
}
