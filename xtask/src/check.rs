//! `cargo xtask check`: everything that has to hold, one step after the other, with a summary.
//!
//! In: the workspace. Out: each step's own output, a line a step, and whether all of them passed.
//! A failed step does not end the run: one run shows everything that is wrong.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::console::{Paint, note};
use crate::workspace::{Places, root};
use crate::{generate, tidy};

enum Verdict {
    Passed,
    Failed,
    Skipped(&'static str),
}

/// Runs the steps; true if nothing failed. `places` are those of `gen --check`; every other step is about the workspace.
pub(crate) fn check(places: &Places, with_tests: bool) -> Result<bool> {
    let root = root()?;
    let paint = Paint::stderr();
    let mut summary = Vec::new();
    let mut all_passed = true;
    for (name, run) in steps(&root, places, with_tests) {
        note(paint.bold(&format!("check: {name}")));
        let start = Instant::now();
        // A step that cannot even run has failed; the others still can.
        let verdict = run().unwrap_or_else(|error| {
            note(format_args!("{}: {error:#}", paint.red("error")));
            Verdict::Failed
        });
        let seconds = start.elapsed().as_secs_f64();
        summary.push(match verdict {
            Verdict::Passed => format!("  {name:<11} {}  {seconds:6.1} s", paint.green("ok    ")),
            Verdict::Skipped(why) => format!("  {name:<11} skipped: {why}"),
            Verdict::Failed => {
                all_passed = false;
                format!("  {name:<11} {}  {seconds:6.1} s", paint.red("FAILED"))
            }
        });
    }
    note(format_args!("{}\n{}", paint.bold("check: summary"), summary.join("\n")));
    Ok(all_passed)
}

type Step<'a> = (&'static str, Box<dyn Fn() -> Result<Verdict> + 'a>);

fn steps<'a>(root: &'a Path, places: &'a Places, with_tests: bool) -> Vec<Step<'a>> {
    let cargo_step = move |words: &'static [&'static str]| -> Box<dyn Fn() -> Result<Verdict> + 'a> {
        Box::new(move || cargo(root, words, &[]))
    };
    vec![
        ("fmt", cargo_step(&["fmt", "--all", "--check"])),
        ("gen --check", Box::new(|| Ok(verdict(generate::check(places)?)))),
        ("tidy", Box::new(|| Ok(verdict(tidy::tidy(root)?)))),
        (
            "clippy",
            cargo_step(&["clippy", "--workspace", "--all-targets", "--keep-going", "--", "-D", "warnings"]),
        ),
        ("features", Box::new(move || each_feature(root))),
        (
            "tests",
            Box::new(move || match with_tests {
                true => cargo(root, &["test", "--workspace", "--no-fail-fast"], &[]),
                false => Ok(Verdict::Skipped("--no-tests was given; run `cargo test --workspace`")),
            }),
        ),
        (
            "docs",
            Box::new(|| {
                cargo(
                    root,
                    &[
                        "doc",
                        "--workspace",
                        "--no-deps",
                        "--keep-going",
                        "--features",
                        "vapi-runtime/testing",
                    ],
                    &[("RUSTDOCFLAGS", "-D warnings")],
                )
            }),
        ),
    ]
}

/// The generated crate with one service at a time, and with none.
fn each_feature(root: &Path) -> Result<Verdict> {
    let mut passed = true;
    for feature in std::iter::once(String::new()).chain(features(root)?) {
        let words = ["clippy", "--package", "vapi", "--no-default-features", "--features", &feature];
        let all = [&words[..], &["--all-targets", "--quiet", "--", "-D", "warnings"]].concat();
        let is_fine = matches!(cargo(root, &all, &[])?, Verdict::Passed);
        if !is_fine {
            note(format_args!("check: the generated crate with `{feature}` alone"));
        }
        passed &= is_fine;
    }
    Ok(verdict(passed))
}

/// The features of the generated crate, one for each service.
pub(crate) fn features(root: &Path) -> Result<Vec<String>> {
    let manifest = root.join("generated/Cargo.toml");
    let text = std::fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
    Ok(text.lines().filter_map(|line| line.strip_suffix(" = []")).map(str::to_owned).collect())
}

fn verdict(passed: bool) -> Verdict {
    if passed { Verdict::Passed } else { Verdict::Failed }
}

fn cargo(root: &Path, words: &[&str], env: &[(&str, &str)]) -> Result<Verdict> {
    let status = cargo_command(root).args(words).envs(env.iter().copied()).status();
    Ok(verdict(status.context("cargo cannot be started")?.success()))
}

/// The cargo that started us, or the one on the path, in the workspace's root.
pub(crate) fn cargo_command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
