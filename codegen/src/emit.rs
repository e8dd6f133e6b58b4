//! Emitters: the resolved API and the plan in, texts of files out.
//!
//! An emitter cannot fail; what can go wrong was said by the stages before.

pub mod dump;
pub mod pages;
pub mod rust;
pub mod wire_tests;
