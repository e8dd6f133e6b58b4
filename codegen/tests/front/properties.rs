//! Any text at all: the front half ends, without a panic, and says the same twice and in any order.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use vapi_codegen::{Source, Style, generate, render_all};

use crate::specs_on_disk::{folder, path_of, read_sources, with_standard_errors};

/// Pieces that specs are made of, and pieces that they should not be made of.
const PIECES: &[&str] = &[
    "package: com.vmware.a\n",
    "service: com.vmware.a.b\n",
    "structures:\n",
    "enumerations:\n",
    "errors:\n",
    "operations:\n",
    "  - name: x\n",
    "    fields:\n",
    "    parameters:\n",
    "      - {name: y, type: x, required: true}\n",
    "      - {name: z, type: \"Map<x, List<b.x>>\", required: false}\n",
    "    values:\n",
    "      - name: A\n",
    "    unions:\n      - tag: y\n        cases:\n          - {value: A, requires: [z]}\n",
    "    requests:\n      - POST /com/vmware/a/b/id:{y}?~action=x\n",
    "    request:\n      json: |\n        {\n",
    "      xml: >\n        <a/>\n",
    "    status: 404\n",
    "    errors:\n      - {type: x, condition: always., status: 404}\n",
    "    result:\n      type: ID<com.vmware.T>\n",
    "since: \"6.5\"\n",
    "doc: |\n  é\n\n  ü\n",
    "? ",
    ": ",
    "- ",
    "\"",
    "'",
    "&a ",
    "*a",
    "!t ",
    "---\n",
    "{",
    "]",
    "\t",
    "\r",
    "\u{feff}",
    "\u{2028}",
    "#",
    "%YAML 1.1\n",
    "|",
    "  ",
    "\n",
];

/// Generates, renders, and does both again with the files turned around.
fn run(texts: &[String]) {
    let sources = texts.iter().enumerate().map(|(idx, text)| {
        let path = if idx == 0 { path_of(text) } else { format!("spec/{idx}.yaml") };
        Source { path, text: text.clone() }
    });
    let mut sources = with_standard_errors(sources.collect());
    let first = generate(&sources);
    let text = render_all(&first.diagnostics, &sources, Style::Plain);
    assert_eq!(first.files.is_empty(), !first.diagnostics.is_empty());
    assert_eq!(text.is_empty(), first.diagnostics.is_empty());
    let warnings = render_all(&first.warnings, &sources, Style::Plain);
    sources.reverse();
    let second = generate(&sources);
    assert_eq!(render_all(&second.diagnostics, &sources, Style::Plain), text);
    assert_eq!(render_all(&second.warnings, &sources, Style::Plain), warnings);
    assert_eq!(second.files, first.files);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_characters(text in "\\PC{0,200}") {
        run(&[text]);
    }

    #[test]
    fn any_pieces(pieces in prop::collection::vec(select(PIECES), 0..24), more in prop::collection::vec(select(PIECES), 0..8)) {
        run(&[pieces.concat(), more.concat()]);
    }

    /// The spec with a piece put in, or a line taken out or moved: nearly right, which is where the rules are.
    #[test]
    fn nearly_the_spec(document in any::<Index>(), at in any::<Index>(), to in any::<Index>(), piece in select(PIECES), how in 0..3) {
        let mut sources = read_sources(&folder("../spec"));
        let text = &mut document.get_mut(&mut sources).text;
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        let line = lines.remove(at.index(lines.len()));
        match how {
            0 => {}
            1 => lines.insert(to.index(lines.len()), line),
            _ => lines.insert(to.index(lines.len()), piece),
        }
        *text = lines.concat();
        let first = vapi_codegen::load(&sources);
        sources.reverse();
        let second = vapi_codegen::load(&sources);
        prop_assert_eq!(first.is_ok(), second.is_ok());
    }
}

/// Long for their kind; every one has to end soon.
#[test]
fn texts_made_to_take_long() {
    let document = |body: &str| format!("package: com.vmware.a\n{body}");
    for text in [
        document(&format!("doc: {}\n", "[".repeat(50_000))),
        document(&format!("doc: {}\n", "{a: ".repeat(50_000))),
        document(&"  - ".repeat(50_000)),
        document(&"a: 1\n".repeat(50_000)),
        document(&(0..50_000).map(|number| format!("k{number}: 1\n")).collect::<String>()),
        document(&format!("doc: \"{}\"\n", "\\n".repeat(100_000))),
        document(&format!(
            "structures:\n  - {{name: s, fields: [{{name: f, type: {}, required: true}}]}}\n",
            "List<".repeat(50_000)
        )),
        document(&format!("structures:\n{}", chain(1_000))),
        document(&format!("structures:\n{}", doubling(200))),
    ] {
        run(&[text]);
    }
}

/// Structures each of which requires the next one.
fn chain(n_structures: usize) -> String {
    (0..n_structures)
        .map(|number| {
            let next = (number + 1) % n_structures;
            format!("  - {{name: s{number}, fields: [{{name: f, type: s{next}, required: true}}]}}\n")
        })
        .collect()
}

/// Structures each of which has the next one twice.
fn doubling(n_structures: usize) -> String {
    (0..n_structures)
        .map(|number| {
            let next = number + 1;
            format!(
                "  - {{name: s{number}, fields: [{{name: f, type: s{next}, required: false}}, {{name: g, type: List<s{next}>, required: true}}]}}\n"
            )
        })
        .chain([format!("  - name: s{n_structures}\n")])
        .collect()
}
