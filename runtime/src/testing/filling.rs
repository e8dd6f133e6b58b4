//! Values made up from tables: everything, only what is required, or anything, with what is hard to carry in each
//! representation.
//!
//! In: a type and a slot. Out: a value that every representation must carry unchanged, the same in every run.
//! Not here: what the codecs document as lost (types inside opaque and dynamic values).

use super::random::{NOT_IN_XML, Random};
use crate::data::{Added, Data, Slot, Structure};
use crate::table::{EnumerationTable, Field, OperationTable, StructureTable, Ty, Usage};
use crate::{DateTime, DynamicStructure, Value};

/// Texts that need escaping somewhere, or are easily trimmed, normalised or lost.
const TEXTS: [&str; 7] = [
    "string",
    " blanks at both ends ",
    "<&>\"'%+=;&amp;]]>?#/",
    "\u{e9}\u{4e2d}\u{1F600} e\u{301}",
    "two\nlines\tand\r\nmore",
    "",
    "true",
];
/// Identifiers also stand in paths, where they cannot be empty.
const IDS: [&str; 3] = ["obj-103", "a/b c~{d}?e=f&g#h%25+\u{fc}", ".."];
const URIS: [&str; 2] = ["http://myurl.com", "ds:///vmfs/volumes/1/a%20b?c=d&e=f#g"];
const LONGS: [i64; 5] = [10, i64::MIN, i64::MAX, 0, -1];
const DOUBLES: [f64; 5] = [1.5, f64::MAX, -5e-324, 0.1, 1e21];
const BINARIES: [&[u8]; 3] = [b"binary", &[0, 255, 16, 62, 63], &[]];
const INSTANTS_MS: [i64; 4] = [1_370_556_785_000, 1_370_556_785_651, -1, 253_402_300_799_999];

/// How often a structure may stand in itself where anything may be set.
const N_NESTED_MAX: usize = 3;

/// Which of the possible values is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Optionals unset, lists empty.
    Least,
    /// Everything set; the number turns through the values of scalars and enumerations and the cases of unions.
    Most(usize),
    /// Whatever follows from the seed: optionals set or not, lists of any length up to three, any scalars.
    Random(u64),
}

impl Filling {
    /// Enough to see every union case of the usual structures.
    pub const ALL: [Filling; 5] =
        [Filling::Least, Filling::Most(0), Filling::Most(1), Filling::Most(2), Filling::Most(3)];
}

/// A value of a type.
#[must_use]
pub fn fill<T: Data>(ty: &Ty, filling: Filling) -> T {
    let mut value = T::empty();
    Filler::new(filling).value(ty, value.slot());
    value
}

/// Fills a value of a type into its slot.
pub fn fill_value(ty: &Ty, slot: Slot<'_>, filling: Filling) {
    Filler::new(filling).value(ty, slot);
}

/// Fills the payload of an error.
pub(super) fn fill_structure(structure: &mut dyn Structure, filling: Filling) {
    Filler::new(filling).structure(structure);
}

/// Fills a structure with texts that XML cannot carry; returns how many there are.
pub(super) fn fill_with_control_characters(structure: &mut dyn Structure, filling: Filling) -> usize {
    let mut filler = Filler { n_control_texts: Some(0), ..Filler::new(filling) };
    filler.structure(structure);
    filler.n_control_texts.unwrap_or_default()
}

/// Fills the parameters of an operation, with what it needs of the models in them.
pub fn fill_parameters(operation: &OperationTable, input: &mut dyn Structure, filling: Filling) {
    Filler { usage: operation.usage(), ..Filler::new(filling) }.structure(input);
}

struct Filler {
    filling: Filling,
    n_scalars: usize,
    random: Random,
    /// Texts so far that XML cannot carry; none where there are to be none.
    n_control_texts: Option<usize>,
    /// What the value is for.
    usage: Option<Usage>,
    /// Structures that the value being made stands in.
    open: Vec<&'static StructureTable>,
}

/// What the unions of a structure say about a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    None,
    Set,
    Unset,
    /// The tag, with the number of the case it chooses; one too many is a value without a case.
    Tag(usize, usize),
}

impl Filler {
    fn new(filling: Filling) -> Filler {
        let (n_scalars, seed) = match filling {
            Filling::Least => (0, 0),
            Filling::Most(n) => (n, 0),
            Filling::Random(seed) => (0, seed),
        };
        let random = Random::new(seed);
        Filler { filling, n_scalars, random, n_control_texts: None, usage: None, open: Vec::new() }
    }

    /// The random values, where anything may be made.
    fn random(&mut self) -> Option<&mut Random> {
        matches!(self.filling, Filling::Random(_)).then_some(&mut self.random)
    }

    /// Whether something that can be left out is there.
    fn wants(&mut self) -> bool {
        match self.filling {
            Filling::Least => false,
            Filling::Most(_) => true,
            Filling::Random(_) => self.random.flip(),
        }
    }

    /// One of `n` alternatives that belong to the structure as a whole.
    fn turn(&mut self, n: usize) -> usize {
        match self.filling {
            Filling::Least => 0,
            Filling::Most(turn) => turn % n,
            Filling::Random(_) => self.random.below(n),
        }
    }

    /// One of `n` alternatives for a scalar.
    fn alternative(&mut self, n: usize) -> usize {
        self.n_scalars += 1;
        match self.random() {
            Some(random) => random.below(n),
            None => (self.n_scalars - 1) % n,
        }
    }

    fn next<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.alternative(values.len())]
    }

    fn value(&mut self, ty: &Ty, slot: Slot<'_>) {
        match slot {
            Slot::Void => {}
            Slot::Boolean(value) => *value = self.next(&[true, false]),
            Slot::Long(value) => *value = self.long(),
            Slot::Double(value) => *value = self.double(),
            Slot::Text(value) => *value = self.text(ty),
            Slot::Binary(value) => *value = self.binary(),
            Slot::DateTime(value) => *value = self.instant(),
            Slot::Enumeration(value) => match ty {
                Ty::Enumeration(table) => value.set(&self.enumeration(table)),
                other => panic!("an enumeration's slot for {other:?}"),
            },
            Slot::Structure(value) => self.structure(value),
            Slot::Dynamic(value) => *value = self.dynamic(),
            Slot::Opaque(value) => {
                let text = self.random().map(Random::text);
                *value = Value::Text(text.unwrap_or_else(|| "opaque <&> text".to_owned()));
            }
            Slot::Optional(value) => {
                let inner = ty.required();
                let is_wanted = self.wants();
                let is_set = is_wanted && !self.is_endless(inner);
                if is_set { self.value(inner, value.insert()) } else { value.clear() }
            }
            Slot::List(list) => {
                let (Ty::List(element) | Ty::Set(element)) = ty else { panic!("a list's slot for {ty:?}") };
                for element_idx in 0..self.n_elements(element) {
                    // A set may have the element already.
                    let _added: Added = list.add(&mut |slot| {
                        match slot {
                            Slot::Optional(value) if element_idx == 1 => value.clear(),
                            slot => self.value(element, slot),
                        }
                        true
                    });
                }
            }
            Slot::Map(map) => {
                let Ty::Map(key, value) = ty else { panic!("a map's slot for {ty:?}") };
                for _ in 0..self.n_elements(value) {
                    let _added: Added = map.add(&mut |key_data, value_data| {
                        self.value(key, key_data.slot());
                        self.value(value, value_data.slot());
                        true
                    });
                }
            }
        }
    }

    /// Two, so that an order shows; the second is unset where it may be.
    fn n_elements(&mut self, element: &Ty) -> usize {
        match self.filling {
            Filling::Least => 0,
            Filling::Most(_) if self.is_endless(element.required()) => 0,
            Filling::Most(_) => 2,
            Filling::Random(_) if self.is_endless(element.required()) => 0,
            Filling::Random(_) => self.random.below(4),
        }
    }

    fn long(&mut self) -> i64 {
        match self.random() {
            Some(random) => random.long(),
            None => self.next(&LONGS),
        }
    }

    fn double(&mut self) -> f64 {
        match self.random() {
            Some(random) => random.double(),
            None => self.next(&DOUBLES),
        }
    }

    fn binary(&mut self) -> Vec<u8> {
        match self.random() {
            Some(random) => random.binary(),
            None => self.next(&BINARIES).to_vec(),
        }
    }

    fn instant(&mut self) -> DateTime {
        match self.random() {
            Some(random) => random.instant(),
            None => DateTime::from_unix_ms(self.next(&INSTANTS_MS)).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }

    fn text(&mut self, ty: &Ty) -> String {
        if let Some(n_control_texts) = &mut self.n_control_texts {
            let c = NOT_IN_XML[*n_control_texts % NOT_IN_XML.len()];
            *n_control_texts += 1;
            return format!("a{c}{n_control_texts}");
        }
        if let Some(random) = self.random() {
            return random.text();
        }
        let text = match ty {
            Ty::Id => self.next(&IDS),
            Ty::Uri => self.next(&URIS),
            _ => self.next(&TEXTS),
        };
        text.to_owned()
    }

    /// A declared value, or one that only a newer peer knows.
    fn enumeration(&mut self, table: &'static EnumerationTable) -> String {
        let value_idx = self.alternative(table.values.len() + 1);
        match (table.values.get(value_idx), self.random()) {
            (Some(value), _) => (*value).to_owned(),
            (None, Some(random)) => random.text(),
            (None, None) => "UNHEARD_OF".to_owned(),
        }
    }

    fn dynamic(&mut self) -> DynamicStructure {
        if let Some(random) = self.random() {
            return random.dynamic();
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let fields = [("first", text("<1>")), ("second", text(" 2 "))];
        DynamicStructure {
            name: (self.turn(2) == 1).then(|| "com.vmware.dynamic".to_owned()),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        }
    }

    fn structure(&mut self, structure: &mut dyn Structure) {
        let table = structure.table();
        self.open.push(table);
        for (field_idx, rule) in self.rules(table).into_iter().enumerate() {
            let Field { ty, needed_by, .. } = &table.fields[field_idx];
            let is_needed = self.usage.is_some_and(|usage| needed_by.is_some_and(|by| by.includes(usage)));
            let rule = if rule == Rule::None && is_needed { Rule::Set } else { rule };
            match (rule, structure.field_mut(field_idx)) {
                (Rule::Unset, Slot::Optional(value)) => value.clear(),
                (Rule::Set, Slot::Optional(value)) => self.value(ty.required(), value.insert()),
                (Rule::Tag(union_idx, case_idx), slot) => {
                    let case = table.unions[union_idx].cases.get(case_idx);
                    set_tag(slot, case.map_or("UNHEARD_OF", |case| case.value));
                }
                (_, slot) => self.value(ty, slot),
            }
        }
        self.open.pop();
    }

    /// The tag takes the case whose turn it is; what goes with other cases is unset. Where anything may be made, the tag may
    /// also be unset or have a value that no case is made for.
    fn rules(&mut self, table: &StructureTable) -> Vec<Rule> {
        let mut rules = vec![Rule::None; table.fields.len()];
        for (union_idx, union) in table.unions.iter().enumerate() {
            let tag = usize::from(union.tag);
            for case in union.cases {
                for &field_idx in case.requires.iter().chain(case.allows) {
                    rules[usize::from(field_idx)] = Rule::Unset;
                }
            }
            let is_wanted = self.wants();
            let has_tag = is_wanted || !table.fields[tag].ty.is_optional();
            if union.cases.is_empty() || !has_tag {
                rules[tag] = Rule::Unset;
                continue;
            }
            let n_without_case = usize::from(self.random().is_some());
            let case_idx = self.turn(union.cases.len() + n_without_case);
            rules[tag] = Rule::Tag(union_idx, case_idx);
            let Some(case) = union.cases.get(case_idx) else { continue };
            for &field_idx in case.requires {
                rules[usize::from(field_idx)] = Rule::Set;
            }
            for &field_idx in case.allows {
                rules[usize::from(field_idx)] = Rule::None;
            }
        }
        rules
    }

    /// Whether a value of the type would hold a structure that is being made.
    fn is_endless(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Structure(table) => {
                let n_open = self.open.iter().filter(|open| std::ptr::eq(**open, table.table())).count();
                n_open >= if matches!(self.filling, Filling::Random(_)) { N_NESTED_MAX } else { 1 }
            }
            Ty::List(inner) | Ty::Set(inner) | Ty::Map(_, inner) | Ty::Optional(inner) => {
                self.is_endless(inner)
            }
            _ => false,
        }
    }
}

fn set_tag(slot: Slot<'_>, value: &str) {
    match slot {
        Slot::Optional(optional) => set_tag(optional.insert(), value),
        Slot::Enumeration(enumeration) => enumeration.set(value),
        Slot::Text(text) => value.clone_into(text),
        other => panic!("a tag's slot is {}", other.kind()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn values_are_made_from_types() {
        const LIST: Ty = Ty::List(&Ty::String);
        let least: Vec<String> = fill(&LIST, Filling::Least);
        assert!(least.is_empty());
        let most: Vec<String> = fill(&LIST, Filling::Most(1));
        assert_eq!(most, [TEXTS[1], TEXTS[2]]);
        const MAP: Ty = Ty::Map(&Ty::Long, &Ty::Optional(&Ty::Boolean));
        let map: BTreeMap<i64, Option<bool>> = fill(&MAP, Filling::Most(0));
        assert_eq!(map, BTreeMap::from([(10, Some(false)), (i64::MAX, Some(false))]));
    }

    #[test]
    fn anything_is_made_of_seeds() {
        const TY: Ty = Ty::Optional(&Ty::List(&Ty::Long));
        let made = (0..100).map(|seed| fill::<Option<Vec<i64>>>(&TY, Filling::Random(seed)));
        let lengths: BTreeSet<Option<usize>> = made.map(|made| made.map(|list| list.len())).collect();
        assert_eq!(lengths, [None, Some(0), Some(1), Some(2), Some(3)].into());
    }

    #[test]
    fn a_value_is_the_same_every_time() {
        const SET: Ty = Ty::List(&Ty::DateTime);
        let make = || fill::<Vec<DateTime>>(&SET, Filling::Most(2));
        assert_eq!(make(), make());
    }
}
