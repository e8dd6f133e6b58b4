//! What a server process has used, from the kernel's own account of it.

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// How finely the kernel tells CPU time to other processes.
const TICK: Duration = Duration::from_millis(10);

/// A process that is looked at.
pub(crate) struct Watched(PathBuf);

impl Watched {
    pub(crate) fn new(pid: &str) -> Result<Watched, Box<dyn Error>> {
        Ok(Watched(PathBuf::from(format!("/proc/{}", pid.parse::<u32>()?))))
    }

    /// User and system time so far.
    pub(crate) fn cpu(&self) -> Result<Duration, Box<dyn Error>> {
        let stat = fs::read_to_string(self.0.join("stat"))?;
        // The program's name stands in parentheses and may have blanks in it.
        let (_, rest) = stat.rsplit_once(") ").ok_or("no end of the name")?;
        let fields: Vec<&str> = rest.split(' ').collect();
        let [user, system] = [11, 12].map(|idx| fields.get(idx).and_then(|field| field.parse::<u32>().ok()));
        Ok(TICK * (user.ok_or("no user time")? + system.ok_or("no system time")?))
    }

    /// Resident memory in KiB; the peak is counted from here on.
    pub(crate) fn begin_memory(&self) -> Result<u64, Box<dyn Error>> {
        fs::write(self.0.join("clear_refs"), "5")?;
        self.memory("VmRSS:")
    }

    /// The peak of resident memory in KiB.
    pub(crate) fn peak_memory(&self) -> Result<u64, Box<dyn Error>> {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> Result<u64, Box<dyn Error>> {
        let status = fs::read_to_string(self.0.join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.and_then(|text| text.split_whitespace().next()).ok_or("no such figure")?.parse()?)
    }
}
