//! Values made up from tables: everything or only what is required, with what is hard to carry in each representation.
//!
//! In: a type and a slot. Out: a value that every representation must carry unchanged, the same in every run.
//! Not here: what the codecs document as lost (types inside opaque and dynamic values).

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

/// Which of the possible values is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// Optionals unset, lists empty.
    Least,
    /// Everything set; the number turns through the values of scalars and enumerations and the cases of unions.
    Most(usize),
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

/// Fills the payload of an error.
pub(super) fn fill_structure(structure: &mut dyn Structure, filling: Filling) {
    Filler::new(filling).structure(structure);
}

/// Fills the parameters of an operation, with what it needs of the models in them.
pub(super) fn fill_parameters(operation: &OperationTable, input: &mut dyn Structure, filling: Filling) {
    Filler { usage: operation.usage(), ..Filler::new(filling) }.structure(input);
}

struct Filler {
    filling: Filling,
    n_scalars: usize,
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
    /// The tag, with the number of the case it chooses.
    Tag(usize, usize),
}

impl Filler {
    fn new(filling: Filling) -> Filler {
        let n_scalars = match filling {
            Filling::Least => 0,
            Filling::Most(n) => n,
        };
        Filler { filling, n_scalars, usage: None, open: Vec::new() }
    }

    fn turn(&self) -> usize {
        match self.filling {
            Filling::Least => 0,
            Filling::Most(turn) => turn,
        }
    }

    fn next<T: Copy>(&mut self, values: &[T]) -> T {
        self.n_scalars += 1;
        values[(self.n_scalars - 1) % values.len()]
    }

    fn value(&mut self, ty: &Ty, slot: Slot<'_>) {
        match slot {
            Slot::Void => {}
            Slot::Boolean(value) => *value = self.next(&[true, false]),
            Slot::Long(value) => *value = self.next(&LONGS),
            Slot::Double(value) => *value = self.next(&DOUBLES),
            Slot::Text(value) => *value = self.text(ty).to_owned(),
            Slot::Binary(value) => *value = self.next(&BINARIES).to_vec(),
            Slot::DateTime(value) => {
                let unix_ms = self.next(&INSTANTS_MS);
                *value = DateTime::from_unix_ms(unix_ms).unwrap_or(DateTime::UNIX_EPOCH);
            }
            Slot::Enumeration(value) => match ty {
                Ty::Enumeration(table) => value.set(self.enumeration(table)),
                other => panic!("an enumeration's slot for {other:?}"),
            },
            Slot::Structure(value) => self.structure(value),
            Slot::Dynamic(value) => *value = self.dynamic(),
            Slot::Opaque(value) => *value = Value::Text("opaque <&> text".to_owned()),
            Slot::Optional(value) => {
                let inner = ty.required();
                let is_set = self.filling != Filling::Least && !self.is_endless(inner);
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
    fn n_elements(&self, element: &Ty) -> usize {
        match self.filling {
            Filling::Least => 0,
            Filling::Most(_) if self.is_endless(element.required()) => 0,
            Filling::Most(_) => 2,
        }
    }

    fn text(&mut self, ty: &Ty) -> &'static str {
        match ty {
            Ty::Id => self.next(&IDS),
            Ty::Uri => self.next(&URIS),
            _ => self.next(&TEXTS),
        }
    }

    /// A declared value, or one that only a newer peer knows.
    fn enumeration(&mut self, table: &'static EnumerationTable) -> &'static str {
        self.n_scalars += 1;
        table.values.get((self.n_scalars - 1) % (table.values.len() + 1)).unwrap_or(&"UNHEARD_OF")
    }

    fn dynamic(&self) -> DynamicStructure {
        let text = |text: &str| Value::Text(text.to_owned());
        let fields = [("first", text("<1>")), ("second", text(" 2 "))];
        DynamicStructure {
            name: (self.turn() % 2 == 1).then(|| "com.vmware.dynamic".to_owned()),
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
                    let value = table.unions[union_idx].cases[case_idx].value;
                    set_tag(slot, value);
                }
                (_, slot) => self.value(ty, slot),
            }
        }
        self.open.pop();
    }

    /// The tag takes the case whose turn it is; what goes with other cases is unset.
    fn rules(&self, table: &StructureTable) -> Vec<Rule> {
        let mut rules = vec![Rule::None; table.fields.len()];
        for (union_idx, union) in table.unions.iter().enumerate() {
            let tag = usize::from(union.tag);
            for case in union.cases {
                for &field_idx in case.requires.iter().chain(case.allows) {
                    rules[usize::from(field_idx)] = Rule::Unset;
                }
            }
            let has_tag = self.filling != Filling::Least || !table.fields[tag].ty.is_optional();
            if union.cases.is_empty() || !has_tag {
                continue;
            }
            let case_idx = self.turn() % union.cases.len();
            rules[tag] = Rule::Tag(union_idx, case_idx);
            let case = &union.cases[case_idx];
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
            Ty::Structure(table) => self.open.iter().any(|open| std::ptr::eq(*open, *table)),
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
    use std::collections::BTreeMap;

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
    fn a_value_is_the_same_every_time() {
        const SET: Ty = Ty::List(&Ty::DateTime);
        let make = || fill::<Vec<DateTime>>(&SET, Filling::Most(2));
        assert_eq!(make(), make());
    }
}
