//! The requests of a soak: good ones on every surface, bad ones, and those whose sender goes, waits or sends too much.
//!
//! Which comes when follows from a seed. Every reply that can be expected is: an unexpected one ends the soak.

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::BODY_BYTES_MAX;
use crate::{reply, sample};

const N_CLIENTS: usize = 32;
/// How many half sent heads a client keeps waiting before it gives the oldest up.
const N_STALLED_HEADS_MAX: usize = 4;
const SERVICE: &str = "/com/vmware/content/library/item/update-session";

/// How many requests there were of each kind.
#[derive(Default)]
pub(crate) struct Tally {
    n_answered: usize,
    n_cut: usize,
    n_stalled: usize,
    n_oversize: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Tally) {
        self.n_answered += other.n_answered;
        self.n_cut += other.n_cut;
        self.n_stalled += other.n_stalled;
        self.n_oversize += other.n_oversize;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { n_answered, n_cut, n_stalled, n_oversize } = self;
        write!(f, "{n_answered} whole, {n_cut} cut off, {n_stalled} stalled, {n_oversize} too large")
    }
}

/// Sends so many requests, and closes every connection.
pub(crate) fn attack(address: SocketAddr, n: usize, seed: u64) -> io::Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let left = Arc::new(AtomicUsize::new(n));
        let mut clients: JoinSet<io::Result<Tally>> = JoinSet::new();
        for client_idx in 0..N_CLIENTS {
            let left = Arc::clone(&left);
            let random = Random(seed << 32 | client_idx as u64);
            clients.spawn(async move {
                let mut client =
                    Client { address, random, kept: None, stalled: VecDeque::new(), tally: Tally::default() };
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    client.request().await?;
                }
                Ok(client.tally)
            });
        }
        let mut tally = Tally::default();
        while let Some(of_client) = clients.join_next().await {
            tally.add(&of_client.map_err(io::Error::other)??);
        }
        Ok(tally)
    })
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ mixed >> 31) % n as u64).unwrap_or_default()
    }
}

struct Client {
    address: SocketAddr,
    random: Random,
    /// A connection whose last reply was read to its end.
    kept: Option<TcpStream>,
    /// Connections with half a head.
    stalled: VecDeque<TcpStream>,
    tally: Tally,
}

impl Client {
    async fn request(&mut self) -> io::Result<()> {
        match self.random.below(100) {
            0..80 => self.whole().await,
            80..90 => self.cut().await,
            90..93 => self.stall_head().await,
            93..94 => self.stall_body().await,
            _ => self.oversize().await,
        }
    }

    /// A request that is answered, on a kept connection as often as not.
    async fn whole(&mut self) -> io::Result<()> {
        self.tally.n_answered += 1;
        let (request, status) = self.some_request();
        let mut stream = match self.kept.take() {
            Some(stream) if self.random.below(8) > 0 => stream,
            _ => self.connect().await?,
        };
        stream.write_all(&request).await?;
        let got = reply::read(&mut stream, &mut Vec::new()).await?;
        expect(got, status, &request)?;
        self.kept = Some(stream);
        Ok(())
    }

    /// The sender goes in the middle of the request, or before the reply.
    async fn cut(&mut self) -> io::Result<()> {
        self.tally.n_cut += 1;
        let (request, _) = self.some_request();
        let mut stream = self.connect().await?;
        let n_bytes =
            if self.random.below(3) == 0 { request.len() } else { self.random.below(request.len()) };
        stream.write_all(&request[..n_bytes]).await
    }

    /// Half a head, and then nothing for as long as some other requests take.
    async fn stall_head(&mut self) -> io::Result<()> {
        self.tally.n_stalled += 1;
        let (request, _) = self.some_request();
        let mut stream = self.connect().await?;
        stream.write_all(&request[..self.random.below(40)]).await?;
        self.stalled.push_back(stream);
        if self.stalled.len() > N_STALLED_HEADS_MAX {
            self.stalled.pop_front();
        }
        Ok(())
    }

    /// Half a body, and then nothing until the server has had enough.
    async fn stall_body(&mut self) -> io::Result<()> {
        self.tally.n_stalled += 1;
        let request = head("POST /api", BODY_BYTES_MAX / 2) + "{\"jsonrpc\":\"2.0\",";
        let mut stream = self.connect().await?;
        stream.write_all(request.as_bytes()).await?;
        // JSON-RPC says everything in its body.
        let got = reply::read(&mut stream, &mut Vec::new()).await?;
        expect(got, 200, request.as_bytes())
    }

    /// A body over the limit, announced or in chunks; the refusal may come before it is sent.
    async fn oversize(&mut self) -> io::Result<()> {
        self.tally.n_oversize += 1;
        let n_bytes = BODY_BYTES_MAX + 1 + self.random.below(BODY_BYTES_MAX);
        let line = format!("POST /rest{SERVICE}?~action=get");
        let request = if self.random.below(2) == 0 {
            head(&line, n_bytes) + &"x".repeat(n_bytes)
        } else {
            let chunk = format!("{n_bytes:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(n_bytes));
            format!(
                "{line} HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{chunk}"
            )
        };
        let mut stream = self.connect().await?;
        stream.write_all(request.as_bytes()).await?;
        let got = reply::read(&mut stream, &mut Vec::new()).await?;
        expect(got, 413, line.as_bytes())
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// A request of any kind, and the status it gets.
    fn some_request(&mut self) -> (Vec<u8>, u16) {
        let id = sample::id(self.random.below(sample::N_SESSIONS));
        let fail = r#"{"client_error_message":"no"}"#;
        let rpc = |service: &str, id: &str| {
            format!(
                "{{\"jsonrpc\":\"2.0\",\"method\":\"invoke\",\"id\":\"1\",\"params\":{{\"serviceId\":\"{service}\",\
                 \"operationId\":\"get\",\"ctx\":{{\"appCtx\":{{}}}},\"input\":{{\"STRUCTURE\":{{\"operation-input\":\
                 {{\"update_session_id\":\"{id}\"}}}}}}}}}}"
            )
        };
        let service = "com.vmware.content.library.item.update_session";
        let (line, body, status) = match self.random.below(14) {
            0 => (format!("GET /api/content/library/item/update-session/{id}"), String::new(), 200),
            1 => (
                format!("POST /api/content/library/item/update-session/{id}?action=fail"),
                fail.to_owned(),
                204,
            ),
            2 => (format!("GET /rest{SERVICE}/id:{id}"), String::new(), 200),
            3 => (format!("POST /rest{SERVICE}/id%3A{id}?%7Eaction=fail"), fail.to_owned(), 200),
            4 => (format!("GET {SERVICE}/id:{id}"), String::new(), 200),
            5 => (format!("POST {SERVICE}/id:{id}?~action=fail&client_error_message=no"), String::new(), 200),
            6 => ("POST /api".to_owned(), rpc(service, &id), 200),
            7 => ("POST /api".to_owned(), rpc("com.vmware.nothing", &id), 200),
            8 => ("POST /api".to_owned(), "{\"jsonrpc\":".to_owned(), 200),
            9 => ("GET /api/content/library/item/update-session/nobody".to_owned(), String::new(), 404),
            10 => (format!("PUT /rest{SERVICE}"), "{}".to_owned(), 405),
            11 => (format!("POST /rest{SERVICE}/id:{id}?~action=fail"), "{\"a\":[[[".to_owned(), 400),
            12 => (format!("GET {SERVICE}/%zz"), String::new(), 400),
            _ => ("GET /somewhere/else".to_owned(), String::new(), 404),
        };
        ((head(&line, body.len()) + &body).into_bytes(), status)
    }
}

fn head(line: &str, n_bytes: usize) -> String {
    if n_bytes == 0 {
        return format!("{line} HTTP/1.1\r\nhost: h\r\naccept: */*\r\n\r\n");
    }
    format!(
        "{line} HTTP/1.1\r\nhost: h\r\naccept: */*\r\ncontent-type: application/json\r\ncontent-length: {n_bytes}\r\n\r\n"
    )
}

fn expect(got: u16, status: u16, request: &[u8]) -> io::Result<()> {
    if got == status {
        return Ok(());
    }
    let request = String::from_utf8_lossy(&request[..request.len().min(300)]);
    Err(io::Error::other(format!("{got} and not {status} is the reply to {request}")))
}
