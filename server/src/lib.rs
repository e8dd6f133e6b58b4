//! `contentlibd`, a content library that stands by itself.
//!
//! [`domain`] is what a content library does, without HTTP, disks and clocks. [`store`] keeps records and bytes so that
//! they survive whatever happens to the process. [`ledger`] puts the two together: it decides commands on what is kept,
//! and answers when the changes are kept, too; [`housekeeping`] is what nobody asks for.
//! [`services`] is the API over that, [`transfers`] is how bytes come and go, [`formats`] reads what files of virtual
//! machines say, [`soap`] is what clients of vCenters ask before they use the API, and [`front`] puts everything that
//! speaks HTTP together; [`outbound`] fetches from other hosts, [`trust`] says who vouches for whom,
//! and [`vcsp`] has libraries follow each other; [`app`] is what all of it shares.
//! [`cli`] is the program: [`config`], [`users`], [`tls`], [`logs`], [`metrics`] and [`health`] are what people who run it
//! deal with, [`listen`] takes connections, and [`running`] starts and stops all of it.

pub mod addresses;
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod domain;
pub mod formats;
pub mod front;
pub mod hashing;
pub mod health;
pub mod housekeeping;
pub mod ledger;
pub mod life;
pub mod listen;
pub mod logs;
pub mod metrics;
pub mod outbound;
mod private_file;
pub mod running;
pub mod services;
pub mod settings;
pub mod soap;
pub mod store;
pub mod tls;
pub mod transfers;
pub mod trust;
pub mod users;
pub mod vcsp;
