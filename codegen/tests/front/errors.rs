//! Error goldens: a case is a folder with a spec and the text of everything that is wrong with it, or is to be warned of.
//!
//! `fixtures/error/<what-is-wrong>/` and `fixtures/warning/<what-is-odd>/` hold `spec.yaml` or several documents; one that lies in the folder itself has the path that
//! its name asks for, one in a folder below has its own. `UPDATE_GOLDENS=1` writes what comes out instead of comparing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use similar::TextDiff;
use vapi_codegen::{Code, Diagnostic, Source, Style, generate, render_all};

use crate::specs_on_disk::{folder, path_of, read_sources, with_standard_errors};

/// Everything that is wrong with a spec; where nothing is, what is to be warned of.
pub(crate) fn diagnose(sources: &[Source]) -> Vec<Diagnostic> {
    let outcome = generate(sources);
    if outcome.diagnostics.is_empty() { outcome.warnings } else { outcome.diagnostics }
}

#[test]
fn every_golden_is_as_expected() {
    let cases = cases();
    assert!(!cases.is_empty());
    let differences: Vec<String> = cases.iter().filter_map(|case| check_golden(case)).collect();
    assert!(differences.is_empty(), "\n{}\nUPDATE_GOLDENS=1 accepts what came out", differences.join("\n"));
}

#[test]
fn every_code_has_a_golden() {
    let mut seen: BTreeSet<Code> = BTreeSet::new();
    for case in cases() {
        seen.extend(diagnose(&sources_of(&case)).iter().map(|diagnostic| diagnostic.code));
    }
    let missing: Vec<&str> =
        Code::ALL.iter().filter(|code| !seen.contains(code)).map(|code| code.as_str()).collect();
    assert!(missing.is_empty(), "no case in fixtures/error or fixtures/warning has {missing:?}");
}

#[test]
fn warnings_hold_nothing_back() {
    for case in cases() {
        let outcome = generate(&sources_of(&case));
        let is_odd = case.starts_with("warning/");
        assert_eq!((outcome.diagnostics.is_empty(), outcome.files.is_empty()), (is_odd, !is_odd), "{case}");
    }
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    for case in cases() {
        let mut sources = sources_of(&case);
        let text = render_all(&diagnose(&sources), &sources, Style::Plain);
        sources.reverse();
        assert_eq!(render_all(&diagnose(&sources), &sources, Style::Plain), text, "{case}");
    }
}

/// Whoever reads the files may read one twice.
#[test]
fn two_files_of_one_path_are_told_apart() {
    let path = "spec/cis/tagging.yaml".to_owned();
    let short = Source { path: path.clone(), text: "package: com.vmware.cis.tagging\n".to_owned() };
    let long = Source { path, text: format!("# {}\n{}", "long".repeat(50), short.text) };
    let sources = [short, long];
    let text = render_all(&diagnose(&sources), &sources, Style::Plain);
    assert!(
        text.contains("spec/cis/tagging.yaml:1:10") && text.contains("spec/cis/tagging.yaml:2:10"),
        "{text}"
    );
}

#[test]
fn colours_change_nothing_but_the_colours() {
    let sources = sources_of("error/unknown-type");
    let diagnostics = diagnose(&sources);
    let coloured = render_all(&diagnostics, &sources, Style::Coloured);
    let mut parts = coloured.split("\u{1b}[");
    let first = parts.next().unwrap().to_owned();
    let plain = parts.fold(first, |plain, part| plain + part.split_once('m').unwrap().1);
    assert_ne!(coloured, plain);
    assert_eq!(plain, render_all(&diagnostics, &sources, Style::Plain));
}

/// Paths below `fixtures`, sorted.
fn cases() -> Vec<String> {
    let mut cases = Vec::new();
    for kind in ["error", "warning"] {
        for case in fs::read_dir(folder("tests/fixtures").join(kind)).unwrap() {
            cases.push(format!("{kind}/{}", case.unwrap().file_name().into_string().unwrap()));
        }
    }
    cases.sort();
    cases
}

fn sources_of(case: &str) -> Vec<Source> {
    let mut sources = read_sources(&folder("tests/fixtures").join(case));
    for source in &mut sources {
        if source.path.matches('/').count() == 1 {
            source.path = path_of(&source.text);
        }
    }
    with_standard_errors(sources)
}

/// The difference to the golden, if there is one.
fn check_golden(case: &str) -> Option<String> {
    let sources = sources_of(case);
    let text = render_all(&diagnose(&sources), &sources, Style::Plain);
    let golden = folder("tests/fixtures").join(case).join("expected.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&golden, text).unwrap();
        return None;
    }
    compare(&golden, &text)
}

fn compare(golden: &Path, text: &str) -> Option<String> {
    let expected = fs::read_to_string(golden).unwrap_or_default();
    (expected != text).then(|| {
        let diff = TextDiff::from_lines(&expected, text);
        let diff = diff.unified_diff().context_radius(3).header("expected", "came out").to_string();
        format!("{}\n{diff}", golden.display())
    })
}
