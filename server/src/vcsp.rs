//! Libraries that follow each other over the network, in the format that vCenters publish and subscribe in (VCSP).
//!
//! [`publish`] answers those who follow a library of this server, with the documents of [`document`], if [`gate`] lets them.

pub mod document;
pub mod gate;
pub mod publish;
