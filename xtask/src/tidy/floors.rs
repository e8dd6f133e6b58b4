//! Rules on who may know whom: stages inside the generator, crates, and the door between generated code and the runtime.

use std::collections::{BTreeMap, BTreeSet};

use super::dependencies::{Kind, manifests};
use super::rust_text::{code_only, line_of, lines_with_word};
use super::tree::{Finding, Tree, is_generated};

/// The generator's modules and what each may name; a module that is not here has to be put here.
/// `source, diag` <- `syntax` <- `resolve` <- `check` <- `lower` -> `ir` <- `derive` <- `verify`, `plan` <- `emit`.
const STAGES: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diag", &["source"]),
    ("ir", &[]),
    ("syntax", &["source", "diag"]),
    ("resolve", &["source", "diag", "syntax"]),
    ("check", &["source", "diag", "syntax", "resolve"]),
    ("lower", &["source", "diag", "syntax", "resolve", "check", "ir"]),
    ("lint", &["source", "diag", "syntax", "resolve", "ir"]),
    ("derive", &["ir"]),
    ("verify", &["source", "diag", "syntax", "resolve", "ir", "derive"]),
    ("plan", &["source", "diag", "ir", "derive"]),
    ("print", &[]),
    ("schema", &["syntax", "print"]),
    ("emit", &["ir", "derive", "plan", "print", "File"]),
];

/// The generator's own folder.
const GENERATOR: &str = "codegen/src/";

/// What a pure function of texts has no use for.
const IMPURE: &[&str] = &["std::fs", "std::env", "std::process", "std::time", "std::net"];

/// The server's domain, and what a pure function of records has no use for.
const DOMAIN: &str = "server/src/domain";
const IMPURE_IN_DOMAIN: &[&str] = &["vapi", "vapi_runtime", "tokio", "http", "crate::store"];

/// Crates and those of the workspace they may never reach, by any kind of dependency but a test's (`no-way-back`).
const CRATE_FLOORS: &[(&str, &[&str])] = &[
    (
        "vapi-runtime",
        &["vapi", "vapi-codegen", "xtask", "demo", "contentlibd", "contentlib-client", "contentlib"],
    ),
    (
        "vapi-codegen",
        &["vapi", "vapi-runtime", "xtask", "demo", "contentlibd", "contentlib-client", "contentlib"],
    ),
    ("xtask", &["vapi", "vapi-runtime", "demo", "contentlibd", "contentlib-client", "contentlib"]),
    ("vapi", &["vapi-codegen", "xtask", "demo", "contentlibd", "contentlib-client", "contentlib"]),
    ("demo", &["vapi-codegen", "xtask", "contentlibd", "contentlib-client", "contentlib"]),
    ("contentlib-client", &["vapi-codegen", "xtask", "demo", "contentlibd", "contentlib"]),
    ("contentlib", &["vapi-codegen", "xtask", "demo", "contentlibd"]),
    ("contentlibd", &["vapi-codegen", "xtask", "demo", "contentlib-client", "contentlib"]),
];

/// The same, where a test's dependencies count too: these must build while generated code is broken.
const CRATE_FLOORS_IN_TESTS: &[(&str, &[&str])] =
    &[("vapi-codegen", &["vapi", "demo"]), ("xtask", &["vapi", "demo"]), ("vapi-runtime", &["vapi"])];

pub(crate) fn stages(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, code) in tree.product_code() {
        let Some(module) = module_of(path) else { continue };
        let Some((_, may)) = STAGES.iter().find(|(stage, _)| *stage == module) else {
            let text = format!("`{module}` has no floor; give it one in the table of this rule");
            findings.push(Finding::new(path, 1, text));
            continue;
        };
        for (line, named) in crate_paths(&code) {
            if named != module && !may.contains(&named.as_str()) {
                let allowed = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
                findings.push(Finding::new(
                    path,
                    line,
                    format!("`{module}` names `{named}`; it may name {allowed}"),
                ));
            }
        }
    }
    findings
}

pub(crate) fn pure_generator(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, code) in tree.product_code().filter(|(path, _)| path.starts_with(GENERATOR)) {
        for word in IMPURE {
            for line in lines_with_word(&code, word) {
                findings.push(Finding::new(path, line, format!("the generator names `{word}`")));
            }
        }
    }
    findings
}

pub(crate) fn pure_domain(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, code) in tree.product_code().filter(|(path, _)| path.starts_with(DOMAIN)) {
        for word in IMPURE.iter().chain(IMPURE_IN_DOMAIN) {
            for line in lines_with_word(&code, word) {
                findings.push(Finding::new(path, line, format!("the domain names `{word}`")));
            }
        }
    }
    findings
}

pub(crate) fn crates(tree: &Tree) -> Vec<Finding> {
    let manifests = manifests(tree);
    let edges = |from: &str, tests: bool| -> Vec<(String, usize)> {
        let manifest = manifests.iter().find(|manifest| manifest.name == from);
        let dependencies = manifest.into_iter().flat_map(|manifest| &manifest.dependencies);
        let wanted = dependencies.filter(|dependency| tests || dependency.kind != Kind::Dev);
        wanted.map(|dependency| (dependency.package.clone(), dependency.line)).collect()
    };
    let mut findings = Vec::new();
    for (floors, tests) in [(CRATE_FLOORS, false), (CRATE_FLOORS_IN_TESTS, true)] {
        for (name, never) in floors {
            let Some(manifest) = manifests.iter().find(|manifest| manifest.name == *name) else { continue };
            let mut reached = BTreeMap::new();
            let mut open = edges(name, tests);
            while let Some((package, line)) = open.pop() {
                if reached.insert(package.clone(), line).is_none() {
                    // What lies behind is on the account of the crate's own line.
                    open.extend(edges(&package, false).into_iter().map(|(next, _)| (next, line)));
                }
            }
            for package in *never {
                if let Some(&line) = reached.get(*package) {
                    findings.push(Finding::new(
                        &manifest.path,
                        line,
                        format!("`{name}` reaches `{package}`"),
                    ));
                }
            }
        }
    }
    findings
}

pub(crate) fn one_door(tree: &Tree) -> Vec<Finding> {
    let public = public_names(tree.text("runtime/src/lib.rs").unwrap_or_default());
    let mut findings = Vec::new();
    for (path, text) in
        tree.ending(&[".rs"]).filter(|(path, text)| path.starts_with("generated/src/") && is_generated(text))
    {
        let code = code_only(text);
        for (line, named) in paths_after(&code, "vapi_runtime::") {
            if named != "codegen" && !public.contains(&named) {
                findings.push(Finding::new(
                    path,
                    line,
                    format!("`vapi_runtime::{named}` is not for generated code"),
                ));
            }
        }
    }
    findings
}

/// The generator's module a file is part of; the door itself belongs to none.
fn module_of(path: &str) -> Option<String> {
    let inside = path.strip_prefix(GENERATOR)?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    (module != "lib").then(|| module.to_owned())
}

/// Modules of the crate that some code names, with their lines.
fn crate_paths(code: &str) -> Vec<(usize, String)> {
    paths_after(code, "crate::")
}

/// The first names after a path's start: `x` in `crate::x::y`, `x` and `z` in `crate::{x::y, z}`.
fn paths_after(code: &str, start: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(start) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let (line, rest) = (line_of(code, at), &code[at + start.len()..]);
        match rest.strip_prefix('{') {
            Some(group) => found.extend(group_heads(group).into_iter().map(|name| (line, name))),
            None => found.push((line, head(rest))),
        }
    }
    // `crate::#module` in a template of code names nothing yet.
    found.retain(|(_, name)| !name.is_empty());
    found
}

/// First names of a group's parts, up to its closing brace.
fn group_heads(group: &str) -> Vec<String> {
    let (mut depth, mut start, mut heads) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                heads.push(head(group[start..at].trim_start()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty() && head != "self");
    heads
}

fn head(path: &str) -> String {
    path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Names that a crate's root re-exports with `pub use`.
fn public_names(lib: &str) -> BTreeSet<String> {
    let code = code_only(lib);
    let uses = code.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let words = uses.flat_map(|list| list.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_rule(rule: fn(&Tree) -> Vec<Finding>, files: &[(&str, &str)], lines: &[usize]) {
        let found: Vec<usize> = rule(&Tree::of(files)).into_iter().map(|finding| finding.line).collect();
        assert_eq!(found, lines, "{files:?}");
    }

    #[test]
    fn left_does_not_know_right() {
        check_rule(
            stages,
            &[("codegen/src/syntax/a.rs", "use crate::source::A;\nuse crate::emit::B;\n")],
            &[2],
        );
        check_rule(stages, &[("codegen/src/ir.rs", "use crate::{\n    ir::A, syntax::{B, C}};\n")], &[1]);
        check_rule(
            stages,
            &[("codegen/src/emit/a.rs", "use crate::{ir, plan::{A, B}};\nuse crate::emit::c;\n")],
            &[],
        );
        check_rule(
            stages,
            &[("codegen/src/lib.rs", "use crate::emit;\n"), ("xtask/src/a.rs", "use crate::b;\n")],
            &[],
        );
        check_rule(stages, &[("codegen/src/novel.rs", "use std::fmt;\n")], &[1]);
    }

    #[test]
    fn the_generator_touches_nothing() {
        check_rule(pure_generator, &[("codegen/src/ir.rs", "use std::fs;\n// std::env\n")], &[1]);
        check_rule(
            pure_generator,
            &[("codegen/src/ir.rs", "use std::fmt;\n"), ("xtask/src/a.rs", "use std::fs;\n")],
            &[],
        );
    }

    #[test]
    fn crates_keep_their_floor() {
        let generated = (
            "generated/Cargo.toml",
            "[package]\nname = \"vapi\"\n[dependencies]\nvapi-runtime.workspace = true\n",
        );
        let manifest = |name: &str, rest: &str| format!("[package]\nname = \"{name}\"\n{rest}");
        let good = manifest("vapi-codegen", "[dev-dependencies]\nvapi-runtime.workspace = true\n");
        check_rule(crates, &[generated, ("codegen/Cargo.toml", &good)], &[]);
        let bad = manifest("vapi-codegen", "[dependencies]\nvapi-runtime.workspace = true\n");
        check_rule(crates, &[generated, ("codegen/Cargo.toml", &bad)], &[4]);
        let bad_test = manifest(
            "xtask",
            "[dev-dependencies]\nother = { package = \"vapi\", path = \"../generated\" }\n",
        );
        check_rule(crates, &[generated, ("xtask/Cargo.toml", &bad_test)], &[4]);
        let through = manifest("xtask", "[dependencies]\nbetween.workspace = true\n");
        let between = manifest("between", "[dependencies]\nvapi.workspace = true\n");
        check_rule(
            crates,
            &[generated, ("between/Cargo.toml", &between), ("xtask/Cargo.toml", &through)],
            &[4, 4, 4],
        );
    }

    #[test]
    fn the_domain_is_pure() {
        let impure = "use std::time::Instant;\nuse vapi::Client;\nuse crate::store::Store;\n";
        check_rule(
            pure_domain,
            &[("server/src/domain/a.rs", impure), ("server/src/a.rs", impure)],
            &[1, 2, 3],
        );
        check_rule(pure_domain, &[("server/src/domain.rs", "// std::fs\nmod vapid;\n")], &[]);
    }

    #[test]
    fn generated_code_uses_the_door() {
        let runtime = ("runtime/src/lib.rs", "pub mod table;\npub use a::{Call, Client};\n");
        let generated = |code: &str| format!("//! {}\n{code}", crate::owned::MARK);
        let good = generated("use vapi_runtime::{Call, codegen};\npub use vapi_runtime as runtime;\n");
        check_rule(one_door, &[runtime, ("generated/src/a.rs", &good)], &[]);
        let bad = generated("use vapi_runtime::codegen;\nuse vapi_runtime::table::Ty;\n");
        check_rule(one_door, &[runtime, ("generated/src/a.rs", &bad)], &[3]);
    }
}
