//! Dumps of what the stages know, for people and for goldens: readable, and the same for the same spec.
//!
//! In: what a stage gives out. Out: text. Nothing reads a dump back.

mod api;
mod ir;

pub use api::dump_api;
pub use ir::dump_ir;
