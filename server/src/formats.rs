//! What files of virtual machines say: descriptors, manifests, certificates, archives, images.
//!
//! In: bytes that nobody vouches for, from a reader or pushed. Out: what the domain wants to know of them
//! ([`Findings`]), or words for whoever sent them. Nothing here opens a file or a connection, and whatever the bytes are,
//! memory is bounded by constants.
//! [`inspect`] reads a file that arrived; [`ova::Unpacker`] and [`iso::Watch`] look at bytes while they arrive.
//! Not here: what follows for a session; that is the domain's.

mod descriptor;
pub mod iso;
mod manifest;
pub mod ova;
mod source;

use std::io::Read;

use crate::domain::content::Findings;
use crate::domain::ids::Secret;
use crate::domain::names::has_extension;

/// What reading a file depends on beside its bytes.
pub struct Circumstances<'c> {
    /// The address that the file was fetched from, if it was.
    pub fetched_from: Option<&'c str>,
    /// Draws a secret for the address of each file that a descriptor speaks of.
    pub secret: &'c mut dyn FnMut() -> Secret,
}

/// Reads what a file says; the name tells what kind of file it is. Of files of other kinds nothing is read.
///
/// The words of an error are the end of a sentence, without a full stop.
pub fn inspect(
    name: &str,
    reader: &mut dyn Read,
    circumstances: &mut Circumstances<'_>,
) -> Result<Findings, String> {
    let mut findings = Findings::default();
    if has_extension(name, "ovf") {
        let Circumstances { fetched_from, secret } = circumstances;
        findings.references = descriptor::read(reader, *fetched_from, secret)?;
    } else if has_extension(name, "mf") {
        findings.manifest = manifest::read(reader)?;
    }
    Ok(findings)
}
