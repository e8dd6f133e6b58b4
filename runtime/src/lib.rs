//! What the generated crate `vapi` stands on: values and tables, codecs, client and server.
//!
//! Knows no spec and no generator: everything about a particular API comes in as tables ([`table`]) and values
//! ([`data`]).

mod any;
mod body;
mod by_table;
mod date_time;
mod enumeration;
mod error;
mod execution;
mod fault;
mod login;
mod operation;
mod operation_error;
mod release;
mod representation;
mod resource;
mod secret;
mod structure;
mod surface;
mod uri;
mod value;

pub mod client;
pub mod codec;
#[doc(hidden)]
pub mod codegen;
pub mod data;
#[cfg(feature = "testing")]
pub mod mock;
pub mod server;
pub mod table;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;

pub use any::{AnyError, AnyStructure, AnyValue};
pub use client::{Call, Client};
pub use codec::Layout;
pub use date_time::{DateTime, NotADateTime};
pub use error::{BadPayload, Error};
pub use execution::{ExecutionContext, SecurityContext};
pub use operation::{Operation, RequestOptions};
pub use operation_error::{ErrorCase, NoDeclaredError, OperationError};
pub use release::{NotARelease, Release, Releases};
pub use representation::{ReplyRepresentation, Representation, UrlForm};
pub use resource::{Id, Resource};
pub use secret::Secret;
pub use server::{Context, Failure, Fault, Router};
pub use surface::Surface;
pub use uri::Uri;
pub use value::{DynamicStructure, Value};
