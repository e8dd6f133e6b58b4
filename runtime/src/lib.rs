//! What the generated crate `vapi` stands on: values and tables, codecs, client and server.
//!
//! Knows no spec and no generator: everything about a particular API comes in as tables ([`table`]) and values
//! ([`data`]).

mod body;
mod by_table;
mod date_time;
mod error;
mod fault;
mod id;
mod operation;
mod release;
mod representation;
mod secret;
mod uri;
mod value;

pub mod client;
pub mod codec;
#[doc(hidden)]
pub mod codegen;
pub mod data;
pub mod server;
pub mod table;
#[cfg(feature = "testing")]
#[doc(hidden)]
pub mod testing;

pub use client::{Call, Client};
pub use codec::Layout;
pub use date_time::{DateTime, NotADateTime};
pub use error::{BadPayload, Error, ErrorCase, NoDeclaredError, OperationError};
pub use operation::{Operation, RequestOptions};
pub use release::{NotARelease, Release, Releases};
pub use representation::{ReplyRepresentation, Representation, UrlForm};
pub use secret::Secret;
pub use server::{Context, Failure, Fault, Router};
pub use uri::Uri;
pub use value::{DynamicStructure, Value};
