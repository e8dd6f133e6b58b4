//! `cargo xtask tidy`: the project's habits that a program can check.
//!
//! In: every text file of the workspace, as a [`Tree`]. Out: a line `path:line: what is wrong (rule)` for each finding.
//! A rule is a function from a tree to findings, so each is tested on a tree of two lines.
//! Not here: what rustfmt, clippy and the compiler check already.

mod dependencies;
mod floors;
mod rust_text;
mod spec_words;
mod texts;
mod tree;

use std::path::Path;

use anyhow::Result;

use crate::console::{Paint, note};
use tree::{Finding, Tree};

/// A rule: its name, why it is one, and the check.
struct Rule {
    name: &'static str,
    why: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule { name: "file-length", why: "a file that fits in the head", check: texts::file_length },
    Rule { name: "module-doc", why: "every file says what it is for", check: texts::module_doc },
    Rule {
        name: "file-name",
        why: "a file is named for what it builds or the stage it is",
        check: texts::file_name,
    },
    Rule { name: "ignored-test", why: "a test that does not run proves nothing", check: texts::ignored_test },
    Rule { name: "unwrap", why: "no panic for what a user wrote", check: texts::unwrap },
    Rule {
        name: "verbs",
        why: "stage verbs are fixed; a vague one hides what happens",
        check: texts::vague_verb,
    },
    Rule { name: "blanks", why: "no difference that nobody sees", check: texts::trailing_blanks },
    Rule { name: "machine-path", why: "what is committed works everywhere", check: texts::machine_path },
    Rule {
        name: "lock-source",
        why: "every crate comes from the public registry",
        check: texts::lock_source,
    },
    Rule { name: "stage-floors", why: "left may not know right", check: floors::stages },
    Rule {
        name: "pure-generator",
        why: "texts in, files out, the same everywhere",
        check: floors::pure_generator,
    },
    Rule {
        name: "pure-domain",
        why: "what is decided depends on what comes in, and on nothing else",
        check: floors::pure_domain,
    },
    Rule { name: "crate-floors", why: "who may depend on whom", check: floors::crates },
    Rule { name: "one-door", why: "generated code uses the runtime's one door", check: floors::one_door },
    Rule { name: "dependency-reason", why: "a dependency is a decision", check: dependencies::reasons },
    Rule { name: "dependency-use", why: "nothing is built for nothing", check: dependencies::used },
    Rule {
        name: "spec-words",
        why: "what the spec says stands nowhere twice",
        check: spec_words::spec_words,
    },
];

/// Checks the workspace; true if nothing was found.
pub(crate) fn tidy(root: &Path) -> Result<bool> {
    let tree = Tree::read(root)?;
    let paint = Paint::stderr();
    let mut n_findings = 0;
    for rule in RULES {
        let mut findings = (rule.check)(&tree);
        findings.sort();
        n_findings += findings.len();
        for finding in findings {
            let Finding { path, line, text } = finding;
            note(format_args!("{path}:{line}: {text} ({}: {})", paint.red(rule.name), rule.why));
        }
    }
    note(format_args!("tidy: {n_findings} findings by {} rules in {} files", RULES.len(), tree.n_files()));
    Ok(n_findings == 0)
}
