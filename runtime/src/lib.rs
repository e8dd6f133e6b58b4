//! What the generated crate `vapi` stands on: values and tables, codecs, client and server.
//!
//! Knows no spec and no generator: everything about a particular API comes in as tables ([`table`]) and values
//! ([`data`]).

mod date_time;
mod id;
mod secret;
mod uri;
mod value;

pub mod codec;
#[doc(hidden)]
pub mod codegen;
pub mod data;
pub mod table;

pub use date_time::{DateTime, NotADateTime};
pub use secret::Secret;
pub use uri::Uri;
pub use value::{DynamicStructure, Value};
