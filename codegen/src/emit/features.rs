//! The features of the generated crate: the part of its manifest that the spec decides.
//!
//! In: the plan. Out: a part of `generated/Cargo.toml`, from its mark to its end; who writes files puts it between what is
//! written by hand.

use crate::File;
use crate::plan::Plan;
use crate::print;

/// The manifest that the part belongs into.
pub const PATH: &str = "generated/Cargo.toml";

/// The last line of the part.
pub const END: &str = "# End of what is generated.";

/// A feature for each service, all of them on unless told otherwise.
#[must_use]
pub fn emit_features(plan: &Plan) -> File {
    let mut features: Vec<&str> = plan.services.iter().map(|service| service.feature.as_str()).collect();
    features.sort_unstable();
    features.dedup();
    let mut text = format!("# {} Up to the end mark.\n", print::mark("spec"));
    text.push_str(
        "# One for each service; what a service needs of others comes with it.\n[features]\ndefault = [\n",
    );
    for feature in &features {
        text.push_str(&format!("    \"{feature}\",\n"));
    }
    text.push_str("]\n");
    for feature in &features {
        text.push_str(&format!("{feature} = []\n"));
    }
    text.push_str(END);
    text.push('\n');
    File { path: PATH.to_owned(), text }
}
