//! `contentlibd`, a content library that stands by itself.
//!
//! [`domain`] is what a content library does, without HTTP, disks and clocks. [`store`] keeps records and bytes so that
//! they survive whatever happens to the process. [`ledger`] puts the two together: it decides commands on what is kept,
//! and answers when the changes are kept, too; [`housekeeping`] is what nobody asks for.
//! Not here yet: whatever speaks to clients.

pub mod domain;
pub mod hashing;
pub mod housekeeping;
pub mod ledger;
pub mod store;
