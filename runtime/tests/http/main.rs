//! Client and server over HTTP, with a small service written by hand: over sockets, in process, and mounted in axum.
//!
//! `parcel` is the service as the generator would write it, `store` an implementation; the rest are the tests.
#![allow(clippy::unwrap_used, reason = "what a test cannot do without, it may insist on")]

mod client;
mod faults;
mod log;
mod loopback;
mod parcel;
mod privileges;
mod properties;
mod requests;
mod router_properties;
mod serving;
mod sessions;
mod soak;
mod std_errors;
mod store;
mod surfaces;
mod transport;
