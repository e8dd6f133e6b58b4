//! The command line: which commands there are, what each takes, and their help.
//!
//! In: the arguments. Out: true if all is as it should be. One table feeds the parser, the list of commands and every
//! `--help`; what a command does is in the module of its name.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::console::say;
use crate::suggest::did_you_mean;
use crate::workspace::{Places, root};
use crate::{bench, check, demo, generate, inspect, interop, pages, tidy};

/// A command line that says nothing we know.
#[derive(Debug)]
pub(crate) struct Misunderstood(String);

impl fmt::Display for Misunderstood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misunderstood {}

/// A command.
struct Command {
    name: &'static str,
    /// Names of its arguments.
    arguments: &'static [&'static str],
    /// How many of them, the first ones, have to be given.
    n_required: usize,
    /// Its switches and what they do.
    switches: &'static [(&'static str, &'static str)],
    /// Its options, which take a value.
    options: &'static [Opt],
    /// A line for the list.
    about: &'static str,
    /// What else its own help says.
    more: &'static str,
    run: fn(&Given) -> Result<bool>,
}

/// An option: its name, what its value is called, and what it does.
type Opt = (&'static str, &'static str, &'static str);

const SPEC: Opt = ("spec", "DIR", "the spec's folder, instead of the repository's spec/");
const OUT: Opt = ("out", "DIR", "the folder that generated files go to, instead of the repository");
const RELEASE: Opt = ("release", "R", "as of this release, such as 6.0; stage api only, for a dump");
const SURFACE: Opt = ("surface", "NAME", "on this surface of the protocol");
const STATUS: Opt = ("status", "STATUS", "the status of the reply, which the body then is");
const BODY: Opt = ("body", "FILE", "the body of the request, or of the reply");
const ONLY: Opt = ("only", "PART", "one part: generation, codecs, http, soak, server or transfers");
const HEADER: Opt = ("header", "'NAME: VALUE'", "a header of the request");

/// What was given to a command.
struct Given {
    arguments: Vec<String>,
    switches: Vec<&'static str>,
    /// Names and values, as they came.
    options: Vec<(&'static str, OsString)>,
}

impl Given {
    fn has(&self, switch: &str) -> bool {
        self.switches.contains(&switch)
    }

    fn option(&self, (name, ..): Opt) -> Option<&OsStr> {
        self.options.iter().rev().find(|(given, _)| *given == name).map(|(_, value)| value.as_os_str())
    }

    /// The value of an option that is text.
    fn text(&self, option: Opt) -> Result<Option<&str>> {
        let (name, ..) = option;
        let text = |value: &OsStr| misunderstood(format!("--{name} is not UTF-8: {}", value.display()));
        self.option(option).map(|value| value.to_str().ok_or_else(|| text(value))).transpose()
    }

    fn places(&self) -> Result<Places> {
        let folder = |option: Opt| self.option(option).map(PathBuf::from);
        Places::new(folder(SPEC), folder(OUT))
    }
}

const COMMANDS: &[Command] = &[
    Command {
        name: "gen",
        arguments: &[],
        n_required: 0,
        switches: &[(
            "check",
            "write nothing; fail if something would be written, with the difference, or if there are warnings",
        )],
        options: &[SPEC, OUT],
        about: "generate code, tests and reference pages from the spec",
        more: "Writes only files whose bytes change and deletes what is not generated any more.\n\
               On any mistake in the spec, nothing is written; a warning holds nothing back.",
        run: |given| match given.has("check") {
            true => generate::check(&given.places()?),
            false => generate::write(&given.places()?),
        },
    },
    Command {
        name: "check",
        arguments: &[],
        n_required: 0,
        switches: &[("no-tests", "leave the tests out, for a caller that has just run them")],
        options: &[SPEC, OUT],
        about: "everything that has to hold: fmt, gen --check, tidy, clippy, tests, docs",
        more: "Every step runs even if one before it failed; a summary stands at the end.\n\
               --spec and --out are those of its gen --check.",
        run: |given| check::check(&given.places()?, !given.has("no-tests")),
    },
    Command {
        name: "tidy",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[],
        about: "check the habits a program can check",
        more: "File length, names, who may import whom, dependencies, words of the spec in hand-written code, ...",
        run: |_| tidy::tidy(&root()?),
    },
    Command {
        name: "explain",
        arguments: &["CODE"],
        n_required: 0,
        switches: &[],
        options: &[],
        about: "what a diagnostic's code means, with a bad and a good example",
        more: "Lists the codes if none is given.",
        run: |given| inspect::explain(given.arguments.first().map(String::as_str)),
    },
    Command {
        name: "dump",
        arguments: &["STAGE"],
        n_required: 1,
        switches: &[],
        options: &[SPEC, RELEASE],
        about: "show what a stage of the generator makes of the spec",
        more: "STAGE is one of\n  \
               syntax  the documents as written, with places\n  \
               ir      the resolved API\n  \
               plan    what is computed for the emitters: Rust names, element orders, routes\n  \
               api     the resolved API as JSON; the one that --release goes with",
        run: |given| inspect::dump(&given.places()?, &given.arguments[0], given.text(RELEASE)?),
    },
    Command {
        name: "coverage",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[SPEC],
        about: "for each operation: is it transcribed, documented, sampled, and called in which ways",
        more: "Prints docs/coverage.md, which `gen` keeps current.",
        run: |given| inspect::coverage(&given.places()?),
    },
    Command {
        name: "sample",
        arguments: &["SERVICE", "OPERATION"],
        n_required: 2,
        switches: &[
            ("json", "the JSON body"),
            ("xml", "the XML body"),
            ("form", "the request line with form parameters"),
            ("http", "the whole HTTP message, in JSON unless --xml or --form is given too"),
            ("response", "of the reply, not of the request"),
        ],
        options: &[SPEC, RELEASE, SURFACE],
        about: "the sample of a request or reply that follows from the spec",
        more: "SERVICE is a service's id, or as many of its last segments as make it unique.\n\
               Prints the sample and nothing else. --surface shows the whole HTTP message on json-rpc, rest or\n\
               legacy-rest; without it samples are those of the reference pages.",
        run: |given| {
            let operation = (given.arguments[0].as_str(), given.arguments[1].as_str());
            let shown = (given.text(RELEASE)?, given.text(SURFACE)?);
            inspect::sample(&given.places()?, operation, shown, &given.switches)
        },
    },
    Command {
        name: "pages",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[SPEC, OUT, RELEASE],
        about: "write the reference pages into a folder of their own, as of a release",
        more: "--out has to be given: a folder that is empty or not there yet.\n\
               Without --release the pages show everything, as those under docs/api do.",
        run: |given| match given.option(OUT) {
            Some(_) => pages::write(&given.places()?, given.text(RELEASE)?),
            None => Err(misunderstood("--out DIR is missing; try `pages --help`".to_owned())),
        },
    },
    Command {
        name: "demo",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[SURFACE],
        about: "generate, then call contentlibd over real HTTP and show the bytes",
        more: "Starts contentlibd on a free port of this machine, calls it on every surface, and fails if anything\n\
               is not as expected. --surface NAME shows one: json-rpc, rest, legacy-rest or 2014.",
        run: |given| demo::demo(&root()?, given.text(SURFACE)?),
    },
    Command {
        name: "interop",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[],
        about: "call contentlibd with the official Python SDK",
        more: "Makes a Python environment with the SDK under target/interop the first time, and calls over JSON-RPC\n\
               every operation of update sessions and their files, and what the SDK's samples do.",
        run: |_| interop::interop(&root()?),
    },
    Command {
        name: "explain-http",
        arguments: &["REQUEST"],
        n_required: 1,
        switches: &[],
        options: &[STATUS, BODY, HEADER],
        about: "what a request or reply of a capture is",
        more: "REQUEST is a request line in quotes: \"POST /rest/com/vmware/...?~action=fail\".\n\
               Names surface, operation and line, and what does not decode and why, with the place in the spec.",
        run: |given| demo::explain_http(&root()?, &given.arguments[0], &given.options),
    },
    Command {
        name: "bench",
        arguments: &[],
        n_required: 0,
        switches: &[],
        options: &[ONLY],
        about: "measure generation, codecs, HTTP, server and transfers, into docs/performance.md",
        more: "Takes minutes: builds for release, and another generator's output for the same API.\n\
               CPU time and peak memory as the kernel counts them; works in target/bench.\n\
               Fails when the soak leaves something behind.",
        run: |given| bench::bench(&root()?, given.text(ONLY)?),
    },
];

/// Runs what the command line says.
pub(crate) fn run(mut parser: Parser) -> Result<bool> {
    let Some(arg) = parser.next()? else {
        say(overview());
        return Ok(false);
    };
    let name = match arg {
        Arg::Long("help") | Arg::Short('h') => {
            say(overview());
            return Ok(true);
        }
        Arg::Value(name) => name.string()?,
        other => {
            return Err(misunderstood(format!(
                "{}; `cargo xtask --help` lists the commands",
                other.unexpected()
            )));
        }
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        let meant = did_you_mean(&name, COMMANDS.iter().map(|command| command.name));
        return Err(misunderstood(format!(
            "no command `{name}`{meant}; `cargo xtask --help` lists the commands"
        )));
    };
    match given(command, &mut parser)? {
        Some(given) => (command.run)(&given),
        None => {
            say(help(command));
            Ok(true)
        }
    }
}

/// What was given to a command; none where its help is asked for.
fn given(command: &Command, parser: &mut Parser) -> Result<Option<Given>> {
    let mut given = Given { arguments: Vec::new(), switches: Vec::new(), options: Vec::new() };
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long(long) => {
                let switch = command.switches.iter().find(|(switch, _)| *switch == long);
                let option = command.options.iter().find(|(option, ..)| *option == long);
                match (switch, option) {
                    (Some((switch, _)), _) => given.switches.push(switch),
                    (_, Some((option, ..))) => given.options.push((option, parser.value()?)),
                    (None, None) => return Err(unknown_option(command, long)),
                }
            }
            Arg::Value(value) if given.arguments.len() < command.arguments.len() => {
                given.arguments.push(value.string()?);
            }
            other => {
                return Err(misunderstood(format!("{}; try `{} --help`", other.unexpected(), command.name)));
            }
        }
    }
    match command.arguments[..command.n_required].get(given.arguments.len()) {
        Some(missing) => Err(misunderstood(format!("{missing} is missing\n{}", help(command)))),
        None => Ok(Some(given)),
    }
}

fn unknown_option(command: &Command, long: &str) -> anyhow::Error {
    let options = command.options.iter().map(|(option, ..)| *option);
    let known = command.switches.iter().map(|(switch, _)| *switch).chain(options);
    let (name, meant) = (command.name, did_you_mean(long, known));
    misunderstood(format!("`{name}` takes no `--{long}`{meant}; try `{name} --help`"))
}

/// The command line says nothing we know, for this reason.
pub(crate) fn misunderstood(text: String) -> anyhow::Error {
    Misunderstood(text).into()
}

fn overview() -> String {
    let mut text = "Usage: cargo xtask COMMAND ...\n\nCommands:\n".to_owned();
    for Command { name, about, .. } in COMMANDS {
        let _infallible = writeln!(text, "  {name:<8} {about}");
    }
    text.push_str("\n`cargo xtask COMMAND --help` says what a command takes.");
    text
}

fn help(command: &Command) -> String {
    let mut text = format!("Usage: cargo xtask {}", command.name);
    for (argument_idx, argument) in command.arguments.iter().enumerate() {
        let is_required = argument_idx < command.n_required;
        let _infallible =
            if is_required { write!(text, " {argument}") } else { write!(text, " [{argument}]") };
    }
    let mut options = String::new();
    let mut option = |left: &str, about: &str| {
        let _infallible = write!(text, " [{left}]");
        let _infallible = writeln!(options, "  {left:<11} {about}");
    };
    for (switch, about) in command.switches {
        option(&format!("--{switch}"), about);
    }
    for (name, value, about) in command.options {
        option(&format!("--{name} {value}"), about);
    }
    let _infallible = write!(text, "\n\n{}\n\n{}", command.about, command.more);
    if !options.is_empty() {
        let _infallible = write!(text, "\n\n{}", options.trim_end());
    }
    text
}
