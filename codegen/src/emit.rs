//! Emitters: the resolved API and the plan in, texts of files out.
//!
//! An emitter cannot fail (`emission-cannot-fail`); what can go wrong was said by the stages before.
//! It reads the IR, what [`crate::derive`] makes of it and the plan, and nothing else (`one-ir`).

pub mod coverage;
pub mod dump;
pub mod features;
pub mod pages;
pub mod rust;
pub mod wire_tests;

mod expression;
mod values;

use crate::File;

impl File {
    /// Templates are checked against their data when this crate is compiled, and writing to a `String` does not fail.
    fn from_template<T: askama::Template>(path: String, template: &T) -> File {
        let mut text = String::with_capacity(T::SIZE_HINT * 2);
        if template.render_into(&mut text).is_err() {
            unreachable!("a template only fails when its writer does");
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
        File { path, text }
    }
}
