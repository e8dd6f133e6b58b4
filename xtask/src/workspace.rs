//! Where things are on disk: the workspace's root, the spec's folder, the folder that is written to.
//!
//! In: `--spec` and `--out`, or nothing. Out: paths, and the spec's texts as the generator takes them.
//! Paths inside texts and messages always read `spec/...` with `/`, wherever the folder lies, so that output does not
//! depend on the machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The folders a command reads and writes.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// The spec.
    pub(crate) spec: PathBuf,
    /// Root of what is generated; paths of generated files are relative to it.
    pub(crate) out: PathBuf,
}

impl Places {
    /// The given folders; where one is not given, the workspace's own.
    pub(crate) fn new(spec: Option<PathBuf>, out: Option<PathBuf>) -> Result<Places> {
        Ok(match (spec, out) {
            (Some(spec), Some(out)) => Places { spec, out },
            (spec, out) => {
                let root = root()?;
                Places { spec: spec.unwrap_or_else(|| root.join("spec")), out: out.unwrap_or(root) }
            }
        })
    }
}

/// The workspace's root: the nearest folder upwards whose `Cargo.toml` has a `[workspace]`.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder cannot be read")?;
    for folder in here.ancestors() {
        let manifest = folder.join("Cargo.toml");
        if fs::read_to_string(manifest)
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
        {
            return Ok(folder.to_owned());
        }
    }
    bail!("no workspace here: run this inside the repository, or give both --spec and --out")
}

/// Every spec file's text by its path, `spec/content/library/item.yaml`, sorted.
pub(crate) fn spec_texts(spec: &Path) -> Result<BTreeMap<String, String>> {
    let mut texts = BTreeMap::new();
    for path in
        files_below(spec).with_context(|| format!("the spec folder {} cannot be read", spec.display()))?
    {
        let name = format!("spec/{}", slashed(path.strip_prefix(spec)?)?);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("yaml") => {}
            Some("yml") => bail!("{name}: spec files end in .yaml; rename it, or nobody reads it"),
            _ => continue,
        }
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
        texts.insert(name, text);
    }
    if texts.is_empty() {
        bail!("{} holds no .yaml file", spec.display());
    }
    Ok(texts)
}

/// Every file below a folder, sorted; links are listed, not followed.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A relative path with `/` between its parts.
pub(crate) fn slashed(path: &Path) -> Result<String> {
    let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
    Ok(parts.with_context(|| format!("{} is not a Unicode path", path.display()))?.join("/"))
}
