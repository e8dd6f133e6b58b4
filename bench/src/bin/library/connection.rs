//! One kept connection of a client that costs as little as it can: requests as text, replies that tell their length.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection of somebody who is logged in.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    login: String,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr, login: &str) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, login: login.to_owned(), buffer: Vec::with_capacity(4096) })
    }

    /// A request below `/api` and the body of its reply; an error if the status is no success.
    pub(crate) async fn call(&mut self, line: &str, body: &str) -> io::Result<&str> {
        let (method, path) = line.split_once(' ').ok_or(io::ErrorKind::InvalidInput)?;
        let text = format!(
            "{method} /api{path} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nvmware-api-session-id: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.login,
            body.len()
        );
        self.stream.write_all(text.as_bytes()).await?;
        self.reply(line).await
    }

    /// The body of the next reply.
    pub(crate) async fn reply(&mut self, line: &str) -> io::Result<&str> {
        let (status, n_head_bytes, n_body_bytes) = self.head().await?;
        let n_bytes = n_head_bytes + n_body_bytes;
        let begin = self.buffer.len();
        if begin < n_bytes {
            self.buffer.resize(n_bytes, 0);
            self.stream.read_exact(&mut self.buffer[begin..]).await?;
        }
        let body = std::str::from_utf8(&self.buffer[n_head_bytes..n_bytes]).map_err(io::Error::other)?;
        match status {
            200..300 => Ok(body),
            _ => Err(io::Error::other(format!("{line}: {status} {body}"))),
        }
    }

    /// Status, length of the head and length of the body; what came of the body already stands behind the head.
    pub(crate) async fn head(&mut self) -> io::Result<(u16, usize, usize)> {
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::Error::other("the connection was closed before the reply"));
            }
            let end = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
            let Some(end) = end else { continue };
            let head = String::from_utf8_lossy(&self.buffer[..end]);
            let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let n_body_bytes = length.map_or(Ok(0), str::parse).map_err(io::Error::other)?;
            let status = status.ok_or_else(|| io::Error::other("a reply without a status"))?;
            return Ok((status, end + 4, n_body_bytes));
        }
    }

    /// How many bytes of the last reply's body have come with its head.
    pub(crate) fn n_bytes_behind(&self, n_head_bytes: usize) -> usize {
        self.buffer.len() - n_head_bytes
    }
}
