//! `contentlibd`, a content library that stands by itself.
//!
//! [`domain`] is what a content library does, without HTTP, disks and clocks.
//! Not here yet: whatever speaks to clients.

pub mod domain;
