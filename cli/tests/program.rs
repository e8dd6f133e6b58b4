//! The program `contentlib` as people start it, against contentlibd in a process of its own.
#![allow(clippy::unwrap_used, reason = "what a test cannot do without, it may insist on")]

#[path = "program/every_command.rs"]
mod every_command;
#[path = "program/examples.rs"]
mod examples;
#[path = "program/failures.rs"]
mod failures;
#[path = "program/following.rs"]
mod following;
#[path = "program/gate.rs"]
mod gate;
#[path = "program/interrupts.rs"]
mod interrupts;
#[path = "program/served.rs"]
mod served;
#[path = "program/terminal.rs"]
mod terminal;
#[path = "program/tls.rs"]
mod tls;
#[path = "program/tmux.rs"]
mod tmux;
