//! Dumps of what the stages know, for people and for goldens: readable, and the same for the same spec.
//!
//! In: what a stage gives out. Out: text. Nothing reads a dump back.

mod api;
mod ir;
mod plan;

pub use api::dump_api;
pub use ir::dump_ir;
pub use plan::dump_plan;

use crate::ir::{Doc, Place};

/// Indented lines.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, depth: usize, line: &str) {
        self.text.extend(std::iter::repeat_n("  ", depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn declaration(&mut self, depth: usize, declared: &str, place: &Place, doc: &Doc) {
        self.line(depth, &format!("{declared} @{}", place.line));
        self.doc(depth + 1, doc);
    }

    /// The first words of each paragraph.
    fn doc(&mut self, depth: usize, doc: &Doc) {
        for paragraph in &doc.0 {
            let words: Vec<&str> = paragraph.split(' ').collect();
            let (shown, more) = if words.len() > 8 { (&words[..8], " ...") } else { (&words[..], "") };
            self.line(depth, &format!("| {}{more}", shown.join(" ")));
        }
    }
}
