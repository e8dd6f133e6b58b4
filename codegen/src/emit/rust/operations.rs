//! Each operation as a type: what it takes, gives and reports, and its table.
//!
//! In go an operation and its plan, out come the type and everything that belongs to this operation alone.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emitter;
use super::docs::Docs;
use super::scope::ident;
use crate::derive;
use crate::ir;
use crate::plan;

impl Emitter<'_> {
    /// The operation's type, parameters and errors.
    pub(super) fn operation(&self, operation: &ir::Operation, planned: &plan::Operation) -> Vec<TokenStream> {
        let (door, scope) = (self.scope.door(), &self.scope);
        let (name, table) = (ident(&planned.name), ident(&planned.table));
        let input = ident(&planned.input.named.name);
        let output = self.rust_type(&operation.result);
        let error = self.operation_error_type(planned);
        let operation_trait = scope.runtime("Operation");
        let written = scope.behind_door("Written");
        let docs = self.docs().markdown(&format!("Operation `{}`.", operation.name)).tokens();
        let definition = quote! {
            #docs
            pub struct #name;
        };
        let implementation = quote! {
            impl #operation_trait for #name {
                type Input = #input;
                type Output = #output;
                type Error = #error;
                const TABLE: &'static #written<#door::OperationTable> = &#table;
            }
        };
        let mut items = vec![definition, implementation];
        items.extend(self.input(operation, planned));
        items.extend(self.operation_error(operation, planned));
        items
    }

    /// The type of the errors an operation declares.
    pub(super) fn operation_error_type(&self, planned: &plan::Operation) -> TokenStream {
        if planned.errors.is_empty() {
            let door = self.scope.door();
            return quote!(#door::NoDeclaredError);
        }
        let name = ident(&planned.error);
        quote!(#name)
    }

    /// What the page says of an operation: its text, its request lines.
    pub(super) fn operation_docs(&self, operation: &ir::Operation) -> Docs<'_> {
        let docs =
            self.docs().text(&operation.doc, &format!("`{}`.", operation.name)).releases(&operation.releases);
        docs.block(operation.requests.iter().map(derive::request_line_text))
    }
}
