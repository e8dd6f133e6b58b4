//! Calls on kept connections: each sends its next request when it has the whole reply to the last.
//!
//! Out: CPU time of the server per request in microseconds, requests per second, and how long they took at the median and at
//! the 99th percentile.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::task::JoinSet;

use crate::Figures;
use crate::connection::Connection;
use crate::stage::Stage;
use crate::watched::Watched;

const SESSIONS: &str = "/content/library/item/update-session";

/// What is called again and again.
#[derive(Clone)]
enum Call {
    /// A session is read.
    Get { session: String },
    /// A session is kept alive.
    KeepAlive { session: String },
    /// A session is made, cancelled and deleted: three requests, all of them durable.
    Change { item: String },
    /// An item is made, durable.
    Item { library: String },
}

impl Call {
    async fn new(name: &str, stage: &Stage) -> Result<Call, Box<dyn std::error::Error>> {
        Ok(match name {
            "get" => Call::Get { session: stage.session().await?.to_string() },
            "keep-alive" => Call::KeepAlive { session: stage.session().await?.to_string() },
            "change" => Call::Change { item: stage.item().await?.to_string() },
            "item" => Call::Item { library: stage.library.to_string() },
            _ => return Err(format!("no call `{name}`").into()),
        })
    }

    fn n_requests(&self) -> usize {
        if matches!(self, Call::Change { .. }) { 3 } else { 1 }
    }

    /// All its requests, and how long each took, in microseconds.
    async fn make(&self, to: &mut Connection, number: usize, latencies_us: &mut Vec<f64>) -> io::Result<()> {
        let mut began = Instant::now();
        let mut took = || {
            latencies_us.push(began.elapsed().as_secs_f64() * 1e6);
            began = Instant::now();
        };
        match self {
            Call::Get { session } => {
                to.call(&format!("GET {SESSIONS}/{session}"), "").await?;
                took();
            }
            Call::KeepAlive { session } => {
                to.call(&format!("POST {SESSIONS}/{session}?action=keep-alive"), "{}").await?;
                took();
            }
            Call::Change { item } => {
                let body = format!(r#"{{"library_item_id":"{item}"}}"#);
                let session = to.call(&format!("POST {SESSIONS}"), &body).await?;
                let session = session.trim_matches('"').to_owned();
                took();
                to.call(&format!("POST {SESSIONS}/{session}?action=cancel"), "{}").await?;
                took();
                to.call(&format!("DELETE {SESSIONS}/{session}"), "").await?;
                took();
            }
            Call::Item { library } => {
                let body = format!(r#"{{"library_id":"{library}","name":"image {number}","type":"iso"}}"#);
                to.call("POST /content/library/item", &body).await?;
                took();
            }
        }
        Ok(())
    }
}

/// Makes so many requests with so many clients.
pub(crate) fn calls(stage: &Stage, server: &Watched, call: &str, n_clients: usize, n: usize) -> Figures {
    stage.runtime.block_on(async {
        let mut clients = Vec::with_capacity(n_clients);
        for _ in 0..n_clients {
            let connection = Connection::open(stage.address, &stage.login).await?;
            clients.push((Call::new(call, stage).await?, connection));
        }
        let next = Arc::new(AtomicUsize::new(0));
        let (began, cpu_before) = (Instant::now(), server.cpu()?);
        let mut running: JoinSet<io::Result<Vec<f64>>> = JoinSet::new();
        for (call, mut connection) in clients {
            let next = Arc::clone(&next);
            running.spawn(async move {
                let mut latencies_us = Vec::with_capacity(n / n_clients * 2);
                loop {
                    let number = next.fetch_add(call.n_requests(), Ordering::Relaxed);
                    if number >= n {
                        return Ok(latencies_us);
                    }
                    call.make(&mut connection, number, &mut latencies_us).await?;
                }
            });
        }
        let mut latencies_us = Vec::with_capacity(n);
        while let Some(client) = running.join_next().await {
            latencies_us.extend(client??);
        }
        let n_requests = latencies_us.len() as f64;
        let n_per_second = n_requests / began.elapsed().as_secs_f64();
        let cpu_us = (server.cpu()? - cpu_before).as_secs_f64() * 1e6 / n_requests;
        let (median_us, p99_us) = (percentile(&mut latencies_us, 50), percentile(&mut latencies_us, 99));
        Ok(format!("{cpu_us:.1}\t{n_per_second:.0}\t{median_us:.0}\t{p99_us:.0}"))
    })
}

/// So many of a hundred took no longer.
pub(crate) fn percentile(figures: &mut [f64], percent: usize) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[(figures.len() - 1) * percent / 100]
}
