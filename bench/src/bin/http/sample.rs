//! What both servers hold when they start: the same sessions, in the words of neither.

/// How many sessions there are.
pub(crate) const N_SESSIONS: usize = 100;
pub(crate) const ITEM: &str = "0e1a3b5c-77d2-4a51-9b39-7a3f7c6a0d11";
pub(crate) const VERSION: &str = "2";
pub(crate) const PROGRESS: i64 = 40;
/// 2013-06-06T22:13:05.250Z.
pub(crate) const EXPIRES_MS: i64 = 1_370_556_785_250;
pub(crate) const MESSAGE_ID: &str = "com.example.upload.client_error";
/// With characters that JSON has to escape.
pub(crate) const MESSAGE: &str = "Could not read disk-0.vmdk: \"connection reset by peer\"";

/// Identifier of the session with this number.
pub(crate) fn id(session_idx: usize) -> String {
    format!("b00db39f-948d-13ea-1e59-{session_idx:012}")
}
