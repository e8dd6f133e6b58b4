//! The front half of the generator: from texts to the IR, and everything that can be wrong on the way.
//!
//! `errors` runs the error goldens, `codes` what is said about every diagnostic code, `spec` the repository's own spec.

#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected has failed")]

#[path = "front/spec.rs"]
mod spec;
#[path = "front/specs_on_disk.rs"]
mod specs_on_disk;
