//! The standard errors of the parcel service as the generator would write them, by hand.
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "in a crate of its own this would be public, with docs from its spec"
)]

use vapi_runtime::DynamicStructure;
use vapi_runtime::codegen::{self, Ty, Written};

#[non_exhaustive]
pub struct LocalizableMessage {
    pub id: String,
    pub default_message: String,
    pub args: Vec<String>,
}

codegen::structure!(LocalizableMessage, LOCALIZABLE_MESSAGE, id, default_message, args);

pub(crate) static LOCALIZABLE_MESSAGE: Written<codegen::StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.localizable_message
    source spec/store/parcel.yaml:1
    id: string
    default_message: string
    args: List<string>
    pages default_message id args
    ",
    &[],
);

#[non_exhaustive]
pub struct NotFound {
    pub messages: Vec<LocalizableMessage>,
    pub data: Option<DynamicStructure>,
}

codegen::structure!(NotFound, NOT_FOUND, messages, data);

pub(crate) static NOT_FOUND: Written<codegen::StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.errors.not_found
    source spec/store/parcel.yaml:1
    messages: List<com.vmware.vapi.std.localizable_message>
    data: dynamic_structure?
    pages data messages
    ",
    &[Ty::Structure(&LOCALIZABLE_MESSAGE)],
);

#[non_exhaustive]
pub struct ResourceBusy {
    pub messages: Vec<LocalizableMessage>,
    pub data: Option<DynamicStructure>,
}

codegen::structure!(ResourceBusy, RESOURCE_BUSY, messages, data);

pub(crate) static RESOURCE_BUSY: Written<codegen::StructureTable> = Written::new(
    "
    structure com.vmware.vapi.std.errors.resource_busy
    source spec/store/parcel.yaml:1
    messages: List<com.vmware.vapi.std.localizable_message>
    data: dynamic_structure?
    pages data messages
    ",
    &[Ty::Structure(&LOCALIZABLE_MESSAGE)],
);

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
