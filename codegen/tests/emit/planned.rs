//! Whatever can be planned can be emitted, and what is emitted is Rust.

use proptest::prelude::*;
use vapi_codegen::emit::rust::emit_rust;
use vapi_codegen::ir::{
    Api, Doc, Document, DocumentIdx, Enumeration, EnumerationIdx, EnumerationValue, Field, Method, Operation,
    OperationError, Place, Presence, Release, Releases, RequestLine, Resource, ResourceIdx, Samples, Service,
    ServiceIdx, Structure, StructureIdx, StructureKind, Type, Union, UnionCase,
};
use vapi_codegen::plan::plan;

/// Names that are likely to meet something: words of Rust, its standard library, the generated code, and each other.
fn name() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "self",
        "type",
        "gen",
        "new",
        "clone",
        "add",
        "a",
        "s",
        "string",
        "some",
        "result",
        "std",
        "codegen",
        "vapi_runtime",
        "runtime",
        "service",
        "error",
        "client",
        "size_MiB",
        "clientToken",
        "v1_2",
        "UNRECOGNIZED",
        "core",
        "super",
        "crate",
    ]);
    prop_oneof![odd.prop_map(str::to_owned), "[a-zA-Z][a-zA-Z0-9]{0,3}(_[a-zA-Z0-9]{1,3}){0,2}"]
}

fn doc() -> impl Strategy<Value = Doc> {
    prop::collection::vec("[ -~\u{e4}\u{4e2d}]{0,120}", 0..3).prop_map(Doc)
}

/// Types over two structures, two enumerations and two resource types.
fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            Type::Boolean,
            Type::Long,
            Type::Double,
            Type::String,
            Type::Secret,
            Type::Binary,
            Type::DateTime,
            Type::Uri,
            Type::AnyError,
            Type::Opaque,
            Type::DynamicStructure(None),
        ]),
        (0..2_u32).prop_map(|idx| Type::Id(ResourceIdx(idx))),
        (0..2_u32).prop_map(|idx| Type::Enumeration(EnumerationIdx(idx))),
        (0..2_u32).prop_map(|idx| Type::Structure(StructureIdx(idx))),
    ];
    leaf.prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Type::List(Box::new(inner))),
            inner.clone().prop_map(|inner| Type::Optional(Box::new(inner))),
            inner.clone().prop_map(|inner| Type::Set(Box::new(inner))),
            (inner.clone(), inner).prop_map(|(key, value)| Type::Map(Box::new(key), Box::new(value))),
        ]
    })
}

fn place() -> Place {
    Place { path: "spec/a.yaml".to_owned(), line: 1 }
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let field = (name(), ty(), doc());
    let field = field.prop_map(|(name, ty, doc)| Field {
        name,
        ty,
        doc,
        releases: Releases { since: Release(vec![6, 5]), until: None },
        is_lenient: false,
        presence: Presence::default(),
        place: place(),
    });
    prop::collection::vec(field, 0..5)
}

fn structure(idx: u32) -> impl Strategy<Value = Structure> {
    (name(), doc(), fields(), any::<bool>()).prop_map(move |(local_name, doc, fields, is_error)| Structure {
        id: format!("com.vmware.a.{local_name}"),
        document: DocumentIdx(idx),
        local_name,
        kind: if is_error {
            StructureKind::Error { status: 404, rest_status: 404 }
        } else {
            StructureKind::Plain
        },
        doc,
        releases: Releases::default(),
        unions: fields
            .iter()
            .take(1)
            .map(|field| Union {
                tag: 0,
                cases: vec![UnionCase { value: field.name.clone(), requires: vec![0], allows: vec![] }],
            })
            .collect(),
        fields,
        place: place(),
    })
}

fn enumeration(idx: u32) -> impl Strategy<Value = Enumeration> {
    (name(), doc(), prop::collection::vec(name(), 1..4)).prop_map(move |(local_name, doc, values)| {
        Enumeration {
            id: format!("com.vmware.a.{local_name}"),
            document: DocumentIdx(idx),
            local_name,
            values: values
                .into_iter()
                .map(|name| EnumerationValue {
                    name,
                    doc: doc.clone(),
                    releases: Releases::default(),
                    place: place(),
                })
                .collect(),
            doc,
            releases: Releases::default(),
            place: place(),
        }
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let errors = prop::collection::vec((0..2_u32, prop::sample::select(vec![400, 404])), 0..4);
    (name(), doc(), fields(), ty(), errors).prop_map(|(name, doc, parameters, result, errors)| Operation {
        name,
        result_doc: doc.clone(),
        doc,
        releases: Releases::default(),
        requests: vec![RequestLine {
            method: Method::Post,
            path: "/com/vmware/a".to_owned(),
            path_params: vec![],
            action: Some("x".to_owned()),
        }],
        rest: None,
        privileges: Vec::new(),
        privileges_on: Vec::new(),
        parameters,
        result,
        errors: errors
            .into_iter()
            .map(|(idx, status)| OperationError {
                structure: StructureIdx(idx),
                condition: "if [not] <so>.".to_owned(),
                status,
                rest_status: status,
                releases: Releases::default(),
                place: place(),
            })
            .collect(),
        samples: Samples::default(),
        errata: Vec::new(),
        place: place(),
    })
}

/// Two documents, a service and a package, with two structures, enumerations and resource types between them.
fn api() -> impl Strategy<Value = Api> {
    let documents = (name(), name(), doc());
    let types = (structure(0), structure(1), enumeration(0), enumeration(1));
    let operations = prop::collection::vec(operation(), 0..3);
    (documents, types, operations, name(), name()).prop_map(
        |((first, second, doc), types, operations, thing, other)| {
            let document = |id: &str, service| Document {
                id: format!("com.vmware.{id}"),
                doc: doc.clone(),
                service,
                copyright: None,
                place: place(),
            };
            Api {
                documents: vec![
                    document(&first, Some(ServiceIdx(0))),
                    document(&format!("{first}.{second}"), None),
                ],
                services: vec![Service {
                    id: format!("com.vmware.{first}"),
                    document: DocumentIdx(0),
                    client_name: None,
                    releases: Releases::default(),
                    operations,
                }],
                structures: vec![types.0, types.1],
                enumerations: vec![types.2, types.3],
                resources: vec![
                    Resource { id: format!("com.vmware.{first}.{thing}") },
                    Resource { id: format!("com.vmware.{other}.{thing}") },
                ],
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_can_be_planned_is_rust(api in api()) {
        if let Ok(plan) = plan(&api) {
            for file in emit_rust(&api, &plan) {
                prop_assert!(syn::parse_file(&file.text).is_ok(), "{}:\n{}", file.path, file.text);
            }
        }
    }
}
