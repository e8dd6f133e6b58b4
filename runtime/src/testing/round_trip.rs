//! Every type on its own: generated values through every representation and back.
//!
//! In: a structure or an enumeration of the generated crate. Out: nothing, or a panic that shows the value, the bytes and the
//! representation. Values follow from seeds, so a failure comes again in the next run.
//! Not here: operations, which the loopback matrix calls.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use super::filling::{Filling, fill_structure, fill_with_control_characters};
use crate::codec::{
    DecodeError, DecodeOptions, Dialect, EncodeError, EncodeOptions, EncodeReason, Layout, form, json,
    json_rpc, xml,
};
use crate::data::{Data, Enumeration, Slot, Structure, View};
use crate::table::{Field, StructureTable, Ty};

/// Seeds that every type is tried with, beside the values of the loopback matrix.
const N_SEEDS: u64 = 16;

/// Generated values of a structure survive every representation, and what a representation cannot carry it refuses.
///
/// # Panics
/// When one does not.
pub fn check_structure<T: Structure + PartialEq + 'static>() {
    for filling in Filling::ALL.into_iter().chain((0..N_SEEDS).map(Filling::Random)) {
        let mut value = T::empty();
        fill_structure(&mut value, filling);
        for carrier in Carrier::ALL {
            let bytes =
                carrier.write(&value).unwrap_or_else(|error| panic!("{carrier:?}: {error}: {value:#?}"));
            check_read(carrier, &bytes, &value);
        }
        check_control_characters::<T>(filling);
    }
}

/// Every value of an enumeration survives every representation, alone and as an element and a key; unknown ones too.
///
/// # Panics
/// When one does not.
pub fn check_enumeration<E: Enumeration + Ord + Clone + Debug>() {
    let known = E::TABLE.values.iter().map(|wire| E::from(wire));
    for value in known.chain(["UNHEARD_OF", "", " <&> \u{1F600}"].map(E::from)) {
        let wire = value.as_str().to_owned();
        assert_eq!(E::from(wire.as_str()), value, "{}: {wire}", E::TABLE.name);
        let holder = Holder {
            one: value.clone(),
            maybe: Some(value.clone()),
            list: vec![value.clone(), value.clone()],
            set: BTreeSet::from([value.clone()]),
            map: BTreeMap::from([(value.clone(), Some(value))]),
        };
        for carrier in Carrier::ALL {
            let bytes =
                carrier.write(&holder).unwrap_or_else(|error| panic!("{carrier:?}: {error}: {holder:?}"));
            check_read(carrier, &bytes, &holder);
        }
    }
    check_structure::<Holder<E>>();
}

/// Texts with control characters survive JSON and forms; XML refuses them and says which and where.
fn check_control_characters<T: Structure + PartialEq + 'static>(filling: Filling) {
    let mut value = T::empty();
    if fill_with_control_characters(&mut value, filling) == 0 {
        return;
    }
    for carrier in Carrier::ALL {
        match (carrier, carrier.write(&value)) {
            (Carrier::Xml(_), Err(EncodeError { path, reason: EncodeReason::Character(_) })) => {
                assert!(!path.is_empty(), "{value:#?}");
            }
            (Carrier::Json(..) | Carrier::JsonRpc | Carrier::Form, Ok(bytes)) => {
                check_read(carrier, &bytes, &value);
            }
            (_, other) => panic!("{carrier:?}: {other:?}: {value:#?}"),
        }
    }
}

fn check_read<T: Structure + PartialEq + 'static>(carrier: Carrier, bytes: &[u8], value: &T) {
    let mut read = T::empty();
    if let Err(error) = carrier.read(bytes, &mut read) {
        panic!("{carrier:?}: {error}: {value:#?}\n{}", String::from_utf8_lossy(bytes));
    }
    let text = String::from_utf8_lossy(bytes);
    assert!(read == *value, "{carrier:?}: wrote {value:#?}\nread {read:#?}\n{text}");
}

/// A representation, as far as it carries one structure.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    Json(Layout, Dialect),
    JsonRpc,
    Xml(Layout),
    Form,
}

impl Carrier {
    const ALL: [Carrier; 8] = [
        Carrier::Json(Layout::Compact, Dialect::Page2014),
        Carrier::Json(Layout::Page, Dialect::Page2014),
        Carrier::Json(Layout::Compact, Dialect::Legacy),
        Carrier::Json(Layout::Compact, Dialect::Rest),
        Carrier::JsonRpc,
        Carrier::Xml(Layout::Compact),
        Carrier::Xml(Layout::Page),
        Carrier::Form,
    ];

    fn write(self, value: &dyn Structure) -> Result<Vec<u8>, EncodeError> {
        match self {
            Carrier::Json(layout, dialect) => {
                json::encode_input(value, &[], &EncodeOptions { layout, dialect })
            }
            Carrier::JsonRpc => json_rpc::encode_structure(value),
            // Structures of every kind go into the envelope of errors; parameters would need an operation.
            Carrier::Xml(layout) => xml::encode_error(value.table().name, value, layout),
            Carrier::Form => form::encode_input(value, &[], Dialect::Page2014).map(String::into_bytes),
        }
    }

    fn read(self, bytes: &[u8], value: &mut dyn Structure) -> Result<(), DecodeError> {
        let dialect = match self {
            Carrier::Json(_, dialect) => dialect,
            Carrier::JsonRpc | Carrier::Xml(_) | Carrier::Form => Dialect::Page2014,
        };
        let options = DecodeOptions { dialect, ..DecodeOptions::default() };
        match self {
            Carrier::JsonRpc => json_rpc::decode_structure(bytes, value, &options),
            Carrier::Json(..) => json::decode_input(bytes, value, &[], &options).map(drop),
            Carrier::Xml(_) => xml::decode_error(bytes, value, &options),
            Carrier::Form => {
                let pairs = String::from_utf8_lossy(bytes);
                form::decode_input(&pairs, value, &[], &options).map(drop)
            }
        }
    }
}

/// An enumeration in each place where one can stand.
#[derive(Debug, PartialEq)]
struct Holder<E: Ord> {
    one: E,
    maybe: Option<E>,
    list: Vec<E>,
    set: BTreeSet<E>,
    map: BTreeMap<E, Option<E>>,
}

impl<E: Enumeration + Ord> Holder<E> {
    const TY: &'static Ty = &Ty::Enumeration(E::TABLE);

    const TABLE: &'static StructureTable = &StructureTable {
        name: "holder",
        fields: &[
            Field::new("one", Ty::Enumeration(E::TABLE)),
            Field::new("maybe", Ty::Optional(Self::TY)),
            Field::new("list", Ty::List(Self::TY)),
            Field::new("set", Ty::Set(Self::TY)),
            Field::new("map", Ty::Map(Self::TY, &Ty::Optional(Self::TY))),
        ],
        by_name: &[2, 4, 1, 0, 3],
        page_order: &[0, 1, 2, 3, 4],
        unions: &[],
        source: "runtime/src/testing/round_trip.rs",
    };
}

impl<E: Enumeration + Ord + Debug> Structure for Holder<E> {
    fn table(&self) -> &'static StructureTable {
        Self::TABLE
    }

    fn field(&self, field_idx: usize) -> View<'_> {
        match field_idx {
            0 => self.one.view(),
            1 => self.maybe.view(),
            2 => self.list.view(),
            3 => self.set.view(),
            _ => self.map.view(),
        }
    }

    fn field_mut(&mut self, field_idx: usize) -> Slot<'_> {
        match field_idx {
            0 => self.one.slot(),
            1 => self.maybe.slot(),
            2 => self.list.slot(),
            3 => self.set.slot(),
            _ => self.map.slot(),
        }
    }

    fn blank() -> Self {
        Holder {
            one: E::empty(),
            maybe: Option::empty(),
            list: Vec::empty(),
            set: BTreeSet::empty(),
            map: BTreeMap::empty(),
        }
    }
}
