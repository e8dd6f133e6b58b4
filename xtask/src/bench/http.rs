//! HTTP on loopback: our server and a hand-written one, our client and a hand-written one, a process a side, in turns.
//!
//! The programs are `bench/src/bin/http`. Out: CPU time per request or call, requests per second, and how long they took.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

use super::Row;
use super::measure::run;
use crate::console::note;

const N_ROUNDS: usize = 3;
const N_REQUESTS: usize = 40_000;
const N_CALLS: usize = 20_000;

/// What is called, what the hand-written server is called for beside it, what the row says, and the goal.
const SERVERS: [(&str, &str, &str, f64); 6] = [
    ("rest-get", "rest-get", "server, `get` below `/api`", 1.0),
    ("rest-fail", "rest-fail", "server, `fail` below `/api`", 1.0),
    ("legacy-get", "legacy-get", "server, `get` below `/rest`", 1.0),
    ("legacy-fail", "legacy-fail", "server, `fail` below `/rest`", 1.0),
    ("json-rpc-get", "rest-get", "server, `get` in JSON-RPC, against by hand below `/api`", 1.2),
    ("json-rpc-fail", "rest-fail", "server, `fail` in JSON-RPC, against by hand below `/api`", 1.2),
];

/// Measures both servers and both clients.
pub(super) fn rows(root: &Path) -> Result<Vec<Row>> {
    let program = program(root);
    let (ours, by_hand) = (Served::start(&program, "ours")?, Served::start(&program, "by-hand")?);
    run(Command::new(&program).args(["agree", &ours.url, &by_hand.url]))?;
    let mut rows = Vec::new();
    for (call, rival_call, what, goal_ratio) in SERVERS {
        note(format_args!("bench: {what}"));
        let (mut best_ours, mut best_rival) = (Load::NONE, Load::NONE);
        for _ in 0..N_ROUNDS {
            best_ours = best_ours.best(load(&program, "ours", call)?);
            best_rival = best_rival.best(load(&program, "by-hand", rival_call)?);
        }
        let ratio = best_ours.cpu_us / best_rival.cpu_us;
        rows.push(Row::new(
            what,
            format!("{best_ours}; by hand {best_rival}: {ratio:.2}x"),
            &format!("≤ {goal_ratio:.1}x CPU"),
            // To two digits, as it is shown.
            Some((ratio * 100.0).round() <= goal_ratio * 100.0),
        ));
    }
    note(format_args!("bench: clients"));
    let (mut best_ours, mut best_rival) = (f64::MAX, f64::MAX);
    for _ in 0..N_ROUNDS {
        for (side, best) in [("ours", &mut best_ours), ("by-hand", &mut best_rival)] {
            let cost = run(Command::new(&program).args(["get", side, &by_hand.url, &N_CALLS.to_string()]))?;
            *best = best.min(cost.cpu_ms() * 1e3 / N_CALLS as f64);
        }
    }
    rows.push(Row::new(
        "client, `get` below `/api`, awaited one after the other",
        format!("{best_ours:.1} µs CPU; by hand {best_rival:.1} µs: {:.2}x", best_ours / best_rival),
        "",
        None,
    ));
    ours.stop()?;
    by_hand.stop()?;
    Ok(rows)
}

/// Where the programs are.
pub(super) fn program(root: &Path) -> PathBuf {
    root.join("target/release/http")
}

/// What one load, or the best of several, came to.
#[derive(Clone, Copy)]
struct Load {
    /// Of the server.
    cpu_us: f64,
    n_per_second: f64,
    median_us: f64,
    p99_us: f64,
}

impl Load {
    const NONE: Load = Load { cpu_us: f64::MAX, n_per_second: 0.0, median_us: f64::MAX, p99_us: f64::MAX };

    /// The best of each figure: what disturbs one does not always disturb the others.
    fn best(self, other: Load) -> Load {
        Load {
            cpu_us: self.cpu_us.min(other.cpu_us),
            n_per_second: self.n_per_second.max(other.n_per_second),
            median_us: self.median_us.min(other.median_us),
            p99_us: self.p99_us.min(other.p99_us),
        }
    }
}

impl std::fmt::Display for Load {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Load { cpu_us, n_per_second, median_us, p99_us } = self;
        write!(f, "{cpu_us:.1} µs CPU, {n_per_second:.0}/s, p50 {median_us:.0} µs, p99 {p99_us:.0} µs")
    }
}

/// Calls a new server of that side so many times, and counts what it used from its start to its end.
fn load(program: &Path, side: &str, call: &str) -> Result<Load> {
    let served = Served::start(program, side)?;
    let output = Command::new(program).args(["load", &served.url, call, &N_REQUESTS.to_string()]).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text.trim_end().split('\t').filter_map(|figure| figure.parse().ok()).collect();
    let [n_per_second, median_us, p99_us] = figures[..] else {
        bail!("`http load` printed {text:?} and {}", String::from_utf8_lossy(&output.stderr));
    };
    let cpu_us = served.stop()?.as_secs_f64() * 1e6 / N_REQUESTS as f64;
    Ok(Load { cpu_us, n_per_second, median_us, p99_us })
}

/// A server in a process of its own.
struct Served {
    child: Child,
    /// Its end is the server's.
    stdin: ChildStdin,
    url: String,
}

impl Served {
    fn start(program: &Path, side: &str) -> Result<Served> {
        let mut command = Command::new(program);
        command.args(["serve", side]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("could not start {command:?}"))?;
        let stdin = child.stdin.take().context("the server's input is a pipe")?;
        let mut url = String::new();
        BufReader::new(child.stdout.take().context("the server's output is a pipe")?).read_line(&mut url)?;
        Ok(Served { child, stdin, url: url.trim_end().to_owned() })
    }

    /// Ends it; the CPU time it took.
    fn stop(self) -> Result<Duration> {
        drop(self.stdin);
        let used = self.child.wait4()?;
        if !used.status.success() {
            bail!("a server of the HTTP bench failed");
        }
        Ok(used.rusage.utime + used.rusage.stime)
    }
}
