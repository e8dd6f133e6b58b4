//! The standard errors of the parcel service as the generator would write them, by hand; and what a structure consists of.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "in a crate of its own this would be public, with docs from its spec"
)]

use vapi_runtime::DynamicStructure;
use vapi_runtime::codegen;

/// A structure's type, table and access; the generator writes them out.
macro_rules! structure {
    ($name:ident, $table:ident = $wire:literal { $($idx:literal $field:ident: $rust:ty = $ty:expr $(=> $mark:ident)?),* }
        by_name $by_name:expr, page_order $page_order:expr) => {
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(pub $field: $rust,)*
        }

        pub(crate) static $table: codegen::StructureTable = codegen::StructureTable {
            name: $wire,
            fields: &[$(codegen::Field::new(stringify!($field), $ty)$(.$mark())?,)*],
            by_name: &$by_name,
            page_order: &$page_order,
            unions: &[],
            source: "spec/store/parcel.yaml:1",
        };

        impl codegen::Structure for $name {
            fn table(&self) -> &'static codegen::StructureTable {
                &$table
            }
            fn field(&self, field_idx: usize) -> codegen::View<'_> {
                match field_idx {
                    $($idx => codegen::Data::view(&self.$field),)*
                    _ => codegen::no_such_field(&$table, field_idx),
                }
            }
            fn field_mut(&mut self, field_idx: usize) -> codegen::Slot<'_> {
                match field_idx {
                    $($idx => codegen::Data::slot(&mut self.$field),)*
                    _ => codegen::no_such_field(&$table, field_idx),
                }
            }
            fn blank() -> Self {
                Self { $($field: codegen::Data::empty(),)* }
            }
        }
    };
}

pub(crate) use structure;

structure! {
    LocalizableMessage, LOCALIZABLE_MESSAGE = "com.vmware.vapi.std.localizable_message" {
        0 id: String = codegen::Ty::String,
        1 default_message: String = codegen::Ty::String,
        2 args: Vec<String> = codegen::Ty::List(&codegen::Ty::String)
    } by_name [2, 1, 0], page_order [1, 0, 2]
}

structure! {
    NotFound, NOT_FOUND = "com.vmware.vapi.std.errors.not_found" {
        0 messages: Vec<LocalizableMessage> = codegen::Ty::List(&codegen::Ty::Structure(&LOCALIZABLE_MESSAGE)),
        1 data: Option<DynamicStructure> = codegen::Ty::Optional(&codegen::Ty::DynamicStructure)
    } by_name [1, 0], page_order [1, 0]
}

structure! {
    ResourceBusy, RESOURCE_BUSY = "com.vmware.vapi.std.errors.resource_busy" {
        0 messages: Vec<LocalizableMessage> = codegen::Ty::List(&codegen::Ty::Structure(&LOCALIZABLE_MESSAGE)),
        1 data: Option<DynamicStructure> = codegen::Ty::Optional(&codegen::Ty::DynamicStructure)
    } by_name [1, 0], page_order [1, 0]
}

impl LocalizableMessage {
    pub fn new(id: impl Into<String>, default_message: impl Into<String>, args: Vec<String>) -> Self {
        Self { id: id.into(), default_message: default_message.into(), args }
    }
}

impl NotFound {
    pub fn new(messages: Vec<LocalizableMessage>) -> Self {
        Self { messages, data: None }
    }
}

impl ResourceBusy {
    pub fn new(messages: Vec<LocalizableMessage>) -> Self {
        Self { messages, data: None }
    }
}

impl codegen::ErrorCase for NotFound {}
impl codegen::ErrorCase for ResourceBusy {}
