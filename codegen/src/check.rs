//! The rules that resolved documents have to keep.
//!
//! In: a [`Model`]. Out: diagnostics. A rule or a family of rules is a file; each looks at the whole model and says everything
//! it has to say, and none depends on another having passed.
//! Not here: rules on one file's shape (`syntax`), and what pages state twice (`verify`).

mod documents;
mod elements;
mod errors;
mod extent;
mod names;
mod privileges;
mod recursion;
mod releases;
mod requests;
mod types;
mod unions;
mod uniqueness;

use crate::diag::Report;
use crate::resolve::{Field, Model, Type};
use crate::syntax::{Document, NodeIdx};

/// A rule.
type Rule = fn(&Model<'_>, &mut Report);

/// Every rule.
const RULES: &[Rule] = &[
    documents::check_paths,
    names::check_names,
    names::check_resources,
    uniqueness::check_declarations,
    uniqueness::check_members,
    types::check_places,
    types::check_kinds,
    elements::check_elements,
    recursion::check_recursion,
    extent::check_extent,
    unions::check_unions,
    requests::check_requests,
    privileges::check_privileges,
    errors::check_statuses,
    errors::check_kinds,
    releases::check_releases,
];

/// Applies every rule.
pub(crate) fn check_model(model: &Model<'_>, report: &mut Report) {
    for rule in RULES {
        rule(model, report);
    }
}

/// A type as it stands in a document, with what it is the type of.
struct Typed<'a> {
    document: &'a Document<'a>,
    /// The mapping that has the key `type`.
    at: NodeIdx,
    ty: &'a Type,
    is_result: bool,
    required: bool,
}

/// Every type of every parameter, result and field.
fn each_type<'a>(model: &'a Model<'a>, visit: &mut dyn FnMut(&Typed<'a>)) {
    for service in &model.services {
        let document = &model.documents[service.document_idx];
        for operation in &service.operations {
            each_field(document, &operation.parameters, visit);
            if let (Some(result), Some(ty)) = (&operation.syntax.result, &operation.result) {
                let required = result.required.unwrap_or(true);
                visit(&Typed { document, at: result.at, ty, is_result: true, required });
            }
        }
    }
    for structure in &model.structures {
        each_field(&model.documents[structure.document_idx], &structure.fields, visit);
    }
}

fn each_field<'a>(document: &'a Document<'a>, fields: &'a [Field<'a>], visit: &mut dyn FnMut(&Typed<'a>)) {
    for field in fields {
        let required = field.syntax.required;
        visit(&Typed { document, at: field.syntax.at, ty: &field.ty, is_result: false, required });
    }
}
