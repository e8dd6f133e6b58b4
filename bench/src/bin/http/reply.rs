//! Reading HTTP replies that tell their length, as ours and axum's do.

use std::io;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// Reads one reply to its end into the buffer, whatever was in it; its status.
pub(crate) async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<u16> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(io::Error::other("the connection was closed before the reply"));
        }
        let Some(n_head_bytes) = buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..n_head_bytes]);
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| io::Error::other("a reply without a status"))?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let n_body_bytes: usize = length.map_or(Ok(0), str::parse).map_err(io::Error::other)?;
        let n_bytes = n_head_bytes + 4 + n_body_bytes;
        let begin = buffer.len();
        if begin < n_bytes {
            buffer.resize(n_bytes, 0);
            stream.read_exact(&mut buffer[begin..]).await?;
        }
        return Ok(status);
    }
}
