//! Warnings: what a spec may say but probably does not mean.
//!
//! In: a [`Model`] without mistakes. Out: diagnostics whose codes are warnings; nothing is held back because of them.
//! A rule looks at one thing, or at the things that stand beside each other. Where a finding is meant, the thing says so
//! under `accepts`; what is accepted and not found is a finding too.
//! Not here: whatever makes a spec unusable, which is for `check` and `verify`.

mod rules;
mod things;

use things::{Thing, each_group};

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::Model;

/// What a rule finds about a thing.
struct Finding {
    code: Code,
    message: String,
    label: &'static str,
    help: &'static str,
}

/// Applies every rule.
pub(crate) fn lint_model(model: &Model<'_>, report: &mut Report) {
    let reported = rules::reported_errors(model);
    each_group(model, &mut |group| {
        for (thing_idx, thing) in group.iter().enumerate() {
            let mut findings = rules::of_one(model, &reported, thing);
            findings.extend(rules::beside_others(&group[..thing_idx], thing));
            report_findings(thing, findings, report);
        }
    });
}

fn report_findings(thing: &Thing<'_>, findings: Vec<Finding>, report: &mut Report) {
    for accepted in thing.accepts {
        if !findings.iter().any(|finding| finding.code.as_str() == accepted.warning) {
            let message = format!("`{}` is accepted, but nothing warns of it here", accepted.warning);
            let span = thing.document.tree.span(accepted.at, "warning");
            report.push(
                Diagnostic::new(Code::NeedlessAccept, message)
                    .at(span, "accepts nothing")
                    .help("leave it out"),
            );
        }
    }
    for Finding { code, message, label, help } in findings {
        if thing.accepts.iter().any(|accepted| accepted.warning == code.as_str()) {
            continue;
        }
        let diagnostic = Diagnostic::new(code, message).at(thing.span, label).help(help);
        report.push(match code {
            Code::PoorDoc => diagnostic,
            _ => diagnostic.help(format!(
                "if it is meant, say so here:\naccepts:\n  - {{warning: {}, because: ...}}",
                code.as_str()
            )),
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::diag::Code;
    use crate::syntax::{CONSTRUCTS, Value};

    /// The words of `accepts` are written out in the language's tables.
    #[test]
    fn every_warning_can_be_accepted_but_two() {
        let warning =
            CONSTRUCTS.iter().flat_map(|construct| construct.keys).find(|key| key.name == "warning");
        let Some(Value::Word(words)) = warning.map(|key| &key.value) else { panic!("no key `warning`") };
        let never = [Code::PoorDoc, Code::NeedlessAccept];
        let warnings = Code::ALL.iter().filter(|code| code.is_warning() && !never.contains(code));
        assert_eq!(*words, warnings.map(|code| code.as_str()).collect::<Vec<_>>());
    }
}
