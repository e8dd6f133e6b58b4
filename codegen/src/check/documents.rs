//! Rule: a document is in the file that its name says.

use std::collections::BTreeMap;

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;

const PREFIX: &str = "com.vmware.";

/// The spec may be in any folder; it is the one that most documents agree on.
pub(super) fn check_paths(model: &Model<'_>, report: &mut Report) {
    let mut n_by_root: BTreeMap<&str, usize> = BTreeMap::new();
    for document in model.documents {
        if let Some(root) = root_of(&document.source.path, document.id()) {
            *n_by_root.entry(root).or_default() += 1;
        }
    }
    let most = n_by_root.values().max().copied().unwrap_or(0);
    let root = n_by_root.into_iter().find(|(_, n_documents)| *n_documents == most).map(|(root, _)| root);
    for document in model.documents {
        let path = &document.source.path;
        let found = root_of(path, document.id());
        // A name of another shape has no path; that is reported as such.
        if !document.id().starts_with(PREFIX) || (found.is_some() && found == root) {
            continue;
        }
        let expected = format!("{}{}", root.unwrap_or_default(), local_path(document.id()));
        report.push(
            Diagnostic::new(Code::WrongPath, format!("`{}` does not belong into this file", document.id()))
                .at(document.tree.span(document.body.at, document.id_key()), "not what the path says")
                .help(format!("its file is {expected}")),
        );
    }
}

/// What stands in front of the part of the path that the document's name gives.
fn root_of<'p>(path: &'p str, id: &str) -> Option<&'p str> {
    let root = path.strip_suffix(local_path(id).as_str())?;
    (root.is_empty() || root.ends_with('/')).then_some(root)
}

fn local_path(id: &str) -> String {
    format!("{}.yaml", id.strip_prefix(PREFIX).unwrap_or(id).replace('.', "/"))
}
