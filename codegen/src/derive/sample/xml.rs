//! Samples as XML in the layout of the pages: two blanks, one element a line, no final newline.
//!
//! In: sample trees and names of roots. Out: text. Not here: any other layout.
//! Two oddities are the pages' own: both `xmlns` declarations always stand on the root, and an element without
//! children is closed on a line of its own, without indentation.

use super::Sample;
use crate::derive::{page_order, xml_names};

/// A request body: the parameters under `root`, [`xml_names::input_root`] of the operation.
#[must_use]
pub fn input(namespace: &str, root: &str, parameters: &Sample) -> String {
    let mut out = String::new();
    match parameters {
        Sample::Structure(members) => {
            write_document(
                &mut out,
                namespace,
                root,
                members.iter().map(|member| (&*member.name, &member.value)),
            );
        }
        other => write_document(&mut out, namespace, root, [("value", other)]),
    }
    out
}

/// A reply body: the result under `root`, [`xml_names::result_root`] of the operation.
#[must_use]
pub fn result(namespace: &str, root: &str, result: &Sample) -> String {
    let mut out = String::new();
    write_document(&mut out, namespace, root, [("value", result)]);
    out
}

/// An error body: the payload in its envelope.
#[must_use]
pub fn error(id: &str, payload: &Sample) -> String {
    let members = [("type", &Sample::Text(id.to_owned())), ("value", payload)];
    let order = page_order(&members.map(|(name, _)| name));
    let mut out = String::new();
    let members = order.into_iter().map(|idx| members[idx]);
    write_document(&mut out, xml_names::ERROR_NAMESPACE, xml_names::ERROR_ROOT, members);
    out
}

fn write_document<'a>(
    out: &mut String,
    namespace: &str,
    root: &str,
    members: impl IntoIterator<Item = (&'a str, &'a Sample)>,
) {
    out.push_str("<?xml version=\"1.0\" ?>\n<ns0:");
    out.push_str(root);
    out.push_str(" xmlns:ns0=\"");
    out.push_str(&escaped(namespace));
    out.push_str("\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n");
    for (name, value) in members {
        write_element(out, 1, name, value);
    }
    out.push_str("</ns0:");
    out.push_str(root);
    out.push('>');
}

fn write_element(out: &mut String, depth: usize, name: &str, sample: &Sample) {
    match sample {
        Sample::Bare(text) => write_scalar(out, depth, name, text),
        Sample::Text(text) => write_scalar(out, depth, name, text),
        Sample::Structure(members) => write_parent(out, depth, name, members, |out, member| {
            write_element(out, depth + 1, &member.name, &member.value);
        }),
        Sample::Dynamic(class) => {
            indent(out, depth);
            out.push_str(&format!("<{name} class=\"{class}\">\n</{name}>\n"));
        }
        Sample::List(elements) => {
            write_parent(out, depth, &format!("{name}-array"), elements, |out, element| {
                write_element(out, depth + 1, "array-item", element);
            });
        }
        Sample::Map(entries) => write_parent(out, depth, &format!("{name}-array"), entries, |out, entry| {
            write_entry(out, depth + 1, entry);
        }),
    }
}

fn write_entry(out: &mut String, depth: usize, (key, value): &(Sample, Sample)) {
    let members = [("key", key), ("value", value)];
    let order = page_order(&members.map(|(name, _)| name));
    write_parent(out, depth, "array-item", &order, |out, &idx| {
        let (name, value) = members[idx];
        write_element(out, depth + 1, name, value);
    });
}

fn write_parent<T>(
    out: &mut String,
    depth: usize,
    name: &str,
    children: &[T],
    write_child: impl Fn(&mut String, &T),
) {
    indent(out, depth);
    out.push_str(&format!("<{name}>\n"));
    for child in children {
        write_child(out, child);
    }
    if !children.is_empty() {
        indent(out, depth);
    }
    out.push_str(&format!("</{name}>\n"));
}

fn write_scalar(out: &mut String, depth: usize, name: &str, text: &str) {
    indent(out, depth);
    out.push_str(&format!("<{name}>{}</{name}>\n", escaped(text)));
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
