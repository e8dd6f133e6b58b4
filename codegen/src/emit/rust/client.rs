//! The client of a service: one method an operation, each of one expression.
//!
//! In go a service and its plan, out comes the client. A method takes what is required and returns a call; what is
//! optional is set on the call.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::ir::{self, Type};
use crate::plan;

impl Emitter<'_> {
    /// The client of a service.
    pub(super) fn client(&self, service: &ir::Service, planned: &plan::Service) -> Vec<TokenStream> {
        let client = self.scope.runtime("Client");
        let name = ident(&planned.client());
        let methods = service.operations.iter().zip(&planned.operations);
        let methods = methods.map(|(operation, method)| {
            let example = self.example(&planned.client_method, operation, method);
            self.client_method(operation, method, example)
        });
        let docs =
            self.service_docs(service).markdown(&format!("Client of the service `{}`.", service.id)).tokens();
        let definition = quote! {
            #docs
            #[derive(Clone, Debug)]
            pub struct #name(#client);
        };
        let door = self.scope.door();
        let table = ident(plan::Service::TABLE);
        let implementation = quote! {
            impl #name {
                /// The description of the service.
                pub const TABLE: &'static #door::ServiceTable = &#table;
                /// The service at the client's server.
                #[must_use]
                pub fn new(client: #client) -> Self {
                    Self(client)
                }
                #(#methods)*
            }
        };
        vec![definition, implementation]
    }

    fn client_method(
        &self,
        operation: &ir::Operation,
        planned: &plan::Operation,
        example: Vec<String>,
    ) -> TokenStream {
        let (method, name) = (ident(&planned.method), ident(&planned.name));
        let input = ident(&planned.input.named.name);
        let call = self.scope.runtime("Call");
        let fields: Vec<_> = operation.parameters.iter().zip(&planned.input.fields).collect();
        let required = fields.iter().filter(|(declared, _)| !matches!(declared.ty, Type::Optional(_)));
        let (names, types): (Vec<_>, Vec<_>) = required
            .map(|(declared, planned)| (ident(&planned.name), self.argument_type(&declared.ty)))
            .unzip();
        let parameters = fields.iter().map(|(declared, planned)| {
            let ours = match &declared.ty {
                Type::Optional(_) => format!("`{}`, optional:", planned.name),
                _ => format!("`{}`:", planned.name),
            };
            (ours, declared.doc.0.join(" "))
        });
        let docs = self.operation_docs(operation).list("# Parameters", parameters);
        let docs = docs.section("Returns", &operation.result_doc);
        let docs = docs.list("# Errors", self.error_list(operation, planned));
        let docs = docs.list("# Privileges", Self::privilege_list(operation)).example(example).tokens();
        quote! {
            #docs
            pub fn #method(&self, #(#names: #types),*) -> #call<#name> {
                #call::new(&self.0, #input::new(#(#names),*))
            }
        }
    }
}
