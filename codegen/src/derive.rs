//! What a reference page states again although it follows from the declarations: element order, request lines, XML roots, samples.
//! And the API as of a release, which pages of other releases show.
//!
//! In go names and the resolved API, out come texts and orders; nothing here can fail and nothing knows YAML.
//! `verify` compares a transcribed page with these, `plan` puts them into tables, the page and test emitters print them.
//! Not here: the codecs, which come to the same bytes from typed values and share no code with this.

pub mod as_of;
pub mod page_order;
pub mod request_lines;
pub mod rest;
pub mod sample;
pub mod xml_names;

pub use as_of::as_of;
pub use page_order::page_order;
pub use request_lines::{form_line, request_line_text, request_lines};
pub use rest::{Rest, RestBody, rest, rest_line_text};
