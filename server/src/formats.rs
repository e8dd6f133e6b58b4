//! What files of virtual machines say: descriptors, manifests, certificates, archives, images.
//!
//! In: bytes that nobody vouches for, from a reader or pushed. Out: what the domain wants to know of them
//! ([`Findings`]), or words for whoever sent them. Nothing here opens a file or a connection, and whatever the bytes are,
//! memory is bounded by constants.
//! [`inspect`] reads a file that arrived; [`ova::Unpacker`] and [`iso::Watch`] look at bytes while they arrive.
//! Not here: what follows for a session; that is the domain's.

mod certificate;
mod descriptor;
pub mod iso;
mod manifest;
pub mod ova;
mod source;

use std::io::Read;

pub use self::certificate::pem;

use crate::domain::content::Findings;
use crate::domain::ids::{Secret, Time};
use crate::domain::names::has_extension;

/// What reading a file depends on beside its bytes.
pub struct Circumstances<'c> {
    /// The address that the file was fetched from, if it was.
    pub fetched_from: Option<&'c str>,
    /// Draws a secret for the address of each file that a descriptor speaks of.
    pub secret: &'c mut dyn FnMut() -> Secret,
    /// When it is read; certificates have their time.
    pub now: Time,
    /// Certificates, in DER, of those whose word counts.
    pub trusted: &'c [Vec<u8>],
}

/// Reads what a file says; the name tells what kind of file it is. Of files of other kinds nothing is read.
///
/// The words of an error are the end of a sentence, without a full stop.
pub fn inspect(
    name: &str,
    reader: &mut dyn Read,
    circumstances: &mut Circumstances<'_>,
) -> Result<Findings, String> {
    let Circumstances { fetched_from, secret, now, trusted } = circumstances;
    if has_extension(name, "ovf") {
        let references = descriptor::read(reader, *fetched_from, secret)?;
        Ok(Findings { references, ..Findings::default() })
    } else if has_extension(name, "mf") {
        Ok(Findings { manifest: manifest::read(reader)?, ..Findings::default() })
    } else if has_extension(name, "cert") {
        certificate::read(reader, *now, trusted)
    } else {
        Ok(Findings::default())
    }
}
