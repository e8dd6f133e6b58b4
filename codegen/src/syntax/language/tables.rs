//! The language's tables in Markdown, for spec/README.md.

use super::{CONSTRUCTS, Construct, Value};

/// One section a construct: what it is for, its keys, an example.
#[must_use]
pub fn language_tables() -> String {
    let sections: Vec<String> = CONSTRUCTS.iter().map(|construct| section(construct)).collect();
    sections.join("\n")
}

fn section(construct: &Construct) -> String {
    let mut text = format!("### {}\n\n{}\n\n", heading(construct.name), construct.doc.replace(". ", ".\n"));
    text.push_str("| key | value | required | what it says |\n|---|---|---|---|\n");
    for key in construct.keys {
        let required = if key.required { "yes" } else { "no" };
        text.push_str(&format!("| `{}` | {} | {required} | {} |\n", key.name, value(&key.value), key.doc));
    }
    text.push_str(&format!("\n```yaml\n{}```\n", construct.example));
    text
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => text.describe().to_owned(),
        Value::Flag => "`true` or `false`".to_owned(),
        Value::Word(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Value::Status => "HTTP status".to_owned(),
        Value::One(construct) => link(construct),
        Value::Many { element, .. } => format!("list of {}", link(element)),
        Value::Texts { element, .. } => format!("list of: {}", element.describe()),
    }
}

fn link(construct: &Construct) -> String {
    format!("[{}](#{})", construct.name, construct.name.replace(' ', "-"))
}

fn heading(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
