//! Transcribed request lines against those of the naming rules.

use super::{Page, common_prefix};
use crate::derive;
use crate::diag::{Code, Diagnostic, Report};

pub(super) fn verify_requests(page: &Page<'_>, report: &mut Report) {
    let syntax = page.resolved.syntax;
    let Some(lines) = &syntax.requests else { return };
    let stated: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let derived = derive::request_lines(&page.service.id, &syntax.name, &page.operation.parameters);
    let derived: Vec<String> = derived.iter().map(derive::request_line_text).collect();
    let tree = &page.document.tree;
    match (&syntax.requests_deviate, stated == derived) {
        (None, false) => report.push(describe_difference(page, &stated, &derived)),
        (Some(_), true) => report.push(
            Diagnostic::new(Code::NeedlessOverride, "the request lines are those of the naming rules")
                .at(tree.key_span(syntax.at, "requests_deviate"), "nothing deviates")
                .help("leave `requests_deviate` out"),
        ),
        _ => {}
    }
}

fn describe_difference(page: &Page<'_>, stated: &[&str], derived: &[String]) -> Diagnostic {
    let syntax = page.resolved.syntax;
    let n_equal = stated.iter().zip(derived).take_while(|(stated, derived)| stated == derived).count();
    let (span, label) = match stated.get(n_equal) {
        Some(line) => {
            let start = derived.get(n_equal).map_or(0, |derived| common_prefix(line, derived));
            let span = page.document.element_part(syntax.at, "requests", n_equal, start, line.len());
            let is_derived = derived.iter().any(|derived| derived == line);
            let is_more = n_equal >= derived.len();
            (
                span,
                if is_more {
                    "one line too many"
                } else if is_derived {
                    "in another place"
                } else {
                    "differs from here"
                },
            )
        }
        None => (page.document.tree.key_span(syntax.at, "requests"), "a line is missing"),
    };
    let expected = derived.iter().map(|line| format!("\n- {line}")).collect::<String>();
    Diagnostic::new(
        Code::RequestLinesDiffer,
        format!("the request lines of `{}` are not those of the naming rules", syntax.name),
    )
    .at(span, label)
    .help(format!("the rules give{expected}"))
    .help("if the page really states others, say why it deviates under `requests_deviate`")
}
