//! What a server sends: what it says of the file, and the bytes as they come, until all are here or it is said why not.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, LAST_MODIFIED};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body;
use tokio::time::timeout;

use super::location::Location;
use super::{Failure, Source};

/// A file that is coming.
#[derive(Debug)]
pub struct Incoming {
    /// How many bytes the file has, if the server says it.
    pub size: Option<u64>,
    /// Which byte of the file comes first: the one that was asked for, or none of them is left out.
    pub offset: u64,
    /// By what it can be told later whether the file is the same.
    pub validator: Option<Validator>,
    /// Its tag, for `if_none_match`.
    pub etag: Option<String>,
    /// Whether it is what is here already. Nothing comes then.
    pub is_unchanged: bool,
    place: String,
    idle: Duration,
    bytes_max: u64,
    received: u64,
    body: Option<body::Incoming>,
}

/// What a server says of a file that is different for another one: its tag, or when it was changed. A weak tag is none,
/// because it does not promise the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    name: HeaderName,
    value: String,
}

impl Validator {
    fn of(headers: &HeaderMap) -> Option<Validator> {
        [ETAG, LAST_MODIFIED].into_iter().find_map(|name| {
            let value = headers.get(&name)?.to_str().ok()?;
            (!value.starts_with("W/")).then(|| Validator { name, value: value.to_owned() })
        })
    }

    /// For `If-Range`.
    pub(super) fn condition(&self) -> &str {
        &self.value
    }
}

impl Incoming {
    pub(super) fn of(
        source: &Source,
        location: &Location,
        response: Response<body::Incoming>,
        idle: Duration,
    ) -> Result<Incoming, Failure> {
        let place = location.to_string();
        let (head, body) = response.into_parts();
        let validator = Validator::of(&head.headers);
        let is_unchanged = head.status == StatusCode::NOT_MODIFIED && source.if_none_match.is_some();
        let (offset, size) = match head.status {
            StatusCode::NOT_MODIFIED if is_unchanged => (0, None),
            StatusCode::OK => (0, number(&head.headers, &CONTENT_LENGTH)),
            StatusCode::PARTIAL_CONTENT if source.from_offset > 0 => {
                rest(source, &head.headers, validator.as_ref())
                    .ok_or(Failure::Replaced { place: place.clone() })?
            }
            // All bytes are here already, or the file is a shorter one now; asked without a range, the server says which.
            StatusCode::RANGE_NOT_SATISFIABLE if source.from_offset > 0 => {
                return Err(Failure::Replaced { place });
            }
            status => return Err(Failure::Status { place, status }),
        };
        let encoding = head.headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?"));
        if let Some(encoding) = encoding.filter(|name| !name.eq_ignore_ascii_case("identity")) {
            return Err(Failure::Encoded { place, encoding: encoding.escape_debug().to_string() });
        }
        let bytes_max = source.bytes_max;
        if size.is_some_and(|size| size > bytes_max) {
            return Err(Failure::TooLarge { bytes_max });
        }
        let etag = head.headers.get(ETAG).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = (!is_unchanged).then_some(body);
        Ok(Incoming {
            size,
            offset,
            validator,
            etag,
            is_unchanged,
            place,
            idle,
            bytes_max,
            received: offset,
            body,
        })
    }

    /// The bytes that come next; none when all are here.
    ///
    /// # Errors
    /// When no more come although there should, or more than there may.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            let Some(body) = &mut self.body else { return Ok(None) };
            let Ok(frame) = timeout(self.idle, body.frame()).await else {
                return Err(self.cut_off(format!("nothing came for {} s", self.idle.as_secs())));
            };
            let data = match frame {
                None if self.size.is_some_and(|size| size != self.received) => {
                    return Err(self.cut_off("the server ended there".to_owned()));
                }
                None => {
                    self.body = None;
                    return Ok(None);
                }
                Some(Err(error)) => return Err(self.cut_off(error.to_string())),
                Some(Ok(frame)) => frame.into_data().unwrap_or_else(|_trailers| Bytes::new()),
            };
            self.received += data.len() as u64;
            if self.received > self.bytes_max {
                return Err(Failure::TooLarge { bytes_max: self.bytes_max });
            }
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    /// All of it, for what is small: the source says how large it may be.
    ///
    /// # Errors
    /// As [`Incoming::next`].
    pub async fn read_all(mut self) -> Result<Bytes, Failure> {
        let mut all = BytesMut::new();
        while let Some(data) = self.next().await? {
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }

    fn cut_off(&self, fault: String) -> Failure {
        Failure::CutOff { place: self.place.clone(), received: self.received, size: self.size, fault }
    }
}

/// Where the rest that came begins and how large the file is, if it is the rest of what is here.
fn rest(source: &Source, headers: &HeaderMap, validator: Option<&Validator>) -> Option<(u64, Option<u64>)> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, total) = range.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    let total: Option<u64> = match total.trim() {
        "*" => None,
        total => Some(total.parse().ok()?),
    };
    let is_the_end = total.is_none_or(|total| last.checked_add(1) == Some(total));
    let is_the_same = source.continues.as_ref().is_none_or(|before| Some(before) == validator);
    (first == source.from_offset && is_the_end && is_the_same).then_some((first, total))
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}
