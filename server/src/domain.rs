//! What a content library does, as a pure function: records and a command in, records, effects and an answer out.
//!
//! [`apply`] decides a [`Command`] on a [`State`]; [`State::evolve`] takes over what was decided; [`ask`] answers a
//! [`Question`]. Everything that a decision depends on comes in: identifiers, instants, secrets, what bytes hash to, what
//! a descriptor says. So there is no clock, no disk, no network and no chance in here, and no HTTP either: what is refused
//! is a [`Refusal`] of one of the standard errors (`pure-domain`).
//!
//! A decision reads the records it needs and writes whole records; see [`record`] for what that is good for.
//! Where to find what: [`library`], [`item`], [`copy`]; of libraries that follow each other [`following`], what is
//! published ([`publication`]), what followers know of it ([`published`]) and how they become it ([`synchronisation`],
//! `adoption`, [`on_demand`]); of update sessions their life ([`update`]), files
//! ([`session_file`]), bytes ([`transfer`]), meaning ([`content`]) and end ([`completion`]); [`download`]; [`freed`] bytes;
//! whom the server trusts ([`trusted`]).

mod adoption;
pub mod checksum;
pub mod client_token;
pub mod completion;
pub mod configuration;
pub mod content;
pub mod copy;
pub mod decision;
pub mod download;
pub mod following;
pub mod freed;
pub mod ids;
pub mod item;
pub mod library;
pub mod names;
pub mod on_demand;
pub mod publication;
pub mod published;
pub mod record;
mod references;
pub mod refusal;
pub mod session_file;
pub mod synchronisation;
pub mod transfer;
pub mod trusted;
pub mod update;

pub use decision::{Caller, Command, Draft, Effect, Limits, Outcome, Question, Situation, Stop, apply, ask};
pub use record::{Key, Record, Records, State, Unloaded};
pub use refusal::{Kind, Message, Refusal};
