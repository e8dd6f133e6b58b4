//! Resolved documents -> the IR.
//!
//! In: a [`Model`]. Out: an [`Api`]. Nothing is reported here: what is wrong was said before, and then the result is only used to
//! compare what else the pages state; a type that could not be resolved is opaque in it, a union rule that cannot be followed left out.

use std::collections::BTreeSet;

use crate::ir::{
    Api, Constant, Doc, Document, DocumentIdx, Enumeration, EnumerationIdx, EnumerationValue, Field, Method,
    Operation, OperationError, Place, Presence, PrivilegesOn, Release, Releases, RequestLine, Resource,
    ResourceIdx, Rest, RestHeader, Samples, Service, ServiceIdx, Structure, StructureIdx, StructureKind,
    Type, Union, UnionCase,
};
use crate::resolve::{self, Followed, Kind, Model, follow};
use crate::syntax::{self, Builtin, NodeIdx, ReleaseText, RequestExpr};

/// Request lines by the naming rules, from a service's id, an operation's name and its parameters.
type RequestLines = fn(&str, &str, &[Field]) -> Vec<RequestLine>;

/// The IR of all documents; `request_lines` gives those that a page is not transcribed with.
pub(crate) fn lower_model(model: &Model<'_>, request_lines: RequestLines) -> Api {
    let resources: Vec<String> = resource_names(model).into_iter().collect();
    let lowerer = Lowerer { model, resources: &resources, request_lines };
    let services: Vec<Service> = model.services.iter().map(|service| lowerer.service(service)).collect();
    let mut documents: Vec<Document> = model.documents.iter().map(document).collect();
    for (service_idx, service) in model.services.iter().enumerate() {
        documents[service.document_idx].service = Some(ServiceIdx(narrow(service_idx)));
    }
    Api {
        documents,
        services,
        structures: model.structures.iter().map(|structure| lowerer.structure(structure)).collect(),
        enumerations: model.enumerations.iter().map(|enumeration| lowerer.enumeration(enumeration)).collect(),
        resources: resources.into_iter().map(|id| Resource { id }).collect(),
        as_of: None,
    }
}

struct Lowerer<'a> {
    model: &'a Model<'a>,
    resources: &'a [String],
    request_lines: RequestLines,
}

impl Lowerer<'_> {
    fn service(&self, service: &resolve::Service<'_>) -> Service {
        let document = &self.model.documents[service.document_idx];
        Service {
            id: document.id().to_owned(),
            document: DocumentIdx(narrow(service.document_idx)),
            client_name: document.body.client_name.clone(),
            releases: releases(document.body.since.as_ref(), document.body.until.as_ref()),
            operations: service
                .operations
                .iter()
                .map(|operation| self.operation(document, operation))
                .collect(),
        }
    }

    fn operation(&self, document: &syntax::Document<'_>, operation: &resolve::Operation<'_>) -> Operation {
        let syntax = operation.syntax;
        let parameters = self.fields(document, &operation.parameters);
        let requests = match &syntax.requests {
            Some(lines) => {
                let parsed = lines.iter().filter_map(|line| line.parsed.as_ref().ok());
                parsed.filter_map(|line| request_line(line, &parameters)).collect()
            }
            None => (self.request_lines)(document.id(), &syntax.name, &parameters),
        };
        let is_required = syntax.result.as_ref().is_none_or(|result| result.required.unwrap_or(true));
        Operation {
            name: syntax.name.clone(),
            doc: doc(syntax.doc.as_deref()),
            releases: releases(syntax.since.as_ref(), syntax.until.as_ref()),
            requests,
            rest: rest(syntax, &parameters),
            privileges: syntax.privileges.clone(),
            privileges_on: self.privileges_on(operation),
            parameters,
            result: operation.result.as_ref().map_or(Type::Void, |result| self.optional(result, is_required)),
            result_doc: doc(syntax.result.as_ref().and_then(|result| result.doc.as_deref())),
            errors: operation
                .errors
                .iter()
                .filter_map(|error| self.operation_error(document, error))
                .collect(),
            samples: samples(syntax),
            errata: syntax.errata.iter().map(|erratum| one_line(erratum)).collect(),
            place: place(document, syntax.at),
        }
    }

    fn privileges_on(&self, operation: &resolve::Operation<'_>) -> Vec<PrivilegesOn> {
        let needed = |needed: &syntax::PrivilegesOn| {
            let Followed { owner_idx, ty } = follow(self.model, operation, &needed.of).ok()?;
            let Type::Id(resource) = self.ty(ty) else { return None };
            Some(PrivilegesOn {
                of: needed.of.clone(),
                owner: owner_idx.map(|owner_idx| StructureIdx(narrow(owner_idx))),
                resource,
                privileges: needed.privileges.clone(),
            })
        };
        operation.syntax.privileges_on.iter().filter_map(needed).collect()
    }

    fn operation_error(
        &self,
        document: &syntax::Document<'_>,
        error: &resolve::OperationError<'_>,
    ) -> Option<OperationError> {
        let syntax = error.syntax;
        let structure_idx = error.structure_idx?;
        let own = self.model.structures[structure_idx].syntax;
        // A status that deviates on the page does so everywhere, unless it is said what stands below `/api`.
        let inherited = if own.status == Some(syntax.status) { own.rest_status } else { None };
        Some(OperationError {
            structure: StructureIdx(narrow(structure_idx)),
            condition: one_line(&syntax.condition),
            status: syntax.status,
            rest_status: syntax.rest_status.or(inherited).unwrap_or(syntax.status),
            releases: releases(syntax.since.as_ref(), syntax.until.as_ref()),
            place: Place { path: document.source.path.clone(), line: document.tree.line(syntax.at, "type") },
        })
    }

    fn structure(&self, structure: &resolve::Structure<'_>) -> Structure {
        let document = &self.model.documents[structure.document_idx];
        let syntax = structure.syntax;
        Structure {
            id: structure.id.clone(),
            document: DocumentIdx(narrow(structure.document_idx)),
            local_name: syntax.name.clone(),
            kind: match syntax.status {
                Some(status) => {
                    StructureKind::Error { status, rest_status: syntax.rest_status.unwrap_or(status) }
                }
                None => StructureKind::Plain,
            },
            doc: doc(syntax.doc.as_deref()),
            releases: releases(syntax.since.as_ref(), syntax.until.as_ref()),
            fields: self.fields(document, &structure.fields),
            unions: syntax.unions.iter().filter_map(|rule| union(syntax, rule)).collect(),
            constants: syntax.constants.iter().map(constant).collect(),
            place: place(document, syntax.at),
        }
    }

    fn enumeration(&self, enumeration: &resolve::Enumeration<'_>) -> Enumeration {
        let document = &self.model.documents[enumeration.document_idx];
        let syntax = enumeration.syntax;
        let value = |value: &syntax::EnumerationValue| EnumerationValue {
            name: value.name.clone(),
            doc: doc(value.doc.as_deref()),
            releases: releases(value.since.as_ref(), value.until.as_ref()),
            place: place(document, value.at),
        };
        Enumeration {
            id: enumeration.id.clone(),
            document: DocumentIdx(narrow(enumeration.document_idx)),
            local_name: syntax.name.clone(),
            doc: doc(syntax.doc.as_deref()),
            releases: releases(syntax.since.as_ref(), syntax.until.as_ref()),
            values: syntax.values.iter().map(value).collect(),
            place: place(document, syntax.at),
        }
    }

    fn fields(&self, document: &syntax::Document<'_>, fields: &[resolve::Field<'_>]) -> Vec<Field> {
        let field = |field: &resolve::Field<'_>| Field {
            name: field.syntax.name.clone(),
            ty: self.optional(&field.ty, field.syntax.required),
            is_lenient: field.syntax.lenient,
            doc: doc(field.syntax.doc.as_deref()),
            releases: releases(field.syntax.since.as_ref(), field.syntax.until.as_ref()),
            presence: presence(field.syntax.presence.as_ref()),
            place: place(document, field.syntax.at),
        };
        fields.iter().map(field).collect()
    }

    fn optional(&self, ty: &resolve::Type, required: bool) -> Type {
        let ty = self.ty(ty);
        if required || matches!(ty, Type::Optional(_)) { ty } else { Type::Optional(Box::new(ty)) }
    }

    fn ty(&self, ty: &resolve::Type) -> Type {
        let boxed = |inner: &resolve::Type| Box::new(self.ty(inner));
        match &ty.kind {
            Kind::Builtin(builtin) => lower_builtin(*builtin),
            Kind::Id(resource) => {
                let resource_idx = self.resources.binary_search(resource).unwrap_or(0);
                Type::Id(ResourceIdx(narrow(resource_idx)))
            }
            Kind::Structure(structure_idx) => Type::Structure(StructureIdx(narrow(*structure_idx))),
            Kind::Enumeration(enumeration_idx) => Type::Enumeration(EnumerationIdx(narrow(*enumeration_idx))),
            Kind::DynamicStructure(None) => Type::DynamicStructure(None),
            Kind::DynamicStructure(Some(inner)) => match self.ty(inner) {
                Type::Structure(structure_idx) => Type::DynamicStructure(Some(structure_idx)),
                _ => Type::DynamicStructure(None),
            },
            Kind::Optional(inner) => Type::Optional(boxed(inner)),
            Kind::List(inner) => Type::List(boxed(inner)),
            Kind::Set(inner) => Type::Set(boxed(inner)),
            Kind::Map(key, value) => Type::Map(boxed(key), boxed(value)),
            Kind::Unknown => Type::Opaque,
        }
    }
}

fn lower_builtin(builtin: Builtin) -> Type {
    match builtin {
        Builtin::Void => Type::Void,
        Builtin::Boolean => Type::Boolean,
        Builtin::Long => Type::Long,
        Builtin::Double => Type::Double,
        Builtin::String => Type::String,
        Builtin::Secret => Type::Secret,
        Builtin::Binary => Type::Binary,
        Builtin::DateTime => Type::DateTime,
        Builtin::Uri => Type::Uri,
        Builtin::AnyError => Type::AnyError,
        Builtin::Opaque => Type::Opaque,
    }
}

/// Names of all resource types, sorted.
fn resource_names(model: &Model<'_>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let operations = model.services.iter().flat_map(|service| &service.operations);
    let results = operations.clone().filter_map(|operation| operation.result.as_ref());
    let parameters = operations.flat_map(|operation| &operation.parameters);
    let fields = model.structures.iter().flat_map(|structure| &structure.fields);
    for ty in parameters.chain(fields).map(|field| &field.ty).chain(results) {
        ty.each(&mut |ty| {
            if let Kind::Id(resource) = &ty.kind {
                names.insert(resource.clone());
            }
        });
    }
    names
}

fn document(document: &syntax::Document<'_>) -> Document {
    Document {
        id: document.id().to_owned(),
        doc: doc(document.body.doc.as_deref()),
        releases: releases(document.body.since.as_ref(), document.body.until.as_ref()),
        copyright: document.body.copyright.as_deref().map(one_line),
        service: None,
        place: Place {
            path: document.source.path.clone(),
            line: document.tree.line(document.body.at, document.id_key()),
        },
    }
}

/// None if it names a parameter that there is not.
fn request_line(line: &RequestExpr, parameters: &[Field]) -> Option<RequestLine> {
    let parameter_idx = |name: &str| parameters.iter().position(|parameter| parameter.name == name);
    let path_params: Option<Vec<usize>> =
        line.path_params.iter().map(|(name, ..)| parameter_idx(name)).collect();
    let method = match line.method.as_str() {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => Method::Post,
    };
    Some(RequestLine {
        method,
        path: line.path.clone(),
        path_params: path_params?,
        action: line.action.clone(),
    })
}

fn rest(operation: &syntax::Operation, parameters: &[Field]) -> Option<Rest> {
    let line = operation.rest.as_ref()?.parsed.as_ref().ok()?;
    let header = |header: &syntax::RestHeader| {
        let parameter = parameters.iter().position(|parameter| parameter.name == header.parameter)?;
        Some(RestHeader { name: header.name.clone(), parameter })
    };
    Some(Rest {
        line: request_line(line, parameters)?,
        headers: operation.rest_headers.iter().filter_map(header).collect(),
        is_whole_body: operation.rest_body.as_ref().map(|body| body == "whole"),
    })
}

fn constant(constant: &syntax::Constant) -> Constant {
    Constant { name: constant.name.clone(), value: constant.value.clone(), doc: doc(constant.doc.as_deref()) }
}

/// None if it names a field that there is not.
fn union(structure: &syntax::Structure, rule: &syntax::Union) -> Option<Union> {
    let field_idx = |name: &String| structure.fields.iter().position(|field| field.name == *name);
    let case = |case: &syntax::UnionCase| {
        Some(UnionCase {
            value: case.value.clone(),
            requires: case.requires.iter().map(field_idx).collect::<Option<_>>()?,
            allows: case.allows.iter().map(field_idx).collect::<Option<_>>()?,
        })
    };
    let cases: Option<Vec<UnionCase>> = rule.cases.iter().map(case).collect();
    Some(Union { tag: field_idx(&rule.tag)?, cases: cases? })
}

fn samples(operation: &syntax::Operation) -> Samples {
    // The newline that YAML puts after a block is not the page's.
    let sample = |text: &Option<String>| text.as_ref().map(|text| text.trim_end_matches('\n').to_owned());
    Samples {
        request_json: sample(&operation.request.json),
        request_xml: sample(&operation.request.xml),
        request_form: sample(&operation.request.form),
        response_json: sample(&operation.response.json),
        response_xml: sample(&operation.response.xml),
    }
}

fn place(document: &syntax::Document<'_>, at: NodeIdx) -> Place {
    Place { path: document.source.path.clone(), line: document.tree.line(at, "name") }
}

fn releases(since: Option<&ReleaseText>, until: Option<&ReleaseText>) -> Releases {
    let release =
        |stated: Option<&ReleaseText>| stated.and_then(|release| release.numerals.clone()).map(Release);
    Releases { since: release(since).unwrap_or_default(), until: release(until) }
}

fn presence(presence: Option<&syntax::Presence>) -> Presence {
    presence.map_or_else(Presence::default, |presence| Presence {
        create: presence.create.clone(),
        update: presence.update.clone(),
        get: presence.get.clone(),
    })
}

/// Paragraphs are separated by empty lines; line ends within one are blanks.
fn doc(text: Option<&str>) -> Doc {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in text.unwrap_or_default().lines().map(str::trim) {
        match paragraphs.last_mut().filter(|_| is_open) {
            _ if line.is_empty() => is_open = false,
            Some(paragraph) => {
                paragraph.push(' ');
                paragraph.push_str(line);
            }
            None => {
                paragraphs.push(line.to_owned());
                is_open = true;
            }
        }
    }
    Doc(paragraphs)
}

fn one_line(text: &str) -> String {
    doc(Some(text)).0.join(" ")
}

fn narrow(idx: usize) -> u32 {
    u32::try_from(idx).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::doc;

    #[test]
    fn paragraphs() {
        assert_eq!(doc(Some("a\n b\n\n\nc\n")).0, ["a b", "c"]);
        assert!(doc(Some("\n \n")).0.is_empty());
        assert!(doc(None).0.is_empty());
    }
}
