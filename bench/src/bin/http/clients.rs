//! `get` below `/api`, so many times one after the other: with the generated client, and with hyper's client and serde's derives.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use vapi::content::library::item::update_session::UpdateSessionClient;
use vapi_runtime::Surface;

use crate::sample;

type Called = Result<String, Box<dyn Error>>;

/// With the generated client.
pub(crate) fn ours(url: &str, n: usize) -> Called {
    let client = vapi_runtime::Client::new(url)?.surface(Surface::Rest);
    let sessions = UpdateSessionClient::new(client);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        for idx in 0..n {
            let session = sessions.get(sample::id(idx % sample::N_SESSIONS)).await?;
            check(session.client_progress)?;
        }
        Ok(String::new())
    })
}

/// By hand, with the limits that ours has by default: in time and in size.
pub(crate) fn by_hand(url: &str, n: usize) -> Called {
    const TIMEOUT: Duration = Duration::from_secs(30);
    let mut tcp = HttpConnector::new();
    tcp.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build(tcp);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        for idx in 0..n {
            let id = sample::id(idx % sample::N_SESSIONS);
            let session = tokio::time::timeout(TIMEOUT, get(&client, url, &id)).await??;
            check(session.client_progress)?;
        }
        Ok(String::new())
    })
}

/// What a caller reads of a reply.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[allow(dead_code, reason = "it is decoded whole, as ours is")]
struct Session {
    id: Option<String>,
    library_item_id: Option<String>,
    library_item_content_version: Option<String>,
    error_message: Option<Message>,
    client_progress: Option<i64>,
    state: Option<State>,
    expiration_time: Option<Time>,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is decoded whole, as ours is")]
struct Message {
    id: String,
    default_message: String,
    args: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Active,
    Done,
    Error,
    Canceled,
}

#[derive(Debug)]
#[allow(dead_code, reason = "it is decoded whole, as ours is")]
struct Time(jiff::Timestamp);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map(Time).map_err(serde::de::Error::custom)
    }
}

async fn get(
    client: &Client<HttpConnector, Full<Bytes>>,
    url: &str,
    id: &str,
) -> Result<Session, Box<dyn Error>> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    const BYTES_MAX: usize = 64 << 20;
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    let uri = format!("{url}/api/content/library/item/update-session/{id}");
    let request = Request::get(uri).header(ACCEPT, JSON).body(Full::default())?;
    let (parts, body) = client.request(request).await?.into_parts();
    let body = Limited::new(body, BYTES_MAX).collect().await.map_err(|error| error.to_string())?.to_bytes();
    if !parts.status.is_success() || parts.headers.get(CONTENT_TYPE) != Some(&JSON) {
        return Err(format!("status {}: {}", parts.status, String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}

fn check(progress: Option<i64>) -> Result<(), String> {
    match progress {
        Some(sample::PROGRESS) => Ok(()),
        other => Err(format!("the session is at {other:?}")),
    }
}
