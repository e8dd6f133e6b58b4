//! The resolved API as JSON, in the type grammar and shape of the inventories that were made of other implementations.
//!
//! In: the API. Out: services, operations, parameters, results, errors, structures and enumerations, each where it is
//! declared; the keys of an object have one order. Types read `Optional<Id<com.vmware.content.library.Item>>`.
//! Not here: texts and samples, which inventories lack.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::derive::{self, RestBody};
use crate::ir::{self, Api, Release, Releases, StructureKind, Type};

/// The API as JSON.
#[must_use]
pub fn dump_api(api: &Api) -> String {
    let of_kind = |wants_errors: bool| {
        let structures = api.structures.iter();
        structures
            .filter(|structure| matches!(structure.kind, StructureKind::Error { .. }) == wants_errors)
            .map(|structure| structure_dump(api, structure))
            .collect()
    };
    let dump = ApiDump {
        services: api.services.iter().map(|service| service_dump(api, service)).collect(),
        structures: of_kind(false),
        enumerations: api.enumerations.iter().map(enumeration_dump).collect(),
        errors: of_kind(true),
    };
    // Maps with text keys and no number that JSON lacks: this cannot fail.
    serde_json::to_string_pretty(&dump).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct ApiDump<'a> {
    services: Vec<ServiceDump<'a>>,
    structures: Vec<StructureDump<'a>>,
    enumerations: Vec<EnumerationDump<'a>>,
    errors: Vec<StructureDump<'a>>,
}

#[derive(Serialize)]
struct ServiceDump<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    operations: Vec<OperationDump<'a>>,
}

#[derive(Serialize)]
struct OperationDump<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    params: Vec<FieldDump<'a>>,
    output: String,
    errors: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rest: Option<RestDump<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    privileges: Option<PrivilegesDump<'a>>,
}

#[derive(Serialize)]
struct RestDump<'a> {
    method: &'a str,
    url: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    query: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_param: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    body_fields: Vec<&'a str>,
    status: u16,
}

#[derive(Serialize)]
struct PrivilegesDump<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    operation: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    on: Vec<PrivilegesOnDump<'a>>,
}

#[derive(Serialize)]
struct PrivilegesOnDump<'a> {
    resource: &'a str,
    of: String,
    privileges: &'a [String],
}

#[derive(Serialize)]
struct FieldDump<'a> {
    name: &'a str,
    #[serde(rename = "type")]
    ty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    presence: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct StructureDump<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    fields: Vec<FieldDump<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    validators: Vec<UnionDump<'a>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    constants: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
struct UnionDump<'a> {
    kind: &'static str,
    tag: &'a str,
    #[serde(serialize_with = "serialize_cases")]
    cases: Vec<(&'a str, Vec<CaseFieldDump<'a>>)>,
}

#[derive(Serialize)]
struct CaseFieldDump<'a> {
    field: &'a str,
    required: bool,
}

#[derive(Serialize)]
struct EnumerationDump<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
    values: Vec<ValueDump<'a>>,
}

#[derive(Serialize)]
struct ValueDump<'a> {
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_in: Option<String>,
}

/// An object whose keys stay in the order of the declaration.
fn serialize_cases<S: Serializer>(
    cases: &[(&str, Vec<CaseFieldDump<'_>>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(cases.len()))?;
    for (value, fields) in cases {
        map.serialize_entry(value, fields)?;
    }
    map.end()
}

fn service_dump<'a>(api: &'a Api, service: &'a ir::Service) -> ServiceDump<'a> {
    ServiceDump {
        id: &service.id,
        added_in: added_in(&service.releases.since),
        last_in: last_in(&service.releases),
        operations: service.operations.iter().map(|operation| operation_dump(api, operation)).collect(),
    }
}

fn operation_dump<'a>(api: &'a Api, operation: &'a ir::Operation) -> OperationDump<'a> {
    let errors = operation.errors.iter();
    OperationDump {
        name: &operation.name,
        added_in: added_in(&operation.releases.since),
        last_in: last_in(&operation.releases),
        params: field_dumps(api, &operation.parameters),
        output: type_text(api, &operation.result),
        errors: errors.map(|error| &*api.structures[error.structure.get()].id).collect(),
        rest: rest_dump(operation),
        privileges: privileges_dump(api, operation),
    }
}

fn structure_dump<'a>(api: &'a Api, structure: &'a ir::Structure) -> StructureDump<'a> {
    StructureDump {
        name: &structure.id,
        added_in: added_in(&structure.releases.since),
        last_in: last_in(&structure.releases),
        http_status: match structure.kind {
            StructureKind::Plain => None,
            StructureKind::Error { status, .. } => Some(status),
        },
        fields: field_dumps(api, &structure.fields),
        validators: structure.unions.iter().map(|union| union_dump(structure, union)).collect(),
        constants: structure
            .constants
            .iter()
            .map(|constant| (constant.name.as_str(), constant.value.as_str()))
            .collect(),
    }
}

fn field_dumps<'a>(api: &'a Api, fields: &'a [ir::Field]) -> Vec<FieldDump<'a>> {
    fields.iter().map(|field| field_dump(api, field)).collect()
}

fn enumeration_dump<'a>(enumeration: &'a ir::Enumeration) -> EnumerationDump<'a> {
    let value = |value: &'a ir::EnumerationValue| ValueDump {
        value: &value.name,
        added_in: added_in(&value.releases.since),
        last_in: last_in(&value.releases),
    };
    EnumerationDump {
        name: &enumeration.id,
        added_in: added_in(&enumeration.releases.since),
        last_in: last_in(&enumeration.releases),
        values: enumeration.values.iter().map(value).collect(),
    }
}

fn rest_dump(operation: &ir::Operation) -> Option<RestDump<'_>> {
    let rest = derive::rest(operation)?;
    let name = |&idx: &usize| operation.parameters[idx].name.as_str();
    let (body_param, body_fields) = match &rest.body {
        RestBody::None => (None, Vec::new()),
        RestBody::Whole(idx) => (Some(name(idx)), Vec::new()),
        RestBody::Fields(idxs) => (None, idxs.iter().map(name).collect()),
    };
    let action = rest.line.action.as_ref().map(|action| format!("?action={action}"));
    Some(RestDump {
        method: rest.line.method.as_str(),
        url: format!("{}{}", rest.line.path, action.unwrap_or_default()),
        headers: rest.headers.iter().map(|header| (header.name.as_str(), name(&header.parameter))).collect(),
        query: rest.query.iter().map(name).collect(),
        body_param,
        body_fields,
        status: rest.status,
    })
}

/// An ID in a structure is named by the structure's field, whatever parameter it stands in.
fn privileges_dump<'a>(api: &'a Api, operation: &'a ir::Operation) -> Option<PrivilegesDump<'a>> {
    let on = |needed: &'a ir::PrivilegesOn| PrivilegesOnDump {
        resource: &api.resources[needed.resource.get()].id,
        of: match (needed.owner, needed.of.rsplit_once('.')) {
            (Some(owner), Some((_, field))) => format!("{}.{field}", api.structures[owner.get()].id),
            _ => needed.of.clone(),
        },
        privileges: &needed.privileges,
    };
    let dump = PrivilegesDump {
        operation: &operation.privileges,
        on: operation.privileges_on.iter().map(on).collect(),
    };
    (!dump.operation.is_empty() || !dump.on.is_empty()).then_some(dump)
}

fn union_dump<'a>(structure: &'a ir::Structure, union: &'a ir::Union) -> UnionDump<'a> {
    let fields = |idxs: &[usize], required| -> Vec<CaseFieldDump<'a>> {
        idxs.iter().map(|&idx| CaseFieldDump { field: &structure.fields[idx].name, required }).collect()
    };
    let case = |case: &'a ir::UnionCase| {
        let mut in_case = fields(&case.requires, true);
        in_case.extend(fields(&case.allows, false));
        in_case.sort_by_key(|entry| structure.fields.iter().position(|field| field.name == entry.field));
        (case.value.as_str(), in_case)
    };
    UnionDump {
        kind: "union",
        tag: &structure.fields[union.tag].name,
        cases: union.cases.iter().map(case).collect(),
    }
}

fn field_dump<'a>(api: &Api, field: &'a ir::Field) -> FieldDump<'a> {
    FieldDump {
        name: &field.name,
        ty: type_text(api, &field.ty),
        added_in: added_in(&field.releases.since),
        last_in: last_in(&field.releases),
        presence: field.presence.stated().collect(),
    }
}

pub(super) fn added_in(release: &Release) -> Option<String> {
    let numerals: Vec<String> = release.0.iter().map(u32::to_string).collect();
    (!numerals.is_empty()).then(|| numerals.join("."))
}

fn last_in(releases: &Releases) -> Option<String> {
    releases.until.as_ref().map(Release::to_string)
}

pub(super) fn type_text(api: &Api, ty: &Type) -> String {
    let mut text = String::new();
    add_type(&mut text, api, ty);
    text
}

fn add_type(text: &mut String, api: &Api, ty: &Type) {
    let mut around = |word: &str, inner: &[&Type]| {
        text.push_str(word);
        for (idx, ty) in inner.iter().enumerate() {
            text.push(if idx == 0 { '<' } else { ',' });
            add_type(text, api, ty);
        }
        text.push('>');
    };
    match ty {
        Type::Void => text.push_str("Void"),
        Type::Boolean => text.push_str("Boolean"),
        Type::Long => text.push_str("Long"),
        Type::Double => text.push_str("Double"),
        Type::String => text.push_str("String"),
        Type::Secret => text.push_str("Secret"),
        Type::Binary => text.push_str("Binary"),
        Type::DateTime => text.push_str("DateTime"),
        Type::Uri => text.push_str("URI"),
        Type::AnyError => text.push_str("AnyError"),
        Type::Opaque => text.push_str("Opaque"),
        Type::Id(idx) => add_name(text, "Id", &api.resources[idx.get()].id),
        Type::Enumeration(idx) => add_name(text, "Enum", &api.enumerations[idx.get()].id),
        Type::Structure(idx) => add_name(text, "Struct", &api.structures[idx.get()].id),
        Type::DynamicStructure(None) => add_name(text, "DynamicStruct", ""),
        Type::DynamicStructure(Some(idx)) => add_name(text, "DynamicStruct", &api.structures[idx.get()].id),
        Type::Optional(inner) => around("Optional", &[inner]),
        Type::List(element) => around("List", &[element]),
        Type::Set(element) => around("Set", &[element]),
        Type::Map(key, value) => around("Map", &[key, value]),
    }
}

fn add_name(text: &mut String, word: &str, name: &str) {
    // Writing to a `String` does not fail.
    let _written = write!(text, "{word}<{name}>");
}
