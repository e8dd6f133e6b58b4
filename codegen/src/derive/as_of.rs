//! The API as of a release: what that release had, and nothing else.
//!
//! In: the API and a release. Out: an API in which every index is one of its own vectors; its samples show that release.
//! A type that something of the release needs is there even if the spec dates it later.
//! Not here: what a client does with a server's release, which is the runtime's.

use crate::ir::{
    Api, Document, DocumentIdx, Enumeration, Field, Operation, Release, Samples, ServiceIdx, Structure, Type,
};

/// What `release` had of an API.
#[must_use]
pub fn as_of(api: &Api, release: &Release) -> Api {
    let mut view = Api { as_of: Some(release.clone()), ..api.clone() };
    view.services.retain(|service| release.has(&service.releases));
    for service in &mut view.services {
        service.operations.retain(|operation| release.has(&operation.releases));
        for operation in &mut service.operations {
            keep_members(operation, release);
        }
    }
    for enumeration in &mut view.enumerations {
        enumeration.values.retain(|value| release.has(&value.releases));
    }
    for structure in &mut view.structures {
        keep_fields(structure, &view.enumerations, release);
    }
    let kept = Kept::of(&view, release);
    kept.renumber(&mut view);
    view
}

fn keep_members(operation: &mut Operation, release: &Release) {
    let numbers = retain(&mut operation.parameters, |parameter| release.has(&parameter.releases));
    let is_there = |old: &usize| numbers[*old].is_some();
    operation.requests.retain(|line| line.path_params.iter().all(is_there));
    operation.rest = operation.rest.take().filter(|rest| rest.line.path_params.iter().all(is_there));
    if let Some(rest) = &mut operation.rest {
        rest.headers.retain(|header| is_there(&header.parameter));
        rest.headers.iter_mut().for_each(|header| header.parameter = renumbered(&numbers, header.parameter));
    }
    let lines = operation.requests.iter_mut().chain(operation.rest.as_mut().map(|rest| &mut rest.line));
    for line in lines {
        line.path_params.iter_mut().for_each(|idx| *idx = renumbered(&numbers, *idx));
    }
    let names: Vec<&str> = operation.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    operation.privileges_on.retain(|needed| names.contains(&needed.of.split('.').next().unwrap_or_default()));
    operation.errors.retain(|error| release.has(&error.releases));
    // Those of the page are of the release that the operation came with.
    operation.samples = Samples::default();
}

/// A union rule goes with its tag, a case with its value.
fn keep_fields(structure: &mut Structure, enumerations: &[Enumeration], release: &Release) {
    let numbers = retain(&mut structure.fields, |field| release.has(&field.releases));
    structure.unions.retain(|union| numbers[union.tag].is_some());
    for union in &mut structure.unions {
        union.tag = renumbered(&numbers, union.tag);
        if let Type::Enumeration(idx) = structure.fields[union.tag].ty.required() {
            let values = &enumerations[idx.get()].values;
            union.cases.retain(|case| values.iter().any(|value| value.name == case.value));
        }
        for case in &mut union.cases {
            for fields in [&mut case.requires, &mut case.allows] {
                *fields = fields.iter().filter_map(|&idx| numbers[idx]).collect();
            }
        }
    }
}

/// Which declarations there are; by index, where each of them is then.
struct Kept {
    structures: Vec<Option<usize>>,
    enumerations: Vec<Option<usize>>,
    documents: Vec<Option<usize>>,
}

impl Kept {
    /// Those of the release, and whatever something of it needs.
    fn of(view: &Api, release: &Release) -> Kept {
        let is_of_release = |document: &Document| release.has(&document.releases);
        let is_there = |document: usize| is_of_release(&view.documents[document]);
        let mut structures: Vec<bool> = view
            .structures
            .iter()
            .map(|structure| release.has(&structure.releases) && is_there(structure.document.get()))
            .collect();
        let mut enumerations: Vec<bool> = view
            .enumerations
            .iter()
            .map(|enumeration| release.has(&enumeration.releases) && is_there(enumeration.document.get()))
            .collect();
        let operations = view.services.iter().flat_map(|service| &service.operations);
        let mut open: Vec<&Type> = Vec::new();
        for operation in operations {
            open.push(&operation.result);
            open.extend(types_of(&operation.parameters));
            for error in &operation.errors {
                structures[error.structure.get()] = true;
            }
        }
        for (structure, _) in view.structures.iter().zip(&structures).filter(|(_, kept)| **kept) {
            open.extend(types_of(&structure.fields));
        }
        while let Some(ty) = open.pop() {
            match ty {
                Type::Structure(idx) | Type::DynamicStructure(Some(idx)) => {
                    let is_new = !std::mem::replace(&mut structures[idx.get()], true);
                    if is_new {
                        open.extend(types_of(&view.structures[idx.get()].fields));
                    }
                }
                Type::Enumeration(idx) => enumerations[idx.get()] = true,
                Type::Optional(inner) | Type::List(inner) | Type::Set(inner) => open.push(inner),
                Type::Map(key, value) => open.extend([&**key, &**value]),
                _ => {}
            }
        }
        let mut documents = vec![false; view.documents.len()];
        view.services.iter().for_each(|service| documents[service.document.get()] = true);
        let kept = view.structures.iter().zip(&structures).filter(|(_, kept)| **kept);
        kept.for_each(|(structure, _)| documents[structure.document.get()] = true);
        let kept = view.enumerations.iter().zip(&enumerations).filter(|(_, kept)| **kept);
        kept.for_each(|(enumeration, _)| documents[enumeration.document.get()] = true);
        Kept {
            structures: numbers(structures),
            enumerations: numbers(enumerations),
            documents: numbers(documents),
        }
    }

    /// Takes the rest out of the API and puts every index right.
    fn renumber(&self, view: &mut Api) {
        retain_numbered(&mut view.structures, &self.structures);
        retain_numbered(&mut view.enumerations, &self.enumerations);
        retain_numbered(&mut view.documents, &self.documents);
        let document = |idx: &mut DocumentIdx| idx.0 = narrow(&self.documents, idx.get());
        view.documents.iter_mut().for_each(|document| document.service = None);
        for (service_idx, service) in view.services.iter_mut().enumerate() {
            document(&mut service.document);
            let service_idx = ServiceIdx(u32::try_from(service_idx).unwrap_or(u32::MAX));
            view.documents[service.document.get()].service = Some(service_idx);
            for operation in &mut service.operations {
                self.renumber_type(&mut operation.result);
                operation.parameters.iter_mut().for_each(|parameter| self.renumber_type(&mut parameter.ty));
                for error in &mut operation.errors {
                    error.structure.0 = narrow(&self.structures, error.structure.get());
                }
                for needed in &mut operation.privileges_on {
                    if let Some(owner) = &mut needed.owner {
                        owner.0 = narrow(&self.structures, owner.get());
                    }
                }
            }
        }
        for structure in &mut view.structures {
            document(&mut structure.document);
            structure.fields.iter_mut().for_each(|field| self.renumber_type(&mut field.ty));
        }
        view.enumerations.iter_mut().for_each(|enumeration| document(&mut enumeration.document));
    }

    fn renumber_type(&self, ty: &mut Type) {
        match ty {
            Type::Structure(idx) | Type::DynamicStructure(Some(idx)) => {
                idx.0 = narrow(&self.structures, idx.get());
            }
            Type::Enumeration(idx) => idx.0 = narrow(&self.enumerations, idx.get()),
            Type::Optional(inner) | Type::List(inner) | Type::Set(inner) => self.renumber_type(inner),
            Type::Map(key, value) => {
                self.renumber_type(key);
                self.renumber_type(value);
            }
            _ => {}
        }
    }
}

fn types_of(fields: &[Field]) -> impl Iterator<Item = &Type> {
    fields.iter().map(|field| &field.ty)
}

/// Keeps some elements; says for each old index the new one.
fn retain<T>(elements: &mut Vec<T>, keep: impl Fn(&T) -> bool) -> Vec<Option<usize>> {
    let numbers = numbers(elements.iter().map(keep).collect());
    retain_numbered(elements, &numbers);
    numbers
}

fn retain_numbered<T>(elements: &mut Vec<T>, numbers: &[Option<usize>]) {
    let mut numbers = numbers.iter();
    elements.retain(|_| numbers.next().is_some_and(Option::is_some));
}

/// Counts what is kept.
fn numbers(kept: Vec<bool>) -> Vec<Option<usize>> {
    let mut n_kept = 0..;
    kept.into_iter().map(|kept| if kept { n_kept.next() } else { None }).collect()
}

/// The new index of what is known to be kept.
fn renumbered(numbers: &[Option<usize>], old: usize) -> usize {
    numbers[old].unwrap_or_default()
}

fn narrow(numbers: &[Option<usize>], old: usize) -> u32 {
    u32::try_from(renumbered(numbers, old)).unwrap_or(u32::MAX)
}
