//! spec/README.md speaks of the language that the generator reads.
//!
//! The section on constructs is compared whole; of the section on diagnostics the codes, since its words are its own.
//! Not here: the rows on names, which `emit/names.rs` runs one by one, and on types, whose tests stand beside their code.

use vapi_codegen::{Code, language_tables};

const README: &str = include_str!("../../spec/README.md");

/// The text below `heading` up to the next heading of its level.
#[track_caller]
fn section(heading: &str) -> &'static str {
    let (_, rest) = README.split_once(heading).unwrap_or_else(|| panic!("no `{heading}`"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}

#[test]
fn the_constructs_are_those_of_the_language() {
    let tables = language_tables();
    let there = section("\n## The constructs\n");
    assert!(there.contains(&tables), "replace the tables under `## The constructs` with these:\n\n{tables}");
}

/// What the first column of the section's table lists.
#[track_caller]
fn codes_of(heading: &str) -> Vec<&'static str> {
    let rows = section(heading).lines().filter(|line| line.starts_with("| `"));
    rows.filter_map(|row| row.split('`').nth(1)).collect()
}

#[test]
fn every_warning_is_listed() {
    let warnings: Vec<&str> =
        Code::ALL.iter().filter(|code| code.is_warning()).map(|code| code.as_str()).collect();
    assert_eq!(codes_of("\n## Warnings\n"), warnings);
}

#[test]
fn the_diagnostics_exist() {
    let codes = codes_of("\n## The diagnostics one meets first\n");
    assert!(codes.len() > 5, "the table lists the codes in its first column: {codes:?}");
    for code in codes {
        assert!(Code::parse(code).is_some(), "no code `{code}`");
    }
}
