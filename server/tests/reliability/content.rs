//! What clients of a server that is killed have in common: calls that may have no answer, and bytes that are known by a seed.

use bytes::Bytes;
use contentlibd::domain::checksum::Algorithm;
use contentlibd::hashing::Hasher;
use http::{Method, Request, Response};
use vapi::runtime::Error;
use vapi::runtime::client::{Http, Transport as _};

use crate::random_numbers::Random;

/// The server was killed before it answered.
pub(crate) struct Cut;

pub(crate) fn answered<T, E: std::fmt::Debug>(result: Result<T, Error<E>>) -> Result<T, Cut> {
    match result {
        Ok(reply) => Ok(reply),
        Err(Error::Transport(_)) => Err(Cut),
        Err(error) => panic!("{error:?}"),
    }
}

/// Sends bytes, or asks for them.
pub(crate) async fn exchange(
    url: String,
    method: Method,
    range: Option<String>,
    bytes: Bytes,
) -> Result<Response<Bytes>, Cut> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some(range) = range {
        request = request.header("content-range", range);
    }
    let reply = Http::new().send(request.body(bytes).unwrap()).await.map_err(|_no_reply| Cut)?;
    assert_eq!(reply.status(), 200, "{reply:?}");
    Ok(reply)
}

/// An address without scheme and host, which change.
pub(crate) fn path_of(uri: &str) -> String {
    uri.splitn(4, '/').nth(3).map(|path| format!("/{path}")).expect("a path")
}

/// A file's bytes, by what they are made of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Content {
    pub(crate) seed: u64,
    pub(crate) size: usize,
}

impl Content {
    pub(crate) fn bytes(&self) -> Bytes {
        let mut random = Random(self.seed);
        let mut bytes: Vec<u8> = (0..=self.size / 8).flat_map(|_| random.next().to_le_bytes()).collect();
        bytes.truncate(self.size);
        bytes.into()
    }

    pub(crate) fn sha256(&self) -> String {
        let mut hasher = Hasher::new(&[Algorithm::Sha256].into());
        hasher.update(&self.bytes());
        hasher.finish()[&Algorithm::Sha256].clone()
    }
}
