//! The error type of each operation that declares errors: a variant for each of them.
//!
//! In go an operation and its plan, out comes the enumeration with its access by error number.
//! The payloads are structures like any other, see [`super::types`].

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::ir;
use crate::plan;

impl Emitter<'_> {
    /// The error type; nothing for an operation without errors.
    pub(super) fn operation_error(
        &self,
        operation: &ir::Operation,
        planned: &plan::Operation,
    ) -> Vec<TokenStream> {
        if planned.errors.is_empty() {
            return Vec::new();
        }
        let door = self.scope.door();
        let name = ident(&planned.error);
        let payload =
            |error: &plan::ErrorVariant| self.scope.named(&self.plan.structures[error.structure.get()].named);
        let variants = planned.errors.iter().map(|error| {
            let docs =
                self.docs().lead(&format!("Status {}:", status_text(error)), &conditions(operation, error));
            let docs = docs.tokens();
            let (variant, payload) = (ident(&error.name), payload(error));
            quote!(#docs #variant(#payload),)
        });
        let docs = self
            .docs()
            .markdown(&format!("The errors that [`{0}`](struct@{0}) documents.", planned.name))
            .tokens();
        let definition = quote! {
            #docs
            #[non_exhaustive]
            pub enum #name { #(#variants)* }
        };
        let declared = planned.errors.iter().filter(|error| error.converts).map(|error| {
            let payload = payload(error);
            quote!(impl #door::Declares<#payload> for #name {})
        });
        let variants = planned.errors.iter().enumerate().map(|(idx, error)| {
            let (idx, variant) = (Literal::usize_unsuffixed(idx), ident(&error.name));
            quote!(#idx #variant)
        });
        let mut items = vec![definition, quote!(#door::operation_error!(#name, #(#variants),*);)];
        items.extend(declared);
        items
    }

    /// Where the operation's method reports its errors, for its documentation.
    pub(super) fn privilege_list(operation: &ir::Operation) -> Vec<(String, String)> {
        let item = |names: &[String], on: &str| {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            (format!("{}{on}", names.join(", ")), String::new())
        };
        let names = &operation.privileges;
        let as_a_whole = (!names.is_empty()).then(|| item(names, ""));
        let on = operation.privileges_on.iter();
        let on = on.map(|needed| item(&needed.privileges, &format!(" on `{}`", needed.of)));
        as_a_whole.into_iter().chain(on).collect()
    }

    pub(super) fn error_list(
        &self,
        operation: &ir::Operation,
        planned: &plan::Operation,
    ) -> Vec<(String, String)> {
        let line = |error: &plan::ErrorVariant| {
            let (variant, status) = (&error.name, status_text(error));
            let ours = format!("[`{variant}`]({}::{variant}), status {status}:", planned.error);
            (ours, conditions(operation, error))
        };
        planned.errors.iter().map(line).collect()
    }
}

/// When an error is reported, in the page's words.
fn conditions(operation: &ir::Operation, error: &plan::ErrorVariant) -> String {
    let conditions = error.lines.iter().map(|&line| operation.errors[line].condition.trim());
    let conditions: Vec<&str> = conditions.filter(|condition| !condition.is_empty()).collect();
    if conditions.is_empty() { "the page does not say when.".to_owned() } else { conditions.join(" Also ") }
}

fn status_text(error: &plan::ErrorVariant) -> String {
    ir::status_text(error.status, error.rest_status)
}
