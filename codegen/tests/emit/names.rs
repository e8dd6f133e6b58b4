//! The table of generated names in spec/README.md, row by row: what each row says is what a small spec gives.
//!
//! A row of the table without a row here fails, and so does one here that the table has lost.

use vapi_codegen::{Source, Style, generate, render_all};

const README: &str = include_str!("../../../spec/README.md");

const PACKAGE: &str = "
package: com.vmware.content.library.item
structures:
  - name: update_session_model
    fields:
      - {name: client_token, type: string, required: false}
      - {name: item_id, type: string, required: false, presence: {create: required}}
      - {name: dynamic_ID, type: string, required: true}
      - {name: size_MiB, type: long, required: true}
      - {name: type, type: string, required: true}
      - {name: add, type: string, required: false}
      - {name: 2d, type: string, required: false}
      - {name: async, type: string, required: true}
      - {name: await, type: string, required: true}
      - {name: dyn, type: string, required: true}
      - {name: try, type: string, required: true}
      - {name: gen, type: string, required: true}
  - {name: self, constants: [{name: PLAIN_TEXT, value: text/plain}]}
enumerations:
  - name: update_session_model.state
    values: [{name: WAITING_FOR_TRANSFER}, {name: VMX_10_1}]
errors:
  - {name: not_found, status: 404}
";

const SERVICE: &str = "
service: com.vmware.content.library.item.update_session
operations:
  - name: fail
    parameters:
      - {name: id, type: ID<com.vmware.content.library.item.UpdateSession>, required: true}
    errors:
      - {type: not_found, condition: if there is none., status: 404}
  - name: new
  - name: clone
";

const OTHER_SERVICE: &str = "
service: com.vmware.content.update_session
client_name: other_session
operations:
  - name: fail
";

const ITEM: &str = "generated/src/content/library/item.rs";
const SESSION: &str = "generated/src/content/library/item/update_session.rs";
const ROOT: &str = "generated/src/lib.rs";

/// A row: its first cell and, where two begin alike, the start of the second; then a file and what stands in it.
struct Row {
    cells: (&'static str, &'static str),
    file: &'static str,
    there: &'static [&'static str],
}

const ROWS: [Row; 18] = [
    Row {
        cells: ("document `com.vmware.content.library.item`", "module"),
        file: ITEM,
        there: &["pub mod update_session;"],
    },
    Row {
        cells: ("structure, error", "CamelCase"),
        file: ITEM,
        there: &["pub struct UpdateSessionModel {", "pub struct NotFound {"],
    },
    Row {
        cells: ("enumeration in a structure", "the structure's"),
        file: ITEM,
        there: &["pub enum UpdateSessionModelState {"],
    },
    Row { cells: ("value", "variant"), file: ITEM, there: &["    WaitingForTransfer,", "    Vmx10_1,"] },
    Row {
        cells: ("field, parameter", "snake_case"),
        file: ITEM,
        there: &["pub client_token: Option<String>,", "pub dynamic_id: String,", "pub size_mib: i64,"],
    },
    Row {
        cells: ("optional field", "also a chained setter"),
        file: ITEM,
        there: &["pub fn client_token(mut self, client_token: impl Into<String>) -> Self {"],
    },
    Row {
        cells: ("structure with fields that a create needs although they are optional", "beside `new`"),
        file: ITEM,
        there: &["pub fn new(", "pub fn for_create(\n        item_id: impl Into<String>,"],
    },
    Row {
        cells: ("constant of a structure", "associated constant"),
        file: ITEM,
        there: &["pub const PLAIN_TEXT: &'static str = \"text/plain\";"],
    },
    Row {
        cells: ("resource type", "its last segment and `Id`"),
        file: ITEM,
        there: &["pub type UpdateSessionId = Id<UpdateSessionResource>;"],
    },
    Row {
        cells: ("resource type", "beside it the marker"),
        file: ITEM,
        there: &[
            "impl Resource for UpdateSessionResource {",
            "\"com.vmware.content.library.item.UpdateSession\"",
        ],
    },
    Row {
        cells: ("service", "trait"),
        file: SESSION,
        there: &[
            "pub trait UpdateSession:",
            "pub struct UpdateSessionServer<",
            "pub struct UpdateSessionClient(",
        ],
    },
    Row {
        cells: ("service", "method of `vapi::Client`"),
        file: ROOT,
        there: &["pub fn update_session(", "pub fn other_session("],
    },
    Row {
        cells: ("service", "feature"),
        file: "generated/Cargo.toml",
        there: &["content-library-item-update-session = []", "content-update-session = []"],
    },
    Row {
        cells: ("operation", "method"),
        file: SESSION,
        there: &["pub fn fail(&self, id: impl Into<UpdateSessionId>) -> Call<Fail> {", "    fn fail("],
    },
    Row {
        cells: ("operation", "type"),
        file: SESSION,
        there: &["pub struct Fail;", "pub struct FailInput {", "pub enum FailError {"],
    },
    Row {
        cells: ("a keyword of Rust, `async`, `await`, `dyn`, `try` and `gen` included", "the name"),
        file: ITEM,
        there: &[
            "pub type_: String,",
            "pub async_: String,",
            "pub await_: String,",
            "pub dyn_: String,",
            "pub try_: String,",
            "pub gen_: String,",
            "pub struct Self_ {",
        ],
    },
    Row {
        cells: ("a method name of the standard traits, for operations and setters", "the name"),
        file: SESSION,
        there: &["pub fn new_(&self) -> Call<New> {", "pub fn clone_(&self) -> Call<Clone"],
    },
    Row {
        cells: ("a name that begins with a digit", "`_` before and after"),
        file: ITEM,
        there: &["pub _2d_: Option<String>,", "pub fn _2d_(mut self"],
    },
];

#[test]
fn the_table_has_these_rows() {
    let (_, section) = README.split_once("\n## Generated names\n").unwrap_or_default();
    let lines = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<&str> = lines.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(rows.len(), ROWS.len(), "{rows:#?}");
    for (line, row) in rows.iter().zip(&ROWS) {
        let (first, second) = row.cells;
        assert!(line.starts_with(&format!("| {first} | {second}")), "{line}\nis not {first}: {second}");
    }
}

#[test]
fn every_row_is_so() {
    let source = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let sources = [
        source("spec/content/library/item.yaml", PACKAGE),
        source("spec/content/library/item/update_session.yaml", SERVICE),
        source("spec/content/update_session.yaml", OTHER_SERVICE),
    ];
    let outcome = generate(&sources);
    let mistakes = render_all(&outcome.diagnostics, &sources, Style::Plain);
    assert!(outcome.diagnostics.is_empty(), "{mistakes}");
    for Row { cells, file, there } in &ROWS {
        let text = outcome.files.iter().find(|found| found.path == *file).map(|found| found.text.as_str());
        for part in *there {
            assert!(
                text.is_some_and(|text| text.contains(part)),
                "{cells:?}: no `{part}` in {file}:\n{text:?}"
            );
        }
    }
    // The setter of `add` is among the rows on standard traits, but stands with the structure.
    let item = outcome.files.iter().find(|found| found.path == ITEM).map(|found| found.text.as_str());
    assert!(item.is_some_and(|text| text.contains("pub fn add_(mut self")));
}
