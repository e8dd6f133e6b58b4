//! What a page states again, against what follows from its declarations: request lines, samples, statuses.
//!
//! In: the resolved documents and their IR. Out: diagnostics that point into the transcribed page.
//! What is derived is worked out in `derive`; here it is only compared. Where a declaration already has a mistake, what would
//! follow from it is not compared, so that one mistake is reported once.

mod requests;
mod rest;
mod routes;
mod samples;
mod soundness;
mod statuses;

use soundness::Soundness;

use crate::diag::Report;
use crate::ir::{self, Api};
use crate::resolve::{self, Model};
use crate::syntax::Document;

/// A page: an operation as written, as resolved and as lowered.
struct Page<'a> {
    document: &'a Document<'a>,
    resolved: &'a resolve::Operation<'a>,
    service: &'a ir::Service,
    operation: &'a ir::Operation,
}

/// Compares every page.
pub(crate) fn verify_pages(model: &Model<'_>, api: &Api, report: &mut Report) {
    let soundness = Soundness::of(model, report);
    for (resolved, service) in model.services.iter().zip(&api.services) {
        let document = &model.documents[resolved.document_idx];
        for (resolved, operation) in resolved.operations.iter().zip(&service.operations) {
            let page = Page { document, resolved, service, operation };
            let is_sound = !report.has_one_in(document.tree.node(resolved.syntax.at).span);
            statuses::verify_statuses(model, &page, report);
            if is_sound {
                requests::verify_requests(&page, report);
            }
            if is_sound && soundness.reaches_only_sound(api, operation) {
                rest::verify_rest(api, &page, report);
                samples::verify_samples(api, &page, report);
            }
        }
    }
    routes::verify_routes(model, api, report);
}

/// Bytes that both texts start with.
fn common_prefix(left: &str, right: &str) -> usize {
    let equal = left.chars().zip(right.chars()).take_while(|(left, right)| left == right);
    equal.map(|(character, _)| character.len_utf8()).sum()
}
