//! The statements that structures and operations have in common: fields, their orders, unions, the source.

use crate::table::{Field, StructureTable, Ty, Union, UnionCase, Usage};

use super::{keep, ty};

/// What was read of a structure so far.
pub(super) struct Fields {
    named: &'static [Ty],
    pub(super) fields: Vec<Field>,
    page_order: Option<Vec<u16>>,
    /// Tags with their cases.
    unions: Vec<(u16, Vec<UnionCase>)>,
    source: &'static str,
}

impl Fields {
    pub(super) fn new(named: &'static [Ty]) -> Fields {
        Fields { named, fields: Vec::new(), page_order: None, unions: Vec::new(), source: "" }
    }

    /// Reads a statement, if it is one of these.
    pub(super) fn take(&mut self, line: &'static str) -> Result<bool, String> {
        let (key, rest) = line.split_once(' ').unwrap_or((line, ""));
        match key {
            "source" => self.source = rest,
            "pages" => self.page_order = Some(self.numbers(rest)?),
            "union" => self.union(rest)?,
            _ => match key.strip_suffix(':') {
                Some(name) => self.fields.push(field(name, rest, self.named)?),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// Numbers of the fields with these names.
    pub(super) fn numbers(&self, names: &str) -> Result<Vec<u16>, String> {
        names.split(' ').filter(|name| !name.is_empty()).map(|name| self.number(name)).collect()
    }

    /// The number of the field with this name.
    pub(super) fn number(&self, name: &str) -> Result<u16, String> {
        let position = self.fields.iter().position(|field| field.name == name);
        position
            .and_then(|position| u16::try_from(position).ok())
            .ok_or_else(|| format!("there is no field {name} before"))
    }

    /// `source_type HAS_LOCATION requires a b allows c`: what goes with one value of a tag; the cases of a union follow each other.
    fn union(&mut self, text: &'static str) -> Result<(), String> {
        let (tag, rest) = text.split_once(' ').ok_or("a union has a tag and a value")?;
        let (value, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (requires, allows) = rest.split_once("allows").unwrap_or((rest, ""));
        let requires = keep(self.numbers(requires.trim().trim_start_matches("requires"))?);
        let allows = keep(self.numbers(allows)?);
        let (tag, case) = (self.number(tag)?, UnionCase { value, requires, allows });
        match self.unions.last_mut() {
            Some((last, cases)) if *last == tag => cases.push(case),
            _ => self.unions.push((tag, vec![case])),
        }
        Ok(())
    }

    /// The structure, all of which was read.
    pub(super) fn finish(self, name: &'static str) -> Result<StructureTable, String> {
        let n_fields = u16::try_from(self.fields.len()).map_err(|_| "it has too many fields")?;
        let page_order = self.page_order.unwrap_or_else(|| (0..n_fields).collect());
        let mut sorted = page_order.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..n_fields) {
            return Err("`pages` does not name every field once".to_owned());
        }
        sorted.sort_by_key(|&number| self.fields[usize::from(number)].name);
        if sorted
            .windows(2)
            .any(|pair| self.fields[usize::from(pair[0])].name == self.fields[usize::from(pair[1])].name)
        {
            return Err("two fields have one name".to_owned());
        }
        let unions = self.unions.into_iter().map(|(tag, cases)| Union { tag, cases: keep(cases) });
        Ok(StructureTable {
            name,
            fields: keep(self.fields),
            by_name: keep(sorted),
            page_order: keep(page_order),
            unions: keep(unions.collect()),
            source: self.source,
        })
    }
}

/// `string? for create`, `string lenient`.
fn field(name: &'static str, text: &str, named: &[Ty]) -> Result<Field, String> {
    let mut field = Field::new(name, Ty::Void);
    let mut ty = text;
    if let Some(before) = ty.strip_suffix(" lenient") {
        (ty, field.is_lenient) = (before, true);
    }
    if let Some((before, usage)) = ty.split_once(" for ") {
        let usage = match usage {
            "create" => Usage::Create,
            "update" => Usage::Update,
            "both" => Usage::Both,
            _ => return Err(format!("nothing is needed for {usage}")),
        };
        (ty, field.needed_by) = (before, Some(usage));
    }
    field.ty = ty::read(ty, named)?;
    Ok(field)
}
