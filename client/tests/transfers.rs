//! Transfers against the server, over real sockets.
#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

#[path = "transfers/blobs.rs"]
mod blobs;
#[path = "transfers/broken.rs"]
mod broken;
#[path = "transfers/disks.rs"]
mod disks;
#[path = "transfers/following.rs"]
mod following;
#[path = "transfers/given_up.rs"]
mod given_up;
#[path = "transfers/kept_alive.rs"]
mod kept_alive;
#[path = "transfers/kills.rs"]
mod kills;
#[path = "transfers/other_servers.rs"]
mod other_servers;
#[path = "transfers/packages.rs"]
mod packages;
#[path = "transfers/process.rs"]
mod process;
#[path = "transfers/proxy.rs"]
mod proxy;
#[path = "transfers/requests.rs"]
mod requests;
#[path = "transfers/secure.rs"]
mod secure;
#[path = "transfers/served.rs"]
mod served;
#[path = "transfers/tls.rs"]
mod tls;
#[path = "transfers/told.rs"]
mod told;
#[path = "transfers/whole.rs"]
mod whole;

/// Many chunks, and hashed quickly enough without optimisation.
const N_BYTES: usize = 3 << 20;

fn bytes() -> Vec<u8> {
    (0..N_BYTES).map(|idx| (idx * 7 + idx / 251) as u8).collect()
}
