//! The command line as clap sees it: what every command takes, and the commands.
//!
//! Not here: the parameters of `call`, which come from the tables (`values`).

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use contentlib_client::Patience;
use vapi::runtime::{Representation, Surface};

use crate::Surroundings;
use crate::exit::Exit;

/// Libraries, items and sessions of a content library.
///
/// What is not given is taken from CONTENTLIB_URL, CONTENTLIB_USER and CONTENTLIB_PASSWORD, then from govc's GOVC_URL,
/// GOVC_USERNAME, GOVC_PASSWORD and GOVC_INSECURE, then from the last `contentlib login`.
#[derive(Debug, Parser)]
#[command(name = "contentlib", version, disable_help_subcommand = true, after_help = Exit::HELP)]
struct Cli {
    #[command(flatten)]
    connection: Connection,
    #[command(subcommand)]
    command: Command,
}

/// The whole command line.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// What every command takes.
#[derive(Args, Clone, Debug, Default)]
pub struct Connection {
    /// Root of the server, `https://vcenter.example.com`
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Name to log in with for this command alone; the password comes from the environment
    #[arg(long, global = true, value_name = "NAME")]
    pub user: Option<String>,
    /// Trust the server that shows the certificate with this thumbprint, and no other
    #[arg(long, global = true, value_name = "HEX")]
    pub thumbprint: Option<String>,
    /// Wire protocol; found out by asking the server unless given
    #[arg(long, global = true, value_enum)]
    pub surface: Option<SurfaceName>,
    /// Representation of parameters, on the surface of 2014
    #[arg(long, global = true, value_enum)]
    pub representation: Option<RepresentationName>,
    /// How results are printed
    #[arg(long, global = true, value_enum)]
    pub output: Option<Output>,
    /// Show the exchanges with the server; secrets are left out
    #[arg(short, long, visible_alias = "show-http", global = true)]
    pub verbose: bool,
    /// Colours: on a terminal unless NO_COLOR is set, always, or never
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub color: Option<Colours>,
}

/// Names of surfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SurfaceName {
    JsonRpc,
    Rest,
    LegacyRest,
    #[value(name = "2014")]
    Rest2014,
}

/// Names of representations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum RepresentationName {
    Json,
    Xml,
    Form,
    FormBody,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Colours {
    Auto,
    Always,
    Never,
}

impl Connection {
    /// Whether what goes to standard error has colours; results never have.
    #[must_use]
    pub fn has_colours(&self, surroundings: &Surroundings) -> bool {
        let is_unwanted = (surroundings.env)("NO_COLOR").is_some_and(|value| !value.is_empty());
        match self.color.unwrap_or(Colours::Auto) {
            Colours::Always => true,
            Colours::Never => false,
            Colours::Auto => surroundings.screen.is_some() && !is_unwanted,
        }
    }

    /// The surface that is asked for; a representation alone means that of 2014.
    ///
    /// # Errors
    /// When the surface has no such representation.
    pub fn surface(&self) -> Result<Option<Surface>, String> {
        let representation = self.representation.map(|name| match name {
            RepresentationName::Json => Representation::Json,
            RepresentationName::Xml => Representation::Xml,
            RepresentationName::Form => Representation::Form,
            RepresentationName::FormBody => Representation::FormBody,
        });
        Ok(match (self.surface, representation) {
            (None, None) => None,
            (None | Some(SurfaceName::Rest2014), representation) => {
                Some(Surface::Rest2014(representation.unwrap_or_default()))
            }
            (Some(SurfaceName::JsonRpc), None | Some(Representation::Json)) => Some(Surface::JsonRpc),
            (Some(SurfaceName::Rest), None | Some(Representation::Json)) => Some(Surface::Rest),
            (Some(SurfaceName::LegacyRest), None | Some(Representation::Json)) => Some(Surface::LegacyRest),
            (Some(_), Some(_)) => {
                return Err("this surface has JSON alone; XML and forms are on `--surface 2014`".to_owned());
            }
        })
    }

    /// Whether results are for programs.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.output == Some(Output::Json)
    }

    /// What was said again behind the command counts.
    #[must_use]
    pub fn or(self, before: Connection) -> Connection {
        Connection {
            url: self.url.or(before.url),
            user: self.user.or(before.user),
            thumbprint: self.thumbprint.or(before.thumbprint),
            surface: self.surface.or(before.surface),
            representation: self.representation.or(before.representation),
            output: self.output.or(before.output),
            verbose: self.verbose || before.verbose,
            color: self.color.or(before.color),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Call any operation of the API: `call SERVICE OPERATION --help` has its parameters
    #[command(disable_help_flag = true)]
    Call {
        /// Service, its operation, and parameters as `--library-id X`
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "SERVICE OPERATION PARAMETERS"
        )]
        words: Vec<String>,
    },
    /// Log in and keep the session for later commands; the password comes from the environment or standard input
    Login,
    /// End the session that `login` began
    Logout,
    /// List libraries, the items of a library, or the files of an item
    Ls {
        /// LIBRARY or LIBRARY/ITEM, by name or identifier
        path: Option<String>,
    },
    /// Show a library or an item
    Info {
        /// LIBRARY or LIBRARY/ITEM, by name or identifier
        path: String,
    },
    /// Make a library on a datastore, or an empty item in a library
    Mk {
        /// LIBRARY or LIBRARY/ITEM; names of what is to be
        path: String,
        /// Identifier of the datastore; for a library
        #[arg(long)]
        datastore: Option<String>,
        /// Type of the item, such as `iso` or `ovf`; of none in particular unless given
        #[arg(long = "type", value_name = "TYPE")]
        item_type: Option<String>,
    },
    /// Delete an item, or a library with all that is in it
    Rm {
        /// LIBRARY or LIBRARY/ITEM, by name or identifier
        path: String,
    },
    /// Send files into an item, all or none; the item is made if there is none
    Upload {
        /// LIBRARY or LIBRARY/ITEM, by name or identifier; without an item, the first file gives the name
        path: String,
        /// The files; an OVF descriptor goes first
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Read each file once, and compare checksums after it was sent: quicker, for servers that say what they got
        #[arg(long)]
        read_once: bool,
    },
    /// Fetch the files of an item into a folder
    Download {
        /// LIBRARY/ITEM, by name or identifier
        path: String,
        /// The folder
        #[arg(default_value = ".")]
        dir: PathBuf,
    },
    /// Make a library that follows a published one
    Subscribe {
        /// Name of the library that is to be
        library: String,
        /// What it follows, and how
        #[command(flatten)]
        following: Following,
    },
    /// Get a library that follows another up to date, or an item of it
    Sync {
        /// LIBRARY or LIBRARY/ITEM, by name or identifier
        path: String,
        /// What is fetched, and how long it may take
        #[command(flatten)]
        syncing: Syncing,
    },
    /// Look after update sessions
    Session {
        /// What is done
        #[command(subcommand)]
        verb: SessionVerb,
    },
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write man pages into a folder
    Man {
        /// The folder
        dir: PathBuf,
    },
}

/// What a library follows, and how.
#[derive(Args, Clone, Debug)]
pub struct Following {
    /// Address of the published library, its publish_url
    #[arg(value_name = "URL")]
    pub publisher: String,
    /// Identifier of the datastore that its files go to
    #[arg(long, value_name = "ID")]
    pub datastore: String,
    /// Fetch files only when they are asked for
    #[arg(long)]
    pub on_demand: bool,
    /// Have the server get it up to date by itself, in the hours that its configuration gives
    #[arg(long)]
    pub automatic: bool,
    /// Name to log in with at the publisher; the password is in CONTENTLIB_PUBLISHER_PASSWORD, else it is asked for or read
    /// from standard input
    #[arg(long, value_name = "NAME")]
    pub publisher_user: Option<String>,
    /// Trust the publisher that shows the certificate with this thumbprint
    #[arg(long, value_name = "HEX")]
    pub publisher_thumbprint: Option<String>,
}

/// How a library or an item is got up to date.
#[derive(Args, Clone, Debug)]
pub struct Syncing {
    /// Fetch the item's files too, where the library fetches them on demand
    #[arg(long)]
    pub content: bool,
    /// Begin, and do not wait until it is done
    #[arg(long)]
    pub no_wait: bool,
    /// How long it may take
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub wait_max: u64,
}

impl Syncing {
    /// How long a synchronisation may take.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience { wait_max: Duration::from_secs(self.wait_max), ..Patience::default() }
    }
}

/// What is done to update sessions.
#[derive(Debug, Subcommand)]
pub enum SessionVerb {
    /// List sessions
    Ls {
        /// Identifier of an item; its sessions alone
        #[arg(long)]
        item: Option<String>,
    },
    /// Show a session
    Show {
        /// Which session
        id: String,
    },
    /// End a session with an error
    Fail {
        /// Which session
        id: String,
        /// What went wrong
        message: String,
    },
    /// Give a session up
    Cancel {
        /// Which session
        id: String,
    },
    /// Remove a session that has ended
    Rm {
        /// Which session
        id: String,
    },
}
