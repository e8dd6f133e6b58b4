//! The JSON Schema and the generator agree about the shape of a document.
//!
//! A validator of the few keywords the schema uses stands below; patterns are not among them, since every text that they are
//! about is checked by the generator too.

use serde_json::Value;
use vapi_codegen::{Code, generate};

use crate::codes::example;
use crate::specs_on_disk::{folder, read_sources};

#[test]
fn the_spec_is_valid() {
    let schema = schema();
    for source in read_sources(&folder("../spec")) {
        check_valid(&schema, &source.text, true, &source.path);
    }
}

#[test]
fn examples_are_valid_or_not_as_they_say() {
    let schema = schema();
    for &code in Code::ALL {
        let right = &example(code, "## Right")[0];
        check_valid(&schema, &right.text, true, code.as_str());
    }
    for code in
        [Code::UnknownKey, Code::MissingKey, Code::MisplacedKey, Code::WrongShape, Code::AmbiguousScalar]
    {
        let wrong = &example(code, "## Wrong")[0];
        check_valid(&schema, &wrong.text, false, code.as_str());
    }
}

fn schema() -> Value {
    let files = generate(&read_sources(&folder("../spec"))).files;
    let schema = files.iter().find(|file| file.path == "docs/spec.schema.json").unwrap();
    serde_json::from_str(&schema.text).unwrap()
}

#[track_caller]
fn check_valid(schema: &Value, document: &str, valid: bool, what: &str) {
    let document: Value = serde_yaml::from_str(document).unwrap();
    let result = validate(schema, schema, &document);
    assert_eq!(result.is_ok(), valid, "{what}: {result:?}");
}

fn validate(root: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("{why}: {value}"));
    if *schema == Value::Bool(false) {
        return refuse("not allowed");
    }
    for (keyword, argument) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$ref" => {
                let target = argument.as_str().unwrap().trim_start_matches('#');
                validate(root, root.pointer(target).unwrap(), value)?;
            }
            "type" => {
                let fits = match argument.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "integer" => value.is_u64(),
                    other => panic!("no type {other}"),
                };
                if !fits {
                    return refuse(&format!("not of type {argument}"));
                }
            }
            "properties" => {
                for (key, property) in argument.as_object().unwrap() {
                    value.get(key).map_or(Ok(()), |value| validate(root, property, value))?;
                }
            }
            "required" => {
                for key in argument.as_array().unwrap() {
                    if value.get(key.as_str().unwrap()).is_none() {
                        return refuse(&format!("no {key}"));
                    }
                }
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object().unwrap();
                if let Some(key) =
                    value.as_object().and_then(|value| value.keys().find(|key| !known.contains_key(*key)))
                {
                    return refuse(&format!("unknown {key}"));
                }
            }
            "items" => {
                for element in value.as_array().into_iter().flatten() {
                    validate(root, argument, element)?;
                }
            }
            "minItems" if value.as_array().is_some_and(Vec::is_empty) => return refuse("empty"),
            "minimum" if value.as_u64() < argument.as_u64() => return refuse("too small"),
            "maximum" if value.as_u64() > argument.as_u64() => return refuse("too large"),
            "enum" => {
                if !argument.as_array().unwrap().contains(value) {
                    return refuse("none of the words");
                }
            }
            "oneOf" => {
                let choices = argument.as_array().unwrap();
                if choices.iter().filter(|choice| validate(root, choice, value).is_ok()).count() != 1 {
                    return refuse("not one of the choices");
                }
            }
            "minItems" | "minimum" | "maximum" | "pattern" => {}
            "$comment" | "$schema" | "$defs" | "title" | "description" | "examples" => {}
            other => panic!("the validator of this test has to learn {other}"),
        }
    }
    Ok(())
}
