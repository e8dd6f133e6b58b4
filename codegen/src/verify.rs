//! What a page states again, against what follows from its declarations: request lines, samples, statuses.
//!
//! In: the resolved documents and their IR. Out: diagnostics that point into the transcribed page.
//! What is derived is worked out in `derive`; here it is only compared.

use crate::diag::Report;
use crate::ir::Api;
use crate::resolve::Model;

/// Compares every page.
pub(crate) fn verify_pages(_model: &Model<'_>, _api: &Api, _report: &mut Report) {}
