//! Rules on single files: length, names, what stands on top, what may not stand anywhere.

use super::rust_text::{code_only, line_of, lines_with_word};
use super::tree::{Finding, Tree, is_fixture, is_generated};

const LINES_MAX: usize = 500;

/// Names that say nothing.
const VAGUE_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "mod"];

/// Function names that say nothing.
const VAGUE_VERBS: &[&str] = &["process", "handle", "convert", "do_it"];

/// Where operations are implemented: what the API calls them is not ours to choose.
const OPERATIONS: &str = "server/src/services/";

/// Only the public index; its name is what Cargo writes into the lock file.
const PUBLIC_INDEX: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(crate) fn file_length(tree: &Tree) -> Vec<Finding> {
    let templates = tree
        .ending(&[".html", ".css", ".js"])
        .filter(|(path, text)| !is_generated(text) && !is_fixture(path));
    let too_long = |(path, text): (&str, &str)| {
        let n_lines = text.lines().count();
        let text = format!("{n_lines} lines; {LINES_MAX} are the most");
        (n_lines > LINES_MAX).then(|| Finding::new(path, LINES_MAX + 1, text))
    };
    tree.hand_written_rust().chain(templates).filter_map(too_long).collect()
}

pub(crate) fn module_doc(tree: &Tree) -> Vec<Finding> {
    let without = tree.hand_written_rust().filter(|(_, text)| !text.starts_with("//! "));
    without.map(|(path, _)| Finding::new(path, 1, "the file does not open with `//!`")).collect()
}

pub(crate) fn file_name(tree: &Tree) -> Vec<Finding> {
    let vague = |path: &str| {
        let mut parts = path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
        // Cargo takes `tests/x.rs` for a test of its own, so what tests share is `tests/x/mod.rs`.
        let shared_by_tests = path.contains("/tests/") && path.ends_with("/mod.rs");
        parts.find(|part| VAGUE_NAMES.contains(part) && !shared_by_tests).map(str::to_owned)
    };
    let found = tree.ending(&[".rs"]).filter_map(|(path, _)| vague(path).map(|part| (path, part)));
    found
        .map(|(path, part)| Finding::new(path, 1, format!("`{part}` is no name for a file or folder")))
        .collect()
}

pub(crate) fn ignored_test(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(&[".rs"]).filter(|(path, _)| !is_fixture(path)) {
        let code = code_only(text);
        for (at, _) in code.match_indices("#[ignore") {
            findings.push(Finding::new(path, line_of(&code, at), "an ignored test"));
        }
    }
    findings
}

pub(crate) fn unwrap(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, code) in tree.product_code() {
        for (at, _) in code.match_indices(".unwrap()") {
            findings.push(Finding::new(path, line_of(&code, at), "`.unwrap()` outside tests"));
        }
    }
    findings
}

pub(crate) fn vague_verb(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, code) in tree.product_code().filter(|(path, _)| !path.starts_with(OPERATIONS)) {
        for verb in VAGUE_VERBS {
            for line in lines_with_word(&code, &format!("fn {verb}")) {
                findings.push(Finding::new(path, line, format!("a function called `{verb}`")));
            }
        }
    }
    findings
}

pub(crate) fn trailing_blanks(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in
        tree.ending(&[".md", ".toml", ".yaml", ".html", ".css"]).filter(|(path, _)| !is_fixture(path))
    {
        for (line_idx, line) in text.split('\n').enumerate() {
            if line.ends_with([' ', '\t', '\r']) {
                findings.push(Finding::new(path, line_idx + 1, "blanks at the end of the line"));
            }
        }
        if !text.ends_with('\n') {
            findings.push(Finding::new(path, text.lines().count(), "the last line does not end"));
        }
    }
    findings
}

pub(crate) fn machine_path(tree: &Tree) -> Vec<Finding> {
    // Put together here, so that this file is not a finding.
    let homes = ["home", "Users", "root", "work", "workspace"].map(|folder| format!("/{folder}/"));
    let mut findings = Vec::new();
    for (path, text) in tree.all().filter(|(path, _)| *path != "Cargo.lock") {
        for home in &homes {
            for (at, _) in text.match_indices(home.as_str()) {
                // `spec/work/x` and `https://host/work/` are no places on a disk.
                if !text[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}*~$>".contains(c)) {
                    let text = format!("`{home}...` is a path of one machine");
                    findings.push(Finding::new(path, line_of(tree.text(path).unwrap_or_default(), at), text));
                }
            }
        }
    }
    findings
}

pub(crate) fn lock_source(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.ending(&["Cargo.lock"]) {
        for (line_idx, line) in text.lines().enumerate() {
            let source = line.strip_prefix("source = ").map(|source| source.trim_matches('"'));
            if let Some(source) = source.filter(|source| *source != PUBLIC_INDEX) {
                findings.push(Finding::new(path, line_idx + 1, format!("a crate from `{source}`")));
            }
        }
    }
    for (path, text) in tree.ending(&[".cargo/config.toml", "config.toml"]) {
        for (line_idx, line) in text.lines().enumerate() {
            if line.starts_with("[source") || line.starts_with("[registr") {
                findings.push(Finding::new(path, line_idx + 1, "a registry of one place"));
            }
        }
    }
    findings
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
    fn long_files() {
        let (long, longest) = ("//! a\n".repeat(501), "//! a\n".repeat(500));
        check_rule(file_length, &[("a/src/x.rs", &long)], &[501]);
        check_rule(file_length, &[("a/src/x.rs", &longest)], &[]);
        check_rule(file_length, &[("a/tests/fixtures/x.rs", &long)], &[]);
        check_rule(
            file_length,
            &[("generated/src/x.rs", &format!("//! {}\n{long}", crate::owned::MARK))],
            &[],
        );
    }

    #[test]
    fn files_without_a_word() {
        check_rule(module_doc, &[("a/src/x.rs", "use a;\n")], &[1]);
        check_rule(module_doc, &[("a/src/x.rs", "//! For something.\nuse a;\n")], &[]);
    }

    #[test]
    fn vague_files() {
        check_rule(
            file_name,
            &[("a/src/utils.rs", ""), ("b/common/x.rs", ""), ("c/src/a/mod.rs", "")],
            &[1, 1, 1],
        );
        check_rule(
            file_name,
            &[("a/src/enums.rs", ""), ("a/src/modes.rs", ""), ("a/tests/b/mod.rs", "")],
            &[],
        );
    }

    #[test]
    fn ignored_tests() {
        check_rule(ignored_test, &[("a/tests/x.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}\n")], &[2]);
        check_rule(
            ignored_test,
            &[("a/tests/x.rs", "// no #[ignore]\nconst A: &str = \"#[ignore]\";\n")],
            &[],
        );
    }

    #[test]
    fn unwraps() {
        check_rule(unwrap, &[("a/src/x.rs", "fn f() {\n    a.unwrap();\n}\n")], &[2]);
        check_rule(
            unwrap,
            &[("a/src/x.rs", "fn f() { a.unwrap_or(1); }\n#[cfg(test)]\nmod t { a.unwrap() }\n")],
            &[],
        );
        check_rule(unwrap, &[("a/tests/x.rs", "fn f() { a.unwrap(); }\n")], &[]);
    }

    #[test]
    fn vague_functions() {
        check_rule(vague_verb, &[("a/src/x.rs", "fn process() {}\n")], &[1]);
        check_rule(vague_verb, &[("a/src/x.rs", "fn parse_item() {}\nfn process_id() {}\n")], &[]);
    }

    #[test]
    fn blanks_at_the_end() {
        check_rule(trailing_blanks, &[("a.md", "x \ny\r\n"), ("b.yaml", "x")], &[1, 2, 1]);
        check_rule(trailing_blanks, &[("a.md", "x\n\ny\n"), ("tests/fixtures/a.md", "x ")], &[]);
    }

    #[test]
    fn machine_paths() {
        let path = format!("see /{}/me/x\n", "home");
        check_rule(machine_path, &[("a.md", &path)], &[1]);
        check_rule(machine_path, &[("a.md", "see spec/home/me, ~/home/x, target/work/x\n")], &[]);
    }

    #[test]
    fn other_registries() {
        let lock = format!("[[package]]\nsource = \"{PUBLIC_INDEX}\"\n");
        check_rule(lock_source, &[("Cargo.lock", &lock)], &[]);
        check_rule(
            lock_source,
            &[("Cargo.lock", "source = \"registry+https://mirror.example/index\"\n")],
            &[1],
        );
        check_rule(lock_source, &[(".cargo/config.toml", "[alias]\n[source.crates-io]\n")], &[2]);
    }
}
