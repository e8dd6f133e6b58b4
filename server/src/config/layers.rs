//! Settings from several places: what is set in one of them counts more than what is set in those below it.
//!
//! From the top: the command line, the environment, the file, the defaults. Each value remembers where it came from.
//! Everything that is wrong is told at once, each with its place.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::shape::{Kind, Setting, settings};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The program.
    Default,
    /// A line of the file.
    File(PathBuf, usize),
    /// A variable.
    Environment(String),
    /// An option.
    CommandLine(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Environment(variable) => f.write_str(variable),
            Origin::CommandLine(option) => f.write_str(option),
        }
    }
}

/// Values by key, and what is wrong with those that were set.
#[derive(Debug)]
pub struct Layers {
    known: Vec<Setting>,
    values: BTreeMap<String, (Value, Origin)>,
    wrong: Vec<String>,
}

impl Layers {
    /// The defaults of a type.
    pub fn of<T: Default + Serialize + DeserializeOwned>() -> Layers {
        let mut layers = Layers { known: settings::<T>(), values: BTreeMap::new(), wrong: Vec::new() };
        match Table::try_from(T::default()) {
            Ok(table) => layers.add_table("", table),
            Err(error) => layers.wrong.push(format!("the defaults cannot be written down: {error}")),
        }
        layers
    }

    fn add_table(&mut self, prefix: &str, table: Table) {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                Value::Table(inner) => self.add_table(&format!("{key}."), inner),
                value => drop(self.values.insert(key, (value, Origin::Default))),
            }
        }
    }

    /// What a file's text sets.
    pub fn file<T: DeserializeOwned>(&mut self, path: &Path, text: &str) {
        let n_wrong = self.wrong.len();
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let place = Place::of(text, error.span().map_or(0, |span| span.start));
                return self.wrong.push(format!("{}:{place}: {}", path.display(), error.message()));
            }
        };
        self.add_spanned(path, text, "", table.get_ref());
        if self.wrong.len() == n_wrong
            && let Err(error) = toml::from_str::<T>(text)
        {
            let place = Place::of(text, error.span().map_or(0, |span| span.start));
            self.wrong.push(format!("{}:{place}: {}", path.display(), error.message()));
        }
    }

    fn add_spanned(&mut self, path: &Path, text: &str, prefix: &str, table: &DeTable<'_>) {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let key = format!("{prefix}{}", name.get_ref());
            let place = Place::of(text, name.span().start);
            let is_section = self.known.iter().any(|setting| setting.key.starts_with(&format!("{key}.")));
            match value.get_ref() {
                DeValue::Table(inner) if is_section => {
                    self.add_spanned(path, text, &format!("{key}."), inner);
                }
                _ if self.known.iter().any(|setting| setting.key == key) => {
                    let parsed = text.get(value.span()).and_then(|text| text.parse::<Value>().ok());
                    if let Some(value) = parsed {
                        self.values.insert(key, (value, Origin::File(path.to_owned(), place.line)));
                    }
                }
                _ => {
                    let meant = self.meant(&key);
                    self.wrong
                        .push(format!("{}:{place}: there is no setting `{key}`{meant}", path.display()));
                }
            }
        }
    }

    /// What the environment sets. Variables that set nothing are told, since some systems set such by themselves.
    pub fn environment<T>(&mut self, variables: impl Iterator<Item = (String, String)>) -> Vec<String>
    where
        T: DeserializeOwned,
    {
        let mut unknown = Vec::new();
        let mut variables: Vec<_> = variables.filter(|(name, _)| name.starts_with("CONTENTLIBD_")).collect();
        variables.sort();
        for (name, text) in variables {
            match self.known.iter().find(|setting| setting.variable() == name).cloned() {
                Some(setting) => self.set::<T>(&setting, &text, Origin::Environment(name)),
                None => {
                    let key = name.trim_start_matches("CONTENTLIBD_").to_lowercase();
                    unknown.push(format!("{name} sets nothing{}", self.meant(&key)));
                }
            }
        }
        unknown
    }

    /// What an option of the command line sets.
    pub fn option<T: DeserializeOwned>(&mut self, option: &str, key: &str, text: &str) {
        match self.known.iter().find(|setting| setting.key == key).cloned() {
            Some(setting) => self.set::<T>(&setting, text, Origin::CommandLine(option.to_owned())),
            None => {
                let meant = self.meant(key);
                self.wrong.push(format!("{option}: there is no setting `{key}`{meant}"));
            }
        }
    }

    fn set<T: DeserializeOwned>(&mut self, setting: &Setting, text: &str, origin: Origin) {
        let value = match setting.kind {
            Kind::Flag => text.parse().ok().map(Value::Boolean),
            Kind::Number => text.parse().ok().map(Value::Integer),
            Kind::List => {
                let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
                Some(texts.map(|text| Value::String(text.to_owned())).collect::<Vec<_>>().into())
            }
            Kind::Text => Some(Value::String(text.to_owned())),
        };
        let Some(value) = value else {
            return self.wrong.push(format!("{origin}: `{text}` is not {}", setting.kind));
        };
        if let Err(error) = nested([(setting.key.as_str(), &value)]).try_into::<T>() {
            return self.wrong.push(format!("{origin}: {}", error.message()));
        }
        self.values.insert(setting.key.clone(), (value, origin));
    }

    /// The setting or section that was probably meant.
    fn meant(&self, key: &str) -> String {
        let sections = self.known.iter().filter_map(|setting| setting.key.split_once('.'));
        let words =
            sections.map(|(section, _)| section).chain(self.known.iter().map(|known| known.key.as_str()));
        let near = |word: &str| distance(key, word).min(distance(key, &word.replace('.', "_")));
        let nearest = words.min_by_key(|word| near(word)).filter(|word| near(word) <= (key.len() / 3).min(4));
        nearest.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
    }

    /// All values, and where they came from; or everything that is wrong.
    pub fn finish<T: DeserializeOwned>(self) -> Result<(T, Values), Wrong> {
        if !self.wrong.is_empty() {
            return Err(Wrong(self.wrong));
        }
        let table = nested(self.values.iter().map(|(key, (value, _))| (key.as_str(), value)));
        match table.try_into::<T>() {
            Ok(config) => Ok((config, Values { known: self.known, values: self.values })),
            Err(error) => Err(Wrong(vec![error.message().to_owned()])),
        }
    }
}

/// The values that are in force.
#[derive(Debug)]
pub struct Values {
    known: Vec<Setting>,
    values: BTreeMap<String, (Value, Origin)>,
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Setting { key, .. } in &self.known {
            match self.values.get(key) {
                Some((value, origin)) => writeln!(f, "{key} = {value}  # {origin}")?,
                None => writeln!(f, "# {key} is not set")?,
            }
        }
        Ok(())
    }
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong(pub Vec<String>);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Wrong {}

fn nested<'a>(values: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Table {
    let mut table = Table::new();
    for (key, value) in values {
        let (path, name) = key.rsplit_once('.').map_or((None, key), |(path, name)| (Some(path), name));
        let mut section = &mut table;
        for part in path.iter().flat_map(|path| path.split('.')) {
            let inner = section.entry(part).or_insert_with(|| Value::Table(Table::new()));
            let Value::Table(inner) = inner else { return table };
            section = inner;
        }
        section.insert(name.to_owned(), value.clone());
    }
    table
}

/// Line and column, from 1.
struct Place {
    line: usize,
    column: usize,
}

impl Place {
    fn of(text: &str, at: usize) -> Place {
        let before = text.get(..at).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// How many letters have to be put in, taken out or replaced to make one word of another.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, letter) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != *other);
            current.push(replaced.min(above[column + 1] + 1).min(current[column] + 1));
        }
        above = current;
    }
    above.last().copied().unwrap_or(0)
}
