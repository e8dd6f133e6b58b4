//! The tables of `docs/divergences.md` and `docs/security.md`: nothing is missing, and every test that they name is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap()
}

/// Names of all tests of the crates that run as one server, or are under it.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in ["server/src", "server/tests", "runtime/src", "runtime/tests", "client/tests"] {
        collect(&top().join(folder), &mut found);
    }
    found
}

fn collect(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            let pairs = lines.windows(2).filter(|pair| is_attribute_of_test(pair[0]));
            found.extend(pairs.filter_map(|pair| name_of(pair[1])));
        }
    }
}

fn is_attribute_of_test(line: &str) -> bool {
    line == "#[test]" || line.starts_with("#[tokio::test")
}

fn name_of(line: &str) -> Option<String> {
    let line = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    Some(line.split_once('(')?.0.to_owned())
}

/// The rows of the table below this heading, without its head.
fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, below) = text.split_once(&format!("\n## {heading}\n")).expect(heading);
    let section = below.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'));
    rows.skip(1).map(|row| row.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Each number is there once, in order, and its last cell names tests that are there. For a complaint it may say why there
/// is none.
#[track_caller]
fn check_numbered(heading: &str, n_rows: usize) {
    let (text, tests) = (read("docs/divergences.md"), tests());
    let rows = rows(&text, heading);
    let numbers: Vec<usize> = rows.iter().map(|row| row[0].parse().expect("a number")).collect();
    assert_eq!(numbers, (1..=n_rows).collect::<Vec<_>>());
    for row in &rows {
        let cell = row.last().unwrap();
        if cell.starts_with("no test: ") && heading == "Complaints" {
            continue;
        }
        let named = quoted(cell);
        assert!(!named.is_empty(), "no test shows {heading} {}", row[0]);
        for name in named {
            assert!(tests.contains(name), "{heading} {}: there is no test {name}", row[0]);
        }
    }
}

#[test]
fn every_divergence_has_a_test() {
    check_numbered("Divergences", 46);
}

#[test]
fn every_complaint_has_a_test_or_a_reason_why_not() {
    check_numbered("Complaints", 22);
}

#[test]
fn every_threat_has_a_test_where_it_says() {
    let text = read("docs/security.md");
    let tests = tests();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let mut n_named = 0;
    for row in rows.filter(|row| !row.starts_with("threat |")) {
        let named = quoted(row.rsplit(" | ").next().unwrap());
        let (files, names): (Vec<_>, Vec<_>) = named.into_iter().partition(|name| name.ends_with(".rs"));
        assert!(!names.is_empty(), "no test shows: {row}");
        for name in names {
            assert!(tests.contains(name), "there is no test {name}: {row}");
            n_named += 1;
        }
        for file in files.into_iter().filter(|file| file.contains('/')) {
            assert!(top().join(file).exists(), "there is no {file}: {row}");
        }
    }
    assert!(n_named > 20, "only {n_named} tests were found");
}
