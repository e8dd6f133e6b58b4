//! The front half of the generator: from texts to the IR, and everything that can be wrong on the way.
//!
//! `codes` runs what is said about every diagnostic code, `errors` the error goldens, `spec` the repository's own spec,
//! `schema` the JSON Schema of the language, `properties` any text at all.

#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected has failed")]

#[path = "front/codes.rs"]
mod codes;
#[path = "front/errors.rs"]
mod errors;
#[path = "front/properties.rs"]
mod properties;
#[path = "front/schema.rs"]
mod schema;
#[path = "front/spec.rs"]
mod spec;
#[path = "front/specs_on_disk.rs"]
mod specs_on_disk;
