//! The soak: 200,000 requests of every kind, many of them cut off, stalled or too large, and what they leave in a server.
//!
//! The program is `bench/src/bin/http`. Its lines are rows already: what, before, after, how much more there may be.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Row, http};
use crate::console::note;

const N_REQUESTS: usize = 200_000;

/// Runs it; a goal that is missed is something that was left behind.
pub(super) fn rows(root: &Path) -> Result<Vec<Row>> {
    note(format_args!("bench: soaking a server in {N_REQUESTS} requests"));
    let output = Command::new(http::program(root)).args(["soak", &N_REQUESTS.to_string()]).output()?;
    if !output.status.success() {
        bail!("the soak failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let text = String::from_utf8(output.stdout).context("what the soak prints")?;
    text.lines().map(row).collect()
}

fn row(line: &str) -> Result<Row> {
    let fields: Vec<&str> = line.split('\t').collect();
    let (what, measured, goal, held) = match fields[..] {
        [what, measured] => (what, measured.to_owned(), String::new(), None),
        [what, unit, before, after, allowed] => {
            let (n_before, n_after): (i64, i64) = (before.parse()?, after.parse()?);
            let allowed: i64 = allowed.parse()?;
            let goal =
                if allowed == 0 { "none more".to_owned() } else { format!("≤ {allowed}{unit} more") };
            let held = Some(n_after - n_before <= allowed);
            (what, format!("{before}{unit} before, {after}{unit} after"), goal, held)
        }
        _ => bail!("the soak printed {line:?}"),
    };
    Ok(Row::new(what, measured, &goal, held))
}
