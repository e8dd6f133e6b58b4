//! contentlibd as a process, called over loopback by another one: what calls cost, how fast bytes come and go, what many slow
//! uploads do to calls, and how long a start takes.
//!
//! The client is `bench/src/bin/library`. CPU time is the server's, user and system, between the begin and the end of the load.
//! A server's data stands under `target/bench`, on the disk that the disk's own figures are taken of, and goes with it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::Row;
use crate::console::note;
use crate::contentlibd::Contentlibd;

const N_ROUNDS: usize = 3;
pub(super) const FILE_BYTES: u64 = 1 << 30;
const N_SLOW_UPLOADS: usize = 1_000;
const N_ITEMS: usize = 100_000;
/// Of what is possible; what an upload and a download have to reach.
const SHARE_MIN: f64 = 0.8;
const MEMORY_MIB_MAX: f64 = 64.0;
const P99_MS_MAX: f64 = 20.0;
const START_MS_MAX: f64 = 1_000.0;

/// What is called, by how many clients, how often, and what the row says.
const CALLS: [(&str, usize, usize, &str); 6] = [
    ("get", 1, 10_000, "get session, 1 client"),
    ("get", 64, 40_000, "get session, 64 clients"),
    ("keep-alive", 1, 2_000, "keep-alive, durable, 1 client"),
    ("keep-alive", 64, 20_000, "keep-alive, durable, 64 clients"),
    ("change", 1, 1_500, "create, cancel and delete a session, each durable, 1 client"),
    ("change", 64, 12_000, "create, cancel and delete a session, each durable, 64 clients"),
];

/// Where things are.
pub(super) struct Bench<'a> {
    root: &'a Path,
    work: &'a Path,
}

/// Measures all of it.
pub(super) fn rows(root: &Path, work: &Path) -> Result<Vec<Row>> {
    let bench = Bench::new(root, work);
    let mut rows = bench.calls()?;
    rows.extend(bench.bytes()?);
    rows.extend(bench.slow_uploads()?);
    rows.push(bench.start()?);
    Ok(rows)
}

impl<'a> Bench<'a> {
    pub(super) fn new(root: &'a Path, work: &'a Path) -> Bench<'a> {
        Bench { root, work }
    }

    /// A fresh server with these settings.
    pub(super) fn server(&self, settings: &[&str]) -> Result<Contentlibd> {
        let mut command = Command::new(self.program("contentlibd"));
        command.env("TMPDIR", self.work).args(["--demo", "--set", "log.level=warn"]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        Contentlibd::start(&mut command)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.root.join("target/release").join(name)
    }

    /// What `library` prints for these arguments.
    pub(super) fn library(&self, arguments: &[&str]) -> Result<Vec<f64>> {
        let output = Command::new(self.program("library")).args(arguments).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        text.trim_end().split('\t').map(|figure| Ok(figure.parse()?)).collect()
    }

    /// The same about a server.
    fn of(&self, server: &Contentlibd, measurement: &str, more: &[String]) -> Result<Vec<f64>> {
        let [url, user, password] = server.address();
        let mut arguments = vec![measurement, url, user, password];
        arguments.extend(more.iter().map(String::as_str));
        self.library(&arguments)
    }

    fn calls(&self) -> Result<Vec<Row>> {
        let server = self.server(&[])?;
        let mut rows = Vec::new();
        for (call, n_clients, n, what) in CALLS {
            rows.push(Row::new(what, self.best_calls(&server, call, n_clients, n)?, "", None));
        }
        server.stop()?;
        let server = self.server(&["store.commands_per_commit_max=1"])?;
        let (call, n_clients, n, what) = CALLS[5];
        let what = format!("{what}, without group commit");
        rows.push(Row::new(what, self.best_calls(&server, call, n_clients, n / 4)?, "", None));
        server.stop()?;
        Ok(rows)
    }

    /// The best of each figure of several rounds.
    fn best_calls(&self, server: &Contentlibd, call: &str, n_clients: usize, n: usize) -> Result<String> {
        note(format_args!("bench: {call}, {n_clients} clients"));
        let arguments = [server.id().to_string(), call.to_owned(), n_clients.to_string(), n.to_string()];
        let mut best = [f64::MAX, 0.0, f64::MAX, f64::MAX];
        for _ in 0..N_ROUNDS {
            let [cpu_us, n_per_second, median_us, p99_us] = self.of(server, "calls", &arguments)?[..] else {
                bail!("`library calls` has four figures");
            };
            best =
                [best[0].min(cpu_us), best[1].max(n_per_second), best[2].min(median_us), best[3].min(p99_us)];
        }
        let [cpu_us, n_per_second, median_us, p99_us] = best;
        Ok(format!(
            "{cpu_us:.0} µs CPU a request, {n_per_second:.0}/s, p50 {median_us:.0} µs, p99 {p99_us:.0} µs"
        ))
    }

    /// Uploads and downloads beside what the disk and a hashing core allow, in turns.
    fn bytes(&self) -> Result<Vec<Row>> {
        let n = FILE_BYTES.to_string();
        let folder = self.work.display().to_string();
        let (mut disk, mut read, mut hash) = (Best::default(), Best::default(), Best::default());
        let (mut up, mut down) = (Best::default(), Best::default());
        for round in 1..=N_ROUNDS {
            note(format_args!("bench: a file of 1 GiB, round {round} of {N_ROUNDS}"));
            hash.add(&self.library(&["hash", &n])?);
            disk.add(&self.library(&["disk", &folder, &n])?);
            // One server for one transfer, so that none finds what another left.
            for (measurement, best) in [("upload", &mut up), ("download", &mut down)] {
                let server = self.server(&[])?;
                best.add(&self.of(&server, measurement, &[server.id().to_string(), n.clone()])?);
                if measurement == "download" {
                    read.add(&self.library(&["read", &self.a_blob()?])?);
                }
                server.stop()?;
            }
        }
        let beside = format!(
            "the disk with the same syncs {:.0} MB/s, one core hashing {:.0} MB/s",
            disk.mb_s(),
            hash.mb_s()
        );
        let uploaded = transferred(
            "upload of 1 GiB, SHA-256 announced and verified",
            &up,
            disk.mb_s().min(hash.mb_s()),
            &beside,
        );
        let beside =
            format!("reading the file {:.0} MB/s, one core hashing {:.0} MB/s", read.mb_s(), hash.mb_s());
        let downloaded = transferred("download of 1 GiB", &down, read.mb_s().min(hash.mb_s()), &beside);
        let memory = |best: &Best| format!("{:.0} MiB above idle", best.memory_mib);
        let goal = format!("≤ {MEMORY_MIB_MAX} MiB");
        let is_small = |best: &Best| Some(best.memory_mib <= MEMORY_MIB_MAX);
        Ok(vec![
            uploaded,
            Row::new(
                "memory of the server during that upload, at its peak",
                memory(&up),
                &goal,
                is_small(&up),
            ),
            downloaded,
            Row::new(
                "memory of the server during that download, at its peak",
                memory(&down),
                &goal,
                is_small(&down),
            ),
        ])
    }

    /// The file of the one server that is there.
    fn a_blob(&self) -> Result<String> {
        for entry in fs::read_dir(self.work)? {
            let blobs = entry?.path().join("blobs");
            if let Ok(mut blobs) = fs::read_dir(blobs)
                && let Some(blob) = blobs.next()
            {
                return Ok(blob?.path().display().to_string());
            }
        }
        bail!("the server keeps no file")
    }

    fn slow_uploads(&self) -> Result<Vec<Row>> {
        note(format_args!("bench: {N_SLOW_UPLOADS} slow uploads"));
        let (mut read, mut kept) = ((f64::MAX, f64::MAX), (f64::MAX, f64::MAX));
        for _ in 0..N_ROUNDS {
            let server = self.server(&[])?;
            let figures = self.of(&server, "slow", &[N_SLOW_UPLOADS.to_string()])?;
            server.stop()?;
            let [read_50, read_99, kept_50, kept_99, ..] = figures[..] else {
                bail!("`library slow` says more")
            };
            read = (read.0.min(read_50), read.1.min(read_99));
            kept = (kept.0.min(kept_50), kept.1.min(kept_99));
        }
        let row = |what: &str, (median_us, p99_us): (f64, f64)| {
            let measured = format!("p50 {:.1} ms, p99 {:.1} ms", median_us / 1e3, p99_us / 1e3);
            let what = format!("{what} while {N_SLOW_UPLOADS} uploads trickle");
            Row::new(what, measured, &format!("p99 < {P99_MS_MAX} ms"), Some(p99_us / 1e3 < P99_MS_MAX))
        };
        Ok(vec![row("get session", read), row("keep-alive, durable,", kept)])
    }

    /// From the start of the process to the answer to its first request, with many items.
    fn start(&self) -> Result<Row> {
        note(format_args!("bench: a start with {N_ITEMS} items"));
        let data = self.work.join("data");
        let _not_there = fs::remove_dir_all(&data);
        let password = self.work.join("password");
        fs::write(&password, "only for this bench\n")?;
        let added = self
            .of_data(&data)
            .args(["user", "add", "bench", "--role", "administrator", "--password-file"])
            .arg(&password)
            .output()?;
        if !added.status.success() {
            bail!("no user: {}", String::from_utf8_lossy(&added.stderr));
        }
        let served = Served::start(&mut self.of_data(&data))?;
        let id = served.process.id().to_string();
        let url = format!("http://{}", served.address);
        let n = N_ITEMS.to_string();
        self.library(&["calls", &url, "bench", "only for this bench", &id, "item", "64", &n])?;
        served.stop()?;
        let mut best_ms = f64::MAX;
        for _ in 0..N_ROUNDS {
            let began = Instant::now();
            let served = Served::start(&mut self.of_data(&data))?;
            served.ask()?;
            best_ms = best_ms.min(began.elapsed().as_secs_f64() * 1e3);
            served.stop()?;
        }
        let n_bytes: u64 =
            fs::read_dir(&data)?.filter_map(|entry| entry.ok()?.metadata().ok()).map(|file| file.len()).sum();
        fs::remove_dir_all(&data)?;
        let measured = format!("{best_ms:.0} ms to the first reply, records of {} MiB", n_bytes >> 20);
        Ok(Row::new(format!("start with {N_ITEMS} items"), measured, "< 1 s", Some(best_ms < START_MS_MAX)))
    }

    fn of_data(&self, data: &Path) -> Command {
        let mut command = Command::new(self.program("contentlibd"));
        command.arg("--data-directory").arg(data);
        command
    }
}

/// The best of some transfers.
struct Best {
    seconds: f64,
    cpu_seconds: f64,
    memory_mib: f64,
}

impl Default for Best {
    fn default() -> Best {
        Best { seconds: f64::MAX, cpu_seconds: f64::MAX, memory_mib: 0.0 }
    }
}

impl Best {
    /// Seconds, and of a server CPU seconds and memory in KiB before and at its peak; the worst of memory counts.
    fn add(&mut self, figures: &[f64]) {
        self.seconds = self.seconds.min(figures[0]);
        if let [_, cpu_seconds, before_kib, peak_kib] = *figures {
            self.cpu_seconds = self.cpu_seconds.min(cpu_seconds);
            self.memory_mib = self.memory_mib.max((peak_kib - before_kib) / 1024.0);
        }
    }

    fn mb_s(&self) -> f64 {
        FILE_BYTES as f64 / 1e6 / self.seconds
    }
}

fn transferred(what: &str, best: &Best, possible_mb_s: f64, beside: &str) -> Row {
    let share = best.mb_s() / possible_mb_s;
    let (mb_s, cpu_seconds) = (best.mb_s(), best.cpu_seconds);
    let measured = format!("{mb_s:.0} MB/s, {cpu_seconds:.2} s CPU; {beside}: {:.0} %", share * 100.0);
    Row::new(what, measured, "≥ 80 % of the smaller", Some(share >= SHARE_MIN))
}

/// A server on a data directory that stays.
struct Served {
    process: Child,
    address: String,
}

impl Served {
    fn start(command: &mut Command) -> Result<Served> {
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--set",
            "log.format=json",
            "--set",
            "log.level=warn,contentlibd::running=info",
        ]);
        let mut process = command.stderr(Stdio::piped()).spawn().context("contentlibd cannot be started")?;
        let log = BufReader::new(process.stderr.take().context("the server has no log")?);
        let mut served = Served { process, address: String::new() };
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(&line?)?;
            if let Some(address) = line["address"].as_str() {
                served.address = address.to_owned();
                return Ok(served);
            }
        }
        bail!("contentlibd does not start")
    }

    /// Has it answer a request.
    fn ask(&self) -> Result<()> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        if reply.starts_with("HTTP/1.1 200 ") { Ok(()) } else { bail!("the server is not well: {reply}") }
    }

    fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.process.id().to_string()).status()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After `stop` there is nothing to end.
        let _stopped_before = self.process.kill();
        let _stopped_before = self.process.wait();
    }
}
