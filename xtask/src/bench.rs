//! `cargo xtask bench`: what generation, compilation, the codecs, HTTP, a soak, the server and transfers cost, side by side in one run.
//!
//! Prints tables and writes them to `docs/performance.md`, a part each; a part that is not run keeps the table it has.
//! Figures are CPU time and peak memory as the kernel counts them, the cheapest of several rounds.
//! Other generators are measured on the same synthetic API in the same run; where one cannot be had, the table says so.

mod compile;
mod http;
mod measure;
mod page;
mod server;
mod soak;
mod synthetic;
mod transfers;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cli::misunderstood;
use crate::console::{note, say};
use crate::generate;
use crate::suggest::did_you_mean;
use crate::workspace::Places;
use measure::{Cost, best_of, run};

const N_SERVICES: usize = 100;
const N_OPERATIONS: usize = N_SERVICES * synthetic::PER_SERVICE;

/// One line of a table.
pub(crate) struct Row {
    what: String,
    measured: String,
    goal: String,
    held: Option<bool>,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>, measured: String, goal: &str, held: Option<bool>) -> Row {
        Row { what: what.into(), measured, goal: goal.to_owned(), held }
    }
}

/// A part of the bench, with a section of its own on the page.
struct Part {
    name: &'static str,
    title: &'static str,
    /// What its rows compare, and why a goal is missed where one is.
    notes: &'static str,
    /// `root` is the workspace, `work` a folder for what it makes.
    measure: fn(root: &Path, work: &Path) -> Result<Vec<Row>>,
    /// Whether a goal that is missed fails the run.
    is_test: bool,
}

const PARTS: [Part; 6] = [
    Part {
        name: "generation",
        title: "Generation and compilation",
        notes: include_str!("bench/generation.md"),
        measure: generation_and_compilation,
        is_test: false,
    },
    Part {
        name: "codecs",
        title: "Codecs",
        notes: include_str!("bench/codecs.md"),
        measure: |root, _| codecs(root),
        is_test: false,
    },
    Part {
        name: "http",
        title: "HTTP",
        notes: include_str!("bench/http.md"),
        measure: |root, _| http::rows(root),
        is_test: false,
    },
    Part {
        name: "soak",
        title: "Soak",
        notes: include_str!("bench/soak.md"),
        measure: |root, _| soak::rows(root),
        is_test: true,
    },
    Part {
        name: "server",
        title: "The server",
        notes: include_str!("bench/server.md"),
        measure: server::rows,
        is_test: false,
    },
    Part {
        name: "transfers",
        title: "Transfers",
        notes: include_str!("bench/transfers.md"),
        measure: transfers::rows,
        is_test: false,
    },
];

/// Runs every measurement, or those of one part; `root` is the workspace.
pub(crate) fn bench(root: &Path, only: Option<&str>) -> Result<bool> {
    if let Some(only) = only
        && PARTS.iter().all(|part| part.name != only)
    {
        let names: Vec<_> = PARTS.iter().map(|part| part.name).collect();
        let meant = did_you_mean(only, names.iter().copied());
        return Err(misunderstood(format!("no part `{only}`{meant}; there are {}", names.join(", "))));
    }
    let work = root.join("target/bench");
    std::fs::create_dir_all(&work)?;
    note(format_args!("bench: building what is measured for release"));
    // Where the programs are looked for afterwards, whatever the environment says.
    run(Command::new("cargo").current_dir(root).env("CARGO_TARGET_DIR", root.join("target")).args([
        "build",
        "--release",
        "-p",
        "xtask",
        "-p",
        "bench",
        "-p",
        "contentlibd",
        "-p",
        "contentlib",
    ]))?;
    let place = root.join("docs/performance.md");
    let mut is_sound = true;
    for part in PARTS.iter().filter(|part| only.is_none_or(|only| only == part.name)) {
        let rows = (part.measure)(root, &work)?;
        is_sound &= !part.is_test || rows.iter().all(|row| row.held != Some(false));
        let table = page::table(&rows);
        say(&table);
        let before = std::fs::read_to_string(&place).unwrap_or_default();
        std::fs::write(&place, page::with_table(&before, part.title, &table))
            .context("docs/performance.md")?;
    }
    Ok(is_sound)
}

/// `gen` and `cargo check` of what it makes, for the synthetic API and for the committed spec.
fn generation_and_compilation(root: &Path, work: &Path) -> Result<Vec<Row>> {
    let mut rows = generation(root, work)?;
    // Before this process has read the spec itself: a child's peak is never below its parent's.
    note(format_args!("bench: generating the committed spec"));
    let (committed, _) = generate(root, &root.join("spec"), &work.join("committed-out"))?;
    rows.extend(compile::rows(root, work)?);
    let sources = generate::sources(&Places { spec: root.join("spec"), out: root.to_owned() })?;
    let api = generate::api(&sources).context("the spec has mistakes")?;
    let services = compile::services(root, work, &api)?;
    rows.extend(committed_spec(&committed, &services));
    std::fs::write(root.join("docs/compile-cost.md"), compile_cost(&services.table))
        .context("docs/compile-cost.md")?;
    Ok(rows)
}

/// Time and memory of `gen` on the synthetic API: from nothing, and with nothing to do.
fn generation(root: &Path, work: &Path) -> Result<Vec<Row>> {
    note(format_args!("bench: generating {N_OPERATIONS} operations"));
    let (spec, out) = (work.join("spec"), work.join("out"));
    let _ = std::fs::remove_dir_all(&spec);
    for (path, text) in synthetic::spec_files(N_SERVICES) {
        let path = spec.join(path);
        std::fs::create_dir_all(path.parent().context("a spec path has a folder")?)?;
        std::fs::write(path, text)?;
    }
    copy_standard_types(&root.join("spec"), &spec)?;
    let (fresh, idle) = generate(root, &spec, &out)?;
    Ok(vec![
        Row::new(
            format!("`gen`, {N_OPERATIONS} operations, from nothing"),
            show(&fresh),
            GEN_GOAL,
            Some(holds_gen_goal(&fresh)),
        ),
        Row::new(
            "`gen`, the same, nothing to do".to_owned(),
            show(&idle),
            "≤ 50 ms",
            Some(idle.wall_ms() <= 50.0),
        ),
    ])
}

/// The same of the committed spec, against the same goals, and what checking the committed crate costs.
fn committed_spec(generated: &Cost, services: &compile::Services) -> [Row; 2] {
    let n_operations = services.n_operations;
    [
        Row::new(
            format!("`gen`, the committed spec, {n_operations} operations, from nothing"),
            show(generated),
            GEN_GOAL,
            Some(holds_gen_goal(generated)),
        ),
        compile::row(
            format!("`cargo check` of its output, {n_operations} operations"),
            &services.all,
            services.none.user_ms(),
            n_operations,
        ),
    ]
}

const GEN_GOAL: &str = "≤ 150 ms, ≤ 60 MB";

fn holds_gen_goal(cost: &Cost) -> bool {
    cost.wall_ms() <= 150.0 && cost.memory_bytes_max <= 60_000_000
}

/// The cost of `gen` from nothing, and with nothing to do.
fn generate(root: &Path, spec: &Path, out: &Path) -> Result<(Cost, Cost)> {
    let gen_command = || {
        let mut command = Command::new(root.join("target/release/xtask"));
        command.arg("gen").arg("--spec").arg(spec).arg("--out").arg(out).current_dir(root);
        command
    };
    let clean = || {
        let _ = std::fs::remove_dir_all(out);
        compile::write_manifest(root, out)
    };
    let fresh = best_of(5, clean, gen_command)?;
    let idle = best_of(5, || Ok(()), gen_command)?;
    Ok((fresh, idle))
}

fn show(cost: &Cost) -> String {
    format!("{:.0} ms CPU ({:.0} ms wall), {:.0} MiB", cost.cpu_ms(), cost.wall_ms(), cost.memory_mib())
}

/// The documents that every spec stands on: the standard types and errors.
fn copy_standard_types(from: &Path, to: &Path) -> Result<()> {
    for path in ["vapi/std.yaml", "vapi/std/errors.yaml"] {
        let target = to.join(path);
        std::fs::create_dir_all(target.parent().context("a spec path has a folder")?)?;
        std::fs::copy(from.join(path), target).with_context(|| format!("spec/{path}"))?;
    }
    Ok(())
}

/// Decoding and encoding, ours and the rivals', each in a process of its own, in turns.
fn codecs(root: &Path) -> Result<Vec<Row>> {
    note(format_args!("bench: codecs"));
    let binary = root.join("target/release/bench");
    let list = Command::new(&binary).arg("list").output().context("the codec bench")?;
    let list = String::from_utf8(list.stdout)?;
    let mut rows = Vec::new();
    for line in list.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [ours, rival, what, goal, n] = fields[..] else { anyhow::bail!("`bench list` printed {line:?}") };
        let (mut best_ours, mut best_rival) = (f64::MAX, f64::MAX);
        for _ in 0..7 {
            for (name, best) in [(ours, &mut best_ours), (rival, &mut best_rival)] {
                *best = best.min(run(Command::new(&binary).args([name, n]))?.user_ms());
            }
        }
        let n: f64 = n.parse()?;
        let goal_ratio: f64 = goal.parse()?;
        let ratio = best_ours / best_rival;
        rows.push(Row::new(
            what,
            format!("{:.0} ns against {:.0} ns: {ratio:.2}x", best_ours * 1e6 / n, best_rival * 1e6 / n),
            &format!("≤ {goal}x"),
            Some(ratio <= goal_ratio),
        ));
    }
    Ok(rows)
}

fn compile_cost(table: &str) -> String {
    format!(
        "# What a service costs to compile\n\n\
         Written by `cargo xtask bench`; run it again rather than editing this.\n\
         Each row is `cargo check -p vapi --no-default-features --features FEATURE` without incremental compilation, its dependencies built before:\n\
         user CPU time of cargo and the compiler, the cheapest of three rounds (of twelve for `none` and all), and the peak memory of the largest process.\n\
         `none` is the crate without any service: cargo itself, reading what the runtime was compiled to, and the types that belong to no service.\n\
         A service brings the modules of the types that it uses, and the modules that these stand in.\n\n\
         {table}"
    )
}
