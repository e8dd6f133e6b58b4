//! Names that Rust cannot have: two that meet, and one that is taken.

use vapi_codegen::{Code, generate};

use crate::cases;

/// The spec is refused with just these codes and messages, and every message has a place.
fn check_refused(specs: &[&str], expected: &[(Code, &str)]) {
    let sources: Vec<_> = specs.iter().map(|spec| cases::source_of(*spec)).collect();
    let outcome = generate(&sources);
    assert_eq!(outcome.files, []);
    let found: Vec<_> =
        outcome.diagnostics.iter().map(|found| (found.code, found.message.as_str())).collect();
    assert_eq!(found, expected);
    assert!(outcome.diagnostics.iter().all(|found| !found.labels.is_empty()));
}

#[test]
fn two_types_of_one_name() {
    check_refused(
        &["package: com.vmware.a
structures:
  - {name: model.kind, fields: []}
  - {name: model_kind, fields: []}
"],
        &[(
            Code::NameCollision,
            "structure `com.vmware.a.model.kind` and structure `com.vmware.a.model_kind` are both `ModelKind` in Rust",
        )],
    );
}

#[test]
fn a_structure_called_like_an_operations_type() {
    check_refused(
        &["service: com.vmware.a
operations:
  - {name: fetch, parameters: []}
structures:
  - {name: fetch_input, fields: []}
"],
        &[(
            Code::NameCollision,
            "operation `fetch` of `com.vmware.a` and structure `com.vmware.a.fetch_input` are both `FetchInput` in Rust",
        )],
    );
}

#[test]
fn an_operation_called_like_its_service() {
    check_refused(
        &["service: com.vmware.fetch
operations:
  - {name: fetch, parameters: []}
"],
        &[(
            Code::NameCollision,
            "service `com.vmware.fetch` and operation `fetch` of `com.vmware.fetch` are both `Fetch` in Rust",
        )],
    );
}

#[test]
fn a_structure_called_like_a_resource_types_marker() {
    check_refused(
        &["package: com.vmware.a
structures:
  - name: thing_resource
    fields:
      - {name: thing, type: ID<com.vmware.a.Thing>, required: true}
"],
        &[(
            Code::NameCollision,
            "structure `com.vmware.a.thing_resource` and resource type `com.vmware.a.Thing` are both `ThingResource` in Rust",
        )],
    );
}

#[test]
fn two_fields_of_one_name() {
    check_refused(
        &["package: com.vmware.a
structures:
  - name: model
    fields:
      - {name: client_token, type: string, required: true}
      - {name: clientToken, type: string, required: true}
"],
        &[(
            Code::NameCollision,
            "`client_token` of structure `com.vmware.a.model` and `clientToken` of structure `com.vmware.a.model` \
             are both `client_token` in Rust",
        )],
    );
}

#[test]
fn two_values_of_one_name_and_one_that_is_taken() {
    check_refused(
        &["package: com.vmware.a
enumerations:
  - name: kind
    values:
      - {name: ON_OFF}
      - {name: OnOff}
      - {name: UNRECOGNIZED}
"],
        &[
            (
                Code::NameCollision,
                "value `ON_OFF` of enumeration `com.vmware.a.kind` and value `OnOff` of enumeration \
                 `com.vmware.a.kind` are both `OnOff` in Rust",
            ),
            (
                Code::ReservedName,
                "value `UNRECOGNIZED` of enumeration `com.vmware.a.kind` would be `Unrecognized` in Rust, \
                 which stands for values that the enumeration does not declare",
            ),
        ],
    );
}

#[test]
fn two_services_of_one_client_method() {
    let spec = |id: &str| {
        format!("service: com.vmware.{id}.session\noperations:\n  - {{name: fetch, parameters: []}}\n")
    };
    check_refused(
        &[&spec("a"), &spec("b")],
        &[(
            Code::NameCollision,
            "service `com.vmware.a.session` and service `com.vmware.b.session` are both `session` in Rust",
        )],
    );
}

#[test]
fn a_package_called_like_what_the_root_has() {
    check_refused(
        &["package: com.vmware.runtime\nstructures: []\n"],
        &[(
            Code::NameCollision,
            "the crate `vapi_runtime` and package `com.vmware.runtime` are both `runtime` in Rust",
        )],
    );
}

#[test]
fn two_errors_of_one_variant() {
    check_refused(
        &[
            "service: com.vmware.a
operations:
  - name: fetch
    parameters: []
    errors:
      - {type: gone, condition: if a., status: 404}
      - {type: com.vmware.a.b.gone, condition: if b., status: 410}
errors:
  - {name: gone, status: 404, fields: []}
",
            "package: com.vmware.a.b
errors:
  - {name: gone, status: 410, fields: []}
",
        ],
        &[(
            Code::NameCollision,
            "error `com.vmware.a.gone` of operation `fetch` and error `com.vmware.a.b.gone` of operation `fetch` \
             are both `Gone` in Rust",
        )],
    );
}
