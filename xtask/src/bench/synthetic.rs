//! The synthetic API that the generator is measured on: N services of ten operations and ten structures each, as spec
//! files and as an OpenAPI document for other generators.
//!
//! In: the number of services. Out: texts. Both forms say the same: same operations, parameters, structures and results.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// Operations and structures per service.
pub(crate) const PER_SERVICE: usize = 10;

/// A field of every synthetic structure: name, type in the spec language, required.
const FIELDS: [(&str, &str, bool); 8] = [
    ("name", "string", true),
    ("size", "long", true),
    ("description", "string", false),
    ("enabled", "boolean", false),
    ("creation_time", "date_time", false),
    ("tags", "List<string>", true),
    ("owner_id", "ID<com.vmware.bench.Owner>", false),
    ("endpoint", "URI", false),
];

/// Path and text of each spec file.
pub(crate) fn spec_files(n_services: usize) -> Vec<(String, String)> {
    (0..n_services)
        .map(|service_idx| (format!("bench/s{service_idx:03}.yaml"), service_yaml(service_idx)))
        .collect()
}

fn service_yaml(service_idx: usize) -> String {
    let mut yaml = format!(
        "service: com.vmware.bench.s{service_idx:03}\ndoc: |\n  Service {service_idx} of the synthetic API.\noperations:\n"
    );
    for operation_idx in 0..PER_SERVICE {
        let _ = write!(
            yaml,
            "  - name: op_{operation_idx}\n    doc: |\n      Does thing {operation_idx} to an owner.\n\n      It is there to be measured.\n    \
             parameters:\n      \
             - {{name: owner_id, type: ID<com.vmware.bench.Owner>, required: true, doc: The owner it is done to.}}\n      \
             - {{name: reason, type: string, required: true, doc: Why it is done.}}\n      \
             - {{name: spec, type: model_{operation_idx}, required: false, doc: What is done.}}\n    \
             result: {{type: model_{next}, doc: What became of it.}}\n    \
             errors:\n      \
             - {{type: not_found, condition: if the owner does not exist., status: 404}}\n      \
             - {{type: not_allowed_in_current_state, condition: if the owner is asleep., status: 400}}\n",
            next = (operation_idx + 1) % PER_SERVICE,
        );
    }
    yaml.push_str("structures:\n");
    for structure_idx in 0..PER_SERVICE {
        let _ =
            write!(yaml, "  - name: model_{structure_idx}\n    doc: Thing {structure_idx}.\n    fields:\n");
        for (name, ty, required) in FIELDS {
            let _ = writeln!(
                yaml,
                "      - {{name: {name}, type: {ty}, required: {required}, doc: The {name} of the thing.}}"
            );
        }
    }
    yaml
}

/// The same API as an OpenAPI 3.0 document.
pub(crate) fn openapi(n_services: usize) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    schemas.insert(
        "Error".to_owned(),
        json!({"type": "object", "required": ["messages"], "properties": {
            "messages": {"type": "array", "items": {"type": "string"}}, "error_type": {"type": "string"}}}),
    );
    for service_idx in 0..n_services {
        for idx in 0..PER_SERVICE {
            let schema =
                |idx: usize| json!({"$ref": format!("#/components/schemas/S{service_idx:03}Model{idx}")});
            schemas.insert(format!("S{service_idx:03}Model{idx}"), structure_schema(idx));
            let body = json!({"type": "object", "required": ["reason"], "properties": {
                "reason": {"type": "string", "description": "Why it is done."}, "spec": schema(idx)}});
            let error = json!({"description": "declared", "content": {"application/json": {"schema": {
                "$ref": "#/components/schemas/Error"}}}});
            let operation = json!({"post": {
                "operationId": format!("s{service_idx:03}_op_{idx}"),
                "description": format!("Does thing {idx} to an owner.\n\nIt is there to be measured."),
                "parameters": [{"name": "owner_id", "in": "path", "required": true, "schema": {"type": "string"},
                    "description": "The owner it is done to."}],
                "requestBody": {"required": true, "content": {"application/json": {"schema": body}}},
                "responses": {
                    "200": {"description": "What became of it.", "content": {"application/json": {
                        "schema": schema((idx + 1) % PER_SERVICE)}}},
                    "400": error, "404": error}}});
            paths.insert(format!("/com/vmware/bench/s{service_idx:03}/op-{idx}/{{owner_id}}"), operation);
        }
    }
    json!({"openapi": "3.0.3", "info": {"title": "bench", "version": "1.0.0"}, "paths": paths,
        "components": {"schemas": schemas}})
}

fn structure_schema(structure_idx: usize) -> Value {
    let mut properties = Map::new();
    for (name, ty, _) in FIELDS {
        let mut schema = match ty {
            "long" => json!({"type": "integer", "format": "int64"}),
            "boolean" => json!({"type": "boolean"}),
            "date_time" => json!({"type": "string", "format": "date-time"}),
            "List<string>" => json!({"type": "array", "items": {"type": "string"}}),
            _ => json!({"type": "string"}),
        };
        schema["description"] = json!(format!("The {name} of the thing."));
        properties.insert(name.to_owned(), schema);
    }
    let required: Vec<&str> =
        FIELDS.iter().filter(|(_, _, required)| *required).map(|(name, _, _)| *name).collect();
    json!({"type": "object", "description": format!("Thing {structure_idx}."), "required": required,
        "properties": properties})
}
