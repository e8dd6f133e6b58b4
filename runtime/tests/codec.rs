//! The codecs against hand-written structures: the reference pages' bytes, every type in every representation, and what
//! is refused with which words.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "codec/by_table.rs"]
mod by_table;
#[path = "codec/dialects.rs"]
mod dialects;
#[path = "codec/errors.rs"]
mod errors;
#[path = "codec/form.rs"]
mod form;
#[path = "codec/json.rs"]
mod json;
#[path = "codec/json_rpc.rs"]
mod json_rpc;
#[path = "codec/model.rs"]
mod model;
#[path = "codec/pages.rs"]
mod pages;
#[path = "codec/properties.rs"]
mod properties;
#[path = "codec/rest_query.rs"]
mod rest_query;
#[path = "codec/unions.rs"]
mod unions;
#[path = "codec/xml.rs"]
mod xml;
