//! What a server says of bytes: its words, in whatever shape, with a limit.

use http::StatusCode;
use http_body::Body;
use http_body_util::{BodyExt as _, Limited};

/// More than this is no message.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// Whether the same request may be answered otherwise in a moment. A disk that is full is so until somebody acts.
pub(crate) fn may_pass(status: StatusCode) -> bool {
    let is_of_the_moment = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    is_of_the_moment || (status.is_server_error() && status != StatusCode::INSUFFICIENT_STORAGE)
}

/// The words of a reply.
pub(crate) async fn text_of<B>(body: B) -> String
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let Ok(read) = Limited::new(body, TEXT_BYTES_MAX).collect().await else {
        return "(its words cannot be read)".to_owned();
    };
    let bytes = read.to_bytes();
    let message = serde_json::from_slice::<serde_json::Value>(&bytes)
        .ok()
        .and_then(|value| Some(value.pointer("/messages/0/default_message")?.as_str()?.to_owned()));
    message.unwrap_or_else(|| String::from_utf8_lossy(&bytes).trim().to_owned())
}
