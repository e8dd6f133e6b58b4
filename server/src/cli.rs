//! The command line: what there is to type, and what the program ends with.
//!
//! Exit codes: 0 done, 1 failed, 2 a command line that cannot be understood, 3 a configuration, users file or certificate
//! that is wrong, 4 something in the way here (the address, the directory), 5 stopped at once by a second signal.

mod users;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, EXAMPLE, Loaded, OptionSet};
use crate::running::{self, RunError};
use crate::tls::Certificate;
use crate::{demo, logs};

/// A content library that stands by itself.
#[derive(Parser)]
#[command(name = "contentlibd", version, about, after_help = EXIT_CODES, arg_required_else_help = true)]
struct CommandLine {
    /// Starts a server in a temporary directory with a user, and says what to type next.
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    settings: Options,
    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 command line, 3 configuration, users or certificate wrong, \
                          4 address or directory in the way, 5 stopped at once by a second signal.";

/// Settings that are often given by hand; all others by --set, the environment or the file.
#[derive(Args)]
struct Options {
    /// The configuration file [CONTENTLIBD_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where records and bytes are
    #[arg(long, global = true, value_name = "DIRECTORY")]
    data_directory: Option<String>,
    /// Address and port to listen on
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// What clients call the server, such as https://library.example.com
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// The users file
    #[arg(long, global = true, value_name = "FILE")]
    users_file: Option<String>,
    /// Makes a certificate in the data directory, unless one is there
    #[arg(long, global = true)]
    tls_self_signed: bool,
    /// Listens beyond the loopback without TLS, for a proxy that does it
    #[arg(long, global = true)]
    insecure_plain_http_beyond_loopback: bool,
    /// Any setting, as in the file: listen.connections_max=100
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server.
    Serve,
    /// Checks and shows settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Adds, removes and lists users.
    #[command(subcommand)]
    User(users::UserCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Says what is wrong, if something is.
    Check,
    /// Shows what is in force, and where it comes from.
    Show,
    /// Prints a file with every setting, its default, and what it means.
    Default,
}

/// Does what the command line says.
pub fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    match run(&command_line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is there to be told when standard error is closed.
            let _ = writeln!(io::stderr(), "contentlibd: {error}");
            ExitCode::from(match error {
                End::Failed(_) => 1,
                End::Run(RunError::Wrong(_)) => 3,
                End::Run(RunError::InTheWay(_)) => 4,
            })
        }
    }
}

/// Why a command did not do what it should.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{0}")]
    Failed(String),
}

impl From<io::Error> for End {
    fn from(error: io::Error) -> End {
        End::Failed(error.to_string())
    }
}

fn run(command_line: &CommandLine) -> Result<(), End> {
    let load = || load(&command_line.settings);
    match &command_line.command {
        None | Some(Command::Serve) if command_line.demo => demo(load()?.config),
        None => Err(RunError::Wrong("nothing to do; `contentlibd serve` runs the server".to_owned()).into()),
        Some(Command::Serve) => serve(load()?),
        Some(Command::Config(ConfigCommand::Default)) => Ok(write!(io::stdout(), "{EXAMPLE}")?),
        Some(Command::Config(ConfigCommand::Show)) => Ok(write!(io::stdout(), "{}", load()?.values)?),
        Some(Command::Config(ConfigCommand::Check)) => {
            let Loaded { warnings, .. } = load()?;
            warnings.iter().try_for_each(|warning| writeln!(io::stderr(), "{warning}"))?;
            Ok(writeln!(io::stdout(), "The configuration is fine.")?)
        }
        Some(Command::User(command)) => Ok(users::run(command, &load()?.config.users_file())?),
    }
}

fn load(options: &Options) -> Result<Loaded, End> {
    let file = options.config.clone().or_else(|| std::env::var_os("CONTENTLIBD_CONFIG").map(PathBuf::from));
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| name != "CONTENTLIBD_CONFIG");
    let mut set: Vec<OptionSet<'_>> = Vec::new();
    let is_set = |option: bool| option.then(|| "true".to_owned());
    let named = [
        ("--data-directory", "data_directory", options.data_directory.clone()),
        ("--listen", "listen.address", options.listen.clone()),
        ("--public-url", "public_url", options.public_url.clone()),
        ("--users-file", "users.file", options.users_file.clone()),
        ("--tls-self-signed", "tls.self_signed", is_set(options.tls_self_signed)),
        (
            "--insecure-plain-http-beyond-loopback",
            "listen.insecure_plain_http_beyond_loopback",
            is_set(options.insecure_plain_http_beyond_loopback),
        ),
    ];
    for text in &options.set {
        let Some((key, value)) = text.split_once('=') else {
            return Err(RunError::Wrong(format!("--set {text}: it is KEY=VALUE")).into());
        };
        set.push(("--set", key, value.to_owned()));
    }
    set.extend(named.into_iter().filter_map(|(option, key, text)| Some((option, key, text?))));
    Config::load(file.as_deref(), variables, &set).map_err(|wrong| RunError::Wrong(wrong.to_string()).into())
}

fn serve(loaded: Loaded) -> Result<(), End> {
    logs::begin(&loaded.config.log).map_err(RunError::Wrong)?;
    loaded.warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    runtime()?.block_on(async {
        let ready = running::ready(loaded.config).await?;
        if let Some(certificate) = ready.certificate() {
            show(certificate)?;
        }
        finish(ready.serve().await?)
    })
}

fn demo(config: Config) -> Result<(), End> {
    logs::begin(&config.log).map_err(RunError::Wrong)?;
    runtime()?.block_on(async {
        let demo = demo::Demo::start(config).await?;
        write!(io::stdout(), "{}", demo.what_to_type())?;
        io::stdout().flush()?;
        finish(demo.serve().await?)
    })
}

fn finish(n_cut_off: usize) -> Result<(), End> {
    match n_cut_off {
        0 => Ok(()),
        n => Err(End::Failed(format!("{n} connections were cut off when the time to finish was over"))),
    }
}

fn show(certificate: &Certificate) -> io::Result<()> {
    let thumbprints = certificate.thumbprints();
    writeln!(io::stdout(), "SHA-256 thumbprint: {}", thumbprints.sha256)?;
    writeln!(io::stdout(), "SHA-1 thumbprint:   {}", thumbprints.sha1)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}
