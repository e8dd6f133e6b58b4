//! `contentlib upload` and `download` beside `curl -T` and `curl -o`, in turns, to the same contentlibd.
//!
//! Files and the server's data are in memory where the system has a file system for that: the disk is the same for both sides,
//! and its moods are larger than what they differ by.
//! Out: how fast, CPU time, peak memory, and what a start of the program costs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::Row;
use super::measure::{Cost, run};
use super::server::{Bench, FILE_BYTES};
use crate::console::note;
use crate::contentlibd::Contentlibd;

const N_ROUNDS: usize = 5;
const N_STARTS: usize = 100;
/// How much slower than the rival, and how much more CPU time.
const RATIO_MAX: f64 = 1.05;
const MEMORY_MIB_MAX: f64 = 32.0;
const START_MS_MAX: f64 = 10.0;
/// Where Linux has a file system in memory.
const IN_MEMORY: &str = "/dev/shm";

/// Measures all of it.
pub(super) fn rows(root: &Path, work: &Path) -> Result<Vec<Row>> {
    let in_memory = Path::new(IN_MEMORY);
    let place = if in_memory.is_dir() { in_memory } else { work };
    let folder = Folder::new(place.join(format!("contentlib-bench-{}", std::process::id())))?;
    let sides = Sides { bench: Bench::new(root, &folder.0), folder: &folder.0 };
    let mut rows = sides.transfers()?;
    rows.push(sides.starts()?);
    Ok(rows)
}

/// A folder that goes at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(path: PathBuf) -> Result<Folder> {
        std::fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is the system's to clear away.
        let _left_behind = std::fs::remove_dir_all(&self.0);
    }
}

struct Sides<'a> {
    bench: Bench<'a>,
    folder: &'a Path,
}

/// Ours and curl's, the best of each figure, and what hashing the file alone costs.
struct Beside {
    ours: Best,
    curl: Best,
}

#[derive(Clone, Copy)]
struct Best {
    wall_s: f64,
    cpu_s: f64,
    memory_mib: f64,
}

impl Best {
    const NONE: Best = Best { wall_s: f64::MAX, cpu_s: f64::MAX, memory_mib: 0.0 };

    /// The worst of memory counts.
    fn add(&mut self, cost: &Cost) {
        self.wall_s = self.wall_s.min(cost.wall_ms() / 1e3);
        self.cpu_s = self.cpu_s.min(cost.cpu_ms() / 1e3);
        self.memory_mib = self.memory_mib.max(cost.memory_mib());
    }

    fn mb_s(&self) -> f64 {
        FILE_BYTES as f64 / 1e6 / self.wall_s
    }
}

impl Sides<'_> {
    fn transfers(&self) -> Result<Vec<Row>> {
        let file = self.folder.join("disk.img");
        let n = FILE_BYTES.to_string();
        self.bench.library(&["file", &file.display().to_string(), &n])?;
        let none = || Beside { ours: Best::NONE, curl: Best::NONE };
        let (mut up, mut once, mut down) = (none(), none(), none());
        let mut hash = Best::NONE;
        for round in 1..=N_ROUNDS {
            note(format_args!("bench: contentlib and curl, round {round} of {N_ROUNDS}"));
            hash.add(&run(Command::new(self.bench.program("library")).arg("hash-file").arg(&file))?);
            self.ours(&file, &[], &mut up.ours, &mut down.ours)?;
            self.ours(&file, &["--read-once"], &mut once.ours, &mut down.ours)?;
            self.curls(&file, &mut up.curl, &mut down.curl)?;
        }
        once.curl = up.curl;
        let of = |side: &Beside, what, rival| {
            [side.speed(what, rival, &hash), side.cpu(what, rival, &hash), side.memory(what)]
        };
        let mut rows = Vec::from(of(&up, "upload", "curl -T"));
        rows.extend(of(&once, "upload --read-once", "curl -T"));
        rows.extend(of(&down, "download", "curl -o"));
        Ok(rows)
    }

    /// An upload and its download by `contentlib`, with a server of their own.
    fn ours(&self, file: &Path, options: &[&str], up: &mut Best, down: &mut Best) -> Result<()> {
        let server = self.bench.server(&[])?;
        run(self.contentlib(&server).args(["mk", "bench", "--datastore", "datastore-1"]))?;
        up.add(&run(self.contentlib(&server).args(["upload", "bench/disk"]).args(options).arg(file))?);
        let fetched = Folder::new(self.folder.join("fetched"))?;
        down.add(&run(self.contentlib(&server).args(["download", "bench/disk"]).arg(&fetched.0))?);
        ended(server)
    }

    /// The same by curl, which is told where.
    fn curls(&self, file: &Path, up: &mut Best, down: &mut Best) -> Result<()> {
        let server = self.bench.server(&[])?;
        let to = self.address("send-to", &server)?;
        up.add(&run(Command::new("curl").args(["-sSf", "-T"]).arg(file).arg(to))?);
        ended(server)?;
        let server = self.bench.server(&[])?;
        let from = self.address("fetch-from", &server)?;
        let fetched = Folder::new(self.folder.join("fetched"))?;
        down.add(&run(Command::new("curl").args(["-sSf", "-o"]).arg(fetched.0.join("disk.img")).arg(from))?);
        ended(server)
    }

    fn contentlib(&self, server: &Contentlibd) -> Command {
        let mut command = Command::new(self.bench.program("contentlib"));
        let [url, user, password] = server.address();
        for (name, value) in
            [("CONTENTLIB_URL", url), ("CONTENTLIB_USER", user), ("CONTENTLIB_PASSWORD", password)]
        {
            command.env(name, value);
        }
        // Nothing of whoever runs this, such as a login that was left.
        command.env("HOME", self.folder).env("XDG_CONFIG_HOME", self.folder);
        command
    }

    fn address(&self, which: &str, server: &Contentlibd) -> Result<String> {
        let mut command = Command::new(self.bench.program("library"));
        let output = command.arg(which).args(server.address()).arg(FILE_BYTES.to_string()).output()?;
        if !output.status.success() {
            bail!("no address: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    fn starts(&self) -> Result<Row> {
        note(format_args!("bench: starts of contentlib"));
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..N_STARTS {
            let cost = run(Command::new(self.bench.program("contentlib")).arg("--version"))?;
            wall.push(cost.wall_ms());
            cpu.push(cost.cpu_ms());
        }
        let (wall_ms, cpu_ms) = (median(&mut wall), median(&mut cpu));
        let measured = format!("{cpu_ms:.1} ms CPU, {wall_ms:.1} ms wall, the median of {N_STARTS}");
        let is_quick = wall_ms < START_MS_MAX && cpu_ms < START_MS_MAX;
        Ok(Row::new("`contentlib --version`", measured, &format!("< {START_MS_MAX} ms"), Some(is_quick)))
    }
}

impl Beside {
    fn speed(&self, what: &str, rival: &str, hash: &Best) -> Row {
        let (ours, curl) = (&self.ours, &self.curl);
        let ratio = ours.wall_s / (curl.wall_s + hash.wall_s);
        let measured = format!(
            "{:.2} s, {:.0} MB/s; curl {:.2} s, {:.0} MB/s, and hashing {:.2} s: {ratio:.2}x",
            ours.wall_s,
            ours.mb_s(),
            curl.wall_s,
            curl.mb_s(),
            hash.wall_s
        );
        let what = format!("`contentlib {what}` of 1 GiB, beside `{rival}` and a checksum");
        Row::new(what, measured, &format!("≤ {RATIO_MAX}x"), Some(ratio <= RATIO_MAX))
    }

    fn cpu(&self, what: &str, rival: &str, hash: &Best) -> Row {
        let (ours, curl) = (&self.ours, &self.curl);
        let ratio = ours.cpu_s / (curl.cpu_s + hash.cpu_s);
        let measured = format!(
            "{:.2} s CPU; curl {:.2} s, and hashing {:.2} s: {ratio:.2}x",
            ours.cpu_s, curl.cpu_s, hash.cpu_s
        );
        let what = format!("CPU time of `contentlib {what}`, beside `{rival}` and a checksum");
        Row::new(what, measured, &format!("≤ {RATIO_MAX}x"), Some(ratio <= RATIO_MAX))
    }

    fn memory(&self, what: &str) -> Row {
        let (ours, curl) = (self.ours.memory_mib, self.curl.memory_mib);
        let measured = format!("{ours:.1} MiB; curl {curl:.1} MiB");
        let goal = format!("< {MEMORY_MIB_MAX} MiB");
        Row::new(format!("peak memory of `contentlib {what}`"), measured, &goal, Some(ours < MEMORY_MIB_MAX))
    }
}

fn ended(server: Contentlibd) -> Result<()> {
    if server.stop()? { Ok(()) } else { bail!("contentlibd did not end well") }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
