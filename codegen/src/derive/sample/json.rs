//! Samples as JSON in the layout of the pages: four blanks, one member a line, names in code-point order, no final newline.
//!
//! In: sample trees. Out: text. Not here: any other layout.

use super::{Member, Sample};

/// A request body, or the body of a structure's page.
#[must_use]
pub fn document(sample: &Sample) -> String {
    let mut out = String::new();
    write_value(&mut out, 0, sample);
    out
}

/// A reply body: the result in its envelope.
#[must_use]
pub fn result(sample: &Sample) -> String {
    let mut out = String::new();
    write_object(&mut out, 0, &[("value", sample)]);
    out
}

/// An error body: the payload in its envelope.
#[must_use]
pub fn error(id: &str, payload: &Sample) -> String {
    let mut out = String::new();
    write_object(&mut out, 0, &[("type", &Sample::Text(id.to_owned())), ("value", payload)]);
    out
}

fn write_value(out: &mut String, depth: usize, sample: &Sample) {
    match sample {
        Sample::Bare(text) => out.push_str(text),
        Sample::Text(text) => write_text(out, text),
        Sample::Structure(members) => write_object(out, depth, &sorted(members)),
        Sample::Dynamic(class) => write_object(out, depth, &[("@class", &Sample::Text((*class).to_owned()))]),
        Sample::List(elements) => write_lines(out, depth, ['[', ']'], elements, |out, element| {
            write_value(out, depth + 1, element);
        }),
        Sample::Map(entries) => write_lines(out, depth, ['[', ']'], entries, |out, (key, value)| {
            write_object(out, depth + 1, &[("key", key), ("value", value)]);
        }),
    }
}

fn sorted(members: &[Member]) -> Vec<(&str, &Sample)> {
    let mut sorted: Vec<_> = members.iter().map(|member| (member.name.as_str(), &member.value)).collect();
    sorted.sort_by_key(|&(name, _)| name);
    sorted
}

fn write_object(out: &mut String, depth: usize, members: &[(&str, &Sample)]) {
    write_lines(out, depth, ['{', '}'], members, |out, (name, value)| {
        write_text(out, name);
        out.push_str(": ");
        write_value(out, depth + 1, value);
    });
}

fn write_lines<T>(
    out: &mut String,
    depth: usize,
    [open, close]: [char; 2],
    items: &[T],
    write_item: impl Fn(&mut String, &T),
) {
    out.push(open);
    for (idx, item) in items.iter().enumerate() {
        out.push_str(if idx == 0 { "\n" } else { ",\n" });
        indent(out, depth + 1);
        write_item(out, item);
    }
    if !items.is_empty() {
        out.push('\n');
        indent(out, depth);
    }
    out.push(close);
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("    ", depth));
}

fn write_text(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
