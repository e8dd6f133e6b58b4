//! `cargo check` of generated crates: ours, and progenitor's for the OpenAPI twin of the same API.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::check::features;
use crate::console::note;

use vapi_codegen::emit::features::END;
use vapi_codegen::ir::{Api, Service};

use super::measure::{Cost, best_of, run};
use super::{N_OPERATIONS, N_SERVICES, Row, synthetic};

/// Version measured; the builder and the output's own dependency must agree.
const PROGENITOR: &str = "0.15.1";

/// Rounds of a service; what disturbs a round only ever adds to it, so the cheapest is nearest the truth.
const N_ROUNDS: usize = 3;
/// Rounds of what is held against a goal.
const N_ROUNDS_OF_ALL: usize = 12;

/// Measures both; `work/out` holds our output already.
pub(super) fn rows(root: &Path, work: &Path) -> Result<Vec<Row>> {
    note(format_args!("bench: cargo check of the generated crate"));
    let ours = check(&our_crate(root, work)?, work, N_ROUNDS)?;
    let mut rows = vec![row("`cargo check` of its output".to_owned(), &ours, 0.0, N_OPERATIONS)];
    note(format_args!("bench: cargo check of progenitor's crate for the same API"));
    rows.push(match progenitor_crate(work).and_then(|folder| check(&folder, work, 1)) {
        Ok(cost) => Row::new(
            format!("`cargo check` of progenitor {PROGENITOR}'s output for the same API"),
            format!("{}; {:.1} times ours", show(&cost, N_OPERATIONS), cost.user_ms() / ours.user_ms()),
            "",
            None,
        ),
        Err(why) => Row::new(
            format!("`cargo check` of progenitor {PROGENITOR}'s output for the same API"),
            format!("could not be had here: {}", why.to_string().lines().next().unwrap_or_default()),
            "",
            None,
        ),
    });
    Ok(rows)
}

/// A crate of so many operations against the goals; `none_ms` is what it costs without any, if that is left out.
pub(super) fn row(what: String, cost: &Cost, none_ms: f64, n_operations: usize) -> Row {
    let user_ms_per_operation = (cost.user_ms() - none_ms) / n_operations as f64;
    let without =
        if none_ms > 0.0 { format!(" above the {none_ms:.0} ms without any") } else { String::new() };
    Row::new(
        what,
        format!("{user_ms_per_operation:.2} ms user per operation{without}, {:.0} MiB", cost.memory_mib()),
        "≤ 6 ms user per operation, ≤ 600 MB",
        Some(user_ms_per_operation <= 6.0 && cost.memory_bytes_max <= 600_000_000),
    )
}

/// What the services of the API cost.
pub(super) struct Services {
    /// Each alone, first of all the crate without any, all of them last.
    pub(super) table: String,
    /// The crate without any.
    pub(super) none: Cost,
    /// All together.
    pub(super) all: Cost,
    /// Of all together.
    pub(super) n_operations: usize,
}

/// Measures what each service of the API costs, alone.
pub(super) fn services(root: &Path, work: &Path, api: &Api) -> Result<Services> {
    note(format_args!("bench: cargo check of each service"));
    let mut table =
        "| feature | operations | ms user | above none | MiB |\n|---|---:|---:|---:|---:|\n".to_owned();
    let features: Vec<String> = features(root)?;
    let none = check_features(root, work, "", N_ROUNDS_OF_ALL)?;
    let n_operations_of = |feature: &str| -> usize {
        let of = |service: &&Service| feature_of(service) == feature;
        api.services.iter().filter(of).map(|service| service.operations.len()).sum()
    };
    let mut add = |name: &str, n_operations: usize, cost: &Cost| {
        let (user, above) = (cost.user_ms(), (cost.user_ms() - none.user_ms()).max(0.0));
        let memory = cost.memory_mib();
        let _infallible =
            writeln!(table, "| {name} | {n_operations} | {user:.0} | {above:.0} | {memory:.0} |");
    };
    add("none", 0, &none);
    for feature in &features {
        let cost = check_features(root, work, feature, N_ROUNDS)?;
        add(&format!("`{feature}`"), n_operations_of(feature), &cost);
    }
    let n_operations = api.services.iter().map(|service| service.operations.len()).sum();
    let all = check_features(root, work, &features.join(","), N_ROUNDS_OF_ALL)?;
    add("all", n_operations, &all);
    Ok(Services { table, none, all, n_operations })
}

fn feature_of(service: &Service) -> String {
    vapi_codegen::plan::feature(&service.id)
}

/// `cargo check` of the committed crate with these features, its dependencies built before.
fn check_features(root: &Path, work: &Path, features: &str, n_rounds: usize) -> Result<Cost> {
    let command = |words: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(words).current_dir(root).env("CARGO_TARGET_DIR", work.join("target"));
        command.env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS");
        command
    };
    let check =
        || command(&["check", "--quiet", "-p", "vapi", "--no-default-features", "--features", features]);
    run(&mut check())?;
    let clean = || run(&mut command(&["clean", "--quiet", "-p", "vapi"])).map(|_cost| ());
    best_of(n_rounds, clean, check)
}

fn show(cost: &Cost, n_operations: usize) -> String {
    format!("{:.2} ms user per operation, {:.0} MiB", cost.user_ms() / n_operations as f64, cost.memory_mib())
}

/// Checks the crate with its dependencies built before; the crate itself anew in every round. A rival that takes minutes
/// gets one round.
fn check(folder: &Path, work: &Path, n_rounds: usize) -> Result<Cost> {
    let cargo = || {
        let mut command = Command::new("cargo");
        command.args(["check", "--quiet"]).current_dir(folder).env("CARGO_TARGET_DIR", work.join("target"));
        command.env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS");
        command
    };
    run(&mut cargo())?;
    let root_file = folder.join("src/lib.rs");
    let touch = || {
        let text = std::fs::read(&root_file)?;
        std::fs::write(&root_file, text).map_err(Into::into)
    };
    best_of(n_rounds, touch, cargo)
}

/// The manifest of the crate that is generated below `out`; `gen` fills in the features.
pub(super) fn write_manifest(root: &Path, out: &Path) -> Result<()> {
    let folder = out.join("generated");
    std::fs::create_dir_all(&folder)?;
    let manifest = format!(
        "[package]\nname = \"bench-vapi\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         # @generated by `cargo xtask gen`\n{END}\n\n[dependencies]\nvapi-runtime = {{ path = {:?} }}\n",
        root.join("runtime")
    );
    std::fs::write(folder.join("Cargo.toml"), manifest).context("the generated crate")
}

fn our_crate(root: &Path, work: &Path) -> Result<std::path::PathBuf> {
    let folder = work.join("out/generated");
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    Ok(folder)
}

/// Lets progenitor write a crate: a small builder program calls it as a library, as its own command does.
fn progenitor_crate(work: &Path) -> Result<std::path::PathBuf> {
    let (builder, output) = (work.join("progenitor-builder"), work.join("progenitor-output"));
    std::fs::create_dir_all(builder.join("src"))?;
    std::fs::create_dir_all(output.join("src"))?;
    std::fs::write(
        builder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"progenitor-builder\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nprogenitor-impl = \"={PROGENITOR}\"\nopenapiv3 = \"2\"\nserde_json = \"1\"\n\
             syn = {{ version = \"2\", features = [\"full\"] }}\nprettyplease = \"0.2\"\n"
        ),
    )?;
    std::fs::write(builder.join("src/main.rs"), PROGENITOR_BUILDER)?;
    let document = work.join("openapi.json");
    std::fs::write(&document, serde_json::to_string(&synthetic::openapi(N_SERVICES))?)?;
    run(Command::new("cargo")
        .args(["run", "--quiet", "--"])
        .arg(&document)
        .arg(output.join("src/lib.rs"))
        .current_dir(&builder)
        .env("CARGO_TARGET_DIR", work.join("target")))?;
    std::fs::write(
        output.join("Cargo.toml"),
        format!(
            "[package]\nname = \"progenitor-output\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nprogenitor-client = \"={PROGENITOR}\"\nbytes = \"1\"\nfutures = \"0.3\"\n\
             chrono = {{ version = \"0.4\", features = [\"serde\"] }}\nregress = \"0.10\"\nserde_json = \"1\"\nserde_urlencoded = \"0.7\"\n\
             reqwest = {{ version = \"0.13\", default-features = false, features = [\"json\", \"query\", \"stream\"] }}\n\
             serde = {{ version = \"1\", features = [\"derive\"] }}\n\
             uuid = {{ version = \"1\", features = [\"serde\"] }}\n"
        ),
    )?;
    Ok(output)
}

const PROGENITOR_BUILDER: &str = r#"fn main() {
    let mut arguments = std::env::args().skip(1);
    let document = std::fs::read_to_string(arguments.next().expect("document")).expect("document");
    let document: openapiv3::OpenAPI = serde_json::from_str(&document).expect("OpenAPI");
    let tokens = progenitor_impl::Generator::default().generate_tokens(&document).expect("generated");
    let file: syn::File = syn::parse2(tokens).expect("Rust");
    std::fs::write(arguments.next().expect("output"), prettyplease::unparse(&file)).expect("written");
}
"#;
