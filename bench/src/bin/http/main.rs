//! Servers and clients over loopback, one measurement a process; `cargo xtask bench` starts them and counts their CPU time.
//!
//! `http serve ours|by-hand` serves until its input ends, `http load URL CALL N` calls it on kept connections, `http get
//! ours|by-hand URL N` calls `get` with one of the two clients, `http agree URL URL` compares what two servers answer, and
//! `http soak N` ill-treats a server of its own.
//! Not here: what is compared with what, how often, and the goals, which are xtask's.

mod by_hand;
mod calls;
mod clients;
mod load;
mod ours;
mod reply;
mod sample;
mod serve;
mod soak;

use std::error::Error;
use std::process::ExitCode;

const USAGE: &str =
    "usage: http serve ours|by-hand | load URL CALL N | get ours|by-hand URL N | agree URL URL | soak N";

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for another program")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(figures) => {
            print!("{figures}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("http {}: {why}", arguments.join(" "));
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments say; lines of figures.
fn run(arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    match *arguments {
        ["serve", "ours"] => serve::ours(ours::router()),
        ["serve", "by-hand"] => serve::by_hand(by_hand::router()),
        ["serve", "soaked"] => serve::ours(soak::router()),
        ["load", url, call, n] => load::load(serve::address(url)?, calls::named(call)?, n.parse()?),
        ["get", "ours", url, n] => clients::ours(url, n.parse()?),
        ["get", "by-hand", url, n] => clients::by_hand(url, n.parse()?),
        ["agree", url, other_url] => calls::agree(serve::address(url)?, serve::address(other_url)?),
        ["soak", n] => soak::soak(n.parse()?),
        _ => Err(USAGE.into()),
    }
}
