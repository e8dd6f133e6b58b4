//! What a layer above the router may see of a call after it was answered: for logs and counters.
//!
//! Such a layer puts a [`Seen`] into the request's extensions and keeps a clone; the router fills it when it knows what is
//! called. Requests that are refused before leave it empty.

use std::sync::{Arc, OnceLock};

use super::Context;
use crate::surface::Surface;
use crate::table::OperationTable;

/// A place for what was called. Cheap to clone; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<OnceLock<SeenCall>>);

/// What was called, and by whom.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SeenCall {
    /// The operation.
    pub operation: &'static OperationTable,
    /// The wire protocol.
    pub surface: Surface,
    /// What the caller calls the call.
    pub op_id: Option<String>,
    /// Name of the user; none for a login.
    pub user: Option<String>,
}

impl Seen {
    /// What was called, if it came to that.
    #[must_use]
    pub fn call(&self) -> Option<&SeenCall> {
        self.0.get()
    }

    /// Fills the place, if there is one.
    pub(super) fn fill(cx: &Context) {
        let Some(Seen(place)) = cx.extensions().get() else { return };
        place.get_or_init(|| SeenCall {
            operation: cx.operation(),
            surface: cx.surface(),
            op_id: cx.op_id().map(str::to_owned),
            user: cx.caller().map(|caller| caller.user().to_owned()),
        });
    }
}
