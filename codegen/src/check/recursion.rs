//! Rule: every structure has a finite value.
//!
//! A structure that requires itself, directly or through others, has none. Optional fields, lists, sets and maps end a
//! circle, because they can be empty.

use crate::diag::{Code, Diagnostic, Report};
use crate::resolve::{Field, Kind, Model};

/// Reports each circle once, at the field that closes it.
pub(super) fn check_recursion(model: &Model<'_>, report: &mut Report) {
    let mut state = vec![State::New; model.structures.len()];
    for start in 0..model.structures.len() {
        if matches!(state[start], State::New) {
            follow(model, start, &mut state, report);
        }
    }
}

#[derive(Clone, Copy)]
enum State {
    New,
    Open,
    Done,
}

/// A walk in depth without recursion: a chain of structures may be as long as a document.
fn follow(model: &Model<'_>, start: usize, state: &mut [State], report: &mut Report) {
    let mut path: Vec<(usize, usize)> = vec![(start, 0)];
    state[start] = State::Open;
    while let Some((structure_idx, field_idx)) = path.last_mut() {
        let structure = &model.structures[*structure_idx];
        let Some(field) = structure.fields.get(*field_idx) else {
            state[*structure_idx] = State::Done;
            path.pop();
            continue;
        };
        *field_idx += 1;
        let Some(required) = required_structure(field) else { continue };
        match state[required] {
            State::New => {
                state[required] = State::Open;
                path.push((required, 0));
            }
            State::Open => {
                let from = path.iter().position(|(open, _)| *open == required).unwrap_or(0);
                report.push(describe_circle(model, &path[from..]));
            }
            State::Done => {}
        }
    }
}

/// The structure without which the field's structure has no value.
fn required_structure(field: &Field<'_>) -> Option<usize> {
    match field.ty.kind {
        Kind::Structure(structure_idx) if field.syntax.required => Some(structure_idx),
        _ => None,
    }
}

/// Each entry of `circle` is a structure and the number of the field after the one that leads on.
fn describe_circle(model: &Model<'_>, circle: &[(usize, usize)]) -> Diagnostic {
    let first = &model.structures[circle[0].0];
    let mut diagnostic = Diagnostic::new(
        Code::EndlessStructure,
        format!("every value of `{}` would have another one in it", first.id),
    );
    // The field that closes the circle comes first: it is the one to look at.
    for (position, (structure_idx, next_field_idx)) in circle.iter().rev().enumerate() {
        let structure = &model.structures[*structure_idx];
        let field = &structure.fields[next_field_idx - 1];
        let text = if position == 0 && circle.len() > 1 {
            "which requires the first again"
        } else {
            "requires this"
        };
        let text = if circle.len() == 1 { "requires the structure that it is in" } else { text };
        diagnostic = diagnostic.at(field.ty.span, text);
    }
    diagnostic.help("make a field on the way `required: false`, or a list")
}
