//! A transport without a network: the client calls a router in the same process.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use tower_service::Service as _;

use super::{BoxFuture, Transport, TransportError};
use crate::server::Router;

/// Hands requests to a router as they are: the base URL's path, if any, is part of what the router matches.
#[derive(Clone, Debug)]
pub struct Local(pub Router);

impl Transport for Local {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let answer = self.0.clone().call(request.map(Full::new));
        Box::pin(async move {
            let Ok(response) = answer.await;
            let (parts, body) = response.into_parts();
            let Ok(collected) = body.collect().await;
            Ok(http::Response::from_parts(parts, collected.to_bytes()))
        })
    }
}
