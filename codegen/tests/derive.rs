//! The derivations against facts collected from the 2014 reference pages: orders, request lines and samples, to the byte.
//!
//! `fixtures/facts` holds what was seen on the pages; the API is built from it here, without the spec language, and then again
//! taken from the committed spec, as of the first release.
//! One known deviation: those pages print the enumeration value `SHA1` as `SH_a1`, a slip of the tool that made them.

#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vapi_codegen::derive::sample::http::{self, Representation};
use vapi_codegen::derive::sample::{self, Sample, Shape};
use vapi_codegen::derive::{as_of, page_order, request_line_text, request_lines};
use vapi_codegen::ir;

#[derive(Deserialize)]
struct StructureFacts {
    name: String,
    xmlns_ns0: String,
    fields: Vec<FieldFacts>,
    sample_order: Vec<String>,
}

#[derive(Deserialize)]
struct FieldFacts {
    name: String,
    #[serde(rename = "type")]
    ty: String,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    required: bool,
}

#[derive(Deserialize)]
struct PageFacts {
    service: String,
    operation: String,
    /// How much of each part was seen: `observed`, `partial`, `derived`, `none_shown`.
    completeness: BTreeMap<String, String>,
    urls: Vec<String>,
    params: Vec<FieldFacts>,
    request: RequestFacts,
    response: ResponseFacts,
    result: ResultFacts,
    errors: Vec<ErrorFacts>,
}

#[derive(Deserialize)]
struct ErrorFacts {
    #[serde(rename = "type")]
    ty: String,
    status: u16,
}

#[derive(Deserialize)]
struct RequestFacts {
    json: String,
    xml: String,
    form: String,
}

#[derive(Deserialize)]
struct ResponseFacts {
    json: Option<String>,
    xml: Option<String>,
}

#[derive(Deserialize)]
struct ResultFacts {
    #[serde(rename = "type")]
    ty: String,
}

#[test]
fn every_sample_order_of_2014_is_that_of_the_hash_map() {
    let structures = structure_facts();
    assert_eq!(structures.len(), 24);
    for (key, structure) in &structures {
        let declared: Vec<&str> = structure.fields.iter().map(|field| field.name.as_str()).collect();
        let order: Vec<&str> = page_order(&declared).into_iter().map(|idx| declared[idx]).collect();
        assert_eq!(order, structure.sample_order, "{key}");
    }
}

#[test]
fn every_page_of_2014_is_derived_to_the_byte() {
    let pages = page_facts();
    assert_eq!(pages.len(), 13);
    let mut n_known_slips = 0;
    for page in &pages {
        let (api, service, operation) = api_of(page);
        let lines: Vec<String> = operation.requests.iter().map(request_line_text).collect();
        assert_eq!(lines, page.urls, "{}.{}", page.service, page.operation);
        n_known_slips += check_samples(page, &api, &service, &operation);
    }
    assert_eq!(n_known_slips, 9, "add, get and list of files show a checksum");
}

/// What `cargo xtask sample --release 6.0` prints.
#[test]
fn the_spec_as_of_the_first_release_gives_every_page_of_2014() {
    let api = as_of(&support::api(), &vapi_codegen::release("6.0").unwrap());
    let pages = page_facts();
    let mut n_observed = BTreeMap::new();
    for page in &pages {
        let what = format!("{}.{}", page.service, page.operation);
        let service = api.services.iter().find(|service| service.id == page.service).unwrap();
        let operation = service.operations.iter().find(|operation| operation.name == page.operation).unwrap();
        let lines: Vec<String> = operation.requests.iter().map(request_line_text).collect();
        assert_eq!(lines, page.urls, "{what}");
        let parameters: Vec<(&str, bool)> = operation
            .parameters
            .iter()
            .map(|field| (field.name.as_str(), !matches!(field.ty, ir::Type::Optional(_))))
            .collect();
        let shown = page.params.iter().map(|field| (field.name.as_str(), field.required));
        assert_eq!(parameters, shown.collect::<Vec<_>>(), "{what}");
        check_samples(page, &api, service, operation);
        for (part, completeness) in &page.completeness {
            *n_observed.entry(part.as_str()).or_insert(0) += usize::from(completeness == "observed");
        }
        if page.completeness["errors"] == "observed" {
            let local = |id: &str| id.rsplit('.').next().unwrap_or_default().to_owned();
            let errors: Vec<(String, u16)> = operation
                .errors
                .iter()
                .map(|error| (local(&api.structures[error.structure.get()].id), error.status))
                .collect();
            let shown = page.errors.iter().map(|error| (error.ty.clone(), error.status));
            assert_eq!(errors, shown.collect::<Vec<_>>(), "{what}");
        }
    }
    // As many as were seen whole: nothing fell out of the facts.
    assert_eq!([n_observed["request_json"], n_observed["request_xml"], n_observed["form"]], [12, 12, 10]);
}

/// Every sample of a page, to the byte; returns how many have the known slip.
fn check_samples(page: &PageFacts, api: &ir::Api, service: &ir::Service, operation: &ir::Operation) -> usize {
    let what = format!("{}.{}", page.service, page.operation);
    let mut n_known_slips = 0;
    let mut check = |representation: &str, derived: Option<String>, shown: Option<&String>| {
        let shown = shown.map(|shown| shown.trim_end().replace("SH_a1", "SHA1"));
        n_known_slips += shown.iter().filter(|shown| shown.contains("SHA1")).count();
        assert_eq!(derived, shown, "{what} {representation}");
    };
    let request = |representation| http::request_body(api, service, operation, representation);
    check("request json", request(Representation::Json), Some(&page.request.json));
    check("request xml", request(Representation::Xml), Some(&page.request.xml));
    check("request form", http::request_form(api, operation), Some(&page.request.form));
    let response = |representation| http::response_body(api, service, operation, representation);
    check("response json", response(Representation::Json), page.response.json.as_ref());
    check("response xml", response(Representation::Xml), page.response.xml.as_ref());
    n_known_slips
}

#[test]
fn messages_are_complete() {
    let (api, service, operation) = api_of(&page("fail"));
    let json = http::request(&api, &service, &operation, Representation::Json);
    let body = "{\n    \"client_error_message\": \"string\",\n    \"update_session_id\": \"obj-103\"\n}";
    assert_eq!(
        json,
        format!(
            "POST /com/vmware/content/library/item/update-session?~action=fail HTTP/1.1\r\nHost: localhost\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    );
    let form = http::request(&api, &service, &operation, Representation::Form);
    assert_eq!(
        form,
        "POST /com/vmware/content/library/item/update-session?~action=fail&client_error_message=string\
         &update_session_id=obj-103 HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
    );
    let reply = http::response(&api, &service, &operation, Representation::Xml);
    assert_eq!(reply, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

/// One structure with a field of every kind that the 2014 pages lack or that stops early.
#[test]
fn corners_of_samples() {
    let api = corner_api();
    let page = Shape { release: Some(ir::Release::default()), valid: false };
    let sample = sample::of_structure(&api, ir::StructureIdx(0), &page);
    let expected = "\
{
    \"again\": [],
    \"binary\": \"YmluYXJ5\",
    \"data\": {
        \"@class\": \"dynamic_structure\"
    },
    \"double\": 1.5,
    \"empty\": {},
    \"error\": {
        \"@class\": \"exception\"
    },
    \"map\": [
        {
            \"key\": \"string\",
            \"value\": 10
        }
    ],
    \"secret\": \"secret string\",
    \"set\": [
        \"string\",
        \"string\"
    ],
    \"tag\": \"A\",
    \"tagged\": \"string\"
}";
    assert_eq!(sample::json::document(&sample), expected);
    let xml = sample::xml::input("http://vmware.com/x", "X", &sample);
    for part in [
        "  <again-array>\n</again-array>\n",
        "  <empty>\n</empty>\n",
        "  <data class=\"dynamic_structure\">\n</data>\n",
        "  <map-array>\n    <array-item>\n      <value>10</value>\n      <key>string</key>\n    </array-item>\n  </map-array>\n",
    ] {
        assert!(xml.contains(part), "{part} in {xml}");
    }
    let pairs = sample::form::pairs(&sample);
    for (name, value) in
        [("map.1.value", "10"), ("set.2", "string"), ("empty", ""), ("error.@class", "exception")]
    {
        assert!(pairs.contains(&(name.to_owned(), value.to_owned())), "{name}={value} in {pairs:?}");
    }
}

#[test]
fn a_valid_sample_keeps_the_rules_that_pages_ignore() {
    let api = corner_api();
    let names = |shape: &Shape| match sample::of_structure(&api, ir::StructureIdx(0), shape) {
        Sample::Structure(members) => members
            .iter()
            .map(|member| (member.name.clone(), member.value.clone()))
            .collect::<BTreeMap<_, _>>(),
        other => panic!("{other:?}"),
    };
    let valid = names(&Shape { release: Some(ir::Release::default()), valid: true });
    assert!(!valid.contains_key("tagged"), "the tag is A, the field goes with B");
    assert!(!valid.contains_key("later"));
    assert_eq!(valid["set"], Sample::List(vec![Sample::Text("string".to_owned())]));
    assert!(names(&Shape::full()).contains_key("later"));
    let later = Shape { release: Some(ir::Release(vec![6, 8])), valid: false };
    assert!(names(&later).contains_key("later"));
    let earlier = Shape { release: Some(ir::Release(vec![6, 7, 1])), valid: false };
    assert!(!names(&earlier).contains_key("later"));
}

fn corner_api() -> ir::Api {
    let optional = |ty| ir::Type::Optional(Box::new(ty));
    let list = |ty| ir::Type::List(Box::new(ty));
    let itself = ir::Type::Structure(ir::StructureIdx(0));
    let mut fields: Vec<ir::Field> = [
        ("again", list(itself.clone())),
        ("maybe_again", optional(list(itself.clone()))),
        ("maybe_itself", optional(itself)),
        ("binary", ir::Type::Binary),
        ("data", optional(ir::Type::DynamicStructure(None))),
        ("double", ir::Type::Double),
        ("empty", ir::Type::Structure(ir::StructureIdx(1))),
        ("error", ir::Type::AnyError),
        ("map", ir::Type::Map(Box::new(ir::Type::String), Box::new(ir::Type::Long))),
        ("secret", ir::Type::Secret),
        ("set", ir::Type::Set(Box::new(ir::Type::String))),
        ("tag", ir::Type::Enumeration(ir::EnumerationIdx(0))),
        ("tagged", optional(ir::Type::String)),
        ("later", optional(ir::Type::String)),
    ]
    .into_iter()
    .map(|(name, ty)| field(name, ty))
    .collect();
    fields[13].releases.since = ir::Release(vec![6, 8]);
    let case = |value: &str, allows| ir::UnionCase { value: value.to_owned(), requires: Vec::new(), allows };
    let unions = vec![ir::Union { tag: 11, cases: vec![case("A", vec![]), case("B", vec![12])] }];
    let mut whole = structure("x.whole", fields);
    whole.unions = unions;
    ir::Api {
        structures: vec![whole, structure("x.empty", Vec::new())],
        enumerations: vec![enumeration(&["A", "B"])],
        ..ir::Api::default()
    }
}

fn structure_facts() -> BTreeMap<String, StructureFacts> {
    let text = fs::read_to_string(fixture("facts/structures-2014.yaml")).unwrap();
    serde_yaml::from_str(&text).unwrap()
}

fn page_facts() -> Vec<PageFacts> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(fixture("facts/pages-2014")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| serde_yaml::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
}

fn page(operation: &str) -> PageFacts {
    page_facts().into_iter().find(|page| page.operation == operation).unwrap()
}

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

fn api_of(page: &PageFacts) -> (ir::Api, ir::Service, ir::Operation) {
    let facts = structure_facts();
    let namespace = format!("http://vmware.com/{}", page.service["com.vmware.".len()..].replace('.', "/"));
    let names: Vec<(String, &StructureFacts)> = facts
        .values()
        .map(|structure| {
            // `info` is declared by several services; a bare name means the page's own.
            let own = structure.xmlns_ns0 == namespace;
            let name = &structure.name;
            (if name == "info" && !own { format!("other.{name}") } else { name.clone() }, structure)
        })
        .collect();
    let mut types =
        Types { names: names.iter().map(|(name, _)| name.clone()).collect(), enumerations: Vec::new() };
    let structures = names
        .iter()
        .map(|(name, structure)| {
            let fields = structure.fields.iter().map(|facts| types.field(facts, facts.optional)).collect();
            self::structure(name, fields)
        })
        .collect();
    let parameters: Vec<ir::Field> =
        page.params.iter().map(|facts| types.field(facts, !facts.required)).collect();
    let operation = ir::Operation {
        name: page.operation.clone(),
        doc: ir::Doc::default(),
        releases: ir::Releases::default(),
        requests: request_lines(&page.service, &page.operation, &parameters),
        rest: None,
        privileges: Vec::new(),
        privileges_on: Vec::new(),
        parameters,
        result: types.ty(&page.result.ty),
        result_doc: ir::Doc::default(),
        errors: Vec::new(),
        samples: ir::Samples::default(),
        errata: Vec::new(),
        place: ir::Place::default(),
    };
    let service = ir::Service {
        id: page.service.clone(),
        document: ir::DocumentIdx(0),
        client_name: None,
        releases: ir::Releases::default(),
        operations: vec![operation.clone()],
    };
    (ir::Api { structures, enumerations: types.enumerations, ..ir::Api::default() }, service, operation)
}

struct Types {
    names: Vec<String>,
    enumerations: Vec<ir::Enumeration>,
}

impl Types {
    fn field(&mut self, facts: &FieldFacts, optional: bool) -> ir::Field {
        let ty = self.ty(&facts.ty);
        field(&facts.name, if optional { ir::Type::Optional(Box::new(ty)) } else { ty })
    }

    fn ty(&mut self, text: &str) -> ir::Type {
        let inside =
            |open: &str, close: &str| text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(element) = inside("List<", ">") {
            return ir::Type::List(Box::new(self.ty(element)));
        }
        if let Some(element) = inside("Set<", ">") {
            return ir::Type::Set(Box::new(self.ty(element)));
        }
        if let Some(value) = inside("enum(", ")") {
            self.enumerations.push(enumeration(&[value]));
            return ir::Type::Enumeration(ir::EnumerationIdx(self.enumerations.len() as u32 - 1));
        }
        match text {
            "VOID" => ir::Type::Void,
            "ID" => ir::Type::Id(ir::ResourceIdx(0)),
            "string" => ir::Type::String,
            "long" => ir::Type::Long,
            "boolean" => ir::Type::Boolean,
            "date_time" => ir::Type::DateTime,
            "URI" => ir::Type::Uri,
            "secret" => ir::Type::Secret,
            name => {
                let idx =
                    self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name}"));
                ir::Type::Structure(ir::StructureIdx(idx as u32))
            }
        }
    }
}

fn field(name: &str, ty: ir::Type) -> ir::Field {
    ir::Field {
        name: name.to_owned(),
        ty,
        doc: ir::Doc::default(),
        releases: ir::Releases::default(),
        is_lenient: false,
        presence: ir::Presence::default(),
        place: ir::Place::default(),
    }
}

fn structure(id: &str, fields: Vec<ir::Field>) -> ir::Structure {
    ir::Structure {
        id: id.to_owned(),
        document: ir::DocumentIdx(0),
        local_name: id.to_owned(),
        kind: ir::StructureKind::Plain,
        doc: ir::Doc::default(),
        releases: ir::Releases::default(),
        fields,
        unions: Vec::new(),
        constants: Vec::new(),
        place: ir::Place::default(),
    }
}

fn enumeration(values: &[&str]) -> ir::Enumeration {
    let value = |name: &&str| ir::EnumerationValue {
        name: (*name).to_owned(),
        doc: ir::Doc::default(),
        releases: ir::Releases::default(),
        place: ir::Place::default(),
    };
    ir::Enumeration {
        id: "x.enumeration".to_owned(),
        document: ir::DocumentIdx(0),
        local_name: "enumeration".to_owned(),
        doc: ir::Doc::default(),
        releases: ir::Releases::default(),
        values: values.iter().map(value).collect(),
        place: ir::Place::default(),
    }
}
