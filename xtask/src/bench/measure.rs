//! What a child process cost: user and system CPU time and peak memory, from the kernel's own account.
//!
//! Wall time is shown beside it where two cores help; nothing is ever asserted on it.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use wait4::Wait4 as _;

/// Cost of one run, or of the cheapest of several.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) user: Duration,
    pub(crate) system: Duration,
    pub(crate) wall: Duration,
    pub(crate) memory_bytes_max: u64,
}

impl Cost {
    pub(crate) fn cpu_ms(&self) -> f64 {
        (self.user + self.system).as_secs_f64() * 1e3
    }
    pub(crate) fn user_ms(&self) -> f64 {
        self.user.as_secs_f64() * 1e3
    }
    pub(crate) fn wall_ms(&self) -> f64 {
        self.wall.as_secs_f64() * 1e3
    }
    pub(crate) fn memory_mib(&self) -> f64 {
        self.memory_bytes_max as f64 / f64::from(1 << 20)
    }
}

/// Runs the command to its end, its output kept back unless it fails; children it waited for count too.
/// Its peak memory is at least what this process had at most so far: the kernel hands that on to children.
pub(crate) fn run(command: &mut Command) -> Result<Cost> {
    let log = std::env::temp_dir().join(format!("bench-{}.log", std::process::id()));
    let file = std::fs::File::create(&log).context("a file for the command's output")?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("could not start {command:?}"))?;
    let used = child.wait4()?;
    let wall = start.elapsed();
    let output = std::fs::read_to_string(&log).unwrap_or_default();
    let _ = std::fs::remove_file(&log);
    if !used.status.success() {
        bail!("{command:?} failed:\n{output}");
    }
    let rusage = used.rusage;
    Ok(Cost { user: rusage.utime, system: rusage.stime, wall, memory_bytes_max: rusage.maxrss })
}

/// The run with the least user time of `n_rounds`; `before` puts things back to where each round starts.
pub(crate) fn best_of(
    n_rounds: usize,
    mut before: impl FnMut() -> Result<()>,
    mut command: impl FnMut() -> Command,
) -> Result<Cost> {
    let mut best: Option<Cost> = None;
    for _ in 0..n_rounds {
        before()?;
        let cost = run(&mut command())?;
        if best.is_none_or(|best| cost.user + cost.system < best.user + best.system) {
            best = Some(cost);
        }
    }
    best.context("no rounds")
}
