//! Structures written by hand as the generator would write them: one with every type, one with a union, and those of the
//! reference pages.
//!
//! The fuzz targets use this file too.

#![allow(unreachable_pub, dead_code, reason = "written as the generator writes, for more than one crate")]

use std::collections::{BTreeMap, BTreeSet};

use vapi_runtime::codegen::Releases;
use vapi_runtime::codegen::{
    Data, EnumerationTable, ErrorTable, Field, NoDeclaredError, OperationTable, Slot, Structure,
    StructureTable, Ty, Union, UnionCase, View,
};
use vapi_runtime::{DateTime, DynamicStructure, Id, Operation, Resource, Secret, Uri, Value};

/// Declares a structure with its table; fields must come with their numbers.
macro_rules! structure {
    (
        $name:ident, $table:ident, $canonical:literal,
        by_name $by_name:expr, page_order $page_order:expr, unions $unions:expr,
        { $($idx:literal $field:ident: $rust:ty => $ty:expr,)* }
    ) => {
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $(pub $field: $rust,)* }

        pub static $table: StructureTable = StructureTable {
            name: $canonical,
            fields: &[$(Field::new(stringify!($field), $ty),)*],
            by_name: &$by_name,
            page_order: &$page_order,
            unions: $unions,
            source: "written by hand",
        };

        impl Structure for $name {
            fn table(&self) -> &'static StructureTable {
                &$table
            }
            fn field(&self, field_idx: usize) -> View<'_> {
                match field_idx {
                    $($idx => self.$field.view(),)*
                    _ => vapi_runtime::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn field_mut(&mut self, field_idx: usize) -> Slot<'_> {
                match field_idx {
                    $($idx => self.$field.slot(),)*
                    _ => vapi_runtime::codegen::no_such_field(&$table, field_idx),
                }
            }
            fn blank() -> Self {
                Self { $($field: Data::empty(),)* }
            }
        }
    };
}

/// Declares an open enumeration.
macro_rules! enumeration {
    ($name:ident, $table:ident, $canonical:literal, { $($idx:literal $variant:ident = $wire:literal,)* }) => {
        #[derive(Clone)]
        pub enum $name { $($variant,)* Unrecognized(String) }

        pub static $table: EnumerationTable =
            EnumerationTable { name: $canonical, values: &[$($wire,)*], source: "written by hand" };

        vapi_runtime::codegen::enumeration!($name, $table $(, $idx $variant)*);
    };
}

/// Owner of everything.
pub type OwnerId = Id<Owner>;

/// The owner.
pub enum Owner {}

impl Resource for Owner {
    const TYPE: &'static str = "test.Owner";
}

enumeration!(Color, COLOR, "test.color", { 0 Red = "RED", 1 DarkBlue = "DARK_BLUE", });
enumeration!(State, STATE, "test.state", { 0 Active = "ACTIVE", 1 Done = "DONE", 2 Error = "ERROR", 3 Canceled = "CANCELED", });

structure!(
    Inner, INNER, "test.inner", by_name [1, 0, 2], page_order [0, 1, 2], unions &[],
    {
        0 name: Option<String> => Ty::Optional(&Ty::String),
        1 child: Option<Box<Inner>> => Ty::Optional(&Ty::Structure(&INNER)),
        2 numbers: Option<Vec<i64>> => Ty::Optional(&Ty::List(&Ty::Long)),
    }
);

// Every type, required and optional, and what can stand inside what.
structure!(
    Everything, EVERYTHING, "test.everything",
    by_name [11, 6, 5, 9, 18, 1, 12, 0, 16, 10, 7, 14, 20, 19, 27, 25, 23, 24, 22, 21, 26, 15, 13, 8, 2, 17, 3, 4],
    page_order [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
    unions &[],
    {
        0 flag: bool => Ty::Boolean,
        1 count: i64 => Ty::Long,
        2 ratio: f64 => Ty::Double,
        3 text: String => Ty::String,
        4 token: Secret => Ty::Secret,
        5 blob: Vec<u8> => Ty::Binary,
        6 at: DateTime => Ty::DateTime,
        7 link: Uri => Ty::Uri,
        8 owner: OwnerId => Ty::Id,
        9 color: Color => Ty::Enumeration(&COLOR),
        10 inner: Inner => Ty::Structure(&INNER),
        11 anything: DynamicStructure => Ty::DynamicStructure,
        12 error: DynamicStructure => Ty::AnyError,
        13 opaque: Value => Ty::Opaque,
        14 list: Vec<String> => Ty::List(&Ty::String),
        15 nested: Vec<Vec<i64>> => Ty::List(&Ty::List(&Ty::Long)),
        16 gaps: Vec<Option<String>> => Ty::List(&Ty::Optional(&Ty::String)),
        17 set: BTreeSet<i64> => Ty::Set(&Ty::Long),
        18 colors: BTreeSet<Color> => Ty::Set(&Ty::Enumeration(&COLOR)),
        19 map: BTreeMap<String, Inner> => Ty::Map(&Ty::String, &Ty::Structure(&INNER)),
        20 lists: BTreeMap<OwnerId, Vec<i64>> => Ty::Map(&Ty::Id, &Ty::List(&Ty::Long)),
        21 maybe_text: Option<String> => Ty::Optional(&Ty::String),
        22 maybe_list: Option<Vec<Inner>> => Ty::Optional(&Ty::List(&Ty::Structure(&INNER))),
        23 maybe_flags: Option<BTreeMap<i64, Option<bool>>> => Ty::Optional(&Ty::Map(&Ty::Long, &Ty::Optional(&Ty::Boolean))),
        24 maybe_inner: Option<Inner> => Ty::Optional(&Ty::Structure(&INNER)),
        25 maybe_at: Option<DateTime> => Ty::Optional(&Ty::DateTime),
        26 maybe_value: Option<Value> => Ty::Optional(&Ty::Opaque),
        27 maybe_any: Option<DynamicStructure> => Ty::Optional(&Ty::DynamicStructure),
    }
);

pub static EVERYTHING_OPERATION: OperationTable = OperationTable {
    service: "com.vmware.test",
    name: "everything",
    releases: Releases::ALL,
    input: &EVERYTHING,
    output: Ty::Optional(&Ty::Structure(&EVERYTHING)),
    privileges: &[],
    errors: &[],
    routes: &[],
    rest: None,
    xml_namespace: "http://vmware.com/test",
    xml_input: "Everything-Input",
    xml_result: "Everything-Result",
    source: "written by hand",
};

pub struct EverythingOperation;

impl Operation for EverythingOperation {
    type Input = Everything;
    type Output = Option<Everything>;
    type Error = NoDeclaredError;
    const TABLE: &'static OperationTable = &EVERYTHING_OPERATION;
}

// `state` decides: ACTIVE may have `note`, ERROR must have `reason`, DONE has neither.
structure!(
    Choice, CHOICE, "test.choice", by_name [1, 2, 0], page_order [0, 1, 2],
    unions &[Union {
        tag: 0,
        cases: &[
            UnionCase { value: "ACTIVE", requires: &[], allows: &[1] },
            UnionCase { value: "ERROR", requires: &[2], allows: &[] },
            UnionCase { value: "DONE", requires: &[], allows: &[] },
        ],
    }],
    {
        0 state: Option<State> => Ty::Optional(&Ty::Enumeration(&STATE)),
        1 note: Option<String> => Ty::Optional(&Ty::String),
        2 reason: Option<i64> => Ty::Optional(&Ty::Long),
    }
);

// A query below `/api`: a structure whose fields stand without its name, lists, a set, and one that stands elsewhere.
structure!(
    Filter, FILTER, "test.filter", by_name [4, 3, 1, 2, 0], page_order [0, 1, 2, 3, 4], unions &[],
    {
        0 since: Option<DateTime> => Ty::Optional(&Ty::DateTime),
        1 link: Option<Uri> => Ty::Optional(&Ty::Uri),
        2 numbers: Option<Vec<i64>> => Ty::Optional(&Ty::List(&Ty::Long)),
        3 labels: Option<BTreeMap<String, i64>> => Ty::Optional(&Ty::Map(&Ty::String, &Ty::Long)),
        4 inner: Option<Inner> => Ty::Optional(&Ty::Structure(&INNER)),
    }
);

structure!(
    Search, SEARCH, "operation-input", by_name [2, 3, 0, 4, 1], page_order [0, 1, 2, 3, 4], unions &[],
    {
        0 filter: Option<Filter> => Ty::Optional(&Ty::Structure(&FILTER)),
        1 names: Vec<String> => Ty::List(&Ty::String),
        2 colors: Option<BTreeSet<Color>> => Ty::Optional(&Ty::Set(&Ty::Enumeration(&COLOR))),
        3 exact: bool => Ty::Boolean,
        4 id: String => Ty::String,
    }
);

// The update session of the reference pages.
/// Identifier of an update session.
pub type UpdateSessionId = Id<UpdateSession>;

/// Update sessions.
pub enum UpdateSession {}

impl Resource for UpdateSession {
    const TYPE: &'static str = "com.vmware.content.library.item.UpdateSession";
}

/// Identifier of a library item.
pub type ItemId = Id<Item>;

/// Library items.
pub enum Item {}

impl Resource for Item {
    const TYPE: &'static str = "com.vmware.content.library.Item";
}

structure!(
    LocalizableMessage, LOCALIZABLE_MESSAGE, "com.vmware.vapi.std.localizable_message",
    by_name [2, 1, 0], page_order [1, 0, 2], unions &[],
    {
        0 id: String => Ty::String,
        1 default_message: String => Ty::String,
        2 args: Vec<String> => Ty::List(&Ty::String),
    }
);

structure!(
    UpdateSessionModel, UPDATE_SESSION_MODEL, "com.vmware.content.library.item.update_session_model",
    by_name [4, 3, 6, 0, 2, 1, 5], page_order [0, 1, 4, 3, 5, 6, 2], unions &[],
    {
        0 id: Option<UpdateSessionId> => Ty::Optional(&Ty::Id),
        1 library_item_id: Option<ItemId> => Ty::Optional(&Ty::Id),
        2 library_item_content_version: Option<String> => Ty::Optional(&Ty::String),
        3 error_message: Option<LocalizableMessage> => Ty::Optional(&Ty::Structure(&LOCALIZABLE_MESSAGE)),
        4 client_progress: Option<i64> => Ty::Optional(&Ty::Long),
        5 state: Option<State> => Ty::Optional(&Ty::Enumeration(&STATE)),
        6 expiration_time: Option<DateTime> => Ty::Optional(&Ty::DateTime),
    }
);

structure!(
    FailInput, FAIL_INPUT, "operation-input", by_name [1, 0], page_order [1, 0], unions &[],
    {
        0 update_session_id: UpdateSessionId => Ty::Id,
        1 client_error_message: String => Ty::String,
    }
);

structure!(
    CreateInput, CREATE_INPUT, "operation-input", by_name [0, 1], page_order [1, 0], unions &[],
    {
        0 client_token: Option<String> => Ty::Optional(&Ty::String),
        1 create_spec: UpdateSessionModel => Ty::Structure(&UPDATE_SESSION_MODEL),
    }
);

structure!(
    NotFound, NOT_FOUND, "com.vmware.vapi.std.errors.not_found", by_name [1, 0], page_order [1, 0], unions &[],
    {
        0 messages: Vec<LocalizableMessage> => Ty::List(&Ty::Structure(&LOCALIZABLE_MESSAGE)),
        1 data: Option<DynamicStructure> => Ty::Optional(&Ty::DynamicStructure),
    }
);

const fn update_session_operation(
    name: &'static str,
    input: &'static StructureTable,
    output: Ty,
    roots: (&'static str, &'static str),
) -> OperationTable {
    OperationTable {
        service: "com.vmware.content.library.item.update_session",
        name,
        releases: Releases::ALL,
        input,
        output,
        privileges: &[],
        errors: &[],
        routes: &[],
        rest: None,
        xml_namespace: "http://vmware.com/content/library/item/update_session",
        xml_input: roots.0,
        xml_result: roots.1,
        source: "written by hand",
    }
}

pub static FAIL: OperationTable = OperationTable {
    errors: &[ErrorTable::new(404, &NOT_FOUND)],
    ..update_session_operation("fail", &FAIL_INPUT, Ty::Void, ("Fail-Input", "Fail-Result"))
};

pub enum FailError {
    NotFound(NotFound),
}

vapi_runtime::codegen::operation_error!(FailError, FAIL, 0 NotFound);

pub struct Fail;

impl Operation for Fail {
    type Input = FailInput;
    type Output = ();
    type Error = FailError;
    const TABLE: &'static OperationTable = &FAIL;
}

pub static CREATE: OperationTable =
    update_session_operation("create", &CREATE_INPUT, Ty::Id, ("Create-Input", "Create-Result"));
pub static GET: OperationTable = update_session_operation(
    "get",
    &FAIL_INPUT,
    Ty::Structure(&UPDATE_SESSION_MODEL),
    ("Get-Input", "Get-Result"),
);
pub static LIST: OperationTable =
    update_session_operation("list", &FAIL_INPUT, Ty::List(&Ty::Id), ("List-Input", "List-Result"));

impl Inner {
    pub fn named(name: &str) -> Inner {
        Inner { name: Some(name.to_owned()), ..Inner::empty() }
    }
}
