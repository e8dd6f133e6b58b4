//! Doc comments: the spec's plain text as markdown that shows just this text.
//!
//! In go paragraphs, out come `#[doc]` attributes, one a line, wrapped.
//! Names of the API stand in backticks, and link to their Rust type where they have one; everything that markdown or
//! rustdoc would read something into is escaped.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::{Api, Doc, Releases};
use crate::plan::{Named, Plan};

/// Columns of text in a doc comment.
const WIDTH: usize = 100;

/// Canonical names that have a Rust type, with its path.
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    pub(super) fn new(api: &Api, plan: &Plan) -> Links {
        let path = |named: &Named| {
            let module = plan.modules[named.module.0].path.iter().map(String::as_str);
            let segments = std::iter::once("crate").chain(module).chain(std::iter::once(named.name.as_str()));
            segments.collect::<Vec<_>>().join("::")
        };
        let structures =
            api.structures.iter().zip(&plan.structures).map(|(own, plan)| (&own.id, &plan.named));
        let enumerations =
            api.enumerations.iter().zip(&plan.enumerations).map(|(own, plan)| (&own.id, &plan.named));
        let services = api.services.iter().zip(&plan.services).map(|(own, plan)| (&own.id, &plan.named));
        let resources = api.resources.iter().zip(&plan.resources).map(|(own, plan)| (&own.id, &plan.id));
        let all = structures.chain(enumerations).chain(services).chain(resources);
        Links(all.map(|(id, named)| (id.clone(), path(named))).collect())
    }
}

/// A doc comment in the making.
pub(super) struct Docs<'a> {
    links: &'a Links,
    lines: Vec<String>,
}

impl<'a> Docs<'a> {
    pub(super) fn new(links: &'a Links) -> Docs<'a> {
        Docs { links, lines: Vec::new() }
    }

    /// The spec's paragraphs; where it has none, a sentence in their place.
    pub(super) fn text(mut self, doc: &Doc, instead: &str) -> Docs<'a> {
        if doc.0.iter().all(|paragraph| paragraph.trim().is_empty()) {
            return self.markdown(instead);
        }
        for paragraph in doc.0.iter().filter(|paragraph| !paragraph.trim().is_empty()) {
            let words = self.words(paragraph);
            self.start_paragraph();
            self.lines.extend(wrap(&words, "", ""));
        }
        self
    }

    /// The releases that have something, unless all have.
    pub(super) fn releases(self, releases: &Releases) -> Docs<'a> {
        match releases.describe() {
            Some(text) => self.markdown(&text),
            None => self,
        }
    }

    /// A paragraph that begins with markdown of ours and goes on with text of the spec.
    pub(super) fn lead(mut self, ours: &str, text: &str) -> Docs<'a> {
        let mut words = vec![ours.to_owned()];
        words.extend(self.words(text));
        self.start_paragraph();
        self.lines.extend(wrap(&words, "", ""));
        self
    }

    /// A paragraph of ours, as it stands.
    pub(super) fn markdown(mut self, paragraph: &str) -> Docs<'a> {
        self.start_paragraph();
        self.lines.push(paragraph.to_owned());
        self
    }

    /// A heading of ours with the spec's paragraphs under it; nothing where it has none.
    pub(super) fn section(mut self, title: &str, doc: &Doc) -> Docs<'a> {
        for (idx, paragraph) in doc.0.iter().enumerate() {
            let words = self.words(paragraph);
            self.start_paragraph();
            if idx == 0 {
                self.lines.push(format!("# {title}"));
            }
            self.lines.extend(wrap(&words, "", ""));
        }
        self
    }

    /// A block of lines that are shown as they stand.
    pub(super) fn block(mut self, lines: impl IntoIterator<Item = String>) -> Docs<'a> {
        self.start_paragraph();
        self.lines.push("```text".to_owned());
        self.lines.extend(lines);
        self.lines.push("```".to_owned());
        self
    }

    /// Lines of Rust that are compiled when the docs are tested, and not run.
    pub(super) fn example(mut self, lines: Vec<String>) -> Docs<'a> {
        self.start_paragraph();
        self.lines.extend(["# Example".to_owned(), "```no_run".to_owned()]);
        self.lines.extend(lines);
        self.lines.push("```".to_owned());
        self
    }

    /// A list under a line of ours; nothing where it has no items. An item is markdown of ours and text of the spec.
    pub(super) fn list(mut self, title: &str, items: impl IntoIterator<Item = (String, String)>) -> Docs<'a> {
        let mut items = items.into_iter().peekable();
        if items.peek().is_none() {
            return self;
        }
        self.start_paragraph();
        self.lines.push(title.to_owned());
        for (ours, text) in items {
            let mut words = vec![ours];
            words.extend(self.words(&text));
            self.lines.extend(wrap(&words, "- ", "  "));
        }
        self
    }

    /// The attributes.
    pub(super) fn tokens(&self) -> TokenStream {
        let lines =
            self.lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
        quote!(#(#[doc = #lines])*)
    }

    /// The lines, for the top of a file.
    pub(super) fn into_lines(self) -> Vec<String> {
        self.lines
    }

    fn start_paragraph(&mut self) {
        if !self.lines.is_empty() {
            self.lines.push(String::new());
        }
    }

    fn words(&self, text: &str) -> Vec<String> {
        text.split_whitespace().map(|word| self.word(word)).collect()
    }

    /// One word: its punctuation escaped, what is between it in backticks if it is a name.
    fn word(&self, word: &str) -> String {
        let is_inner = |c: char| c.is_alphanumeric() || c == '_';
        let start = word.find(is_inner).unwrap_or(word.len());
        let end = word
            .rfind(is_inner)
            .map_or(start, |end| end + word[end..].chars().next().map_or(0, char::len_utf8));
        let core = &word[start..end];
        if core.starts_with("http://") || core.starts_with("https://") {
            // Whatever follows the last letter of an address is as likely the sentence's.
            return format!("{}<{}>{}", escape(&word[..start]), escape_url(core), escape(&word[end..]));
        }
        if !is_name(core) {
            return escape(word);
        }
        let core = match self.links.0.get(core) {
            Some(path) => format!("[`{core}`]({path})"),
            None => format!("`{core}`"),
        };
        format!("{}{core}{}", escape(&word[..start]), escape(&word[end..]))
    }
}

/// Whether a word is a name of the API: `tag_model`, `com.vmware.content`.
fn is_name(word: &str) -> bool {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    let has_letters = word.chars().any(|c| c.is_ascii_alphabetic());
    let inner_underscore = word.trim_matches('_').contains('_');
    is_plain && has_letters && (inner_underscore || word.starts_with("com.vmware."))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '~' | '|' | '&' | '{' | '}') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn escape_url(url: &str) -> String {
    url.replace('<', "%3C").replace('>', "%3E")
}

/// Lines of words; a word that would begin a list or heading where it comes to stand first in a line is escaped.
fn wrap(words: &[String], first: &str, next: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() + first.len() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if line.is_empty() {
            line = at_line_start(word);
        } else {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.push(line);
    let indents = std::iter::once(first).chain(std::iter::repeat(next));
    lines.iter().zip(indents).map(|(line, indent)| format!("{indent}{line}")).collect()
}

fn at_line_start(word: &str) -> String {
    let n_digits = word.chars().take_while(char::is_ascii_digit).count();
    if word.starts_with(['-', '+', '#', '=', ':']) {
        format!("\\{word}")
    } else if n_digits > 0 && word[n_digits..].starts_with(['.', ')']) {
        format!("{}\\{}", &word[..n_digits], &word[n_digits..])
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_markdown(text: &str, expected: &[&str]) {
        let links = Links(BTreeMap::from([("com.vmware.a.b_c".to_owned(), "crate::a::BC".to_owned())]));
        let docs = Docs::new(&links).text(&Doc(vec![text.to_owned()]), "");
        assert_eq!(docs.into_lines(), expected);
    }

    #[test]
    fn names_are_code_and_link_to_their_type() {
        check_markdown(
            "The update_session (see com.vmware.a.b_c, com.vmware.x.y).",
            &["The `update_session` (see [`com.vmware.a.b_c`](crate::a::BC), `com.vmware.x.y`)."],
        );
    }

    #[test]
    fn markdown_in_the_text_is_text() {
        check_markdown(
            "a[0] <b> *c* `d` _e_ f~g \\h",
            &["a\\[0\\] \\<b\\> \\*c\\* \\`d\\` \\_e\\_ f\\~g \\\\h"],
        );
        check_markdown("- no list", &["\\- no list"]);
        check_markdown("1. no list", &["1\\. no list"]);
        check_markdown("# no heading", &["\\# no heading"]);
        check_markdown("See http://a.example/b_c.", &["See <http://a.example/b_c>."]);
    }

    #[test]
    fn long_text_is_wrapped_and_stays_one_paragraph() {
        let text = format!("{} - word", "x".repeat(WIDTH - 1));
        check_markdown(&text, &[&"x".repeat(WIDTH - 1), "\\- word"]);
    }
}
