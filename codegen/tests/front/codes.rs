//! What is said about a diagnostic code is true: its wrong example has that mistake and no other, its right one has none.

use std::collections::BTreeSet;

use vapi_codegen::{Code, Diagnostic, Source, Style, render_all};

use crate::errors::diagnose;
use crate::specs_on_disk::{path_of, with_standard_errors};

/// What an explanation writes for a text that nobody wants to read.
const PADDING: &str = "# (4 MiB of such lines)\n";

#[test]
fn every_wrong_example_has_its_mistake() {
    for &code in Code::ALL {
        let sources = example(code, "## Wrong");
        let diagnostics = diagnose(&sources);
        let codes: BTreeSet<Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
        let text = render_all(&diagnostics, &sources, Style::Plain);
        assert_eq!(codes, BTreeSet::from([code]), "the wrong example of {}:\n{text}", code.as_str());
    }
}

#[test]
fn every_right_example_is_right() {
    for &code in Code::ALL {
        let sources = example(code, "## Right");
        // An example of a mistake is as short as it can be, so there is much to warn of.
        let relevant = |found: &Diagnostic| code.is_warning() || !found.code.is_warning();
        let diagnostics = diagnose(&sources).into_iter().filter(relevant).collect::<Vec<_>>();
        let text = render_all(&diagnostics, &sources, Style::Plain);
        assert!(diagnostics.is_empty(), "the right example of {}:\n{text}", code.as_str());
    }
}

#[test]
fn codes_have_names_and_titles() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for &code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(code));
        assert!(code.as_str().chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", code.as_str());
        assert!(code.title().contains(' ') && !code.title().ends_with('.'), "{}", code.as_str());
    }
    assert_eq!(Code::parse("no-such-code"), None);
}

/// The text of an example as a spec.
pub(crate) fn example(code: Code, heading: &str) -> Vec<Source> {
    let (_, rest) = code.explanation().split_once(heading).unwrap();
    let (_, rest) = rest.split_once("```yaml\n").unwrap();
    let (text, _) = rest.split_once("```\n").unwrap();
    let padding = format!("# {}\n", "4".repeat(61)).repeat(4 * 1024 * 1024 / 64);
    let text = text.replace(PADDING, &padding);
    let path =
        text.lines().next().and_then(|line| line.strip_prefix("# spec/")).map(|path| format!("spec/{path}"));
    let path = path.unwrap_or_else(|| path_of(&text));
    with_standard_errors(vec![Source { path, text }])
}
