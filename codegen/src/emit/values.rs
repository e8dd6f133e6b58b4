//! Samples as Rust expressions: what a user of the generated crate would write.
//!
//! In: samples with their types. Out: expressions built with constructors and setters; types come from where they stand.
//! Tests have all of a sample and say where each type comes from; examples have what a call needs, and import types.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::expression::Expression;
use crate::derive::sample::{Member, Sample};
use crate::ir::{Api, Field, Operation, Type, Union};
use crate::plan::{self, ModuleIdx, Named, Plan};

pub(super) struct Values<'a> {
    pub(super) api: &'a Api,
    pub(super) plan: &'a Plan,
    pub(super) style: Style,
}

/// Whom the expressions are for.
pub(super) enum Style {
    /// A test, which calls this module `service`.
    Test(ModuleIdx),
    /// A reader; what is imported for it comes together here.
    Example(Usage, RefCell<BTreeSet<Named>>),
}

/// What a call does with models, by the operation's name; that of the runtime is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    Create,
    Update,
    Other,
}

impl Usage {
    pub(super) fn of(operation: &Operation) -> Usage {
        match operation.name.as_str() {
            "create" => Usage::Create,
            "update" => Usage::Update,
            _ => Usage::Other,
        }
    }
}

impl Values<'_> {
    /// The parameters of an operation.
    pub(super) fn input(
        &self,
        operation: &Operation,
        planned: &plan::Operation,
        sample: Option<&Sample>,
    ) -> Expression {
        self.built(&operation.parameters, &[], &planned.input, sample)
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
                let parsed = match self.style {
                    Style::Test(_) => ".expect(\"an instant\")",
                    Style::Example(..) => "?",
                };
                Expression::word(format!("\"{text}Z\".parse(){parsed}"))
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
                self.built(&declared.fields, &declared.unions, planned, Some(sample))
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
        if let Style::Example(..) = self.style {
            return Expression::group("vec![", vec![self.value(element, first)], "]");
        }
        Expression::Group {
            open: "vec![".to_owned(),
            separator: ';',
            inner: vec![self.value(element, first), Expression::word(samples.len().to_string())],
            close: "]",
        }
    }

    /// Constructor and setters.
    fn built(
        &self,
        fields: &[Field],
        unions: &[Union],
        planned: &plan::Structure,
        sample: Option<&Sample>,
    ) -> Expression {
        let members: BTreeMap<usize, &Member> = match sample {
            Some(Sample::Structure(members)) => {
                members.iter().map(|member| (member.field_idx, member)).collect()
            }
            _ => BTreeMap::new(),
        };
        let constructor = self.constructor(planned);
        let wanted = self.wanted(fields, unions, &members, constructor);
        let mut arguments = Vec::new();
        let mut setters = Vec::new();
        for (idx, (field, planned)) in fields.iter().zip(&planned.fields).enumerate() {
            let value = members.get(&idx).map(|member| &member.value);
            match (&field.ty, &planned.setter, value) {
                (Type::Optional(inner), _, Some(value)) if constructor.asks_for(field) => {
                    arguments.push(self.argument(inner, value));
                }
                (Type::Optional(inner), Some(setter), Some(value)) if wanted.contains(&idx) => {
                    let argument = vec![self.argument(inner, value)];
                    setters.push(Expression::group(format!(".{setter}("), argument, ")"));
                }
                (Type::Optional(_), _, _) | (_, _, None) => {}
                (ty, _, Some(value)) => arguments.push(self.argument(ty, value)),
            }
        }
        let new = format!("{}::{}(", self.path(&planned.named), constructor.name());
        let new = Expression::group(new, arguments, ")");
        if setters.is_empty() { new } else { Expression::Chain(Box::new(new), setters) }
    }

    fn constructor(&self, planned: &plan::Structure) -> Constructor {
        match self.style {
            Style::Example(Usage::Create | Usage::Other, _) if planned.has_for_create => {
                Constructor::ForCreate
            }
            _ => Constructor::New,
        }
    }

    /// Indexes of the optional fields that are set: all of a test; of an example those that a union rule asks for, or one so
    /// that there is something to see.
    fn wanted(
        &self,
        fields: &[Field],
        unions: &[Union],
        members: &BTreeMap<usize, &Member>,
        constructor: Constructor,
    ) -> BTreeSet<usize> {
        let Style::Example(usage, _) = self.style else { return members.keys().copied().collect() };
        let is_asked_for = |idx: &usize| constructor.asks_for(&fields[*idx]);
        let mut wanted: BTreeSet<usize> = (0..fields.len()).filter(is_asked_for).collect();
        for union in unions.iter().filter(|union| wanted.contains(&union.tag)).collect::<Vec<_>>() {
            let tag = members.get(&union.tag).map(|member| &member.value);
            let is_chosen = |value: &str| matches!(tag, Some(Sample::Text(tag)) if tag == value);
            let chosen = union.cases.iter().find(|case| is_chosen(&case.value));
            wanted.extend(chosen.iter().flat_map(|case| &case.requires));
        }
        if wanted.is_empty() {
            let is_ruled = |idx: &usize| {
                let of =
                    |union: &Union| union.cases.iter().any(|case| names(case).any(|named| named == *idx));
                unions.iter().any(|union| union.tag == *idx || of(union))
            };
            let is_telling = |idx: &usize| is_used(&fields[*idx], usage) && !is_ruled(idx);
            let mut telling = members.keys().copied().filter(is_telling);
            let plain = telling.clone().find(|idx| is_plain(fields[*idx].ty.required()));
            wanted.extend(plain.or_else(|| telling.next()));
        }
        wanted
    }

    /// Arguments that are text take whatever converts into it.
    pub(super) fn argument(&self, ty: &Type, sample: &Sample) -> Expression {
        match (ty, sample) {
            (Type::String | Type::Secret | Type::Uri | Type::Id(_), Sample::Text(text)) => {
                Expression::word(format!("{text:?}"))
            }
            _ => self.value(ty, sample),
        }
    }

    fn path(&self, named: &Named) -> String {
        let full = || format!("vapi::{}::{}", self.plan.modules[named.module.0].path.join("::"), named.name);
        match &self.style {
            Style::Test(own) if named.module == *own => format!("service::{}", named.name),
            Style::Test(_) => full(),
            Style::Example(_, imports) => {
                let mut imports = imports.borrow_mut();
                if imports.iter().any(|other| other.name == named.name && other.module != named.module) {
                    return full();
                }
                imports.insert(named.clone());
                named.name.clone()
            }
        }
    }
}

/// Which of a structure's constructors is called.
#[derive(Clone, Copy)]
enum Constructor {
    New,
    ForCreate,
}

impl Constructor {
    fn name(self) -> &'static str {
        match self {
            Constructor::New => "new",
            Constructor::ForCreate => plan::Structure::FOR_CREATE,
        }
    }

    fn asks_for(self, field: &Field) -> bool {
        let is_required = !matches!(field.ty, Type::Optional(_));
        is_required || (matches!(self, Constructor::ForCreate) && field.presence.is_needed_by_create())
    }
}

/// The fields that a case speaks of.
fn names(case: &crate::ir::UnionCase) -> impl Iterator<Item = usize> {
    case.requires.iter().chain(&case.allows).copied()
}

/// Whether a value of the type is one word.
pub(super) fn is_plain(ty: &Type) -> bool {
    matches!(ty, Type::Boolean | Type::Long | Type::Double | Type::String | Type::Uri | Type::Id(_))
}

/// Whether the call looks at the field.
fn is_used(field: &Field, usage: Usage) -> bool {
    let stated = match usage {
        Usage::Create => &field.presence.create,
        Usage::Update => &field.presence.update,
        Usage::Other => &None,
    };
    stated.as_deref() != Some("unused")
}
