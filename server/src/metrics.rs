//! Counters and gauges for monitoring, in the format of Prometheus.
//!
//! [`Metrics`] is a handle that is cheap to clone and to use: whoever has something to count has one.
//! What is asked only when somebody looks, such as room on the disk, is set right before it is written out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// Media type of what [`Metrics::text`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper ends of the ranges that durations are counted in.
const SECONDS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0];

/// Counts. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Called, Histogram>,
    bytes_in: Counter,
    bytes_out: Counter,
    transfers: Gauge,
    disk_free: Gauge<u64, AtomicU64>,
}

/// What a request was, and came to.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct Request {
    /// The wire protocol, or `http`.
    pub surface: String,
    /// The operation with its service, or the route.
    pub operation: String,
    /// Of the reply.
    pub status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Called {
    surface: String,
    operation: String,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("contentlibd");
        let requests = Family::<Request, Counter>::default();
        let durations = Family::<Called, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let (bytes_in, bytes_out, transfers) = (Counter::default(), Counter::default(), Gauge::default());
        let disk_free = Gauge::<u64, AtomicU64>::default();
        registry.register("requests", "Requests that were answered", requests.clone());
        registry.register_with_unit(
            "request_duration",
            "Time to the head of the reply",
            Unit::Seconds,
            durations.clone(),
        );
        registry.register_with_unit("transfer_in", "What files were received", Unit::Bytes, bytes_in.clone());
        registry.register_with_unit("transfer_out", "What files were sent", Unit::Bytes, bytes_out.clone());
        registry.register("transfers", "Transfers under way", transfers.clone());
        registry.register_with_unit("disk_free", "Room for data", Unit::Bytes, disk_free.clone());
        Metrics(Arc::new(Inner { registry, requests, durations, bytes_in, bytes_out, transfers, disk_free }))
    }
}

impl Metrics {
    /// A request was answered.
    pub fn request(&self, request: Request, seconds: f64) {
        self.0.requests.get_or_create(&request).inc();
        let Request { surface, operation, .. } = request;
        let called = Called { surface, operation };
        self.0.durations.get_or_create(&called).observe(seconds);
    }

    /// Bytes of files came in.
    pub fn bytes_in(&self, n_bytes: u64) {
        self.0.bytes_in.inc_by(n_bytes);
    }

    /// Bytes of files went out.
    pub fn bytes_out(&self, n_bytes: u64) {
        self.0.bytes_out.inc_by(n_bytes);
    }

    /// A transfer is under way until what comes back is dropped.
    #[must_use]
    pub fn transfer(&self) -> UnderWay {
        self.0.transfers.inc();
        UnderWay(self.clone())
    }

    /// How much room there is.
    pub fn disk_free(&self, n_bytes: u64) {
        self.0.disk_free.set(n_bytes);
    }

    /// All of it, as it is read by Prometheus.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

/// A transfer that is under way.
pub struct UnderWay(Metrics);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.0.transfers.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let metrics = Metrics::default();
        let request = Request { surface: "rest".into(), operation: "a.b".into(), status: 200 };
        metrics.request(request.clone(), 0.01);
        metrics.request(request, 0.03);
        metrics.bytes_in(7);
        let under_way = metrics.transfer();
        let text = metrics.text().unwrap();
        for line in [
            "contentlibd_requests_total{surface=\"rest\",operation=\"a.b\",status=\"200\"} 2\n",
            "contentlibd_request_duration_seconds_bucket{le=\"0.02\",surface=\"rest\",operation=\"a.b\"} 1\n",
            "contentlibd_transfer_in_bytes_total 7\n",
            "contentlibd_transfers 1\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        drop(under_way);
        assert!(metrics.text().unwrap().contains("contentlibd_transfers 0\n"));
    }
}
