//! Which surface a server has, for clients that were not told: asked once, kept for all calls.

use bytes::Bytes;
use http::{HeaderValue, Method};
use serde_json::Value;

use super::exchange::NoReply;
use super::{CallOptions, Client, TransportError, TransportErrorKind};
use crate::surface::Surface;

/// A request that tells a surface: without credentials and without effect.
struct Probe {
    surface: Surface,
    method: Method,
    target: &'static str,
    body: &'static str,
    /// A member that every answer of the surface has, be it an error's.
    tells: fn(&Value) -> bool,
}

/// The newest first. JSON-RPC is last although every server has it, because simulators often have little behind it.
static PROBES: [Probe; 3] = [
    Probe {
        surface: Surface::Rest,
        method: Method::GET,
        target: "/api/session",
        body: "",
        tells: |body| body.get("error_type").is_some(),
    },
    Probe {
        surface: Surface::LegacyRest,
        method: Method::POST,
        target: "/rest/com/vmware/cis/session?~action=get",
        body: "",
        tells: |body| body.get("value").is_some() && body.get("type").is_some(),
    },
    Probe {
        surface: Surface::JsonRpc,
        method: Method::POST,
        target: "/api",
        // No such method: every server of the protocol says so, in its envelope.
        body: r#"{"jsonrpc":"2.0","method":"probe","params":{},"id":"0"}"#,
        tells: |body| body.get("jsonrpc").is_some(),
    },
];

impl Client {
    /// The surface of a call: as it was chosen, or as the server has it.
    pub(super) async fn surface_of(&self, options: &CallOptions) -> Result<Surface, NoReply> {
        if !options.is_surface_automatic {
            return Ok(options.request.surface);
        }
        let probed = self.surface.get_or_try_init(|| self.probe()).await?;
        Ok(*probed)
    }

    async fn probe(&self) -> Result<Surface, NoReply> {
        for probe in &PROBES {
            let mut request = http::Request::new(Bytes::from_static(probe.body.as_bytes()));
            *request.method_mut() = probe.method.clone();
            *request.uri_mut() = http::Uri::from_static(probe.target);
            request.headers_mut().insert(http::header::ACCEPT, JSON);
            request.headers_mut().insert(http::header::CONTENT_TYPE, JSON);
            let request = self.base.complete(request).map_err(NoReply::Encode)?;
            let response = self.transport.send(request).await.map_err(NoReply::Transport)?;
            let body = serde_json::from_slice::<Value>(response.body());
            if body.is_ok_and(|body| (probe.tells)(&body)) {
                tracing::debug!(surface = ?probe.surface, "the server was asked which surface it has");
                return Ok(probe.surface);
            }
        }
        let text =
            "the server answers on none of /api and /rest; is it one of this API, and the base URL its root?";
        Err(NoReply::Transport(TransportError::new(TransportErrorKind::Other, text)))
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
