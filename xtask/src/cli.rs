//! The command line: which commands there are, what each takes, and their help.
//!
//! In: the arguments. Out: true if all is as it should be. One table feeds the parser, the list of commands and every
//! `--help`; what a command does is in the module of its name.

use std::fmt;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use lexopt::{Arg, Parser, ValueExt as _};

use crate::console::say;
use crate::suggest::did_you_mean;
use crate::workspace::{Places, root};
use crate::{bench, check, demo, generate, inspect, pages, tidy};

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
    /// Whether it takes `--spec` and `--out`.
    spec: bool,
    out: bool,
    /// Whether it takes `--release`.
    release: bool,
    /// Whether it takes `--surface`.
    surface: bool,
    /// A line for the list.
    about: &'static str,
    /// What else its own help says.
    more: &'static str,
    run: fn(&Given) -> Result<bool>,
}

/// What was given to a command.
struct Given {
    arguments: Vec<String>,
    switches: Vec<&'static str>,
    spec: Option<PathBuf>,
    out: Option<PathBuf>,
    release: Option<String>,
    surface: Option<String>,
}

impl Given {
    fn has(&self, switch: &str) -> bool {
        self.switches.contains(&switch)
    }

    fn places(&self) -> Result<Places> {
        Places::new(self.spec.clone(), self.out.clone())
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
        spec: true,
        out: true,
        release: false,
        surface: false,
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
        spec: true,
        out: true,
        release: false,
        surface: false,
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
        spec: false,
        out: false,
        release: false,
        surface: false,
        about: "check the habits a program can check",
        more: "File length, names, who may import whom, dependencies, words of the spec in hand-written code, ...",
        run: |_| tidy::tidy(&root()?),
    },
    Command {
        name: "explain",
        arguments: &["CODE"],
        n_required: 0,
        switches: &[],
        spec: false,
        out: false,
        release: false,
        surface: false,
        about: "what a diagnostic's code means, with a bad and a good example",
        more: "Lists the codes if none is given.",
        run: |given| inspect::explain(given.arguments.first().map(String::as_str)),
    },
    Command {
        name: "dump",
        arguments: &["STAGE"],
        n_required: 1,
        switches: &[],
        spec: true,
        out: false,
        release: true,
        surface: false,
        about: "show what a stage of the generator makes of the spec",
        more: "STAGE is one of\n  \
               syntax  the documents as written, with places\n  \
               ir      the resolved API\n  \
               plan    what is computed for the emitters: Rust names, element orders, routes\n  \
               api     the resolved API as JSON; the one that --release goes with",
        run: |given| inspect::dump(&given.places()?, &given.arguments[0], given.release.as_deref()),
    },
    Command {
        name: "coverage",
        arguments: &[],
        n_required: 0,
        switches: &[],
        spec: true,
        out: false,
        release: false,
        surface: false,
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
        spec: true,
        out: false,
        release: true,
        surface: true,
        about: "the sample of a request or reply that follows from the spec",
        more: "SERVICE is a service's id, or as many of its last segments as make it unique.\n\
               Prints the sample and nothing else. --surface shows the whole HTTP message on json-rpc, rest or\n\
               legacy-rest; without it samples are those of the reference pages.",
        run: |given| {
            let operation = (given.arguments[0].as_str(), given.arguments[1].as_str());
            let shown = (given.release.as_deref(), given.surface.as_deref());
            inspect::sample(&given.places()?, operation, shown, &given.switches)
        },
    },
    Command {
        name: "pages",
        arguments: &[],
        n_required: 0,
        switches: &[],
        spec: true,
        out: true,
        release: true,
        surface: false,
        about: "write the reference pages into a folder of their own, as of a release",
        more: "--out has to be given: a folder that is empty or not there yet.\n\
               Without --release the pages show everything, as those under docs/api do.",
        run: |given| match given.out {
            Some(_) => pages::write(&given.places()?, given.release.as_deref()),
            None => Err(misunderstood("--out DIR is missing; try `pages --help`".to_owned())),
        },
    },
    Command {
        name: "demo",
        arguments: &[],
        n_required: 0,
        switches: &[],
        spec: false,
        out: false,
        release: false,
        surface: true,
        about: "generate, then run an operation over real HTTP and show the bytes",
        more: "Starts a server on a free port of this machine, calls it on every surface, and fails if anything\n\
               is not as expected. --surface NAME shows one: json-rpc, rest, legacy-rest or 2014.",
        run: |given| demo::demo(&root()?, given.surface.as_deref()),
    },
    Command {
        name: "bench",
        arguments: &[],
        n_required: 0,
        switches: &[],
        spec: false,
        out: false,
        release: false,
        surface: false,
        about: "measure generation, compilation and the codecs beside others, into docs/performance.md",
        more: "Takes minutes: builds for release, and another generator's output for the same API.\n\
               CPU time and peak memory as the kernel counts them; works in target/bench.",
        run: |_| bench::bench(&root()?),
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
    let mut given = Given {
        arguments: Vec::new(),
        switches: Vec::new(),
        spec: None,
        out: None,
        release: None,
        surface: None,
    };
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            Arg::Long("spec") if command.spec => given.spec = Some(parser.value()?.into()),
            Arg::Long("out") if command.out => given.out = Some(parser.value()?.into()),
            Arg::Long("release") if command.release => given.release = Some(parser.value()?.string()?),
            Arg::Long("surface") if command.surface => given.surface = Some(parser.value()?.string()?),
            Arg::Long(long) => match command.switches.iter().find(|(switch, _)| *switch == long) {
                Some((switch, _)) => given.switches.push(switch),
                None => {
                    let options = [
                        (command.spec, "spec"),
                        (command.out, "out"),
                        (command.release, "release"),
                        (command.surface, "surface"),
                    ];
                    let options = options.into_iter().filter(|(takes, _)| *takes).map(|(_, option)| option);
                    let switches = command.switches.iter().map(|(switch, _)| *switch);
                    let meant = did_you_mean(long, switches.chain(options));
                    let name = command.name;
                    return Err(misunderstood(format!(
                        "`{name}` takes no `--{long}`{meant}; try `{name} --help`"
                    )));
                }
            },
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

fn misunderstood(text: String) -> anyhow::Error {
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
    if command.spec {
        option("--spec DIR", "the spec's folder, instead of the repository's spec/");
    }
    if command.out {
        option("--out DIR", "the folder that generated files go to, instead of the repository");
    }
    if command.surface {
        option("--surface NAME", "on this surface of the protocol");
    }
    if command.release {
        option("--release R", "as of this release, such as 6.0");
    }
    let _infallible = write!(text, "\n\n{}\n\n{}", command.about, command.more);
    if !options.is_empty() {
        let _infallible = write!(text, "\n\n{}", options.trim_end());
    }
    text
}
