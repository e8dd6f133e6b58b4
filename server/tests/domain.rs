//! The domain: each transition, each violation, and random sequences of commands against a plain model.

#[path = "domain/copies.rs"]
mod copies;
#[path = "domain/descriptors.rs"]
mod descriptors;
#[path = "domain/divergences.rs"]
mod divergences;
#[path = "domain/downloads.rs"]
mod downloads;
#[path = "domain/invariants.rs"]
mod invariants;
#[path = "domain/items.rs"]
mod items;
#[path = "domain/libraries.rs"]
mod libraries;
#[path = "domain/model.rs"]
mod model;
#[path = "domain/model_downloads.rs"]
mod model_downloads;
#[path = "domain/pair.rs"]
mod pair;
#[path = "domain/random.rs"]
mod random;
#[path = "domain/session_files.rs"]
mod session_files;
#[path = "domain/transfers.rs"]
mod transfers;
#[path = "domain/update_sessions.rs"]
mod update_sessions;
#[path = "domain/world.rs"]
mod world;
