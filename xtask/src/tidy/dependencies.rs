//! Rules on dependencies: each has its reason beside it, and each is used.
//!
//! Reads manifests line by line in the one style this workspace writes them in: `name.workspace = true`,
//! `name = "1"` or `name = { ... }` under a `[...dependencies]` line. Not here: TOML.

use super::rust_text::{code_only, lines_with_word};
use super::tree::{Finding, Tree, is_fixture};

/// A package's manifest.
pub(crate) struct Manifest {
    pub(crate) path: String,
    /// The package's name; empty for the workspace's.
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A line under some `[...dependencies]`.
pub(crate) struct Dependency {
    /// As written; with `_` for `-`, the name in code.
    pub(crate) name: String,
    /// The package it names.
    pub(crate) package: String,
    pub(crate) kind: Kind,
    pub(crate) line: usize,
    /// Whether a comment stands right above or behind it.
    explained: bool,
    /// Whether it is a crate of this workspace.
    ours: bool,
}

/// Whose dependency it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    Build,
    Dev,
    Workspace,
}

/// Every manifest but those of fixtures.
pub(crate) fn manifests(tree: &Tree) -> Vec<Manifest> {
    let wanted = tree.ending(&["Cargo.toml"]).filter(|(path, _)| !is_fixture(path));
    wanted.map(|(path, text)| manifest(path, text)).collect()
}

pub(crate) fn reasons(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests(tree) {
        for dependency in &manifest.dependencies {
            if dependency.kind == Kind::Workspace && !dependency.ours && !dependency.explained {
                let text = format!("`{}` stands without a comment on why it was chosen", dependency.name);
                findings.push(Finding::new(&manifest.path, dependency.line, text));
            }
        }
    }
    findings
}

pub(crate) fn used(tree: &Tree) -> Vec<Finding> {
    let manifests = manifests(tree);
    let mut findings = Vec::new();
    for manifest in &manifests {
        let folder = manifest.path.trim_end_matches("Cargo.toml");
        let code: Vec<String> = tree
            .ending(&[".rs"])
            .filter(|(path, _)| path.starts_with(folder) && !is_fixture(path))
            .map(|(_, text)| code_only(text))
            .collect();
        for dependency in &manifest.dependencies {
            let is_used = match dependency.kind {
                Kind::Workspace => manifests.iter().any(|other| {
                    other.dependencies.iter().any(|d| d.kind != Kind::Workspace && d.name == dependency.name)
                }),
                _ => {
                    let word = dependency.name.replace('-', "_");
                    code.iter().any(|code| !lines_with_word(code, &word).is_empty())
                }
            };
            if !is_used {
                let text = format!("`{}` is not used", dependency.name);
                findings.push(Finding::new(&manifest.path, dependency.line, text));
            }
        }
    }
    findings
}

fn manifest(path: &str, text: &str) -> Manifest {
    let mut manifest = Manifest { path: path.to_owned(), name: String::new(), dependencies: Vec::new() };
    let (mut section, mut above_is_comment) = ("", false);
    for (line_idx, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if let Some(header) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = header;
        } else if let Some((key, value)) = trimmed.split_once('=').filter(|_| !trimmed.starts_with('#')) {
            let (key, value) = (key.trim(), value.trim());
            if section == "package" && key == "name" {
                value.trim_matches('"').clone_into(&mut manifest.name);
            }
            if let Some(kind) = kind_of(section) {
                let name = key.split('.').next().unwrap_or(key).to_owned();
                let package = quoted_after(value, "package").unwrap_or_else(|| name.clone());
                let explained = above_is_comment || value.contains(" # ");
                let ours = quoted_after(value, "path").is_some();
                manifest.dependencies.push(Dependency {
                    name,
                    package,
                    kind,
                    line: line_idx + 1,
                    explained,
                    ours,
                });
            }
        }
        above_is_comment = trimmed.starts_with('#');
    }
    manifest
}

fn kind_of(section: &str) -> Option<Kind> {
    match section.rsplit('.').next()? {
        "dependencies" if section == "workspace.dependencies" => Some(Kind::Workspace),
        "dependencies" => Some(Kind::Normal),
        "build-dependencies" => Some(Kind::Build),
        "dev-dependencies" => Some(Kind::Dev),
        _ => None,
    }
}

/// `x` of `package = "x"` in an inline table.
fn quoted_after(value: &str, key: &str) -> Option<String> {
    let table = value.strip_prefix('{')?;
    let (_, after) = table.split_once(&format!("{key} = \""))?;
    after.split('"').next().map(str::to_owned)
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
    fn dependencies_without_a_reason() {
        let good =
            "[workspace.dependencies]\nours = { path = \"ours\" }\n# For a.\na = \"1\"\nb = \"1\" # For b.\n";
        check_rule(reasons, &[("Cargo.toml", good)], &[]);
        check_rule(
            reasons,
            &[("Cargo.toml", "[workspace.dependencies]\n# For a.\na = \"1\"\nb = \"1\"\n")],
            &[4],
        );
    }

    #[test]
    fn dependencies_without_use() {
        let workspace = ("Cargo.toml", "[workspace.dependencies]\na-b = \"1\"\n");
        let member = ("m/Cargo.toml", "[package]\nname = \"m\"\n[dev-dependencies]\na-b.workspace = true\n");
        check_rule(used, &[workspace, member, ("m/tests/x.rs", "use a_b::C;\n")], &[]);
        check_rule(used, &[workspace, member, ("m/tests/x.rs", "// a_b\n")], &[4]);
        check_rule(used, &[workspace], &[2]);
    }
}
