//! The workspace as the rules see it: texts by path.
//!
//! In: a folder, or, in tests, pairs of path and text. Out: files with what is known of them from their path alone.
//! Build folders, the repository's own and what is not UTF-8 are left out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::rust_text;
use crate::workspace::slashed;

/// Folders without anything people wrote.
const SKIPPED: &[&str] = &["target", ".git", "corpus", "artifacts"];

/// All texts, by path with `/`.
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

/// Something that is against a rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) path: String,
    /// From 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, text: impl Into<String>) -> Finding {
        Finding { path: path.to_owned(), line, text: text.into() }
    }
}

impl Tree {
    /// Reads the workspace.
    pub(crate) fn read(root: &Path) -> Result<Tree> {
        let mut files = BTreeMap::new();
        let mut open = vec![root.to_owned()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
                let entry = entry?;
                let (path, kind) = (entry.path(), entry.file_type()?);
                if kind.is_dir() && !SKIPPED.iter().any(|skipped| entry.file_name() == *skipped) {
                    open.push(path);
                } else if kind.is_file()
                    && entry.file_name() != ".git"
                    && let Ok(text) = String::from_utf8(fs::read(&path)?)
                {
                    files.insert(slashed(path.strip_prefix(root)?)?, text);
                }
            }
        }
        Ok(Tree { files })
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let own = |(path, text): &(&str, &str)| ((*path).to_owned(), (*text).to_owned());
        Tree { files: files.iter().map(own).collect() }
    }

    pub(crate) fn n_files(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Every file.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Files with one of these endings.
    pub(crate) fn ending(&self, endings: &'static [&'static str]) -> impl Iterator<Item = (&str, &str)> {
        self.all().filter(|(path, _)| endings.iter().any(|ending| path.ends_with(ending)))
    }

    /// Rust that people wrote: neither generated nor a fixture.
    pub(crate) fn hand_written_rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(&[".rs"]).filter(|(path, text)| !is_fixture(path) && !is_generated(text))
    }

    /// The same, with comments and the contents of literals blanked and without the file's tests; files of tests alone
    /// are left out.
    pub(crate) fn product_code(&self) -> impl Iterator<Item = (&str, String)> {
        self.hand_written_rust()
            .filter(|(path, _)| !is_test(path))
            .map(|(path, text)| (path, rust_text::without_tests(&rust_text::code_only(text)).to_owned()))
    }
}

/// Samples of tests: inputs and goldens.
pub(crate) fn is_fixture(path: &str) -> bool {
    path.split('/').any(|part| part == "fixtures" || part == "goldens" || part == "ui")
}

/// A file of tests alone.
pub(crate) fn is_test(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches" | "fuzz"))
}

/// Has the generator's mark.
pub(crate) fn is_generated(text: &str) -> bool {
    text.lines().next().is_some_and(|line| line.contains(crate::owned::MARK))
}
