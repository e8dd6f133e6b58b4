//! Whether the parameters of an operation can stand where the rules put them below `/api`.

use super::Page;
use crate::derive::{self, RestBody};
use crate::diag::{Code, Diagnostic, Report};
use crate::ir::{Api, Field, Type};

pub(super) fn verify_rest(api: &Api, page: &Page<'_>, report: &mut Report) {
    let Some(rest) = derive::rest(page.operation) else { return };
    let parameters = &page.operation.parameters;
    for &idx in &rest.query {
        if !is_query(api, &parameters[idx].ty) {
            report.push(no_query(page, idx, rest.line.method.as_str()));
        }
    }
    if let Some(whole) = page.operation.rest.as_ref().and_then(|stated| stated.is_whole_body) {
        verify_body(page, whole, &rest.body, report);
    }
}

/// `rest_body` says something, and it is possible and not what the rules say anyway.
fn verify_body(page: &Page<'_>, is_whole: bool, body: &RestBody, report: &mut Report) {
    let in_body = match body {
        RestBody::None => Vec::new(),
        RestBody::Whole(idx) => vec![*idx],
        RestBody::Fields(idxs) => idxs.clone(),
    };
    let parameters = &page.operation.parameters;
    let tree = &page.document.tree;
    let at = page.resolved.syntax.at;
    let is_possible = if is_whole { in_body.len() == 1 } else { !in_body.is_empty() };
    if !is_possible {
        let names: Vec<String> = in_body.iter().map(|&idx| format!("`{}`", parameters[idx].name)).collect();
        let found = if names.is_empty() { "no parameter".to_owned() } else { names.join(", ") };
        report.push(
            Diagnostic::new(Code::BadRest, format!("{found} in the body, which cannot be this"))
                .at(tree.span(at, "rest_body"), if is_whole { "one parameter" } else { "some parameters" })
                .at(tree.span(at, "rest"), "the others are in the path, the query or headers"),
        );
    } else if *body == RestBody::of(page.operation, &in_body) {
        report.push(
            Diagnostic::new(Code::NeedlessOverride, "the body is what the rules give")
                .at(tree.key_span(at, "rest_body"), "nothing deviates")
                .help("leave `rest_body` out"),
        );
    }
}

fn no_query(page: &Page<'_>, parameter_idx: usize, method: &str) -> Diagnostic {
    let parameter = &page.resolved.parameters[parameter_idx];
    let message = format!("the parameter `{}` cannot stand in a query", parameter.syntax.name);
    let tree = &page.document.tree;
    Diagnostic::new(Code::BadRest, message)
        .at(parameter.ty.span, "of this type")
        .at(tree.span(page.resolved.syntax.at, "rest"), format!("{method} has no body"))
        .help("these can: what has one value, lists and sets of it, and structures of these")
}

/// One key, one key several times, or a key for each field.
fn is_query(api: &Api, ty: &Type) -> bool {
    let is_field = |field: &Field| is_values(&field.ty);
    match ty {
        Type::Optional(inner) => is_query(api, inner),
        Type::Structure(idx) => api.structures[idx.get()].fields.iter().all(is_field),
        _ => is_values(ty),
    }
}

fn is_values(ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) | Type::List(inner) | Type::Set(inner) => is_value(inner) || is_values(inner),
        _ => is_value(ty),
    }
}

fn is_value(ty: &Type) -> bool {
    match ty {
        Type::Boolean | Type::Long | Type::Double | Type::String | Type::Secret | Type::Binary => true,
        Type::DateTime | Type::Uri | Type::Id(_) | Type::Enumeration(_) => true,
        Type::Void | Type::Structure(_) | Type::DynamicStructure(_) | Type::AnyError => false,
        Type::Opaque | Type::Optional(_) | Type::List(_) | Type::Set(_) | Type::Map(..) => false,
    }
}
