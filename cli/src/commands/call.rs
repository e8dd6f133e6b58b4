//! `call`: every operation of the API, through its table.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Args as _, FromArgMatches as _};
use vapi::runtime::data::Data as _;
use vapi::runtime::table::{OperationTable, ServiceTable};

use super::Run;
use crate::args::Connection;
use crate::exit::{Exit, Failure};
use crate::values;

/// What all services' names begin with.
const PREFIX: &str = "com.vmware.";

pub(super) async fn run(run: &mut Run<'_>, words: Vec<String>) -> Result<(), Failure> {
    let words = std::iter::once("contentlib call".to_owned()).chain(words).map(OsString::from);
    let matches = match command().try_get_matches_from(words) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => {
            run.print_text(&error.render().to_string());
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let (operation, matches) = chosen(&matches)?;
    run.connection = Connection::from_arg_matches(matches)?.or(run.connection.clone());
    let input = match matches.get_one::<String>("input").map(String::as_str) {
        None => None,
        Some("-") => Some(run.stdin().await.map_err(|error| unreadable("standard input", &error))?),
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?),
    };
    let parameters = values::parameters(operation, matches, input.as_deref())?;
    let result = run.raw_client()?.call_by_table(operation, parameters).await?;
    let result = values::to_json(&operation.output, result.view())?;
    run.print(&result);
    Ok(())
}

fn unreadable(what: &str, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{what} cannot be read: {error}"))
}

/// The operation that was named, and what stands behind it.
fn chosen(matches: &ArgMatches) -> Result<(&'static OperationTable, &ArgMatches), Failure> {
    let named = matches.subcommand().and_then(|(service, matches)| {
        let (operation, matches) = matches.subcommand()?;
        let service = vapi::services().iter().find(|table| short_name(table) == service)?;
        let operation = service.operations.iter().find(|table| table.name == operation)?;
        Some((operation.table(), matches))
    });
    named.ok_or_else(|| Failure::usage("no operation is named"))
}

/// The whole API as a command: services, below them operations, and their parameters as options.
pub(crate) fn command() -> clap::Command {
    let root = clap::Command::new("contentlib call")
        .about("Call any operation of the API")
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand_value_name("SERVICE OPERATION");
    root.subcommands(vapi::services().iter().map(|service| {
        let name = short_name(service);
        clap::Command::new(name)
            .about(service.id)
            .alias(service.id)
            .aliases(with_dashes(name))
            .subcommand_required(true)
            .disable_help_subcommand(true)
            .subcommand_value_name("OPERATION")
            .subcommands(service.operations.iter().map(|operation| of_operation(operation)))
    }))
}

fn of_operation(operation: &'static OperationTable) -> clap::Command {
    let line = operation.routes.first().map(|route| format!("{} {}", route.method.as_str(), route.path));
    let errors: Vec<&str> =
        operation.errors.iter().map(|error| error.id.rsplit('.').next().unwrap_or(error.id)).collect();
    // The options bring a description of their own, so this one comes after them.
    let command = Connection::augment_args(clap::Command::new(operation.name))
        .aliases(with_dashes(operation.name))
        .about(line.unwrap_or_default())
        .long_about(None)
        .after_help(match errors.is_empty() {
            true => String::new(),
            false => format!("Errors: {}", errors.join(", ")),
        });
    let input = Arg::new("input")
        .long("input")
        .value_name("FILE")
        .help("The parameters as a JSON object from a file, or `-` for standard input; options count more");
    values::add_options(command.arg(input), operation)
}

/// The spelling of URLs, where it is another.
fn with_dashes(name: &str) -> Option<String> {
    name.contains('_').then(|| name.replace('_', "-"))
}

/// The last names of a service that no other ends with: `update_session`, `updatesession.file`.
fn short_name(service: &ServiceTable) -> &'static str {
    let id: &'static str = service.id;
    let starts = id.rmatch_indices('.').map(|(at, _)| at + 1);
    let is_unique = |suffix: &str| {
        let ends = |other: &&&ServiceTable| {
            other.id.strip_suffix(suffix).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        vapi::services().iter().filter(ends).count() == 1
    };
    starts
        .map(|at| &id[at..])
        .find(|suffix| is_unique(suffix))
        .unwrap_or(id.strip_prefix(PREFIX).unwrap_or(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn the_command_is_sound_and_names_are_unique() {
        super::command().debug_assert();
        let names: BTreeSet<_> = vapi::services().iter().map(|service| super::short_name(service)).collect();
        assert_eq!(names.len(), vapi::services().len());
        assert!(names.contains("update_session") && names.contains("updatesession.file"), "{names:?}");
    }
}
