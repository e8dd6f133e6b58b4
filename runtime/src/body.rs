//! Reading a body to its end, within a limit: requests on the server, replies on the client.

use std::error::Error;
use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body::Body;

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum Unread {
    /// It is over the limit, or says it will be.
    TooLarge,
    /// It broke off.
    Broken(Box<dyn Error + Send + Sync>),
}

/// The whole body, when it has at most `bytes_max` bytes.
pub(crate) async fn collect<B>(mut body: Pin<&mut B>, bytes_max: usize) -> Result<Bytes, Unread>
where
    B: Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    // The lower bound is the Content-Length: a body that announces too much is not read at all.
    if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > bytes_max) {
        return Err(Unread::TooLarge);
    }
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| Unread::Broken(error.into()))?;
        let Ok(mut data) = frame.into_data() else { continue };
        let n_bytes = data.remaining();
        if n_bytes > bytes_max - first.len() - more.len() {
            return Err(Unread::TooLarge);
        }
        // A body of one frame, the usual case, is not copied.
        if first.is_empty() && more.is_empty() {
            first = data.copy_to_bytes(n_bytes);
        } else {
            if more.is_empty() {
                more.put(std::mem::take(&mut first));
            }
            more.put(data);
        }
    }
    Ok(if more.is_empty() { first } else { more.freeze() })
}

/// Reads on and forgets, up to `bytes_max`: a peer that is still sending when the connection is closed may never see the
/// reply. A body that announces more is left alone.
pub(crate) async fn drain<B: Body>(mut body: Pin<&mut B>, bytes_max: usize) {
    let mut left = bytes_max;
    while usize::try_from(body.size_hint().lower()).is_ok_and(|announced| announced <= left) {
        match poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
            Some(Ok(frame)) => left = left.saturating_sub(frame.data_ref().map_or(0, Buf::remaining)),
            Some(Err(_)) | None => return,
        }
        if left == 0 {
            return;
        }
    }
}
