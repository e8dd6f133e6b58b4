//! Structures written by hand as the generator would write them: one with every type, one with a union, and those of the
//! reference pages.
//!
//! The fuzz targets use this file too.

#![allow(unreachable_pub, dead_code, reason = "written as the generator writes, for more than one crate")]

use std::collections::{BTreeMap, BTreeSet};

use vapi_runtime::codegen::{
    Data, EnumerationTable, NoDeclaredError, OperationTable, Slot, Structure, StructureTable, Ty, View,
    Written,
};
use vapi_runtime::{DateTime, DynamicStructure, Id, Operation, Resource, Secret, Uri, Value};

/// Declares a structure with its table; fields must come with their numbers. With an operation it is its parameters too.
macro_rules! structure {
    (
        $name:ident, $table:ident, $canonical:literal, [$($named:expr),*], $more:literal,
        { $($idx:literal $field:ident: $rust:ty => $ty:literal,)* }
        $($operation:ident $head:literal $tail:literal)*
    ) => {
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $(pub $field: $rust,)* }

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

        pub static $table: Written<StructureTable> = Written::new(
            concat!("structure ", $canonical, "\n", $(stringify!($field), ": ", $ty, "\n",)* $more),
            &[$($named),*],
        );

        structure!(@ [$($named),*] $more { $($field $ty)* } $($operation $head $tail)*);
    };
    (@ $named:tt $more:literal $fields:tt) => {};
    (@ [$($named:expr),*] $more:literal { $($field:ident $ty:literal)* } $operation:ident $head:literal $tail:literal $($rest:tt)*) => {
        pub static $operation: Written<OperationTable> = Written::new(
            concat!("operation ", $head, "\n", $(stringify!($field), ": ", $ty, "\n",)* $more, "\n", $tail),
            &[$($named),*],
        );

        structure!(@ [$($named),*] $more { $($field $ty)* } $($rest)*);
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
    Inner, INNER, "test.inner", [Ty::Structure(&INNER)],
    "",
    {
        0 name: Option<String> => "string?",
        1 child: Option<Box<Inner>> => "test.inner?",
        2 numbers: Option<Vec<i64>> => "List<long>?",
    }
);

// Every type, required and optional, and what can stand inside what.
structure!(
    Everything, EVERYTHING, "test.everything",
    [Ty::Structure(&EVERYTHING), Ty::Enumeration(&COLOR), Ty::Structure(&INNER)],
    "",
    {
        0 flag: bool => "boolean",
        1 count: i64 => "long",
        2 ratio: f64 => "double",
        3 text: String => "string",
        4 token: Secret => "secret",
        5 blob: Vec<u8> => "binary",
        6 at: DateTime => "date_time",
        7 link: Uri => "URI",
        8 owner: OwnerId => "ID",
        9 color: Color => "test.color",
        10 inner: Inner => "test.inner",
        11 anything: DynamicStructure => "dynamic_structure",
        12 error: DynamicStructure => "error",
        13 opaque: Value => "opaque",
        14 list: Vec<String> => "List<string>",
        15 nested: Vec<Vec<i64>> => "List<List<long>>",
        16 gaps: Vec<Option<String>> => "List<string?>",
        17 set: BTreeSet<i64> => "Set<long>",
        18 colors: BTreeSet<Color> => "Set<test.color>",
        19 map: BTreeMap<String, Inner> => "Map<string, test.inner>",
        20 lists: BTreeMap<OwnerId, Vec<i64>> => "Map<ID, List<long>>",
        21 maybe_text: Option<String> => "string?",
        22 maybe_list: Option<Vec<Inner>> => "List<test.inner>?",
        23 maybe_flags: Option<BTreeMap<i64, Option<bool>>> => "Map<long, boolean?>?",
        24 maybe_inner: Option<Inner> => "test.inner?",
        25 maybe_at: Option<DateTime> => "date_time?",
        26 maybe_value: Option<Value> => "opaque?",
        27 maybe_any: Option<DynamicStructure> => "dynamic_structure?",
    }
    EVERYTHING_OPERATION "everything com.vmware.test" "
        result test.everything?
        xml http://vmware.com/test Everything-Input Everything-Result
    "
);

pub struct EverythingOperation;

impl Operation for EverythingOperation {
    type Input = Everything;
    type Output = Option<Everything>;
    type Error = NoDeclaredError;
    const TABLE: &'static Written<OperationTable> = &EVERYTHING_OPERATION;
}

// `state` decides: ACTIVE may have `note`, ERROR must have `reason`, DONE has neither.
structure!(
    Choice, CHOICE, "test.choice", [Ty::Enumeration(&STATE)],
    "union state ACTIVE allows note\nunion state ERROR requires reason\nunion state DONE",
    {
        0 state: Option<State> => "test.state?",
        1 note: Option<String> => "string?",
        2 reason: Option<i64> => "long?",
    }
);

// A query below `/api`: a structure whose fields stand without its name, lists, a set, and one that stands elsewhere.
structure!(
    Filter, FILTER, "test.filter", [Ty::Structure(&INNER)],
    "",
    {
        0 since: Option<DateTime> => "date_time?",
        1 link: Option<Uri> => "URI?",
        2 numbers: Option<Vec<i64>> => "List<long>?",
        3 labels: Option<BTreeMap<String, i64>> => "Map<string, long>?",
        4 inner: Option<Inner> => "test.inner?",
    }
);

structure!(
    Search, SEARCH, "operation-input", [Ty::Structure(&FILTER), Ty::Enumeration(&COLOR)],
    "",
    {
        0 filter: Option<Filter> => "test.filter?",
        1 names: Vec<String> => "List<string>",
        2 colors: Option<BTreeSet<Color>> => "Set<test.color>?",
        3 exact: bool => "boolean",
        4 id: String => "string",
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
    LocalizableMessage, LOCALIZABLE_MESSAGE, "com.vmware.vapi.std.localizable_message", [],
    "pages default_message id args",
    {
        0 id: String => "string",
        1 default_message: String => "string",
        2 args: Vec<String> => "List<string>",
    }
);

structure!(
    UpdateSessionModel, UPDATE_SESSION_MODEL, "com.vmware.content.library.item.update_session_model", [Ty::Structure(&LOCALIZABLE_MESSAGE), Ty::Enumeration(&STATE)],
    "pages id library_item_id client_progress error_message state expiration_time library_item_content_version",
    {
        0 id: Option<UpdateSessionId> => "ID?",
        1 library_item_id: Option<ItemId> => "ID?",
        2 library_item_content_version: Option<String> => "string?",
        3 error_message: Option<LocalizableMessage> => "com.vmware.vapi.std.localizable_message?",
        4 client_progress: Option<i64> => "long?",
        5 state: Option<State> => "test.state?",
        6 expiration_time: Option<DateTime> => "date_time?",
    }
);

structure!(
    FailInput, FAIL_INPUT, "operation-input",
    [Ty::Structure(&NOT_FOUND), Ty::Structure(&UPDATE_SESSION_MODEL)],
    "pages client_error_message update_session_id",
    {
        0 update_session_id: UpdateSessionId => "ID",
        1 client_error_message: String => "string",
    }
    FAIL "fail com.vmware.content.library.item.update_session" "
        result VOID
        error 404 com.vmware.vapi.std.errors.not_found
        xml http://vmware.com/content/library/item/update_session Fail-Input Fail-Result
    "
    GET "get com.vmware.content.library.item.update_session" "
        result com.vmware.content.library.item.update_session_model
        xml http://vmware.com/content/library/item/update_session Get-Input Get-Result
    "
    LIST "list com.vmware.content.library.item.update_session" "
        result List<ID>
        xml http://vmware.com/content/library/item/update_session List-Input List-Result
    "
);

structure!(
    CreateInput, CREATE_INPUT, "operation-input", [Ty::Structure(&UPDATE_SESSION_MODEL)],
    "pages create_spec client_token",
    {
        0 client_token: Option<String> => "string?",
        1 create_spec: UpdateSessionModel => "com.vmware.content.library.item.update_session_model",
    }
    CREATE "create com.vmware.content.library.item.update_session" "
        result ID
        xml http://vmware.com/content/library/item/update_session Create-Input Create-Result
    "
);

structure!(
    NotFound, NOT_FOUND, "com.vmware.vapi.std.errors.not_found", [Ty::Structure(&LOCALIZABLE_MESSAGE)],
    "pages data messages",
    {
        0 messages: Vec<LocalizableMessage> => "List<com.vmware.vapi.std.localizable_message>",
        1 data: Option<DynamicStructure> => "dynamic_structure?",
    }
);

pub enum FailError {
    NotFound(NotFound),
}

vapi_runtime::codegen::operation_error!(FailError, 0 NotFound);

pub struct Fail;

impl Operation for Fail {
    type Input = FailInput;
    type Output = ();
    type Error = FailError;
    const TABLE: &'static Written<OperationTable> = &FAIL;
}

impl Inner {
    pub fn named(name: &str) -> Inner {
        Inner { name: Some(name.to_owned()), ..Inner::empty() }
    }
}
