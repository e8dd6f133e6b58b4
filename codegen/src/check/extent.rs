//! Rule: the sample of a structure is of a size that fits on a page.
//!
//! Structures that contain structures twice double at every level, and a chain of them can be as long as a document; everything
//! that walks through a value would be at it for ever. The limits are far from what an API has.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Kind, Model, Type};

/// Structures in structures.
const DEPTH_MAX: usize = 64;
/// Values in the sample of one structure.
const N_VALUES_MAX: usize = 20_000;
/// Values in the samples of all structures together.
const N_VALUES_TOTAL_MAX: usize = 20_000_000;

pub(super) fn check_extent(model: &Model<'_>, report: &mut Report) {
    let mut n_values_total = 0;
    let mut too_large = vec![false; model.structures.len()];
    for structure_idx in 0..model.structures.len() {
        let mut walk = Walk { model, too_large: &too_large, n_values: 0, open: Vec::new(), stopped: None };
        walk.structure(structure_idx);
        n_values_total += walk.n_values;
        let stopped = if n_values_total > N_VALUES_TOTAL_MAX { Some(Stop::TooMany) } else { walk.stopped };
        let structure = &model.structures[structure_idx];
        let span = model.documents[structure.document_idx].tree.span(structure.syntax.at, "name");
        let diagnostic = match stopped {
            None => continue,
            Some(Stop::Reported) => None,
            Some(Stop::TooDeep) => {
                let message =
                    format!("in `{}` structures are nested more than {DEPTH_MAX} deep", structure.id);
                Some(Diagnostic::new(Code::TooDeep, message))
            }
            Some(Stop::TooMany) => {
                let message =
                    format!("a sample of `{}` would have more than {N_VALUES_MAX} values", structure.id);
                Some(Diagnostic::new(Code::TooLarge, message))
            }
        };
        too_large[structure_idx] = true;
        if let Some(diagnostic) = diagnostic {
            report.push(
                diagnostic.at(span, "").help("refer to a part by its ID, or name the parts' type `opaque`"),
            );
        }
        if n_values_total > N_VALUES_TOTAL_MAX {
            return;
        }
    }
}

#[derive(Clone, Copy)]
enum Stop {
    TooDeep,
    TooMany,
    /// A part of it is too large, and was said to be.
    Reported,
}

struct Walk<'a> {
    model: &'a Model<'a>,
    too_large: &'a [bool],
    n_values: usize,
    open: Vec<usize>,
    stopped: Option<Stop>,
}

impl Walk<'_> {
    fn structure(&mut self, structure_idx: usize) {
        if self.stopped.is_some() || self.open.contains(&structure_idx) {
            return;
        }
        if self.too_large[structure_idx] {
            self.stopped = Some(Stop::Reported);
        } else if self.open.len() >= DEPTH_MAX {
            self.stopped = Some(Stop::TooDeep);
        } else {
            self.open.push(structure_idx);
            for field in &self.model.structures[structure_idx].fields {
                self.value(&field.ty);
            }
            self.open.pop();
        }
    }

    fn value(&mut self, ty: &Type) {
        self.n_values += 1;
        if self.n_values > N_VALUES_MAX {
            self.stopped = Some(Stop::TooMany);
        }
        if self.stopped.is_some() {
            return;
        }
        match &ty.kind {
            Kind::Structure(structure_idx) => self.structure(*structure_idx),
            Kind::Optional(inner) => self.value(inner),
            Kind::List(element) | Kind::Set(element) => {
                self.value(element);
                self.value(element);
            }
            Kind::Map(key, value) => {
                self.value(key);
                self.value(value);
            }
            Kind::Builtin(_)
            | Kind::Id(_)
            | Kind::Enumeration(_)
            | Kind::DynamicStructure(_)
            | Kind::Unknown => {}
        }
    }
}
