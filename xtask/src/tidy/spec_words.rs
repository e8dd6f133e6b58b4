//! The rule that nothing hand-written in the generator, the runtime or here names what only the spec may name
//! (`one-source`).
//!
//! The words are read from the spec itself: names of services, operations and parameters that are long and of several
//! words, each in the spellings of the wire, of URLs and of Rust. Comments count: an example in a comment ages unseen.
//! Tests and what stands on the generated crate, the demo and the server, may name what they like.

use std::collections::BTreeSet;

use super::rust_text::{line_of, without_tests};
use super::tree::{Finding, Tree, is_fixture, is_generated, is_test};

/// Letters a word must have to be the spec's own.
const LETTERS_MIN: usize = 8;

/// Folders the rule is about.
const FOLDERS: &[&str] = &["codegen/src/", "codegen/templates/", "runtime/src/", "xtask/src/"];

/// Names of the spec that are words of other trades too.
const OTHER_TRADES: &[&str] = &[
    "activation_id", // a key of JSON-RPC's application context
    "keep_alive",    // HTTP's own
    "file_name",     // std's own
];

pub(crate) fn spec_words(tree: &Tree) -> Vec<Finding> {
    let words = spellings(tree);
    let mut findings = Vec::new();
    for (path, text) in tree.all() {
        if !FOLDERS.iter().any(|folder| path.starts_with(folder))
            || is_test(path)
            || is_fixture(path)
            || is_generated(text)
        {
            continue;
        }
        let product = without_tests(text);
        for word in &words {
            for line in lines_named(product, word) {
                findings.push(Finding::new(path, line, format!("`{word}` is the spec's word")));
            }
        }
    }
    findings
}

/// Lines that name the word or something called after it: `order_desk`, `order_desk_model`, `OrderDeskClient`, not
/// `order_desks`.
fn lines_named(text: &str, word: &str) -> Vec<usize> {
    let stands_alone = |at: usize| {
        let before = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let after = text[at + word.len()..].starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
        !before && !after
    };
    text.match_indices(word).filter(|(at, _)| stands_alone(*at)).map(|(at, _)| line_of(text, at)).collect()
}

/// Distinctive names of the spec in every spelling.
fn spellings(tree: &Tree) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (_, text) in tree.ending(&[".yaml"]).filter(|(path, _)| path.starts_with("spec/")) {
        for name in names(text).into_iter().filter(|name| is_distinctive(name)) {
            words.insert(name.replace('_', "-"));
            words.insert(camel(&name));
            words.insert(name);
        }
    }
    words
}

fn is_distinctive(name: &str) -> bool {
    let n_letters = name.chars().filter(|c| c.is_alphanumeric()).count();
    n_letters >= LETTERS_MIN && name.contains('_') && !OTHER_TRADES.contains(&name)
}

/// Segments of the service's id, and names of operations and parameters.
fn names(document: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_operations = false;
    for line in document.lines() {
        if let Some((key, value)) =
            line.split_once(':').filter(|_| line.starts_with(|c: char| c.is_alphabetic()))
        {
            in_operations = key == "operations";
            if key == "service" {
                names.extend(value.trim().split('.').map(str::to_owned));
            }
        }
        let item = line.trim_start().trim_start_matches("- ").trim_start_matches('{');
        if in_operations && let Some(name) = item.strip_prefix("name:") {
            let name = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            names.push(name);
        }
    }
    names
}

fn camel(name: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split('_').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: (&str, &str) = (
        "spec/shop/order_desk.yaml",
        "service: shop.order_desk\noperations:\n  - name: hand_over_goods\n    parameters:\n      - name: to_x\n\
         structures:\n  - name: something_else\n",
    );

    #[track_caller]
    fn check_rule(files: &[(&str, &str)], lines: &[usize]) {
        let files: Vec<_> = [SPEC].into_iter().chain(files.iter().copied()).collect();
        let mut found: Vec<usize> =
            spec_words(&Tree::of(&files)).into_iter().map(|finding| finding.line).collect();
        found.sort_unstable();
        assert_eq!(found, lines, "{files:?}");
    }

    #[test]
    fn words_of_the_spec() {
        check_rule(
            &[(
                "runtime/src/a.rs",
                "// like order_desk\nlet a = \"hand-over-goods\";\nOrderDeskClient\norder_desk_model\n",
            )],
            &[1, 2, 3, 4],
        );
        check_rule(&[("codegen/templates/a.html", "order_desk")], &[1]);
    }

    #[test]
    fn words_that_may_stand() {
        check_rule(
            &[("runtime/src/a.rs", "// order_desks, to_x, something_else\n#[cfg(test)]\norder_desk\n")],
            &[],
        );
        check_rule(&[("runtime/tests/a.rs", "order_desk"), ("demo/src/main.rs", "order_desk")], &[]);
        check_rule(&[("server/src/domain/a.rs", "order_desk")], &[]);
    }
}
