//! Libraries that follow each other over the network, in the format that vCenters publish and subscribe in (VCSP).
//!
//! [`publish`] answers those who follow a library of this server, with the documents of [`document`], if [`gate`] lets them.
//! The other way round, [`follow`] reads what a [`publisher`] has into a [`catalogue`] that the domain takes over, and
//! [`bring`] fetches the files that the domain wants then, so many at a time as there are [`places`]; [`root`] sees to it
//! that nothing but the published library is asked for. What follows from what was read is the domain's business.

pub mod bring;
pub mod catalogue;
pub mod document;
pub mod follow;
pub mod gate;
pub mod places;
pub mod publish;
pub mod publisher;
pub mod root;
