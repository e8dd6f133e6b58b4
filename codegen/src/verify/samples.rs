//! Transcribed representations against the derived ones, to the byte.
//!
//! The first line that differs is pointed at where it stands in the document, from the first character that differs.

use super::{Page, common_prefix};
use crate::derive::sample::http::{self, Representation};
use crate::diag::{Code, Diagnostic, Report};
use crate::ir::Api;
use crate::source::{Span, line_range};
use crate::syntax::{NodeIdx, Samples};

pub(super) fn verify_samples(api: &Api, page: &Page<'_>, report: &mut Report) {
    let (service, operation) = (page.service, page.operation);
    let Samples { json, xml, form, at } = &page.resolved.syntax.request;
    let request = |representation| http::request_body(api, service, operation, representation);
    let what = |representation| Sample { representation, is_response: false, at: *at };
    verify_sample(page, &what("json"), json.as_ref(), || request(Representation::Json), report);
    verify_sample(page, &what("xml"), xml.as_ref(), || request(Representation::Xml), report);
    verify_sample(page, &what("form"), form.as_ref(), || http::request_form(api, operation), report);

    let Samples { json, xml, at, .. } = &page.resolved.syntax.response;
    let response = |representation| http::response_body(api, service, operation, representation);
    let what = |representation| Sample { representation, is_response: true, at: *at };
    verify_sample(page, &what("json"), json.as_ref(), || response(Representation::Json), report);
    verify_sample(page, &what("xml"), xml.as_ref(), || response(Representation::Xml), report);
}

/// Which sample of a page.
struct Sample {
    /// Its key.
    representation: &'static str,
    is_response: bool,
    /// The mapping it is in.
    at: NodeIdx,
}

fn verify_sample(
    page: &Page<'_>,
    sample: &Sample,
    stated: Option<&String>,
    derive: impl FnOnce() -> Option<String>,
    report: &mut Report,
) {
    let Some(stated) = stated else { return };
    let Some(derived) = derive() else {
        return report.push(describe_needless(page, sample));
    };
    let stated = stated.trim_end_matches('\n');
    if stated != derived {
        report.push(describe_difference(page, sample, stated, &derived));
    }
}

fn describe_needless(page: &Page<'_>, sample: &Sample) -> Diagnostic {
    let name = &page.operation.name;
    let (message, help) = if sample.is_response {
        (
            format!("the result of `{name}` is VOID, which has no representation"),
            "leave the sample out, or say what the result is",
        )
    } else {
        (
            format!("`{name}` has no parameters, so its request has no body"),
            "leave the sample out, or declare the parameters",
        )
    };
    Diagnostic::new(Code::NeedlessSample, message)
        .at(page.document.tree.key_span(sample.at, sample.representation), "a sample of nothing")
        .help(help)
}

fn describe_difference(page: &Page<'_>, sample: &Sample, stated: &str, derived: &str) -> Diagnostic {
    let stated_lines: Vec<&str> = stated.split('\n').collect();
    let derived_lines: Vec<&str> = derived.split('\n').collect();
    let n_equal =
        stated_lines.iter().zip(&derived_lines).take_while(|(stated, derived)| stated == derived).count();
    let (line_idx, start, label) = match (stated_lines.get(n_equal), derived_lines.get(n_equal)) {
        (Some(stated), Some(derived)) => (n_equal, common_prefix(stated, derived), "differs from here"),
        (Some(_), None) => (n_equal, 0, "one line too many"),
        (None, _) => (n_equal.saturating_sub(1), 0, "a line is missing after this one"),
    };
    let side = if sample.is_response { "response" } else { "request" };
    let message = format!(
        "the {} sample of the {side} is not what the declarations give",
        sample.representation.to_uppercase().replace("FORM", "form")
    );
    let diagnostic =
        Diagnostic::new(Code::SampleDiffers, message).at(line_span(page, sample, line_idx, start), label);
    let diagnostic = match derived_lines.get(n_equal) {
        Some(line) => diagnostic.help(format!("the line is\n{line}")),
        None => diagnostic.help("the sample ends before this line"),
    };
    let response = if sample.is_response { " --response" } else { "" };
    diagnostic.help(format!(
        "`cargo xtask sample {} {} --{}{response}` prints all of it",
        page.service.id, page.operation.name, sample.representation
    ))
}

/// From byte `start` of line `line_idx` of a block to the line's end; the whole sample where it is not a block.
fn line_span(page: &Page<'_>, sample: &Sample, line_idx: usize, start: usize) -> Span {
    let tree = &page.document.tree;
    let whole = tree.span(sample.at, sample.representation);
    let text = &page.document.source.text;
    let Some(line) =
        tree.value(sample.at, sample.representation).and_then(|value| tree.block_line(value, line_idx))
    else {
        return whole;
    };
    // The block's first line is the one after its key's.
    let mut line_end = line_range(text, tree.key_span(sample.at, sample.representation).start as usize).1;
    let mut line_start = line_end;
    for _ in 0..=line_idx {
        (line_start, line_end) = line_range(text, line_end + 1);
    }
    let written = &text[line_start..line_end];
    if !written.ends_with(line) {
        return whole;
    }
    let content_start = line_end - line.len();
    let from = (content_start + start).min(line_end.saturating_sub(1)).max(content_start);
    Span::new(whole.source, from, line_end)
}
