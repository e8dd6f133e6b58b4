//! Enumerations, open: a variant for each declared value and one for all others.
//!
//! In go an enumeration and its plan, out come the Rust enumeration and what it has in common with all others.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::Emitter;
use super::scope::ident;
use crate::ir;
use crate::plan::{self, UNRECOGNIZED};

impl Emitter<'_> {
    /// An enumeration.
    pub(super) fn enumeration(
        &self,
        declared: &ir::Enumeration,
        planned: &plan::Enumeration,
    ) -> Vec<TokenStream> {
        let door = self.scope.door();
        let (name, table) = (ident(&planned.named.name), ident(&planned.table));
        let docs = self
            .docs()
            .text(&declared.doc, &format!("`{}`.", declared.local_name))
            .releases(&declared.releases);
        let docs = docs.markdown(&format!("Canonical name `{}`.", declared.id)).tokens();
        let variants: Vec<_> = planned.variants.iter().map(|variant| ident(variant)).collect();
        let definitions = declared.values.iter().zip(&variants).map(|(value, variant)| {
            let docs = self
                .docs()
                .text(&value.doc, &format!("`{}`.", value.name))
                .releases(&value.releases)
                .tokens();
            quote!(#docs #variant,)
        });
        let unrecognized = ident(UNRECOGNIZED);
        let string = self.scope.prelude_type("String");
        let idx = (0..variants.len()).map(Literal::usize_unsuffixed);
        let definition = quote! {
            #docs
            #[derive(Clone)]
            #[non_exhaustive]
            pub enum #name {
                #(#definitions)*
                /// A value this crate does not know, as it came.
                #unrecognized(#string),
            }
        };
        let impls = quote!(#door::enumeration!(#name, #table #(, #idx #variants)*););
        vec![definition, impls]
    }
}
