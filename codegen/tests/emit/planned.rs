//! Whatever can be planned can be emitted, and what is emitted is Rust; whatever it is, it can be seen as of a release.

use proptest::prelude::*;
use vapi_codegen::derive::as_of;
use vapi_codegen::emit::dump::{dump_api, dump_ir};
use vapi_codegen::emit::pages::emit_pages;
use vapi_codegen::emit::rust::emit_rust;
use vapi_codegen::ir::{
    Api, Constant, Doc, Document, DocumentIdx, Enumeration, EnumerationIdx, EnumerationValue, Field, Method,
    Operation, OperationError, Place, Presence, Release, Releases, RequestLine, Resource, ResourceIdx,
    Samples, Service, ServiceIdx, Structure, StructureIdx, StructureKind, Type, Union, UnionCase,
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

fn releases() -> impl Strategy<Value = Releases> {
    let since = prop::sample::select(vec![vec![], vec![6, 5], vec![6, 8]]);
    let until = prop::sample::select(vec![None, None, Some(vec![6, 8]), Some(vec![7, 0])]);
    (since, until).prop_map(|(since, until)| Releases { since: Release(since), until: until.map(Release) })
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    let field = (name(), ty(), doc(), releases());
    let field = field.prop_map(|(name, ty, doc, releases)| Field {
        name,
        ty,
        doc,
        releases,
        is_lenient: false,
        presence: Presence::default(),
        place: place(),
    });
    prop::collection::vec(field, 0..5)
}

fn structure(idx: u32) -> impl Strategy<Value = Structure> {
    let parts = (name(), doc(), fields(), any::<bool>(), releases());
    parts.prop_map(move |(local_name, doc, fields, is_error, releases)| Structure {
        id: format!("com.vmware.a.{local_name}"),
        document: DocumentIdx(idx),
        local_name,
        kind: if is_error {
            StructureKind::Error { status: 404, rest_status: 404 }
        } else {
            StructureKind::Plain
        },
        doc,
        releases,
        unions: fields
            .iter()
            .take(1)
            .map(|field| Union {
                tag: 0,
                cases: vec![UnionCase { value: field.name.clone(), requires: vec![0], allows: vec![] }],
            })
            .collect(),
        fields,
        constants: vec![Constant {
            name: "A_1".to_owned(),
            value: "\"\\ {x}".to_owned(),
            doc: Doc(vec!["`[x]".to_owned()]),
        }],
        place: place(),
    })
}

fn enumeration(idx: u32) -> impl Strategy<Value = Enumeration> {
    let parts = (name(), doc(), prop::collection::vec(name(), 1..4), releases());
    parts.prop_map(move |(local_name, doc, values, releases)| Enumeration {
        id: format!("com.vmware.a.{local_name}"),
        document: DocumentIdx(idx),
        local_name,
        values: values
            .into_iter()
            .map(|name| EnumerationValue {
                name,
                doc: doc.clone(),
                releases: releases.clone(),
                place: place(),
            })
            .collect(),
        doc,
        releases,
        place: place(),
    })
}

fn operation() -> impl Strategy<Value = Operation> {
    let errors = prop::collection::vec((0..2_u32, prop::sample::select(vec![400, 404])), 0..4);
    let parts = (name(), doc(), fields(), ty(), errors, releases());
    parts.prop_map(|(name, doc, parameters, result, errors, releases)| Operation {
        name,
        result_doc: doc.clone(),
        doc,
        releases: releases.clone(),
        requests: vec![RequestLine {
            method: Method::Post,
            path: "/com/vmware/a".to_owned(),
            path_params: (0..parameters.len().min(1)).collect(),
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
                releases: releases.clone(),
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
                releases: Releases::default(),
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
                as_of: None,
            }
        },
    )
}

/// The doc tests of a file, each as the block that it is run as.
fn examples(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    let docs: String = lines.map(|line| format!("{line}\n")).collect();
    let blocks = docs.split(" ```no_run\n").skip(1).map(|rest| rest.split(" ```\n").next().unwrap());
    blocks.map(|block| format!("{{{}}}", block.replace("\n # ", "\n"))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_can_be_planned_is_rust(api in api()) {
        if let Ok(plan) = plan(&api) {
            let mut n_examples = 0;
            for file in emit_rust(&api, &plan) {
                prop_assert!(syn::parse_file(&file.text).is_ok(), "{}:\n{}", file.path, file.text);
                for example in examples(&file.text) {
                    n_examples += 1;
                    prop_assert!(syn::parse_str::<syn::Block>(&example).is_ok(), "{}", example);
                }
            }
            let n_operations: usize = api.services.iter().map(|service| service.operations.len()).sum();
            prop_assert_eq!(n_examples, n_operations, "every operation has an example");
        }
    }
    #[test]
    fn a_release_has_what_came_until_then_and_what_that_needs(api in api()) {
        for release in [vec![6, 0], vec![6, 5], vec![6, 8], vec![9, 1]].map(Release) {
            let view = as_of(&api, &release);
            prop_assert_eq!(as_of(&view, &release), view.clone());
            let operations = view.services.iter().flat_map(|service| &service.operations);
            let parameters = operations.clone().flat_map(|operation| &operation.parameters);
            let fields = view.structures.iter().flat_map(|structure| &structure.fields);
            let values = view.enumerations.iter().flat_map(|enumeration| &enumeration.values);
            let lives = operations.clone().map(|operation| &operation.releases);
            let lives = lives.chain(parameters.chain(fields).map(|field| &field.releases));
            let mut lives = lives.chain(values.map(|value| &value.releases));
            prop_assert!(lives.all(|releases| release.has(releases)));
            // An index that leads nowhere would be a panic.
            prop_assert!(!emit_pages(&view).is_empty() && !dump_ir(&view).is_empty());
            let n_structures = api.structures.iter().filter(|structure| release.has(&structure.releases)).count();
            prop_assert!(view.structures.len() >= n_structures);
            let declares = |local_name: &str| view.structures.iter().any(|other| other.local_name == local_name);
            for error in operations.flat_map(|operation| &operation.errors) {
                prop_assert!(declares(&view.structures[error.structure.get()].local_name));
            }
        }
        // What no release took back is all there in the last one.
        let mut endless = api;
        forget_ends(&mut endless);
        prop_assert_eq!(dump_api(&as_of(&endless, &Release(vec![9, 1]))), dump_api(&endless));
    }
}

fn forget_ends(api: &mut Api) {
    let endless = |releases: &mut Releases| releases.until = None;
    let forget = |fields: &mut Vec<Field>| fields.iter_mut().for_each(|field| endless(&mut field.releases));
    for operation in api.services.iter_mut().flat_map(|service| &mut service.operations) {
        endless(&mut operation.releases);
        forget(&mut operation.parameters);
        operation.errors.iter_mut().for_each(|error| endless(&mut error.releases));
    }
    for structure in &mut api.structures {
        endless(&mut structure.releases);
        forget(&mut structure.fields);
        // A case goes with its value, and these tags are not always of an enumeration that has it.
        structure.unions.clear();
    }
    for enumeration in &mut api.enumerations {
        endless(&mut enumeration.releases);
        enumeration.values.iter_mut().for_each(|value| endless(&mut value.releases));
    }
}
