//! What the loopback matrix goes through, by the names of the columns of `docs/coverage.md`.
//!
//! The generator writes that page and cannot ask the runtime, so a generated test compares the two.

use crate::{Representation, Surface};

/// The ways of calling an operation that [`super::check_loopback`] tries, each over every request line that it has.
#[must_use]
pub fn ways() -> Vec<&'static str> {
    let name = |surface| match surface {
        Surface::JsonRpc => "JSON-RPC",
        Surface::Rest => "/api",
        Surface::LegacyRest => "/rest",
        Surface::Rest2014(Representation::Json) => "2014 JSON",
        Surface::Rest2014(Representation::Xml) => "2014 XML",
        Surface::Rest2014(Representation::Form) => "2014 form",
        Surface::Rest2014(Representation::FormBody) => "2014 form body",
    };
    Surface::ALL.into_iter().map(name).collect()
}
