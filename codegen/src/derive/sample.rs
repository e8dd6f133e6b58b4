//! Sample values: what the reference pages show for a request or reply, made up from the declarations alone.
//!
//! In: the API and an operation, result or error. Out: a [`Sample`] tree, which the modules below print in the layout of
//! the pages. A tree knows no types any more; who needs them (the wire tests) walks the type beside it.
//! Not here: samples in other layouts than the pages', and reading.

pub mod form;
pub mod http;
pub mod json;
pub mod surfaces;
pub mod xml;

use super::page_order;
use crate::ir::{self, Api, Field, Operation, Release, Releases, StructureIdx, Type};

/// A sample value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Boolean or number, without quotes in JSON.
    Bare(&'static str),
    /// Every other scalar.
    Text(String),
    /// Structure, members in the order of the pages' XML and form samples.
    Structure(Vec<Member>),
    /// Dynamic structure or any-error, with the word that stands for its unknown name.
    Dynamic(&'static str),
    /// List or set.
    List(Vec<Sample>),
    /// Map.
    Map(Vec<(Sample, Sample)>),
}

/// A member of a [`Sample::Structure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Wire name.
    pub name: String,
    /// Its field's index in the declaration.
    pub field_idx: usize,
    /// Its value.
    pub value: Sample,
}

/// Which of the possible samples is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Only what exists in this release; everything if none.
    pub release: Option<Release>,
    /// A value that a peer accepts, where the pages show more than is allowed: they ignore union rules and show the
    /// elements of a set twice, and drop what came after the operation even if it is required.
    pub valid: bool,
}

impl Shape {
    /// As the operation's page shows it: as of its own release, unless the whole API is as of another.
    #[must_use]
    pub fn page(api: &Api, operation: &Operation) -> Shape {
        let release = api.as_of.as_ref().unwrap_or(&operation.releases.since);
        Shape { release: Some(release.clone()), valid: false }
    }

    /// As close to the page as a valid value gets.
    #[must_use]
    pub fn valid_page(operation: &Operation) -> Shape {
        Shape { release: Some(operation.releases.since.clone()), valid: true }
    }

    /// A valid value with everything in it.
    #[must_use]
    pub fn full() -> Shape {
        Shape { release: None, valid: true }
    }

    fn exists(&self, releases: &Releases) -> bool {
        self.release.as_ref().is_none_or(|release| release.has(releases))
    }
}

/// The sample of an operation's parameters, a [`Sample::Structure`]; none for an operation without.
#[must_use]
pub fn of_parameters(api: &Api, operation: &Operation, shape: &Shape) -> Option<Sample> {
    if operation.parameters.is_empty() {
        return None;
    }
    Some(Deriver { api, shape, open: Vec::new() }.members(&operation.parameters, &[]))
}

/// The sample of an operation's result, without the envelope; none for void.
#[must_use]
pub fn of_result(api: &Api, operation: &Operation, shape: &Shape) -> Option<Sample> {
    Deriver { api, shape, open: Vec::new() }.value(&operation.result)
}

/// The sample of a structure or an error's payload.
#[must_use]
pub fn of_structure(api: &Api, structure: StructureIdx, shape: &Shape) -> Sample {
    Deriver { api, shape, open: Vec::new() }.structure(structure)
}

struct Deriver<'a> {
    api: &'a Api,
    shape: &'a Shape,
    /// Structures that the value being derived stands in.
    open: Vec<StructureIdx>,
}

impl Deriver<'_> {
    /// None for void and where an endless structure stops.
    fn value(&mut self, ty: &Type) -> Option<Sample> {
        Some(match ty {
            Type::Void => return None,
            Type::Boolean => Sample::Bare("true"),
            Type::Long => Sample::Bare("10"),
            Type::Double => Sample::Bare("1.5"),
            Type::String | Type::Opaque => text("string"),
            Type::Secret => text("secret string"),
            Type::Binary => text("YmluYXJ5"),
            Type::DateTime => text("2013-06-06T22:13:05"),
            Type::Uri => text("http://myurl.com"),
            Type::Id(_) => text("obj-103"),
            Type::Enumeration(idx) => self.enumeration(&self.api.enumerations[idx.get()]),
            Type::Structure(idx) if self.open.contains(idx) => return None,
            Type::Structure(idx) => self.structure(*idx),
            Type::DynamicStructure(_) => Sample::Dynamic("dynamic_structure"),
            Type::AnyError => Sample::Dynamic("exception"),
            Type::Optional(inner) => return self.optional(inner),
            Type::List(element) => Sample::List(self.elements(element, 2)),
            Type::Set(element) => Sample::List(self.elements(element, if self.shape.valid { 1 } else { 2 })),
            Type::Map(key, value) => {
                let (key, value) = (self.value(key), self.value(value));
                Sample::Map(key.zip(value).into_iter().collect())
            }
        })
    }

    /// An optional list or map that could only be shown empty is not shown.
    fn optional(&mut self, inner: &Type) -> Option<Sample> {
        self.value(inner).filter(|value| match value {
            Sample::List(elements) => !elements.is_empty(),
            Sample::Map(entries) => !entries.is_empty(),
            _ => true,
        })
    }

    fn elements(&mut self, element: &Type, n_elements: usize) -> Vec<Sample> {
        self.value(element).map_or_else(Vec::new, |sample| vec![sample; n_elements])
    }

    fn enumeration(&self, enumeration: &ir::Enumeration) -> Sample {
        let existing = enumeration.values.iter().find(|value| self.shape.exists(&value.releases));
        let value = existing.or_else(|| enumeration.values.first());
        text(value.map_or("string", |value| &value.name))
    }

    /// A required structure within itself has no value; the check stage refuses it, here it only must not run for ever.
    fn structure(&mut self, idx: StructureIdx) -> Sample {
        let structure = &self.api.structures[idx.get()];
        self.open.push(idx);
        let sample = self.members(&structure.fields, &structure.unions);
        self.open.pop();
        sample
    }

    fn members(&mut self, fields: &[Field], unions: &[ir::Union]) -> Sample {
        let mut shown: Vec<bool> = fields.iter().map(|field| self.shows(field)).collect();
        if self.shape.valid {
            for union in unions {
                self.choose_case(fields, union, &mut shown);
            }
        }
        let mut members = Vec::new();
        for idx in self.order(fields, &shown) {
            let field = &fields[idx];
            if shown[idx]
                && let Some(value) = self.value(&field.ty)
            {
                members.push(Member { name: field.name.clone(), field_idx: idx, value });
            }
        }
        Sample::Structure(members)
    }

    fn shows(&self, field: &Field) -> bool {
        let must = self.shape.valid && !matches!(field.ty, Type::Optional(_));
        must || self.shape.exists(&field.releases)
    }

    /// Of the fields that go with a tag, keeps those that go with the tag's sample value.
    fn choose_case(&mut self, fields: &[Field], union: &ir::Union, shown: &mut [bool]) {
        let tag = if shown[union.tag] { self.value(&fields[union.tag].ty) } else { None };
        let ruled = union.cases.iter().flat_map(|case| case.requires.iter().chain(&case.allows));
        let chosen =
            union.cases.iter().find(|case| matches!(&tag, Some(Sample::Text(tag)) if *tag == case.value));
        for &idx in ruled {
            let required = chosen.is_some_and(|case| case.requires.contains(&idx));
            let allowed = chosen.is_some_and(|case| case.allows.contains(&idx));
            shown[idx] = required || (allowed && shown[idx]);
        }
    }

    /// The pages' tool only knew the fields of its release; a peer orders by all fields there are.
    fn order(&self, fields: &[Field], shown: &[bool]) -> Vec<usize> {
        let known: Vec<usize> = (0..fields.len()).filter(|&idx| self.shape.valid || shown[idx]).collect();
        let names: Vec<&str> = known.iter().map(|&idx| fields[idx].name.as_str()).collect();
        page_order(&names).into_iter().map(|position| known[position]).collect()
    }
}

fn text(text: &str) -> Sample {
    Sample::Text(text.to_owned())
}
