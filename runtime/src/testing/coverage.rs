//! What the loopback matrix goes through, by the names of the columns of `docs/coverage.md`.
//!
//! The generator writes that page and cannot ask the runtime, so a generated test compares the two.

use crate::Representation;

/// The ways of calling an operation that [`super::check_loopback`] tries, each over every request line.
#[must_use]
pub fn ways() -> Vec<&'static str> {
    let name = |representation| match representation {
        Representation::Json => "2014 JSON",
        Representation::Xml => "2014 XML",
        Representation::Form => "2014 form",
        Representation::FormBody => "2014 form body",
    };
    Representation::ALL.into_iter().map(name).collect()
}
