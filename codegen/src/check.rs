//! The rules that resolved documents have to keep.
//!
//! In: a [`Model`]. Out: diagnostics. A rule or a family of rules is a file; each looks at the whole model and says everything
//! it has to say, and none depends on another having passed.

use crate::diag::Report;
use crate::resolve::Model;

/// A rule.
type Rule = fn(&Model<'_>, &mut Report);

/// Every rule.
const RULES: &[Rule] = &[];

/// Applies every rule.
pub(crate) fn check_model(model: &Model<'_>, report: &mut Report) {
    for rule in RULES {
        rule(model, report);
    }
}
