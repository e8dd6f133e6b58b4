//! An operation is derived from the spec and from nothing else.
//!
//! The repository's spec is copied and one of its operations changed: another name, another parameter, one more parameter
//! of every kind of type, one more error with a status of its own, one request line less. What is generated from it is
//! compiled with the program in `fixtures/derived` and runs over loopback; nothing hand-written in the runtime or the
//! generator changes for it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The document that is changed, and the operation in it.
const DOCUMENT: &str = "content/library/item/update_session.yaml";
const OPERATION: &str = "\n  - name: fail\n";
const RENAMED: &str = "\n  - name: give_up_on\n";

/// Type of a parameter, in the spec's spelling, for every kind there is; the fixture sends one value of each.
const PARAMETERS: &[(&str, &str, bool)] = &[
    ("flag", "boolean", true),
    ("count", "long", true),
    ("ratio", "double", true),
    ("password", "secret", true),
    ("bytes", "binary", true),
    ("moment", "date_time", true),
    ("place", "URI", true),
    ("item", "ID<com.vmware.content.library.Item>", true),
    ("mood", "parting.mood", true),
    ("gift", "parting", true),
    ("cause", "any_error", true),
    ("extra", "opaque", true),
    ("anything", "dynamic_structure", true),
    ("something", "dynamic_structure<parting>", true),
    ("maybe", "long", false),
    ("never", "parting", false),
    ("lines", "List<string>", true),
    ("gaps", "List<Optional<string>>", true),
    ("grid", "List<List<long>>", true),
    ("tags", "Set<string>", true),
    ("weights", "Map<string, double>", true),
    ("gifts", "Map<long, List<parting>>", true),
];

/// A structure with a union rule and an enumeration, for the parameters that need one.
const DECLARATIONS: &str = "
structures:
  - name: parting
    doc: |
      What is left behind.
    fields:
      - name: mood
        type: parting.mood
        required: true
        doc: |
          Decides on the rest.
      - name: words
        type: string
        required: false
        doc: |
          Last words.
      - name: n_tears
        type: long
        required: false
        doc: |
          Tears shed.
    unions:
      - tag: mood
        cases:
          - {value: SAD, requires: [words], allows: [n_tears]}
          - {value: GLAD}

enumerations:
  - name: parting.mood
    doc: |
      How it feels.
    values:
      - name: SAD
        doc: |
          With words.
      - name: GLAD
        doc: |
          Without.
";

#[test]
fn a_changed_operation_runs_without_a_change_by_hand() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("derived");
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    copy(&repository.join("spec"), &folder.join("spec"));
    let document = folder.join("spec").join(DOCUMENT);
    let text = fs::read_to_string(&document).unwrap();

    // The page's samples and request lines are checked against the declarations, so a new name alone does not pass.
    let renamed =
        text.replace(OPERATION, RENAMED).replace("- name: client_error_message", "- name: last_words");
    assert_ne!(renamed, text);
    fs::write(&document, &renamed).unwrap();
    let refused = generate(&folder);
    let complaints = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{complaints}");
    for code in ["error[sample-differs]", "error[request-lines-differ]"] {
        assert!(complaints.contains(code), "{complaints}");
    }
    assert!(!folder.join("out").exists());

    fs::write(&document, changed(&text)).unwrap();
    put_workspace(&folder.join("out"), repository);
    let generated = generate(&folder);
    assert!(generated.status.success(), "{}", String::from_utf8_lossy(&generated.stderr));

    let ran = cargo(&folder.join("out"), &["run", "--quiet", "--package", "program"]);
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    for representation in ["Json", "Xml", "Form", "FormBody"] {
        assert!(
            said.contains(&format!("{representation}: values arrived, status 409 came back\n")),
            "{said}"
        );
    }
    assert!(said.ends_with("the removed request line is refused with 404\n"), "{said}");

    // Its wire tests are derived too: a page for every operation, and the loopback matrix over every kind of type.
    let tested = cargo(&folder.join("out"), &["test", "--package", "vapi", "--test", "wire"]);
    let said = String::from_utf8_lossy(&tested.stdout);
    assert!(tested.status.success(), "{said}\n{}", String::from_utf8_lossy(&tested.stderr));
    for test in ["give_up_on_page", "give_up_on_loopback"] {
        assert!(said.contains(&format!("::{test} ... ok\n")), "{said}");
    }
}

/// The document with its operation changed.
fn changed(text: &str) -> String {
    let start = text.find(OPERATION).unwrap();
    let end = start + OPERATION.len() + text[start + OPERATION.len()..].find("\n  - name: ").unwrap();
    let mut operation = text[start..end].replace(OPERATION, RENAMED);
    for key in ["requests", "request", "errata"] {
        operation = without_key(&operation, key);
    }
    operation = operation.replace("- name: client_error_message", "- name: last_words");
    let mut parameters = String::new();
    for (name, ty, required) in PARAMETERS {
        parameters.push_str(&format!(
            "      - name: {name}\n        type: {ty}\n        required: {required}\n        doc: |\n          One more.\n"
        ));
    }
    operation = put_before(&operation, "    result:\n", &parameters);
    operation = put_before(
        &operation,
        "    parameters:\n",
        "    requests:\n      - POST /com/vmware/content/library/item/update-session/id:{update_session_id}?~action=give-up-on\n    \
         requests_deviate: without the second line\n",
    );
    let error = "    errors:\n      - type: resource_in_use\n        condition: if it is too late.\n        status: 409\n        \
                 status_deviates: as conflicts are said elsewhere\n";
    operation = operation.replace("    errors:\n", error);
    format!("{}{operation}{}{DECLARATIONS}", &text[..start], &text[end..])
}

/// An operation's text without one of its keys.
fn without_key(operation: &str, key: &str) -> String {
    let head = format!("    {key}:");
    let mut inside = false;
    let mut kept = String::new();
    for line in operation.split_inclusive('\n') {
        let is_nested = line.trim().is_empty() || line.starts_with("     ");
        inside = line.starts_with(&head) || (inside && is_nested);
        if !inside {
            kept.push_str(line);
        }
    }
    assert_ne!(kept, operation, "{key} is not there");
    kept
}

fn put_before(text: &str, line: &str, inserted: &str) -> String {
    assert_eq!(text.matches(line).count(), 1, "{line}");
    text.replace(line, &format!("{inserted}{line}"))
}

fn generate(folder: &Path) -> Output {
    let (spec, out) = (folder.join("spec"), folder.join("out"));
    let words = ["gen".as_ref(), "--spec".as_ref(), spec.as_os_str(), "--out".as_ref(), out.as_os_str()];
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().unwrap()
}

/// Makes a workspace of the generated crate and the program, on the repository's runtime and lock file.
fn put_workspace(out: &Path, repository: &Path) {
    let edition = "version = \"0.0.0\"\nedition = \"2024\"\n";
    let put = |path: &str, text: String| {
        let file = out.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    // The profile is the repository's, so that what it has built already is used again.
    let profile = "[profile.dev]\ndebug = \"line-tables-only\"\n";
    put(
        "Cargo.toml",
        format!("[workspace]\nresolver = \"3\"\nmembers = [\"generated\", \"program\"]\n\n{profile}"),
    );
    let runtime = repository.join("runtime");
    put(
        "generated/Cargo.toml",
        format!(
            "[package]\nname = \"vapi\"\n{edition}\n# @generated by `cargo xtask gen`\n# End of what is generated.\n\n\
             [dependencies]\nvapi-runtime = {{ path = {runtime:?} }}\n\n\
             [dev-dependencies]\nvapi-runtime = {{ path = {runtime:?}, features = [\"testing\"] }}\n"
        ),
    );
    put(
        "program/Cargo.toml",
        format!(
            "[package]\nname = \"program\"\n{edition}\n[dependencies]\nvapi = {{ path = \"../generated\" }}\n\
             tokio = {{ version = \"1\", features = [\"net\", \"rt\"] }}\n"
        ),
    );
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/derived/main.rs");
    put("program/src/main.rs", fs::read_to_string(program).unwrap());
    fs::copy(repository.join("Cargo.lock"), out.join("Cargo.lock")).unwrap();
}

/// Builds and runs beside what is built already, without a network.
fn cargo(out: &Path, words: &[&str]) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    Command::new(env!("CARGO"))
        .current_dir(out)
        .args(words)
        .arg("--offline")
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap()
}

fn copy(from: &Path, to: &Path) {
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        fs::create_dir_all(to.join(&folder)).unwrap();
        for entry in fs::read_dir(from.join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                open.push(path);
            } else {
                fs::copy(entry.path(), to.join(path)).unwrap();
            }
        }
    }
}
