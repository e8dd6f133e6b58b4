//! Counters and gauges for monitoring, in the format of Prometheus.
//!
//! [`Metrics`] is a handle that is cheap to clone and to use; [`crate::app::App`] has one, so whoever has something to count
//! has it. The ledger counts for itself ([`crate::ledger::Figures`]) and is only shown here.
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
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::ledger::Figures;
use crate::store::SessionCount;

/// Media type of what [`Metrics::text`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper ends of the ranges that durations are counted in.
pub(crate) const SECONDS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0];

/// A number that is set, and never below nothing.
type Level = Gauge<u64, AtomicU64>;

/// Counts. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Called, Histogram>,
    bytes: Family<Way, Counter>,
    transfers: Family<Way, Gauge>,
    looked_at: LookedAt,
}

/// What is told only when somebody looks.
#[derive(Default)]
struct LookedAt {
    disk_free: Level,
    logins: Level,
    ledger_waiting: Level,
    sessions: Family<Sessions, Level>,
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

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the server.
    In,
    /// From it.
    Out,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Way {
    direction: &'static str,
}

impl Way {
    fn of(direction: Direction) -> Way {
        let direction = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        Way { direction }
    }
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Sessions {
    kind: &'static str,
    state: &'static str,
}

/// What is told only when somebody looks.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// Room for data.
    pub disk_free_bytes: Option<u64>,
    /// Who is logged in, sessions of the same user one by one.
    pub n_logins: usize,
    /// Commands that wait to be decided.
    pub n_waiting: usize,
    /// Sessions that are kept.
    pub sessions: Vec<SessionCount>,
}

impl Metrics {
    /// Nothing yet, but what the ledger has counted.
    pub fn new(ledger: &Figures) -> Metrics {
        let mut registry = Registry::with_prefix("contentlibd");
        let durations = Family::<Called, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let inner = Inner {
            requests: plain(&mut registry, "requests", "Requests that were answered"),
            durations: in_unit(
                &mut registry,
                "request_duration",
                "Time to the head of the reply",
                Unit::Seconds,
                durations,
            ),
            bytes: in_unit(&mut registry, "transfer", "Bytes of files", Unit::Bytes, Family::default()),
            transfers: plain(&mut registry, "transfers", "Transfers under way"),
            looked_at: LookedAt {
                disk_free: in_unit(
                    &mut registry,
                    "disk_free",
                    "Room for data",
                    Unit::Bytes,
                    Level::default(),
                ),
                logins: plain(&mut registry, "logins", "Login sessions"),
                ledger_waiting: plain(&mut registry, "ledger_waiting", "Commands that wait to be decided"),
                sessions: plain(
                    &mut registry,
                    "sessions",
                    "Update and download sessions that are kept, by state",
                ),
            },
            registry: Registry::default(),
        };
        let Figures { commands, commits, commit_seconds } = ledger;
        registry.register("ledger_commands", "Commands that were decided", commands.clone());
        registry.register("ledger_commits", "Commits, each of all that waited", commits.clone());
        let what = "Time to have changes survive a power loss";
        registry.register_with_unit("ledger_commit_duration", what, Unit::Seconds, commit_seconds.clone());
        Metrics(Arc::new(Inner { registry, ..inner }))
    }

    /// A request was answered.
    pub fn request(&self, request: Request, seconds: f64) {
        self.0.requests.get_or_create(&request).inc();
        let Request { surface, operation, .. } = request;
        let called = Called { surface, operation };
        self.0.durations.get_or_create(&called).observe(seconds);
    }

    /// Bytes of files passed.
    pub fn bytes(&self, direction: Direction, n_bytes: u64) {
        self.0.bytes.get_or_create(&Way::of(direction)).inc_by(n_bytes);
    }

    /// A transfer is under way until what comes back is dropped.
    #[must_use]
    pub fn transfer(&self, direction: Direction) -> UnderWay {
        let way = Way::of(direction);
        self.0.transfers.get_or_create(&way).inc();
        UnderWay { metrics: self.clone(), way }
    }

    /// How things stand now.
    pub fn look(&self, levels: &Levels) {
        let LookedAt { disk_free, logins, ledger_waiting, sessions } = &self.0.looked_at;
        if let Some(n_bytes) = levels.disk_free_bytes {
            disk_free.set(n_bytes);
        }
        logins.set(levels.n_logins as u64);
        ledger_waiting.set(levels.n_waiting as u64);
        // A state that nobody is in any more.
        sessions.clear();
        for &SessionCount { kind, state, n } in &levels.sessions {
            sessions.get_or_create(&Sessions { kind, state: state.name() }).set(n);
        }
    }

    /// All of it, as it is read by Prometheus.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.0.registry)?;
        Ok(text)
    }
}

/// A transfer that is under way.
pub struct UnderWay {
    metrics: Metrics,
    way: Way,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.metrics.0.transfers.get_or_create(&self.way).dec();
    }
}

fn plain<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, what: &str) -> M {
    let metric = M::default();
    registry.register(name, what, metric.clone());
    metric
}

fn in_unit<M: Metric + Clone>(registry: &mut Registry, name: &str, what: &str, unit: Unit, metric: M) -> M {
    registry.register_with_unit(name, what, unit, metric.clone());
    metric
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::update::SessionState;

    #[test]
    fn what_was_counted_is_told() {
        let ledger = Figures::default();
        let metrics = Metrics::new(&ledger);
        let request = Request { surface: "rest".into(), operation: "a.b".into(), status: 200 };
        metrics.request(request.clone(), 0.01);
        metrics.request(request, 0.03);
        metrics.bytes(Direction::In, 7);
        ledger.commands.inc_by(3);
        let under_way = metrics.transfer(Direction::Out);
        let active = SessionCount { kind: "update", state: SessionState::Active, n: 2 };
        metrics.look(&Levels { n_waiting: 4, sessions: vec![active], ..Levels::default() });
        let text = metrics.text().unwrap();
        for line in [
            "contentlibd_requests_total{surface=\"rest\",operation=\"a.b\",status=\"200\"} 2\n",
            "contentlibd_request_duration_seconds_bucket{le=\"0.02\",surface=\"rest\",operation=\"a.b\"} 1\n",
            "contentlibd_transfer_bytes_total{direction=\"in\"} 7\n",
            "contentlibd_transfers{direction=\"out\"} 1\n",
            "contentlibd_ledger_commands_total 3\n",
            "contentlibd_ledger_waiting 4\n",
            "contentlibd_sessions{kind=\"update\",state=\"ACTIVE\"} 2\n",
        ] {
            assert!(text.contains(line), "{line}: {text}");
        }
        drop(under_way);
        metrics.look(&Levels::default());
        let text = metrics.text().unwrap();
        assert!(
            text.contains("contentlibd_transfers{direction=\"out\"} 0\n") && !text.contains("ACTIVE"),
            "{text}"
        );
    }
}
