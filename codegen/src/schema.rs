//! The JSON Schema of the spec language, for editors that complete and check while somebody types.
//!
//! In: the tables of the language. Out: the text of `docs/spec.schema.json`, in draft 2020-12.
//! It says what a schema can say: keys, shapes and the form of names. What needs the other files is for the generator.

use serde_json::{Map, Value as Json, json};

use crate::print::mark;
use crate::syntax::{CONSTRUCTS, Construct, DOCUMENT, Key, Text, Value};

/// Path of the schema under the output root.
pub(crate) const PATH: &str = "docs/spec.schema.json";

const NAME: &str = "[A-Za-z0-9]+(_[A-Za-z0-9]+)*";

/// The schema as a text, newline at its end.
pub(crate) fn schema_text() -> String {
    let definitions: Map<String, Json> =
        CONSTRUCTS.iter().map(|construct| (definition_name(construct), definition(construct))).collect();
    let schema = json!({
        "$comment": mark("codegen/src/syntax/language"),
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of the spec",
        "$ref": reference(&DOCUMENT),
        "$defs": definitions,
    });
    // `#` writes a value in several lines; there is nothing in it that could fail.
    format!("{schema:#}\n")
}

fn definition(construct: &Construct) -> Json {
    let properties: Map<String, Json> =
        construct.keys.iter().map(|key| (key.name.to_owned(), property(key))).collect();
    let required: Vec<&str> = construct.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut definition = json!({
        "type": "object",
        "description": construct.doc,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    });
    if let Ok(example) = serde_yaml::from_str::<Json>(construct.example) {
        definition["examples"] = json!([example]);
    }
    if construct.name == DOCUMENT.name {
        let service_only = json!({ "client_name": false, "operations": false });
        definition["oneOf"] = json!([
            { "required": ["service"], "properties": { "package": false } },
            { "required": ["package"], "properties": service_only },
        ]);
    }
    definition
}

fn property(key: &Key) -> Json {
    let mut property = value(&key.value);
    property["description"] = json!(key.doc);
    property
}

fn value(value: &Value) -> Json {
    match value {
        Value::Text(kind) => text(*kind),
        Value::Flag => json!({ "type": "boolean" }),
        Value::Word(words) => json!({ "enum": words }),
        Value::Status => json!({ "type": "integer", "minimum": 400, "maximum": 599 }),
        Value::One(construct) => json!({ "$ref": reference(construct) }),
        Value::Many { element, some } => list(&json!({ "$ref": reference(element) }), *some),
        Value::Texts { element, some } => list(&text(*element), *some),
    }
}

fn list(element: &Json, some: bool) -> Json {
    let mut list = json!({ "type": "array", "items": element });
    if some {
        list["minItems"] = json!(1);
    }
    list
}

fn text(kind: Text) -> Json {
    let pattern = match kind {
        Text::Prose | Text::Sample => "\\S".to_owned(),
        Text::Type => "^[A-Za-z0-9_.]+( *<.*>)?$".to_owned(),
        Text::Name | Text::Reference => format!("^{NAME}(\\.{NAME})*$"),
        Text::CanonicalName => format!("^com\\.vmware(\\.{NAME})+$"),
        Text::Release => "^(0|[1-9][0-9]*)(\\.(0|[1-9][0-9]*)){1,3}$".to_owned(),
        Text::RequestLine => "^(GET|POST|PUT|PATCH|DELETE) /".to_owned(),
    };
    json!({ "type": "string", "pattern": pattern })
}

fn reference(construct: &Construct) -> String {
    format!("#/$defs/{}", definition_name(construct))
}

fn definition_name(construct: &Construct) -> String {
    construct.name.replace(' ', "_")
}
