//! Fetching from other hosts, for whoever may say which: sources of PULL, and libraries that are followed.
//!
//! In: a [`Source`], an address that a user gave. Out: [`Incoming`], the bytes as they come, or a [`Failure`] that says what
//! is wrong and what to do about it. The connections are those of the runtime's client: its TLS, its proxies, its pool.
//! What is special here is that users choose the address, and the server stands where they do not: `addresses` says which
//! networks it does not let them reach. That is asked for each connection, with the very addresses that are then connected
//! to, so neither a redirect nor a name that changes its mind gets around it (`no-inside-from-outside`).
//! A proxy of the environment looks up names by itself: then only addresses that are written as such are looked at here,
//! and names are the proxy's to refuse.
//! Not here: what becomes of the bytes, and when something is tried again.

mod addresses;
mod failure;
mod incoming;
mod location;
mod trust;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HeaderName, HeaderValue, IF_NONE_MATCH, IF_RANGE, LOCATION, RANGE,
    USER_AGENT,
};
use http::{Request, Response, StatusCode};
use http_body_util::Empty;
use hyper::body;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use vapi::runtime::Secret;
use vapi::runtime::client::{HttpOptions, Proxy, Resolver, Streams};

pub use self::addresses::{Network, SystemResolver};
pub use self::failure::Failure;
pub use self::incoming::{Incoming, Validator};
pub use self::trust::Trust;

use self::addresses::Guard;
use self::location::Location;

/// How other hosts may be fetched from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundSettings {
    /// Whether also from private networks and from this machine.
    pub allow_private_networks: bool,
    /// Networks that may be fetched from, whatever they are.
    pub allowed_networks: Vec<Network>,
    /// How long connecting may take: name, connection, proxy and TLS together.
    pub connect_ms: u64,
    /// How long a server may send nothing.
    pub idle_ms: u64,
    /// How many redirects are followed, one after the other.
    pub redirects_max: usize,
}

impl Default for OutboundSettings {
    fn default() -> OutboundSettings {
        OutboundSettings {
            allow_private_networks: false,
            allowed_networks: Vec::new(),
            connect_ms: 10_000,
            idle_ms: 60_000,
            redirects_max: 5,
        }
    }
}

/// Something to fetch.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its address, `http` or `https`; it may hold credentials.
    pub uri: String,
    /// Whether the server is believed to be who it says.
    pub trust: Trust,
    /// Who asks. Other hosts are not told, wherever a redirect leads.
    pub credentials: Option<Basic>,
    /// Which bytes are here already and are not to come again.
    pub from_offset: u64,
    /// What the bytes that are here are of: more of something else does not come.
    pub continues: Option<Validator>,
    /// What is here already; unless it was replaced, nothing comes.
    pub if_none_match: Option<String>,
    /// How many bytes it may have.
    pub bytes_max: u64,
    /// Whether redirects are followed only to where the address is: same scheme, host and port.
    pub stays_with_origin: bool,
}

impl Source {
    /// All of what is at an address, from a server that is trusted as others are.
    pub fn new(uri: impl Into<String>) -> Source {
        Source {
            uri: uri.into(),
            trust: Trust::Known,
            credentials: None,
            from_offset: 0,
            continues: None,
            if_none_match: None,
            bytes_max: u64::MAX,
            stays_with_origin: false,
        }
    }
}

/// A user and a password.
#[derive(Clone, Debug)]
pub struct Basic {
    /// The user.
    pub user: String,
    /// The password.
    pub password: Secret,
}

/// Fetches from other hosts.
pub struct Outbound {
    settings: OutboundSettings,
    guard: Arc<Guard>,
    proxy: Proxy,
    /// Connections to servers that authorities vouch for.
    known: Mutex<Streams>,
}

impl Outbound {
    /// With the system's names and the environment's proxies.
    pub fn new(settings: OutboundSettings) -> Outbound {
        Outbound::with(settings, Arc::new(SystemResolver), Proxy::from_env())
    }

    /// With names from elsewhere, which are not believed more than the system's, and these proxies.
    pub fn with(settings: OutboundSettings, names: Arc<dyn Resolver>, proxy: Proxy) -> Outbound {
        let guard = Arc::new(Guard::new(
            names,
            settings.allow_private_networks,
            settings.allowed_networks.clone(),
            settings.connect_ms,
        ));
        let known = Mutex::new(streams(&settings, &guard, &proxy, Trust::known_with([])));
        Outbound { settings, guard, proxy, known }
    }

    /// From now on these certificates (in DER) vouch for servers too, beside the system's authorities.
    pub fn trust_also(&self, certificates: impl IntoIterator<Item = Vec<u8>>) {
        let streams = streams(&self.settings, &self.guard, &self.proxy, Trust::known_with(certificates));
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = streams;
    }

    /// Asks for something. It is back when the server has said what it is; the bytes are read from what comes back.
    ///
    /// # Errors
    /// When it cannot be had, or may not be had from there.
    pub async fn get(&self, source: &Source) -> Result<Incoming, Failure> {
        let first = Location::parse(&source.uri)?;
        if matches!(source.trust, Trust::Pinned(_)) && !first.is_https() {
            return Err(Failure::PinWithoutTls { place: first.to_string() });
        }
        let credentials = source.credentials.clone().or_else(|| first.credentials());
        let mut location = first.clone();
        for _ in 0..=self.settings.redirects_max {
            self.guard.check_written(location.host())?;
            let streams = match &source.trust {
                Trust::Pinned(pin) if location.has_host_of(&first) && location.is_https() => {
                    streams(&self.settings, &self.guard, &self.proxy, Trust::only(*pin))
                }
                _ => self.known.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            };
            let whose = credentials.as_ref().filter(|_| location.has_origin_of(&first));
            let response = self.send(&streams, &location, request(source, &location, whose)?).await?;
            let Some(next) = redirected(&location, &response)? else {
                return Incoming::of(source, &location, response, self.idle());
            };
            if source.stays_with_origin && !next.has_origin_of(&first) {
                let fault = "is redirected to another server".to_owned();
                return Err(Failure::Redirect { place: first.to_string(), fault });
            }
            location = next;
        }
        Err(Failure::Redirect {
            place: first.to_string(),
            fault: format!("is redirected more than {} times", self.settings.redirects_max),
        })
    }

    async fn send(
        &self,
        streams: &Streams,
        location: &Location,
        request: Request<Empty<Bytes>>,
    ) -> Result<Response<body::Incoming>, Failure> {
        let limit = self.idle() + Duration::from_millis(self.settings.connect_ms);
        match timeout(limit, streams.send(request)).await {
            Ok(sent) => sent.map_err(|error| Failure::of_transport(location, &error)),
            Err(_) => Err(Failure::TimedOut {
                place: location.to_string(),
                fault: format!("answers nothing within {} s", limit.as_secs()),
            }),
        }
    }

    fn idle(&self) -> Duration {
        Duration::from_millis(self.settings.idle_ms)
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("settings", &self.settings).finish_non_exhaustive()
    }
}

fn streams(
    settings: &OutboundSettings,
    guard: &Arc<Guard>,
    proxy: &Proxy,
    trust: vapi::runtime::client::Trust,
) -> Streams {
    let guard = Arc::<Guard>::clone(guard);
    Streams::with_options(
        HttpOptions::new()
            .connect_timeout(Duration::from_millis(settings.connect_ms))
            .proxy(proxy.clone())
            .resolver(guard)
            .trust(trust),
    )
}

fn request(
    source: &Source,
    location: &Location,
    credentials: Option<&Basic>,
) -> Result<Request<Empty<Bytes>>, Failure> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = location.uri().clone();
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("contentlibd/", env!("CARGO_PKG_VERSION"))));
    // The bytes of the file are wanted, not another form of them.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    let mut add = |name: HeaderName, value: String, is_secret: bool| {
        let fault = || format!("its {name} cannot be sent: there is a control character in it");
        let bad = |_| Failure::BadUri { uri: location.to_string(), fault: fault() };
        let mut value = HeaderValue::try_from(value).map_err(bad)?;
        value.set_sensitive(is_secret);
        headers.insert(name, value);
        Ok(())
    };
    if let Some(Basic { user, password }) = credentials {
        let basic = BASE64.encode(format!("{user}:{}", password.expose()));
        add(AUTHORIZATION, format!("Basic {basic}"), true)?;
    }
    if let Some(tag) = &source.if_none_match {
        add(IF_NONE_MATCH, tag.clone(), false)?;
    }
    if source.from_offset > 0 {
        add(RANGE, format!("bytes={}-", source.from_offset), false)?;
        if let Some(condition) = source.continues.as_ref().map(Validator::condition) {
            add(IF_RANGE, condition.to_owned(), false)?;
        }
    }
    Ok(request)
}

/// Where a response sends one, if it does.
fn redirected(from: &Location, response: &Response<body::Incoming>) -> Result<Option<Location>, Failure> {
    const REDIRECTS: [StatusCode; 5] = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ];
    if !REDIRECTS.contains(&response.status()) {
        return Ok(None);
    }
    let fault = |fault: String| Failure::Redirect { place: from.to_string(), fault };
    let target = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let target = target.ok_or_else(|| fault("is redirected to nowhere".to_owned()))?;
    let to = from.follow(target).map_err(|_| fault("is redirected to what is no address".to_owned()))?;
    if from.is_https() && !to.is_https() {
        return Err(fault(format!(
            "is redirected from https to {to}, where anybody can change it on the way"
        )));
    }
    Ok(Some(to))
}
