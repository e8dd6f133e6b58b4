//! A server of its own, many requests of every kind, and what is left of them when all clients are gone.
//!
//! Out: a line for each kind of thing that could be left: what, its unit, how much before and after, and how much more there
//! may be. "Before" is after a tenth of the requests, when every kind has been there and memory that is reused exists.
//! Not here: what each request looks like, which is `attack`.

mod attack;

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use vapi_runtime::Router;

use crate::{ours, serve};

/// More than this is refused, and half of it is stalled.
const BODY_BYTES_MAX: usize = 64 << 10;
/// Stalled bodies get their refusal soon.
const BODY_TIMEOUT: Duration = Duration::from_millis(100);
/// What memory may differ by, be it for where the allocator happens to put things.
const MEMORY_KIB_MORE: usize = 2 << 10;

/// The router that is soaked.
pub(crate) fn router() -> Router {
    ours::router().body_bytes_max(BODY_BYTES_MAX).body_timeout(BODY_TIMEOUT)
}

/// Sends so many requests.
pub(crate) fn soak(n: usize) -> Result<String, Box<dyn Error>> {
    let mut soaked = Soaked::start()?;
    let begin = Instant::now();
    let mut tally = attack::attack(soaked.address()?, n / 10, 1)?;
    let before = soaked.left()?;
    tally.add(&attack::attack(soaked.address()?, n - n / 10, 2)?);
    let after = soaked.left()?;
    let n_per_second = n as f64 / begin.elapsed().as_secs_f64();
    soaked.stop()?;
    let rows = [
        ("tasks alive", "", before.n_tasks, after.n_tasks, 0),
        ("open file descriptors, sockets among them", "", before.n_open, after.n_open, 0),
        ("resident memory", " KiB", before.memory_kib, after.memory_kib, MEMORY_KIB_MORE),
    ];
    let mut text = format!("requests\t{n}, {n_per_second:.0}/s: {tally}\n");
    for (what, unit, before, after, allowed) in rows {
        text.push_str(&format!("{what}\t{unit}\t{before}\t{after}\t{allowed}\n"));
    }
    Ok(text)
}

/// What a server has when nobody calls it.
struct Left {
    n_tasks: usize,
    n_open: usize,
    memory_kib: usize,
}

struct Soaked {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    url: String,
}

impl Soaked {
    fn start() -> Result<Soaked, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "soaked"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let stdin = child.stdin.take().ok_or("the server's input is a pipe")?;
        let mut stdout = BufReader::new(child.stdout.take().ok_or("the server's output is a pipe")?);
        let mut url = String::new();
        stdout.read_line(&mut url)?;
        Ok(Soaked { child, stdin, stdout, url: url.trim_end().to_owned() })
    }

    fn address(&self) -> Result<std::net::SocketAddr, Box<dyn Error>> {
        serve::address(&self.url)
    }

    /// What there is, as soon as it is no longer becoming less: the server learns of the last connections' ends in its own time.
    fn left(&mut self) -> Result<Left, Box<dyn Error>> {
        const PATIENCE: Duration = Duration::from_secs(10);
        const PAUSE: Duration = Duration::from_millis(50);
        let begin = Instant::now();
        loop {
            let n_tasks = self.n_tasks()?;
            if n_tasks == 0 || begin.elapsed() > PATIENCE {
                let folder = format!("/proc/{}", self.child.id());
                let n_open = std::fs::read_dir(format!("{folder}/fd"))?.count();
                let status = std::fs::read_to_string(format!("{folder}/status"))?;
                let memory = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
                let memory = memory.and_then(|text| text.split_whitespace().next()).ok_or("no VmRSS")?;
                return Ok(Left { n_tasks, n_open, memory_kib: memory.parse()? });
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn n_tasks(&mut self) -> Result<usize, Box<dyn Error>> {
        writeln!(self.stdin)?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(line.trim_end().parse()?)
    }

    /// Ends it; a server with connections left would take its time.
    fn stop(self) -> Result<(), Box<dyn Error>> {
        let Soaked { mut child, stdin, .. } = self;
        drop(stdin);
        if child.wait()?.success() { Ok(()) } else { Err("the server failed".into()) }
    }
}
