//! Samples as Rust expressions: what a user of the generated crate would write.
//!
//! In: samples with their types. Out: expressions built with constructors and setters; types come from where they stand.

use std::collections::BTreeMap;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::derive::sample::{Member, Sample};
use crate::ir::{Api, Field, Operation, Type};
use crate::plan::{self, ModuleIdx, Plan};

pub(super) struct Values<'a> {
    pub(super) api: &'a Api,
    pub(super) plan: &'a Plan,
    /// The module that the file calls `service`.
    pub(super) own: ModuleIdx,
}

impl Values<'_> {
    /// The parameters of an operation.
    pub(super) fn input(
        &self,
        operation: &Operation,
        planned: &plan::Operation,
        sample: Option<&Sample>,
    ) -> TokenStream {
        self.built(&operation.parameters, &planned.input, sample)
    }

    /// The result of an operation.
    pub(super) fn output(&self, operation: &Operation, sample: Option<&Sample>) -> TokenStream {
        match (sample, &operation.result) {
            (Some(sample), ty) => self.value(ty, sample),
            (None, Type::Optional(_)) => quote!(None),
            (None, _) => quote!(()),
        }
    }

    fn value(&self, ty: &Type, sample: &Sample) -> TokenStream {
        match (ty, sample) {
            (Type::Optional(inner), sample) => {
                let value = self.value(inner, sample);
                quote!(Some(#value))
            }
            (Type::Binary, _) => quote!(b"binary".to_vec()),
            (Type::DateTime, Sample::Text(text)) => {
                let instant = format!("{text}Z");
                quote!(#instant.parse().expect("an instant"))
            }
            (Type::Enumeration(idx), Sample::Text(text)) => {
                let values = &self.api.enumerations[idx.get()].values;
                let planned = &self.plan.enumerations[idx.get()];
                let position = values.iter().position(|value| value.name == *text).unwrap_or_default();
                let (path, variant) =
                    (self.path(&planned.named), format_ident!("{}", planned.variants[position]));
                quote!(#path::#variant)
            }
            (Type::Opaque, Sample::Text(text)) => quote!(vapi::runtime::Value::Text(#text.into())),
            (Type::DynamicStructure(_) | Type::AnyError, _) => {
                quote!(vapi::runtime::DynamicStructure::default())
            }
            (Type::Structure(idx), sample) => self.built(
                &self.api.structures[idx.get()].fields,
                &self.plan.structures[idx.get()],
                Some(sample),
            ),
            (Type::List(element), Sample::List(samples)) => self.list(element, samples),
            (Type::Set(element), Sample::List(samples)) => {
                let elements = samples.iter().map(|sample| self.value(element, sample));
                quote!([#(#elements),*].into())
            }
            (Type::Map(key, value), Sample::Map(entries)) => {
                let keys = entries.iter().map(|(sample, _)| self.value(key, sample));
                let values = entries.iter().map(|(_, sample)| self.value(value, sample));
                quote!([#((#keys, #values)),*].into())
            }
            (_, Sample::Bare(text)) => bare(text),
            (_, Sample::Text(text)) => quote!(#text.into()),
            // A sample is made from the type beside it, so there is nothing else.
            _ => quote!(()),
        }
    }

    /// Samples of a list are equal.
    fn list(&self, element: &Type, samples: &[Sample]) -> TokenStream {
        let Some(first) = samples.first() else { return quote!(Vec::new()) };
        let value = self.value(element, first);
        let n_elements = Literal::usize_unsuffixed(samples.len());
        quote!(vec![#value; #n_elements])
    }

    /// Constructor and setters.
    fn built(&self, fields: &[Field], planned: &plan::Structure, sample: Option<&Sample>) -> TokenStream {
        let members: BTreeMap<usize, &Member> = match sample {
            Some(Sample::Structure(members)) => {
                members.iter().map(|member| (member.field_idx, member)).collect()
            }
            _ => BTreeMap::new(),
        };
        let path = self.path(&planned.named);
        let mut arguments = Vec::new();
        let mut setters = Vec::new();
        for (idx, (field, planned)) in fields.iter().zip(&planned.fields).enumerate() {
            let value = members.get(&idx).map(|member| &member.value);
            match (&field.ty, &planned.setter, value) {
                (Type::Optional(inner), Some(setter), Some(value)) => {
                    let (setter, value) = (format_ident!("{setter}"), self.argument(inner, value));
                    setters.push(quote!(.#setter(#value)));
                }
                (Type::Optional(_), _, _) | (_, _, None) => {}
                (ty, _, Some(value)) => arguments.push(self.argument(ty, value)),
            }
        }
        quote!(#path::new(#(#arguments),*) #(#setters)*)
    }

    /// Arguments that are text take whatever converts into it.
    fn argument(&self, ty: &Type, sample: &Sample) -> TokenStream {
        match (ty, sample) {
            (Type::String | Type::Secret | Type::Uri | Type::Id(_), Sample::Text(text)) => quote!(#text),
            _ => self.value(ty, sample),
        }
    }

    fn path(&self, named: &plan::Named) -> TokenStream {
        let name = format_ident!("{}", named.name);
        if named.module == self.own {
            return quote!(service::#name);
        }
        let segments =
            self.plan.modules[named.module.0].path.iter().map(|segment| format_ident!("{segment}"));
        quote!(vapi #(::#segments)* ::#name)
    }
}

fn bare(text: &str) -> TokenStream {
    match text.parse::<TokenStream>() {
        Ok(literal) => literal,
        Err(_) => quote!(()),
    }
}
