//! Samples as Rust expressions: what a user of the generated crate would write.
//!
//! In: samples with their types. Out: expressions built with constructors and setters; types come from where they stand.

use std::collections::BTreeMap;

use super::expression::Expression;
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
    ) -> Expression {
        self.built(&operation.parameters, &planned.input, sample)
    }

    /// The result of an operation.
    pub(super) fn output(&self, operation: &Operation, sample: Option<&Sample>) -> Expression {
        match (sample, &operation.result) {
            (Some(sample), ty) => self.value(ty, sample),
            (None, Type::Optional(_)) => Expression::word("None"),
            (None, _) => Expression::word("()"),
        }
    }

    fn value(&self, ty: &Type, sample: &Sample) -> Expression {
        match (ty, sample) {
            (Type::Optional(inner), sample) => {
                Expression::group("Some(", vec![self.value(inner, sample)], ")")
            }
            (Type::Binary, _) => Expression::word("b\"binary\".to_vec()"),
            (Type::DateTime, Sample::Text(text)) => {
                Expression::word(format!("\"{text}Z\".parse().expect(\"an instant\")"))
            }
            (Type::Enumeration(idx), Sample::Text(text)) => {
                let values = &self.api.enumerations[idx.get()].values;
                let planned = &self.plan.enumerations[idx.get()];
                let position = values.iter().position(|value| value.name == *text).unwrap_or_default();
                Expression::word(format!("{}::{}", self.path(&planned.named), planned.variants[position]))
            }
            (Type::Opaque, Sample::Text(text)) => {
                Expression::word(format!("vapi::runtime::Value::Text({text:?}.into())"))
            }
            (Type::DynamicStructure(_) | Type::AnyError, _) => {
                Expression::word("vapi::runtime::DynamicStructure::default()")
            }
            (Type::Structure(idx), sample) => {
                let (declared, planned) = (&self.api.structures[idx.get()], &self.plan.structures[idx.get()]);
                self.built(&declared.fields, planned, Some(sample))
            }
            (Type::List(element), Sample::List(samples)) => self.list(element, samples),
            (Type::Set(element), Sample::List(samples)) => {
                let elements = samples.iter().map(|sample| self.value(element, sample));
                Expression::group("[", elements.collect(), "].into()")
            }
            (Type::Map(key, value), Sample::Map(entries)) => {
                let entries = entries.iter().map(|(key_sample, value_sample)| {
                    let entry = vec![self.value(key, key_sample), self.value(value, value_sample)];
                    Expression::group("(", entry, ")")
                });
                Expression::group("[", entries.collect(), "].into()")
            }
            (_, Sample::Bare(text)) => Expression::word(*text),
            (_, Sample::Text(text)) => Expression::word(format!("{text:?}.into()")),
            // A sample is made from the type beside it, so there is nothing else.
            _ => Expression::word("()"),
        }
    }

    /// Samples of a list are equal.
    fn list(&self, element: &Type, samples: &[Sample]) -> Expression {
        let Some(first) = samples.first() else { return Expression::word("vec![]") };
        Expression::Group {
            open: "vec![".to_owned(),
            separator: ';',
            inner: vec![self.value(element, first), Expression::word(samples.len().to_string())],
            close: "]",
        }
    }

    /// Constructor and setters.
    fn built(&self, fields: &[Field], planned: &plan::Structure, sample: Option<&Sample>) -> Expression {
        let members: BTreeMap<usize, &Member> = match sample {
            Some(Sample::Structure(members)) => {
                members.iter().map(|member| (member.field_idx, member)).collect()
            }
            _ => BTreeMap::new(),
        };
        let mut arguments = Vec::new();
        let mut setters = Vec::new();
        for (idx, (field, planned)) in fields.iter().zip(&planned.fields).enumerate() {
            let value = members.get(&idx).map(|member| &member.value);
            match (&field.ty, &planned.setter, value) {
                (Type::Optional(inner), Some(setter), Some(value)) => {
                    let argument = vec![self.argument(inner, value)];
                    setters.push(Expression::group(format!(".{setter}("), argument, ")"));
                }
                (Type::Optional(_), _, _) | (_, _, None) => {}
                (ty, _, Some(value)) => arguments.push(self.argument(ty, value)),
            }
        }
        let new = Expression::group(format!("{}::new(", self.path(&planned.named)), arguments, ")");
        if setters.is_empty() { new } else { Expression::Chain(Box::new(new), setters) }
    }

    /// Arguments that are text take whatever converts into it.
    fn argument(&self, ty: &Type, sample: &Sample) -> Expression {
        match (ty, sample) {
            (Type::String | Type::Secret | Type::Uri | Type::Id(_), Sample::Text(text)) => {
                Expression::word(format!("{text:?}"))
            }
            _ => self.value(ty, sample),
        }
    }

    fn path(&self, named: &plan::Named) -> String {
        if named.module == self.own {
            return format!("service::{}", named.name);
        }
        format!("vapi::{}::{}", self.plan.modules[named.module.0].path.join("::"), named.name)
    }
}
