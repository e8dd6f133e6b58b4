//! Rust as the rules read it: comments and the contents of literals blanked, line by line as it was.
//!
//! A small lexer of what can hide text: comments, strings, raw strings, characters.
//! Not here: parsing; a rule looks for words.

/// The code alone: every character of a comment or inside a literal is a blank, newlines stay.
pub(crate) fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = hidden_len(rest, code.chars().next_back());
        let (taken, blank) = if hidden > 0 { (hidden, true) } else { (first.len_utf8(), false) };
        let (piece, after) = rest.split_at(taken);
        if blank {
            code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(piece);
        }
        rest = after;
    }
    code
}

/// The text up to the first `#[cfg(test)]`; tests stand last in a file.
pub(crate) fn without_tests(text: &str) -> &str {
    text.find("#[cfg(test)]").map_or(text, |at| &text[..at])
}

/// The places of a word that stands alone, as lines from 1.
pub(crate) fn lines_with_word(text: &str, word: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let stands_alone =
        |at: usize| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part);
    let places = text.match_indices(word).filter(|(at, _)| stands_alone(*at));
    places.map(|(at, _)| line_of(text, at)).collect()
}

/// The line, from 1, of a byte offset.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Bytes of the comment or literal that starts here; 0 if none does.
fn hidden_len(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_len(rest);
    }
    if rest.starts_with('"') {
        return quoted_len(rest, '"');
    }
    if rest.starts_with('\'') {
        return character_len(rest);
    }
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix));
    match prefix {
        Some(prefix) if !in_word => raw_len(rest, prefix.len()),
        _ => 0,
    }
}

fn block_comment_len(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted_len(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; a lifetime hides nothing.
fn character_len(rest: &str) -> usize {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quoted_len(rest, '\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

fn raw_len(rest: &str, prefix_len: usize) -> usize {
    let n_hashes = rest[prefix_len..].chars().take_while(|c| *c == '#').count();
    let open_len = prefix_len + n_hashes + 1;
    if !rest[prefix_len + n_hashes..].starts_with('"') {
        return 0;
    }
    let close = format!("\"{}", "#".repeat(n_hashes));
    rest[open_len..].find(&close).map_or(rest.len(), |at| open_len + at + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_code(text: &str, code: &str) {
        assert_eq!(code_only(text), code);
    }

    #[test]
    fn comments_and_literals_are_blanked() {
        check_code("a // b\nc", "a     \nc");
        check_code("a /* b /* c */ d */ e", "a                   e");
        check_code(r#"x("un\"wrap")y"#, "x(          )y");
        check_code(r##"x(r#"a"b"#)y"##, "x(        )y");
        check_code("x(br\"a\")", "x(     )");
        check_code(r"'\'' 'a' b", "         b");
    }

    #[test]
    fn code_that_looks_like_a_literal_stays() {
        check_code("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)");
        check_code("let r#type = for_r;", "let r#type = for_r;");
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(lines_with_word("ab\nab_c xab\n(ab)", "ab"), [1, 3]);
    }

    #[test]
    fn tests_stand_last() {
        assert_eq!(without_tests("a\n#[cfg(test)]\nmod tests;"), "a\n");
    }
}
