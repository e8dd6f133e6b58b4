//! The Rust that is emitted: goldens, refusals, determinism, and that whatever can be planned parses.
//!
//! A case is a folder under `fixtures/emit`: `spec.yaml` is what is put in, `ir.txt` what was resolved, `out.rs` the module of
//! its document, other `.rs` files the modules below it. `goldens.rs` compiles them all.
//! `UPDATE_GOLDENS=1 cargo test -p vapi-codegen --test emit` rewrites the goldens; read the difference before you commit it.

#![allow(clippy::unwrap_used, reason = "a test that meets something unexpected has failed")]

#[path = "emit/cases.rs"]
mod cases;
#[path = "emit/features.rs"]
mod features;
#[path = "emit/goldens.rs"]
mod goldens;
#[path = "emit/names.rs"]
mod names;
#[path = "emit/planned.rs"]
mod planned;
#[path = "emit/refused.rs"]
mod refused;
